package console

import (
	"encoding/base64"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"
)

// TestCookiesBehindTLS: behind a proxy with TLS the session's cookie goes over encrypted connections alone, by a name that
// no other host can set, out of script's and other sites' reach; its token is random and new with each sign-in.
func TestCookiesBehindTLS(t *testing.T) {
	v := newSite(t)
	o := v.Console.Options
	o.Origin = "https://chunfeng.example.cn"
	c, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	in := func(cookie string) (*http.Cookie, http.Header) {
		w := httptest.NewRecorder()
		r := httptest.NewRequest("POST", "/sign-in", strings.NewReader(url.Values{"name": {"staff"}, "password": {password}}.Encode()))
		r.Host = "chunfeng.example.cn"
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		if cookie != "" {
			r.Header.Set("Cookie", "__Host-chunfeng="+cookie)
		}
		c.Handler().ServeHTTP(w, r)
		all := w.Result().Cookies()
		if len(all) != 1 {
			t.Errorf("the sign-in sets %d cookies: %v", len(all), all)
		}
		for _, k := range all {
			if k.Name == "__Host-chunfeng" {
				return k, w.Header()
			}
		}
		t.Fatalf("no cookie: %d %v", w.Code, w.Header())
		return nil, nil
	}
	k, h := in("")
	if !k.Secure || !k.HttpOnly || k.SameSite != http.SameSiteStrictMode || k.Path != "/" || k.Domain != "" {
		t.Errorf("%+v", k)
	}
	if raw, err := base64.RawURLEncoding.DecodeString(k.Value); err != nil || len(raw) < 32 {
		t.Errorf("a token of %d bytes: %v", len(raw), err)
	}
	if h.Get("Strict-Transport-Security") != "max-age=31536000" || !strings.Contains(h.Get("Content-Security-Policy"), "frame-ancestors 'none'") {
		t.Errorf("%v", h)
	}
	if again, _ := in(k.Value); again.Value == k.Value {
		t.Error("a sign-in goes on with the token that was there before")
	}
}

// TestSessionsEndByThemselves: without a request after Idle, and after Absolute whatever was asked for.
func TestSessionsEndByThemselves(t *testing.T) {
	v := newSite(t)
	p := v.visit(t, "staff")
	p.page("/")
	all, err := v.store.WebSessions("staff", time.Now())
	if err != nil || len(all) != 1 {
		t.Fatal(all, err)
	}
	one := all[0]
	if left := time.Until(one.Expires); left > v.Console.Idle+time.Minute || left < v.Console.Idle-2*time.Minute {
		t.Errorf("without a request it ends in %s; Idle is %s", left, v.Console.Idle)
	}
	for at, in := range map[time.Duration]bool{v.Console.Idle - 2*time.Minute: true, v.Console.Idle + 2*time.Minute: false} {
		if _, _, found, err := v.store.WebSession(one.Key, time.Now().Add(at)); err != nil || found != in {
			t.Errorf("after %s: found %v, %v", at, found, err)
		}
	}
	if m := v.Console.sessions; m.Lifetime != v.Console.Absolute || m.IdleTimeout != v.Console.Idle {
		t.Errorf("absolute %s, idle %s", m.Lifetime, m.IdleTimeout)
	}
}

// TestSessionOfAClockThatRanAhead: a session that was used while the machine's clock ran a day ahead ends when the clock is put
// back, instead of living a day longer than Idle; the person signs in again.
func TestSessionOfAClockThatRanAhead(t *testing.T) {
	v := newSite(t)
	p := v.visit(t, "staff")
	p.page("/")
	all, err := v.store.WebSessions("staff", time.Now())
	if err != nil || len(all) != 1 {
		t.Fatal(all, err)
	}
	one, _, _, err := v.store.WebSession(all[0].Key, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	one.SeenAt, one.Expires = one.SeenAt.Add(24*time.Hour), one.Expires.Add(24*time.Hour)
	if err := v.store.SaveWebSession(one); err != nil {
		t.Fatal(err)
	}
	if status, h, _ := p.send("GET", "/", nil); status != http.StatusSeeOther || h.Get("Location") != "/sign-in" {
		t.Errorf("after the clock was put back: %d, to %q", status, h.Get("Location"))
	}
	if status, _, body := p.send("POST", "/sign-in", url.Values{"name": {"staff"}, "password": {password}}); status != http.StatusSeeOther {
		t.Errorf("signing in again: %d\n%s", status, body)
	}
	p.page("/")
}
