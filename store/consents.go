package store

import (
	"crypto/sha256"
	"encoding/hex"
	"time"
)

// ConsentNotice is the words by which residents were told what becomes of their number, kept by their hash from the first
// acknowledgement that said them. It is never changed or removed: with the hash that is noted on a sign-up it proves what
// that person was told.
type ConsentNotice struct {
	Hash  string    `cbor:"1,keyasint" json:"hash"` // the first 128 bits of the SHA-256 of Text, in hex
	Text  string    `cbor:"2,keyasint" json:"text"`
	Since time.Time `cbor:"3,keyasint" json:"since"`
}

// HashConsent is the hash by which the words of a notice are known.
func HashConsent(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:16])
}

// keepConsent keeps the words of a notice, once, and answers their hash; empty for none.
func (t *txn) keepConsent(text string) (string, error) {
	if text == "" {
		return "", nil
	}
	hash := HashConsent(text)
	if t.in(bConsents).Get(key(hash)) != nil {
		return hash, nil
	}
	return hash, t.put(bConsents, key(hash), ConsentNotice{hash, text, now()})
}

// Consent answers the words of a notice by their hash. found is false for one of before notices were kept.
func (s *Store) Consent(hash string) (c ConsentNotice, found bool, err error) {
	err = s.view(func(t *txn) error { found, err = t.get(bConsents, key(hash), &c); return err })
	return c, found, err
}

// consents holds each notice against its hash, and each sign-up's against those that are kept.
func (k *checker) consents() error {
	return k.t.each(bConsents, nil, nil, func(at, v []byte) (bool, error) {
		var c ConsentNotice
		if unframe(at, v, &c) == nil && (c.Hash != string(at) || HashConsent(c.Text) != c.Hash) {
			k.broken("the consent notice %s does not hold the words of its hash", at)
		}
		return true, k.ctx.Err()
	})
}
