package store

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	bolt "go.etcd.io/bbolt"

	"chunfeng/templates/words"
)

// A name is on disk when the folder that holds it was synced; the sync of the file alone does not promise it. Everything
// here keeps to that, so that a power cut leaves what was answered for, whole and under its name.

// makeFolder makes a folder and those above it that are missing, each with its name on disk.
func makeFolder(dir string) error {
	if info, err := os.Stat(dir); err == nil && info.IsDir() {
		return nil
	}
	if above := filepath.Dir(dir); above != dir {
		if err := makeFolder(above); err != nil {
			return err
		}
	}
	if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return syncAbove(dir)
}

// syncAbove syncs the folder in which a folder lies. One that may not be read is another's, and cannot be synced either.
func syncAbove(dir string) error {
	whole, err := filepath.Abs(dir)
	if err != nil {
		return err
	}
	if err := SyncFolder(filepath.Dir(whole)); err != nil && !errors.Is(err, fs.ErrPermission) {
		return err
	}
	return nil
}

// SyncFolder has the names in a folder on disk when it returns nil.
func SyncFolder(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

func writeWhole(path string, b []byte) error {
	return WriteFile(path, func(f *os.File) error { _, err := f.Write(b); return err })
}

// WriteFile writes a file that its owner alone may read, so that it is there whole, on disk, or as it was. It lies under
// another name in the same folder meanwhile.
func WriteFile(path string, write func(*os.File) error) (err error) {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			f.Close()
			os.Remove(f.Name())
		}
	}()
	if err := write(f); err != nil {
		return err
	}
	if err := errors.Join(f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return err
	}
	return SyncFolder(filepath.Dir(path))
}

// found makes the key and an empty database, where there is no database yet, and tells whether there was none. The database
// gets its name when both are on disk: a first start that broke off is simply made again, and no start takes a file that was
// half made for a damaged one.
func found(path string, mapSize int) (fresh bool, err error) {
	dir := filepath.Dir(path)
	if info, err := os.Stat(path); err == nil {
		if info.Size() == 0 {
			return false, words.Refuse("store.empty_file", path).Because(ErrDamaged)
		}
		return false, nil
	} else if !errors.Is(err, fs.ErrNotExist) {
		return false, words.Refuse("store.no_folder", dir).Because(err)
	}
	// Two first starts at once must not give each other's files away.
	lock, err := os.Open(dir)
	if err != nil {
		return false, words.Refuse("store.no_folder", dir).Because(err)
	}
	defer lock.Close()
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX); err != nil {
		return false, words.Refuse("store.no_folder", dir).Because(err)
	}
	if _, err := os.Stat(path); err == nil {
		return false, nil
	}
	if err := syncAbove(dir); err != nil {
		return false, words.Refuse("store.no_folder", dir).Because(err)
	}
	_, err = loadKeys(dir, true)
	if err == nil {
		err = makeDatabase(path, mapSize)
	}
	var said *words.Refusal
	switch {
	case err == nil:
		return true, nil
	case errors.Is(err, fs.ErrPermission), errors.Is(err, syscall.EROFS):
		return false, words.Refuse("store.no_permission", path).Because(err)
	case errors.As(err, &said):
		return false, err
	}
	return false, words.Refuse("store.not_opened", path).Because(err)
}

func makeDatabase(path string, mapSize int) error {
	return WriteFile(path, func(f *os.File) error {
		db, err := bolt.Open(f.Name(), 0o600, options(mapSize))
		if err != nil {
			return err
		}
		return errors.Join(db.Sync(), db.Close())
	})
}

// ownersAlone takes from everybody else what they may do with the data folder, the key and the database: a copied or unpacked
// folder often comes with wider modes. What cannot be mended is refused, for whoever reads the folder reads everything.
func ownersAlone(dir string) error {
	for _, path := range []string{dir, filepath.Join(dir, KeyFile), filepath.Join(dir, DatabaseFile)} {
		info, err := os.Stat(path)
		if err != nil || info.Mode().Perm()&0o077 == 0 {
			continue // what is not there or not to be read is told of by who needs it
		}
		if err := os.Chmod(path, info.Mode().Perm()&0o700); err != nil {
			return words.Refuse("store.open_to_others", path, info.Mode().Perm()).Because(err)
		}
	}
	return nil
}
