package main

import (
	"context"
	"os"
	"time"

	"chunfeng/cmd/chunfeng/api"
	"chunfeng/cmd/chunfeng/backup"
	"chunfeng/store"
	"chunfeng/templates/words"
)

// backUp makes one backup, remembers what came of it, and removes what is too old. A ledger that may be a copy makes none:
// its backups would lie among those of the true one, and have them expire.
func (a *App) backUp(ctx context.Context, who string) (run store.BackupRun, err error) {
	r, found := api.BackupRule(a.settings())
	switch {
	case !found:
		return run, words.Refuse("backup.off").Of(words.Conflict)
	case a.store.Disarmed() != nil:
		return run, words.Refuse("backup.disarmed").Of(words.Conflict)
	case !a.copying.TryLock():
		return run, words.Refuse("backup.under_way").Of(words.Later)
	}
	defer a.copying.Unlock()
	run, err = backup.Take(ctx, a.store, r)
	if ctx.Err() != nil && err != nil {
		return run, err // it was told to stop: that is no failure of backups
	}
	if err != nil {
		a.log.Error().Err(err).Str("folder", r.Folder).Msg("no backup could be made")
		failed := store.BackupRun{At: run.At, Took: run.Took, Why: words.SayError(words.English, err)}
		if _, noted := a.store.AddBackup(failed, who); noted != nil {
			a.log.Error().Err(noted).Msg("nor could that be noted in the ledger")
		}
		return run, err
	}
	if run, err = a.store.AddBackup(run, who); err != nil {
		return run, err
	}
	a.log.Info().Str("file", run.File).Int64("bytes", run.Bytes).Dur("took", run.Took).Msg("a backup was made, checked and sealed")
	// Only behind a good one: while none can be made, the old ones are all there is.
	if err := a.expireBackups(r); err != nil {
		a.log.Error().Err(err).Msg("old backups could not be removed")
	}
	return run, nil
}

// expireBackups removes the files that the rule keeps no longer, and notes it.
func (a *App) expireBackups(r backup.Rule) error {
	id, err := a.store.Installation()
	if err != nil {
		return err
	}
	old, err := backup.Expired(r, id, time.Now())
	if err != nil {
		return err
	}
	all, err := a.store.Backups()
	if err != nil {
		return err
	}
	for _, file := range old {
		if err := os.Remove(file); err != nil {
			return err
		}
		a.log.Info().Str("file", file).Msg("an old backup was removed")
		for _, b := range all {
			if b.File == file {
				if err := a.store.BackupRemoved(b.Number); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

const (
	backupLook  = time.Minute      // how often it is looked whether one is due: the clock may have been set meanwhile
	backupAgain = 10 * time.Minute // after a failure
)

// backUpInTime makes a backup whenever one is due by the rule, at once where one was missed.
func (a *App) backUpInTime(ctx context.Context) {
	tick := time.NewTicker(backupLook)
	defer tick.Stop()
	for failed := (time.Time{}); ; {
		if a.backupDue() && time.Since(failed) >= backupAgain {
			if _, err := a.backUp(ctx, ""); err != nil {
				failed = time.Now()
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// backupDue tells whether the newest good backup is older than the rule wants. One from the future, as a clock that was set
// back leaves it, counts for nothing.
func (a *App) backupDue() bool {
	r, found := api.BackupRule(a.settings())
	if !found || a.store.Disarmed() != nil {
		return false
	}
	b, made, err := a.store.LastBackup()
	if err != nil {
		a.log.Error().Err(err).Msg("it cannot be told whether a backup is due")
		return false
	}
	now := time.Now()
	due, _ := r.Due(now)
	return !made || b.At.Before(due) || b.At.After(now.Add(backupLook))
}
