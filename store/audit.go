package store

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
)

// audit appends a line to the audit trail within the transaction of what it tells. Each line is chained to the one before
// it, so that a changed or missing line shows.
func (t *txn) audit(who, what, on, detail string) error {
	n, err := t.next(bAudit)
	if err != nil {
		return err
	}
	var before Event
	if n > 1 {
		if _, err := t.get(bAudit, k64(n-1), &before); err != nil {
			return err
		}
	}
	e := Event{Number: n, At: now(), Who: who, What: what, On: on, Detail: detail}
	if e.Chain, err = e.link(before.Chain); err != nil {
		return err
	}
	return t.put(bAudit, k64(n), e)
}

func (e Event) link(before []byte) ([]byte, error) {
	e.Chain, e.At = nil, e.At.UTC()
	b, err := json.Marshal(e)
	if err != nil {
		return nil, err
	}
	h := sha256.New()
	h.Write(before)
	h.Write(b)
	return h.Sum(nil), nil
}

// Events lists the audit trail, the newest first, at most limit lines.
func (s *Store) Events(limit int) (out []Event, err error) {
	err = s.view(func(t *txn) error {
		return t.eachBack(bAudit, nil, nil, func(k, v []byte) (bool, error) {
			var e Event
			if err := unframe(k, v, &e); err != nil {
				return false, fmt.Errorf("%s %x: %w", bAudit, k, err)
			}
			out = append(out, e)
			return len(out) < limit, nil
		})
	})
	return out, err
}
