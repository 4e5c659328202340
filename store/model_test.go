package store_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"chunfeng/store"
	"chunfeng/store/storetest"
	"chunfeng/templates/words"
)

// TestAgainstModel does random verbs on the ledger and on a model of a few lines, and holds one against the other: what
// a verb may do, what state each delivery is in, what a lane is offered. Every now and then the ledger is closed and
// opened again, which is what a crash looks like to it.
func TestAgainstModel(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		dir := t.TempDir()
		s, err := store.Open(store.Options{Dir: dir, MapSize: 1 << 24})
		if err != nil {
			rt.Fatal(err)
		}
		defer func() { storetest.Check(t, s); s.Close() }()
		const rows = 12
		m := newModel(rows)
		w := openModelWave(rt, s, m)
		pick := func() uint32 { return uint32(rapid.IntRange(0, rows-1).Draw(rt, "seq")) }
		refused := func(err error, may bool, what string) bool {
			if (err == nil) != may {
				rt.Fatalf("%s: ledger says %v, the model says may=%v", what, err, may)
			}
			if err != nil {
				if r := (*words.Refusal)(nil); !errors.As(err, &r) {
					rt.Fatalf("%s: not a refusal: %v", what, err)
				}
			}
			return err != nil
		}
		rt.Repeat(map[string]func(*rapid.T){
			"claim": func(rt *rapid.T) {
				account := rapid.SampledFrom([]string{"a01", "a02"}).Draw(rt, "account")
				d, found, _, err := s.Next(account, true, time.Now().Add(time.Hour))
				if err != nil {
					rt.Fatal(err)
				}
				if want := m.offers(account); found != want {
					rt.Fatalf("%s is offered=%v, model=%v", account, found, want)
				}
				if !found {
					return
				}
				r := &m.rows[d.Seq]
				if r.state != store.Planned || r.account != account {
					rt.Fatalf("%s is offered %d, which is %s of %s", account, d.Seq, r.state, r.account)
				}
				_, a, err := s.Claim(d, 0, nil)
				if err != nil {
					rt.Fatal(err)
				}
				if m.keys[a.ClientID] {
					rt.Fatal("a key twice")
				}
				m.keys[a.ClientID], r.state, r.key = true, store.Sending, a.ClientID
			},
			"settle": func(rt *rapid.T) {
				r := &m.rows[pick()]
				o := rapid.SampledFrom([]store.Outcome{store.Taken, store.NotSent, store.Refused, store.NotKnown}).Draw(rt, "outcome")
				_, err := s.Settle(w.Number, r.seq, r.key, store.Settlement{Outcome: o, ServerID: "9", After: time.Now()})
				if !refused(err, r.state == store.Sending, "settle") {
					r.state = map[store.Outcome]store.State{store.Taken: store.Accepted, store.NotSent: store.Planned, store.Refused: store.Failed, store.NotKnown: store.Unknown}[o]
				}
			},
			"skip": func(rt *rapid.T) {
				r := &m.rows[pick()]
				if !refused(s.Skip(w.Number, r.seq, store.ReasonExpired), r.state == store.Planned, "skip") {
					r.state = store.Skipped
				}
			},
			"defer": func(rt *rapid.T) {
				r := &m.rows[pick()]
				to := rapid.SampledFrom([]string{"", "a01", "a02"}).Draw(rt, "to")
				if !refused(s.Defer(w.Number, r.seq, to, time.Now(), store.ReasonNotBound), r.state == store.Planned, "defer") && to != "" {
					r.account = to
				}
			},
			"confirm": func(rt *rapid.T) {
				r := &m.rows[pick()]
				if err := s.Confirm(w.Number, r.seq, "8", store.ReasonEcho); err != nil {
					rt.Fatal(err)
				}
				if r.state == store.Accepted || r.state == store.Unknown {
					r.state, r.proven = store.Sent, true
				}
			},
			"confirm due": func(rt *rapid.T) {
				if _, _, err := s.ConfirmDue(store.Due{Before: time.Now().Add(time.Hour)}); err != nil {
					rt.Fatal(err)
				}
				m.each(func(r *modelRow) {
					if r.state == store.Accepted {
						r.state, r.proven = store.Sent, false
					}
				})
			},
			"contradict": func(rt *rapid.T) {
				r := &m.rows[pick()]
				_, done, err := s.Contradict(w.Number, r.seq, store.ReasonTooOften)
				if err != nil || done != (r.state == store.Accepted || r.state == store.Sent && !r.proven) {
					rt.Fatal(done, err, r.state)
				}
				if done {
					r.state = store.Unknown
				}
			},
			"retract": func(rt *rapid.T) {
				r := &m.rows[pick()]
				after := time.Time{}
				if rapid.Bool().Draw(rt, "again") {
					after = time.Now()
				}
				done, err := s.Retract(w.Number, r.seq, store.ReasonTooOften, after)
				if err != nil || done != (r.state == store.Accepted) {
					rt.Fatal(done, err, r.state)
				}
				if done {
					r.state = store.Failed
					if !after.IsZero() {
						r.state = store.Planned
					}
				}
			},
			"resolve": func(rt *rapid.T) {
				r := &m.rows[pick()]
				as := rapid.SampledFrom([]store.State{store.Sent, store.Failed, store.Planned, store.Skipped}).Draw(rt, "as")
				_, err := s.Resolve(w.Number, r.seq, as, "seen in the group", "li")
				may := (r.state == store.Unknown || r.state == store.Failed) && as != store.Skipped && as != r.state
				if !refused(err, may, "resolve") {
					r.state, r.proven = as, true
				}
			},
			"retry": func(rt *rapid.T) {
				n, err := s.RetryFailed(w.ID, "li")
				if err != nil {
					rt.Fatal(err)
				}
				m.each(func(r *modelRow) {
					if r.state == store.Failed {
						r.state = store.Planned
						n--
					}
				})
				if n != 0 {
					rt.Fatalf("retried %d more or fewer than failed", n)
				}
			},
			"pause": func(rt *rapid.T) {
				v, _ := s.Wave(w.ID)
				_, err := s.MoveWave(w.ID, store.WavePaused, "", "li")
				if !refused(err, v.State == store.WaveRunning || v.State == store.WavePaused, "pause") {
					m.paused = true
				}
			},
			"resume": func(rt *rapid.T) {
				if m.paused {
					if _, err := s.MoveWave(w.ID, store.WaveRunning, "", "li"); err == nil {
						m.paused = false
					}
				}
			},
			"crash": func(rt *rapid.T) {
				if err := s.Close(); err != nil {
					rt.Fatal(err)
				}
				if s, err = store.Open(store.Options{Dir: dir, MapSize: 1 << 24}); err != nil {
					rt.Fatal(err)
				}
				m.each(func(r *modelRow) {
					if r.state == store.Sending {
						r.state = store.Unknown
					}
				})
			},
			"": func(rt *rapid.T) {
				v, err := s.Wave(w.ID)
				if err != nil {
					rt.Fatal(err)
				}
				want := store.Tally{}
				m.each(func(r *modelRow) { want[r.state]++ })
				if v.Counts != want {
					rt.Fatalf("tally %v, model %v", v.Counts, want)
				}
				m.paused = v.State == store.WavePaused
				over := want.Open() == 0
				if ended := v.State == store.WaveFinished || v.State == store.WaveFailures; ended != over {
					rt.Fatalf("wave is %s with %v", v.State, want)
				}
			},
		})
	})
}

type modelRow struct {
	seq     uint32
	account string
	state   store.State
	proven  bool // that it was sent, by more than that nobody contradicted
	key     int64
}

type model struct {
	rows   []modelRow
	keys   map[int64]bool
	paused bool
}

func newModel(n int) *model {
	m := &model{keys: map[int64]bool{}, rows: make([]modelRow, n)}
	for i := range m.rows {
		m.rows[i] = modelRow{seq: uint32(i), account: []string{"a01", "a02"}[i*2/n]}
	}
	return m
}

func (m *model) each(f func(*modelRow)) {
	for i := range m.rows {
		f(&m.rows[i])
	}
}

func (m *model) offers(account string) bool {
	return !m.paused && slices.ContainsFunc(m.rows, func(r modelRow) bool { return r.state == store.Planned && r.account == account })
}

func openModelWave(rt *rapid.T, s *store.Store, m *model) store.Wave {
	must := must(rt)
	for _, a := range []string{"a01", "a02"} {
		_, err := s.AddAccount(a, "", "t")
		must(err)
	}
	var groups []store.Group
	for i := range m.rows {
		groups = append(groups, store.Group{Code: fmt.Sprintf("G%d", i), Name: "g", Language: "zh"})
	}
	_, err := s.PutGroups(groups, "t")
	must(err)
	w := approved(rt, s, store.Wave{Schedule: "S1", At: time.Now(), Hash: "h"})
	c := store.Content{Kind: store.Text, Body: []byte("x")}
	w, err = s.OpenWave(store.Opening{Wave: w.ID, Hash: "h", Contents: []store.Content{c}, Rows: func(yield func(store.Row) bool) {
		for i, r := range m.rows {
			kind := []store.Kind{store.Text, store.Image}[i%2] // lanes count pictures apart
			if !yield(store.Row{Group: uint32(i + 1), Account: r.account, Kind: kind, Content: store.HashContent(c.Kind, c.Name, c.Body)}) {
				return
			}
		}
	}})
	must(err)
	return w
}
