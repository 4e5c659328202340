package bot

import (
	"errors"
	"time"

	"chunfeng/store"
	"chunfeng/templates/words"
)

// State is what an account is doing at this moment.
type State struct {
	State       store.AccountState
	Why         string    // a text of Why; empty when there is nothing to explain
	Since       time.Time // of State
	Settled     bool      // the groups were matched in this session
	Bound       int       // groups that can be written to
	Quarantined int       // groups of which it is not certain which chat they are
	LastHeard   time.Time // when the server last brought anything; since the program started
	LastSync    time.Time // when it last answered a sync as it should, be it with nothing; zero: not in this session
	Unheard     int       // sends that it accepted since LastHeard
}

// State answers what the account is doing.
func (a *Account) State() State {
	a.mu.RLock()
	v, r, s := State{State: a.state, Why: a.why, Since: a.since}, a.roster, a.session
	a.mu.RUnlock()
	if s != nil {
		v.LastSync = s.lastGood.at()
	}
	v.Unheard = int(a.sends.Load())
	if r != nil {
		r.tell(&v)
	}
	v.LastHeard = a.lastHeard.at()
	return v
}

// record notes a state here and in the ledger.
func (a *Account) record(state store.AccountState, why string) {
	a.show(state, why)
	_, err := a.o.Store.ChangeAccount(a.o.Account, "", "", func(rec *store.Account) error {
		rec.State, rec.Why = state, why
		return nil
	})
	if err != nil && !errors.Is(err, words.Refuse("store.no_account")) {
		a.log.Warn().Err(err).Str("state", string(state)).Msg("the state was not recorded")
	}
}

func (a *Account) show(state store.AccountState, why string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.state != state {
		a.since = time.Now()
	}
	a.state, a.why = state, why
}
