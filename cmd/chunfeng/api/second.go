package api

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base32"
	"encoding/hex"
	"slices"
	"strings"
	"time"

	"github.com/pquerna/otp/totp"

	"chunfeng/store"
	"chunfeng/templates/words"
)

// The second factor: time-based codes of RFC 6238 with SHA-1, six digits and half minutes, which is what every
// authenticator app takes. The code of the half minute before and of the one after is taken too, as its section 5.2 advises
// for clocks that are not quite together.
const (
	secondStep  = 30 * time.Second
	secondSkew  = 1
	spareCodes  = 10
	spareLength = 10 // characters of base 32: 50 bits each, so that a plain hash need not be slow
)

// NewSecond answers a secret for a person's telephone, and the address that its QR code holds.
func NewSecond(name string) (secret, address string, err error) {
	k, err := totp.Generate(totp.GenerateOpts{Issuer: "chunfeng", AccountName: name, SecretSize: 20})
	if err != nil {
		return "", "", err
	}
	return k.Secret(), k.URL(), nil
}

// SecondAddress is what the QR code of a secret holds.
func SecondAddress(name, secret string) (string, error) {
	raw, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(secret)
	if err != nil {
		return "", err
	}
	k, err := totp.Generate(totp.GenerateOpts{Issuer: "chunfeng", AccountName: name, Secret: raw})
	if err != nil {
		return "", err
	}
	return k.URL(), nil
}

// TakeCode compares what somebody typed with a second factor, and answers the factor as it is after that: a code is taken
// once, and so is each spare one. spare tells that it was one of those.
func TakeCode(s store.Second, typed string, at time.Time) (after store.Second, spare, ok bool) {
	typed = strings.ToUpper(strings.Map(func(r rune) rune {
		if r == ' ' || r == '-' {
			return -1
		}
		return r
	}, typed))
	if s.Secret == "" {
		return s, false, false
	}
	now := at.Unix() / int64(secondStep/time.Second)
	for step := now - secondSkew; step <= now+secondSkew; step++ {
		code, err := totp.GenerateCode(s.Secret, time.Unix(step*int64(secondStep/time.Second), 0))
		if err == nil && step > s.Step && subtle.ConstantTimeCompare([]byte(code), []byte(typed)) == 1 {
			s.Step = step
			return s, false, true
		}
	}
	kept := strings.Fields(s.Spare)
	if i := slices.Index(kept, hashSpare(typed)); i >= 0 {
		s.Spare = strings.Join(slices.Delete(kept, i, i+1), " ")
		return s, true, true
	}
	return s, false, false
}

// NewSpare makes the codes for the day on which the telephone is lost, and what is kept of them.
func NewSpare() (codes []string, kept string) {
	var hashes []string
	for range spareCodes {
		raw := make([]byte, spareLength*5/8+1)
		_, _ = rand.Read(raw) // it never fails: see crypto/rand
		code := base32.StdEncoding.EncodeToString(raw)[:spareLength]
		codes = append(codes, code[:spareLength/2]+"-"+code[spareLength/2:])
		hashes = append(hashes, hashSpare(code))
	}
	return codes, strings.Join(hashes, " ")
}

func hashSpare(code string) string {
	h := sha256.Sum256([]byte("spare code " + code))
	return hex.EncodeToString(h[:])
}

func (a *API) resetSecond(r request) (any, error) {
	name := r.PathValue("name")
	if strings.EqualFold(name, r.Name) && r.Role != "" {
		return nil, words.Refuse("second.not_oneself").Of(words.Forbidden)
	}
	u, err := a.store.ChangeUser(name, r.Name, "user.second_factor_reset", func(u *store.User) error {
		u.Second = store.Second{}
		return nil
	})
	return a.viewUser(u), err
}
