package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/mattn/go-isatty"
	"github.com/spf13/cobra"

	"chunfeng/cmd/chunfeng/api"
	"chunfeng/templates/words"
)

// cli is one invocation of the command line.
type cli struct {
	in       io.Reader
	out, err io.Writer
	terminal bool // standard output is one
	asks     bool // a person can be asked: standard input and standard error are terminals

	lang words.Lang
	file string // --config
	data string
	json bool
	yes  bool
	user string

	reached bool // a command began: an error before that is one of usage
}

func newCLI(args []string) *cli {
	tty := func(f *os.File) bool { return isatty.IsTerminal(f.Fd()) }
	return &cli{
		in: os.Stdin, out: os.Stdout, err: os.Stderr,
		terminal: tty(os.Stdout),
		asks:     tty(os.Stdin) && tty(os.Stderr),
		lang:     language(args),
	}
}

// language finds the reader's language before the flags are parsed, for the flags' own help is said in it.
func language(args []string) words.Lang {
	asked := ""
	for i, a := range args {
		if v, ok := strings.CutPrefix(a, "--lang="); ok {
			asked = v
		} else if a == "--lang" && i+1 < len(args) {
			asked = args[i+1]
		}
	}
	for _, s := range []string{asked, os.Getenv("CHUNFENG_LANG"), os.Getenv("LC_ALL"), os.Getenv("LC_MESSAGES"), os.Getenv("LANG")} {
		if l, ok := words.ParseLang(s); ok {
			return l
		}
	}
	return words.English
}

// say says a sentence of this command's in the reader's language.
func (c *cli) say(key string, args ...any) string { return words.Say(c.lang, "cmd."+key, args...) }

// note tells something on standard error.
func (c *cli) note(key string, args ...any) { fmt.Fprintln(c.err, c.say(key, args...)) }

// complain tells an error on standard error, in the reader's language where it can.
func (c *cli) complain(err error) {
	text := err.Error()
	var l words.Localised
	if errors.As(err, &l) {
		text = l.In(c.lang)
	}
	fmt.Fprintln(c.err, "chunfeng:", text)
	if key := "hint." + api.ProblemOf(err, c.lang).Key; words.Say(c.lang, key) != key {
		fmt.Fprintln(c.err, words.Say(c.lang, key))
	}
}

func (c *cli) execute(ctx context.Context, args []string) error {
	root := c.root()
	root.InitDefaultHelpFlag() // or “--help --lang ko” takes “ko” for a command
	root.SetArgs(args)
	root.SetIn(c.in)
	root.SetOut(c.out)
	root.SetErr(c.err)
	cmd, err := root.ExecuteContextC(ctx)
	if err != nil && !c.reached && kindOf(err) == words.Refused {
		err = words.Refuse("cmd.usage", cmd.CommandPath()).Of(words.Usage).Because(err)
	}
	return err
}

func (c *cli) root() *cobra.Command {
	root := &cobra.Command{
		Use:           "chunfeng",
		Short:         c.say("do_chunfeng"),
		SilenceUsage:  true,
		SilenceErrors: true,
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error {
			// A command may have a --lang of its own: a group's language, not the reader's.
			if f := cmd.Root().PersistentFlags().Lookup("lang"); f.Changed {
				if _, ok := words.ParseLang(f.Value.String()); !ok {
					return words.Refuse("cmd.no_language", f.Value.String()).Of(words.Usage)
				}
			}
			return nil
		},
	}
	f := root.PersistentFlags()
	f.StringVar(&c.file, "config", os.Getenv("CHUNFENG_CONFIG"), c.say("flag_config"))
	f.StringVar(&c.data, "data", dataFolder(), c.say("flag_data"))
	f.BoolVar(&c.json, "json", false, c.say("flag_json"))
	f.String("lang", "", c.say("flag_lang"))
	f.BoolVar(&c.yes, "yes", false, c.say("flag_yes"))
	f.StringVar(&c.user, "user", whoami(), c.say("flag_user"))
	root.AddCommand(
		c.demoCommand(), c.serveCommand(), c.configCommand(), c.accountCommand(), c.groupCommand(), c.batchCommand(), c.vacancyCommand(),
		c.waveCommand(), c.deliveryCommand(), c.replyCommand(), c.signupCommand(), c.subjectCommand(), c.reportCommand(), c.gapCommand(), c.dayCommand(), c.alertCommand(), c.userCommand(), c.auditCommand(), c.checkCommand(),
		c.backupCommand(), c.restoreCommand(), c.armCommand(), c.compactCommand(), c.keyCommand(), c.doctorCommand(), c.simCommand(),
		c.rehearseCommand(), c.rehearseChild(), c.versionCommand(), c.manCommand(),
	)
	return root
}

func dataFolder() string {
	if d := os.Getenv("CHUNFENG_DATA"); d != "" {
		return d
	}
	return "chunfeng-data"
}

func whoami() string {
	if n := os.Getenv("CHUNFENG_USER"); n != "" {
		return n
	}
	if u, err := user.Current(); err == nil && u.Username != "" {
		return u.Username
	}
	return fmt.Sprintf("uid-%d", os.Getuid())
}

// group makes a command that only holds others. An unknown one below it is an error of usage, not a page of help.
func (c *cli) group(use string, below ...*cobra.Command) *cobra.Command {
	cmd := &cobra.Command{Use: use, Short: c.say("do_" + use), Args: cobra.ArbitraryArgs}
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if len(args) == 0 {
			return cmd.Help()
		}
		return words.Refuse("cmd.no_command", cmd.CommandPath()+" "+args[0], cmd.CommandPath()).Of(words.Usage)
	}
	cmd.AddCommand(below...)
	return cmd
}

// command makes a command that does something. key names its one-line description.
func (c *cli) command(use, key string, args cobra.PositionalArgs, do func(cmd *cobra.Command, args []string) error) *cobra.Command {
	return &cobra.Command{Use: use, Short: c.say("do_" + key), Args: args, RunE: func(cmd *cobra.Command, args []string) error {
		c.reached = true // only here: a flag that is missing is found last of all
		return do(cmd, args)
	}}
}

// withClient runs a command that asks the daemon, or the ledger when there is none.
func (c *cli) withClient(ctx context.Context, do func(*client) error) error {
	cl, err := c.connect(ctx)
	if err != nil {
		return err
	}
	err = do(cl)
	return errors.Join(err, cl.close())
}

// print writes a value as the one JSON value on standard output, or has it laid out for people.
func (c *cli) print(v any, people func()) error {
	if !c.json {
		people()
		return nil
	}
	e := json.NewEncoder(c.out)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(v)
}

// confirm has a person type the number of groups before anything is posted to them, and refuses without --yes where
// there is nobody to ask.
func (c *cli) confirm(groups int) error {
	if c.yes {
		return nil
	}
	if !c.asks {
		return words.Refuse("cmd.needs_yes", groups)
	}
	fmt.Fprint(c.err, c.say("type_number", groups), " ")
	line, _ := bufio.NewReader(c.in).ReadString('\n')
	if strings.TrimSpace(line) != strconv.Itoa(groups) {
		return words.Refuse("cmd.other_number", groups)
	}
	return nil
}

// socket is the path of the daemon's socket.
func (c *cli) socket() string { return filepath.Join(c.data, "chunfeng.sock") }

// read reads a file that a person named.
func readFile(path string) ([]byte, error) {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return nil, words.Refuse("cmd.no_file", path).Because(err)
	case info.IsDir():
		return nil, words.Refuse("cmd.is_folder", path)
	case info.Size() > api.UploadLimit:
		return nil, words.Refuse("cmd.file_too_big", path, api.UploadLimit>>20)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, words.Refuse("cmd.no_file", path).Because(err)
	}
	return b, nil
}
