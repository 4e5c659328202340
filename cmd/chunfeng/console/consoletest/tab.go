package consoletest

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"
)

// Options say how the person sits before the page. The zero value is a desk: 1280 by 900, English, light, scripts on.
type Options struct {
	Width, Height int    // of the window, in CSS pixels; up to 480 wide it is a phone's, which heeds meta viewport
	Languages     string // of the person, the preferred first: "ko-KR,ko,zh-CN"; the browser gives them weights
	Dark          bool   // the machine prefers dark colours
	NoScript      bool   // scripts are switched off
}

// Tab is one person's window: its own cookies, and no cache, so that every page costs what it costs the first time.
type Tab struct {
	t      testing.TB
	ctx    context.Context
	server string
	faults *faults
}

// Open opens a tab on a server, whose address is as httptest's URL. The tab is closed when the test ends, and the test
// fails for every fault that the page had until then.
func Open(t testing.TB, server string, o Options) *Tab {
	t.Helper()
	if o.Width == 0 {
		o.Width = 1280
	}
	if o.Height == 0 {
		o.Height = 900
	}
	if o.Languages == "" {
		o.Languages = "en"
	}
	parent := open(t)
	id, err := window(parent)
	if err != nil {
		t.Fatalf("a window does not open: %v", err)
	}
	ctx, end := chromedp.NewContext(parent, chromedp.WithTargetID(id))
	p := &Tab{t: t, ctx: ctx, server: strings.TrimSuffix(server, "/"), faults: newFaults()}
	t.Cleanup(func() {
		p.settle()
		end()
		p.faults.report(t)
	})
	chromedp.ListenTarget(ctx, p.faults.hear)
	if err := chromedp.Run(ctx, log.Enable(), network.Enable(), network.SetCacheDisabled(true), page.Enable(), runtime.Enable(), o.action(), watchPolicy()); err != nil {
		t.Fatalf("a tab does not open: %v", err)
	}
	return p
}

// window opens a window with cookies of its own. The library would open a tab, which needs a window to be there.
func window(ctx context.Context) (target.ID, error) {
	ctx = cdp.WithExecutor(ctx, chromedp.FromContext(ctx).Browser)
	own, err := target.CreateBrowserContext().WithDisposeOnDetach(true).Do(ctx)
	if err != nil {
		return "", err
	}
	return target.CreateTarget("about:blank").WithBrowserContextID(own).WithNewWindow(true).Do(ctx)
}

// action makes the tab what the options say.
func (o Options) action() chromedp.Action {
	return chromedp.ActionFunc(func(ctx context.Context) error {
		_, _, _, agent, _, err := browser.GetVersion().Do(ctx)
		if err != nil {
			return err
		}
		scheme := "light"
		if o.Dark {
			scheme = "dark"
		}
		return chromedp.Tasks{
			emulation.SetUserAgentOverride(agent).WithAcceptLanguage(o.Languages),
			emulation.SetDeviceMetricsOverride(int64(o.Width), int64(o.Height), 1, o.Width <= 480),
			emulation.SetEmulatedMedia().WithFeatures([]*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: "reduce"}}),
			emulation.SetFocusEmulationEnabled(true), // each person looks at their own window, so none is in the background
			emulation.SetScriptExecutionDisabled(o.NoScript),
		}.Do(ctx)
	})
}

// run does something in the browser, within patience.
func (p *Tab) run(what string, actions ...chromedp.Action) {
	p.t.Helper()
	if err := p.try(actions...); err != nil {
		p.fail("%s: %v", what, err)
	}
}

// try does something in the browser, within patience, and answers how it went.
func (p *Tab) try(actions ...chromedp.Action) error {
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	return chromedp.Run(ctx, actions...)
}

// settle gives the page a moment to report what it has not yet. A page that is gone, asks a question or may run no
// scripts does not answer.
func (p *Tab) settle() {
	ctx, cancel := context.WithTimeout(p.ctx, time.Second)
	defer cancel()
	_ = chromedp.Run(ctx, chromedp.Evaluate(`new Promise(done => setTimeout(done, 20))`, nil, awaited))
}

// fail ends the test with what went wrong and what the page said at that time.
func (p *Tab) fail(format string, args ...any) {
	p.t.Helper()
	var at, text string
	_ = p.try(chromedp.Location(&at), chromedp.Evaluate(`document.body ? document.body.innerText.slice(0, 1500) : ""`, &text))
	p.t.Fatalf(format+"\n  at %s, which says:\n    %s", append(args, at, strings.ReplaceAll(text, "\n", "\n    "))...)
}

// Go opens a path of the server and waits until the page and what it loads are there.
func (p *Tab) Go(path string) {
	p.t.Helper()
	p.faults.fresh()
	p.run("open "+path, chromedp.Navigate(p.server+path))
}

// URL answers where the tab is: path, query and fragment.
func (p *Tab) URL() string {
	p.t.Helper()
	var s string
	p.run("read the address", chromedp.Location(&s))
	return strings.TrimPrefix(s, p.server)
}

// Eval evaluates an expression in the page into out, which may be nil. The page's content policy does not bind it.
func (p *Tab) Eval(js string, out any) {
	p.t.Helper()
	if out == nil {
		out = new(json.RawMessage)
	}
	p.run(js, chromedp.Evaluate(js, out, awaited))
}

// awaited lets an expression be a promise.
func awaited(e *runtime.EvaluateParams) *runtime.EvaluateParams { return e.WithAwaitPromise(true) }

// Wait waits until an expression is true in the page, whatever page that is by then.
func (p *Tab) Wait(what, js string) {
	p.t.Helper()
	end := time.Now().Add(patience)
	for {
		var yes bool
		err := p.try(chromedp.Evaluate(fmt.Sprintf("!!(%s)", js), &yes)) // fails while a page goes and another comes
		if err == nil && yes {
			return
		}
		if time.Now().After(end) {
			p.fail("waited %v in vain until %s (%s; last error %v)", patience, what, js, err)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// loaded waits until the page and what it loads are there. Before that a document may have no element that has the focus.
func (p *Tab) loaded() {
	p.t.Helper()
	p.Wait("the page is there", "document.readyState === 'complete' && document.activeElement")
}

// WaitFor waits until the page and what it loads are there, and an element of it is shown.
func (p *Tab) WaitFor(selector string) {
	p.t.Helper()
	p.Wait(selector+" is shown", fmt.Sprintf("document.readyState === 'complete' && [...document.querySelectorAll(%s)].some(e => e.getClientRects().length)", quote(selector)))
}

// WaitText waits until an element that matches holds a text.
func (p *Tab) WaitText(selector, text string) {
	p.t.Helper()
	p.Wait(fmt.Sprintf("%s says %q", selector, text), fmt.Sprintf("[...document.querySelectorAll(%s)].some(e => e.innerText.includes(%s))", quote(selector), quote(text)))
}

// Text answers what a reader sees of the first element that matches, or nothing.
func (p *Tab) Text(selector string) string {
	p.t.Helper()
	var s string
	p.Eval(fmt.Sprintf("(document.querySelector(%s) || {innerText: ''}).innerText", quote(selector)), &s)
	return strings.TrimSpace(s)
}

// Count answers how many elements match.
func (p *Tab) Count(selector string) int {
	p.t.Helper()
	var n int
	p.Eval(fmt.Sprintf("document.querySelectorAll(%s).length", quote(selector)), &n)
	return n
}

// quote makes a JavaScript string of s.
func quote(s string) string {
	b, err := json.Marshal(s)
	if err != nil {
		panic(err) // a string can always be marshalled
	}
	return string(b)
}
