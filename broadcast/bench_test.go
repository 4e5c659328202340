package broadcast_test

import (
	"context"
	"fmt"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"chunfeng/broadcast"
	"chunfeng/store"
)

// instant is a sender that answers at once.
type instant struct{ n *atomic.Int64 }

func (s instant) Ready(uint32) error { return nil }

func (s instant) Send(context.Context, broadcast.Message) (broadcast.Receipt, error) {
	s.n.Add(1)
	return broadcast.Receipt{ServerID: "7654321987654321987"}, nil
}

// BenchmarkLanes is a whole wave over ten lanes with no pace and a wire that costs nothing: what the lanes and the ledger
// take for a message.
func BenchmarkLanes(b *testing.B) {
	w := setup(b, 0, 0, nil)
	const accounts = 10
	var n atomic.Int64
	groups := max(b.N, accounts)
	list := make([]store.Group, 0, 5000)
	for i := range accounts {
		if _, err := w.s.AddAccount(name(i), "", "test"); err != nil {
			b.Fatal(err)
		}
		if err := w.d.Add(name(i), instant{&n}); err != nil {
			b.Fatal(err)
		}
	}
	for i := range groups {
		list = append(list, store.Group{Code: fmt.Sprintf("G%07d", i), Name: "g", County: "yanji", Language: "zh", Account: name(i % accounts)})
		if len(list) == 5000 || i == groups-1 {
			if _, err := w.s.PutGroups(list, "test"); err != nil {
				b.Fatal(err)
			}
			list = list[:0]
		}
	}
	wave := w.queue(broadcast.Order{})
	for done := false; !done; {
		if _, err := w.d.Scheduler.Pass(context.Background(), time.Now()); err != nil {
			b.Fatal(err)
		}
		done = w.wave(wave.ID).State == store.WaveRunning
	}
	b.ResetTimer()
	w.start()
	for n.Load() < int64(groups) {
		time.Sleep(time.Millisecond)
	}
	b.StopTimer()
	b.ReportMetric(float64(groups)/b.Elapsed().Seconds(), "messages/s")
	w.stop()
}

// BenchmarkPlan is a plan over registries of three sizes; B/group is what is live at its end above the start.
func BenchmarkPlan(b *testing.B) {
	for _, groups := range []int{2971, 100_000, 1_000_000} {
		b.Run(fmt.Sprint("groups=", groups), func(b *testing.B) {
			w := setup(b, 12, groups, nil)
			var before, after runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&before)
			b.ResetTimer()
			for b.Loop() {
				v, err := w.p.Plan(store.Plan{Batch: w.batch}, time.Now())
				if err != nil {
					b.Fatal(err)
				}
				b.StopTimer()
				runtime.GC()
				runtime.ReadMemStats(&after)
				b.ReportMetric((float64(after.HeapAlloc)-float64(before.HeapAlloc))/float64(v.Groups), "B/group")
				b.StartTimer()
			}
		})
	}
}
