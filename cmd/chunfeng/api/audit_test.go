package api

import (
	"fmt"
	"strings"
	"testing"

	"chunfeng/store"
	"chunfeng/templates/words"
)

func TestAuditTrail(t *testing.T) {
	a := newAPI(t)
	for i := range 7 {
		if err := a.store.Note("kim", "wave.stop", fmt.Sprintf("2026-%03d", i), "call 13844331234 <b>"); err != nil {
			t.Fatal(err)
		}
	}
	if err := a.store.Note("li", "signup.reveal", "wave 2026-001", "to call them"); err != nil {
		t.Fatal(err)
	}
	supervisor := Caller{Name: "li", Role: store.RoleSupervisor, Lang: words.Korean}
	for _, c := range []struct {
		why, query string
		want       int
	}{
		{"all", "", 8}, {"a person, in any case", "who=KIM", 7}, {"one deed", "what=signup.reveal", 1}, {"deeds of a kind", "what=wave.", 7},
		{"on one thing", "on=2026-003", 1}, {"before there was anything", "to=2020-01-01", 0}, {"later", "from=2090-01-01", 0},
	} {
		q := "?" + c.query
		status, body := ask(a, "GET", "/v1/audit"+q, "en", "")
		if n := strings.Count(body, `"number"`); status != 200 || n != c.want {
			t.Errorf("%s: %d with %d lines, want %d\n%s", c.why, status, n, c.want, body)
		}
	}
	page, p := told[AuditPage](t, a, supervisor, "GET", "/v1/audit", nil)
	if p != nil || page.Events[0].Text != "전화번호를 보거나 내보냈다" || page.Next != "" {
		t.Errorf("%+v %+v", page, p)
	}
	if d := page.Events[1].Detail; strings.Contains(d, "13844331234") || !strings.Contains(d, "138") {
		t.Errorf("a number is not masked: %q", d)
	}
	// A page after another, without a line twice or missing.
	seen, after := "", ""
	for range 10 {
		status, body := ask(a, "GET", "/v1/audit?limit=3&after="+after, "en", "")
		if status != 200 {
			t.Fatal(status, body)
		}
		for part := range strings.SplitSeq(body, `"number":`) {
			if n, _, ok := strings.Cut(part, ","); ok && len(n) < 3 {
				seen += n
			}
		}
		_, next, more := strings.Cut(body, `"next":"`)
		if !more {
			break
		}
		after, _, _ = strings.Cut(next, `"`)
	}
	if seen != "87654321" {
		t.Errorf("the pages show %s", seen)
	}
	for path, want := range map[string]int{"/v1/audit?limit=0": 400, "/v1/audit?after=x": 400, "/v1/audit?from=soon": 400, "/v1/audit?whom=kim": 400} {
		if status, body := ask(a, "GET", path, "en", ""); status != want {
			t.Errorf("%s: %d %s", path, status, body)
		}
	}
	if v, p := told[AuditVerdict](t, a, supervisor, "GET", "/v1/audit/verify", nil); p != nil || !v.OK || v.Lines != 8 || v.Last != 8 || len(v.Hash) != 64 {
		t.Errorf("%+v %+v", v, p)
	}
	county := supervisor
	county.County = "tumen"
	for _, path := range []string{"/v1/audit", "/v1/audit/verify"} {
		for _, who := range []Caller{clerk, county} {
			if _, p := told[any](t, a, who, "GET", path, nil); p == nil || p.Kind != words.Forbidden {
				t.Errorf("%s reads %s: %+v", who.Name, path, p)
			}
		}
	}
}

func TestOneVerifiesAtATime(t *testing.T) {
	a := newAPI(t)
	a.verifying.Lock()
	if status, _ := ask(a, "GET", "/v1/audit/verify", "en", ""); status != 429 {
		t.Error("a second one reads the whole trail as well:", status)
	}
	a.verifying.Unlock()
	if status, _ := ask(a, "GET", "/v1/audit/verify", "en", ""); status != 200 {
		t.Error(status)
	}
}
