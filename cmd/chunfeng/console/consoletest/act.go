package consoletest

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// place is where an element can be clicked, or why it cannot.
type place struct {
	X, Y float64
	Why  string
}

// find scrolls the one shown element that matches into view and answers its middle.
func (p *Tab) find(selector string) place {
	p.t.Helper()
	var at place
	p.WaitFor(selector)
	p.Eval(fmt.Sprintf(`(() => {
		const all = [...document.querySelectorAll(%s)].filter(e => e.getClientRects().length), e = all[0];
		if (all.length !== 1) return {X: 0, Y: 0, Why: all.length + " elements match"};
		e.scrollIntoView({block: "center", inline: "center"});
		const r = e.getClientRects()[0], x = r.left + r.width / 2, y = r.top + r.height / 2, top = document.elementFromPoint(x, y);
		if (e.disabled) return {X: x, Y: y, Why: "it is switched off"};
		if (!top || !(e.contains(top) || top.contains(e) && top.tagName === "LABEL")) return {X: x, Y: y, Why: "it is covered by " + (top && top.outerHTML.slice(0, 200))};
		return {X: x, Y: y, Why: ""};
	})()`, quote(selector)), &at)
	return at
}

// Click clicks the one shown element that matches, in its middle, as a mouse does. It fails when another lies over it.
func (p *Tab) Click(selector string) {
	p.t.Helper()
	at := p.find(selector)
	if at.Why != "" {
		p.fail("cannot click %s: %s", selector, at.Why)
	}
	p.run("click "+selector, chromedp.MouseClickXY(at.X, at.Y))
}

// Follow clicks a link or a button that leads to another page, or to the same one anew, and waits until that is there.
func (p *Tab) Follow(selector string) {
	p.t.Helper()
	p.Leads(func() { p.Click(selector) })
}

// Leads does what leads to another page, or to the same one anew, and waits until that is there.
func (p *Tab) Leads(do func()) {
	p.t.Helper()
	p.loaded()
	p.Eval("window.wasHereBefore = true", nil)
	do()
	p.Wait("another page is there", "!window.wasHereBefore && document.readyState === 'complete' && document.activeElement")
}

// Fill clicks a field, replaces what is in it and tells the page that it changed, as typing does.
func (p *Tab) Fill(selector, text string) {
	p.t.Helper()
	p.focus(selector)
	p.Eval("document.activeElement.select && document.activeElement.select()", nil)
	if text == "" {
		p.Press(kb.Delete)
		return
	}
	p.run("type into "+selector, input.InsertText(text))
}

// Choose chooses an option of a select by its value.
func (p *Tab) Choose(selector, value string) {
	p.t.Helper()
	p.focus(selector)
	var ok bool
	p.Eval(fmt.Sprintf(`(e => { e.value = %s; e.dispatchEvent(new Event("input", {bubbles: true})); e.dispatchEvent(new Event("change", {bubbles: true})); return e.value === %[1]s; })(document.activeElement)`, quote(value)), &ok)
	if !ok {
		p.fail("%s has no option %q", selector, value)
	}
}

// Answer answers the next question that the page asks in a window of the browser's (confirm), with yes or no. What was
// asked comes on the channel. A question that nobody answers blocks the page.
func (p *Tab) Answer(yes bool) <-chan string {
	asked := make(chan string, 1)
	ctx, stop := context.WithCancel(p.ctx)
	chromedp.ListenTarget(ctx, func(event any) {
		if e, ok := event.(*page.EventJavascriptDialogOpening); ok {
			stop()
			go func() { // the listener must not wait for the browser
				if err := p.try(page.HandleJavaScriptDialog(yes)); err != nil {
					p.t.Errorf("the question %q is not answered: %v", e.Message, err)
				}
				asked <- e.Message
			}()
		}
	})
	return asked
}

// Upload puts files into a file field.
func (p *Tab) Upload(selector string, files ...string) {
	p.t.Helper()
	p.run("upload into "+selector, chromedp.SetUploadFiles(selector, files, chromedp.ByQuery))
}

// Download does what has the browser save a file, waits until it is whole, and answers the name that it got and what is in it.
func (p *Tab) Download(do func()) (name string, content []byte) {
	p.t.Helper()
	dir := p.t.TempDir()
	p.run("allow a download", chromedp.ActionFunc(func(ctx context.Context) error {
		own := chromedp.FromContext(ctx)
		id, err := target.GetTargetInfo().WithTargetID(own.Target.TargetID).Do(ctx)
		if err != nil {
			return err
		}
		return browser.SetDownloadBehavior(browser.SetDownloadBehaviorBehaviorAllow).WithBrowserContextID(id.BrowserContextID).WithDownloadPath(dir).
			Do(cdp.WithExecutor(ctx, own.Browser))
	}))
	do()
	for end := time.Now().Add(patience); ; time.Sleep(20 * time.Millisecond) {
		files, err := os.ReadDir(dir)
		if err != nil {
			p.t.Fatal(err)
		}
		// While it comes in it has another name beside the last one, which is empty until then.
		if len(files) == 1 && filepath.Ext(files[0].Name()) != ".crdownload" {
			if b, err := os.ReadFile(filepath.Join(dir, files[0].Name())); err == nil && len(b) > 0 {
				return files[0].Name(), b
			}
		}
		if time.Now().After(end) {
			p.fail("no file came within %v", patience)
		}
	}
}

// focus moves the focus to the one shown element that matches.
func (p *Tab) focus(selector string) {
	p.t.Helper()
	if at := p.find(selector); at.Why != "" {
		p.fail("cannot use %s: %s", selector, at.Why)
	}
	p.Eval(fmt.Sprintf("[...document.querySelectorAll(%s)].find(e => e.getClientRects().length).focus()", quote(selector)), nil)
}

// Press presses keys one after another: letters, or names of chromedp/kb, as kb.Enter. A key that leads to another page
// is pressed within Leads.
func (p *Tab) Press(keys ...string) {
	p.t.Helper()
	for _, k := range keys {
		p.run(fmt.Sprintf("press %q", k), chromedp.KeyEvent(k))
	}
}

// Type types text where the focus is.
func (p *Tab) Type(text string) {
	p.t.Helper()
	p.run("type", input.InsertText(text))
}

// TabTo presses the tabulator until the element that matches has the focus, and fails when it never gets it, or when the
// focus is somewhere on the way and cannot be seen.
func (p *Tab) TabTo(selector string) {
	p.t.Helper()
	var way []string
	for range 300 {
		p.loaded()
		p.Press(kb.Tab)
		var at struct {
			There, Seen bool
			Name        string
		}
		p.Eval(fmt.Sprintf(`(e => {
			const s = getComputedStyle(e), r = e.getBoundingClientRect();
			return {There: e.matches(%s), Seen: (s.outlineStyle === "auto" || s.outlineStyle !== "none" && parseFloat(s.outlineWidth) >= 2) && r.width > 0 && r.height > 0,
				Name: e === document.body ? "the page" : e.tagName.toLowerCase() + " " + (e.innerText || e.name || e.id || "").slice(0, 30)};
		})(document.activeElement || document.body)`, quote(selector)), &at)
		way = append(way, at.Name)
		if !at.Seen && at.Name != "the page" {
			p.fail("the focus on %s cannot be seen", at.Name)
		}
		if at.There {
			return
		}
	}
	p.fail("the keyboard does not reach %s; it goes to %s", selector, strings.Join(way[:min(len(way), 60)], ", "))
}
