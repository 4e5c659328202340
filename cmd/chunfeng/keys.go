package main

import (
	"context"
	"time"
)

// turnKeys seals anew what an old key sealed, also where an earlier run was cut short, and with privacy.key_period has each
// period's key destroyed: it makes a new one when the present one is older, and gives the old one up.
func (a *App) turnKeys(ctx context.Context) {
	for {
		changed := a.store.Changed()
		wait := time.Hour
		if err := a.turnKey(ctx); err != nil && ctx.Err() == nil {
			a.log.Error().Err(err).Msg("the keys could not be turned; trying again")
			changed, wait = nil, time.Minute
		}
		select {
		case <-ctx.Done():
			return
		case <-changed:
		case <-time.After(wait):
		}
	}
}

func (a *App) turnKey(ctx context.Context) error {
	period := a.settings().KeyPeriod
	if k := a.store.Keys(); period > 0 && k.Old == 0 && time.Since(k.Since) > period && a.store.Disarmed() == nil {
		if _, err := a.store.Rotate(""); err != nil {
			return err
		}
	}
	n, err := a.store.Reseal(ctx)
	if err != nil {
		return err
	}
	if n > 0 {
		a.log.Info().Int("records", n).Msg("sealed anew with the new key")
	}
	if k := a.store.Keys(); period > 0 && k.Old != 0 && k.Resealed {
		if _, err = a.store.Retire(""); err == nil {
			a.log.Info().Int("key", k.Old).Msg("destroyed the old key")
		}
	}
	return err
}
