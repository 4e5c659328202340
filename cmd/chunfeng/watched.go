package main

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"strings"
	"time"

	"chunfeng/broadcast"
	"chunfeng/cmd/chunfeng/metrics"
	"chunfeng/store"
)

// pulseWithin is how long the ledger's writer may take to turn once before the process counts as stuck. A disk that refuses
// is another matter: then the writer turns, and the process is not ready.
const pulseWithin = 5 * time.Second

// shortestToken is the least length of the word that opens /metrics: nobody guesses twenty characters.
const shortestToken = 20

// watched answers what machines ask for that watch the program, and leaves the rest to next. owner: whoever asks came over
// the socket in the data folder; anybody else must show the token for the metrics.
func (a *App) watched(next http.Handler, owner bool) http.Handler {
	m := http.NewServeMux()
	m.HandleFunc("GET /livez", a.livez)
	m.HandleFunc("GET /readyz", a.readyz)
	figures := a.metrics.Handler()
	m.HandleFunc("GET /metrics", func(w http.ResponseWriter, r *http.Request) {
		if !owner && !a.shown(r) {
			w.Header().Set("WWW-Authenticate", `Bearer realm="chunfeng"`)
			http.Error(w, "metrics are for whoever shows the token of metrics.token_file, or asks over the socket", http.StatusUnauthorized)
			return
		}
		figures.ServeHTTP(w, r)
	})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/livez", "/readyz", "/metrics":
			w.Header().Set("Cache-Control", "no-store")
			w.Header().Set("X-Content-Type-Options", "nosniff")
			m.ServeHTTP(w, r)
		default:
			next.ServeHTTP(w, r)
		}
	})
}

// livez tells whether the process turns. Whoever restarts it when it does not should not do so because a disk is full.
func (a *App) livez(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), pulseWithin)
	defer cancel()
	if err := a.store.Pulse(ctx); err != nil {
		tell(w, http.StatusServiceUnavailable, health{Reasons: []string{"ledger_hangs"}})
		return
	}
	tell(w, http.StatusOK, health{OK: true, Reasons: []string{}})
}

// readyz tells whether the program does its work, and if not why, in words that say nothing of anybody.
func (a *App) readyz(w http.ResponseWriter, _ *http.Request) {
	why := a.notReady()
	code := http.StatusOK
	if len(why) > 0 {
		code = http.StatusServiceUnavailable
	}
	tell(w, code, health{OK: len(why) == 0, Reasons: why})
}

// health is the answer of /livez and /readyz.
type health struct {
	OK      bool     `json:"ok"`
	Reasons []string `json:"reasons"`
}

func tell(w http.ResponseWriter, code int, h health) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(code)
	_ = json.NewEncoder(w).Encode(h)
}

// notReady lists why the program does not do its work: what was to go out does not, or what comes in is not heard. An
// installation without an account waits for nothing, so it is ready; one unbound group or one account of several that is
// logged out is an alert, not a reason.
func (a *App) notReady() []string {
	why := []string{}
	if a.store.Down() != nil {
		why = append(why, "storage_down")
	}
	a.mu.Lock()
	v := a.live
	ignored := len(a.config.Ignored()) > 0
	works := v != nil && v.shift != nil
	a.mu.Unlock()
	switch {
	case a.store.Disarmed() != nil:
		why = append(why, "disarmed")
	case !works:
		why = append(why, "starting")
	}
	if v != nil {
		select {
		case <-v.stopping:
			why = append(why, "stopping")
		default:
		}
	}
	if ignored {
		why = append(why, "configuration")
	}
	accounts, err := a.store.Accounts()
	if err != nil {
		return append(why, "ledger_unreadable")
	}
	wanted, online := 0, 0
	for _, one := range accounts {
		if one.Paused {
			continue
		}
		wanted++
		if one.State == store.AccountOnline {
			online++
		}
	}
	if wanted > 0 && online == 0 {
		why = append(why, "no_account_online")
	}
	return why
}

// shown tells whether a request shows the token. The file is read each time, so that a new token needs no restart.
func (a *App) shown(r *http.Request) bool {
	said, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !ok {
		return false
	}
	token, err := metricsToken(a.settings().MetricsToken)
	if err != nil {
		return false
	}
	// Hashed, so that neither length nor content shows in the time it takes.
	x, y := sha256.Sum256([]byte(said)), sha256.Sum256([]byte(token))
	return subtle.ConstantTimeCompare(x[:], y[:]) == 1
}

// errNoToken is a file that opens nothing.
var errNoToken = errors.New("no token, or one of fewer than 20 characters")

// metricsToken reads the token of a file.
func metricsToken(path string) (string, error) {
	if path == "" {
		return "", errNoToken
	}
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, 4096))
	if err != nil {
		return "", err
	}
	token := strings.TrimSpace(string(b))
	if len(token) < shortestToken {
		return "", errNoToken
	}
	return token, nil
}

// measure makes the metrics of this program.
func (a *App) measure() *metrics.Metrics {
	v := thisVersion()
	return metrics.New(metrics.Options{
		Store: a.store, Version: v.Version, Commit: v.Commit, Backup: a.lastBackup, Ready: func() bool { return len(a.notReady()) == 0 },
		Lanes: func() map[string]broadcast.Status {
			if d := a.dispatcher(); d != nil {
				return d.Statuses()
			}
			return nil
		},
		Accounts: func() (out []metrics.Account) {
			all, err := a.store.Accounts()
			if err != nil {
				return nil
			}
			for _, one := range all {
				v := metrics.Account{Name: one.Name, Label: one.Label(), LastHeard: one.LastInboundAt}
				if m := a.crewMember(one.Name); m != nil {
					s := m.account.State()
					v.Online, v.LastSync = s.State == store.AccountOnline, s.LastSync
					if s.LastHeard.After(v.LastHeard) {
						v.LastHeard = s.LastHeard
					}
				}
				out = append(out, v)
			}
			return out
		},
	})
}

// signalled counts what the platform said of an account.
func (a *App) signalled(account string, s broadcast.Signal) {
	one, err := a.store.Account(account)
	if err != nil {
		return
	}
	a.metrics.Signal(one.Label(), s)
}

// lastBackup answers when the newest backup was made that was verified.
func (a *App) lastBackup() (at time.Time, found bool) {
	b, found, err := a.store.LastBackup()
	return b.At, found && err == nil
}
