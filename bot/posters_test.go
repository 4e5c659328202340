package bot_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"chunfeng/broadcast"
	"chunfeng/store"
	"chunfeng/templates"
)

// TestPostersOverRealSockets sends a wave of texts and posters through three accounts: each account uploads each page
// once, and each group sees its text and each page once, in that order.
func TestPostersOverRealSockets(t *testing.T) {
	f := newFleet(t, 3, 60)
	if n := f.settle(t); n != 60 {
		t.Fatalf("%d bound", n)
	}
	var vacancies []store.Vacancy
	for i := range 60 {
		vacancies = append(vacancies, store.Vacancy{
			Employer: store.Both{Zh: fmt.Sprintf("长白第%d食品厂", i), Ko: fmt.Sprintf("장백제%d식품공장", i)}, Post: store.Both{Zh: "包装工", Ko: "포장공"},
			Headcount: 3, Pay: store.Pay{Min: 4000, Unit: store.PayMonth},
		})
	}
	batch, _, err := f.store.AddBatch(store.Batch{Name: "첫 차수", FileHash: "f", Employers: 60}, vacancies, "kim")
	if err == nil {
		_, err = f.store.ApproveBatch(batch.ID, "li")
	}
	if err != nil {
		t.Fatal(err)
	}
	set, err := templates.Load(nil)
	if err != nil {
		t.Fatal(err)
	}
	p := &broadcast.Planner{
		Store: f.store, Templates: func() (*templates.Set, error) { return set, nil }, Zone: time.UTC, Pacing: broadcast.Pacing{Zone: time.UTC},
		Posters: broadcast.NewPosters(1 << 24),
	}
	d := broadcast.New(broadcast.Options{Store: f.store, Planner: p, ConfirmAfter: 100 * time.Millisecond})
	for _, a := range f.accts {
		if err := d.Add(a.Name(), a.Sender()); err != nil {
			t.Fatal(err)
		}
	}
	d.Start()
	defer d.Stop(context.Background())
	q, err := p.Queue(broadcast.Order{Plan: store.Plan{Batch: batch.ID, Form: store.FormBoth, PosterPages: 2, PosterURL: "https://jiuye.example.cn/p"}}, "kim")
	if err == nil {
		_, err = f.store.ApproveWave(q.Wave.ID, q.Wave.Hash, "li", true)
	}
	if err != nil {
		t.Fatal(err)
	}
	for end := time.Now().Add(2 * time.Minute); ; time.Sleep(10 * time.Millisecond) {
		w, err := f.store.Wave(q.Wave.ID)
		if err != nil || time.Now().After(end) {
			t.Fatalf("%s %v %v", w.State, w.Counts, err)
		}
		if w.State == store.WaveFinished {
			break
		}
	}
	seen, order := map[string]int{}, map[string]string{}
	for _, a := range f.sim.Arrivals() {
		seen[a.Group+" "+a.Kind+" "+a.MediaMD5]++
		order[a.Group] += a.Kind + " "
	}
	for k, n := range seen {
		if n != 1 {
			t.Errorf("%s arrived %d times", k, n)
		}
	}
	if len(order) != 60 || len(seen) != 180 {
		t.Errorf("%d groups got %d different messages", len(order), len(seen))
	}
	for group, kinds := range order {
		if kinds != "text image image " {
			t.Errorf("%s got %s", group, kinds)
		}
	}
	for _, a := range f.sim.Report().Accounts {
		if a.Uploads != 2 {
			t.Errorf("%s uploaded %d times for two pages in 20 groups", a.Account, a.Uploads)
		}
	}
}
