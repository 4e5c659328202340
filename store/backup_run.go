package store

import (
	"fmt"
	"time"

	"chunfeng/templates/words"
)

// BackupRun is one backup as the ledger remembers it: made, or failed.
type BackupRun struct {
	Number     uint64        `cbor:"1,keyasint" json:"number"`
	At         time.Time     `cbor:"2,keyasint" json:"at"` // of the copy; of a failure the first one in a row
	Took       time.Duration `cbor:"3,keyasint" json:"took"`
	File       string        `cbor:"4,keyasint,omitempty" json:"file,omitempty"`
	Bytes      int64         `cbor:"5,keyasint,omitempty" json:"bytes,omitempty"`  // of the sealed file
	SHA256     string        `cbor:"6,keyasint,omitempty" json:"sha256,omitempty"` // of the sealed file, in hexadecimal
	Good       bool          `cbor:"7,keyasint,omitempty" json:"good"`             // it was checked and has its name
	Why        string        `cbor:"8,keyasint,omitempty" json:"why,omitempty"`    // it failed, in English
	Tries      int           `cbor:"9,keyasint,omitempty" json:"tries,omitempty"`  // how often it failed so in a row
	Deliveries int           `cbor:"10,keyasint,omitempty" json:"deliveries"`      // that the check counted in the copy
	Signups    int           `cbor:"11,keyasint,omitempty" json:"signups"`         // likewise
	Removed    time.Time     `cbor:"12,keyasint,omitzero" json:"removed,omitzero"` // when its file was removed for its age
}

// backupsKept is how many backups are remembered: more than a year of daily ones. The audit trail has all of them.
const backupsKept = 500

// AddBackup remembers a backup, made or failed; its number is the ledger's. Of failures with one reason in a row the first
// is remembered and counted up.
func (s *Store) AddBackup(b BackupRun, who string) (BackupRun, error) {
	in := b
	err := s.update(housekeeping, func(t *txn) error {
		b = in
		var last BackupRun
		err := t.eachBack(bBackups, nil, nil, func(k, v []byte) (bool, error) { return false, unframe(k, v, &last) })
		if err != nil {
			return err
		}
		if !b.Good {
			b.Tries = 1
			if !last.Good && last.Number > 0 && last.Why == b.Why {
				last.Tries++
				b = last
				return t.put(bBackups, k64(b.Number), b)
			}
		}
		if b.Number, err = t.next(bBackups); err != nil {
			return err
		}
		if b.Number > backupsKept {
			if err := t.del(bBackups, k64(b.Number-backupsKept)); err != nil {
				return err
			}
		}
		if err := t.put(bBackups, k64(b.Number), b); err != nil {
			return err
		}
		if !b.Good {
			return t.audit(who, "backup.fail", "", b.Why)
		}
		return t.audit(who, "backup.make", b.File, fmt.Sprintf("%d bytes, sha256 %s", b.Bytes, b.SHA256))
	})
	return b, err
}

// BackupRemoved notes that a backup's file was removed for its age.
func (s *Store) BackupRemoved(number uint64) error {
	return s.update(housekeeping, func(t *txn) error {
		var b BackupRun
		found, err := t.get(bBackups, k64(number), &b)
		switch {
		case err != nil:
			return err
		case !found:
			return words.Refuse("backup.none_such", number).Of(words.Missing)
		case !b.Removed.IsZero():
			return nil
		}
		b.Removed = now()
		if err := t.put(bBackups, k64(number), b); err != nil {
			return err
		}
		return t.audit("", "backup.expire", b.File, "")
	})
}

// Backups lists the backups that are remembered, the newest first.
func (s *Store) Backups() (out []BackupRun, err error) {
	err = s.view(func(t *txn) error {
		return t.eachBack(bBackups, nil, nil, func(k, v []byte) (bool, error) {
			var b BackupRun
			if err := decode(bBackups, k, v, &b); err != nil {
				return false, err
			}
			out = append(out, b)
			return true, nil
		})
	})
	return out, err
}

// LastBackup answers the newest backup that was made whole; found is false where there was none yet.
func (s *Store) LastBackup() (b BackupRun, found bool, err error) {
	err = s.view(func(t *txn) error {
		return t.eachBack(bBackups, nil, nil, func(k, v []byte) (bool, error) {
			var one BackupRun
			if err := decode(bBackups, k, v, &one); err != nil {
				return false, err
			}
			if found = one.Good; found {
				b = one
			}
			return !found, nil
		})
	})
	return b, found, err
}

// Installation is the ledger's own id: 16 hexadecimal digits, made with it and kept in every copy.
func (s *Store) Installation() (string, error) {
	m, err := s.readMeta()
	return m.ID, err
}
