package metrics

import (
	"net/http"
	"runtime"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"chunfeng/broadcast"
	"chunfeng/store"
)

// Options of New. What may change while the program runs is asked for at each scrape.
type Options struct {
	Store    *store.Store
	Version  string
	Commit   string
	Lanes    func() map[string]broadcast.Status // by account
	Accounts func() []Account
	Backup   func() (at time.Time, found bool) // when the newest backup was made that was verified
	Ready    func() bool
}

// Account is what is told of an account.
type Account struct {
	Name      string
	Label     string // store.Account.Label
	Online    bool
	LastSync  time.Time // zero: not in this session
	LastHeard time.Time // zero: not since the program started
}

// Metrics is the registry of one daemon. Make it with New.
type Metrics struct {
	registry *prometheus.Registry
	signals  *prometheus.CounterVec
	notices  *prometheus.CounterVec
}

// New makes a registry of its own: nothing that another package registers by itself is in it.
func New(o Options) *Metrics {
	m := &Metrics{
		registry: prometheus.NewRegistry(),
		signals: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "chunfeng_platform_signals_total", Help: "Times that WeChat said something of an account: too_often (1205, or a notice in a chat), logged_out, forbidden (1203).",
		}, []string{"account", "signal"}),
		notices: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "chunfeng_alert_notices_total", Help: "Tries to tell somebody of an alert, by road and by how they ended: told, failed.",
		}, []string{"road", "outcome"}),
	}
	build := prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "chunfeng_build_info", Help: "Always 1; which program this is.",
		ConstLabels: prometheus.Labels{"version": o.Version, "commit": o.Commit, "goversion": runtime.Version()},
	})
	build.Set(1)
	m.registry.MustRegister(
		m.signals, m.notices, build, &ledger{o}, &daemon{o},
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
	)
	return m
}

// Signal counts what the platform said of an account, by its label.
func (m *Metrics) Signal(label string, s broadcast.Signal) {
	m.signals.WithLabelValues(label, s.String()).Inc()
}

// Notice counts a try to tell of an alert.
func (m *Metrics) Notice(road string, told bool) {
	outcome := "failed"
	if told {
		outcome = "told"
	}
	m.notices.WithLabelValues(road, outcome).Inc()
}

// Handler answers scrapes, two at a time.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{ErrorHandling: promhttp.ContinueOnError, MaxRequestsInFlight: 2, Timeout: 10 * time.Second})
}
