package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"chunfeng/store"
	"chunfeng/templates/place"
)

// turner asks for one page of the log: of the ledger itself here, and in the same way of whatever shows it.
type turner func(store.LogFilter) (rows int, next string, err error)

func fromLedger(s *store.Store) turner {
	return func(f store.LogFilter) (int, string, error) {
		p, err := s.Log(f)
		return len(p.Rows), p.Next, err
	}
}

// logAccounts are as many lanes as write while pages are turned.
const logAccounts = 10

// logPages is B7: pages of 50 of a log of a million deliveries, at rest and while lanes write.
func logPages(ctx context.Context, b *bench) ([]*result, error) {
	n := b.size(1_000_000, 20_000)
	s, done, err := b.runningWave(n)
	if err != nil {
		return nil, err
	}
	defer done()
	busy := &result{what: "a page of 50 of 1 M while ten lanes write, 99th of a hundred", unit: "ms", baseline: "the same at rest", target: 10, atMost: true,
		note: "One wave of a million groups; pages of every filter and from anywhere in the log, in turns, read by one goroutine straight from the ledger. The lanes claim and settle without a wire, as fast as the disk syncs."}
	turn := fromLedger(s)
	err = b.compare(ctx, busy,
		func(context.Context, int) (float64, error) {
			var p float64
			err := whileWriting(s, logAccounts, func() (err error) { p, err = ninetyNinth(turn, b.size(2000, 200)); return err })
			return p, err
		},
		func(context.Context, int) (float64, error) { return ninetyNinth(turn, b.size(2000, 200)) })
	out := []*result{busy}
	if err != nil {
		return out, err
	}
	one, err := b.eachFilter(ctx, s, "one wave of 1 M groups")
	if out = append(out, one...); err != nil {
		return out, err
	}
	if err := s.Close(); err != nil {
		return out, err
	}
	many, err := b.manyWaves(ctx, n)
	return append(out, many...), err
}

// manyWaves measures each filter on as many deliveries in waves of 2,971 groups.
func (b *bench) manyWaves(ctx context.Context, n int) ([]*result, error) {
	const groups = 2971
	s, done, err := b.ledger(logAccounts, groups)
	if err != nil {
		return nil, err
	}
	defer done()
	waves := max(n/groups, 2)
	for range waves {
		if _, err := openMixed(s, groups, groups); err != nil {
			return nil, err
		}
	}
	return b.eachFilter(ctx, s, fmt.Sprintf("%d waves of 2,971", waves))
}

// rareReason is what one delivery of a wave is left out for.
const rareReason store.Reason = "group_paused"

// openMixed opens a wave in which a tenth of the groups is left out, one of them for a reason of its own.
func openMixed(s *store.Store, groups, n int) (store.Wave, error) {
	return openRows(s, func(yield func(store.Row) bool) {
		for k := range n {
			r := store.Row{Group: uint32(k%groups + 1), Account: accountName(k * logAccounts / n)}
			switch {
			case k == n*3/5:
				r.Skip = rareReason
			case k%10 == 3:
				r.Skip = store.ReasonOptedOut
			}
			if !yield(r) {
				return
			}
		}
	})
}

// asked is a filter with its name.
type asked struct {
	name string
	f    store.LogFilter
}

// filters are what people ask the log for, and what is hardest for it: what is rare, last, or not there.
func filters() []asked {
	skipped, failed := store.Skipped, store.Failed
	county := place.All()[7].Code
	return []asked{
		{"no filter", store.LogFilter{}},
		{"a state that many have", store.LogFilter{State: &skipped}},
		{"a state that none has", store.LogFilter{State: &failed}},
		{"a reason that many have", store.LogFilter{Reason: store.ReasonOptedOut}},
		{"a reason that one of a wave has", store.LogFilter{Reason: rareReason}},
		{"a reason that none has", store.LogFilter{Reason: "other_part"}},
		{"a county", store.LogFilter{Counties: []string{county}}},
		{"a county and a reason that do not meet", store.LogFilter{Counties: []string{county}, Reason: rareReason}},
		{"the last account", store.LogFilter{Account: accountName(logAccounts - 1)}},
		{"the last account, left out", store.LogFilter{Account: accountName(logAccounts - 1), State: &skipped}},
		{"a group", store.LogFilter{Group: 7}},
		{"what changed long ago", store.LogFilter{To: time.Unix(1, 0)}},
		{"what changed from tomorrow on", store.LogFilter{From: time.Now().Add(24 * time.Hour)}},
	}
}

// eachFilter measures the first page of each filter at rest. The time of each stands in the note.
func (b *bench) eachFilter(ctx context.Context, s *store.Store, where string) ([]*result, error) {
	slowest := &result{what: "slowest first page of any filter, " + where, unit: "ms", target: 100, atMost: true, absolute: true,
		note: "From the ledger; the console's share comes on top. The median of 21 for each filter, of which the slowest counts."}
	cold := &result{what: "the slowest page after a start, " + where, unit: "ms", target: 100, atMost: true, absolute: true,
		note: "The ledger was opened anew and nothing is summarised yet: a filter that nothing matches, page by page to the end."}
	each := map[string][]float64{}
	turn := fromLedger(s)
	err := b.compare(ctx, slowest, func(context.Context, int) (float64, error) {
		worst := 0.0
		for _, a := range filters() {
			ms, err := median(turn, a.f, 21)
			if err != nil {
				return 0, err
			}
			each[a.name] = append(each[a.name], ms)
			worst = max(worst, ms)
		}
		return worst, nil
	}, nil)
	if err != nil {
		return []*result{slowest}, err
	}
	var told []string
	for _, a := range filters() {
		ms, _, _ := spread(each[a.name])
		told = append(told, fmt.Sprintf("%s %s", a.name, figure(ms)))
	}
	slowest.note += " In milliseconds: " + strings.Join(told, ", ") + "."
	fmt.Fprintf(os.Stderr, "  %s\n", slowest.note)
	err = b.compare(ctx, cold, func(context.Context, int) (float64, error) { return coldPages(s) }, nil)
	return []*result{slowest, cold}, err
}

func median(turn turner, f store.LogFilter, times int) (float64, error) {
	took := make([]float64, times)
	for i := range took {
		begin := time.Now()
		if _, _, err := turn(f); err != nil {
			return 0, err
		}
		took[i] = time.Since(begin).Seconds() * 1000
	}
	slices.Sort(took)
	return took[times/2], nil
}

// coldPages copies a ledger, opens the copy and turns pages to the end of what nothing matches.
func coldPages(s *store.Store) (worst float64, err error) {
	dir, err := os.MkdirTemp(s.Dir(), "copy-")
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(dir)
	if err := backup(s, dir); err != nil {
		return 0, err
	}
	again, err := store.Open(store.Options{Dir: dir})
	if err != nil {
		return 0, err
	}
	defer again.Close()
	turn := fromLedger(again)
	for f := (store.LogFilter{Reason: "other_part"}); ; {
		begin := time.Now()
		_, next, err := turn(f)
		if err != nil {
			return 0, err
		}
		worst = max(worst, time.Since(begin).Seconds()*1000)
		if f.Cursor = next; next == "" {
			return worst, nil
		}
	}
}

// ninetyNinth turns pages of every filter, from the first page on, and answers the 99th of a hundred in milliseconds.
func ninetyNinth(turn turner, pages int) (float64, error) {
	list := filters()
	took := make([]float64, 0, pages)
	for len(took) < pages {
		for i := range list {
			begin := time.Now()
			_, next, err := turn(list[i].f)
			if err != nil {
				return 0, err
			}
			took = append(took, time.Since(begin).Seconds()*1000)
			list[i].f.Cursor = next
		}
	}
	slices.Sort(took)
	return took[len(took)*99/100], nil
}

// whileWriting does something while lanes claim and settle as fast as they can. It fails when they had nothing to do.
func whileWriting(s *store.Store, accounts int, do func() error) error {
	var over atomic.Bool
	var sent atomic.Int64
	var idle atomic.Bool
	var lanes sync.WaitGroup
	errs := make([]error, accounts)
	for i := range accounts {
		lanes.Go(func() {
			for !over.Load() {
				found, _, err := sendOne(s, accountName(i))
				if err != nil || !found {
					errs[i] = err
					idle.Store(idle.Load() || !found)
					return
				}
				sent.Add(1)
			}
		})
	}
	err := do()
	over.Store(true)
	lanes.Wait()
	if idle.Load() {
		err = errors.Join(err, fmt.Errorf("%w: a lane ran out of deliveries", errVoid))
	}
	return errors.Join(append(errs, err)...)
}

// sendOne claims and settles an account's next delivery, and answers how long the slower of the two commits took.
func sendOne(s *store.Store, account string) (found bool, slower time.Duration, err error) {
	d, found, _, err := s.Next(account, true, time.Now())
	if err != nil || !found {
		return false, 0, err
	}
	begin := time.Now()
	_, a, err := s.Claim(d, 0, nil)
	if err != nil {
		return true, 0, err
	}
	claimed := time.Now()
	_, err = s.Settle(d.Wave, d.Seq, a.ClientID, store.Settlement{Outcome: store.Taken, ServerID: serverID})
	return true, max(claimed.Sub(begin), time.Since(claimed)), err
}
