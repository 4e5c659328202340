package store

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	bolt "go.etcd.io/bbolt"

	"chunfeng/templates/words"
)

// Compacted is what a compaction did.
type Compacted struct {
	Before  int64   `json:"before"` // bytes of the file
	After   int64   `json:"after"`
	Checked Checked `json:"checked"` // of the new file, before it took the name
}

// compactPrefix begins the names of folders in which a new file is made; what a crash left of them goes at the next start.
const compactPrefix = ".chunfeng-compact-"

// Compact writes the database of a data folder anew, without what it holds no more, and puts the new file in the old one's
// place. bbolt neither gives pages back to the disk nor clears them: what was erased stands in free pages until they are
// used again, and is gone from the file after this. (The disk may keep the old file's blocks until it writes over them;
// that is for the disk's own encryption.)
//
// It refuses while another process holds the folder, where the ledger breaks one of its laws, and where there is not room
// enough for both files. The new file holds byte for byte what the old one does, is on disk and recounted before it takes
// the name; whatever fails before that leaves the old file as it was. A crash at any moment leaves one of the two, whole
// and as armed as it was.
func Compact(ctx context.Context, dir string) (c Compacted, err error) {
	if _, err := os.Stat(filepath.Join(dir, DatabaseFile)); err != nil {
		return c, words.Refuse("store.no_folder", dir).Because(err)
	}
	s, err := Open(Options{Dir: dir})
	if err != nil {
		return c, err
	}
	open := true
	defer func() {
		if open {
			err = errors.Join(err, s.Close())
		}
	}()
	if why := s.Disarmed(); why != nil {
		// A new file may by chance get the number of the one that is missed here, and would be taken for it.
		return c, why
	}
	path := filepath.Join(dir, DatabaseFile)
	info, err := os.Stat(path)
	if err != nil {
		return c, err
	}
	c.Before = info.Size()
	if err := room(dir, c.Before); err != nil {
		return c, err
	}
	if before, err := s.Check(ctx); err != nil || !before.OK {
		return c, words.Refuse("backup.compact_broken", len(before.Broken)).Because(err)
	}
	scratch, err := os.MkdirTemp(dir, compactPrefix)
	if err != nil {
		return c, err
	}
	defer os.RemoveAll(scratch)
	fresh := filepath.Join(scratch, DatabaseFile)
	if err = s.rewrite(ctx, fresh); err != nil {
		return c, words.Refuse("backup.compact_failed", path).Because(err)
	}
	if err := os.Link(filepath.Join(dir, KeyFile), filepath.Join(scratch, KeyFile)); err != nil {
		return c, err
	}
	if c.Checked, err = CheckCopy(ctx, scratch); err != nil || !c.Checked.OK {
		return c, words.Refuse("backup.compact_failed", path).Because(err)
	}
	// From here on nothing may write: what is written now would stay behind in the old file.
	s.writer.stop()
	if err := s.moveIn(fresh, path); err != nil {
		return c, words.Refuse("backup.compact_failed", path).Because(err)
	}
	open = false
	if err := errors.Join(s.db.Close(), s.comeHome()); err != nil {
		return c, err
	}
	if info, err = os.Stat(path); err == nil {
		c.After = info.Size()
	}
	return c, err
}

// comeHome opens the new file and closes it in order, so that the place beside it knows it.
func (s *Store) comeHome() error {
	again, err := Open(Options{Dir: s.dir})
	switch {
	case errors.Is(err, ErrInUse):
		return nil // somebody waited for it, and has brought it home
	case err != nil:
		return err
	}
	return again.Close()
}

// moveIn puts a finished database in the place of the open one. The place file names both first, so that a crash on either
// side of the renaming finds the ledger at home.
func (s *Store) moveIn(fresh, path string) error {
	inode, err := inodeOf(fresh)
	if err != nil {
		return err
	}
	s.home.Next, s.home.Commit = inode, 0
	if err := s.writeHome(); err != nil {
		return err
	}
	if err := os.Rename(fresh, path); err != nil {
		s.home.Next = 0
		return err
	}
	return SyncFolder(s.dir)
}

// room refuses where a second file of this size does not fit.
func room(dir string, size int64) error {
	var disk syscall.Statfs_t
	if err := syscall.Statfs(dir, &disk); err != nil {
		return nil // then the disk says it itself
	}
	const spare = 16 << 20 // for what else is written meanwhile
	if free := int64(disk.Bavail) * int64(disk.Bsize); free < size+spare {
		return words.Refuse("backup.compact_room", (size+spare)>>20, free>>20)
	}
	return nil
}

// looser is how full the pages are made of tables whose keys come in any order: that is what such a tree settles at.
const looser = 0.7

// batchBytes is how much of the new file lies in memory before it is committed.
const batchBytes = 8 << 20

// rewrite writes everything that the ledger holds into a new file, and reads it back.
func (s *Store) rewrite(ctx context.Context, path string) (err error) {
	db, err := bolt.Open(path, 0o600, &bolt.Options{
		Timeout: time.Second, NoSync: true, NoFreelistSync: true, FreelistType: bolt.FreelistMapType,
		PageSize: s.db.Info().PageSize,
	})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	var want []byte
	err = s.db.View(func(from *bolt.Tx) error {
		if err := copyTables(ctx, from, db); err != nil {
			return err
		}
		want, err = digest(from)
		return err
	})
	if err != nil {
		return err
	}
	if err := db.Sync(); err != nil {
		return err
	}
	return db.View(func(tx *bolt.Tx) error {
		got, err := digest(tx)
		if err == nil && string(got) != string(want) {
			err = fmt.Errorf("%w: the new file does not hold what the old one does", ErrDamaged)
		}
		return err
	})
}

// copyTables copies every table, in commits of batchBytes. Pages are filled as the ledger fills them: a full one would be
// split by the first change.
func copyTables(ctx context.Context, from *bolt.Tx, to *bolt.DB) error {
	return from.ForEach(func(name []byte, table *bolt.Bucket) error {
		c := table.Cursor()
		k, v := c.First()
		for first := true; first || k != nil; first = false {
			err := to.Update(func(tx *bolt.Tx) error {
				b, err := tx.CreateBucketIfNotExists(name)
				if err != nil {
					return err
				}
				if b.FillPercent = looser; bucket(name).ordered() {
					b.FillPercent = brim
				}
				for n := 0; k != nil && n < batchBytes; k, v = c.Next() {
					n += len(k) + len(v)
					if err := b.Put(k, v); err != nil {
						return err
					}
				}
				return b.SetSequence(table.Sequence())
			})
			if err := errors.Join(err, ctx.Err()); err != nil {
				return err
			}
		}
		return nil
	})
}

// digest is a hash over all that a database holds: tables, their sequences, keys and values.
func digest(tx *bolt.Tx) ([]byte, error) {
	h := sha256.New()
	err := tx.ForEach(func(name []byte, b *bolt.Bucket) error {
		sized(h, name)
		binary.Write(h, binary.BigEndian, b.Sequence())
		return b.ForEach(func(k, v []byte) error {
			sized(h, k)
			sized(h, v)
			return nil
		})
	})
	return h.Sum(nil), err
}

func sized(h hash.Hash, b []byte) {
	binary.Write(h, binary.BigEndian, uint64(len(b)))
	h.Write(b)
}

// sweep removes what a compaction left that was killed: a copy of the ledger that nobody would look after.
func sweep(dir string) error {
	all, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, e := range all {
		if strings.HasPrefix(e.Name(), compactPrefix) {
			if err := os.RemoveAll(filepath.Join(dir, e.Name())); err != nil {
				return err
			}
		}
	}
	return nil
}
