package console

import (
	"fmt"
	"html/template"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"chunfeng/cmd/chunfeng/console/consoletest"
)

// TestMain ends the browser that the tests of this package share.
func TestMain(m *testing.M) { os.Exit(consoletest.M{M: m}.Run()) }

// tried is a small page of each thing that the scripts and styles are used for, as the console's own pages use them.
const tried = `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Tried</title><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="htmx-config" content='history:"reload" includeIndicatorCSS:false defaultSettleDelay:0 extensions:"sse" sse.reconnectMaxDelay:10000'>
<link rel="icon" href="{{asset "icon.svg"}}"><link rel="stylesheet" href="{{asset "pico.css"}}"><link rel="stylesheet" href="{{asset "uplot.css"}}"><link rel="stylesheet" href="{{asset "console.css"}}">
<script defer src="{{asset "uplot.js"}}"></script><script defer src="{{asset "scripts.js"}}"></script></head>
<body><main class="page" id="main"><h1>Tried</h1><p class="lost notice warn" role="alert" hidden>No connection</p>
<div id="stream" hx-sse:connect="/live" hx-swap="none"><p id="live">waiting</p></div>
<table><tbody><tr id="row-7"><td>old row</td></tr></tbody></table><p id="heard" hx-get="/page" hx-select="#part" hx-trigger="reply from:#stream">nothing</p>
<section hx-target:inherited="#out"><button id="get" hx-get="/part?x=1">Get</button>
<form id="form" hx-post="/part"><label>Name <input name="name" required></label><button id="send">Send</button></form>
<button id="refused" hx-get="/refused">Refused</button><button id="sure" hx-post="/part" hx-confirm="Sure?">Ask</button><button id="ended" hx-get="/ended">Ended</button>
<button id="moved" hx-post="/moved">Moved</button><button id="filter" hx-get="/part?x=2" hx-push-url="/?filtered=1">Filter</button>
<button id="slow" hx-get="/slow" hx-indicator="#wait" hx-disable="this">Slow</button><span id="wait" class="htmx-indicator">asking</span>
<button id="none" hx-get="/none" hx-status:404="swap:none">None</button></section>
<form id="file" hx-post="/file" hx-encoding="multipart/form-data" hx-target="#out"><label>File <input type="file" name="workbook"></label><button id="upload">Upload</button></form>
<div id="out"></div><p id="aside">old</p><output id="every" hx-get="/count" hx-trigger="every 50ms">0</output>
<label>Search <input id="search" name="q" hx-get="/part" hx-trigger="input changed delay:50ms" hx-target="#out"></label>
<div data-keys><button id="first">First</button><button id="yes" hx-post="/part" hx-target="#out" hx-vals="name:yes" data-key="y">Yes</button></div>
<div class="scroll" role="region" tabindex="0" aria-label="Hours"><table data-plot="line" data-time="Asia/Shanghai"><thead><tr><th>Hour</th><th>Sent</th><th>Failed</th></tr></thead><tbody>
<tr><td data-value="1795302000">09:00</td><td>1,200</td><td>3</td></tr><tr><td data-value="1795305600">10:00</td><td>900</td><td>12</td></tr><tr><td data-value="1795309200">11:00</td><td>300</td><td></td></tr></tbody></table></div>
<table data-plot="bars"><thead><tr><th>County</th><th>Sent</th><th>Failed</th></tr></thead><tbody><tr><td>연길</td><td>120</td><td>30</td></tr><tr><td>敦化</td><td>90</td><td>12</td></tr></tbody></table>
</main></body></html>`

// trial serves the tried page. Its live stream ends after each message, as when the program is started again.
type trial struct {
	page   *template.Template
	assets *assets
	mu     sync.Mutex
	lives  int // how often the stream was opened
	count  int
	ended  bool          // the session
	down   bool          // every connection is cut
	slow   chan struct{} // what /slow waits for
}

// ServeHTTP answers as the console would.
func (s *trial) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/slow" {
		<-s.slow
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.down {
		panic(http.ErrAbortHandler)
	}
	w.Header().Set("Content-Security-Policy", contentPolicy)
	switch r.URL.Path {
	case "/":
		if s.ended {
			fmt.Fprint(w, `<!doctype html><html lang="en"><title>Sign in</title><link rel="icon" href="data:,"><h1>Sign in</h1></html>`)
			return
		}
		if err := s.page.Execute(w, nil); err != nil {
			panic(err)
		}
	case "/part":
		fmt.Fprintf(w, `<b>%s %s</b><hx-partial hx-target="#aside" hx-swap="innerHTML">new</hx-partial><i id="live" hx-swap-oob="innerHTML">by the way</i>`, r.Method, template.HTMLEscapeString(r.FormValue("name")+r.FormValue("q")))
	case "/refused":
		w.WriteHeader(http.StatusUnprocessableEntity)
		fmt.Fprint(w, `<p class="fault">Row 3 has no county</p>`)
	case "/ended":
		s.ended = true
		w.WriteHeader(http.StatusUnauthorized)
	case "/moved":
		w.Header().Set("HX-Redirect", "/?moved=1")
	case "/file":
		f, h, err := r.FormFile("workbook")
		if err != nil {
			panic(err)
		}
		b, err := io.ReadAll(f)
		fmt.Fprintf(w, "<p>%s holds %s %v</p>", template.HTMLEscapeString(h.Filename), b, err)
	case "/page":
		fmt.Fprint(w, `<!doctype html><html><head><title>Page</title></head><body><h1>Page</h1><p id="part">a part of it</p></body></html>`)
	case "/slow":
		fmt.Fprint(w, "<p>at last</p>")
	case "/none":
		http.NotFound(w, r)
	case "/count":
		s.count++
		fmt.Fprint(w, s.count)
	case "/live":
		if s.lives++; s.lives == 1 {
			w.WriteHeader(http.StatusServiceUnavailable) // the first time it does not open
			fmt.Fprint(w, "not yet")
			return
		}
		w.Header().Set("Content-Type", "text/event-stream")
		fmt.Fprintf(w, "event: reply\ndata: x\n\ndata: <hx-partial hx-target=\"#row-7\" hx-swap=\"outerHTML\"><tr id=\"row-7\"><td>row %d</td></tr></hx-partial>\n\n", s.lives)
		fmt.Fprintf(w, "id: %d\ndata: <hx-partial hx-target=\"#live\" hx-swap=\"innerHTML\"><em>message %d</em> after %q</hx-partial>\n\n", s.lives, s.lives, r.Header.Get("Last-Event-ID"))
	default:
		s.assets.ServeHTTP(w, r)
	}
}

// serveTrial starts a server of the tried page.
func serveTrial(t *testing.T) (*trial, string) {
	t.Helper()
	a, err := newAssets()
	if err != nil {
		t.Fatal(err)
	}
	page, err := template.New("tried").Funcs(template.FuncMap{"asset": a.url}).Parse(tried)
	if err != nil {
		t.Fatal(err)
	}
	s := &trial{page: page, assets: a, slow: make(chan struct{})}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	return s, server.URL
}

// TestAssetsWork uses in a browser what the console's pages use of the scripts and styles, under the console's policy.
func TestAssetsWork(t *testing.T) {
	s, url := serveTrial(t)
	p := consoletest.Open(t, url, consoletest.Options{})
	p.Expect(http.StatusServiceUnavailable)
	p.Go("/")
	p.Axe()
	p.Fits()
	p.Whole()

	p.Click("#get")
	p.WaitText("#out", "GET")
	p.WaitText("#aside", "new")
	p.Click("#send") // a required field is empty: nothing is sent
	p.Fill("[name=name]", "김&<b>")
	p.Click("#send")
	p.WaitText("#out", "POST 김&<b>")
	p.Fill("#search", "훈춘")
	p.WaitText("#out", "GET 훈춘")

	p.Expect(http.StatusUnprocessableEntity)
	p.Click("#refused")
	p.WaitText("#out", "Row 3 has no county")

	p.Wait("the stream is opened again and again", `parseInt((document.querySelector("#live").innerText.match(/message (\d+)/) || [])[1]) >= 4`)
	p.Wait("and told what came last", `/after "\d+"/.test(document.querySelector("#live").innerText)`)
	p.Wait("a row is replaced", `/^row \d/.test(document.querySelector("#row-7").innerText)`)
	p.WaitText("#heard", "a part of it")
	p.Wait("the count goes on", `parseInt(document.querySelector("#every").innerText) > 3`)

	p.Eval(`document.querySelector("#first").focus()`, nil)
	p.Press("y")
	p.WaitText("#out", "POST yes")

	p.Answer(false)
	p.Click("#sure")
	p.Expect(http.StatusNotFound)
	p.Click("#none")
	if got := p.Text("#out"); !strings.HasPrefix(got, "POST yes") {
		t.Errorf("what was not confirmed was sent, or an answer was taken that the button refuses: %s", got)
	}
	p.Answer(true)
	p.Click("#sure")
	p.WaitText("#out", "POST")

	file := filepath.Join(t.TempDir(), "묶음.xlsx")
	if err := os.WriteFile(file, []byte("rows"), 0o600); err != nil {
		t.Fatal(err)
	}
	p.Upload("[name=workbook]", file)
	p.Click("#upload")
	p.WaitText("#out", "묶음.xlsx holds rows")

	shown := `getComputedStyle(document.querySelector("#wait")).visibility === "visible" && document.querySelector("#slow").disabled`
	p.Click("#slow")
	p.Wait("the indicator is shown and the button is switched off", shown)
	close(s.slow)
	p.WaitText("#out", "at last")
	p.Wait("both are over", "!("+shown+")")

	p.Click("#filter")
	p.WaitText("#out", "GET")
	p.Wait("the address says so", `location.search === "?filtered=1"`)
	p.Eval("history.back()", nil)
	p.Wait("the way back loads the page again", `location.search === "" && document.querySelector("#out").innerText === ""`)
	p.Click("#moved")
	p.Wait("the answer sends elsewhere", `location.search === "?moved=1"`)

	p.Expect(http.StatusUnauthorized)
	p.Click("#ended")
	p.WaitText("h1", "Sign in")
}

// TestPlots draws plots of tables, anew in the colours of the paper when they are printed.
func TestPlots(t *testing.T) {
	_, url := serveTrial(t)
	p := consoletest.Open(t, url, consoletest.Options{Dark: true})
	p.Expect(http.StatusServiceUnavailable)
	p.Go("/")
	if n := p.Count("figure.plot canvas"); n != 2 {
		t.Fatalf("%d plots are drawn, not 2", n)
	}
	for i, ink := range []string{"159, 208, 255", "255, 180, 172"} { // --run and --bad of the dark page
		var inked int
		p.Eval(fmt.Sprintf(`(c => { const d = c.getContext("2d").getImageData(0, 0, c.width, c.height).data; let n = 0;
			for (let i = 0; i < d.length; i += 4) n += [d[i], d[i + 1], d[i + 2]].join(", ") === %q && d[i + 3] === 255; return n; })(document.querySelectorAll("figure.plot canvas")[1])`, ink), &inked)
		if inked < 500 {
			t.Errorf("series %d has %d pixels in its colour", i+1, inked)
		}
	}
	p.Eval(`dispatchEvent(new Event("beforeprint"))`, nil)
	p.Wait("the plots have the width of the paper", `[...document.querySelectorAll("figure.plot .uplot")].every(e => e.clientWidth === 660)`)
}

// TestLostConnection cuts all connections under a page and lets them through again: the page says so, and goes on alone.
func TestLostConnection(t *testing.T) {
	s, url := serveTrial(t)
	p := consoletest.Open(t, url, consoletest.Options{})
	p.Expect(http.StatusServiceUnavailable)
	p.Go("/")
	p.WaitText("#live", "message")
	down := func(yes bool) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.down = yes
	}
	p.MayBreak(true)
	down(true)
	p.WaitText(".lost", "No connection")
	down(false)
	p.Wait("the page knows that it is back", `document.querySelector(".lost").hidden`)
	was := p.Text("#live")
	p.Wait("the stream goes on", fmt.Sprintf(`document.querySelector("#live").innerText !== %q`, was))
}
