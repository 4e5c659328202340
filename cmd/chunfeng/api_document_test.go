package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"chunfeng/cmd/chunfeng/api"
	"chunfeng/config"
	"chunfeng/store"
	"chunfeng/templates/words"
)

// TestAPIDocument runs every command of docs/api.md against a daemon, and holds what it prints against what is written
// there; … stands for anything.
func TestAPIDocument(t *testing.T) {
	if _, err := exec.LookPath("curl"); err != nil {
		t.Skip("there is no curl here; the examples of docs/api.md were not run")
	}
	b, err := os.ReadFile("../../docs/api.md")
	if err != nil {
		t.Fatal(err)
	}
	app, err := New(Options{Settings: config.Options{Env: []string{"CHUNFENG_LISTEN=127.0.0.1:0"}}, Data: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := app.store.AddUser(store.User{Name: "kim", Label: "김", Role: store.RoleStaff, Lang: "en", Password: api.HashPassword("마가목 열매 셋")}, "t"); err != nil {
		t.Fatal(err)
	}
	if err := app.Start(context.Background()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := app.Stop(context.Background()); err != nil {
			t.Error(err)
		}
	})
	work, run := t.TempDir(), 0
	for _, block := range regexp.MustCompile("(?s)```console\n(.*?)```").FindAllStringSubmatch(string(b), -1) {
		for _, example := range strings.Split("\n"+block[1], "\n$ ")[1:] {
			line, want, _ := strings.Cut(example, "\n")
			if want != "" && !strings.HasSuffix(want, "\n") {
				want += "\n" // the split took it
			}
			cmd := exec.Command("sh", "-c", strings.ReplaceAll(line, "127.0.0.1:8080", app.live.web.at))
			cmd.Dir = work
			cmd.Env = append(os.Environ(), "CHUNFENG_DATA="+app.store.Dir(), "no_proxy=*", "CURL_HOME="+work)
			got, err := cmd.CombinedOutput()
			form := "^" + strings.ReplaceAll(regexp.QuoteMeta(want), "…", ".*") + "$"
			if err != nil || !regexp.MustCompile(form).MatchString(string(got)) {
				t.Errorf("docs/api.md: %s\nprints\n%swant\n%s%v", line, got, want, err)
			}
			run++
		}
	}
	if run < 10 {
		t.Errorf("only %d examples were found in docs/api.md", run)
	}
	kinds := regexp.MustCompile("(?m)^\\| `?([a-z_]*)`? ?\\| ([0-9]{3}) \\|").FindAllStringSubmatch(string(b), -1)
	for _, m := range kinds {
		if p := (&api.Problem{Kind: words.Kind(m[1])}); fmt.Sprint(p.Status()) != m[2] {
			t.Errorf("docs/api.md gives %q the status %s; it is %d", m[1], m[2], p.Status())
		}
	}
	if len(kinds) != 11 {
		t.Errorf("docs/api.md lists %d kinds of refusal", len(kinds))
	}
}
