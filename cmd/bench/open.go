package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"chunfeng/broadcast"
	"chunfeng/broadcast/intake"
	"chunfeng/examples"
	"chunfeng/store"
	"chunfeng/templates"
)

// opening is what the process that opens a wave tells.
type opening struct {
	Seconds    float64
	Deliveries int
	Peak       float64 // MiB over the start, resident, the mapped pages of the ledger among them
	Own        float64 // MiB over the start, of the process itself
}

// planAndOpen is B11: planning and opening a wave to 2,971, a hundred thousand and a million groups, each in a process of
// its own, for its memory is measured too.
func planAndOpen(ctx context.Context, b *bench) ([]*result, error) {
	sizes := []int{2_971, b.size(100_000, 6_000), b.size(1_000_000, 12_000)}
	seconds := &result{what: "plan and open a wave to 2,971 groups", unit: "s", target: 0.5, atMost: true, absolute: true,
		note: "The first example workbook of 167 vacancies, eight counties, three languages, twelve accounts: planned, stored as a draft, approved and opened, until the last delivery is on disk."}
	linear := &result{what: "microseconds a group, a million groups", unit: "µs", baseline: "a hundred thousand groups", target: 1.3, atMost: true,
		note: "Linear: ten times the groups take at most ten times as long, and three tenths for the deeper tables. 2,971 groups are too few to compare with, for rendering the texts weighs there."}
	peak := &result{what: "peak memory over the start, a million groups", unit: "MiB", target: 128, atMost: true, absolute: true,
		note: "VmHWM of the process less VmRSS before, pages of the ledger that are mapped included."}
	own := &result{what: "of that, the process's own", unit: "MiB", untold: true,
		note: "RssAnon, looked at every 5 ms: what is not mapped pages of the ledger, which the system takes back when it needs them."}
	out := []*result{seconds, linear, peak, own}
	var from []string
	for _, n := range sizes {
		dir, err := b.folder()
		if err != nil {
			return nil, err
		}
		defer os.RemoveAll(dir)
		if _, err := b.part(ctx, "registry", "-dir", dir, "-groups", fmt.Sprint(n)); err != nil {
			return nil, err
		}
		from = append(from, dir)
	}
	if err := b.compare(ctx, seconds, func(ctx context.Context, _ int) (float64, error) {
		o, err := b.openOnce(ctx, from[0], sizes[0])
		return o.Seconds, err
	}, nil); err != nil {
		return out, err
	}
	err := b.compare(ctx, linear,
		func(ctx context.Context, _ int) (float64, error) {
			o, err := b.openOnce(ctx, from[2], sizes[2])
			peak.ours, own.ours = append(peak.ours, o.Peak), append(own.ours, o.Own)
			return o.Seconds / float64(sizes[2]) * 1e6, err
		},
		func(ctx context.Context, _ int) (float64, error) {
			o, err := b.openOnce(ctx, from[1], sizes[1])
			return o.Seconds / float64(sizes[1]) * 1e6, err
		})
	peak.syncs, own.syncs = linear.syncs, linear.syncs
	return out, err
}

// openOnce opens a wave in a fresh copy of a data folder.
func (b *bench) openOnce(ctx context.Context, from string, groups int) (o opening, err error) {
	dir, err := b.folder()
	if err != nil {
		return o, err
	}
	defer os.RemoveAll(dir)
	if err := os.CopyFS(dir, os.DirFS(from)); err != nil {
		return o, err
	}
	out, err := b.part(ctx, "open", "-dir", dir)
	if err != nil {
		return o, err
	}
	if err := json.Unmarshal(out, &o); err != nil {
		return o, err
	}
	return o, agree("deliveries opened", o.Deliveries, groups)
}

// registryPart is the part that prepares a data folder: a registry of groups, accounts, and an approved batch.
func registryPart(_ context.Context, args []string) error {
	flags := flag.NewFlagSet("registry", flag.ContinueOnError)
	dir := flags.String("dir", "", "data folder")
	groups := flags.Int("groups", examples.Groups, "groups")
	if err := flags.Parse(args); err != nil {
		return err
	}
	s, err := store.Open(store.Options{Dir: *dir})
	if err != nil {
		return err
	}
	defer s.Close()
	if err := fill(s, examples.Accounts, *groups); err != nil {
		return err
	}
	data, err := examples.FS.ReadFile(examples.Batch1)
	if err != nil {
		return err
	}
	read, err := intake.ReadBatch(examples.Batch1, data, intake.Options{})
	if err != nil {
		return err
	}
	batch, _, err := s.AddBatch(store.Batch{Name: "first", FileName: examples.Batch1, FileHash: read.FileHash, Employers: read.Employers}, read.Items, "kim")
	if err != nil {
		return err
	}
	if _, err := s.ApproveBatch(batch.ID, "li"); err != nil {
		return err
	}
	return s.Close()
}

// openPart is the part that plans and opens a wave of a prepared folder.
func openPart(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("open", flag.ContinueOnError)
	dir := flags.String("dir", "", "data folder")
	if err := flags.Parse(args); err != nil {
		return err
	}
	s, err := store.Open(store.Options{Dir: *dir})
	if err != nil {
		return err
	}
	defer s.Close()
	p := &broadcast.Planner{Store: s, Zone: time.UTC, Pacing: broadcast.Pacing{Zone: time.UTC}, Templates: func() (*templates.Set, error) { return templates.Load(nil) }}
	batches, err := s.Batches()
	if err != nil || len(batches) != 1 {
		return fmt.Errorf("%d batches: %w", len(batches), err)
	}
	runtime.GC()
	if err := os.WriteFile("/proc/self/clear_refs", []byte("5"), 0); err != nil { // VmHWM begins anew
		return err
	}
	before, err := memoryOf("self")
	if err != nil {
		return err
	}
	stop := watchOwn()
	begin := time.Now()
	q, err := p.Queue(broadcast.Order{Plan: store.Plan{Batch: batches[0].ID, Hold: time.Hour}}, "kim")
	if err != nil {
		return err
	}
	if _, err := s.ApproveWave(q.Wave.ID, q.Wave.Hash, "li", true); err != nil {
		return err
	}
	w, err := s.OpenWave(q.Preview.Opening(q.Wave.ID, time.Now().Add(time.Hour)))
	if err != nil {
		return err
	}
	o := opening{Seconds: time.Since(begin).Seconds(), Deliveries: w.Counts[store.Planned]}
	own := stop()
	after, err := memoryOf("self")
	if err != nil {
		return err
	}
	o.Peak, o.Own = after.peak-before.resident, own-before.own
	return json.NewEncoder(os.Stdout).Encode(o)
}

// memoryUse is a process's memory in MiB.
type memoryUse struct{ resident, own, mapped, peak float64 }

// memoryOf reads the memory of a process by its number, or of "self".
func memoryOf(pid string) (m memoryUse, err error) {
	path := filepath.Join("/proc", pid, "status")
	for name, into := range map[string]*float64{"VmRSS": &m.resident, "RssAnon": &m.own, "RssFile": &m.mapped, "VmHWM": &m.peak} {
		kb := 0.0
		if _, err := fmt.Sscan(procField(path, name), &kb); err != nil {
			return m, fmt.Errorf("%s: %w", name, err)
		}
		*into = kb / 1024
	}
	return m, nil
}

// watchOwn looks at this process's own memory until it is stopped, and then answers the most that it saw.
func watchOwn() (stop func() float64) {
	quit, most := make(chan struct{}), make(chan float64)
	go func() {
		peak := 0.0
		for {
			if m, err := memoryOf("self"); err == nil {
				peak = max(peak, m.own)
			}
			select {
			case <-quit:
				most <- peak
				return
			case <-time.After(5 * time.Millisecond):
			}
		}
	}()
	return func() float64 { close(quit); return <-most }
}
