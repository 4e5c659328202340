package api

import (
	"io"
	"net/http"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"chunfeng/cmd/chunfeng/backup"
	"chunfeng/config"
	"chunfeng/store"
	"chunfeng/templates/words"
)

// Backups is how backups are made, and what came of it.
type Backups struct {
	Folder string     `json:"folder"` // empty: none are made by themselves
	Next   *time.Time `json:"next"`   // when the next one is due; null: none are made
	Last   *Backup    `json:"last"`   // the newest good one; null: there is none yet
	Old    bool       `json:"old"`    // the newest good one is older than two rounds, or there is none though they are made
	Runs   []Backup   `json:"runs"`   // newest first, at most 500
}

// Backup is one backup, made or failed.
type Backup struct {
	Number     uint64     `json:"number"`
	At         time.Time  `json:"at"`      // of the copy; of a failure the first one in a row
	Seconds    float64    `json:"seconds"` // that it took, checks and all
	File       string     `json:"file"`    // empty for a failure
	Bytes      int64      `json:"bytes"`   // of the sealed file
	SHA256     string     `json:"sha256"`  // of the sealed file
	Good       bool       `json:"good"`    // it was checked and has its name
	Why        string     `json:"why"`     // it failed, in English
	Tries      int        `json:"tries"`   // how often it failed so in a row
	Deliveries int        `json:"deliveries"`
	Signups    int        `json:"signups"`
	Removed    *time.Time `json:"removed"` // when the file was removed for its age
}

func (a *API) backupRoutes() {
	a.on(Keep, "GET /v1/backup", func(r request) (any, error) {
		dir, err := backup.Scratch(a.store.Dir())
		if err != nil {
			return nil, err
		}
		// To a file first: however slowly the answer is read, the ledger is read no longer than a disk takes.
		path := filepath.Join(dir, store.DatabaseFile)
		if _, err := a.store.BackupFile(r.Context(), path); err != nil {
			os.RemoveAll(dir)
			return nil, err
		}
		return stream(func(w http.ResponseWriter) error {
			defer os.RemoveAll(dir)
			f, err := os.Open(path)
			if err != nil {
				return err
			}
			defer f.Close()
			w.Header().Set("Content-Type", "application/octet-stream")
			_, err = io.Copy(w, f)
			return err
		}), nil
	}).says("Answers a copy of the ledger as it is at this moment.").streams("application/octet-stream")
	a.on(Keep, "GET /v1/backups", func(request) (any, error) { return a.backups(time.Now()) }).
		says("Lists the backups that were made, and tells when the next one is due.").answers(Backups{})
	a.on(Keep, "POST /v1/backups", func(r request) (any, error) {
		b, err := a.BackUp(r.Context(), r.Name)
		return a.viewBackup(b), err
	}).says("Makes a backup now, by the rule of those that are made by themselves.").answers(Backup{})
}

// BackupRule is how backups are made by a configuration; found is false where it names no folder.
func BackupRule(c *config.Config) (r backup.Rule, found bool) {
	b := c.Backup
	return backup.Rule{Folder: b.Folder, Recipients: b.Recipients, At: b.At, Every: b.Every, Zone: c.Zone, Keep: b.Keep, Copies: b.Copies}, b.Folder != ""
}

func (a *API) viewBackup(b store.BackupRun) Backup {
	return Backup{
		Number: b.Number, At: a.local(b.At), Seconds: b.Took.Seconds(), File: b.File, Bytes: b.Bytes, SHA256: b.SHA256, Good: b.Good, Why: b.Why,
		Tries: b.Tries, Deliveries: b.Deliveries, Signups: b.Signups, Removed: a.moment(b.Removed),
	}
}

func (a *API) backups(now time.Time) (v Backups, err error) {
	all, err := a.store.Backups()
	if err != nil {
		return v, err
	}
	v.Runs = make([]Backup, len(all))
	for i, b := range all {
		v.Runs[i] = a.viewBackup(b)
		if v.Last == nil && b.Good {
			v.Last = &v.Runs[i]
		}
	}
	if r, found := BackupRule(a.Config()); found {
		_, next := r.Due(now)
		v.Folder, v.Next = r.Folder, a.moment(next)
		v.Old = v.Last == nil || now.Sub(v.Last.At) > 2*r.Every
	}
	return v, nil
}

// diagnoseBackups tells when the newest good backup is old, when none are made, and when they lie where the ledger does.
func (a *API) diagnoseBackups(r request, tell func(level, what string, args ...any)) error {
	v, err := a.backups(time.Now())
	if err != nil {
		return err
	}
	switch {
	case v.Folder == "":
		tell("warn", "no_backups")
		return nil
	case v.Last == nil && len(v.Runs) == 0:
		tell("warn", "backup_none", v.Folder)
	case v.Last == nil:
		tell("bad", "backup_failed", v.Runs[0].Why)
	case v.Old:
		why := words.Say(r.Lang, "cmd.doctor_backup_unknown")
		if !v.Runs[0].Good {
			why = v.Runs[0].Why
		}
		tell("bad", "backup_old", v.Last.At.Format("2006-01-02 15:04"), why)
	default:
		tell("ok", "backup", v.Last.At.Format("2006-01-02 15:04"), v.Last.File)
	}
	if sameDisk(v.Folder, a.store.Dir()) {
		tell("warn", "backup_same_disk", v.Folder)
	}
	return nil
}

func sameDisk(a, b string) bool {
	var x, y syscall.Stat_t
	return syscall.Stat(a, &x) == nil && syscall.Stat(b, &y) == nil && x.Dev == y.Dev
}
