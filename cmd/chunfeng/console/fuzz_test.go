package console

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

// FuzzRequests asks the console for any page with any cookie, query and form, as somebody does who is not signed in: a page,
// a refusal or the way to the door, never a fault of the program, and never a page behind the door.
func FuzzRequests(f *testing.F) {
	s := newSite(f)
	for _, cookie := range []string{"", "chunfeng=x", "chunfeng=" + strings.Repeat("A", 5000), "chunfeng=\"\x01", "chunfeng_lang=ko; chunfeng=1; chunfeng=2", "__Host-chunfeng=x"} {
		f.Add("GET", "/waves", "", cookie, "")
		f.Add("POST", "/login", "", cookie, "user=admin&password=x&once=y")
	}
	f.Add("GET", "/assets/../x", "lang=zh", "", "")
	f.Add("POST", "/invitation/x", "", "", "password=%zz")
	f.Add("GET", "/v1/waves", "limit=x", "", "")
	h := s.Handler()
	f.Fuzz(func(t *testing.T, method, path, query, cookie, body string) {
		if !strings.HasPrefix(path, "/") || strings.ContainsAny(method, " \r\n\x00") || method == "" {
			return
		}
		for _, r := range method {
			if r <= ' ' || r > '~' {
				return
			}
		}
		r := httptest.NewRequest("GET", "/", bytes.NewBufferString(body))
		r.Method, r.URL = method, &url.URL{Path: path, RawQuery: query}
		r.Header.Set("Cookie", cookie)
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code == http.StatusInternalServerError || w.Body.Len() > 4<<20 {
			t.Fatalf("%s %s?%s, cookie %q, %q: %d, %d bytes: %.300s", method, path, query, cookie, body, w.Code, w.Body.Len(), w.Body)
		}
		if strings.HasPrefix(path, "/waves") && w.Code == http.StatusOK {
			t.Fatalf("%s %s with the cookie %q is let in", method, path, cookie)
		}
	})
}

// FuzzSession reads what the ledger may hold of a session.
func FuzzSession(f *testing.F) {
	f.Add([]byte(`{"until":"2026-11-23T09:00:00Z","values":{"user":"kim","said":""}}`))
	f.Add([]byte(`{"values":{"user":7}}`))
	f.Add([]byte(`null`))
	f.Fuzz(func(t *testing.T, b []byte) {
		until, values, err := codec{}.Decode(b)
		if err != nil {
			return
		}
		again, err := codec{}.Encode(until, values)
		if err != nil {
			return // a year that JSON cannot write
		}
		_, same, err := codec{}.Decode(again)
		if err != nil || len(same) != len(values) {
			t.Fatalf("%q comes back as %q: %v", b, again, err)
		}
	})
}
