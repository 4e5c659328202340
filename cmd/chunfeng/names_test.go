package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"chunfeng/bot/wxsim"
	"chunfeng/cmd/chunfeng/api"
	"chunfeng/store"
)

// longName is a name of 5,000 characters of every width, with an emoji that has parts, markup, and what cannot be seen.
func longName(first string) string {
	return first + strings.Repeat("이름名\u200bé👨‍👩‍👧<b>&", 5000/14+1)
}

// longestShown is how long a text may be that the program shows of what others named, in characters.
const longestShown = 200

// lengths visits every text of a JSON value.
func lengths(v any, visit func(string)) {
	switch v := v.(type) {
	case string:
		visit(v)
	case []any:
		for _, e := range v {
			lengths(e, visit)
		}
	case map[string]any:
		for k, e := range v {
			visit(k)
			lengths(e, visit)
		}
	}
}

// TestLongNames gives everything that has a name one of 5,000 characters. What staff write is refused in a sentence that
// says where, and changes nothing; what WeChat says is cut: a chat, one that was renamed, one that is bound by its phrase,
// a member, an account's own. The wave reaches the groups all the same, and no answer of the API holds more than 200
// characters of a name.
func TestLongNames(t *testing.T) {
	const groups = 10
	b := newBureau(t, 2, groups, 3)
	long := longName("")
	if n := utf8.RuneCountInString(long); n < 5000 {
		t.Fatal(n)
	}
	file := func(name, body string) string {
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, []byte(body), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	const head, book = "code,name,county,township,kind,language,tags,account\n", "用人单位,岗位,工资,县市\n"
	refused := 0
	for _, c := range []struct {
		args []string
		says string // what the complaint holds
		why  string
	}{
		{[]string{"group", "import", file("name.csv", head+"Q1,short,延吉市,北山街道,urban,zh,,\nQ2,"+long+",延吉市,北山街道,urban,zh,,\n")}, `"row": 3`, "a group's name: by row and column, and the others of the file are not taken either"},
		{[]string{"group", "import", file("town.csv", head+"Q1,short,延吉市,"+long+",urban,zh,,\n")}, `"column": "D township"`, "a township"},
		{[]string{"group", "import", file("tags.csv", head+"Q1,short,延吉市,北山街道,urban,zh,"+long+",\n")}, `"column": "G tags"`, "tags"},
		{[]string{"group", "import", file("code.csv", head+long+",short,延吉市,北山街道,urban,zh,,\n")}, `"column": "A code"`, "a code"},
		{[]string{"batch", "import", file("employer.csv", book+long+",服务员,4000-5000,延吉市\n"), "--name", "autumn"}, "1 errors", "an employer, who would stand in every message"},
		{[]string{"batch", "import", file("post.csv", book+"장백산,"+long+",4000-5000,延吉市\n"), "--name", "autumn"}, "1 errors", "a post"},
		{[]string{"batch", "import", file("fine.csv", book+"장백산,服务员,4000-5000,延吉市\n"), "--name", long}, "longer than 100 characters", "a batch"},
		{[]string{"account", "add", long}, "name is longer than 1000 characters", "an account, whose name is a key"},
		{[]string{"user", "add", long, "--role", "clerk"}, "name is longer than 1000 characters", "a user"},
		{[]string{"user", "add", "kim", "--label", long, "--role", "clerk"}, "longer than 1000 characters", "how a user is called"},
		{[]string{"group", "pause", "K0001", "--why", long}, "why is longer than 1000 characters", "a reason, which stands in tables"},
		{[]string{"group", "show", long}, "…", "a group that is asked for: the answer does not say all of it again"},
	} {
		out, err := b.command(c.args...).CombinedOutput()
		var exit *exec.ExitError
		if !errors.As(err, &exit) || exit.ExitCode() > 2 || !strings.Contains(string(out), c.says) || len(out) > 5000 {
			t.Errorf("%s: %v %.400s", c.why, err, out)
		}
		refused++
	}
	var known []api.Group
	if b.run(&known, "group", "list"); len(known) != groups {
		t.Errorf("%d groups after all that was refused", len(known))
	}

	b.run(nil, "group", "import", file("paired.csv", head+"P0001,paired by its phrase,延吉市,北山街道,urban,zh,,a01\n"))
	first := b.sim.Account("a01")
	b.sim.AddGroup(wxsim.GroupOptions{ID: "P0001", Name: longName("짝"), Count: 5}).Join(first, true)
	b.sim.AddGroup(wxsim.GroupOptions{ID: "X0001", Name: longName("모르는"), Members: []string{longName("a"), longName("b"), "c"}}).Join(first, true)
	b.sim.AddAccount("a03", wxsim.AccountOptions{Nick: longName("나"), AutoConfirm: true})
	b.run(nil, "account", "add", "a03")
	b.sim.OnPost(func(wxsim.Arrival) []wxsim.Saying { return nil })
	b.start()
	b.bound(groups)
	b.sim.Group("K0000").Rename(longName("바뀐"))
	var phrase struct {
		Pairing string `json:"pairing"`
	}
	b.run(&phrase, "group", "bind", "P0001")
	b.sim.Group("P0001").Says("", phrase.Pairing)
	b.bound(groups + 1)
	b.sim.Group("K0001").Says(longName("사람"), "报名 A001 13944330001")
	b.batch()
	w := b.wave()
	b.finished(w.ID)
	reached := map[string]int{}
	for _, a := range b.sim.Arrivals() {
		if strings.Contains(a.Text, "A001") {
			reached[a.Group]++
		}
	}
	if reached["K0000"] != 1 || reached["P0001"] != 1 {
		t.Errorf("the groups with long names got %v", reached)
	}
	texts, longest := 0, 0
	renamed := false
	look := func() {
		for _, path := range []string{
			"/v1/accounts", "/v1/accounts/a01", "/v1/accounts/a01/chats", "/v1/accounts/a03", "/v1/registry", "/v1/registry/doubtful", "/v1/registry/coverage",
			"/v1/groups/K0000", "/v1/groups/P0001", "/v1/groups/K0001/replies", "/v1/deliveries", "/v1/replies", "/v1/review", "/v1/signups", "/v1/today", "/v1/audit", "/v1/doctor",
		} {
			var v any
			d := json.NewDecoder(strings.NewReader(b.ask(path)))
			if err := d.Decode(&v); err != nil {
				t.Fatalf("%s: %v", path, err)
			}
			lengths(v, func(s string) {
				texts++
				renamed = renamed || strings.HasPrefix(s, "바뀐")
				if n := utf8.RuneCountInString(s); strings.Contains(s, "이름名") {
					if longest = max(longest, n); n > longestShown {
						t.Errorf("%s answers a text of %d characters: %.40s", path, n, s)
					}
				}
			})
		}
	}
	b.until(30*time.Second, func() bool { look(); return renamed || t.Failed() })
	if longest < longestShown/2 {
		t.Errorf("no name was shown, or %d characters of it", longest)
	}
	out := filepath.Join(t.TempDir(), "registry.xlsx")
	b.run(nil, "group", "export", out)
	b.stop()

	s, err := store.Open(store.Options{Dir: b.data})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	kept := 0
	hold := func(what, name string) {
		kept++
		if n := utf8.RuneCountInString(name); n > longestShown {
			t.Errorf("%s is kept with %d characters", what, n)
		}
	}
	for i := range 3 {
		name := fmt.Sprintf("a%02d", i+1)
		a, err := s.Account(name)
		if err != nil {
			t.Fatal(err)
		}
		hold("an account's name", a.NickName)
		all, err := s.Bindings(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, one := range all {
			hold("a binding's name", one.Name)
		}
		chats, err := s.Chats(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, one := range chats {
			hold("a chat's name", one.Name)
		}
	}
	sketches, err := s.Sketches()
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range sketches {
		for _, n := range k.Names {
			hold("a remembered name", n)
		}
	}
	log, err := os.ReadFile(b.log)
	if err != nil {
		t.Fatal(err)
	}
	for line := range bytes.Lines(log) {
		if len(line) > 4000 {
			t.Errorf("a line of the log has %d bytes: %.100s", len(line), line)
		}
	}
	t.Logf("proof: %d kinds of names and reasons of 5,000 characters that staff give are refused in a sentence, and change nothing", refused)
	t.Logf("proof: chats, members and accounts whose WeChat names have 5,000 characters are written to like others; %d texts of the API and %d names of the ledger hold at most %d characters of them", texts, kept, longest)
}
