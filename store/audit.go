package store

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"strings"

	"chunfeng/bot/phone"
)

// headKey is where the end of the audit trail is noted, in the table of the ledger's own records.
var headKey = key("audit")

// auditHead is the number and the chain of the trail's last line, as the commit of that line noted them. It is sealed, so
// that a trail which was changed and chained anew, or cut off, by somebody without the key shows.
type auditHead struct {
	number uint64
	chain  []byte
}

// auditHead reads the noted end; intact is false where the note is missing or is not the ledger's own.
func (t *txn) auditHead() (h auditHead, intact bool) {
	var r sealedRecord
	found, err := t.get(bMeta, headKey, &r)
	if err != nil || !found {
		return h, false
	}
	b, err := t.s.sealer.open(bMeta, headKey, r.Sealed)
	if err != nil || len(b) < 8 {
		return h, false
	}
	return auditHead{binary.BigEndian.Uint64(b), b[8:]}, true
}

func (t *txn) putAuditHead(h auditHead) error {
	b := append(binary.BigEndian.AppendUint64(nil, h.number), h.chain...)
	return t.put(bMeta, headKey, sealedRecord{t.s.sealer.seal(bMeta, headKey, b), now()})
}

// lastEvent answers the line that lies last in the table, the zero Event where there is none. One that cannot be read
// has a number only.
func (t *txn) lastEvent() (e Event) {
	k, v := t.in(bAudit).Cursor().Last()
	if k == nil {
		return e
	}
	if unframe(k, v, &e) != nil {
		e = Event{}
	}
	e.Number = u64at(k, 0)
	return e
}

// audit appends a line to the audit trail within the transaction of what it tells. Each line is chained to the one before
// it, so that a changed or missing line shows.
//
// A trail that somebody tampered with goes on behind what is there and heals nothing: the place stays broken for
// VerifyAudit to find, and the work goes on.
func (t *txn) audit(who, what, on, detail string) error {
	head, intact := t.auditHead()
	last := t.lastEvent()
	before := head.chain
	if !intact {
		before = last.Chain
	}
	// Text that is no UTF-8 would be written and could not be read back. The trail is kept for years and is not sealed: what
	// people write into a purpose is no place for a number.
	clean := func(s string) string { return strings.ToValidUTF8(s, "\uFFFD") }
	e := Event{Number: max(head.number, last.Number) + 1, At: now(), Who: clean(who), What: clean(what), On: clean(on), Detail: phone.Hide(clean(detail))}
	var err error
	if e.Chain, err = e.link(before); err != nil {
		return err
	}
	if err := t.put(bAudit, k64(e.Number), e); err != nil || !intact {
		return err
	}
	return t.putAuditHead(auditHead{e.Number, e.Chain})
}

// Note appends a line to the audit trail about what happens outside of the ledger, and changes nothing else: a sign-in, say.
func (s *Store) Note(who, what, on, detail string) error {
	return s.update(housekeeping, func(t *txn) error { return t.audit(who, what, on, detail) })
}

// link is the chain of a line behind one of the given chain.
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

// follows tells whether the line is chained to one of the given chain.
func (e Event) follows(before []byte) bool {
	want, err := e.link(before)
	return err == nil && bytes.Equal(want, e.Chain)
}
