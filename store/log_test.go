package store_test

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	bolt "go.etcd.io/bbolt"
	"pgregory.net/rapid"

	"chunfeng/store"
	"chunfeng/store/storetest"
	"chunfeng/templates/words"
)

// season is a small ledger on which random verbs are done.
type season struct {
	t        *rapid.T
	dir      string
	s        *store.Store
	waves    []string
	counties map[uint32]string
	budget   int
}

const seasonGroups = 10

func (w *season) must(err error) {
	if err != nil {
		w.t.Fatal(err)
	}
}

// try does a verb that may be refused.
func (w *season) try(err error) {
	var r *words.Refusal
	if err != nil && !errors.As(err, &r) {
		w.t.Fatal(err)
	}
}

func (w *season) open() {
	s, err := store.Open(store.Options{Dir: w.dir, MapSize: 1 << 24})
	w.must(err)
	w.s = s
	s.ShrinkLog(4, w.budget)
}

func (w *season) account() string {
	return rapid.SampledFrom([]string{"a01", "a02", "a03"}).Draw(w.t, "account")
}

func (w *season) county() string {
	return rapid.SampledFrom([]string{"yanji", "antu", "", "tumen"}).Draw(w.t, "county")
}

func (w *season) group() uint32 {
	return uint32(rapid.IntRange(1, seasonGroups).Draw(w.t, "group"))
}

// wave opens a wave whose rows go to random groups and accounts, some of them skipped.
func (w *season) wave() {
	v, _, err := w.s.AddWave(store.Wave{Schedule: "S1", At: time.Now().Add(time.Duration(len(w.waves)) * time.Hour), Hash: "h"}, "kim")
	w.must(err)
	_, err = w.s.ApproveWave(v.ID, "h", "li", true)
	w.must(err)
	c := store.Content{Kind: store.Text, Body: []byte("x")}
	var rows []store.Row
	for _, a := range []string{"", "a01", "a02"} {
		for range rapid.IntRange(0, 7).Draw(w.t, "rows") {
			r := store.Row{Group: w.group(), Account: a, Content: store.HashContent(c.Kind, c.Name, c.Body)}
			if a == "" || rapid.Bool().Draw(w.t, "skip") {
				r.Content, r.Skip = "", rapid.SampledFrom([]store.Reason{store.ReasonOptedOut, store.ReasonNothing}).Draw(w.t, "why")
			}
			rows = append(rows, r)
		}
	}
	hold := time.Time{}
	if rapid.Bool().Draw(w.t, "hold") {
		hold = time.Now().Add(time.Hour)
	}
	_, err = w.s.OpenWave(store.Opening{Wave: v.ID, Hash: "h", HoldUntil: hold, Contents: []store.Content{c}, Rows: slices.Values(rows)})
	w.must(err)
	w.waves = append(w.waves, v.ID)
}

func (w *season) any() (d store.Delivery, ok bool) {
	all := w.naive(store.LogFilter{Answers: true})
	if len(all) == 0 {
		return d, false
	}
	return all[rapid.IntRange(0, len(all)-1).Draw(w.t, "delivery")].Delivery, true
}

// naive is the log by reading everything and looking at each row.
func (w *season) naive(f store.LogFilter) (out []store.LogRow) {
	waves, err := w.s.Waves(false)
	w.must(err)
	answers, err := w.s.Wave(store.AnswersID)
	w.must(err)
	for _, v := range append(waves, answers) {
		if f.Wave != "" && f.Wave != v.ID || v.ID == store.AnswersID && f.Wave == "" && !f.Answers {
			continue
		}
		p, err := w.s.Deliveries(v.Number, store.Filter{Start: true, Limit: 1000})
		w.must(err)
		for _, d := range p.Deliveries {
			r := store.LogRow{ID: store.DeliveryID(v.ID, d.Seq), Wave: v.ID, State: d.State, Delivery: d}
			r.Group, err = w.s.GroupNumber(d.Group)
			w.must(err)
			if v.Held() && d.State == store.Planned {
				r.State = store.Held
			}
			if (f.State == nil || *f.State == r.State) && (f.Account == "" || f.Account == d.Account) && (f.Reason == "" || f.Reason == d.Reason) &&
				(f.Group == 0 || f.Group == d.Group) && (f.Counties == nil || slices.Contains(f.Counties, r.Group.County)) &&
				(f.From.IsZero() || !d.Updated.Before(f.From)) && (f.To.IsZero() || d.Updated.Before(f.To)) {
				out = append(out, r)
			}
		}
	}
	return out
}

func (w *season) filter() (f store.LogFilter) {
	draw := func(what string) bool { return rapid.IntRange(0, 3).Draw(w.t, "by "+what) == 0 }
	if draw("wave") && len(w.waves) > 0 {
		f.Wave = rapid.SampledFrom(append(w.waves, store.AnswersID)).Draw(w.t, "wave")
	}
	f.Answers = rapid.Bool().Draw(w.t, "answers")
	if draw("county") {
		f.Counties = rapid.SliceOfN(rapid.SampledFrom([]string{"yanji", "antu", "", "tumen", "helong"}), 0, 3).Draw(w.t, "counties")
	}
	if draw("group") {
		f.Group = w.group()
	}
	if draw("account") {
		f.Account = w.account()
	}
	if rapid.Bool().Draw(w.t, "by state") {
		s := rapid.SampledFrom(store.States()).Draw(w.t, "state")
		f.State = &s
	}
	if draw("reason") {
		f.Reason = rapid.SampledFrom([]store.Reason{store.ReasonOptedOut, store.ReasonNothing, store.ReasonResolved, "no_such"}).Draw(w.t, "reason")
	}
	if d, ok := w.any(); ok && draw("from") {
		f.From = d.Updated
	}
	if d, ok := w.any(); ok && draw("to") {
		f.To = d.Updated
	}
	f.Limit = rapid.IntRange(1, 4).Draw(w.t, "limit")
	return f
}

// pages reads the log to its end, page by page.
func (w *season) pages(f store.LogFilter) (out []store.LogRow) {
	for n := 0; ; n++ {
		p, err := w.s.Log(f)
		w.must(err)
		if len(p.Rows) > f.Limit || p.Cut && p.Next == "" || p.Next != "" && !p.Cut && len(p.Rows) < f.Limit {
			w.t.Fatalf("a page of %d with %d rows, cut %v, next %q", f.Limit, len(p.Rows), p.Cut, p.Next)
		}
		if out = append(out, p.Rows...); p.Next == "" {
			return out
		}
		if f.Cursor = p.Next; n > 2000 {
			w.t.Fatal("it does not end")
		}
	}
}

func ids(rows []store.LogRow) (out []string) {
	for _, r := range rows {
		out = append(out, fmt.Sprintf("%s %s %s %s", r.ID, r.State, r.Delivery.Account, r.Group.Code))
	}
	return out
}

// TestLogAgainstNaive asks the log anything between random verbs, and reads everything to see what it should have said.
func TestLogAgainstNaive(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		w := &season{t: rt, dir: t.TempDir(), counties: map[uint32]string{}, budget: rapid.SampledFrom([]int{1, 15, 1000}).Draw(rt, "budget")}
		w.open()
		defer func() { storetest.Check(t, w.s); w.s.Close() }()
		for _, a := range []string{"a01", "a02", "a03"} {
			_, err := w.s.AddAccount(a, "", "t")
			w.must(err)
		}
		put := func(n uint32) {
			_, err := w.s.PutGroups([]store.Group{{Code: fmt.Sprintf("G%d", n), Name: "g", Language: "zh", County: w.county()}}, "t")
			w.must(err)
		}
		for n := range uint32(seasonGroups) {
			put(n + 1)
		}
		one := func(do func(d store.Delivery) error) func(*rapid.T) {
			return func(*rapid.T) {
				if d, ok := w.any(); ok {
					w.try(do(d))
				}
			}
		}
		rt.Repeat(map[string]func(*rapid.T){
			"open a wave": func(*rapid.T) {
				if len(w.waves) < 4 {
					w.wave()
				}
			},
			"send": func(rt *rapid.T) {
				d, found, _, err := w.s.Next(w.account(), true, time.Now().Add(time.Hour))
				w.must(err)
				if !found {
					return
				}
				_, a, err := w.s.Claim(d, 0, nil)
				w.must(err)
				if o := rapid.SampledFrom([]store.Outcome{store.InFlight, store.Taken, store.NotSent, store.Refused, store.NotKnown}).Draw(rt, "outcome"); o != store.InFlight {
					_, err = w.s.Settle(d.Wave, d.Seq, a.ClientID, store.Settlement{Outcome: o, ServerID: "9"})
					w.must(err)
				}
			},
			"skip": one(func(d store.Delivery) error { return w.s.Skip(d.Wave, d.Seq, store.ReasonNothing) }),
			"defer": one(func(d store.Delivery) error {
				return w.s.Defer(d.Wave, d.Seq, w.account(), time.Now(), store.ReasonNotBound)
			}),
			"echo":   one(func(d store.Delivery) error { return w.s.Confirm(d.Wave, d.Seq, "8", store.ReasonEcho) }),
			"recall": one(func(d store.Delivery) error { _, err := w.s.MarkRecalled(d.Wave, d.Seq, "li"); return err }),
			"resolve": one(func(d store.Delivery) error {
				_, err := w.s.Resolve(d.Wave, d.Seq, rapid.SampledFrom([]store.State{store.Sent, store.Failed, store.Planned}).Draw(w.t, "as"), "seen", "li")
				return err
			}),
			"move": func(rt *rapid.T) {
				if len(w.waves) == 0 {
					return
				}
				id, to := rapid.SampledFrom(w.waves).Draw(rt, "wave"), rapid.SampledFrom([]store.WaveState{store.WavePaused, store.WaveRunning, store.WaveCancelled}).Draw(rt, "to")
				err := error(nil)
				if to == store.WaveCancelled && rapid.IntRange(0, 9).Draw(rt, "really") == 0 {
					_, err = w.s.CancelWave(id, "", "li")
				} else {
					_, err = w.s.MoveWave(id, to, "", "li")
				}
				w.try(err)
			},
			"answer": func(*rapid.T) {
				w.must(w.s.AddAnswer(store.Answer{Group: w.group(), Account: w.account(), Content: store.Content{Kind: store.Text, Body: []byte("y")}}, 0))
			},
			"another county": func(*rapid.T) { put(w.group()) },
			"start again": func(*rapid.T) {
				w.must(w.s.Close())
				w.open()
			},
			"": func(rt *rapid.T) {
				f := w.filter()
				got, want := ids(w.pages(f)), ids(w.naive(f))
				if !slices.Equal(got, want) {
					rt.Fatalf("%+v\n got %q\nwant %q", f, got, want)
				}
			},
		})
	})
}

// TestCursorHoldsWhileTheLogChanges turns pages while deliveries change and a wave opens: nothing comes twice, and what
// matched all the time comes once.
func TestCursorHoldsWhileTheLogChanges(t *testing.T) {
	s := storetest.Open(t)
	w := openRunning(t, s, 2, 40)
	s.ShrinkLog(8, 5)
	settled := func(account string) {
		d, found, _, err := s.Next(account, true, time.Now())
		if err != nil || !found {
			t.Fatal(found, err)
		}
		_, a, err := s.Claim(d, 0, nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Settle(d.Wave, d.Seq, a.ClientID, store.Settlement{Outcome: store.Refused}); err != nil {
			t.Fatal(err)
		}
	}
	planned := store.Planned
	for name, f := range map[string]store.LogFilter{"all": {Limit: 3}, "planned": {Limit: 3, State: &planned}} {
		seen := map[string]int{}
		for turned := 0; ; turned++ {
			p, err := s.Log(f)
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range p.Rows {
				seen[r.ID]++
			}
			if f.Cursor = p.Next; p.Next == "" {
				break
			}
			if turned == 2 {
				if _, _, err := s.AddWave(store.Wave{Schedule: "S2", At: time.Now(), Hash: "h"}, "kim"); err != nil {
					t.Fatal(err)
				}
			}
			if turned < 4 {
				settled("a02")
			}
		}
		rows, err := s.Deliveries(w.Number, store.Filter{Start: true, Limit: 100})
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range rows.Deliveries {
			want := 1
			if name == "planned" && d.State != store.Planned {
				want = seen[store.DeliveryID(w.ID, d.Seq)] & 1 // it matched only at first
			}
			if got := seen[store.DeliveryID(w.ID, d.Seq)]; got != want {
				t.Errorf("%s: %d (%s) came %d times", name, d.Seq, d.State, got)
			}
		}
	}
}

// TestLogWhileLanesWrite turns pages, so that stretches are summarised, while lanes change them. When all is quiet the
// summaries must not hide anything: a summary made of what was no more would.
func TestLogWhileLanesWrite(t *testing.T) {
	s := storetest.Open(t)
	const accounts, rows = 4, 2000
	w := openRunning(t, s, accounts, rows)
	s.ShrinkLog(1, 1<<30) // each row by itself: a change that a summary missed is not made good by the next row's
	var lanes, readers sync.WaitGroup
	over := make(chan struct{})
	// Nothing has this reason, and a summary cannot tell it from one that is being written: what is about to be committed
	// is read as it was before.
	none := store.Alike("why1", "none_")
	outcomes := []store.Outcome{store.Taken, store.Taken, store.Refused, store.NotKnown}
	for i := range accounts {
		lanes.Go(func() {
			for n := 0; ; n++ {
				d, found, _, err := s.Next(fmt.Sprintf("a%02d", i+1), true, time.Now())
				if err != nil || !found {
					return
				}
				_, a, err := s.Claim(d, 0, nil)
				if err == nil {
					_, err = s.Settle(d.Wave, d.Seq, a.ClientID, store.Settlement{Outcome: outcomes[n%4], Reason: store.Reason(fmt.Sprint("why", n%4)), ServerID: "9"})
				}
				if err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	for range 2 {
		readers.Go(func() {
			for {
				select {
				case <-over:
					return
				default:
					if _, err := s.Log(store.LogFilter{Reason: store.Reason(none)}); err != nil {
						t.Error(err)
						return
					}
				}
			}
		})
	}
	lanes.Wait()
	close(over)
	readers.Wait()
	for n, o := range []store.State{store.Accepted, store.Accepted, store.Failed, store.Unknown} {
		for _, f := range []store.LogFilter{{Reason: store.Reason(fmt.Sprint("why", n))}, {Reason: store.Reason(fmt.Sprint("why", n)), State: &o}} {
			f.Limit = 1000
			p, err := s.Log(f)
			if err != nil || len(p.Rows) != rows/4 {
				t.Errorf("%+v: %d rows of %d, %v", f, len(p.Rows), rows/4, err)
			}
		}
	}
	if p, err := s.Log(store.LogFilter{Wave: w.ID, Reason: "no_such"}); err != nil || len(p.Rows) != 0 {
		t.Error(len(p.Rows), err)
	}
}

// TestCursorIsAPlace uses a cursor with another filter than the one that it came from, as an edited address does.
func TestCursorIsAPlace(t *testing.T) {
	s := storetest.Open(t)
	var waves []store.Wave
	for n := range 3 {
		if n == 0 {
			waves = append(waves, openRunning(t, s, 1, 6))
			continue
		}
		w := approved(t, s, store.Wave{Schedule: "S1", At: time.Now().Add(time.Duration(n) * time.Hour), Hash: "h"})
		w, err := s.OpenWave(store.Opening{Wave: w.ID, Hash: "h", Rows: func(yield func(store.Row) bool) {
			for g := uint32(1); g <= 6 && yield(store.Row{Group: g, Account: "a01", Skip: store.ReasonNothing}); g++ {
			}
		}})
		if err != nil {
			t.Fatal(err)
		}
		waves = append(waves, w)
	}
	p, err := s.Log(store.LogFilter{Wave: waves[1].ID, Limit: 4})
	if err != nil || p.Next == "" {
		t.Fatal(p.Next, err)
	}
	for _, c := range []struct {
		wave string
		want int
		why  string
	}{
		{waves[0].ID, 6, "an older wave lies behind the place: from its beginning"},
		{waves[1].ID, 2, "the wave of the place: what is left of it"},
		{waves[2].ID, 0, "a newer wave lies before the place"},
		{"", 8, "all waves: what is left, and the older one"},
	} {
		if p, err := s.Log(store.LogFilter{Wave: c.wave, Cursor: p.Next}); err != nil || len(p.Rows) != c.want || p.Next != "" {
			t.Errorf("%s: %d rows, want %d; %q, %v", c.why, len(p.Rows), c.want, p.Next, err)
		}
	}
}

func TestLogRefuses(t *testing.T) {
	s := storetest.Open(t)
	openRunning(t, s, 1, 3)
	for name, c := range map[string]struct {
		f   store.LogFilter
		key string
	}{
		"a wave that is not there":     {store.LogFilter{Wave: "2026-999"}, "store.no_wave"},
		"an account nobody added":      {store.LogFilter{Account: "x"}, "store.no_account"},
		"a cursor that is none":        {store.LogFilter{Cursor: "%%%"}, "log.bad_cursor"},
		"a cursor that was cut short":  {store.LogFilter{Cursor: "AAAAAQ"}, "log.bad_cursor"},
		"a cursor of another spelling": {store.LogFilter{Cursor: "AAAAAQAAAAB"}, "log.bad_cursor"},
	} {
		if _, err := s.Log(c.f); !errors.Is(err, words.Refuse(c.key)) {
			t.Errorf("%s: %v", name, err)
		}
	}
	// A clerk who may see no county sees nothing, not everything.
	if p, err := s.Log(store.LogFilter{Counties: []string{}}); err != nil || len(p.Rows) != 0 {
		t.Errorf("no county at all chose %d rows, %v", len(p.Rows), err)
	}
}

// spoil changes a value in a closed ledger's file.
func spoil(t *testing.T, dir, bucket string, key []byte, change func([]byte) []byte) {
	t.Helper()
	db, err := bolt.Open(filepath.Join(dir, store.DatabaseFile), 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	err = db.Update(func(tx *bolt.Tx) error {
		b := tx.Bucket([]byte(bucket))
		return b.Put(key, change(slices.Clone(b.Get(key))))
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestDamagedRowIsNamedByTheLog(t *testing.T) {
	for name, change := range map[string]func([]byte) []byte{
		"a flipped bit in the middle": func(v []byte) []byte { v[len(v)/2] ^= 4; return v },
		"a length beyond the end":     func(v []byte) []byte { v[6] = 0xFF; return v },
		"cut short":                   func(v []byte) []byte { return v[:4] },
		"another version":             func(v []byte) []byte { v[0] = 9; return v },
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			s, err := store.Open(store.Options{Dir: dir})
			if err != nil {
				t.Fatal(err)
			}
			openRunning(t, s, 1, 20)
			s.Close()
			spoil(t, dir, "deliveries", []byte{0, 0, 0, 1, 0, 0, 0, 11}, change)
			if s, err = store.Open(store.Options{Dir: dir}); err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			p, err := s.Log(store.LogFilter{Limit: 5})
			if err != nil || len(p.Rows) != 5 {
				t.Fatalf("the page before: %d rows, %v", len(p.Rows), err)
			}
			_, err = s.Log(store.LogFilter{})
			if !errors.Is(err, store.ErrDamaged) || !strings.Contains(err.Error(), "deliveries 000000010000000b") {
				t.Errorf("%v", err)
			}
			// Nor may it hide behind a filter that it does not match, for who knows what it was.
			if _, err = s.Log(store.LogFilter{Reason: "no_such"}); !errors.Is(err, store.ErrDamaged) {
				t.Errorf("passed over: %v", err)
			}
		})
	}
}
