package metrics

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/goccy/go-yaml"

	"chunfeng/broadcast"
	"chunfeng/store"
	"chunfeng/store/storetest"
)

// told lists the names of every metric that there can be.
func told(t *testing.T) map[string]bool {
	t.Helper()
	s := storetest.Open(t)
	at := time.Now()
	m := New(Options{
		Store: s, Lanes: func() map[string]broadcast.Status { return map[string]broadcast.Status{"a01": {}} }, Ready: func() bool { return true },
		Backup:   func() (time.Time, bool) { return at, true },
		Accounts: func() []Account { return []Account{{Name: "a01", Label: "a01", LastSync: at, LastHeard: at}} },
	})
	m.Signal("a01", broadcast.TooOften)
	m.Notice("webhook", true)
	if _, _, err := s.RaiseAlert(store.Alert{What: "disk"}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.AddAccount("a01", "", "t"); err != nil {
		t.Fatal(err)
	}
	if err := s.AddAnswer(store.Answer{Group: 1, Account: "a01", Content: store.Content{Kind: store.Text, Body: []byte("x")}}, 0); err != nil {
		t.Fatal(err)
	}
	d, _, _, err := s.Next("a01", true, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := s.Claim(d, 0, nil); err != nil {
		t.Fatal(err)
	}
	out := map[string]bool{}
	for key := range page(t, m) {
		if name, _, _ := strings.Cut(key, " "); strings.HasPrefix(name, "chunfeng_") {
			out[name] = true
		}
	}
	return out
}

// named lists the metrics that a text mentions.
func named(text string) []string {
	all := regexp.MustCompile(`\bchunfeng_[a-z0-9_]+`).FindAllString(text, -1)
	slices.Sort(all)
	return slices.Compact(all)
}

// TestDocumented holds docs/operations.md and the example rules to the metrics that there are: each is described, and none is
// mentioned that is not there.
func TestDocumented(t *testing.T) {
	there := told(t)
	if len(there) < 25 {
		t.Fatalf("only %d metrics are told: %v", len(there), slices.Sorted(maps.Keys(there)))
	}
	root := filepath.Join("..", "..", "..")
	doc, err := os.ReadFile(filepath.Join(root, "docs", "operations.md"))
	if err != nil {
		t.Fatal(err)
	}
	rules, err := os.ReadFile(filepath.Join(root, "examples", "prometheus-alerts.yml"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range slices.Sorted(maps.Keys(there)) {
		if !strings.Contains(string(doc), "`"+name+"`") {
			t.Errorf("docs/operations.md does not describe %s", name)
		}
	}
	for file, text := range map[string]string{"docs/operations.md": string(doc), "examples/prometheus-alerts.yml": string(rules)} {
		for _, name := range named(text) {
			if !there[name] && !there[strings.TrimSuffix(name, "_bucket")] {
				t.Errorf("%s mentions %s, which is not told", file, name)
			}
		}
	}
	var parsed struct {
		Groups []struct {
			Rules []struct {
				Alert, Expr string
				Annotations map[string]string
			}
		}
	}
	if err := yaml.Unmarshal(rules, &parsed); err != nil {
		t.Fatal(err)
	}
	for _, r := range parsed.Groups[0].Rules {
		if r.Alert == "" || r.Expr == "" || r.Annotations["summary"] == "" {
			t.Errorf("a rule says too little: %+v", r)
		}
	}
}
