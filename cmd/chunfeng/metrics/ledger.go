package metrics

import (
	"math"
	"syscall"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"chunfeng/store"
)

// ledger tells what the store knows.
type ledger struct{ o Options }

// gauge names one.
func gauge(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc("chunfeng_"+name, help, labels, nil)
}

// Describe implements prometheus.Collector. It tells nothing beforehand: what cannot be read is left out.
func (l *ledger) Describe(chan<- *prometheus.Desc) {}

// Collect implements prometheus.Collector.
func (l *ledger) Collect(out chan<- prometheus.Metric) {
	set := func(name, help string, v float64) {
		out <- prometheus.MustNewConstMetric(gauge(name, help), prometheus.GaugeValue, v)
	}
	f := l.o.Store.Figures()
	l.commits(out, f)
	moves := gauge("delivery_moves_total", "Deliveries that came into a state since the start, by why.", "state", "reason")
	// Reasons that are no word of ours share a label.
	sum := map[[2]string]float64{}
	for k, n := range f.Moved {
		sum[[2]string{k.To.String(), reason(k.Reason)}] += float64(n)
	}
	for k, n := range sum {
		out <- prometheus.MustNewConstMetric(moves, prometheus.CounterValue, n, k[0], k[1])
	}
	set("store_size_bytes", "Size of the ledger's file.", float64(f.Size))
	set("store_free_bytes", "Of the ledger's file, pages that hold nothing and are used again.", float64(f.Free))
	set("storage_down", "1 while the ledger does not take what is written: nothing is sent.", truth(l.o.Store.Down() != nil))
	set("disarmed", "1 while the ledger may be a copy and sends nothing.", truth(l.o.Store.Disarmed() != nil))
	var disk syscall.Statfs_t
	if syscall.Statfs(l.o.Store.Dir(), &disk) == nil {
		set("disk_free_bytes", "Free space on the disk of the data folder.", float64(disk.Bavail)*float64(disk.Bsize))
	}
	now := time.Now()
	w, err := l.o.Store.Waiting(now)
	set("ledger_readable", "0 when the ledger could not be read for this scrape.", truth(err == nil))
	if err == nil {
		l.waiting(out, w, now)
	}
	open, err := l.o.Store.Alerts(true)
	if err != nil {
		return
	}
	count := map[string]int{}
	for _, a := range open {
		count[a.What]++
	}
	alerts := gauge("alerts_open", "Alerts of the program itself that are not cleared, by kind.", "what")
	for what, n := range count {
		out <- prometheus.MustNewConstMetric(alerts, prometheus.GaugeValue, float64(n), what)
	}
}

// waiting tells what waits, and for how long.
func (l *ledger) waiting(out chan<- prometheus.Metric, w store.Waiting, now time.Time) {
	states := gauge("deliveries", "Deliveries of all waves and answers by state.", "state")
	for s, n := range w.Counts {
		out <- prometheus.MustNewConstMetric(states, prometheus.GaugeValue, float64(n), store.State(s).String())
	}
	age := func(name, help string, since time.Time) {
		v := 0.0
		if !since.IsZero() {
			v = math.Max(0, now.Sub(since).Seconds())
		}
		out <- prometheus.MustNewConstMetric(gauge(name, help), prometheus.GaugeValue, v)
	}
	out <- prometheus.MustNewConstMetric(gauge("waves_active", "Waves that are not at their end."), prometheus.GaugeValue, float64(w.Active))
	age("oldest_answer_due_seconds", "For how long the oldest answer to a resident is due and not sent; 0: none is.", w.Answer)
	age("oldest_wave_open_seconds", "For how long the oldest running wave has had deliveries to send; 0: none has.", w.Bulk)
	age("oldest_unread_reply_seconds", "For how long the oldest reply of a resident has not been read by the program; 0: all are read.", w.Unread)
	var unknown time.Time
	for _, u := range w.Unknown {
		if unknown.IsZero() || u.Since.Before(unknown) {
			unknown = u.Since
		}
	}
	age("oldest_unknown_seconds", "For how long the oldest delivery is unknown and waits for a person; 0: none is.", unknown)
}

// commits tells how long commits take and how many verbs share one.
func (l *ledger) commits(out chan<- prometheus.Metric, f store.Figures) {
	took := map[float64]uint64{}
	for i := 7; i < len(f.Commits.Under); i++ { // from 128 µs to 134 s
		took[math.Ldexp(1, i)/1e6] = f.Commits.Under[i]
	}
	out <- prometheus.MustNewConstHistogram(gauge("commit_duration_seconds", "How long commits took that reached the disk."),
		f.Commits.Count, float64(f.Commits.Sum)/1e6, took)
	share := map[float64]uint64{}
	for i := 1; i <= 10; i++ { // from 1 to 1023
		share[math.Ldexp(1, i)-1] = f.Verbs.Under[i]
	}
	out <- prometheus.MustNewConstHistogram(gauge("commit_verbs", "How many changes shared a commit."), f.Verbs.Count, float64(f.Verbs.Sum), share)
	out <- prometheus.MustNewConstMetric(gauge("commit_errors_total", "Commits that the disk did not take."), prometheus.CounterValue, float64(f.Failed))
}

func truth(b bool) float64 {
	if b {
		return 1
	}
	return 0
}
