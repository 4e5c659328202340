package main

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"chunfeng/config"
)

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
