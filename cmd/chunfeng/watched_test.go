package main

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"chunfeng/examples"
	"chunfeng/store"
)

// scrape reads a page of metrics as Prometheus does.
func scrape(t testing.TB, r io.Reader) map[string]*dto.MetricFamily {
	t.Helper()
	p := expfmt.NewTextParser(model.UTF8Validation)
	all, err := p.TextToMetricFamilies(r)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// fetched asks the console's address for something.
func fetched(t testing.TB, url, token string) (int, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(b)
}

// sumOf adds up a family's values, of one label's value when it is given.
func sumOf(f *dto.MetricFamily, value string) (sum float64) {
	for _, m := range f.GetMetric() {
		here := value == ""
		for _, l := range m.GetLabel() {
			here = here || l.GetValue() == value
		}
		if here {
			sum += m.GetGauge().GetValue() + m.GetCounter().GetValue()
		}
	}
	return sum
}

// TestWatchedSeason plays a wave of a season while a Prometheus reads it every now and then: what it is told at the end agrees
// with the ledger, and no label of it holds a number, a person or a group.
func TestWatchedSeason(t *testing.T) {
	t.Parallel()
	const word = "a word that nobody guesses"
	s := newSeason(t, 30, 3)
	file := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(file, []byte(word+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if code, body := fetched(t, s.url+"/metrics", word); code != http.StatusUnauthorized || strings.Contains(body, "chunfeng_") {
		t.Errorf("without a token file the metrics are open over HTTP: %d", code)
	}
	s.app.from.Env = append(s.app.from.Env, "CHUNFENG_METRICS__TOKEN_FILE="+file)
	if _, _, err := s.app.Reload(t.Context()); err != nil {
		t.Fatal(err)
	}
	stop, scrapes := make(chan struct{}), make(chan int)
	go func() {
		n := 0
		defer func() { scrapes <- n }()
		for {
			select {
			case <-stop:
				return
			case <-time.After(50 * time.Millisecond):
			}
			w := httptest.NewRecorder()
			s.app.metrics.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", nil))
			if w.Code == http.StatusOK {
				n++
			}
		}
	}()
	if err := s.wave(t.Context(), 1, examples.Batch1, examples.Batch1Employers, examples.Batch1Vacancies); err != nil {
		t.Fatal(err)
	}
	close(stop)
	n := <-scrapes
	if n < 3 {
		t.Errorf("only %d scrapes while the season went on", n)
	}
	if code, _ := fetched(t, s.url+"/metrics", "another word of twenty or more"); code != http.StatusUnauthorized {
		t.Errorf("a wrong token reads the metrics: %d", code)
	}
	code, body := fetched(t, s.url+"/metrics", word)
	if code != http.StatusOK {
		t.Fatalf("metrics: %d %s", code, body)
	}
	all := scrape(t, strings.NewReader(body))
	waves, err := s.app.store.Waves(false)
	if err != nil {
		t.Fatal(err)
	}
	answers, err := s.app.store.Wave(store.AnswersID)
	if err != nil {
		t.Fatal(err)
	}
	for _, state := range []store.State{store.Sent, store.Failed, store.Skipped, store.Unknown, store.Recalled} {
		want := answers.Counts[state]
		for _, w := range waves {
			want += w.Counts[state]
		}
		if got := sumOf(all["chunfeng_deliveries"], state.String()); got != float64(want) {
			t.Errorf("%v deliveries are told to be %s, the ledger has %d", got, state, want)
		}
	}
	if moved := sumOf(all["chunfeng_delivery_moves_total"], "sent"); moved == 0 || sumOf(all["chunfeng_build_info"], "") != 1 || sumOf(all["chunfeng_ready"], "") != 1 {
		t.Errorf("moved to sent %v, build %v, ready %v", moved, all["chunfeng_build_info"], all["chunfeng_ready"])
	}
	if h := all["chunfeng_commit_duration_seconds"].GetMetric()[0].GetHistogram(); h.GetSampleCount() < 100 || h.GetSampleSum() <= 0 {
		t.Errorf("commits: %v", h)
	}
	if n := len(all["chunfeng_account_last_sync_timestamp_seconds"].GetMetric()); n == 0 {
		t.Error("no account tells when it synced last") // of an account that has nothing to hear the first long poll may still be open
	}
	t.Logf("proof: %d scrapes while a wave to 30 groups went out; %d label values hold no number, person or group", n, innocent(t, s, all))
}

// innocent holds every label value of a page against all the names and numbers that the ledger knows.
func innocent(t testing.TB, s *season, all map[string]*dto.MetricFamily) (values int) {
	t.Helper()
	secret := map[string]string{}
	if err := s.app.store.EachGroup(func(g store.Group) bool {
		secret[g.Code], secret[g.Name] = "a group's code", "a group's name"
		return true
	}); err != nil {
		t.Fatal(err)
	}
	accounts, err := s.app.store.Accounts()
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range accounts {
		secret[a.NickName] = "the name of an account's owner"
	}
	delete(secret, "")
	digits := regexp.MustCompile(`[0-9][-. ]?[0-9][-. ]?[0-9][-. ]?[0-9][-. ]?[0-9]`)
	for name, f := range all {
		for _, m := range f.GetMetric() {
			for _, l := range m.GetLabel() {
				values++
				if name == "chunfeng_build_info" || name == "go_info" {
					continue // a version and a commit
				}
				if digits.MatchString(l.GetValue()) {
					t.Errorf("%s{%s=%q} may be a telephone number", name, l.GetName(), l.GetValue())
				}
				for word, what := range secret {
					if l.GetValue() == word || len(word) > 5 && strings.Contains(l.GetValue(), word) {
						t.Errorf("%s{%s=%q} holds %s", name, l.GetName(), l.GetValue(), what)
					}
				}
			}
		}
	}
	return values
}

// TestReady tells when the program does its work and when not.
func TestReady(t *testing.T) {
	app, err := New(Options{Data: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	ask := func(path string) (int, health) {
		t.Helper()
		w := httptest.NewRecorder()
		app.watched(http.NotFoundHandler(), false).ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
		var h health
		if err := json.Unmarshal(w.Body.Bytes(), &h); err != nil {
			t.Fatalf("%s: %v in %s", path, err, w.Body)
		}
		return w.Code, h
	}
	if code, h := ask("/readyz"); code != 503 || h.OK || strings.Join(h.Reasons, " ") != "starting" {
		t.Errorf("before the start: %d %v", code, h)
	}
	app.from.Env = []string{"CHUNFENG_LISTEN=", "CHUNFENG_WECHAT__GATEWAY=http://127.0.0.1:1"}
	if _, _, err := app.Reload(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := app.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/livez", "/readyz"} {
		if code, h := ask(path); code != 200 || !h.OK {
			t.Errorf("%s of a new installation: %d %v", path, code, h)
		}
	}
	if _, err := app.store.AddAccount("yanji", "", "t"); err != nil {
		t.Fatal(err)
	}
	if code, h := ask("/readyz"); code != 503 || strings.Join(h.Reasons, " ") != "no_account_online" {
		t.Errorf("with one account that is not logged in: %d %v", code, h)
	}
	if err := app.store.Disarm(); err != nil {
		t.Fatal(err)
	}
	if code, h := ask("/readyz"); code != 503 || h.Reasons[0] != "disarmed" {
		t.Errorf("disarmed: %d %v", code, h)
	}
	if code, _ := ask("/livez"); code != 200 {
		t.Errorf("disarmed it still lives, not %d", code)
	}
	if err := app.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	if code, h := ask("/livez"); code != 503 || h.OK {
		t.Errorf("stopped: %d %v", code, h)
	}
	if code, h := ask("/readyz"); code != 503 || h.OK {
		t.Errorf("stopped: %d %v", code, h)
	}
}
