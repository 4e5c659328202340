package console

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
)

// TestRequestsAreLimited: a burst passes, what comes after waits, and somebody else is not held up by it.
func TestRequestsAreLimited(t *testing.T) {
	l, at := newLimits(false), time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	for i := range personBurst {
		if l.take("person kim", personRate, personBurst, at) > 0 {
			t.Fatalf("request %d of a burst is refused", i+1)
		}
	}
	if wait := l.take("person kim", personRate, personBurst, at); wait <= 0 || wait > time.Second {
		t.Errorf("the request after a burst waits %s", wait)
	}
	if l.take("person li", personRate, personBurst, at) > 0 {
		t.Error("somebody else is held up")
	}
	if l.take("person kim", personRate, personBurst, at.Add(time.Second)) > 0 {
		t.Error("a second later nothing is answered")
	}
	for i := range 3 * limitsKept {
		l.take("address "+time.Duration(i).String(), addressRate, addressBurst, at)
	}
	if len(l.all) > limitsKept {
		t.Errorf("%d addresses are remembered", len(l.all))
	}

	v := newSite(t)
	var got *httptest.ResponseRecorder
	h := v.Console.Handler()
	for range addressBurst + 200 {
		got = httptest.NewRecorder()
		r := httptest.NewRequest("GET", "/v1/waves", nil)
		r.Host, r.RemoteAddr = "127.0.0.1", "192.0.2.7:4000"
		if h.ServeHTTP(got, r); got.Code == http.StatusTooManyRequests {
			break
		}
	}
	if got.Code != http.StatusTooManyRequests || got.Header().Get("Retry-After") == "" {
		t.Errorf("%d, Retry-After %q", got.Code, got.Header().Get("Retry-After"))
	}
}
