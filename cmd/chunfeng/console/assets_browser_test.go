package console

import (
	"fmt"
	"html/template"
	"net/http"
	"net/http/httptest"
	"os"
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
<script defer src="{{asset "htmx.js"}}"></script><script defer src="{{asset "htmx-sse.js"}}"></script><script defer src="{{asset "uplot.js"}}"></script><script defer src="{{asset "console.js"}}"></script></head>
<body><main class="page" id="main"><h1>Tried</h1><p class="lost notice warn" role="alert" hidden>No connection</p>
<div hx-sse:connect="/live" hx-swap="none"><p id="live">waiting</p></div>
<section hx-target:inherited="#out"><button id="get" hx-get="/part?x=1">Get</button>
<form id="form" hx-post="/part"><label>Name <input name="name" required></label><button id="send">Send</button></form>
<button id="refused" hx-get="/refused">Refused</button><button id="sure" hx-post="/part" hx-confirm="Sure?">Ask</button><button id="ended" hx-get="/ended">Ended</button></section>
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
	ended  bool // the session
}

// ServeHTTP answers as the console would.
func (s *trial) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
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
		fmt.Fprintf(w, "id: %d\ndata: <hx-partial hx-target=\"#live\" hx-swap=\"innerHTML\"><em>message %d</em> after %q</hx-partial>\n\n", s.lives, s.lives, r.Header.Get("Last-Event-ID"))
	default:
		s.assets.ServeHTTP(w, r)
	}
}

// serveTrial starts a server of the tried page.
func serveTrial(t *testing.T) *httptest.Server {
	t.Helper()
	a, err := newAssets()
	if err != nil {
		t.Fatal(err)
	}
	page, err := template.New("tried").Funcs(template.FuncMap{"asset": a.url}).Parse(tried)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(&trial{page: page, assets: a})
	t.Cleanup(server.Close)
	return server
}

// TestAssetsWork uses in a browser what the console's pages use of the scripts and styles, under the console's policy.
func TestAssetsWork(t *testing.T) {
	p := consoletest.Open(t, serveTrial(t).URL, consoletest.Options{})
	p.Expect(http.StatusServiceUnavailable)
	p.Go("/")
	p.Axe()
	p.Fits()
	p.Whole()
	t.Logf("%d bytes transferred", p.Transferred())

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
	p.Wait("the count goes on", `parseInt(document.querySelector("#every").innerText) > 3`)

	p.Eval(`document.querySelector("#first").focus()`, nil)
	p.Press("y")
	p.WaitText("#out", "POST yes")

	if n := p.Count("figure.plot canvas"); n != 2 {
		t.Errorf("%d plots are drawn, not 2", n)
	}
	for _, plot := range []string{"0", "1"} {
		var inked int
		p.Eval(`(c => { const d = c.getContext("2d").getImageData(0, 0, c.width, c.height).data; let n = 0; for (let i = 3; i < d.length; i += 4) n += d[i] > 128; return n; })(document.querySelectorAll("figure.plot canvas")[`+plot+`])`, &inked)
		if inked < 1000 {
			t.Errorf("plot %s has %d inked pixels", plot, inked)
		}
	}

	p.Expect(http.StatusUnauthorized)
	p.Click("#ended")
	p.WaitText("h1", "Sign in")
}
