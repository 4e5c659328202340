package main

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"chunfeng/config"
	"chunfeng/store"
)

// newHouse is a daemon over an empty folder, with its console on an address of this machine.
func newHouse(t *testing.T) (app *App, dir, at string) {
	t.Helper()
	dir = filepath.Join(t.TempDir(), "data")
	app, err := New(Options{Settings: config.Options{Env: []string{"CHUNFENG_LISTEN=127.0.0.1:0"}}, Data: dir, Log: zerolog.Nop()})
	if err != nil {
		t.Fatal(err)
	}
	if err := app.Start(context.WithoutCancel(t.Context())); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := app.Stop(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return app, dir, app.live.web.at
}

// TestHouseIsLocked: before there is a person nothing is answered over HTTP but the door and whether the daemon lives; the
// socket and all files of the data folder are their owner's alone.
func TestHouseIsLocked(t *testing.T) {
	_, dir, at := newHouse(t)
	for path, want := range map[string]int{
		"/v1/waves": 401, "/v1/backup": 401, "/v1/users": 401, "/": 303, "/waves": 303, "/live/today": 401, "/sign-in": 200,
	} {
		r, err := http.NewRequest("GET", "http://"+at+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		res, err := http.DefaultTransport.RoundTrip(r)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if res.StatusCode != want {
			t.Errorf("%s answers %d, not %d", path, res.StatusCode, want)
		}
	}
	modes := map[string]os.FileMode{dir: 0o700, filepath.Join(dir, socketName): 0o600}
	files, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if f.Type().IsRegular() {
			modes[filepath.Join(dir, f.Name())] = 0o600
		}
	}
	if len(modes) < 4 {
		t.Errorf("only %v", modes)
	}
	for name, want := range modes {
		info, err := os.Stat(name)
		if err != nil || info.Mode().Perm() != want {
			t.Errorf("%s is %v, not %v: %v", filepath.Base(name), info.Mode().Perm(), want, err)
		}
	}
}

// TestNoFileOfTheFolderIsReached asks for files of the data folder by every road that servers were seen to leave open.
func TestNoFileOfTheFolderIsReached(t *testing.T) {
	_, _, at := newHouse(t)
	for _, name := range []string{store.DatabaseFile, store.KeyFile, socketName, "chunfeng.yaml", "chunfeng.place"} {
		for _, road := range []string{
			"/" + name, "/assets/../" + name, "/assets/..%2f" + name, "/assets/%2e%2e/" + name, "/assets/..\\" + name, "/assets//" + name, "//" + name,
			"/assets/../../../../../../etc/passwd", "/./" + name, "/v1/../" + name, "/link/../../" + name, "/%00" + name, "/.git/config", "/debug/pprof/",
		} {
			conn, err := net.Dial("tcp", at)
			if err != nil {
				t.Fatal(err)
			}
			io.WriteString(conn, "GET "+road+" HTTP/1.1\r\nHost: "+at+"\r\nConnection: close\r\n\r\n")
			b, _ := io.ReadAll(io.LimitReader(conn, 1<<20))
			conn.Close()
			if s := string(b); strings.HasPrefix(s, "HTTP/1.1 200") || strings.Contains(s, "SQLite") || strings.Contains(s, "root:") || strings.Contains(s, "AGE-SECRET") {
				t.Errorf("%s: %.120q", road, s)
			}
		}
	}
}

// TestSlowAndLargeClients: who sends headers without end, or a byte now and then, is left; others are answered meanwhile.
func TestSlowAndLargeClients(t *testing.T) {
	_, _, at := newHouse(t)
	conn, err := net.Dial("tcp", at)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	io.WriteString(conn, "GET /sign-in HTTP/1.1\r\nHost: "+at+"\r\n")
	go func() {
		for range 4000 {
			if _, err := io.WriteString(conn, "X-A: "+strings.Repeat("a", 60)+"\r\n"); err != nil {
				return
			}
		}
	}()
	conn.SetReadDeadline(time.Now().Add(5 * time.Second))
	line, _ := bufio.NewReader(conn).ReadString('\n')
	if !strings.Contains(line, "431") {
		t.Errorf("headers of 256 KiB are answered %q", line)
	}
	// Fifty connections that say nothing must not keep the fifty-first out.
	for range 50 {
		idle, err := net.Dial("tcp", at)
		if err != nil {
			t.Fatal(err)
		}
		defer idle.Close()
		io.WriteString(idle, "GET / HT")
	}
	res, err := (&http.Client{Timeout: 5 * time.Second}).Get("http://" + at + "/sign-in")
	if err != nil || res.StatusCode != http.StatusOK {
		t.Fatal(err)
	}
	res.Body.Close()
	if webHeader > 15*time.Second || webRead > 2*time.Minute {
		t.Error("a slow client may hold a connection for longer than the documents say")
	}
}
