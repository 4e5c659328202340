package store_test

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"chunfeng/store"
)

// openRunning makes a running wave of n deliveries spread over accounts a01 …
func openRunning(t testing.TB, s *store.Store, accounts, n int) store.Wave {
	t.Helper()
	for i := range accounts {
		if _, err := s.AddAccount(fmt.Sprintf("a%02d", i+1), "", "t"); err != nil {
			t.Fatal(err)
		}
	}
	groups := make([]store.Group, n)
	for i := range groups {
		groups[i] = store.Group{Code: fmt.Sprintf("G%06d", i+1), Name: fmt.Sprintf("group %d", i+1), Language: "zh", County: "yanji"}
	}
	for part := range slices.Chunk(groups, 5000) {
		if _, err := s.PutGroups(part, "t"); err != nil {
			t.Fatal(err)
		}
	}
	w := approved(t, s, store.Wave{Schedule: "S1", At: time.Now(), Hash: "h"})
	c := store.Content{Kind: store.Text, Body: []byte("vacancies of the week")}
	hash := store.HashContent(c.Kind, c.Name, c.Body)
	w, err := s.OpenWave(store.Opening{Wave: w.ID, Hash: "h", Contents: []store.Content{c}, Rows: func(yield func(store.Row) bool) {
		for i := range n {
			if !yield(store.Row{Group: uint32(i + 1), Account: fmt.Sprintf("a%02d", i*accounts/n+1), Content: hash, Part: 1, Kind: store.Text}) {
				return
			}
		}
	}})
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// BenchmarkClaimAndSettle is the ledger's share of a send: one claim at a time a lane, durable before and after.
func BenchmarkClaimAndSettle(b *testing.B) {
	for _, lanes := range []int{1, 10, 100} {
		b.Run(fmt.Sprintf("lanes=%d", lanes), func(b *testing.B) {
			s, err := store.Open(store.Options{Dir: b.TempDir()})
			if err != nil {
				b.Fatal(err)
			}
			defer s.Close()
			n := max(b.N, lanes)
			openRunning(b, s, lanes, n)
			b.ResetTimer()
			var wg sync.WaitGroup
			for i := range lanes {
				wg.Go(func() {
					account := fmt.Sprintf("a%02d", i+1)
					for {
						d, found, _, err := s.Next(account, true, time.Now())
						if err != nil || !found {
							return
						}
						d, a, err := s.Claim(d, 0, nil)
						if err != nil {
							b.Error(err)
							return
						}
						if _, err := s.Settle(d.Wave, d.Seq, a.ClientID, store.Settlement{Outcome: store.Taken, ServerID: "7654321987654321987"}); err != nil {
							b.Error(err)
							return
						}
					}
				})
			}
			wg.Wait()
			b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "deliveries/s")
		})
	}
}
