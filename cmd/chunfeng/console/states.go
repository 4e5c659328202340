package console

import (
	"fmt"

	"chunfeng/store"
)

// deliveryClass is the look of a delivery's state: its colour and its sign.
func deliveryClass(s store.State) string {
	switch s {
	case store.Sent:
		return "ok"
	case store.Sending, store.Accepted:
		return "run"
	case store.Held:
		return "hold"
	case store.Unknown:
		return "unknown"
	case store.Failed:
		return "bad"
	case store.Skipped, store.Cancelled, store.Recalled:
		return "off"
	}
	return "wait"
}

// bindingClass is the look of a binding's state.
func bindingClass(s store.BindingState) string {
	switch s {
	case store.Bound:
		return "ok"
	case store.Quarantined:
		return "unknown"
	}
	return "bad"
}

// accountClass is the look of an account's state.
func accountClass(s store.AccountState) string {
	switch s {
	case store.AccountOnline:
		return "ok"
	case store.AccountCooling, store.AccountPaused:
		return "hold"
	case store.AccountStopped:
		return "bad"
	case store.AccountWaitingScan:
		return "unknown"
	}
	return "wait"
}

// stretch is one state's part of a bar that is 100 wide.
type stretch struct {
	State    store.State
	Class    string
	Count    int
	X, Width string
}

// tallyBar lays the states of a tally side by side, in the order of their lives; nothing for none.
func tallyBar(t store.Tally) (out []stretch) {
	total := t.Total()
	x := 0.0
	for _, s := range store.States() {
		if t[s] == 0 {
			continue
		}
		width := 100 * float64(t[s]) / float64(total)
		out = append(out, stretch{s, deliveryClass(s), t[s], fmt.Sprintf("%.3f", x), fmt.Sprintf("%.3f", width)})
		x += width
	}
	return out
}
