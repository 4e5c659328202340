package store

import (
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	bolt "go.etcd.io/bbolt"
	boltErrors "go.etcd.io/bbolt/errors"

	"chunfeng/templates/words"
)

// DatabaseFile is the database's name in the data folder.
const DatabaseFile = "chunfeng.db"

// schema is the version of the tables. Open brings an older one up and refuses a newer one. 2 notes the end of the audit
// trail.
const schema = 2

// Store is the open ledger. It is safe for many goroutines.
type Store struct {
	dir     string
	db      *bolt.DB
	mapSize int
	index   map[bucket]int
	sealer  *sealer
	writer  *writer
	waves   waveCache

	recurring recurring

	rotating sync.Mutex  // one at a time rotates, seals anew or retires a key
	resealed atomic.Bool // nothing is sealed with the old key any more

	book  countyBook
	zones zones

	figures figures

	disarmed atomic.Pointer[words.Refusal] // nil: it sends
	homeMu   sync.Mutex
	home     home // as it lies in PlaceFile

	logBudget int // rows that one page of the log may look at

	decisions atomic.Uint64
	registry  atomic.Uint64
	waits     atomic.Uint64

	mu       sync.RWMutex
	accounts map[string]uint32 // account numbers by name
	clientID int64             // the last idempotency key given out
	changed  chan struct{}     // closed and made anew when there may be new work
}

// Options of Open.
type Options struct {
	// Dir is the data folder; it is made when it is missing.
	Dir string
	// MapSize is how much address space is set aside for the file, in bytes; 0 is 1 GiB. A commit that outgrows it waits
	// for every reader.
	MapSize int
}

// Open opens the ledger of a data folder, or makes a new one. What was on the wire when the program ended is Unknown when
// it returns.
func Open(o Options) (_ *Store, err error) {
	if err := makeFolder(o.Dir); err != nil {
		return nil, words.Refuse("store.no_folder", o.Dir).Because(err)
	}
	if err := ownersAlone(o.Dir); err != nil {
		return nil, err
	}
	path := filepath.Join(o.Dir, DatabaseFile)
	if o.MapSize == 0 {
		o.MapSize = 1 << 30
	}
	if err := addressSpace(mapOf(o.MapSize)); err != nil {
		return nil, err
	}
	fresh, err := found(path, o.MapSize)
	if err != nil {
		return nil, err
	}
	db, err := openFile(path, o.MapSize)
	if err != nil {
		return nil, err
	}
	s := newStore(o.Dir, db)
	s.mapSize = o.MapSize
	defer func() {
		if p := recover(); p != nil {
			err = words.Refuse("store.damaged", path).Because(fmt.Errorf("%w: %v", ErrDamaged, p))
		}
		if err != nil {
			db.Close()
		}
	}()
	last, err := s.lastCommit()
	if err != nil {
		return nil, err
	}
	keys, err := loadKeys(o.Dir, false)
	if err != nil {
		return nil, err
	}
	if s.sealer, err = newSealer(keys); err != nil {
		return nil, err
	}
	if err := s.keepOlder(); err != nil {
		return nil, err
	}
	if err := s.migrate(fresh); err != nil {
		return nil, err
	}
	if err := s.readFixed(); err != nil {
		return nil, err
	}
	if err := s.guard(fresh, last); err != nil {
		return nil, err
	}
	if err := sweep(o.Dir); err != nil {
		return nil, err
	}
	if err := s.readCounties(); err != nil {
		return nil, err
	}
	s.writer = startWriter(s)
	if err := s.recover(); err != nil {
		s.writer.stop()
		return nil, err
	}
	return s, nil
}

// newStore makes a Store over an open database that neither reads nor writes yet.
func newStore(dir string, db *bolt.DB) *Store {
	s := &Store{dir: dir, db: db, index: map[bucket]int{}, accounts: map[string]uint32{}, changed: make(chan struct{}), logBudget: logBudget}
	s.zones.rows = zoneRows
	for i, b := range buckets {
		s.index[b] = i
	}
	return s
}

func openFile(path string, mapSize int) (db *bolt.DB, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = words.Refuse("store.damaged", path).Because(fmt.Errorf("%w: %v", ErrDamaged, p))
		}
	}()
	switch err := examine(path); {
	case errors.Is(err, ErrInUse):
		return nil, words.Refuse("store.in_use", filepath.Dir(path)).Of(words.Later).Because(err)
	case errors.Is(err, ErrDamaged):
		return nil, words.Refuse("store.damaged", path).Because(err)
	case err != nil:
		return nil, words.Refuse("store.not_opened", path).Because(err)
	}
	var opened *os.File
	o := options(mapSize)
	o.OpenFile = func(name string, flag int, mode os.FileMode) (*os.File, error) {
		f, err := os.OpenFile(name, flag, mode)
		opened = f
		return f, err
	}
	db, err = bolt.Open(path, 0o600, o)
	switch {
	case err == nil:
		// Whoever waited for the lock may hold a file that was compacted meanwhile and has lost its name: what is written
		// there would be gone.
		if !sameFile(opened, path) {
			return nil, errors.Join(words.Refuse("store.in_use", filepath.Dir(path)).Of(words.Later).Because(ErrInUse), db.Close())
		}
		return db, nil
	case errors.Is(err, boltErrors.ErrTimeout):
		return nil, words.Refuse("store.in_use", filepath.Dir(path)).Of(words.Later).Because(ErrInUse)
	case errors.Is(err, boltErrors.ErrInvalid), errors.Is(err, boltErrors.ErrChecksum), errors.Is(err, boltErrors.ErrVersionMismatch):
		return nil, words.Refuse("store.damaged", path).Because(fmt.Errorf("%w: %w", ErrDamaged, err))
	case errors.Is(err, fs.ErrPermission), errors.Is(err, syscall.EROFS):
		return nil, words.Refuse("store.no_permission", path).Because(err)
	case errors.Is(err, syscall.ENOMEM):
		return nil, noRoom(mapOf(mapSize), err)
	}
	return nil, words.Refuse("store.not_opened", path).Because(err)
}

// lockWait is how long another process may hold the database before it is taken to be in use.
const lockWait = time.Second

func options(mapSize int) *bolt.Options {
	return &bolt.Options{
		Timeout:         lockWait,
		FreelistType:    bolt.FreelistMapType,
		NoFreelistSync:  true, // a long free list would be written with every commit
		InitialMmapSize: mapSize,
	}
}

// sameFile tells whether an open file is the one that has a name.
func sameFile(f *os.File, path string) bool {
	a, errA := f.Stat()
	b, errB := os.Stat(path)
	return errA == nil && errB == nil && os.SameFile(a, b)
}

// Close waits for the verbs in hand and closes the file.
func (s *Store) Close() error {
	s.writer.stop()
	return errors.Join(s.leave(), s.db.Close())
}

// Dir is the data folder.
func (s *Store) Dir() string { return s.dir }

// Changed answers a channel that is closed when there may be new work for a lane, an account or the registrar. Ask for
// it before looking for work.
func (s *Store) Changed() <-chan struct{} {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.changed
}

// Wake has everybody who waits on Changed look again although nothing was written: the clock was set, say.
func (s *Store) Wake() {
	s.mu.Lock()
	close(s.changed)
	s.changed = make(chan struct{})
	s.mu.Unlock()
}

// wakes has everybody who waits look again once this transaction is on disk.
func (t *txn) wakes() {
	if !t.woken {
		t.woken = true
		t.after = append(t.after, t.s.Wake)
	}
}

type meta struct {
	Schema  int       `cbor:"1,keyasint"`
	Made    time.Time `cbor:"2,keyasint"`
	ID      string    `cbor:"3,keyasint"` // this installation
	Proof   []byte    `cbor:"4,keyasint"` // sealed with the key: another key does not open it
	Version string    `cbor:"5,keyasint,omitempty"`
	Epoch   uint64    `cbor:"6,keyasint,omitempty"` // how often it was opened as the one that sends: see guard
	// Disarmed is why it sends nothing wherever it lies: a key of the catalogue; empty: what guard finds decides.
	Disarmed string `cbor:"7,keyasint,omitempty"`
}

// migrate makes the tables of a new file, brings an older one up, and refuses a newer one or one of another key.
func (s *Store) migrate(fresh bool) error {
	k := key("meta")
	return s.db.Update(func(tx *bolt.Tx) error {
		if !fresh && tx.Bucket([]byte(bMeta)) == nil {
			if c, _ := tx.Cursor().First(); c != nil {
				return words.Refuse("store.not_ours", filepath.Join(s.dir, DatabaseFile))
			}
		}
		for _, b := range buckets {
			if _, err := tx.CreateBucketIfNotExists([]byte(b)); err != nil {
				return err
			}
		}
		t := &txn{Tx: tx, s: s}
		var m meta
		found, err := t.get(bMeta, k, &m)
		switch {
		case err != nil:
			return words.Refuse("store.damaged", filepath.Join(s.dir, DatabaseFile)).Because(err)
		case !found:
			id := make([]byte, 8)
			rand.Read(id)
			m = meta{Schema: schema, Made: now(), ID: hex.EncodeToString(id), Proof: s.sealer.seal(bMeta, k, proof(schema))}
			if err := t.putAuditHead(auditHead{}); err != nil {
				return err
			}
			if err := t.put(bTallies, k32(0), &Tally{}); err != nil {
				return err
			}
			return t.put(bMeta, k, m)
		case m.Schema > schema:
			return words.Refuse("store.newer", filepath.Join(s.dir, DatabaseFile), m.Schema, schema).Because(ErrNewer)
		}
		said, err := s.sealer.open(bMeta, k, m.Proof)
		switch {
		case err != nil:
			return words.Refuse("store.wrong_key", filepath.Join(s.dir, KeyFile))
		case !bytes.Equal(said, proof(m.Schema)):
			// As an older one it would be brought up, and the end of a cut audit trail taken for the true one.
			return words.Refuse("store.damaged", filepath.Join(s.dir, DatabaseFile)).Because(fmt.Errorf("%w: the schema is not the one that was sealed", ErrDamaged))
		case m.Schema == schema:
			return nil
		}
		last := t.lastEvent()
		if err := t.putAuditHead(auditHead{last.Number, last.Chain}); err != nil {
			return err
		}
		m.Schema, m.Proof = schema, s.sealer.seal(bMeta, k, proof(schema))
		return t.put(bMeta, k, m)
	})
}

// proof is what is sealed in the ledger's own record: that it opens proves the key, what it says the schema.
func proof(schema int) []byte {
	if schema == 1 {
		return []byte("chunfeng")
	}
	return fmt.Appendf(nil, "chunfeng %d", schema)
}

// CodeOfBatch answers the batch that a vacancy's code belongs to: its letters.
func CodeOfBatch(code string) string { return strings.TrimRight(code, "0123456789") }
