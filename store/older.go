package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	bolt "go.etcd.io/bbolt"

	"chunfeng/templates/words"
)

// OlderKept is how long the database of before an upgrade is kept: long enough to notice that the new version is no good,
// short enough that who is erased meanwhile is soon gone from it too.
const OlderKept = 7 * 24 * time.Hour

// olderFile is the name of the database as it was before it was brought up from a schema.
func olderFile(schema int) string { return fmt.Sprintf("%s.schema%d", DatabaseFile, schema) }

// keepOlder copies the database of an older version before it is brought up. It is the way back: the older program takes
// the copy for what it is, and sends nothing from it until it is armed. Where there is no room for it nothing is brought up.
func (s *Store) keepOlder() error {
	was := 0
	err := s.db.View(func(tx *bolt.Tx) error {
		if tx.Bucket([]byte(bMeta)) == nil {
			return nil
		}
		var m meta
		_, err := (&txn{Tx: tx, s: s}).get(bMeta, key("meta"), &m)
		was = m.Schema
		return err
	})
	// What cannot be read is told by migrate.
	if err != nil || was == 0 || was >= schema {
		return nil
	}
	path := filepath.Join(s.dir, olderFile(was))
	part, err := os.MkdirTemp(s.dir, compactPrefix)
	if err != nil {
		return words.Refuse("backup.older_not_kept", path).Because(err)
	}
	defer os.RemoveAll(part)
	f, err := os.OpenFile(filepath.Join(part, DatabaseFile), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return words.Refuse("backup.older_not_kept", path).Because(err)
	}
	err = s.db.View(func(tx *bolt.Tx) error { _, err := tx.WriteTo(&steady{ctx: context.Background(), f: f}); return err })
	if err = errors.Join(err, f.Sync(), f.Close()); err == nil {
		err = errors.Join(os.Rename(f.Name(), path), SyncFolder(s.dir))
	}
	if err != nil {
		return words.Refuse("backup.older_not_kept", path).Because(err)
	}
	return nil
}

// DropOlder removes the databases of before an upgrade that are older than OlderKept, and answers their names.
func (s *Store) DropOlder(at time.Time) (gone []string, err error) {
	for v := 1; v < schema; v++ {
		path := filepath.Join(s.dir, olderFile(v))
		if info, err := os.Stat(path); err != nil || at.Sub(info.ModTime()) < OlderKept {
			continue
		}
		if err := os.Remove(path); err != nil {
			return gone, err
		}
		gone = append(gone, path)
	}
	return gone, nil
}
