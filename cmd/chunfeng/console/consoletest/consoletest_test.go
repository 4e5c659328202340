package consoletest

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// TestMain ends the browser that the tests share.
func TestMain(m *testing.M) { os.Exit(M{m}.Run()) }

// recorder is a test whose failures are looked at instead of counted.
type recorder struct {
	testing.TB
	said []string
}

// Errorf notes a failure.
func (r *recorder) Errorf(format string, args ...any) {
	r.said = append(r.said, fmt.Sprintf(format, args...))
}

// Error notes a failure.
func (r *recorder) Error(args ...any) { r.said = append(r.said, fmt.Sprint(args...)) }

// Fatalf notes a failure and ends the goroutine, as a test's does.
func (r *recorder) Fatalf(format string, args ...any) {
	r.Errorf(format, args...)
	runtime.Goexit()
}

// serve answers one page under a strict policy, scripts of its own and whatever else is asked with 404.
func serve(t *testing.T, body, script string) string {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'")
		switch r.URL.Path {
		case "/":
			fmt.Fprintf(w, `<!doctype html><html lang="en"><head><title>T</title><meta name="viewport" content="width=device-width"><link rel="icon" href="data:,"><link rel="stylesheet" href="/s.css"></head><body><main><h1>T</h1>%s</main><script src="/s.js"></script></body></html>`, body)
		case "/s.js":
			w.Header().Set("Content-Type", "text/javascript")
			fmt.Fprint(w, script)
		case "/s.css":
			w.Header().Set("Content-Type", "text/css")
			fmt.Fprint(w, `.wide { width: 3000px } .pale { color: #bbb } .unseen:focus { outline: none } .over { position: fixed; inset: 0; background: white } .small { font-size: 10px }`)
		default:
			http.NotFound(w, r)
		}
	}))
	t.Cleanup(s.Close)
	return s.URL
}

// TestFaultsAreFound shows pages with one fault each to a tab, and wants it to say which. A page without any comes first.
func TestFaultsAreFound(t *testing.T) {
	look := func(p *Tab) { p.Axe(); p.Fits(); p.Whole() }
	for _, c := range []struct {
		name, body, script string
		do                 func(*Tab)
		want               string // in what is said; empty: nothing may be said
	}{
		{"a good page", `<p>good <button>B</button></p>`, ``, func(p *Tab) { look(p); p.Click("button"); p.TabTo("button") }, ""},
		{"an inline style", `<p style="color:red">x</p>`, ``, look, "content policy:"},
		{"an inline script", `<script>1</script>`, ``, look, "content policy:"},
		{"a handler in an attribute", `<button onclick="f()">x</button>`, ``, func(p *Tab) { p.Click("button") }, "inline event handler"},
		{"something from elsewhere", `<img alt="x" src="http://example.invalid/x.png">`, ``, look, "content policy:"},
		{"something evaluated", ``, `try { eval("1") } catch {}`, look, "content policy:"},
		{"an error on the console", ``, `console.error("broken by", {a: 1}, 7)`, look, "on the console: broken by"},
		{"a script that fails", ``, `undefined.x`, look, "a script failed"},
		{"a promise that fails", ``, `Promise.reject(new Error("lost"))`, look, "lost"},
		{"a picture that is missing", `<img alt="x" src="/none.png">`, ``, look, "404 for GET"},
		{"an answer that nobody expected", ``, ``, func(p *Tab) { p.Eval(`fetch("/none").then(() => 1)`, nil) }, "404 for GET"},
		{"an answer that did not come", ``, ``, func(p *Tab) { p.Expect(422) }, "no answer 422"},
		{"an answer that was expected", ``, ``, func(p *Tab) { p.Expect(404); p.Eval(`fetch("/none").then(() => 1)`, nil) }, ""},
		{"a server that is another", ``, ``, func(p *Tab) { p.Eval(`fetch("http://127.0.0.1:1/").catch(() => 1)`, nil) }, "Content Security Policy"},
		{"a field without a label", `<input name="x">`, ``, look, "axe: critical"},
		{"two parts of the page of one name", `<nav aria-label="x"><a href="/">a</a></nav><nav aria-label="x"><a href="/">b</a></nav>`, ``, look, "axe: moderate"},
		{"text too pale to read", `<p class="pale">pale</p>`, ``, look, "color-contrast"},
		{"a page that scrolls sideways", `<p class="wide">x</p>`, ``, look, "pixels wider"},
		{"two elements of one id", `<p id="a"></p><p id="a"></p>`, ``, look, "ids twice: a"},
		{"a focus that is not seen", `<a href="/" class="unseen">x</a>`, ``, func(p *Tab) { p.TabTo("a") }, "cannot be seen"},
		{"what no keyboard reaches", `<a href="/">x</a><span>y</span>`, ``, func(p *Tab) { p.TabTo("span") }, "does not reach"},
		{"a button that is covered", `<button>B</button><div class="over">over</div>`, ``, func(p *Tab) { p.Click("button") }, "covered by"},
		{"two buttons where one was meant", `<button>B</button><button>C</button>`, ``, func(p *Tab) { p.Click("button") }, "2 elements match"},
	} {
		t.Run(c.name, func(t *testing.T) {
			url := serve(t, c.body, c.script)
			r := &recorder{TB: t}
			p := Open(t, url, Options{Width: 800, Height: 600})
			done := make(chan bool)
			go func() {
				defer close(done)
				p.t = r
				p.Go("/")
				c.do(p)
			}()
			<-done
			p.t = t
			p.settle()
			p.faults.report(r)
			said := strings.Join(r.said, "\n")
			if c.want == "" && said != "" || !strings.Contains(said, c.want) {
				t.Errorf("said %q, want %q", said, c.want)
			}
		})
	}
}

// TestTabActs does in a page what a person does: types, chooses, uploads, downloads, answers a question, presses keys.
func TestTabActs(t *testing.T) {
	url := serve(t, `<form><label>N <input id="n" value="old"></label><label>S <select id="s"><option>a<option>b</select></label>
		<label>F <input id="f" type="file"></label><button id="ask" type="button">Ask</button></form><p id="out"></p>`,
		`const out = document.querySelector("#out"), say = s => out.textContent += s + " ";
		document.querySelector("#n").oninput = e => say("n=" + e.target.value);
		document.querySelector("#s").onchange = e => say("s=" + e.target.value);
		document.querySelector("#f").onchange = e => e.target.files[0].text().then(x => say("f=" + x));
		document.querySelector("#ask").onclick = () => say("sure=" + confirm("Sure?"));
		say(navigator.languages[0] + " " + matchMedia("(prefers-color-scheme: dark)").matches + " " + innerWidth);`)
	p := Open(t, url, Options{Width: 360, Height: 700, Languages: "ko-KR,ko", Dark: true})
	p.Go("/")
	p.WaitText("#out", "ko-KR true 360")
	p.Fill("#n", "새 이름")
	p.WaitText("#out", "n=새 이름")
	p.Choose("#s", "b")
	p.WaitText("#out", "s=b")
	file := filepath.Join(t.TempDir(), "x.txt")
	if err := os.WriteFile(file, []byte("content"), 0o600); err != nil {
		t.Fatal(err)
	}
	p.Upload("#f", file)
	p.WaitText("#out", "f=content")
	for _, yes := range []bool{false, true} {
		question := p.Answer(yes)
		p.Click("#ask")
		p.WaitText("#out", fmt.Sprint("sure=", yes))
		if got := <-question; got != "Sure?" {
			t.Errorf("asked %q", got)
		}
	}
	status, media, _, body := p.Fetch("/s.css")
	if status != 200 || media != "text/css" || !strings.Contains(string(body), ".wide") {
		t.Errorf("fetched %d %s %.40q", status, media, body)
	}
	shot := filepath.Join(t.TempDir(), "a", "shot.png")
	p.Screenshot(shot)
	if b, err := os.ReadFile(shot); err != nil || !strings.HasPrefix(string(b), "\x89PNG") {
		t.Errorf("no picture: %v", err)
	}
	if n := p.Transferred(); n < 500 || n > 5000 {
		t.Errorf("%d bytes came over the wire", n)
	}
}

// TestNoScript switches scripts off.
func TestNoScript(t *testing.T) {
	p := Open(t, serve(t, `<p id="out">still</p>`, `document.querySelector("#out").textContent = "changed"`), Options{NoScript: true})
	p.Go("/")
	if got := p.Text("#out"); got != "still" {
		t.Errorf("the page says %q", got)
	}
}
