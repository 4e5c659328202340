package store

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"chunfeng/templates/words"
)

// KeyFile is the name of the file beside the database that holds the keys, mode 0600. Who has both can read every number;
// who has the database alone can read none.
const KeyFile = "chunfeng.key"

// keyLine is one key as the file holds it: its number, 32 bytes in base64, and since when it seals.
type keyLine struct {
	id     uint8
	master []byte
	made   time.Time
}

// mostKeys is how many keys a file may hold: the one that seals, and during a rotation the one before it.
const mostKeys = 2

// parseKeys reads a key file. One line of base64 alone is key 1, as the first versions wrote it. ok is false for anything
// that is no key file.
func parseKeys(b []byte) (out []keyLine, ok bool) {
	for line := range strings.Lines(string(b)) {
		parts := strings.Fields(line)
		if len(parts) == 0 {
			continue
		}
		l := keyLine{id: 1}
		coded := parts[0]
		if len(parts) > 1 {
			id, err := strconv.ParseUint(parts[0], 10, 8)
			if err != nil || id == 0 || len(parts) != 3 {
				return nil, false
			}
			l.id, coded = uint8(id), parts[1]
			if l.made, err = time.Parse(time.RFC3339, parts[2]); err != nil {
				return nil, false
			}
		}
		var err error
		if l.master, err = base64.StdEncoding.Strict().DecodeString(coded); err != nil || len(l.master) != 32 {
			return nil, false
		}
		for _, other := range out {
			if other.id == l.id {
				return nil, false
			}
		}
		if out = append(out, l); len(out) > mostKeys {
			return nil, false
		}
	}
	return out, len(out) > 0
}

func formatKeys(keys []keyLine) []byte {
	var b strings.Builder
	for _, k := range keys {
		fmt.Fprintf(&b, "%d %s %s\n", k.id, base64.StdEncoding.EncodeToString(k.master), k.made.UTC().Format(time.RFC3339))
	}
	return []byte(b.String())
}

// newKeyLine makes a key of random bytes.
func newKeyLine(id uint8) keyLine {
	l := keyLine{id: id, master: make([]byte, 32), made: now().Truncate(time.Second)}
	rand.Read(l.master)
	return l
}

// loadKeys reads the key file, or makes it when the ledger is new.
func loadKeys(dir string, fresh bool) ([]keyLine, error) {
	path := filepath.Join(dir, KeyFile)
	b, err := os.ReadFile(path)
	switch {
	case err == nil:
		keys, ok := parseKeys(b)
		if !ok {
			return nil, words.Refuse("store.key_damaged", path)
		}
		if info, err := os.Stat(path); err == nil && keys[0].made.IsZero() {
			keys[0].made = info.ModTime() // the first versions noted no day
		}
		return keys, nil
	case !errors.Is(err, fs.ErrNotExist):
		return nil, words.Refuse("store.key_unreadable", path).Because(err)
	case !fresh:
		return nil, words.Refuse("store.key_missing", path)
	}
	keys := []keyLine{newKeyLine(1)}
	if err := writeWhole(path, formatKeys(keys)); err != nil {
		return nil, words.Refuse("store.key_unwritable", path).Because(err)
	}
	return keys, nil
}

// writeKeys puts another key file in the place of the one that is there, whole and on disk, or leaves it as it was. The bytes
// of the old file are written over afterwards, as far as the disk writes in place; what that cannot reach is sealed data of
// a key whose file is gone, or the file on a disk that somebody took apart.
func writeKeys(dir string, keys []keyLine) error {
	path := filepath.Join(dir, KeyFile)
	old, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err == nil {
		defer old.Close()
		err = writeWhole(path, formatKeys(keys))
	}
	if err != nil {
		return words.Refuse("store.key_unwritable", path).Because(err)
	}
	// The new file has the name: what becomes of the old bytes decides nothing any more. Under another name, a link, they are
	// somebody's copy.
	info, err := old.Stat()
	if err != nil {
		return nil
	}
	if st, ok := info.Sys().(*syscall.Stat_t); ok && st.Nlink == 0 {
		if _, err := old.WriteAt(make([]byte, info.Size()), 0); err == nil {
			_ = old.Sync()
		}
	}
	return nil
}
