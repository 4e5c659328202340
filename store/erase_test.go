package store

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"chunfeng/bot/phone"
	"chunfeng/templates/words"
)

// holding tests raw messages of these tests, which are plain text.
func holding(p phone.Number) func([]byte) bool {
	return func(raw []byte) bool { return bytes.Contains(raw, []byte(p.Reveal())) }
}

// receive has somebody write, and answers the reply's number.
func receive(t testing.TB, s *Store, id, text string) uint64 {
	t.Helper()
	if _, err := s.Receive("a01", "e1", []Inbound{{MsgID: id, UserName: "@@1", Raw: []byte(text)}}, []byte(id)); err != nil {
		t.Fatal(err)
	}
	all, err := s.Replies(false, 0, 1)
	if err != nil || len(all) != 1 {
		t.Fatal(all, err)
	}
	return all[0].Number
}

func checked(t *testing.T, s *Store) {
	t.Helper()
	if c, err := s.Check(t.Context()); err != nil || !c.OK {
		t.Errorf("the ledger is broken: %v %v", c.Broken, err)
	}
}

// TestErase erases one of two people, who left a sign-up, a doubtful message, one that nobody read yet, a note, and an
// acknowledgement on the wire: nothing of the one is left, everything of the other is.
func TestErase(t *testing.T) {
	dir := t.TempDir()
	s := peopled(t, dir, 2)
	p := said(t, 0)
	if _, err := s.SetSignup("N1", SignupCalled, "her sister has "+p.Reveal(), "li"); err != nil {
		t.Fatal(err)
	}
	doubtful := receive(t, s, "d", "打我电话 "+p.Reveal())
	if _, err := s.Register(doubtful, Disposition{State: ReplyReview, Intent: "noise", Review: "no_signup_words", Group: 1}); err != nil {
		t.Fatal(err)
	}
	unread := receive(t, s, "u", "还是我 "+p.Reveal())
	d, _, err := s.Claim(Delivery{Wave: Answers, Seq: 1, Account: "a01"}, 0, nil)
	if err != nil {
		t.Fatal(err)
	}
	done, err := s.Erase(Erasure{Phone: p, Holds: holding(p), Who: "li", Why: "she asked: " + p.Reveal()})
	if err != nil || done.Signups != 1 || done.Messages != 3 {
		t.Fatalf("%+v %v", done, err)
	}
	checked(t, s)
	if found, err := s.SignupsByPhone(p); err != nil || len(found) != 0 {
		t.Errorf("still found by number: %v %v", found, err)
	}
	if n, err := s.Signup("N1"); err != nil || n.Name != "" || n.Note != "" || !n.Phone.IsZero() || n.Status != SignupWithdrawn {
		t.Errorf("%+v %v", n, err)
	}
	for _, number := range []uint64{1, doubtful, unread} {
		if r, err := s.Reply(number); err != nil || r.Raw != nil {
			t.Errorf("R%d still says %q: %v", number, r.Raw, err)
		}
	}
	if waiting, err := s.NextReplies(ForRegistrar, "", 0, 5); err != nil || len(waiting) != 0 {
		t.Errorf("the registrar would still read %v %v", waiting, err)
	}
	// The acknowledgement's words go when it is off the wire, and it is not tried again.
	if d, err = s.Settle(Answers, d.Seq, d.Attempts[0].ClientID, Settlement{Outcome: NotSent}); err != nil || d.State != Skipped {
		t.Errorf("%+v %v", d, err)
	}
	if c, err := s.Content(d.Content); err != nil || c.Body != nil {
		t.Errorf("the acknowledgement still says %q %v", c.Body, err)
	}
	if found, err := s.SignupsByPhone(said(t, 1)); err != nil || len(found) != 1 || found[0].Name != "金花" {
		t.Errorf("the other: %v %v", found, err)
	}
	checked(t, s)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(filepath.Join(dir, DatabaseFile))
	if err != nil || bytes.Contains(b, []byte(p.Reveal()[3:])) {
		t.Errorf("the file holds the number in the clear: %v", err)
	}
	t.Logf("proof: 1 person erased in one commit from %d sign-up, %d messages (registered, doubtful, unread), a note and an acknowledgement on the wire", done.Signups, done.Messages)
}

// TestErasedIsNotCollectedAgain has a message of before the erasure come once more, and one of after it.
func TestErasedIsNotCollectedAgain(t *testing.T) {
	s := peopled(t, t.TempDir(), 1)
	defer s.Close()
	p := said(t, 0)
	before := time.Now().Add(-time.Minute)
	if _, err := s.Erase(Erasure{Phone: p, Holds: holding(p), Who: "li", Why: "asked"}); err != nil {
		t.Fatal(err)
	}
	order := func(at time.Time) Disposition {
		return Disposition{State: ReplyDone, Intent: "signup", Group: 1, Said: at, Signups: []Signup{{Group: 1, Name: "金花", Phone: p, Batch: "A"}},
			Answer: &Answer{Group: 1, Account: "a01", Notice: "v1", Content: Content{Kind: Text, Body: []byte("金花，已收到")}}}
	}
	again := receive(t, s, "another account's id", "金花 "+p.Reveal())
	fresh, err := s.Register(again, order(before))
	if err != nil || len(fresh) != 0 {
		t.Fatalf("collected again: %v %v", fresh, err)
	}
	if r, err := s.Reply(again); err != nil || r.Raw != nil || r.State != ReplyNoise {
		t.Errorf("%+v %v", r, err)
	}
	if p, err := s.Deliveries(Answers, Filter{Start: true, Limit: 10}); err != nil || len(p.Deliveries) != 1 {
		t.Errorf("the person was written to again: %v %v", p.Deliveries, err)
	}
	byHand := order(before)
	byHand.Decided = "li"
	late := receive(t, s, "third", "金花 "+p.Reveal())
	if _, err := s.Register(late, byHand); !errors.Is(err, words.Refuse("subject.was_erased")) {
		t.Errorf("entered by hand from an old message: %v", err)
	}
	anew := receive(t, s, "fourth", "金花 "+p.Reveal())
	if fresh, err = s.Register(anew, order(time.Now().Add(time.Minute))); err != nil || len(fresh) != 1 {
		t.Errorf("a new message of hers: %v %v", fresh, err)
	}
	// The key under which the number is remembered outlives a rotation, and the memory its retention.
	renewKeys(t, s)
	if at, err := s.ErasedAt(p); err != nil || at.IsZero() {
		t.Errorf("forgotten with the key: %v %v", at, err)
	}
	if _, _, err := s.Expire(time.Now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	if at, err := s.ErasedAt(p); err != nil || !at.IsZero() {
		t.Errorf("still remembered: %v %v", at, err)
	}
	checked(t, s)
	t.Log("proof: 2 messages of before the erasure came again, by another account and by hand, and neither was collected; 1 said afterwards was")
}

// TestConsentIsProvable holds what a sign-up says was told against the words that went out.
func TestConsentIsProvable(t *testing.T) {
	s := peopled(t, t.TempDir(), 1)
	defer s.Close()
	n, err := s.Signup("N1")
	if err != nil {
		t.Fatal(err)
	}
	c, found, err := s.Consent(n.Notice)
	if err != nil || !found || c.Text != "v1" || HashConsent(c.Text) != n.Notice {
		t.Errorf("%+v %v %v", c, found, err)
	}
	first := c.Since
	signsUp(t, s, 1)
	if c, _, err = s.Consent(n.Notice); err != nil || !c.Since.Equal(first) {
		t.Errorf("the same words were kept twice: %+v %v", c, err)
	}
	checked(t, s)
	err = s.update(housekeeping, func(t *txn) error {
		return t.put(bConsents, key(n.Notice), ConsentNotice{n.Notice, "other words", first})
	})
	if err != nil {
		t.Fatal(err)
	}
	if v, err := s.Check(t.Context()); err != nil || v.OK {
		t.Errorf("changed words pass the check: %v", err)
	}
}

// TestCorrection puts a name and a number right, and refuses one who is there already.
func TestCorrection(t *testing.T) {
	s := peopled(t, t.TempDir(), 2)
	defer s.Close()
	name, other, taken := "金顺姬", said(t, 77), said(t, 1)
	if _, err := s.CorrectSignup("N1", Correction{Phone: &taken}, "asked", "li"); !errors.Is(err, words.Refuse("subject.has_signed_up")) {
		t.Errorf("two sign-ups of one number: %v", err)
	}
	n, err := s.CorrectSignup("N1", Correction{Name: &name, Phone: &other}, "she called", "li")
	if err != nil || n.Name != name || n.Phone != other {
		t.Fatalf("%+v %v", n, err)
	}
	if found, err := s.SignupsByPhone(said(t, 0)); err != nil || len(found) != 0 {
		t.Errorf("found by the wrong number: %v %v", found, err)
	}
	if found, err := s.SignupsByPhone(other); err != nil || len(found) != 1 {
		t.Errorf("not found by the right number: %v %v", found, err)
	}
	if r, err := s.Reply(n.Reply); err != nil || r.Raw != nil {
		t.Errorf("the message still holds somebody else's number: %v", err)
	}
	checked(t, s)
}

// TestTrailHoldsNoNumber has staff write numbers wherever words go into the trail or a note.
func TestTrailHoldsNoNumber(t *testing.T) {
	dir := t.TempDir()
	s := peopled(t, dir, 1)
	for i, spelling := range []string{"13944330000", "139-4433-0000", "139 4433 0000", "１３９４４３３００００", "+86 139 4433 0000", "一三九 13944330000."} {
		if err := s.Revealed("N1", "to call "+spelling, "li", 1); err != nil {
			t.Fatal(err)
		}
		if _, err := s.SetSignup("N1", SignupCalled, fmt.Sprint(i, " says ", spelling), "li"); err != nil {
			t.Fatal(err)
		}
	}
	shown, err := s.Shown(1)
	if err != nil || len(shown) != 6 {
		t.Fatalf("%v %v", shown, err)
	}
	for _, e := range shown {
		if !strings.Contains(e.Detail, "*") || strings.Contains(e.Detail, "4433") {
			t.Errorf("the trail keeps %q", e.Detail)
		}
	}
	if n, err := s.Signup("N1"); err != nil || !strings.Contains(n.Note, "13944330000") {
		t.Errorf("the note, which is sealed, became %q %v", n.Note, err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(filepath.Join(dir, DatabaseFile))
	for _, secret := range []string{"4433000", "4433-0000", "4433 0000", "４３３０"} {
		if err != nil || bytes.Contains(b, []byte(secret)) {
			t.Errorf("the file holds %q: %v", secret, err)
		}
	}
}
