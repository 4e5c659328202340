package metrics

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"chunfeng/broadcast"
)

// daemon tells what runs.
type daemon struct{ o Options }

// Describe implements prometheus.Collector.
func (d *daemon) Describe(chan<- *prometheus.Desc) {}

// Collect implements prometheus.Collector.
func (d *daemon) Collect(out chan<- prometheus.Metric) {
	out <- prometheus.MustNewConstMetric(gauge("ready", "1 when /readyz says so."), prometheus.GaugeValue, truth(d.o.Ready()))
	if at, found := d.o.Backup(); found {
		out <- stamp("backup_last_verified_timestamp_seconds", "When the newest backup was made that was verified.", at)
	}
	accounts := d.o.Accounts()
	labels := map[string]string{}
	online := gauge("account_online", "1 while an account is logged in.", "account")
	for _, a := range accounts {
		label := a.Label
		labels[a.Name] = label
		out <- prometheus.MustNewConstMetric(online, prometheus.GaugeValue, truth(a.Online), label)
		if !a.LastSync.IsZero() {
			out <- stamp("account_last_sync_timestamp_seconds", "When the server last answered an account's sync.", a.LastSync, label)
		}
		if !a.LastHeard.IsZero() {
			out <- stamp("account_last_inbound_timestamp_seconds", "When an account last heard anything of its chats.", a.LastHeard, label)
		}
	}
	lane := gauge("lane_state", "1 for the state in which an account's lane is: sending is busy.", "account", "state")
	for name, s := range d.o.Lanes() {
		label, known := labels[name]
		if !known {
			continue // it was removed in between
		}
		is := laneState(s)
		for _, state := range laneStates() {
			out <- prometheus.MustNewConstMetric(lane, prometheus.GaugeValue, truth(state == is), label, state)
		}
	}
}

// laneStates are the labels of lane_state.
func laneStates() []string {
	return []string{
		string(broadcast.LaneIdle), string(broadcast.LaneSending), string(broadcast.LaneWaiting), string(broadcast.WaitCooling), string(broadcast.LaneQuiet),
		string(broadcast.LaneOffline), string(broadcast.LaneStopped), string(broadcast.LanePaused), string(broadcast.LaneNoLedger),
	}
}

// laneState is a lane's state, its cooling told apart from the waiting for its pace.
func laneState(s broadcast.Status) string {
	switch {
	case s.State == "":
		return string(broadcast.LaneIdle)
	case s.State == broadcast.LaneWaiting && s.For == broadcast.WaitCooling:
		return string(broadcast.WaitCooling)
	}
	return string(s.State)
}

// stamp is a gauge that holds a time.
func stamp(name, help string, at time.Time, labels ...string) prometheus.Metric {
	var names []string
	if len(labels) > 0 {
		names = []string{"account"}
	}
	return prometheus.MustNewConstMetric(gauge(name, help, names...), prometheus.GaugeValue, float64(at.UnixMilli())/1e3, labels...)
}
