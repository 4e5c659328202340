package api

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"chunfeng/store"
	"chunfeng/templates/words"
)

var wildcard = regexp.MustCompile(`\{[^}]*\}`)

// FuzzRoutes asks every route of the API, by the handler that the socket and the console ask, over a real ledger that has a
// little of everything: whatever stands in the path, the query and the body, the answer is a refusal or a value of bounded
// size, never a fault of the program.
func FuzzRoutes(f *testing.F) {
	a := newAPI(f)
	stock(f, a.store)
	routes := a.Routes()
	for i, r := range routes {
		f.Add(uint16(i), "A", "limit=2", `{}`)
		if method, _, _ := strings.Cut(r.Pattern, " "); method != http.MethodGet {
			f.Add(uint16(i), "G1", "", `{"batch":"A","codes":["A001"],"state":"filled","why":"x","at":"09:00","name":"a9","role":"staff","text":"{{.Group}}","value":"1","groups":["G1"],"from":"a01","to":"a02"}`)
		}
	}
	f.Add(uint16(3), "../../etc/passwd", "after=AAAA&limit=-1&since=2026-02-30", "\xff\xfe")
	f.Add(uint16(9), "\x00", "limit=99999999999999999999&county=%zz", `[[[[[[[[[[`)
	f.Fuzz(func(t *testing.T, n uint16, in, query, body string) {
		method, pattern, _ := strings.Cut(routes[int(n)%len(routes)].Pattern, " ")
		path := wildcard.ReplaceAllLiteralString(pattern, strings.ReplaceAll(url.PathEscape(in), "..", "%2e%2e"))
		if u, err := url.ParseRequestURI(path); err != nil || !strings.HasPrefix(u.Path, "/") {
			return
		}
		r := httptest.NewRequest(method, "/", bytes.NewBufferString(body))
		r.URL.Path, r.URL.RawPath, r.URL.RawQuery = mustUnescape(path), path, query
		w := httptest.NewRecorder()
		begun := time.Now()
		func() {
			defer func() {
				if p := recover(); p != nil && p != http.ErrAbortHandler {
					t.Fatalf("%s %s?%s %q: panic %v", method, path, query, body, p)
				}
			}()
			a.Serve(w, r, Caller{Name: "kim", Lang: words.Korean})
		}()
		if w.Code == http.StatusInternalServerError {
			t.Fatalf("%s %s?%s %q: %s", method, path, query, body, w.Body)
		}
		if w.Body.Len() > 32<<20 {
			t.Fatalf("%s %s?%s: %d bytes", method, path, query, w.Body.Len())
		}
		if took := time.Since(begun); took > 20*time.Second {
			t.Fatalf("%s %s?%s %q: %v", method, path, query, body, took)
		}
	})
}

func mustUnescape(path string) string {
	s, err := url.PathUnescape(path)
	if err != nil {
		return path
	}
	return s
}

// stock puts a little of everything into a ledger.
func stock(t testing.TB, s *store.Store) {
	t.Helper()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, a := range []string{"a01", "a02"} {
		_, err := s.AddAccount(a, "", "kim")
		must(err)
		_, err = s.StartSession(a, "e", 5, a)
		must(err)
	}
	_, err := s.PutGroups([]store.Group{{Code: "G1", Name: "하나", County: "yanji", Language: "ko", Account: "a01"}, {Code: "G2", Name: "二", County: "tumen", Language: "zh"}}, "kim")
	must(err)
	must(s.Bind("a01", "e", store.Binding{Group: 1, UserName: "@@1", State: store.Bound}))
	b, _, err := s.AddBatch(store.Batch{Name: "봄", FileHash: "f", Employers: 1}, []store.Vacancy{{Employer: store.Both{Zh: "长白山梨园饭店"}, Post: store.Both{Zh: "服务员"}, Headcount: 1}}, "kim")
	must(err)
	_, err = s.ApproveBatch(b.ID, "li")
	must(err)
	w, _, err := s.AddWave(store.Wave{Schedule: "S1", At: time.Now(), Hash: "h"}, "kim")
	must(err)
	_, err = s.ApproveWave(w.ID, "h", "li", true)
	must(err)
	c := store.Content{Kind: store.Text, Body: []byte("A001")}
	_, err = s.OpenWave(store.Opening{Wave: w.ID, Hash: "h", Contents: []store.Content{c}, Rows: func(yield func(store.Row) bool) {
		_ = yield(store.Row{Group: 1, Account: "a01", Kind: c.Kind, Content: store.HashContent(c.Kind, c.Name, c.Body)})
	}})
	must(err)
	_, err = s.Receive("a01", "e", []store.Inbound{{MsgID: "1", UserName: "@@1", Raw: []byte(`{"Content":"@m:<br/>报名 A001 13944331234","FromUserName":"@@1","MsgType":1}`)}}, []byte("c"))
	must(err)
}
