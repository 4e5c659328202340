package store_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"

	"chunfeng/store"
	"chunfeng/store/storetest"
	"chunfeng/templates/words"
)

const linearRows = 4

// linearState is the ledger as the sequential model has it: one wave of a few deliveries.
type linearState struct {
	rows   [linearRows]linearRow
	paused bool
	cancel bool
}

type linearRow struct {
	state    store.State
	account  string
	key      int64
	attempts int
}

func (s linearState) open() bool {
	for _, r := range s.rows {
		switch r.state {
		case store.Planned, store.Sending, store.Accepted:
			return true
		}
	}
	return false
}

// linearVerb is one call: what was asked, and what came of it.
type linearVerb struct {
	verb     string // claim, settle, skip, defer, confirm, pause, resume, cancel
	seq      int
	account  string // claim: the lane's; defer: the other one
	attempts int    // claim: as the lane was offered it
	key      int64  // settle
	outcome  store.Outcome
}

type linearAnswer struct {
	ok  bool
	key int64
}

// linearModel says which answers one delivery after the other may give.
func linearModel() porcupine.Model {
	return porcupine.Model{
		Init: func() any {
			var s linearState
			for i := range s.rows {
				s.rows[i] = linearRow{state: store.Planned, account: []string{"a01", "a02"}[i*2/linearRows]}
			}
			return s
		},
		Step: func(state, input, output any) (bool, any) {
			s, in, out := state.(linearState), input.(linearVerb), output.(linearAnswer)
			r := &s.rows[in.seq]
			planned := r.state == store.Planned
			// A cancelled wave's planned ones are cancelled a little later.
			perhaps := planned && s.cancel
			may := false
			switch in.verb {
			case "claim":
				may = planned && r.account == in.account && r.attempts == in.attempts && !s.paused && !s.cancel
				if out.ok {
					r.state, r.key = store.Sending, out.key
					r.attempts++
				}
			case "settle":
				may = r.state == store.Sending && r.key == in.key
				if out.ok {
					r.state = map[store.Outcome]store.State{store.Taken: store.Accepted, store.NotSent: store.Planned, store.Refused: store.Failed, store.NotKnown: store.Unknown}[in.outcome]
				}
			case "skip":
				may = planned
				if out.ok {
					r.state = store.Skipped
				} else if perhaps {
					may, r.state = false, store.Cancelled
				}
			case "defer":
				may = planned
				if out.ok {
					r.account = in.account
				} else if perhaps {
					may, r.state = false, store.Cancelled
				}
			case "pause", "resume":
				may = s.open() && !s.cancel
				if out.ok {
					s.paused = in.verb == "pause"
				}
			case "cancel":
				may = s.open() && !s.cancel
				if out.ok {
					s.cancel = true
				}
			}
			return out.ok == may, s
		},
		DescribeOperation: func(input, output any) string { return fmt.Sprintf("%+v -> %+v", input, output) },
	}
}

// TestClaimsAreLinearizable has lanes, a scheduler and people reach for the same few deliveries at once, several lanes an
// account, and holds the history of what each was answered to a sequential model: there is an order in which each answer was
// right, and in it no two lanes ever hold one delivery. LINEAR says how many histories, else forty.
func TestClaimsAreLinearizable(t *testing.T) {
	rounds := 40
	if s := os.Getenv("LINEAR"); s != "" {
		rounds, _ = strconv.Atoi(s)
	}
	s := storetest.Open(t)
	for _, a := range []string{"a01", "a02"} {
		if _, err := s.AddAccount(a, "", "t"); err != nil {
			t.Fatal(err)
		}
	}
	var groups []store.Group
	for i := range linearRows {
		groups = append(groups, store.Group{Code: fmt.Sprintf("G%d", i), Name: "g", Language: "zh"})
	}
	if _, err := s.PutGroups(groups, "t"); err != nil {
		t.Fatal(err)
	}
	verbs, refused, claims := 0, 0, 0
	keys := map[int64]bool{}
	for round := range rounds {
		w := linearWave(t, s, round)
		var mu sync.Mutex
		var history []porcupine.Operation
		began := time.Now()
		call := func(client int, in linearVerb, do func() (int64, error)) linearAnswer {
			from := time.Since(began).Nanoseconds()
			key, err := do()
			to := time.Since(began).Nanoseconds()
			var r *words.Refusal
			if err != nil && !errors.As(err, &r) {
				t.Errorf("%+v: %v", in, err)
			}
			out := linearAnswer{ok: err == nil}
			if out.ok {
				out.key = key
			}
			mu.Lock()
			defer mu.Unlock()
			history = append(history, porcupine.Operation{ClientId: client, Input: in, Call: from, Output: out, Return: to})
			return out
		}
		var wg sync.WaitGroup
		for client := range 8 {
			wg.Go(func() {
				rng := rand.New(rand.NewPCG(uint64(round), uint64(client)))
				if client >= 6 {
					people(call, client, rng, s, w)
					return
				}
				lane(call, client, rng, s, w)
			})
		}
		wg.Wait()
		if got := porcupine.CheckOperationsTimeout(linearModel(), history, 20*time.Second); got != porcupine.Ok {
			for _, o := range history {
				t.Logf("%d: %8d to %8d: %+v -> %+v", o.ClientId, o.Call, o.Return, o.Input, o.Output)
			}
			t.Fatalf("history %d is %s", round, got)
		}
		for _, o := range history {
			verbs++
			if out := o.Output.(linearAnswer); !out.ok {
				refused++
			} else if o.Input.(linearVerb).verb == "claim" {
				claims++
				if keys[out.key] {
					t.Fatalf("the key %d twice", out.key)
				}
				keys[out.key] = true
			}
		}
		// The next history begins with an empty table.
		if _, err := s.CancelWave(w.ID, "", "li"); err != nil && !errors.As(err, new(*words.Refusal)) {
			t.Fatal(err)
		}
		for seq := range uint32(linearRows) {
			if d, err := s.Delivery(store.DeliveryID(w.ID, seq)); err == nil && d.State == store.Sending {
				if _, err := s.Settle(w.Number, seq, d.Attempts[len(d.Attempts)-1].ClientID, store.Settlement{Outcome: store.NotKnown}); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	t.Logf("proof: %d histories of eight goroutines at once over %d deliveries, each linearizable", rounds, linearRows)
	t.Logf("proof: %d calls, %d of them refused; %d claims, no delivery held by two lanes", verbs, refused, claims)
}

type caller func(int, linearVerb, func() (int64, error)) linearAnswer

// lane is one of three that each account has here: it claims what it is offered, waits a moment, and settles.
func lane(call caller, client int, rng *rand.Rand, s *store.Store, w store.Wave) {
	account := []string{"a01", "a02"}[client%2]
	for range 6 {
		d, found, _, err := s.Next(account, true, time.Now().Add(time.Hour))
		if err != nil || !found || d.Wave != w.Number {
			time.Sleep(time.Duration(rng.IntN(200)) * time.Microsecond)
			continue
		}
		if rng.IntN(3) == 0 {
			time.Sleep(time.Duration(rng.IntN(800)) * time.Microsecond) // it may be another's by now
		}
		in := linearVerb{verb: "claim", seq: int(d.Seq), account: account, attempts: len(d.Attempts)}
		got := call(client, in, func() (int64, error) {
			_, a, err := s.Claim(d, 0, nil)
			return a.ClientID, err
		})
		if !got.ok {
			continue
		}
		o := []store.Outcome{store.NotSent, store.NotSent, store.NotSent, store.Taken, store.NotKnown}[rng.IntN(5)]
		call(client, linearVerb{verb: "settle", seq: int(d.Seq), key: got.key, outcome: o}, func() (int64, error) {
			_, err := s.Settle(w.Number, d.Seq, got.key, store.Settlement{Outcome: o, ServerID: "9", After: time.Now()})
			return 0, err
		})
	}
}

// people and the scheduler reach into the wave meanwhile.
func people(call caller, client int, rng *rand.Rand, s *store.Store, w store.Wave) {
	for range 7 {
		in := linearVerb{verb: []string{"skip", "defer", "defer", "defer", "pause", "resume", "resume", "resume", "cancel"}[rng.IntN(9)], seq: rng.IntN(linearRows)}
		if in.verb == "cancel" && rng.IntN(3) > 0 {
			in.verb = "resume"
		}
		if in.verb == "defer" {
			in.account = []string{"a01", "a02"}[rng.IntN(2)]
		}
		call(client, in, func() (_ int64, err error) {
			switch in.verb {
			case "skip":
				err = s.Skip(w.Number, uint32(in.seq), store.ReasonExpired)
			case "defer":
				err = s.Defer(w.Number, uint32(in.seq), in.account, time.Now(), store.ReasonNotBound)
			case "pause":
				_, err = s.MoveWave(w.ID, store.WavePaused, "", "li")
			case "resume":
				_, err = s.MoveWave(w.ID, store.WaveRunning, "", "li")
			case "cancel":
				_, err = s.CancelWave(w.ID, "", "li")
			}
			return 0, err
		})
		time.Sleep(time.Duration(rng.IntN(500)) * time.Microsecond)
	}
}

func linearWave(t *testing.T, s *store.Store, round int) store.Wave {
	t.Helper()
	must := must(t)
	w := approved(t, s, store.Wave{Schedule: "S1", At: time.Now().Add(time.Duration(round) * time.Second), Hash: "h"})
	c := store.Content{Kind: store.Text, Body: []byte("x")}
	w, err := s.OpenWave(store.Opening{Wave: w.ID, Hash: "h", Contents: []store.Content{c}, Rows: func(yield func(store.Row) bool) {
		for i := range linearRows {
			if !yield(store.Row{Group: uint32(i + 1), Account: []string{"a01", "a02"}[i*2/linearRows], Kind: c.Kind, Content: store.HashContent(c.Kind, c.Name, c.Body)}) {
				return
			}
		}
	}})
	must(err)
	return w
}
