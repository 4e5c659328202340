package store

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"chunfeng/templates/words"
)

// KeyFile is the name of the file beside the database that holds the key, mode 0600. Who has both can read every number;
// who has the database alone can read none.
const KeyFile = "chunfeng.key"

// keyID is the first byte of everything sealed, so that a later key can live beside this one.
const keyID = 1

// sealer seals what must not be read from the file.
type sealer struct {
	aead   cipher.AEAD
	lookup []byte
}

func newSealer(master []byte) (*sealer, error) {
	k, err := hkdf.Key(sha256.New, master, nil, "chunfeng seal 1", 32)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(k)
	if err != nil {
		return nil, err
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return nil, err
	}
	lookup, err := hkdf.Key(sha256.New, master, nil, "chunfeng lookup 1", 32)
	return &sealer{aead, lookup}, err
}

// seal binds the plain bytes to the record under a key of a table: moved to another record they do not open.
func (s *sealer) seal(b bucket, k key, plain []byte) []byte {
	if len(plain) == 0 {
		return nil
	}
	return s.aead.Seal([]byte{keyID}, nil, plain, bound(b, k))
}

func (s *sealer) open(b bucket, k key, sealed []byte) ([]byte, error) {
	if len(sealed) == 0 {
		return nil, nil
	}
	if sealed[0] != keyID {
		return nil, fmt.Errorf("%s %x is sealed with key %d, which is not here", b, []byte(k), sealed[0])
	}
	plain, err := s.aead.Open(nil, nil, sealed[1:], bound(b, k))
	if err != nil {
		return nil, fmt.Errorf("%s %x does not open: %w", b, []byte(k), err)
	}
	return plain, nil
}

func bound(b bucket, k key) []byte { return append([]byte(b+"\x00"), k...) }

// hash is the keyed hash by which a number is found again.
func (s *sealer) hash(what string) []byte {
	m := hmac.New(sha256.New, s.lookup)
	m.Write([]byte(what))
	return m.Sum(nil)[:16]
}

// loadKey reads the key file, or makes it when the ledger is new.
func loadKey(dir string, fresh bool) ([]byte, error) {
	path := filepath.Join(dir, KeyFile)
	b, err := os.ReadFile(path)
	switch {
	case err == nil:
		master, err := base64.StdEncoding.DecodeString(strings.TrimSpace(string(b)))
		if err != nil || len(master) != 32 {
			return nil, words.Refuse("store.key_damaged", path)
		}
		return master, nil
	case !errors.Is(err, fs.ErrNotExist):
		return nil, words.Refuse("store.key_unreadable", path).Because(err)
	case !fresh:
		return nil, words.Refuse("store.key_missing", path)
	}
	master := make([]byte, 32)
	rand.Read(master)
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, words.Refuse("store.key_unwritable", path).Because(err)
	}
	_, err = f.WriteString(base64.StdEncoding.EncodeToString(master) + "\n")
	if err = errors.Join(err, f.Sync(), f.Close(), syncDir(dir)); err != nil {
		return nil, words.Refuse("store.key_unwritable", path).Because(err)
	}
	return master, nil
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
