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
	"chunfeng/templates/place"
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

// BenchmarkPosters plans the season's first wave: 167 vacancies for 2,971 groups of eight counties in three languages, whose
// posters are 24.
func BenchmarkPosters(b *testing.B) {
	w := setup(b, 0, 0, nil)
	for i := range 12 {
		if _, err := w.s.AddAccount(name(i), "", "test"); err != nil {
			b.Fatal(err)
		}
	}
	counties := place.All()
	var groups []store.Group
	for i := range 2971 {
		groups = append(groups, store.Group{
			Code: fmt.Sprintf("G%05d", i+1), Name: fmt.Sprintf("群 %d", i+1), County: counties[i%len(counties)].Code,
			Language: []string{"zh", "ko", "both"}[i/8%3], Account: name(i % 12),
		})
	}
	if _, err := w.s.PutGroups(groups, "test"); err != nil {
		b.Fatal(err)
	}
	list := long(167)
	for i := range list {
		list[i].County = append([]string{""}, counties[i%len(counties)].Code)[i%2]
	}
	w.batch = w.addBatch("first", list)
	at := time.Now()
	for _, c := range []struct {
		name string
		plan store.Plan
		keep bool
	}{
		{"text", store.Plan{}, false},
		{"both/first", store.Plan{Form: store.FormBoth}, false},
		{"both/again", store.Plan{Form: store.FormBoth}, true},
		{"both/pages=6/first", store.Plan{Form: store.FormBoth, PosterPages: 6}, false},
		{"both/pages=6/again", store.Plan{Form: store.FormBoth, PosterPages: 6}, true},
	} {
		b.Run(c.name, func(b *testing.B) {
			c.plan.Batch = w.batch
			kept := broadcast.NewPosters(64 << 20)
			for b.Loop() {
				if w.p.Posters = kept; !c.keep {
					w.p.Posters = broadcast.NewPosters(64 << 20)
				}
				v := w.plan(c.plan, at)
				b.ReportMetric(float64(v.Deliveries), "deliveries")
				bytes := 0
				for _, one := range v.Contents() {
					bytes += len(one.Body)
				}
				b.ReportMetric(float64(bytes)/1e6, "MB")
			}
		})
	}
}
