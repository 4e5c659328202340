package rehearsal

import (
	"strings"
	"time"

	"chunfeng/bot"
	"chunfeng/store"
)

// somebody answers when a person has dealt with something that began to wait now: people are there when broadcasts may go
// out, and take their while.
func (w *show) somebody() time.Time { return w.calendar.Open(time.Now()).Add(w.away) }

// heard is told what happens to an account; people see to what needs their hands.
func (w *show) heard(e bot.Event) {
	if e.Kind != bot.ShowCode && e.Kind != bot.ConfirmPhone && e.Kind != bot.Silent {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.scanned[e.Account] {
		return
	}
	w.scanned[e.Account] = true
	wait := time.Until(w.somebody())
	if time.Now().Before(w.st.Now) {
		wait = 10 * time.Second // the first login of all
	}
	time.AfterFunc(wait, func() { w.visit(e.Account) })
}

// visit is a person with an account's phone in hand: what it asks for is confirmed, and the code on the screen is scanned.
func (w *show) visit(name string) {
	w.mu.Lock()
	a := w.accounts[name]
	w.scanned[name] = false
	if time.Now().After(w.st.Now) {
		w.out.Scans++
	}
	w.mu.Unlock()
	phone := w.sim.Account(name)
	phone.Touch()
	if link, _, _, waits := a.QR(); waits {
		_ = phone.ScanAndConfirm(link[strings.LastIndex(link, "/")+1:]) // an old code is replaced by one that is told anew
		return
	}
	_ = phone.Confirm()
}

// restart is a person who has looked at an account that stopped and lets it go on; the platform may still forbid it.
func (w *show) restart(name string) {
	w.mu.Lock()
	w.scanned[name] = false
	w.mu.Unlock()
	_, _ = w.store.ChangeAccount(name, who, "account.resume", func(a *store.Account) error {
		a.State, a.Why = store.AccountOffline, ""
		return nil
	})
}
