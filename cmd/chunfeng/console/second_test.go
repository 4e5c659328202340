package console

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"chunfeng/cmd/chunfeng/api"
	"chunfeng/config"
	"chunfeng/store"
)

// strict is a site that asks for the second factor.
func strict(t *testing.T) *site { return newSite(t).strict() }

// strict has a site ask for the second factor.
func (s *site) strict() *site {
	cfg, _, _ := config.Load(config.Options{})
	s.force.config.Store(cfg)
	return s
}

// enrolled is a visitor who set a second factor up just now, and its secret.
func (s *site) enrolled(t testing.TB, name string) (v *visitor, secret string) {
	t.Helper()
	v = s.visit(t, name)
	secret = secretOnPage.FindStringSubmatch(v.page("/second"))[1]
	v.second(code(t, secret, time.Now()))
	return v, secret
}

// code is what a person's telephone shows at a moment.
func code(t testing.TB, secret string, at time.Time) string {
	t.Helper()
	c, err := totp.GenerateCode(strings.ReplaceAll(secret, " ", ""), at)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

var (
	secretOnPage = regexp.MustCompile(`<p class="code">([A-Z2-7 ]+)</p>`)
	spareOnPage  = regexp.MustCompile(`<li>([A-Z2-7]{5}-[A-Z2-7]{5})</li>`)
)

// leads answers where a page leads, or itself where it is shown.
func (v *visitor) leads(path string) string {
	v.t.Helper()
	status, header, _ := v.send("GET", path, nil)
	if status == http.StatusSeeOther {
		return header.Get("Location")
	}
	return path
}

// second gives a code and answers where that leads; "" where the page is shown again.
func (v *visitor) second(typed string) (to, body string) {
	v.t.Helper()
	_, header, body := v.form("/second", "/second", url.Values{"code": {typed}})
	return header.Get("Location"), body
}

// TestSecondFactor sets a telephone up at the first sign-in and goes in with it at the next: before that nothing is
// reached, a code is taken once, and a spare one too.
func TestSecondFactor(t *testing.T) {
	v := strict(t)
	p := v.visit(t, "approver")
	for _, path := range []string{"/", "/waves", "/me", "/log?state=sent", "/people"} {
		if got := p.leads(path); got != "/second" {
			t.Errorf("%s is reached by password alone: %s", path, got)
		}
	}
	for _, path := range []string{"/v1/waves", "/live/today"} {
		if status, _, _ := p.send("GET", path, nil); status != http.StatusUnauthorized {
			t.Errorf("%s answers %d", path, status)
		}
	}
	secret := secretOnPage.FindStringSubmatch(p.page("/second"))
	if secret == nil {
		t.Fatalf("no secret on the page:\n%s", p.page("/second"))
	}
	if status, header, _ := p.send("GET", "/second/code.png", nil); status != http.StatusOK || header.Get("Content-Type") != "image/png" || header.Get("Cache-Control") != "no-store" {
		t.Errorf("the picture answers %d %v", status, header)
	}
	if to, body := p.second("000000"); to != "" || !strings.Contains(body, `role="alert"`) {
		t.Error("a wrong code was taken")
	} else if again := secretOnPage.FindStringSubmatch(body); again == nil || again[1] != secret[1] {
		t.Error("the secret changed with a code that was mistyped")
	}
	first := code(t, secret[1], time.Now())
	_, body := p.second(first)
	spare := spareOnPage.FindAllStringSubmatch(body, -1)
	if len(spare) != 10 {
		t.Fatalf("%d spare codes:\n%s", len(spare), body)
	}
	if got := p.leads("/waves"); got != "/waves" {
		t.Fatalf("after the code the page leads to %s", got)
	}
	if got := p.leads("/second"); got != "/" {
		t.Error("the page of the second factor is shown once more")
	}
	if !strings.Contains(p.page("/me"), "10 spare codes") {
		t.Error("the own page does not tell of it")
	}
	u, err := v.store.User("approver")
	if err != nil || strings.Contains(u.Second.Spare, strings.ReplaceAll(spare[0][1], "-", "")) || u.Second.Secret == "" {
		t.Errorf("%+v %v", u.Second, err)
	}

	// Another browser: the code that was taken is worth nothing, the next one lets in and leads on.
	q := v.visit(t, "approver")
	if secretOnPage.MatchString(q.page("/second")) {
		t.Fatal("a second telephone could be set up by password alone")
	}
	if to, _ := q.second(first); to != "" {
		t.Error("a code was taken twice")
	}
	q.leads("/waves?state=draft")
	if to, _ := q.second(code(t, secret[1], time.Now().Add(30*time.Second))); to != "/waves?state=draft" {
		t.Errorf("the next code leads to %s", to)
	}
	for _, want := range []string{"/", ""} {
		if to, _ := v.visit(t, "approver").second(strings.ToLower(spare[3][1])); to != want {
			t.Errorf("a spare code leads to %q, not %q", to, want)
		}
	}
	events, err := v.store.Events(store.EventFilter{On: "approver"})
	if err != nil {
		t.Fatal(err)
	}
	deeds := map[string]int{}
	for _, e := range events.Events {
		deeds[e.What]++
	}
	if deeds["user.second_factor"] != 1 || deeds["user.spare_code"] != 1 {
		t.Errorf("the trail: %v", deeds)
	}
	// Another telephone, with the present one at hand. The address has mistyped enough to have to wait by now.
	v.brake = newBrake()
	if _, header, _ := p.form("/me", "/me/second", url.Values{"code": {"123456"}}); header.Get("Location") != "" {
		t.Error("another telephone was set up without a code")
	}
	if _, header, _ := p.form("/me", "/me/second", url.Values{"code": {spare[5][1]}}); header.Get("Location") != "/second" || p.leads("/waves") != "/second" {
		t.Error("another telephone cannot be set up")
	}
	if fresh := secretOnPage.FindStringSubmatch(p.page("/second")); fresh == nil || fresh[1] == secret[1] {
		t.Error("the old secret is offered again")
	}
}

// TestSecondFactorReset: an administrator takes it away from somebody else, and that ends what goes on.
func TestSecondFactorReset(t *testing.T) {
	v := strict(t)
	admin, _ := v.enrolled(t, "admin")
	staff, _ := v.enrolled(t, "staff")
	if _, _, body := admin.form("/people", "/people/admin/second-reset", url.Values{}); !strings.Contains(body, "Another administrator") {
		t.Error("an administrator took the own one away")
	}
	if _, header, _ := admin.form("/people", "/people/staff/second-reset", url.Values{}); header.Get("Location") != "/people" {
		t.Errorf("%v", header)
	}
	if got := staff.leads("/"); got != "/sign-in" {
		t.Errorf("the person is still in: %s", got)
	}
	if u, err := v.store.User("staff"); err != nil || u.Second != (store.Second{}) {
		t.Errorf("%+v %v", u.Second, err)
	}
}

// TestCodesAreGuessedSlowly: who has the password and types codes waits longer and longer, whatever the address.
func TestCodesAreGuessedSlowly(t *testing.T) {
	b, at := newBrake(), time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)
	tries := 0
	for end := at.Add(24 * time.Hour); at.Before(end); at = at.Add(time.Second) {
		from := fmt.Sprint("198.51.100.", tries%250)
		if b.waitCode("kim", from, at) == nil {
			b.failedCode("kim", from, at)
			tries++
		}
	}
	if tries > 160 {
		t.Errorf("%d tries a day", tries)
	}
	if err := b.wait("kim", "192.0.2.1", at); err != nil {
		t.Errorf("the person's own password is held up by it: %v", err)
	}
}

// TestTakeCode: the half minute before and the one after, each once, and nothing else.
func TestTakeCode(t *testing.T) {
	secret, address, err := api.NewSecond("kim")
	if err != nil || !strings.HasPrefix(address, "otpauth://totp/chunfeng:kim?") {
		t.Fatal(address, err)
	}
	at := time.Date(2026, 11, 23, 10, 0, 10, 0, time.UTC)
	for _, c := range []struct {
		why   string
		shift time.Duration
		last  int64
		ok    bool
	}{
		{"now", 0, 0, true},
		{"the telephone is half a minute behind", -30 * time.Second, 0, true},
		{"and half a minute ahead", 30 * time.Second, 0, true},
		{"a minute behind", -60 * time.Second, 0, false},
		{"a minute ahead", 60 * time.Second, 0, false},
		{"taken already", 0, at.Unix() / 30, false},
		{"older than the one that was taken", -30 * time.Second, at.Unix() / 30, false},
	} {
		if _, _, ok := api.TakeCode(store.Second{Secret: secret, Step: c.last}, code(t, secret, at.Add(c.shift)), at); ok != c.ok {
			t.Errorf("%s: %v", c.why, ok)
		}
	}
	if _, _, ok := api.TakeCode(store.Second{}, "", at); ok {
		t.Error("nothing was taken for a code where there is no factor")
	}
}
