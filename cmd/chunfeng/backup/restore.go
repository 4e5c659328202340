package backup

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"chunfeng/store"
	"chunfeng/templates/words"
)

// restorePrefix begins the names of folders in which a restore is made ready.
const restorePrefix = ".chunfeng-restore-"

// Restore puts a ledger into a data folder that is empty or not there. fill puts database, key file and templates into a
// folder of its own and answers their names; there they are opened, recounted and disarmed before anything of them stands
// in the data folder. The database comes last: what a crash leaves is no ledger. An error leaves nothing.
func Restore(ctx context.Context, data string, fill func(dir string) ([]string, error)) (names []string, checked store.Checked, err error) {
	names = []string{}
	whole, err := filepath.Abs(data)
	if err != nil {
		return names, checked, err
	}
	// Where the folder is there, it may be all that this person may write to.
	beside := whole
	switch left, err := os.ReadDir(whole); {
	case err == nil && len(left) > 0:
		return names, checked, words.Refuse("cmd.not_empty", data)
	case errors.Is(err, fs.ErrNotExist):
		beside = filepath.Dir(whole)
		if err := os.MkdirAll(beside, 0o700); err != nil {
			return names, checked, err
		}
	case err != nil:
		return names, checked, err
	}
	dir, err := os.MkdirTemp(beside, restorePrefix)
	if err != nil {
		return names, checked, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	if names, err = fill(dir); err != nil {
		return names, checked, err
	}
	if checked, err = disarmed(ctx, dir); err != nil {
		return names, checked, err
	}
	// What was put back stays under its names when the power fails next.
	for _, name := range []string{filepath.Join(dir, templatesFolder), dir} {
		if err := store.SyncFolder(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return names, checked, err
		}
	}
	if beside != whole {
		return names, checked, errors.Join(os.Rename(dir, whole), store.SyncFolder(beside))
	}
	if err := os.Chmod(whole, 0o700); err != nil {
		return names, checked, err
	}
	return names, checked, moveUp(dir, whole)
}

// disarmed opens a ledger, recounts it, and marks it as one that was put back.
func disarmed(ctx context.Context, dir string) (checked store.Checked, err error) {
	s, err := store.Open(store.Options{Dir: dir})
	if err != nil {
		return checked, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	if checked, err = s.Check(ctx); err != nil {
		return checked, err
	}
	if !checked.OK {
		return checked, words.Refuse("cmd.check_broken", len(checked.Broken))
	}
	return checked, s.Disarm()
}

// moveUp moves what was made ready into the folder around it, the database last.
func moveUp(from, to string) (err error) {
	all, err := os.ReadDir(from)
	if err != nil {
		return err
	}
	var moved []string
	defer func() {
		if err != nil {
			for _, name := range moved {
				err = errors.Join(err, os.RemoveAll(filepath.Join(to, name)))
			}
		}
	}()
	move := func(name string) error {
		moved = append(moved, name)
		return os.Rename(filepath.Join(from, name), filepath.Join(to, name))
	}
	for _, e := range all {
		if e.Name() != store.DatabaseFile {
			if err := move(e.Name()); err != nil {
				return err
			}
		}
	}
	if err := store.SyncFolder(to); err != nil {
		return err
	}
	return errors.Join(move(store.DatabaseFile), store.SyncFolder(to))
}
