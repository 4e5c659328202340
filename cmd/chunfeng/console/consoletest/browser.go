package consoletest

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// patience is how long a tab waits for what should happen, and for one command of the browser.
const patience = 15 * time.Second

// program is the one browser of a test binary, started by the first tab.
type program struct {
	start sync.Once
	ctx   context.Context
	end   func()
	err   error
}

// shared belongs to the test binary: starting a browser takes a second, so the tests of a package share one.
var shared program

// M runs the tests of a package and ends their browser, for TestMain: os.Exit(consoletest.M{M: m}.Run()).
type M struct{ *testing.M }

// Run runs the tests and answers their exit code.
func (m M) Run() int {
	defer func() {
		if shared.end != nil {
			shared.end()
		}
	}()
	return m.M.Run()
}

// Find answers the path of the browser that tests use: the one that the variable CHUNFENG_BROWSER names, else the first
// that is installed; or nothing. A variable that names none is an error.
func Find() (string, error) {
	if name := os.Getenv("CHUNFENG_BROWSER"); name != "" {
		path, err := exec.LookPath(name)
		if err != nil {
			return "", fmt.Errorf("CHUNFENG_BROWSER names no browser: %w", err)
		}
		return path, nil
	}
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable"} {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", nil
}

// open starts the browser, or skips the test where there is none.
func open(t testing.TB) context.Context {
	t.Helper()
	path, err := Find()
	if err != nil {
		t.Fatal(err)
	}
	if path == "" {
		t.Skip("no browser: run 'make browser', install Debian's package chromium, or name one in CHUNFENG_BROWSER")
	}
	shared.start.Do(func() { shared.run(path) })
	if shared.err != nil {
		t.Fatalf("%s does not start: %v", path, shared.err)
	}
	return shared.ctx
}

// run starts the browser at path.
func (b *program) run(path string) {
	profile, err := os.MkdirTemp("", "chunfeng-browser-")
	if err != nil {
		b.err = err
		return
	}
	options := []chromedp.ExecAllocatorOption{chromedp.ExecPath(path), chromedp.UserDataDir(profile), chromedp.NoFirstRun,
		chromedp.Flag("headless", true), chromedp.Flag("no-sandbox", os.Geteuid() == 0), chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost")}
	for _, flag := range []string{"disable-gpu", "disable-quic", "disable-background-networking", "disable-component-update", "disable-sync",
		"no-proxy-server", "no-default-browser-check", "disable-dev-shm-usage", "disable-extensions", "disable-default-apps",
		"disable-background-timer-throttling", "disable-renderer-backgrounding", "disable-backgrounding-occluded-windows", "hide-scrollbars", "enable-automation"} {
		options = append(options, chromedp.Flag(flag, true))
	}
	options = append(options, chromedp.Flag("force-color-profile", "srgb"), chromedp.Flag("password-store", "basic"))
	outer, endProcess := chromedp.NewExecAllocator(context.Background(), options...)
	quiet := func(string, ...any) {} // events that a browser older or newer than the library sends are no concern of a test
	ctx, endBrowser := chromedp.NewContext(outer, chromedp.WithErrorf(quiet), chromedp.WithLogf(quiet))
	b.ctx, b.end = ctx, func() {
		_ = chromedp.Cancel(ctx) // closes the browser in good order, so that nothing writes into the profile any more
		endBrowser()
		endProcess()
		_ = os.RemoveAll(profile)
	}
	b.err = chromedp.Run(ctx)
}
