package main

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"chunfeng/config"
)

// TestDoorsTable holds docs/doors.yaml to the sources: each test that it names is there. docs/doors.md is written from it:
// DOORS=1 go test ./cmd/chunfeng -run '^TestDoorsTable$'.
func TestDoorsTable(t *testing.T) {
	b, err := os.ReadFile("../../docs/doors.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var rows []struct{ ID, Says, Holds, Not, Open string }
	if err := yaml.UnmarshalWithOptions(b, &rows, yaml.Strict()); err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	held, not, open, seen := 0, 0, 0, map[string]bool{}
	for _, r := range rows {
		filled, what := 0, ""
		for _, one := range []struct {
			text, lead string
			count      *int
		}{{r.Holds, "", &held}, {r.Not, "does not apply: ", &not}, {r.Open, "open: ", &open}} {
			if one.text != "" {
				filled, what = filled+1, one.lead+one.text
				*one.count++
			}
		}
		if r.ID == "" || r.Says == "" || filled != 1 || seen[r.ID] {
			t.Errorf("the row %q %q is not whole, or there twice", r.ID, r.Says)
		}
		seen[r.ID] = true
		for _, name := range strings.Split(r.Holds, ", ") {
			if name != "" && !isTest(t, name) {
				t.Errorf("%s: there is no test %s", r.ID, name)
			}
		}
		fmt.Fprintf(&out, "| %s | %s | %s |\n", r.ID, r.Says, strings.ReplaceAll(what, ", cmd", ",<br>cmd"))
	}
	coverage := fmt.Sprintf("%d of %d held by a test, %d do not apply, %d open", held, len(rows), not, open)
	t.Log("proof: " + coverage)
	doc := "# Doors and privacy\n\nNumbers are those of OWASP ASVS 5.0; PIPL is China's Personal Information Protection Law (a lawyer decides). Written by\n`DOORS=1 go test ./cmd/chunfeng -run '^TestDoorsTable$'` from doors.yaml.\n\n" +
		coverage + ".\n\n| requirement | what is held | by |\n|---|---|---|\n" + out.String()
	if os.Getenv("DOORS") != "" {
		if err := os.WriteFile("../../docs/doors.md", []byte(doc), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if is, err := os.ReadFile("../../docs/doors.md"); err != nil || string(is) != doc {
		t.Errorf("docs/doors.md is not what doors.yaml says: DOORS=1 writes it anew (%v)", err)
	}
}

// isTest tells whether a test, written folder.TestName, is in the sources.
func isTest(t *testing.T, name string) bool {
	t.Helper()
	at := strings.LastIndex(name, ".")
	files, err := filepath.Glob(filepath.Join("../..", name[:at], "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	is := regexp.MustCompile(`(?m)^func ` + regexp.QuoteMeta(name[at+1:]) + `\(`)
	for _, file := range files {
		if b, err := os.ReadFile(file); err == nil && is.Match(b) {
			return true
		}
	}
	return false
}

// listening starts a daemon with a console of its own.
func listening(t *testing.T) *App {
	t.Helper()
	app, err := New(Options{Settings: config.Options{Env: []string{"CHUNFENG_LISTEN=127.0.0.1:0"}}, Data: t.TempDir()})
	if err != nil {
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
	return app
}

// asked sends a request line as it stands, which a client would mend, and answers the status.
func asked(t *testing.T, at, path, host string) int {
	t.Helper()
	c, err := net.Dial("tcp", at)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	fmt.Fprintf(c, "GET %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n", path, host)
	res, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	return res.StatusCode
}

// TestForeignHostIsRefused comes by names that another site may have led to this machine.
func TestForeignHostIsRefused(t *testing.T) {
	app := listening(t)
	at := app.live.web.at
	for host, want := range map[string]int{
		at: 200, "localhost": 200, "[::1]:8080": 200, "evil.example": 421, "127.0.0.1.evil.example": 421, "10.0.0.5": 421, "localhost.evil.example:80": 421,
	} {
		if got := asked(t, at, "/sign-in", host); got != want {
			t.Errorf("by the name %s: %d, want %d", host, got, want)
		}
	}
}

// TestDataFolderIsNotServed asks for the files of the data folder by every spelling, and looks who may open the socket.
func TestDataFolderIsNotServed(t *testing.T) {
	app := listening(t)
	at := app.live.web.at
	for _, before := range []string{"/", "//", "/assets/", "/assets/../", "/assets/%2e%2e/", "/assets/..%2f", "/assets/..%5c", `/assets/..\`, "/assets/%252e%252e/", "/live/../", "/v1/../", "/link/..%2f"} {
		for _, file := range []string{"chunfeng.db", "chunfeng.key", socketName, "templates/digest.tmpl"} {
			if got := asked(t, at, before+file, at); got == http.StatusOK {
				t.Errorf("%s%s is answered", before, file)
			}
		}
	}
	if got := asked(t, at, app.store.Dir()+"/chunfeng.db", at); got == http.StatusOK {
		t.Error("the whole path is answered")
	}
	info, err := os.Stat(filepath.Join(app.store.Dir(), socketName))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the socket: %v %v", info.Mode(), err)
	}
}
