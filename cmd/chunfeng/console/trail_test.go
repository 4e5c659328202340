package console

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rs/zerolog"

	"chunfeng/store"
	"chunfeng/store/storetest"
)

// lines lists the lines of the audit trail about the door, the oldest first.
func lines(t *testing.T, s *store.Store) (out []string) {
	t.Helper()
	p, err := s.Events(store.EventFilter{What: "session.", Limit: 1000})
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range p.Events {
		out = append([]string{strings.Join([]string{e.Who, e.What, e.On, e.Detail}, "|")}, out...)
	}
	return out
}

func TestRefusedSignInsDoNotFillTheTrail(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := storetest.Open(t)
		trail := newTrail(s, zerolog.Nop())
		trail.refused("kim", "10.0.0.5")
		for i := range 500 {
			trail.refused([]string{"", "kim", "li"}[i%3], fmt.Sprintf("10.0.0.%d", i%7))
		}
		want := []string{"|session.refused|kim|1, 1 addresses, last 10.0.0.5"}
		if d := cmp.Diff(want, lines(t, s)); d != "" {
			t.Error("the first is told at once, and no other:", d)
		}
		time.Sleep(refusedEvery + time.Second)
		want = append(want, "|session.refused|kim li|500, 7 addresses, last 10.0.0.2")
		if d := cmp.Diff(want, lines(t, s)); d != "" {
			t.Error("those of the minute are told together:", d)
		}
		for i := range 20 {
			trail.refused(fmt.Sprintf("p%02d", i), "10.0.0.9")
		}
		trail.flush()
		want = append(want, "|session.refused|p00 p01 p02 p03 p04 …|20, 1 addresses, last 10.0.0.9")
		if d := cmp.Diff(want, lines(t, s)); d != "" {
			t.Error("nothing is lost at the end:", d)
		}
		time.Sleep(time.Hour)
		trail.flush()
		trail.refused("", "10.0.0.1")
		if got := lines(t, s); len(got) != 4 {
			t.Error("a quiet hour, and one more:", got)
		}
		trail.flush()
	})
}

func TestDoorIsInTheTrail(t *testing.T) {
	s := newSite(t)
	v := s.visit(t, "")
	v.send("POST", "/sign-in", url.Values{"name": {"a password typed here"}, "password": {"x"}})
	v = s.visit(t, "staff")
	v.send("POST", "/language", url.Values{"lang": {"ko"}})
	if p, err := s.store.Events(store.EventFilter{Limit: 1}); err != nil || p.Events[0].What != "session.begin" {
		t.Error("a language that was chosen is nobody's concern:", p, err)
	}
	v.send("POST", "/sign-out", url.Values{})
	v.send("POST", "/sign-out", url.Values{})
	want := []string{"|session.refused||1, 1 addresses, last 127.0.0.1", "staff|session.begin|staff|127.0.0.1", "staff|session.sign_out|staff|"}
	if d := cmp.Diff(want, lines(t, s.store)); d != "" {
		t.Error(d)
	}
}
