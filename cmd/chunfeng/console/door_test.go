package console

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"chunfeng/cmd/chunfeng/api"
	"chunfeng/store"
)

func TestDoors(t *testing.T) {
	s := newSite(t)
	stranger := s.visit(t, "")
	for _, c := range []struct {
		why, method, path string
		status            int
		to                string
	}{
		{"the first page leads to the sign-in", "GET", "/", 303, "/sign-in"},
		{"a page leads there and back", "GET", "/people", 303, "/sign-in?to=%2Fpeople"},
		{"so does one that does not exist: a stranger learns nothing", "GET", "/nothing", 303, "/sign-in?to=%2Fnothing"},
		{"the API says so in its own way", "GET", "/v1/accounts", 401, ""},
		{"also where nothing is", "GET", "/v1/nothing", 401, ""},
		{"a form of a stranger", "POST", "/people", 303, "/sign-in"},
		{"a link that was never made", "GET", "/link/AAAAAAAA", 404, ""},
		{"the data folder is not below the site", "GET", "/chunfeng.db", 303, "/sign-in?to=%2Fchunfeng.db"},
		{"nor above it: that is a page like any other", "GET", "/assets/../../chunfeng.key", 307, "/chunfeng.key"},
	} {
		status, h, body := stranger.send(c.method, c.path, nil)
		if status != c.status || c.to != "" && h.Get("Location") != c.to {
			t.Errorf("%s: %d to %q\n%s", c.why, status, h.Get("Location"), body)
		}
	}
	_, h, _ := stranger.send("GET", "/sign-in", nil)
	for name, want := range map[string]string{
		"Content-Security-Policy": contentPolicy, "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "Cache-Control": "no-store",
		"Cross-Origin-Opener-Policy": "same-origin",
	} {
		if h.Get(name) != want {
			t.Errorf("%s: %q, want %q", name, h.Get(name), want)
		}
	}
	if strings.Contains(contentPolicy, "unsafe") {
		t.Error("the policy allows what is unsafe")
	}
}

func TestSignIn(t *testing.T) {
	s := newSite(t)
	v := s.visit(t, "")
	for range freeTries {
		if status, _, body := v.send("POST", "/sign-in", url.Values{"name": {"staff"}, "password": {"wrong password"}}); status != 401 || strings.Contains(body, "wrong password") {
			t.Fatal(status, body)
		}
	}
	v.send("POST", "/sign-in", url.Values{"name": {"staff"}, "password": {"wrong password"}})
	if status, _, _ := v.send("POST", "/sign-in", url.Values{"name": {"staff"}, "password": {password}}); status != 429 {
		t.Errorf("after many failures even the right password waits: %d", status)
	}
	s.brake = newBrake()
	status, h, _ := v.send("POST", "/sign-in", url.Values{"name": {" STAFF "}, "password": {password}, "to": {"/me?x=1"}})
	cookie := h.Get("Set-Cookie")
	if status != 303 || h.Get("Location") != "/me?x=1" || !strings.Contains(cookie, "HttpOnly") || !strings.Contains(cookie, "SameSite=Strict") {
		t.Errorf("%d to %s with %s", status, h.Get("Location"), cookie)
	}
	if !strings.Contains(v.page("/me"), "127.0.0.1") {
		t.Error("the own page does not show the sign-in")
	}
	if status, _, body := v.send("GET", "/v1/accounts", nil); status != 200 || strings.TrimSpace(body) != "[]" {
		t.Errorf("the API for whoever is signed in: %d %s", status, body)
	}
	if status, _, _ := v.send("POST", "/sign-out", url.Values{}); status != 303 {
		t.Error("signing out:", status)
	}
	if status, _, _ := v.send("GET", "/me", nil); status != 303 {
		t.Error("a session that ended still opens pages:", status)
	}
}

func TestForms(t *testing.T) {
	s := newSite(t)
	admin := s.visit(t, "admin")
	page := admin.page("/people")
	token := tokenField.FindStringSubmatch(page)[1]
	person := url.Values{"name": {"cui"}, "label": {"<script>alert(1)</script>"}, "role": {"staff"}, formToken: {token}}
	for _, c := range []struct {
		why     string
		form    url.Values
		headers []string
		status  int
	}{
		{"a form of another site", person, []string{"Origin", "https://example.org", "Sec-Fetch-Site", "cross-site"}, 403},
		{"a form without a token", url.Values{"name": {"x1"}}, nil, 409},
		{"a token that was never given", url.Values{"name": {"x1"}, formToken: {"AAAA"}}, nil, 409},
		{"one that is refused", url.Values{"name": {"no spaces please"}, "label": {"x"}, "role": {"staff"}, formToken: {token}}, nil, 422},
		{"may be sent again, mended", person, nil, 200},
		{"and is not taken a second time", person, nil, 409},
	} {
		if status, _, body := admin.send("POST", "/people", c.form, c.headers...); status != c.status {
			t.Errorf("%s: %d\n%s", c.why, status, body)
		}
	}
	page = admin.page("/people")
	if strings.Contains(page, "<script>alert") || !strings.Contains(page, "&lt;script&gt;alert") {
		t.Error("a name is not shown as text")
	}
	other := s.visit(t, "supervisor")
	if status, _, _ := other.send("POST", "/people", url.Values{formToken: {tokenField.FindStringSubmatch(page)[1]}}); status != 403 {
		t.Error("a supervisor may not add people:", status)
	}
	if status, _, _ := other.send("POST", "/people/sessions/x/end", url.Values{formToken: {tokenField.FindStringSubmatch(page)[1]}}); status != 409 {
		t.Error("another person's form is taken:", status)
	}
}

func TestOneTimeLinks(t *testing.T) {
	s := newSite(t)
	admin := s.visit(t, "admin")
	_, _, body := admin.form("/people", "/people", url.Values{"name": {"park"}, "label": {"박영호"}, "role": {"approver"}})
	i := strings.Index(body, "/link/")
	if i < 0 {
		t.Fatal("no link:", body)
	}
	path := body[i : i+len("/link/")+26]
	v := s.visit(t, "")
	if status, _, body := v.send("POST", path, url.Values{"password": {"password1234"}, "again": {"password1234"}}); status != 400 {
		t.Fatal("a common password is taken:", status, body)
	}
	if status, h, body := v.send("POST", path, url.Values{"password": {password}, "again": {password}}); status != 303 || h.Get("Location") != "/" {
		t.Fatal(status, body)
	}
	v.page("/me")
	if status, _, _ := s.visit(t, "").send("GET", path, nil); status != 404 {
		t.Error("the link works a second time:", status)
	}
	// Disabling ends what holds.
	if status, _, body := admin.form("/people", "/people/park/disable", url.Values{}); status != 303 {
		t.Fatal(status, body)
	}
	if status, _, _ := v.send("GET", "/me", nil); status != 303 {
		t.Error("who was locked out still sees pages:", status)
	}
}

func TestSessionEndsByOthersHand(t *testing.T) {
	s := newSite(t)
	staff, supervisor := s.visit(t, "staff"), s.visit(t, "supervisor")
	all, err := api.Ask[[]api.WebSession](t.Context(), s.API, api.Caller{}, "GET", "/v1/sessions", url.Values{"user": {"staff"}}, nil)
	if err != nil || len(all) != 1 {
		t.Fatal(all, err)
	}
	if status, _, body := supervisor.form("/people", "/people/sessions/"+all[0].Key+"/end", url.Values{}); status != 303 {
		t.Fatal(status, body)
	}
	if status, _, _ := staff.send("GET", "/me", nil); status != 303 {
		t.Error("the ended sign-in still holds:", status)
	}
	if _, err := api.Ask[[]api.WebSession](t.Context(), s.API, api.Caller{Name: "staff", Role: store.RoleStaff}, "GET", "/v1/sessions", nil, nil); err == nil {
		t.Error("staff see the sign-ins of others")
	}
}

func TestLanguageIsThePersons(t *testing.T) {
	s := newSite(t)
	v := s.visit(t, "")
	_, _, body := v.send("GET", "/sign-in", nil, "Accept-Language", "zh-CN,zh;q=0.9")
	if !strings.Contains(body, `<html lang="zh">`) {
		t.Error("the browser's language is not taken")
	}
	v = s.visit(t, "staff")
	if status, _, _ := v.send("POST", "/language", url.Values{"lang": {"ko"}, "to": {"/me"}}); status != 303 {
		t.Fatal(status)
	}
	if !strings.Contains(s.visit(t, "staff").page("/me"), `<html lang="ko">`) {
		t.Error("the language is not kept with the person")
	}
}

func TestSlowPageIsNotTheWholeSite(t *testing.T) {
	s := newSite(t)
	s.page("GET /boom", api.Read, func(http.ResponseWriter, *request) error { panic("13844331234") })
	v := s.visit(t, "staff")
	status, _, body := v.send("GET", "/boom", nil)
	if status < 400 || strings.Contains(body, "13844331234") || !strings.Contains(body, "<h1>") {
		t.Errorf("a panic is %d %s", status, body)
	}
	v.page("/me")
}
