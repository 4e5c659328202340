package store

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	bolt "go.etcd.io/bbolt"

	"chunfeng/templates/words"
)

// PlaceFile is the name of the file beside the database that says which ledger lives here. It is not part of a backup: a
// database that finds another one, an older one or none is a copy, and sends nothing until a person arms it.
const PlaceFile = "chunfeng.place"

// ErrDisarmed is beneath every refusal to send from a ledger that may be a copy.
var ErrDisarmed = errors.New("the ledger may be a copy and is not armed")

// home is what lies in PlaceFile.
type home struct {
	Installation string `json:"installation"` // the ledger's own id
	Epoch        uint64 `json:"epoch"`        // how often it was opened: a database that was put back is behind it
	Inode        uint64 `json:"inode"`        // of the database: a copy has another, whatever its name
	Next         uint64 `json:"next"`         // of the file that a compaction puts in its place; 0 otherwise
	Machine      string `json:"machine"`      // a hash of the machine's id; empty where it has none
	Commit       int    `json:"commit"`       // the database's last transaction, when it was closed in order; 0 while it is open
}

// guard decides whether this is the ledger that was here before, or a copy of it. It is called once, when the file is open
// and this process alone has it; last is the transaction at which the file was found.
//
// It sees a database that was copied, moved to another machine or disk, or put back in the place of a newer one: each
// backup raises the epoch of what goes on, and closing notes the last transaction. It does not see a whole machine that was
// set back with its disk, for then nothing outside the database has stayed; nor a copy that somebody took of the open file
// and wrote over the same file after a crash, without any start in between.
func (s *Store) guard(fresh bool, last int) error {
	path := filepath.Join(s.dir, PlaceFile)
	var here home
	b, err := os.ReadFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return words.Refuse("store.no_place", path).Because(err)
	default:
		if json.Unmarshal(b, &here) != nil {
			here = home{Installation: "?"} // a damaged file proves nothing
		}
	}
	inode, err := inodeOf(filepath.Join(s.dir, DatabaseFile))
	if err != nil {
		return err
	}
	m, err := s.readMeta()
	if err != nil {
		return err
	}
	now := home{Installation: m.ID, Epoch: max(m.Epoch, here.Epoch) + 1, Inode: inode, Machine: machine()}
	why := ""
	switch {
	case fresh, m.Epoch == 0 && here == (home{}) && m.Disarmed == "":
		// New, or of a version that kept no place. The file comes first this once: a power cut between the two would leave a
		// database that counts and no file, which is what a copy looks like.
		s.home = now
		s.home.Epoch = 0
		if err := s.writeHome(); err != nil {
			return err
		}
	case m.Disarmed != "":
		why = m.Disarmed
	case here == (home{}):
		why = "store.place_missing"
	case here.Installation != m.ID:
		why = "store.place_other"
	case here.Machine != now.Machine:
		why = "store.place_machine"
	case here.Inode != inode && (here.Next == 0 || here.Next != inode):
		why = "store.place_copied"
	case m.Epoch < here.Epoch, here.Commit > last:
		why = "store.place_older"
	case m.Epoch > here.Epoch+1:
		why = "store.place_behind" // the file, not the database, was put back
	}
	if why != "" {
		s.disarmed.Store(words.Refuse("store.disarmed", words.T(why)).Of(words.Conflict).Because(ErrDisarmed))
		return nil
	}
	return s.settle(now)
}

// settle makes this place the ledger's own: first in the database, then in the file, so that a crash in between leaves the
// file one behind, which guard takes for what it is.
func (s *Store) settle(p home) error {
	err := s.db.Update(func(tx *bolt.Tx) error {
		t := &txn{Tx: tx, s: s}
		var m meta
		if _, err := t.get(bMeta, key("meta"), &m); err != nil {
			return err
		}
		m.Epoch, m.Disarmed = p.Epoch, ""
		return t.put(bMeta, key("meta"), m)
	})
	if err != nil {
		return err
	}
	s.home = p
	return s.writeHome()
}

func (s *Store) writeHome() error {
	b, err := json.Marshal(s.home)
	if err != nil {
		return err
	}
	if err := writeWhole(filepath.Join(s.dir, PlaceFile), append(b, '\n')); err != nil {
		return words.Refuse("store.no_place", filepath.Join(s.dir, PlaceFile)).Because(err)
	}
	return nil
}

// leave notes where the database stands when it is closed in order.
func (s *Store) leave() (err error) {
	if s.Disarmed() != nil {
		return nil
	}
	if s.home.Commit, err = s.lastCommit(); err != nil {
		return err
	}
	return s.writeHome()
}

// raise begins another epoch, so that what was copied until now is older than what goes on.
func (s *Store) raise() error {
	if s.Disarmed() != nil {
		return nil
	}
	s.homeMu.Lock()
	defer s.homeMu.Unlock()
	next := s.home
	next.Epoch++
	return s.settle(next)
}

func (s *Store) lastCommit() (id int, err error) {
	err = s.db.View(func(tx *bolt.Tx) error { id = tx.ID(); return nil })
	return id, err
}

// Disarmed answers why nothing is sent from this ledger, nil when it is armed.
func (s *Store) Disarmed() *words.Refusal { return s.disarmed.Load() }

// Arm makes a ledger that may be a copy send from here on. Who arms it has made sure that the one it was copied from
// sends no more: the two would tell every group twice.
func (s *Store) Arm(who string) error {
	if s.Disarmed() == nil {
		return words.Refuse("store.is_armed").Of(words.Conflict)
	}
	inode, err := inodeOf(filepath.Join(s.dir, DatabaseFile))
	if err != nil {
		return err
	}
	err = s.update(housekeeping, func(t *txn) error { return t.audit(who, "store.arm", s.dir, s.Disarmed().In(words.English)) })
	if err != nil {
		return err
	}
	m, err := s.readMeta()
	if err != nil {
		return err
	}
	epoch := m.Epoch
	var here home
	if b, err := os.ReadFile(filepath.Join(s.dir, PlaceFile)); err == nil && json.Unmarshal(b, &here) == nil {
		epoch = max(epoch, here.Epoch)
	}
	if err := s.settle(home{Installation: m.ID, Epoch: epoch + 1, Inode: inode, Machine: machine()}); err != nil {
		return err
	}
	s.disarmed.Store(nil)
	s.Wake()
	return nil
}

// Disarm marks the ledger as one that was put back: it sends nothing until it is armed, wherever it lies.
func (s *Store) Disarm() error {
	err := s.db.Update(func(tx *bolt.Tx) error {
		t := &txn{Tx: tx, s: s}
		var m meta
		if _, err := t.get(bMeta, key("meta"), &m); err != nil {
			return err
		}
		m.Disarmed = "store.place_restored"
		return t.put(bMeta, key("meta"), m)
	})
	if err == nil {
		s.disarmed.Store(words.Refuse("store.disarmed", words.T("store.place_restored")).Of(words.Conflict).Because(ErrDisarmed))
	}
	return err
}

func (s *Store) readMeta() (m meta, err error) {
	err = s.db.View(func(tx *bolt.Tx) error {
		_, err := (&txn{Tx: tx, s: s}).get(bMeta, key("meta"), &m)
		return err
	})
	return m, err
}

func inodeOf(path string) (uint64, error) {
	info, err := os.Stat(path)
	if err != nil {
		return 0, err
	}
	if st, ok := info.Sys().(*syscall.Stat_t); ok {
		return st.Ino, nil
	}
	return 0, nil
}

// machine is a hash of the machine's id, which systemd keeps from installation on. The id itself is told nowhere.
func machine() string {
	b, err := os.ReadFile("/etc/machine-id")
	if err != nil || len(b) == 0 {
		return ""
	}
	sum := sha256.Sum256(append([]byte("chunfeng "), b...))
	return hex.EncodeToString(sum[:8])
}
