package metrics

import (
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"chunfeng/broadcast"
	"chunfeng/store"
)

// TestLabels keeps what may be a number, or is no word of ours, out of labels.
func TestLabels(t *testing.T) {
	for _, c := range []struct{ name, want, why string }{
		{"yanji-2", "yanji-2", "a name that staff chose"},
		{"연길1호", "연길1호", "in any script"},
		{"a0012", "a0012", "four digits are no telephone number"},
		{"bureau2026", "bureau2026", "nor is a year"},
		{"13944330000", "#7", "a telephone number"},
		{"kim13944330000", "#7", "with a name before it"},
		{"139-4433-0000", "#7", "with dashes in it"},
		{"1.3.9.4.4", "#7", "or dots"},
	} {
		if got := (store.Account{Name: c.name, Number: 7}).Label(); got != c.want {
			t.Errorf("account %s (%s): %s, want %s", c.name, c.why, got, c.want)
		}
	}
	for _, c := range []struct {
		in   store.Reason
		want string
	}{{store.ReasonTooOften, "too_often"}, {store.ReasonNone, ""}, {"ret 1205", "other"}, {"김철수", "other"}, {store.Reason(strings.Repeat("a", 33)), "other"}} {
		if got := reason(c.in); got != c.want {
			t.Errorf("reason %q: %q, want %q", c.in, got, c.want)
		}
	}
}

// page is one scrape.
func page(t testing.TB, m *Metrics) map[string]float64 {
	t.Helper()
	w := httptest.NewRecorder()
	m.Handler().ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
	p := expfmt.NewTextParser(model.UTF8Validation)
	all, err := p.TextToMetricFamilies(w.Body)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]float64{}
	for name, f := range all {
		for _, one := range f.GetMetric() {
			key := name
			for _, l := range one.GetLabel() {
				key += " " + l.GetValue()
			}
			out[key] = one.GetGauge().GetValue() + one.GetCounter().GetValue()
		}
	}
	return out
}

// TestPage holds a page against a small ledger and a lane in each state.
func TestPage(t *testing.T) {
	s, err := store.Open(store.Options{Dir: t.TempDir(), MapSize: 1 << 24})
	if err != nil {
		t.Fatal(err)
	}
	lanes := map[string]broadcast.Status{
		"a01": {State: broadcast.LaneWaiting, For: broadcast.WaitCooling},
		"a02": {State: broadcast.LaneSending}, "a03": {}, "gone": {State: broadcast.LaneIdle},
	}
	at := time.Unix(1_800_000_000, 0)
	m := New(Options{
		Store: s, Version: "1", Lanes: func() map[string]broadcast.Status { return lanes }, Ready: func() bool { return false },
		Backup: func() (time.Time, bool) { return at, true },
		Accounts: func() []Account {
			return []Account{{Name: "a01", Label: "a01", Online: true, LastSync: at}, {Name: "a02", Label: "a02", LastHeard: at}, {Name: "a03", Label: "a03"}}
		},
	})
	m.Signal("a01", broadcast.TooOften)
	m.Signal("#9", broadcast.TooOften)
	m.Notice("webhook", false)
	if _, _, err := s.RaiseAlert(store.Alert{What: "disk"}); err != nil {
		t.Fatal(err)
	}
	got := page(t, m)
	for key, want := range map[string]float64{
		"chunfeng_lane_state a01 cooling": 1, "chunfeng_lane_state a01 waiting": 0, "chunfeng_lane_state a02 sending": 1, "chunfeng_lane_state a03 idle": 1,
		"chunfeng_account_online a01": 1, "chunfeng_account_online a02": 0,
		"chunfeng_account_last_sync_timestamp_seconds a01": 1.8e9, "chunfeng_account_last_inbound_timestamp_seconds a02": 1.8e9,
		"chunfeng_backup_last_verified_timestamp_seconds": 1.8e9, "chunfeng_ready": 0, "chunfeng_ledger_readable": 1,
		"chunfeng_platform_signals_total a01 too_often": 1, "chunfeng_platform_signals_total #9 too_often": 1,
		"chunfeng_alert_notices_total failed webhook": 1, "chunfeng_alerts_open disk": 1, "chunfeng_deliveries planned": 0, "chunfeng_storage_down": 0,
	} {
		if v, ok := got[key]; !ok || v != want {
			t.Errorf("%s is %v (told: %v), want %v", key, v, ok, want)
		}
	}
	for key := range got {
		if strings.Contains(key, "gone") || strings.HasPrefix(key, "chunfeng_account_last_sync_timestamp_seconds a02") {
			t.Errorf("%s is told", key)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if after := page(t, m); after["chunfeng_ledger_readable"] != 0 {
		t.Errorf("with a ledger that cannot be read: %v", after["chunfeng_ledger_readable"])
	}
}

// BenchmarkScrape is a whole scrape, Go's and the process's own figures among it.
func BenchmarkScrape(b *testing.B) {
	s, err := store.Open(store.Options{Dir: b.TempDir()})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	m := New(Options{
		Store: s, Lanes: func() map[string]broadcast.Status { return nil }, Ready: func() bool { return true }, Accounts: func() []Account { return nil },
		Backup: func() (time.Time, bool) { return time.Time{}, false },
	})
	for b.Loop() {
		w := httptest.NewRecorder()
		m.Handler().ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
	}
}
