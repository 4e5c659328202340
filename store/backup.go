package store

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"time"

	bolt "go.etcd.io/bbolt"

	"chunfeng/templates/words"
)

// Backup writes a consistent copy of the database while the program works, and answers its size in bytes. The key file
// is not in it. What goes on afterwards is another epoch: the copy, put back, knows itself to be older, and sends nothing.
//
// It reads in one transaction, and what the commits made meanwhile set free is not used again before it ends: the file
// grows by what is written in that time, and keeps that size until it is compacted. So w must be as quick as a disk; what
// goes over a network is copied to a file first (BackupFile).
func (s *Store) Backup(w io.Writer) (n int64, err error) {
	err = s.db.View(func(tx *bolt.Tx) error {
		n, err = tx.WriteTo(w)
		return err
	})
	if err != nil {
		return n, err
	}
	return n, s.raise()
}

// BackupFile is Backup into a new file that its owner alone can read. The file is on disk when it returns, or removed. The
// end of ctx breaks it off.
func (s *Store) BackupFile(ctx context.Context, path string) (n int64, err error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return 0, err
	}
	if n, err = s.Backup(&steady{ctx: ctx, f: f}); ctx.Err() != nil {
		err = ctx.Err() // bbolt does not pass it on
	}
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return n, errors.Join(err, os.Remove(path))
	}
	return n, nil
}

// stride is how much of a copy is written before it is synced. Left to one sync at the end, a whole database would be
// written to the disk at once, and the commits of that moment would wait behind it.
const stride = 4 << 20

// steady writes to a file and syncs it on the way.
type steady struct {
	ctx   context.Context
	f     *os.File
	since int
}

// Write implements io.Writer.
func (s *steady) Write(b []byte) (int, error) {
	if err := s.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := s.f.Write(b)
	if s.since += n; err == nil && s.since >= stride {
		s.since = 0
		err = s.f.Sync()
	}
	return n, err
}

// BackupFolder copies database and key file into an empty folder. The keys may be rotated meanwhile: then it copies again,
// so that the keys are those that open the copy.
func (s *Store) BackupFolder(ctx context.Context, dir string) (n int64, err error) {
	from, to := filepath.Join(s.dir, KeyFile), filepath.Join(dir, DatabaseFile)
	for range 3 {
		before, err := os.ReadFile(from)
		if err != nil {
			return 0, err
		}
		if n, err = s.BackupFile(ctx, to); err != nil {
			return n, err
		}
		after, err := os.ReadFile(from)
		if err != nil {
			return n, err
		}
		if bytes.Equal(before, after) {
			return n, writeWhole(filepath.Join(dir, KeyFile), after)
		}
		if err := os.Remove(to); err != nil {
			return n, err
		}
	}
	return 0, words.Refuse("backup.keys_changed").Of(words.Later)
}

// CheckCopy opens the database and the key file of a folder for reading only and recounts it, which opens everything in it
// that is sealed too: the bytes of both files stay as they are. The copy must be of this program's own version. A fault of the copy
// is among Broken, or an error.
func CheckCopy(ctx context.Context, dir string) (c Checked, err error) {
	path := filepath.Join(dir, DatabaseFile)
	defer func() {
		if p := recover(); p != nil {
			err = words.Refuse("store.damaged", path).Because(ErrDamaged)
		}
	}()
	if err := examine(path); err != nil {
		return c, words.Refuse("store.damaged", path).Because(err)
	}
	db, err := bolt.Open(path, 0o600, &bolt.Options{Timeout: time.Second, ReadOnly: true})
	if err != nil {
		return c, words.Refuse("store.damaged", path).Because(errors.Join(ErrDamaged, err))
	}
	defer db.Close()
	s := newStore(dir, db)
	keys, err := loadKeys(dir, false)
	if err != nil {
		return c, err
	}
	if s.sealer, err = newSealer(keys); err != nil {
		return c, err
	}
	m, err := s.readMeta()
	if err != nil {
		return c, err
	}
	if said, err := s.sealer.open(bMeta, key("meta"), m.Proof); err != nil || string(said) != string(proof(schema)) {
		return c, words.Refuse("store.wrong_key", filepath.Join(dir, KeyFile))
	}
	if err := s.readFixed(); err != nil {
		return c, err
	}
	return s.Check(ctx)
}
