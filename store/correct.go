package store

import (
	"fmt"
	"slices"
	"strings"

	"chunfeng/bot/phone"
	"chunfeng/templates/words"
)

// Correction puts right what a sign-up says of a person. What is nil stays.
type Correction struct {
	Name      *string
	Phone     *phone.Number
	Vacancies []string // codes
}

// CorrectSignup puts right what a sign-up says. With another number the words of the messages that it came from are erased:
// the number in them is somebody else's. It is refused when the right number has signed up for the same batch by itself.
// The trail says who changed which, and no value.
func (s *Store) CorrectSignup(id string, c Correction, why, who string) (Signup, error) {
	return s.changeSignup(id, func(t *txn, n *Signup) error {
		var what []string
		if c.Name != nil && *c.Name != n.Name {
			n.Name, what = *c.Name, append(what, "name")
		}
		if c.Vacancies != nil && !slices.Equal(c.Vacancies, n.Vacancies) {
			n.Vacancies, what = c.Vacancies, append(what, "vacancies")
		}
		if c.Phone != nil && *c.Phone != n.Phone {
			if err := t.correctPhone(n, *c.Phone); err != nil {
				return err
			}
			what = append(what, "phone")
		}
		if len(what) == 0 {
			return nil
		}
		n.Updated = now()
		if err := t.putSignup(*n); err != nil {
			return err
		}
		return t.audit(who, "signup.correct", n.ID, strings.Join(what, ", ")+": "+why)
	})
}

func (t *txn) correctPhone(n *Signup, p phone.Number) error {
	if p.IsZero() {
		return words.Refuse("subject.no_number").Of(words.Usage)
	}
	others, err := t.ofPhone(p)
	if err != nil {
		return err
	}
	for _, o := range others {
		if o.Batch == n.Batch {
			return words.Refuse("subject.has_signed_up", o.ID).Of(words.Conflict)
		}
	}
	if err := t.del(bByPhone, append(key(nil), n.Lookup...).u64(n.Number)); err != nil {
		return err
	}
	n.Phone, n.Lookup = p, t.s.sealer.hash("phone\x00"+p.Reveal())
	if err := t.set(bByPhone, append(key(nil), n.Lookup...).u64(n.Number), nil); err != nil {
		return err
	}
	for _, r := range append([]uint64{n.Reply}, n.Others...) {
		if _, err := t.eraseReply(r); err != nil {
			return fmt.Errorf("reply R%d: %w", r, err)
		}
	}
	return nil
}
