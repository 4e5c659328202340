package main

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jedib0t/go-pretty/v6/text"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"chunfeng/templates/words"
)

func TestEveryCommandAndFlagIsSaidInEveryLanguage(t *testing.T) {
	for _, l := range words.Languages() {
		c := &cli{lang: l}
		var walk func(cmd *cobra.Command)
		walk = func(cmd *cobra.Command) {
			said := []string{cmd.Short}
			cmd.Flags().VisitAll(func(f *pflag.Flag) { said = append(said, f.Usage) })
			cmd.PersistentFlags().VisitAll(func(f *pflag.Flag) { said = append(said, f.Usage) })
			for _, s := range said {
				if s == "" || strings.HasPrefix(s, "cmd.") || strings.Contains(s, "%!") {
					t.Errorf("%s: %s says %q", l, cmd.CommandPath(), s)
				}
			}
			for _, below := range cmd.Commands() {
				walk(below)
			}
		}
		walk(c.root())
	}
}

// TestEveryKeyExists looks for the keys of sentences and columns in the sources: a key that the catalogue lacks would be
// shown as it is.
func TestEveryKeyExists(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	sentence := regexp.MustCompile(`(?:c\.say|c\.note|r\.say)\("([a-z_0-9]+)"[,)]|"cmd\.([a-z_0-9]*[a-z0-9])"`)
	columns := regexp.MustCompile(`c\.table\(\[\]string\{([^}]*)\}`)
	fields := regexp.MustCompile(`(?s)c\.fields\((.*?)\)\n`)
	word := regexp.MustCompile(`"([a-z_]+)"`)
	seen := 0
	check := func(file, key string) {
		seen++
		if said := words.Say(words.Chinese, key); said == key {
			t.Errorf("%s: the catalogue lacks %s", file, key)
		}
	}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range sentence.FindAllStringSubmatch(string(b), -1) {
			check(file, "cmd."+m[1]+m[2])
		}
		for _, m := range columns.FindAllStringSubmatch(string(b), -1) {
			for _, w := range word.FindAllStringSubmatch(m[1], -1) {
				check(file, "cmd.col_"+w[1])
			}
		}
		for _, m := range fields.FindAllStringSubmatch(string(b), -1) {
			for _, w := range word.FindAllStringSubmatch(regexp.MustCompile(`named\{[^}]*\}`).ReplaceAllString(m[1], ""), -1) {
				check(file, "cmd.col_"+w[1])
			}
		}
	}
	if seen < 200 {
		t.Errorf("only %d keys were found", seen)
	}
}

func TestTable(t *testing.T) {
	rows := [][]any{{"A001", "냉면집 성원", 3}, {"A2", "服务员", 12}, {"A003", "cook\twith\ntabs", 1}}
	var out bytes.Buffer
	c := &cli{out: &out, err: &out, lang: words.Korean, terminal: true}
	t.Setenv("NO_COLOR", "1")
	c.table([]string{"code", "post", "headcount"}, rows[:2])
	lines := strings.Split(strings.TrimRight(out.String(), "\n"), "\n")
	for _, line := range lines {
		if got := text.StringWidthWithoutEscSequences(line); got != text.StringWidthWithoutEscSequences(lines[0]) {
			t.Errorf("%q is %d columns wide: Hangul and Chinese take two each", line, got)
		}
	}
	if strings.Contains(out.String(), "\x1b") {
		t.Error("colour in spite of NO_COLOR")
	}
	out.Reset()
	c.terminal = false
	c.table([]string{"code", "post", "headcount"}, rows)
	if want := "A001\t냉면집 성원\t3\nA2\t服务员\t12\nA003\tcook with tabs\t1\n"; out.String() != want {
		t.Errorf("got %q, want %q", out.String(), want)
	}
}

// TestNarrowTable holds what keeps a table within a terminal: columns that no row fills are left out there, and only there.
func TestNarrowTable(t *testing.T) {
	at := time.Date(2026, 3, 31, 9, 0, 5, 0, time.UTC)
	rows := [][]any{{"A1", "", at, (*time.Time)(nil)}, {"A2", "", &at, nil}}
	var out bytes.Buffer
	c := &cli{out: &out, err: &out, lang: words.English, terminal: true}
	t.Setenv("NO_COLOR", "1")
	columns := []string{"code", "why", "at", "finish"}
	c.table(columns, rows)
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	var got [][]string
	for _, line := range lines {
		got = append(got, strings.Fields(line))
	}
	if want := [][]string{{"code", "at"}, {"A1", "2026-03-31", "09:00"}, {"A2", "2026-03-31", "09:00"}}; !slices.EqualFunc(got, want, slices.Equal) {
		t.Errorf("got %q, want %q", got, want)
	}
	out.Reset()
	c.terminal = false
	c.table(columns, rows)
	if want := "A1\t\t2026-03-31 09:00:05\t\nA2\t\t2026-03-31 09:00:05\t\n"; out.String() != want {
		t.Errorf("got %q, want %q", out.String(), want)
	}
}

func TestConfirm(t *testing.T) {
	for _, c := range []struct {
		why       string
		yes, asks bool
		typed     string
		want      error
	}{
		{"--yes asks nothing", true, true, "", nil},
		{"nobody to ask", false, false, "2971\n", words.Refuse("cmd.needs_yes")},
		{"the right number", false, true, "2971\n", nil},
		{"another number", false, true, "297\n", words.Refuse("cmd.other_number")},
		{"a yes is not a number", false, true, "yes\n", words.Refuse("cmd.other_number")},
		{"the end of the input", false, true, "", words.Refuse("cmd.other_number")},
	} {
		cl := &cli{in: strings.NewReader(c.typed), err: &bytes.Buffer{}, yes: c.yes, asks: c.asks}
		err := cl.confirm(2971)
		if (err == nil) != (c.want == nil) || c.want != nil && err.(*words.Refusal).Key != c.want.(*words.Refusal).Key {
			t.Errorf("%s: got %v", c.why, err)
		}
	}
}

func TestLanguage(t *testing.T) {
	for _, name := range []string{"CHUNFENG_LANG", "LC_ALL", "LC_MESSAGES", "LANG"} {
		t.Setenv(name, "")
	}
	for _, c := range []struct {
		why       string
		env, lang string
		args      []string
		want      words.Lang
	}{
		{"nothing said", "", "", nil, words.English},
		{"the locale", "", "ko_KR.UTF-8", nil, words.Korean},
		{"our variable before the locale", "zh", "ko_KR.UTF-8", nil, words.Chinese},
		{"the flag before both", "zh", "ko_KR.UTF-8", []string{"group", "list", "--lang", "en"}, words.English},
		{"in one word", "", "", []string{"--lang=ko", "group"}, words.Korean},
		{"a group's language is not the reader's", "zh", "", []string{"batch", "preview", "A", "--lang", "both"}, words.Chinese},
		{"a locale that we do not speak", "", "fr_FR.UTF-8", nil, words.English},
	} {
		t.Setenv("CHUNFENG_LANG", c.env)
		t.Setenv("LANG", c.lang)
		if got := language(c.args); got != c.want {
			t.Errorf("%s: got %s, want %s", c.why, got, c.want)
		}
	}
}
