package store

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"fmt"
	"sync/atomic"
)

// sealer seals what must not be read from the file. It may be used by many goroutines while a rotation puts another ring in
// its place.
type sealer struct{ ring atomic.Pointer[ring] }

// ring is the keys that are here, the oldest first. The last one seals; the others only open what has not been sealed anew.
type ring struct {
	keys []*sealKey
	// fixed hashes what nobody can hash anew, for it is not kept: names in sketches, numbers that were erased.
	fixed []byte
}

// sealKey is one key with what is derived from it.
type sealKey struct {
	keyLine
	aead   cipher.AEAD
	lookup []byte
}

func newSealer(lines []keyLine) (*sealer, error) {
	r := &ring{}
	for _, l := range lines {
		k, err := newSealKey(l)
		if err != nil {
			return nil, err
		}
		r.keys = append(r.keys, k)
	}
	r.fixed = r.keys[0].lookup
	s := &sealer{}
	s.ring.Store(r)
	return s, nil
}

func newSealKey(l keyLine) (*sealKey, error) {
	k, err := hkdf.Key(sha256.New, l.master, nil, "chunfeng seal 1", 32)
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
	lookup, err := hkdf.Key(sha256.New, l.master, nil, "chunfeng lookup 1", 32)
	return &sealKey{l, aead, lookup}, err
}

// current is the key that seals.
func (r *ring) current() *sealKey { return r.keys[len(r.keys)-1] }

// seal binds the plain bytes to the record under a key of a table: moved to another record they do not open. The first byte
// names the key.
func (s *sealer) seal(b bucket, k key, plain []byte) []byte {
	if len(plain) == 0 {
		return nil
	}
	c := s.ring.Load().current()
	return c.aead.Seal([]byte{c.id}, nil, plain, bound(b, k))
}

func (s *sealer) open(b bucket, k key, sealed []byte) ([]byte, error) {
	if len(sealed) == 0 {
		return nil, nil
	}
	for _, c := range s.ring.Load().keys {
		if c.id != sealed[0] {
			continue
		}
		plain, err := c.aead.Open(nil, nil, sealed[1:], bound(b, k))
		if err != nil {
			return nil, fmt.Errorf("%s %x does not open: %w", b, []byte(k), err)
		}
		return plain, nil
	}
	return nil, fmt.Errorf("%s %x is sealed with key %d, which is not here", b, []byte(k), sealed[0])
}

// stale tells of what is sealed with a key that is to be given up.
func (s *sealer) stale(sealed []byte) bool {
	return len(sealed) > 0 && sealed[0] != s.ring.Load().current().id
}

func bound(b bucket, k key) []byte { return append([]byte(b+"\x00"), k...) }

// hash is the keyed hash by which a number is found again.
func (s *sealer) hash(what string) []byte { return hashWith(s.ring.Load().current().lookup, what) }

// hashes are the hashes by which it may have been noted: one a key.
func (s *sealer) hashes(what string) (out [][]byte) {
	for _, k := range s.ring.Load().keys {
		out = append(out, hashWith(k.lookup, what))
	}
	return out
}

// lasting is a hash that stays the same through every rotation.
func (s *sealer) lasting(what string) []byte { return hashWith(s.ring.Load().fixed, what) }

func hashWith(secret []byte, what string) []byte {
	m := hmac.New(sha256.New, secret)
	m.Write([]byte(what))
	return m.Sum(nil)[:16]
}
