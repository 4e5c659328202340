package store

import (
	"encoding/hex"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	bolt "go.etcd.io/bbolt"

	"chunfeng/templates/words"
)

func sample() *Delivery {
	at := time.UnixMicro(1_790_000_000_123_456)
	return &Delivery{Wave: 3, Seq: 17, Group: 2970, Part: 1, Account: "a07", Content: 9, State: Accepted, Updated: at, Kind: Text,
		Canary: true, Attempts: []Attempt{
			{ClientID: 17_900_000_001_234_560, Account: "a07", At: at, Ended: at.Add(time.Second), Outcome: NotSent, Reason: ReasonTooOften, Detail: "Ret 1205", Content: 9},
			{ClientID: 17_900_000_001_234_561, Account: "a07", At: at, Ended: at.Add(time.Second), Outcome: Taken, ServerID: "7654321987654321987", Content: 9}}}
}

func TestDeliveryKeepsItsForm(t *testing.T) {
	k := k32(3, 17)
	v, err := frame(k, sample(), grain)
	if err != nil {
		t.Fatal(err)
	}
	if len(v)%grain != 0 {
		t.Errorf("a row of %d bytes is not filled up to %d", len(v), grain)
	}
	var back Delivery
	if err := unframe(k, v, &back); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(*sample(), back); diff != "" {
		t.Error(diff)
	}
	// As schema 1 writes it. It must stay readable for ever: a change of the record adds fields at its end.
	const want = "01840103119a17010361303709030000c0849fd1edff960300047465787400020280adb6acc8fee51f03613037c0849fd1edff96038089dcd1edff96030209746f6f5f6f6674656e000852657420313230350981adb6acc8fee51f03613037c0849fd1edff96038089dcd1edff96030100133736353433323139383736353433323139383700090000000000000000000000000000000000000000009d265200"
	if got := hex.EncodeToString(v); got != want {
		t.Errorf("schema 1 wrote\n%s, now it is\n%s", want, got)
	}
}

func TestFirstAttemptFitsInPlace(t *testing.T) {
	k := k32(3, 17)
	at := time.UnixMicro(1_790_000_000_123_456)
	for _, account := range []string{"a", "a07", "yanji-city-07"} {
		d := Delivery{Wave: 3, Seq: 17, Group: 2970, Part: 1, Account: account, Content: 9, Updated: at, Kind: Text}
		planned, err := frame(k, &d, grain)
		if err != nil {
			t.Fatal(err)
		}
		d.State = Accepted
		d.Attempts = []Attempt{{ClientID: 17_900_000_001_234_560, Account: account, At: at, Ended: at, Outcome: Taken, ServerID: "7654321987654321987", Content: 9}}
		accepted, err := frame(k, &d, grain)
		if err != nil {
			t.Fatal(err)
		}
		if len(planned) != len(accepted) {
			t.Errorf("account %s: %d bytes planned, %d accepted: the page will be split", account, len(planned), len(accepted))
		}
	}
}

func TestShorterRecordReadsAsZero(t *testing.T) {
	// An older program knew fewer fields: the record ends early.
	p := packer{}
	p.uint(3)
	p.uint(17)
	p.uint(2970)
	v := append([]byte{byte(len(p.b))}, p.b...)
	var d Delivery
	if err := unpackRecord(v, &d); err != nil || d.Group != 2970 || d.State != Planned || d.Attempts != nil {
		t.Errorf("%+v %v", d, err)
	}
}

func TestWhatWasWrittenIsRead(t *testing.T) {
	k := key("a01")
	v, err := frame(k, Account{Name: "a01", Why: "by \xff"}, 0)
	if err != nil {
		t.Fatal(err)
	}
	var a Account
	if err := unframe(k, v, &a); err != nil || a.Why != "by \xff" {
		t.Errorf("text that is no UTF-8 was written and is not read: %q %v", a.Why, err)
	}
}

func TestDamageIsNamed(t *testing.T) {
	k := k32(3, 17)
	v, err := frame(k, sample(), grain)
	if err != nil {
		t.Fatal(err)
	}
	for i := range v {
		for bit := range 8 {
			bad := append([]byte(nil), v...)
			bad[i] ^= 1 << bit
			var d Delivery
			if err := unframe(k, bad, &d); !errors.Is(err, ErrDamaged) {
				t.Fatalf("byte %d, bit %d flipped: %v", i, bit, err)
			}
		}
	}
	var d Delivery
	if err := unframe(k32(3, 18), v, &d); !errors.Is(err, ErrDamaged) {
		t.Errorf("a value under another key was taken: %v", err)
	}
}

func TestNewerDatabaseIsRefused(t *testing.T) {
	dir := t.TempDir()
	s, err := Open(Options{Dir: dir, MapSize: 1 << 24})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.db.Update(func(tx *bolt.Tx) error {
		x := &txn{Tx: tx, s: s}
		var m meta
		if _, err := x.get(bMeta, key("meta"), &m); err != nil {
			return err
		}
		m.Schema++
		return x.put(bMeta, key("meta"), m)
	}); err != nil {
		t.Fatal(err)
	}
	s.Close()
	_, err = Open(Options{Dir: dir, MapSize: 1 << 24})
	if !errors.Is(err, ErrNewer) {
		t.Fatal(err)
	}
	var r *words.Refusal
	if !errors.As(err, &r) || !strings.Contains(r.In(words.Korean), "새로운") {
		t.Errorf("not said to people: %v", err)
	}
}

func FuzzUnframe(f *testing.F) {
	k := k32(3, 17)
	v, _ := frame(k, sample(), grain)
	f.Add(v)
	f.Fuzz(func(t *testing.T, v []byte) {
		var d Delivery
		_ = unframe(k, v, &d)
		var l Lane
		_ = unpackRecord(v, &l)
		_ = unpackRecord(v, &d)
	})
}
