package api

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rs/zerolog"

	"chunfeng/store"
	"chunfeng/store/storetest"
)

// refusals lists the lines about refused rights, the oldest first.
func refusals(t *testing.T, s *store.Store) (out []string) {
	t.Helper()
	p, err := s.Events(store.EventFilter{What: "right.", Limit: 1000})
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range p.Events {
		out = append([]string{strings.Join([]string{e.Who, e.On, e.Detail}, "|")}, out...)
	}
	return out
}

// TestDeniedDoNotFillTheTrail asks on and on, by virtual time: the first refusal is told at once, those after it together, ever
// more seldom, and nothing is lost or kept in memory when it is over.
func TestDeniedDoNotFillTheTrail(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := storetest.Open(t)
		a := New(Options{Store: s, Log: zerolog.Nop()})
		kim := Caller{Name: "kim", Role: store.RoleStaff, From: "10.0.0.5"}
		for range 500 {
			a.Denied(kim, Manage, "POST /v1/users")
		}
		a.Denied(kim, Approve, "POST /v1/waves/{id}/approve")
		want := []string{"kim|manage|POST /v1/users, 10.0.0.5", "kim|approve|POST /v1/waves/{id}/approve, 10.0.0.5"}
		if d := cmp.Diff(want, refusals(t, s)); d != "" {
			t.Error("each right's first is told at once, and no other:", d)
		}
		time.Sleep(deniedFirst + time.Second)
		want = append(want, "kim|manage|499×, last POST /v1/users, 10.0.0.5")
		if d := cmp.Diff(want, refusals(t, s)); d != "" {
			t.Error("those of the minute are told together:", d)
		}
		a.TellDenied()
		if d := cmp.Diff(want, refusals(t, s)); d != "" {
			t.Error("what is told is told again:", d)
		}

		before := len(want)
		for range 24 * 60 * 60 {
			a.Denied(kim, Manage, "POST /v1/users")
			time.Sleep(time.Second)
		}
		a.TellDenied()
		got := refusals(t, s)[before:]
		total := 0
		for _, line := range got {
			n := 1
			_, _ = fmt.Sscanf(line, "kim|manage|%d×", &n)
			total += n
		}
		if len(got) > 35 || total != 24*60*60 {
			t.Errorf("a day of asking each second is %d lines that tell of %d", len(got), total)
		}

		a.Denied(kim, Manage, "POST /v1/users")
		time.Sleep(2 * deniedFirst)
		a.denials.mu.Lock()
		n := len(a.denials.kept)
		a.denials.mu.Unlock()
		if n != 0 {
			t.Errorf("%d are kept when it is over", n)
		}
		a.Denied(kim, Manage, "POST /v1/users")
		if again := refusals(t, s); len(again) != before+len(got)+2 {
			t.Error("after a quiet time the first is not told at once")
		}
		a.TellDenied()
	})
}
