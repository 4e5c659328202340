package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"chunfeng/bot/phone"
	"chunfeng/cmd/chunfeng/api"
	"chunfeng/templates/words"
)

// subjectCommand is what one person may ask of the bureau, and whom a breach concerns.
func (c *cli) subjectCommand() *cobra.Command {
	return c.group("subject", c.subjectExport(), c.subjectErase("erase"), c.subjectAffected())
}

// tell says a sentence about one person's rights in the reader's language.
func (c *cli) tell(key string, args ...any) string { return words.Say(c.lang, "subject."+key, args...) }

// subjectFlags are the number and the purpose.
func (c *cli) subjectFlags(cmd *cobra.Command) func() (api.SubjectAsk, error) {
	number := cmd.Flags().String("phone", "", c.say("flag_phone_subject"))
	purpose := cmd.Flags().String("purpose", "", c.say("flag_purpose"))
	return func() (in api.SubjectAsk, err error) {
		if strings.TrimSpace(*purpose) == "" {
			return in, words.Refuse("cmd.needs_purpose").Of(words.Usage)
		}
		in.Purpose = *purpose
		if in.Phone, err = c.readNumber(*number); err != nil {
			return in, err
		}
		if _, err := phone.Parse(in.Phone); err != nil {
			return in, words.Refuse("subject.no_number").Of(words.Usage)
		}
		return in, nil
	}
}

// readNumber answers the number of the flag, and says that it is in the shell's history now; without one, or with -, it is
// asked for without an echo, or read from standard input.
func (c *cli) readNumber(flag string) (string, error) {
	if flag != "" && flag != "-" {
		if !c.json {
			fmt.Fprintln(c.err, c.tell("in_history"))
		}
		return flag, nil
	}
	if c.asks {
		fmt.Fprint(c.err, c.tell("type_phone"), " ")
		b, err := term.ReadPassword(int(os.Stdin.Fd()))
		fmt.Fprintln(c.err)
		return string(b), err
	}
	line, err := bufio.NewReader(io.LimitReader(c.in, 4096)).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", err
	}
	return strings.TrimSpace(line), nil
}

func (c *cli) subjectExport() *cobra.Command {
	var read func() (api.SubjectAsk, error)
	cmd := c.command("export", "subject_export", cobra.NoArgs, func(cmd *cobra.Command, _ []string) error {
		in, err := read()
		if err != nil {
			return err
		}
		return c.withClient(cmd.Context(), func(cl *client) error {
			var v api.Subject
			if err := cl.post(cmd.Context(), "/v1/subject/export", nil, in, &v); err != nil {
				return err
			}
			return c.print(v, func() { c.printSubject(v) })
		})
	})
	read = c.subjectFlags(cmd)
	return cmd
}

func (c *cli) printSubject(v api.Subject) {
	fmt.Fprintln(c.out, words.Say(c.lang, "page_subject.copy", v.Phone))
	fmt.Fprintln(c.out, words.Say(c.lang, "page_subject.copy_hint", v.KeptDays))
	if v.ErasedAt != nil {
		fmt.Fprintln(c.out, words.Say(c.lang, "page_subject.erased_at", minute(*v.ErasedAt)))
	}
	if len(v.Signups) == 0 {
		fmt.Fprintln(c.out, words.Say(c.lang, "page_subject.nothing"))
	}
	for _, n := range v.Signups {
		fmt.Fprintln(c.out)
		c.fields("id", n.ID, "at", n.At, "group", n.Group, "name", n.Name, "phone", n.Phone, "vacancies", n.Vacancies, "batch", n.Batch,
			"status", named{"status", string(n.Status)}, "note", n.Note, "notice", n.Notice, "acknowledged", n.Acknowledged)
		if n.Text != "" {
			fmt.Fprintln(c.out, n.Text)
		}
	}
	for _, m := range v.Messages {
		fmt.Fprintf(c.out, "\n%s %s %s\n%s\n", m.Reply, c.cell(m.At), m.Group, m.Text)
	}
	for _, n := range v.Notices {
		fmt.Fprintf(c.out, "\n%s\n%s\n", n.Hash, n.Text)
	}
	c.printShown(v.Shown)
}

func (c *cli) printShown(shown []api.SubjectShown) {
	if len(shown) == 0 {
		return
	}
	fmt.Fprintf(c.out, "\n%s\n", words.Say(c.lang, "page_subject.shown"))
	for _, s := range shown {
		fmt.Fprintf(c.out, "%s\t%s\t%s\t%s\n", c.cell(s.At), s.Signup, s.Who, s.Purpose)
	}
	fmt.Fprintln(c.out, words.Say(c.lang, "page_subject.shown_hint"))
}

// subjectErase erases a person once somebody has typed the last four digits of the number.
func (c *cli) subjectErase(use string) *cobra.Command {
	var read func() (api.SubjectAsk, error)
	cmd := c.command(use, "subject_erase", cobra.NoArgs, func(cmd *cobra.Command, _ []string) error {
		in, err := read()
		if err != nil {
			return err
		}
		return c.withClient(cmd.Context(), func(cl *client) error {
			var v api.SubjectErased
			if err := cl.post(cmd.Context(), "/v1/subject/erase", nil, api.SubjectErasure{SubjectAsk: in, DryRun: true}, &v); err != nil {
				return err
			}
			if !c.json {
				fmt.Fprintln(c.err, c.tell("would_erase", v.Phone, v.Signups, v.Messages))
			}
			order := api.SubjectErasure{SubjectAsk: in, Confirm: in.Phone[max(0, len(in.Phone)-4):]}
			if !c.yes {
				if !c.asks {
					return words.Refuse("subject.needs_yes")
				}
				fmt.Fprint(c.err, c.tell("type_digits"), " ")
				order.Confirm, _ = bufio.NewReader(c.in).ReadString('\n')
			}
			v = api.SubjectErased{}
			if err := cl.post(cmd.Context(), "/v1/subject/erase", nil, order, &v); err != nil {
				return err
			}
			return c.print(v, func() {
				fmt.Fprintln(c.out, words.Say(c.lang, "page_subject.erased", v.Phone, v.Signups, v.Messages), v.Backups)
				c.printShown(v.Handed)
			})
		})
	})
	read = c.subjectFlags(cmd)
	return cmd
}

func (c *cli) subjectAffected() *cobra.Command {
	var since, purpose string
	var reveal bool
	cmd := c.command("affected", "subject_affected", cobra.NoArgs, func(cmd *cobra.Command, _ []string) error {
		if reveal && strings.TrimSpace(purpose) == "" {
			return words.Refuse("cmd.needs_purpose").Of(words.Usage)
		}
		return c.withClient(cmd.Context(), func(cl *client) error {
			var v api.Affected
			var err error
			q := url.Values{"since": {since}}
			if reveal {
				err = cl.post(cmd.Context(), "/v1/subject/affected", q, api.Handover{Purpose: purpose}, &v)
			} else {
				err = cl.get(cmd.Context(), "/v1/subject/affected", q, &v)
			}
			if err != nil {
				return err
			}
			return c.print(v, func() {
				var rows [][]any
				for _, p := range v.List {
					rows = append(rows, []any{p.Signup, p.At, p.Name, p.Phone, p.Group, p.County, p.Shown})
				}
				c.table([]string{"id", "at", "name", "phone", "group", "county", "shown"}, rows)
				fmt.Fprintln(c.out, c.tell("affected", v.People, v.Signups, v.Shown, v.Erased, v.Messages))
			})
		})
	})
	f := cmd.Flags()
	f.StringVar(&since, "since", time.Now().Format("2006-01-02"), c.say("flag_since_breach"))
	f.BoolVar(&reveal, "reveal", false, c.say("flag_reveal"))
	f.StringVar(&purpose, "purpose", "", c.say("flag_purpose"))
	return cmd
}

// signupCorrect puts right a sign-up's name, number or vacancies.
func (c *cli) signupCorrect() *cobra.Command {
	var in api.SignupCorrection
	var name, number string
	cmd := c.command("correct ID", "signup_correct", cobra.ExactArgs(1), func(cmd *cobra.Command, args []string) error {
		if cmd.Flags().Changed("name") {
			in.Name = &name
		}
		if cmd.Flags().Changed("phone") {
			typed, err := c.readNumber(number)
			if err != nil {
				return err
			}
			in.Phone = &typed
		}
		return c.withClient(cmd.Context(), func(cl *client) error {
			var v api.SignupDetail
			if err := cl.post(cmd.Context(), "/v1/signups/"+url.PathEscape(args[0])+"/correct", nil, in, &v); err != nil {
				return err
			}
			return c.printSignup(v)
		})
	})
	f := cmd.Flags()
	f.StringVar(&name, "name", "", c.say("flag_right_name"))
	f.StringVar(&number, "phone", "", c.say("flag_phone_subject"))
	f.StringSliceVar(&in.Vacancies, "vacancies", nil, c.say("flag_right_vacancies"))
	f.StringVar(&in.Why, "why", "", c.say("flag_why"))
	return cmd
}
