package console

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"
)

// TestPasswordsAtOnce sends sixty wrong passwords at the same time: hardly more are looked at than one after another.
func TestPasswordsAtOnce(t *testing.T) {
	s := unservedSite(t)
	status := make(chan int, 60)
	for range 60 {
		go func() {
			form := strings.NewReader(url.Values{"name": {"staff"}, "password": {"wrong"}}.Encode())
			r := httptest.NewRequest("POST", "/sign-in", form)
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			w := httptest.NewRecorder()
			s.Handler().ServeHTTP(w, r)
			status <- w.Code
		}()
	}
	all := map[int]int{}
	for range 60 {
		all[<-status]++
	}
	if all[http.StatusUnauthorized] > freeTries+comparedAtOnce || all[http.StatusUnauthorized]+all[http.StatusTooManyRequests] != 60 {
		t.Errorf("the answers are %v", all)
	}
}

func TestBrake(t *testing.T) {
	b, now := newBrake(), time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	for range freeTries {
		if err := b.wait("jin", "203.0.113.9", now); err != nil {
			t.Fatal("one of the first tries was refused:", err)
		}
		b.failed("jin", "203.0.113.9", now)
	}
	if err := b.wait("jin", "203.0.113.9", now); err != nil {
		t.Error("after three failures the next try is still free:", err)
	}
	b.failed("jin", "203.0.113.9", now)
	for _, c := range []struct {
		why, name, address string
		refused            bool
	}{
		{"the same at once", "jin", "203.0.113.9", true},
		{"the person from elsewhere", "jin", "198.51.100.7", true},
		{"another person from there", "cui", "203.0.113.9", true},
		{"others are not touched", "cui", "198.51.100.7", false},
	} {
		if err := b.wait(c.name, c.address, now); (err != nil) != c.refused {
			t.Errorf("%s: %v", c.why, err)
		}
	}
	// The waits double up to their ends.
	tries := 0
	for at := now; at.Before(now.Add(24 * time.Hour)); {
		if b.wait("jin", "203.0.113.9", at) != nil {
			at = at.Add(time.Second)
			continue
		}
		b.failed("jin", "203.0.113.9", at)
		tries++
	}
	if tries > 200 {
		t.Errorf("one address could try %d passwords in a day", tries)
	}
	if err := b.wait("jin", "198.51.100.7", now.Add(24*time.Hour+personWait)); err != nil {
		t.Error("a day of guessing locks the person out elsewhere:", err)
	}
	if err := b.wait("jin", "203.0.113.9", now.Add(25*time.Hour)); err != nil {
		t.Error("it does not fade:", err)
	}
}

func TestAddress(t *testing.T) {
	for _, c := range []struct{ why, remote, forwarded, want string }{
		{"directly", "203.0.113.9:4711", "", "203.0.113.9"},
		{"what a stranger claims is not believed", "203.0.113.9:4711", "198.51.100.7", "203.0.113.9"},
		{"through the proxy of this machine", "127.0.0.1:4711", "198.51.100.7", "198.51.100.7"},
		{"only the proxy's own entry", "127.0.0.1:4711", "10.0.0.1, 198.51.100.7", "198.51.100.7"},
		{"rubbish", "127.0.0.1:4711", "x", "127.0.0.1"},
		{"version 6", "[2001:db8::1]:4711", "", "2001:db8::1"},
	} {
		r := &http.Request{RemoteAddr: c.remote, Header: http.Header{}}
		if c.forwarded != "" {
			r.Header.Set("X-Forwarded-For", c.forwarded)
		}
		if got := address(r); got != c.want {
			t.Errorf("%s: %s, want %s", c.why, got, c.want)
		}
	}
}
