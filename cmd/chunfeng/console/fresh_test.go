package console

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"chunfeng/cmd/chunfeng/api"
	"chunfeng/store"
	"chunfeng/templates/words"
)

// asked tells whether an answer is the page that asks for a code, with these fields kept.
func asked(status int, body string, kept ...string) bool {
	for _, one := range kept {
		if !strings.Contains(body, one) {
			return false
		}
	}
	return status == http.StatusUnauthorized && strings.Contains(body, `name="fresh"`) && strings.Contains(body, "A fresh code, please")
}

// shownTo counts the lines of the audit trail by which numbers were shown to somebody.
func (s *site) shownTo(t *testing.T, who string) (n int) {
	t.Helper()
	all, err := s.store.Events(store.EventFilter{Who: who, Limit: 1000})
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range all.Events {
		if e.What == "signup.reveal" {
			n++
		}
	}
	return n
}

// TestFreshCode reveals a number, hands numbers out and erases a person, by virtual time: with a code that was given lately at
// once, and later only with another one, which is asked for in the place of the deed with all that was typed.
func TestFreshCode(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := unservedSite(t).strict()
		defer s.Close()
		s.wave(t)
		n := s.signs(t, 1, "A001 13844331234", "13844331234")
		path, full := "/signups/"+n.ID, "13844331234"
		p, secret := s.enrolled(t, "supervisor")
		ended := s.ends(t, "supervisor")

		if strings.Contains(p.page(path), `name="fresh"`) {
			t.Error("a code is asked for right after one was given")
		}
		if status, _, body := p.form(path, path+"/reveal", url.Values{"purpose": {"court"}}); status != http.StatusOK || !strings.Contains(body, full) {
			t.Fatalf("the number is not shown: %d", status)
		}
		shown := s.shownTo(t, "supervisor")

		time.Sleep(api.FreshFor + time.Second)
		page := p.page(path)
		if !strings.Contains(page, `name="fresh"`) {
			t.Error("the form has no field for the code")
		}
		if strings.Contains(p.page("/waves"), "A fresh code") {
			t.Error("what is only looked at asks for a code")
		}
		once := tokenField.FindStringSubmatch(page)[1]
		used := code(t, secret, time.Now().Add(-api.FreshFor-time.Second))
		for _, c := range []struct{ why, typed, said string }{
			{"no code", "", ""},
			{"a wrong one", "000000", "was used already"},
			{"the one of the sign-in", used, "was used already"},
		} {
			form := url.Values{"purpose": {"court \"7\" <b>"}, formToken: {once}} // the same form: whoever goes back sends it again
			if c.typed != "" {
				form.Set("fresh", c.typed)
			}
			status, _, body := p.send("POST", path+"/reveal", form)
			if !asked(status, body, `name="purpose" value="court &#34;7&#34; &lt;b&gt;"`, `action="`+path+`/reveal"`, c.said) {
				t.Errorf("%s: %d\n%s", c.why, status, body)
			}
			if strings.Contains(body, full) || strings.Contains(body, `value="`+c.typed+`"`) && c.typed != "" {
				t.Errorf("%s: the page tells the number, or the code", c.why)
			}
		}
		if got := s.shownTo(t, "supervisor"); got != shown {
			t.Errorf("%d reveals are in the trail, not %d", got, shown)
		}

		// The page that asks is sent, with a code: the deed is done under a new token, and the session ends no later.
		_, _, body := p.form(path, path+"/reveal", url.Values{"purpose": {"court"}})
		old := p.cookie(t)
		fresh := code(t, secret, time.Now())
		status, _, body := p.send("POST", path+"/reveal", url.Values{"purpose": {"court"}, "fresh": {fresh}, formToken: {tokenField.FindStringSubmatch(body)[1]}})
		if status != http.StatusOK || !strings.Contains(body, full) || s.shownTo(t, "supervisor") != shown+1 {
			t.Fatalf("with a code: %d\n%s", status, body)
		}
		if p.cookie(t) == old {
			t.Error("the session goes on under its old token")
		}
		if got := s.ends(t, "supervisor"); got.After(ended) {
			t.Errorf("the session ends at %s now, not at %s", got, ended)
		}
		thief := s.visit(t, "")
		if status, h, _ := thief.send("GET", "/waves", nil, "Cookie", "chunfeng="+old); status != http.StatusSeeOther || h.Get("Location") != "/sign-in?to=%2Fwaves" {
			t.Errorf("the old token still opens the door: %d %s", status, h.Get("Location"))
		}

		// The same code again, by another browser that is as old: it was taken.
		time.Sleep(time.Second)
		q := s.visit(t, "supervisor")
		if to, _ := q.second(fresh); to != "" {
			t.Error("the code was taken twice")
		}

		// Files: the form's own button is kept.
		if status, h, _ := p.form("/signups", "/signups/export", url.Values{"purpose": {"court"}, "form": {"csv"}}); status != http.StatusOK || !strings.Contains(h.Get("Content-Disposition"), "attachment") {
			t.Errorf("a fresh code does not suffice for a file: %d", status)
		}
		time.Sleep(api.FreshFor + time.Second)
		status, _, body = p.form("/signups", "/signups/export", url.Values{"purpose": {"court"}, "recipient": {"해란강식당"}, "form": {"csv"}})
		if !asked(status, body, `name="form" value="csv"`, `value="해란강식당"`) {
			t.Errorf("the file: %d\n%s", status, body)
		}
		status, h, body := p.send("POST", "/signups/export", url.Values{
			"purpose": {"court"}, "recipient": {"해란강식당"}, "form": {"csv"}, "fresh": {code(t, secret, time.Now())}, formToken: {tokenField.FindStringSubmatch(body)[1]},
		})
		if status != http.StatusOK || !strings.Contains(h.Get("Content-Disposition"), "attachment") || !strings.Contains(body, full) {
			t.Errorf("the file with a code: %d\n%s", status, body)
		}

		// A copy for a person, and the erasure.
		time.Sleep(api.FreshFor + time.Second)
		ask := url.Values{"phone": {full}, "purpose": {"court"}}
		status, _, body = p.form("/subject", "/subject", ask)
		if !asked(status, body, `name="phone" value="`+full+`"`) {
			t.Errorf("the copy: %d\n%s", status, body)
		}
		ask.Set("confirm", "1234")
		if status, _, body = p.form("/subject", "/subject/erase", ask); !asked(status, body, `name="confirm" value="1234"`) {
			t.Errorf("the erasure: %d\n%s", status, body)
		}
		if _, err := s.store.Signup(n.ID); err != nil {
			t.Error("the person was erased without a code:", err)
		}
		ask.Set("fresh", code(t, secret, time.Now()))
		if status, _, body = p.form("/subject", "/subject/erase", ask); status != http.StatusOK || !strings.Contains(body, "Erased") && !strings.Contains(body, "erased") {
			t.Errorf("the erasure with a code: %d\n%s", status, body)
		}
	})
}

// ends is when the only session of a person ends whatever is asked for.
func (s *site) ends(t *testing.T, who string) time.Time {
	t.Helper()
	all, err := s.store.WebSessions(who, time.Now())
	if err != nil || len(all) != 1 {
		t.Fatal(len(all), err)
	}
	one, _, _, err := s.store.WebSession(all[0].Key, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	until, _, err := codec{}.Decode(one.Data)
	if err != nil {
		t.Fatal(err)
	}
	return until
}

// cookie is the token of a visitor's session.
func (v *visitor) cookie(t *testing.T) string {
	t.Helper()
	for _, k := range v.http.Jar.Cookies(&url.URL{Scheme: "http", Host: "127.0.0.1", Path: "/"}) {
		if k.Name == "chunfeng" {
			return k.Value
		}
	}
	t.Fatal("there is no session")
	return ""
}

// running is a wave that is being sent to one group.
func (s *site) running(t *testing.T) store.Wave {
	t.Helper()
	w, _, err := s.store.AddWave(store.Wave{Schedule: "S3", At: time.Now(), Hash: "h"}, "staff")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.store.ApproveWave(w.ID, "h", "approver", true); err != nil {
		t.Fatal(err)
	}
	c := store.Content{Kind: store.Text, Body: []byte("x")}
	hash := store.HashContent(c.Kind, c.Name, c.Body)
	w, err = s.store.OpenWave(store.Opening{Wave: w.ID, Hash: "h", Contents: []store.Content{c}, Rows: func(yield func(store.Row) bool) {
		yield(store.Row{Group: 1, Account: "a01", Content: hash})
	}})
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// TestFreshCodeToApprove approves a wave and lets somebody in; the emergency stop and locking somebody out ask for nothing.
func TestFreshCodeToApprove(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := unservedSite(t).strict()
		defer s.Close()
		s.wave(t)
		running := s.running(t)
		w, _, err := s.store.AddWave(store.Wave{Schedule: "S2", At: time.Now().Add(48 * time.Hour), Hash: "h"}, "staff")
		if err != nil {
			t.Fatal(err)
		}
		approver, _ := s.enrolled(t, "approver")
		admin, secret := s.enrolled(t, "admin")
		time.Sleep(api.FreshFor + time.Second)

		path := "/waves/" + w.ID
		status, _, body := approver.form("/me", path+"/approve", url.Values{"hash": {"h"}})
		if !asked(status, body, `name="hash" value="h"`) {
			t.Errorf("the approval: %d\n%s", status, body)
		}
		if now, err := s.store.Wave(w.ID); err != nil || now.State != store.WaveDraft {
			t.Error("the wave was approved without a code:", now.State, err)
		}
		for why, form := range map[string]url.Values{"another role": {"role": {"staff"}, "label": {"x"}}} {
			if status, _, body := admin.form("/people", "/people/approver", form); !asked(status, body, `name="role" value="staff"`) {
				t.Errorf("%s: %d", why, status)
			}
		}
		for _, action := range []string{"/people/approver/link", "/people/approver/second-reset", "/people/approver/enable"} {
			if status, _, body := admin.form("/people", action, url.Values{}); !asked(status, body) {
				t.Errorf("%s: %d", action, status)
			}
		}
		if status, _, body := admin.form("/people", "/people", url.Values{"name": {"cui"}, "label": {"최"}, "role": {"staff"}}); !asked(status, body, `value="cui"`) {
			t.Errorf("a new person: %d", status)
		}

		// What makes less happen is done at once.
		if status, _, body := approver.form("/stop?wave="+running.ID, "/stop", url.Values{"wave": {running.ID}, "of": {"1"}, "number": {"1"}}); status != http.StatusSeeOther {
			t.Errorf("the emergency stop: %d\n%s", status, body)
		}
		if now, err := s.store.Wave(running.ID); err != nil || now.State != store.WavePaused {
			t.Error("the emergency stop stopped nothing:", now.State, err)
		}
		if status, h, _ := admin.form("/people", "/people/staff/disable", url.Values{}); status != http.StatusSeeOther || h.Get("Location") != "/people" {
			t.Errorf("locking somebody out asks for a code: %d", status)
		}
		_, _, body = admin.form("/people", "/people", url.Values{"name": {"cui"}, "label": {"최"}, "role": {"staff"}})
		if status, _, body := admin.send("POST", "/people", url.Values{
			"name": {"cui"}, "label": {"최"}, "role": {"staff"}, "fresh": {code(t, secret, time.Now())}, formToken: {tokenField.FindStringSubmatch(body)[1]},
		}); status != http.StatusOK || !strings.Contains(body, "/link/") {
			t.Errorf("a new person, with a code: %d\n%s", status, body)
		}
	})
}

// TestFreshCodeOverTheAPI: a script is told by a kind of its own and sends the same request again with the code beside it; who
// guesses is slowed down.
func TestFreshCodeOverTheAPI(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := unservedSite(t).strict()
		defer s.Close()
		s.wave(t)
		n := s.signs(t, 1, "A001 13844331234", "13844331234")
		p, secret := s.enrolled(t, "staff")
		time.Sleep(api.FreshFor + time.Second)
		path, full := "/v1/signups/"+n.ID+"/reveal", "13844331234"
		ask := func(code string) (int, string) {
			r, err := http.NewRequest("POST", "http://127.0.0.1"+path, strings.NewReader(`{"purpose":"call"}`))
			if err != nil {
				t.Fatal(err)
			}
			if code != "" {
				r.Header.Set(api.CodeHeader, code)
			}
			res, err := p.http.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			var b strings.Builder
			_ = res.Write(&b)
			return res.StatusCode, b.String()
		}
		if status, body := ask(""); status != http.StatusUnauthorized || !strings.Contains(body, `"kind":"fresh_code"`) || !strings.Contains(body, "X-Chunfeng-Code") || strings.Contains(body, full) {
			t.Errorf("without a code: %d\n%s", status, body)
		}
		if status, _, _ := p.send("GET", "/v1/signups", nil); status != http.StatusOK {
			t.Errorf("what only reads asks for a code: %d", status)
		}
		old := p.cookie(t)
		if status, body := ask(code(t, secret, time.Now())); status != http.StatusOK || !strings.Contains(body, full) || p.cookie(t) == old {
			t.Errorf("with a code: %d\n%s", status, body)
		}
		if status, _ := ask(""); status != http.StatusOK {
			t.Errorf("right after a code: %d", status)
		}
		time.Sleep(api.FreshFor + time.Second)
		var got []int
		for range freeTries + 2 {
			status, _ := ask("000000")
			got = append(got, status)
		}
		if want := []int{401, 401, 401, 401, 429}; !slices.Equal(got, want) {
			t.Errorf("wrong codes are answered %v, want %v", got, want)
		}
		if status, body := ask(code(t, secret, time.Now())); status != http.StatusTooManyRequests || strings.Contains(body, full) {
			t.Errorf("the brake does not hold the right code: %d", status)
		}
		time.Sleep(firstWait + time.Second)
		if status, _ := ask(code(t, secret, time.Now())); status != http.StatusOK {
			t.Errorf("after the wait: %d", status)
		}
	})
}

// TestCodesAtOnce sends a hundred wrong codes at the same time: no more are looked at than one after another.
func TestCodesAtOnce(t *testing.T) {
	s := strict(t)
	u, err := s.store.User("staff")
	if err != nil {
		t.Fatal(err)
	}
	tried := make(chan bool, 100)
	for range 100 {
		go func() {
			looked := false
			_ = s.tries(&request{Request: httptest.NewRequest("POST", "/second", nil), User: u}, func() error {
				looked = true
				_, err := s.store.ChangeUser("staff", "staff", "", func(*store.User) error { return words.Refuse("second.wrong").Of(words.Unproven) })
				return err
			})
			tried <- looked
		}()
	}
	looked := 0
	for range 100 {
		if <-tried {
			looked++
		}
	}
	if looked > freeTries+1 {
		t.Errorf("%d of 100 codes were looked at", looked)
	}
}

// TestFreshCodeIsNotAskedFor where nobody has a second factor: at the socket, and where it is switched off.
func TestFreshCodeIsNotAskedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := unservedSite(t)
		defer s.Close()
		s.wave(t)
		n := s.signs(t, 1, "A001 13844331234", "13844331234")
		p := s.visit(t, "staff")
		time.Sleep(api.FreshFor + time.Second)
		path := "/signups/" + n.ID
		if strings.Contains(p.page(path), `name="fresh"`) {
			t.Error("a code is asked for where the second factor is off")
		}
		if status, _, body := p.form(path, path+"/reveal", url.Values{"purpose": {"call"}}); status != http.StatusOK || !strings.Contains(body, "13844331234") {
			t.Errorf("%d\n%s", status, body)
		}
		if _, err := api.Ask[api.SignupDetail](t.Context(), s.API, api.Caller{Name: "kim"}, "POST", "/v1"+path+"/reveal", nil, api.Handover{Purpose: "call"}); err != nil {
			t.Error("at the socket:", err)
		}
	})
}

// TestFreshCodeByTheClock: what the session keeps is fresh for its time, a clock that was put back by less than a minute
// aside, and nothing that cannot be read is.
func TestFreshCodeByTheClock(t *testing.T) {
	now := time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		why, given string
		fresh      bool
	}{
		{"just now", now.Format(time.RFC3339Nano), true},
		{"at the end", now.Add(-api.FreshFor).Format(time.RFC3339Nano), true},
		{"after it", now.Add(-api.FreshFor - time.Millisecond).Format(time.RFC3339Nano), false},
		{"the clock was put right by half a minute since", now.Add(30 * time.Second).Format(time.RFC3339Nano), true},
		{"the clock was put back by an hour: it would be fresh for that hour", now.Add(time.Hour).Format(time.RFC3339Nano), false},
		{"none", "", false},
		{"not a time", "soon", false},
	} {
		if got := freshCode(c.given, now); got != c.fresh {
			t.Errorf("%s: %v", c.why, got)
		}
	}
}
