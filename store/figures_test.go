package store_test

import (
	"context"
	"testing"
	"time"

	"chunfeng/store"
	"chunfeng/store/storetest"
)

// TestFigures holds what a store counts against what was done.
func TestFigures(t *testing.T) {
	s := storetest.Open(t)
	w := openRunning(t, s, 2, 10)
	before := s.Figures()
	settle := func(account string, o store.Outcome, why store.Reason) {
		t.Helper()
		d, found, _, err := s.Next(account, true, time.Now())
		if err != nil || !found {
			t.Fatalf("found=%v %v", found, err)
		}
		d, a, err := s.Claim(d, 0, nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Settle(d.Wave, d.Seq, a.ClientID, store.Settlement{Outcome: o, Reason: why, ServerID: "1"}); err != nil {
			t.Fatal(err)
		}
	}
	settle("a01", store.Taken, "")
	settle("a01", store.NotKnown, store.ReasonNotAnswered)
	settle("a02", store.Refused, "malformed")
	f := s.Figures()
	if n := f.Commits.Count - before.Commits.Count; n != 6 {
		t.Errorf("%d commits were counted, not 6", n)
	}
	if f.Commits.Under[27] != f.Commits.Count || f.Verbs.Sum < f.Verbs.Count || f.Commits.Sum == 0 {
		t.Errorf("the spreads do not add up: %v %v", f.Commits, f.Verbs)
	}
	for k, want := range map[store.Moved]uint64{
		{To: store.Sending}: 3, {To: store.Accepted}: 1, {To: store.Unknown, Reason: store.ReasonNotAnswered}: 1, {To: store.Failed, Reason: "malformed"}: 1,
	} {
		if f.Moved[k] != want {
			t.Errorf("%v was counted %d times, not %d", k, f.Moved[k], want)
		}
	}
	if f.Size == 0 {
		t.Error("the file has no size")
	}
	// A verb that is refused moves nothing.
	if _, err := s.Settle(w.Number, 0, 1, store.Settlement{Outcome: store.Taken}); err == nil {
		t.Error("settled what is not on the wire")
	}
	if n := s.Figures().Moved[store.Moved{To: store.Accepted}]; n != 1 {
		t.Errorf("a refused verb was counted: %d", n)
	}
}

// TestWaiting holds what waits, and since when.
func TestWaiting(t *testing.T) {
	s := storetest.Open(t)
	w := openRunning(t, s, 2, 10)
	got, err := s.Waiting(time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if got.Counts[store.Planned] != 10 || got.Active != 1 || got.Bulk.IsZero() || !got.Answer.IsZero() || !got.Unread.IsZero() || len(got.Unknown) != 0 {
		t.Errorf("a fresh wave: %+v", got)
	}
	d, _, _, err := s.Next("a01", true, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	d, a, err := s.Claim(d, 0, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Settle(d.Wave, d.Seq, a.ClientID, store.Settlement{Outcome: store.NotKnown, Reason: store.ReasonNotAnswered}); err != nil {
		t.Fatal(err)
	}
	for i := range 3 {
		later := time.Now().Add(time.Duration(i) * time.Hour)
		if err := s.AddAnswer(store.Answer{Group: 1, Account: "a02", Content: store.Content{Kind: store.Text, Body: []byte("thanks")}, After: later}, 0); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.StartSession("a01", "e1", 1, "n"); err != nil {
		t.Fatal(err)
	}
	begun := time.Now()
	if _, err := s.Receive("a01", "e1", []store.Inbound{{MsgID: "1", Raw: []byte("x")}, {MsgID: "2", Raw: []byte("y")}}, nil); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Register(1, store.Disposition{State: store.ReplyWaiting}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.MoveWave(w.ID, store.WavePaused, "", "t"); err != nil {
		t.Fatal(err)
	}
	if got, err = s.Waiting(time.Now()); err != nil {
		t.Fatal(err)
	}
	u := got.Unknown[w.ID]
	if u.Count != 1 || time.Since(u.Since) > time.Minute {
		t.Errorf("unknown: %+v", got.Unknown)
	}
	if got.Answer.IsZero() || time.Since(got.Answer) > time.Minute {
		t.Errorf("the oldest answer is due since %v", got.Answer)
	}
	if got.Unread.Before(begun.Add(-time.Second)) {
		t.Errorf("the oldest unread reply came at %v", got.Unread)
	}
	if got.Counts[store.Held] != 9 || got.Counts[store.Planned] != 3 || !got.Bulk.IsZero() {
		t.Errorf("under a paused wave: %+v", got)
	}
	if _, err := s.Register(2, store.Disposition{State: store.ReplyNoise}); err != nil {
		t.Fatal(err)
	}
	if got, err = s.Waiting(time.Now()); err != nil || !got.Unread.IsZero() {
		t.Errorf("all are read but %v %v", got.Unread, err)
	}
}

// TestPulse asks whether the writer turns, while it writes and when it has ended.
func TestPulse(t *testing.T) {
	s, err := store.Open(store.Options{Dir: t.TempDir(), MapSize: 1 << 24})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	commits := s.Figures().Commits.Count
	for range 3 {
		if err := s.Pulse(ctx); err != nil {
			t.Fatal(err)
		}
	}
	if n := s.Figures().Commits.Count; n != commits {
		t.Errorf("asking wrote %d commits", n-commits)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := s.Pulse(ctx); err == nil {
		t.Error("a closed store answers")
	}
}

// BenchmarkWaiting is what a look at the ledger costs that a scrape takes, with a million deliveries behind it.
func BenchmarkWaiting(b *testing.B) {
	s, err := store.Open(store.Options{Dir: b.TempDir()})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	openRunning(b, s, 12, 1_000_000)
	b.ResetTimer()
	for b.Loop() {
		if _, err := s.Waiting(time.Now()); err != nil {
			b.Fatal(err)
		}
	}
}
