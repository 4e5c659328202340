package consoletest

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// breach is how a page's own report of a breach of its content policy begins on the console.
const breach = "content policy:"

// faults gathers what went wrong in a tab, from the browser's own reports, and what went over the wire.
type faults struct {
	mu       sync.Mutex
	urls     map[network.RequestID]string
	found    []string
	expected map[int]bool // by status: whether it was seen
	broken   bool         // connections may break off now
	bytes    map[network.RequestID]float64
}

// newFaults begins with none.
func newFaults() *faults {
	return &faults{urls: map[network.RequestID]string{}, expected: map[int]bool{}, bytes: map[network.RequestID]float64{}}
}

// watchPolicy makes each page report breaches of its content policy on the console: browsers word and place their own
// reports differently, and some have none for what htmx parses apart from the page.
func watchPolicy() chromedp.Action {
	return chromedp.ActionFunc(func(ctx context.Context) error {
		_, err := page.AddScriptToEvaluateOnNewDocument(`document.addEventListener("securitypolicyviolation", e =>
			console.error("` + breach + `", e.effectiveDirective, "does not allow", e.blockedURI, e.sample, "at", e.sourceFile + ":" + e.lineNumber))`).Do(ctx)
		return err
	})
}

// hear takes one event of the browser.
func (f *faults) hear(event any) {
	f.mu.Lock()
	defer f.mu.Unlock()
	switch e := event.(type) {
	case *runtime.EventExceptionThrown:
		text := e.ExceptionDetails.Text
		if x := e.ExceptionDetails.Exception; x != nil {
			text += " " + x.Description
		}
		f.found = append(f.found, "a script failed: "+text)
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.APITypeError || e.Type == runtime.APITypeWarning || e.Type == runtime.APITypeAssert {
			f.console(e)
		}
	case *log.EventEntryAdded:
		// What the network says is taken from its own events, with the address.
		if e.Entry.Level == log.LevelError && e.Entry.Source != log.SourceNetwork {
			f.found = append(f.found, fmt.Sprintf("the browser reports (%s): %s", e.Entry.Source, e.Entry.Text))
		}
	case *network.EventRequestWillBeSent:
		f.urls[e.RequestID] = e.Request.Method + " " + e.Request.URL
		if e.RedirectResponse != nil {
			f.bytes[e.RequestID+" redirected"] += e.RedirectResponse.EncodedDataLength
		}
	case *network.EventResponseReceived:
		if e.Response.Status >= 400 {
			f.answered(int(e.Response.Status), f.urls[e.RequestID])
		}
		f.bytes[e.RequestID] = e.Response.EncodedDataLength
	case *network.EventDataReceived:
		f.bytes[e.RequestID] += float64(e.EncodedDataLength)
	case *network.EventLoadingFinished:
		f.bytes[e.RequestID] = e.EncodedDataLength
	case *network.EventLoadingFailed:
		if !e.Canceled && !f.broken {
			f.found = append(f.found, fmt.Sprintf("did not load: %s: %s %s", f.urls[e.RequestID], e.ErrorText, e.BlockedReason))
		}
	}
}

// console takes a line of the page's console. What htmx says there of a connection is taken from the network's own events,
// which know whether a page was only left.
func (f *faults) console(e *runtime.EventConsoleAPICalled) {
	var words []string
	for _, a := range e.Args {
		if s := strings.Trim(string(a.Value), `"`); s != "" {
			words = append(words, s)
		} else {
			words = append(words, a.Description)
		}
	}
	line := strings.Join(words, " ")
	if strings.HasPrefix(line, "htmx:") && (f.broken || strings.Contains(line, "Failed to fetch") || strings.Contains(line, "SSE reconnect failed with status")) {
		return
	}
	f.found = append(f.found, "on the console: "+line)
}

// answered takes an answer of 400 and above.
func (f *faults) answered(status int, what string) {
	if _, ok := f.expected[status]; ok {
		f.expected[status] = true
		return
	}
	f.found = append(f.found, fmt.Sprintf("%d for %s", status, what))
}

// fresh forgets what went over the wire, for the next page.
func (f *faults) fresh() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.bytes = map[network.RequestID]float64{}
}

// report fails the test for every fault, and for every expected answer that did not come.
func (f *faults) report(t testing.TB) {
	t.Helper()
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, s := range f.found {
		t.Error(s)
	}
	for status, seen := range f.expected {
		if !seen {
			t.Errorf("no answer %d came, which was expected", status)
		}
	}
	f.found, f.expected = nil, map[int]bool{}
}

// Expect announces an answer of 400 or above that a test provokes. It must come before the test ends.
func (p *Tab) Expect(status int) {
	p.faults.mu.Lock()
	defer p.faults.mu.Unlock()
	p.faults.expected[status] = false
}

// MayBreak says whether connections may break off from now on without failing the test, as when a server is stopped.
func (p *Tab) MayBreak(yes bool) {
	p.faults.mu.Lock()
	defer p.faults.mu.Unlock()
	p.faults.broken = yes
}

// Faults answers what went wrong so far and forgets it, for a test of the faults themselves.
func (p *Tab) Faults() []string {
	p.faults.mu.Lock()
	defer p.faults.mu.Unlock()
	found := p.faults.found
	p.faults.found = nil
	return found
}

// Transferred answers the bytes that came over the wire since Go, headers included.
func (p *Tab) Transferred() int {
	p.faults.mu.Lock()
	defer p.faults.mu.Unlock()
	var sum float64
	for _, n := range p.faults.bytes {
		sum += n
	}
	return int(sum)
}
