package main

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"chunfeng/bot/phone"
	"chunfeng/config"
	"chunfeng/store/storetest"
	"chunfeng/templates/words"
)

// newApp is an App over a throw-away ledger that is checked when the test ends.
func newApp(t testing.TB) *App {
	t.Helper()
	a := &App{store: storetest.Open(t), config: config.Default(), log: zerolog.Nop()}
	a.handler = a.routes()
	return a
}

// ask asks the API as a user, and answers the status and the body.
func ask(a *App, method, path, lang, body string) (int, string) {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Header.Set("Accept-Language", lang)
	r.Header.Set(userHeader, url.QueryEscape("金先生"))
	w := httptest.NewRecorder()
	a.Handler().ServeHTTP(w, r)
	return w.Code, w.Body.String()
}

func TestRefusalsOfTheAPI(t *testing.T) {
	a := newApp(t)
	for _, c := range []struct {
		why, method, path, lang, body string
		status                        int
		want                          string
	}{
		{"nothing there is an empty list", "GET", "/v1/accounts", "en", "", 200, "[]"},
		{"what does not exist, in Korean", "GET", "/v1/accounts/x", "ko", "", 404, "계정 x이(가) 없습니다"},
		{"the same in Chinese", "GET", "/v1/accounts/x", "zh-CN", "", 404, "没有账号 x"},
		{"a field that means nothing", "POST", "/v1/accounts", "en", `{"nmae":"a"}`, 400, "unknown field"},
		{"no JSON at all", "POST", "/v1/accounts", "en", `{`, 400, "cannot be read"},
		{"a workbook that is none", "POST", "/v1/batches/read?name=x.xlsx", "en", "hello", 422, "x.xlsx"},
		{"a plan for no batch", "POST", "/v1/waves/plan", "en", `{"batch":"Z"}`, 404, "no batch Z"},
		{"a hold that is no time", "POST", "/v1/waves/plan", "en", `{"batch":"Z","hold":"soon"}`, 400, "--hold"},
		{"a time that is none", "POST", "/v1/waves/plan", "en", `{"batch":"Z","at":"noon"}`, 400, "--at"},
		{"an approval of nothing", "POST", "/v1/waves/2026-001/approve", "en", `{}`, 400, "--hash"},
		{"a reply that does not exist", "GET", "/v1/replies/R9", "en", "", 404, "no reply"},
		{"a reply that is no number", "GET", "/v1/replies/Rx", "en", "", 404, "no reply Rx"},
		{"numbers without a purpose", "POST", "/v1/signups/export", "en", "", 400, "--purpose"},
		{"a login without a daemon", "POST", "/v1/accounts/x/login", "en", "", 404, "no account x"},
		{"a road that is none", "GET", "/v1/nothing", "en", "", 404, "404"},
	} {
		status, body := ask(a, c.method, c.path, c.lang, c.body)
		if status != c.status || !strings.Contains(body, c.want) {
			t.Errorf("%s: %d %s, want %d with %q", c.why, status, body, c.status, c.want)
		}
	}
	if status, body := ask(a, "POST", "/v1/accounts", "en", `{"name":"a01"}`); status != 200 || !strings.Contains(body, `"state":"new"`) {
		t.Error(status, body)
	}
	events, err := a.store.Events(1)
	if err != nil || len(events) != 1 || events[0].Who != "金先生" {
		t.Errorf("the audit trail says %v, want the one who asked: %v", events, err)
	}
}

func TestPanicInAHandlerIsAnAnswer(t *testing.T) {
	a := newApp(t)
	mux := http.NewServeMux()
	a.handle(mux, "GET /boom", func(request) (any, error) { panic("13844331234") })
	w := httptest.NewRecorder()
	mux.ServeHTTP(w, httptest.NewRequest("GET", "/boom", nil))
	var p problem
	if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil || w.Code < 400 || p.Text == "" || strings.Contains(w.Body.String(), "13844331234") {
		t.Error(w.Code, w.Body.String(), err)
	}
}

func TestInProcessStreams(t *testing.T) {
	read := make(chan bool)
	var written atomic.Int32
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/cut" {
			io.WriteString(w, "half")
			panic(http.ErrAbortHandler)
		}
		for range 3 {
			io.WriteString(w, "x")
			written.Add(1)
			<-read
		}
	})
	cl := http.Client{Transport: inProcess{h}}
	res, err := cl.Get("http://chunfeng/")
	if err != nil {
		t.Fatal(err)
	}
	b := make([]byte, 1)
	for i := range 3 {
		if _, err := io.ReadFull(res.Body, b); err != nil {
			t.Fatal(err)
		}
		if i == 0 && written.Load() > 1 {
			t.Error("the whole answer was gathered first")
		}
		read <- true
	}
	if _, err := io.ReadFull(res.Body, b); err != io.EOF {
		t.Error("the answer ends with", err)
	}
	if res, err = cl.Get("http://chunfeng/cut"); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadAll(res.Body); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("an answer that broke off is taken for whole: %v", err)
	}
}

func TestParseTime(t *testing.T) {
	a := newApp(t)
	now := a.now()
	for _, c := range []struct {
		in   string
		want time.Time
	}{
		{"2031-03-31T09:00", time.Date(2031, 3, 31, 9, 0, 0, 0, now.Location())},
		{"2031-03-31 09:00:30", time.Date(2031, 3, 31, 9, 0, 30, 0, now.Location())},
		{"2031-03-31T09:00:00+09:00", time.Date(2031, 3, 31, 8, 0, 0, 0, now.Location())},
	} {
		if got, err := a.parseTime("--at", c.in); err != nil || !got.Equal(c.want) {
			t.Errorf("%s: %v, want %v: %v", c.in, got, c.want, err)
		}
	}
	for _, in := range []string{"noon", "31.3.2031", "25:00", "-2h", "2h", "2031-02-30T09:00"} {
		if got, err := a.parseTime("--at", in); err == nil {
			t.Errorf("%s is taken for %v", in, got)
		}
	}
	for _, in := range []string{"09:00", "23:59", "+2h"} {
		got, err := a.parseTime("--at", in)
		if err != nil || !got.After(now.Add(-time.Second)) || got.After(now.Add(24*time.Hour+time.Second)) {
			t.Errorf("%s: %v is not within the next day: %v", in, got, err)
		}
	}
}

func FuzzMasked(f *testing.F) {
	for _, s := range []string{"张三 138 4433 1234", "010-1234-5678", "１３８４４３３１２３４", "220102199003070312", "0433-2512345转8", "13844331234/13944331234", "가격 4500-6000원"} {
		f.Add(s)
	}
	run := regexp.MustCompile(`[0-9]{7,}`)
	f.Fuzz(func(t *testing.T, s string) {
		out := masked(s)
		if m := run.FindString(out); m != "" {
			t.Fatalf("%q shows %s", s, m)
		}
		for _, found := range phone.Scan(s) {
			if digits := found.Number.RevealNational(); len(digits) > 6 && strings.Contains(out, digits) {
				t.Fatalf("%q shows %s", s, found.Number)
			}
		}
	})
}

func FuzzOrder(f *testing.F) {
	a := newApp(f)
	for _, s := range []string{`{"batch":"A","at":"09:00"}`, `{"cron":"@every 1s"}`, `{"audience":{"groups":["x"]},"hold":"1h"}`, `[]`, `{"parts":-1}`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, body string) {
		status, answer := ask(a, "POST", "/v1/waves/plan", "ko", body)
		if status < 400 || status == http.StatusInternalServerError || !strings.Contains(answer, "text") {
			t.Fatalf("%q: %d %s", body, status, answer)
		}
	})
}

func TestKindsAreExitCodes(t *testing.T) {
	for kind, want := range map[words.Kind]int{
		words.Refused: exitFailed, words.Missing: exitFailed, words.Conflict: exitFailed, words.Usage: exitUsage, words.Later: exitLater, words.Settings: exitConfig,
	} {
		if got := exitCode(words.Refuse("cmd.bad_body").Of(kind)); got != want {
			t.Errorf("%q here: %d, want %d", kind, got, want)
		}
		if got := exitCode(&problem{Kind: kind, Text: "x"}); got != want {
			t.Errorf("%q from the daemon: %d, want %d", kind, got, want)
		}
	}
}
