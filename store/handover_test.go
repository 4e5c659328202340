package store_test

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"chunfeng/store"
	"chunfeng/store/storetest"
	"chunfeng/templates/words"
)

// session gives an account a session that is in these groups.
func session(t testing.TB, s *store.Store, account string, groups ...uint32) {
	t.Helper()
	if _, err := s.StartSession(account, "e-"+account, 1, account); err != nil {
		t.Fatal(err)
	}
	var list []store.Binding
	for _, g := range groups {
		list = append(list, store.Binding{Group: g, UserName: fmt.Sprintf("@@%s-%d", account, g), State: store.Bound, Evidence: "name"})
	}
	if err := s.Bind(account, "e-"+account, list...); err != nil {
		t.Fatal(err)
	}
}

// home has the registry give groups to accounts.
func home(t testing.TB, s *store.Store, groups map[uint32]string) {
	t.Helper()
	var list []store.Group
	for n, a := range groups {
		g, err := s.GroupNumber(n)
		if err != nil {
			t.Fatal(err)
		}
		g.Account = a
		list = append(list, g)
	}
	if _, err := s.PutGroups(list, "t"); err != nil {
		t.Fatal(err)
	}
}

func all(t testing.TB, s *store.Store, w store.Wave) []store.Delivery {
	t.Helper()
	p, err := s.Deliveries(w.Number, store.Filter{Start: true, Limit: 10_000})
	if err != nil {
		t.Fatal(err)
	}
	return p.Deliveries
}

func TestHandOver(t *testing.T) {
	s := storetest.Open(t)
	w := openRunning(t, s, 2, 8) // groups 1-4 wait with a01, 5-8 with a02
	if _, err := s.AddAccount("a03", "", "t"); err != nil {
		t.Fatal(err)
	}
	home(t, s, map[uint32]string{1: "a01", 2: "a01", 3: "a01", 7: "a01", 8: "a01", 4: "a02"})
	session(t, s, "a03", 1, 2, 4, 7)
	take := func() store.Delivery {
		d, found, _, err := s.Next("a01", true, time.Now())
		if err != nil || !found {
			t.Fatal(found, err)
		}
		d, _, err = s.Claim(d, 0, nil)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	flying := take() // group 1
	later := time.Now().Add(time.Hour).Truncate(time.Microsecond)
	if err := s.Defer(w.Number, 3, "", later, store.ReasonDailyLimit); err != nil { // group 4
		t.Fatal(err)
	}
	if err := s.AddAnswer(store.Answer{Group: 2, Account: "a01", Content: store.Content{Kind: store.Text, Body: []byte("y")}}, 0); err != nil {
		t.Fatal(err)
	}
	p, err := s.PlanHandOver("a01", "a03")
	if err != nil {
		t.Fatal(err)
	}
	// In question: homes 1 2 3 7 8, and 4, which another account has and a01 serves.
	if p.Groups != 4 || p.Deliveries != 3 || p.Sending != 1 || p.Missing != 2 || len(p.NotIn) != 2 || p.NotIn[0].Number != 3 || p.NotIn[1].Number != 8 || p.To.Name != "a03" {
		t.Errorf("planned %+v", p)
	}
	groups, deliveries, err := s.HandOver("a01", "a03", "li")
	if err != nil || groups != p.Groups || deliveries != p.Deliveries {
		t.Fatalf("%d groups, %d deliveries, %v; planned %d and %d", groups, deliveries, err, p.Groups, p.Deliveries)
	}
	var got []string
	for _, d := range append(all(t, s, w), all(t, s, store.Wave{})...) {
		got = append(got, fmt.Sprintf("%d.%d g%d %s %s %s", d.Wave, d.Seq, d.Group, d.Account, d.State, d.Reason))
	}
	want := []string{
		"1.0 g1 a01 sending ", "1.1 g2 a03 planned handed_over", "1.2 g3 a01 planned ", "1.3 g4 a03 planned daily_limit",
		"1.4 g5 a02 planned ", "1.5 g6 a02 planned ", "1.6 g7 a02 planned ", "1.7 g8 a02 planned ", "0.1 g2 a03 planned handed_over",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	var homes []string
	for n := range uint32(8) {
		g, err := s.GroupNumber(n + 1)
		if err != nil {
			t.Fatal(err)
		}
		homes = append(homes, g.Account)
	}
	if want := []string{"a03", "a03", "a01", "a02", "", "", "a03", "a01"}; !slices.Equal(homes, want) {
		t.Errorf("the registry gives them to %q, want %q", homes, want)
	}
	if d := all(t, s, w)[3]; !d.After.Equal(later) {
		t.Errorf("what waits for tomorrow now waits until %v", d.After)
	}
	if d, found, _, err := s.Next("a03", true, time.Now()); err != nil || !found || d.Wave != store.Answers {
		t.Errorf("the new account is not offered the answer first: %v %v %v", d.ID(), found, err)
	}
	// What was on the wire ends as it ends, with the account that sent it.
	if d, err := s.Settle(w.Number, flying.Seq, flying.Attempts[0].ClientID, store.Settlement{Outcome: store.NotSent}); err != nil || d.Account != "a01" {
		t.Error(d.Account, err)
	}
	if p, err := s.Events(store.EventFilter{What: "account.hand_over"}); err != nil || len(p.Events) != 1 || p.Events[0].Who != "li" || p.Events[0].Detail != "a03: 4 groups, 3 deliveries" {
		t.Errorf("%+v, %v", p, err)
	}
	// It comes back to the queue of the old one; a second hand-over takes it along.
	if groups, deliveries, err := s.HandOver("a01", "a03", "li"); err != nil || groups != 1 || deliveries != 1 {
		t.Error(groups, deliveries, err)
	}
}

// TestHandedOverIsRecalledOnce: an account that had no share of the wave sends what it was given, and what can be recalled
// of it is listed once.
func TestHandedOverIsRecalledOnce(t *testing.T) {
	s := storetest.Open(t)
	w := openRunning(t, s, 1, 3)
	if _, err := s.AddAccount("a02", "", "t"); err != nil {
		t.Fatal(err)
	}
	session(t, s, "a02", 1, 2, 3)
	if _, _, err := s.HandOver("a01", "a02", "li"); err != nil {
		t.Fatal(err)
	}
	begun := time.Now().Add(-time.Minute)
	for range 3 {
		d, found, _, err := s.Next("a02", true, time.Now())
		if err != nil || !found {
			t.Fatal(found, err)
		}
		_, a, err := s.Claim(d, 0, nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Settle(d.Wave, d.Seq, a.ClientID, store.Settlement{Outcome: store.Taken, ServerID: "9"}); err != nil {
			t.Fatal(err)
		}
	}
	if _, _, err := s.ConfirmDue(store.Due{Before: time.Now().Add(time.Minute)}); err != nil {
		t.Fatal(err)
	}
	if sent, err := s.SentSince(w.Number, begun); err != nil || len(sent) != 3 {
		t.Errorf("%d deliveries to recall, want 3: %v", len(sent), err)
	}
}

func TestHandOverRefuses(t *testing.T) {
	s := storetest.Open(t)
	openRunning(t, s, 2, 4)
	for _, a := range []string{"a03", "a04"} {
		if _, err := s.AddAccount(a, "", "t"); err != nil {
			t.Fatal(err)
		}
	}
	session(t, s, "a02", 3)
	session(t, s, "a04", 1, 2)
	if _, err := s.ChangeAccount("a04", "t", "account.remove", func(a *store.Account) error { a.Removed = true; return nil }); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, from, to, key string }{
		{"nobody added the first", "x", "a02", "store.no_account"},
		{"nobody added the second", "a01", "x", "store.no_account"},
		{"the second was removed, though it was in all of them", "a01", "a04", "store.no_account"},
		{"to itself", "a01", "a01", "handover.same"},
		{"the second is in other groups", "a01", "a02", "handover.not_in"},
		{"the first has nothing", "a03", "a02", "handover.nothing"},
	} {
		if _, _, err := s.HandOver(c.from, c.to, "li"); !errors.Is(err, words.Refuse(c.key)) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	// The names of an old session mean nothing.
	session(t, s, "a02", 1, 2)
	if _, err := s.StartSession("a02", "another", 1, "n"); err != nil {
		t.Fatal(err)
	}
	if _, _, err := s.HandOver("a01", "a02", "li"); !errors.Is(err, words.Refuse("handover.not_in")) {
		t.Error(err)
	}
}

// TestHandOverRacesWithLanes hands over and back while both lanes send: every delivery is sent by one attempt, and the
// lanes' counts are true (the ledger's check at the end).
func TestHandOverRacesWithLanes(t *testing.T) {
	s := storetest.Open(t)
	const rows = 300
	w := openRunning(t, s, 2, rows)
	var groups []uint32
	for g := range uint32(rows) {
		groups = append(groups, g+1)
	}
	session(t, s, "a01", groups...)
	session(t, s, "a02", groups...)
	var lanes sync.WaitGroup
	for _, account := range []string{"a01", "a02"} {
		lanes.Go(func() {
			for {
				if v, err := s.WaveNumber(w.Number); err != nil || v.Counts[store.Planned] == 0 {
					return
				}
				d, found, _, err := s.Next(account, true, time.Now())
				if err != nil {
					t.Error(err)
					return
				}
				if !found {
					continue
				}
				d, a, err := s.Claim(d, 0, nil)
				if errors.Is(err, words.Refuse("store.not_planned")) {
					continue // it was handed over between the look and the claim
				}
				if err == nil {
					_, err = s.Settle(d.Wave, d.Seq, a.ClientID, store.Settlement{Outcome: store.Taken, ServerID: "9"})
				}
				if err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	moved := 0
	for from, to := "a01", "a02"; ; from, to = to, from {
		_, n, err := s.HandOver(from, to, "li")
		if errors.Is(err, words.Refuse("handover.nothing")) {
			if v, err := s.WaveNumber(w.Number); err != nil || v.Counts[store.Planned] == 0 {
				break
			}
		} else if err != nil {
			t.Error(err)
			break
		}
		moved += n
	}
	lanes.Wait()
	if moved == 0 {
		t.Error("nothing was moved: this test shows nothing")
	}
	for _, d := range all(t, s, w) {
		if d.State != store.Accepted || len(d.Attempts) != 1 || d.Attempts[0].Account != d.Account {
			t.Errorf("%d is %s of %s after %d attempts", d.Seq, d.State, d.Account, len(d.Attempts))
		}
	}
}

// TestHandOverAgainstModel holds hand-overs between random verbs against what they should have done.
func TestHandOverAgainstModel(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		dir := t.TempDir()
		s, err := store.Open(store.Options{Dir: dir, MapSize: 1 << 24})
		if err != nil {
			rt.Fatal(err)
		}
		defer func() { storetest.Check(t, s); s.Close() }()
		const rows = 10
		w := openRunning(t, s, 3, rows)
		in := map[string]map[uint32]bool{"a01": {}, "a02": {}, "a03": {}}
		accounts := rapid.SampledFrom([]string{"a01", "a02", "a03"})
		rt.Repeat(map[string]func(*rapid.T){
			"log in": func(rt *rapid.T) {
				a := accounts.Draw(rt, "account")
				groups := rapid.SliceOfDistinct(rapid.Uint32Range(1, rows), rapid.ID[uint32]).Draw(rt, "groups")
				if _, err := s.StartSession(a, fmt.Sprint(time.Now().UnixNano()), 1, "n"); err != nil {
					rt.Fatal(err)
				}
				session(t, s, a, groups...)
				clear(in[a])
				for _, g := range groups {
					in[a][g] = true
				}
			},
			"home": func(rt *rapid.T) {
				home(t, s, map[uint32]string{rapid.Uint32Range(1, rows).Draw(rt, "group"): rapid.SampledFrom([]string{"", "a01", "a02", "a03"}).Draw(rt, "account")})
			},
			"claim": func(rt *rapid.T) {
				d, found, _, err := s.Next(accounts.Draw(rt, "account"), true, time.Now())
				if err != nil || !found {
					return
				}
				if _, a, err := s.Claim(d, 0, nil); err != nil {
					rt.Fatal(err)
				} else if o := rapid.SampledFrom([]store.Outcome{store.InFlight, store.Taken, store.NotSent}).Draw(rt, "outcome"); o != store.InFlight {
					if _, err := s.Settle(d.Wave, d.Seq, a.ClientID, store.Settlement{Outcome: o, ServerID: "9"}); err != nil {
						rt.Fatal(err)
					}
				}
			},
			"pause": func(rt *rapid.T) {
				_, _ = s.MoveWave(w.ID, rapid.SampledFrom([]store.WaveState{store.WavePaused, store.WaveRunning}).Draw(rt, "to"), "", "li")
			},
			"hand over": func(rt *rapid.T) {
				from, to := accounts.Draw(rt, "from"), accounts.Draw(rt, "to")
				if from == to {
					return
				}
				wantRows, wantGroups := all(t, s, w), map[uint32]bool{}
				var homes []store.Group
				if err := s.EachGroup(func(g store.Group) bool { homes = append(homes, g); return true }); err != nil {
					rt.Fatal(err)
				}
				for i := range homes {
					if homes[i].Account == from {
						if in[to][homes[i].Number] {
							homes[i].Account = to
							wantGroups[homes[i].Number] = true
						}
					}
				}
				n := 0
				for i := range wantRows {
					if d := &wantRows[i]; d.State == store.Planned && d.Account == from {
						if in[to][d.Group] {
							d.Account = to
							wantGroups[d.Group] = true
							n++
						}
					}
				}
				groups, deliveries, err := s.HandOver(from, to, "li")
				if (err == nil) != (len(wantGroups) > 0) || err == nil && (groups != len(wantGroups) || deliveries != n) {
					rt.Fatalf("%s to %s: %d groups of %d, %d deliveries of %d, %v", from, to, groups, len(wantGroups), deliveries, n, err)
				}
				for i, d := range all(t, s, w) {
					if d.Account != wantRows[i].Account || d.State != wantRows[i].State {
						rt.Fatalf("%d is %s of %s, want %s of %s", d.Seq, d.State, d.Account, wantRows[i].State, wantRows[i].Account)
					}
				}
				for _, want := range homes {
					if g, err := s.GroupNumber(want.Number); err != nil || g.Account != want.Account {
						rt.Fatalf("group %d is given to %q, want %q", g.Number, g.Account, want.Account)
					}
				}
			},
			"": func(rt *rapid.T) {
				// Nothing that waits is lost on the way: some lane is offered it.
				v, err := s.WaveNumber(w.Number)
				if err != nil || v.State != store.WaveRunning || v.Counts[store.Planned] == 0 {
					return
				}
				for _, a := range []string{"a01", "a02", "a03"} {
					if _, found, _, err := s.Next(a, true, time.Now().Add(time.Hour)); err != nil || found {
						return
					}
				}
				rt.Fatalf("%d deliveries are planned and nobody is offered one", v.Counts[store.Planned])
			},
		})
	})
}

// TestHandedOverWaitsBehindTheCanary: a hand-over must not let anybody out before the canary was watched.
func TestHandedOverWaitsBehindTheCanary(t *testing.T) {
	s := storetest.Open(t)
	openRunning(t, s, 2, 4)
	w := approved(t, s, store.Wave{Schedule: "S1", At: time.Now().Add(time.Hour), Hash: "h", Plan: store.Plan{Canary: 1}})
	c := store.Content{Kind: store.Text, Body: []byte("x")}
	if _, err := s.OpenWave(store.Opening{Wave: w.ID, Hash: "h", Contents: []store.Content{c}, Rows: func(yield func(store.Row) bool) {
		for g := uint32(1); g <= 3 && yield(store.Row{Group: g, Account: "a01", Content: store.HashContent(c.Kind, c.Name, c.Body), Canary: g == 2}); g++ {
		}
	}}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.MoveWave("2026-001", store.WavePaused, "", "li"); err != nil {
		t.Fatal(err)
	}
	session(t, s, "a02", 1, 2, 3)
	if _, _, err := s.HandOver("a01", "a02", "li"); err != nil {
		t.Fatal(err)
	}
	offered := func() (out []uint32) {
		for {
			d, found, _, err := s.Next("a02", true, time.Now())
			if err != nil {
				t.Fatal(err)
			}
			if !found {
				return out
			}
			_, a, err := s.Claim(d, 0, nil)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := s.Settle(d.Wave, d.Seq, a.ClientID, store.Settlement{Outcome: store.Taken, ServerID: "9"}); err != nil {
				t.Fatal(err)
			}
			out = append(out, d.Group)
		}
	}
	if got := offered(); !slices.Equal(got, []uint32{2}) {
		t.Errorf("while the canary is watched %v went", got)
	}
	if _, err := s.PassCanary(w.ID); err != nil {
		t.Fatal(err)
	}
	if got := offered(); !slices.Equal(got, []uint32{1, 3}) {
		t.Errorf("afterwards %v went", got)
	}
}
