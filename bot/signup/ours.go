package signup

import (
	"strings"
	"unicode/utf8"

	"chunfeng/store"
)

// What the bureau itself posted comes back: where two of its accounts are in one group, each hears the other like any
// member, and residents copy a notice as it stands. A notice says how to opt out and how to withdraw, so reading it as a
// resident's words would stop the group.

// hidden is how a masked telephone number looks. Only our own acknowledgements write one.
const hidden = "****"

// ours tells whether a text is, to the letter, one that was posted in the bureau's name. Acknowledgements are kept without
// a hash to find them by; they are known by their masked number.
func (r *Registrar) ours(in Inbound) (bool, error) {
	text := strings.TrimSpace(in.Text)
	if in.Room == "" || in.Sort != TextSort || text == "" {
		return false, nil
	}
	if strings.Contains(text, hidden) {
		return true, nil
	}
	for _, t := range []string{text, in.Text} {
		if _, found, err := r.o.Store.ContentByHash(store.HashContent(store.Text, "", []byte(t))); found || err != nil {
			return found, err
		}
	}
	return false, nil
}

// longNo is the length in runes above which a message that says how to opt out is more likely a copy of a notice than
// somebody's wish.
const longNo = 150

// copied has a person look at an opt-out that is too long to be one.
func copied(in Inbound, reading Reading) Reading {
	if reading.Intent == OptOut && utf8.RuneCountInString(in.Text) > longNo {
		reading.Review = ReviewMixed
	}
	return reading
}
