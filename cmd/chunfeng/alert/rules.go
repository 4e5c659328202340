package alert

import (
	"fmt"
	"slices"
	"time"

	"chunfeng/store"
)

// The kinds of alert.
const (
	StorageDown = "storage_down"
	Disarmed    = "disarmed"
	AccountOut  = "account_out"
	Silent      = "silent"
	Behind      = "behind"
	Unknown     = "unknown"
	DiskLow     = "disk"
	BackupOld   = "backup"
)

// verdict is what one look found.
type verdict struct {
	wrong []store.Alert
	keep  []topic // it is not certain that it is over
	later bool    // only what cannot wait was looked at
}

func (v *verdict) is(what, on string, since time.Time, key string, args ...any) {
	a := store.Alert{What: what, On: on, Since: since, Key: "alert." + key}
	for _, one := range args {
		a.Args = append(a.Args, fmt.Sprint(one))
	}
	v.wrong = append(v.wrong, a)
}

func (v *verdict) unsure(what, on string) { v.keep = append(v.keep, topic{what, on}) }

// stays tells whether an open alert goes on.
func (v *verdict) stays(t topic) bool {
	if v.later && t.what != StorageDown && t.what != Disarmed {
		return true
	}
	return slices.Contains(v.keep, t) || slices.Contains(v.keep, topic{t.what, ""}) ||
		slices.ContainsFunc(v.wrong, func(a store.Alert) bool { return a.What == t.what && a.On == t.on })
}

// urgent looks at what must be known within seconds; it reads memory alone.
func (w *Watch) urgent(v *verdict) {
	if w.o.Store.Down() != nil {
		v.is(StorageDown, "", time.Time{}, "storage_down")
	}
	if w.o.Store.Disarmed() != nil {
		v.is(Disarmed, "", time.Time{}, "disarmed")
	}
}

// everything looks at the rest.
func (w *Watch) everything(v *verdict, now time.Time) {
	w.accounts(v, now)
	w.disk(v)
	w.backup(v, now)
	if err := w.waves(v, now); err != nil {
		w.o.Log.Warn().Err(err).Msg("the waves could not be looked at")
		v.unsure(Behind, "")
		v.unsure(Unknown, "")
	}
}

// accounts looks for accounts that are logged out or hear nothing.
func (w *Watch) accounts(v *verdict, now time.Time) {
	c := w.o.Config()
	all, ok := w.o.Accounts()
	if !ok {
		v.unsure(AccountOut, "")
		v.unsure(Silent, "")
		return
	}
	known := map[string]bool{}
	for _, a := range all {
		known[a.Name] = true
		w.out(v, a, c.Alerts.AccountOut, now)
		if c.Alerts.Silent > 0 {
			w.silence(v, a, now)
		}
	}
	for name := range w.ears {
		if !known[name] {
			delete(w.ears, name)
		}
	}
	w.keepEars(false)
}

// out tells of an account that was logged in once and is not. A paused one is somebody's decision.
func (w *Watch) out(v *verdict, a Account, within time.Duration, now time.Time) {
	switch {
	case within == 0, a.Paused, a.Now == store.AccountOnline, a.OnlineSince.IsZero():
	case a.Now == store.AccountStopped:
		v.is(AccountOut, a.Name, a.Since, "account_stopped", a.Label())
	case now.Sub(a.Since) >= within:
		v.is(AccountOut, a.Name, a.Since, "account_out", a.Label())
	default:
		v.unsure(AccountOut, a.Name)
	}
}

// disk tells of a disk with less room than is set, or than the ledger twice: a backup of it, or compacting it, wants that.
func (w *Watch) disk(v *verdict) {
	least := int64(w.o.Config().Alerts.DiskFree) << 20
	if least == 0 {
		return
	}
	least = max(least, 2*sizeOf(w.o.Store.Dir()))
	switch free := w.o.Free(); {
	case free < least:
		v.is(DiskLow, "", time.Time{}, "disk", free>>20, least>>20)
	case free < least+least/5:
		v.unsure(DiskLow, "") // a few bytes more are no news
	}
}

// backup tells that the newest backup is old, or that there never was one.
func (w *Watch) backup(v *verdict, now time.Time) {
	oldest := w.o.Config().Alerts.Backup
	if oldest == 0 {
		return
	}
	at, found := w.o.Backup()
	if !found {
		made, err := w.o.Store.Made()
		if err != nil {
			v.unsure(BackupOld, "")
		} else if now.Sub(made) >= oldest {
			v.is(BackupOld, "", made, "no_backup")
		}
		return
	}
	if now.Sub(at) >= oldest {
		v.is(BackupOld, "", at, "backup", int(now.Sub(at).Hours()/24))
	}
}

// waves looks for running waves that are behind, and for deliveries that nobody decides about.
func (w *Watch) waves(v *verdict, now time.Time) error {
	c := w.o.Config().Alerts
	if c.Behind > 0 {
		active, err := w.o.Store.Waves(true)
		if err != nil {
			return err
		}
		for _, one := range active {
			w.late(v, one, c.Behind, now)
		}
	}
	if c.Unknown == 0 {
		return nil
	}
	waiting, err := w.o.Store.Waiting(now)
	if err != nil {
		return err
	}
	for id, u := range waiting.Unknown {
		if now.Sub(u.Since) >= c.Unknown {
			v.is(Unknown, id, u.Since, "unknown", id, u.Count)
		}
	}
	return nil
}

// late tells of a wave that will end later than was forecast when it was opened: by more than is allowed, and a tenth of the
// time that it was to take.
func (w *Watch) late(v *verdict, one store.Wave, allowed time.Duration, now time.Time) {
	if one.Forecast.IsZero() {
		return
	}
	if one.State != store.WaveRunning {
		v.unsure(Behind, one.ID) // a pause makes it later still
		return
	}
	allowed += one.Forecast.Sub(one.OpenedAt) / 10
	behind := now.Add(w.o.Left(one.ID)).Sub(one.Forecast)
	switch {
	case behind >= allowed:
		v.is(Behind, one.ID, time.Time{}, "behind", one.ID, int(behind.Round(time.Minute).Minutes()))
	case behind >= allowed/2:
		v.unsure(Behind, one.ID)
	}
}
