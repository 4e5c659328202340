package store_test

import (
	"bytes"
	"fmt"
	"testing"

	"chunfeng/store"
	"chunfeng/store/storetest"
)

// TestNextRepliesInHand holds that the inbox is listed whole however long its messages are, and never much of it at once.
func TestNextRepliesInHand(t *testing.T) {
	s := storetest.Open(t)
	if _, err := s.AddAccount("a01", "", "kim"); err != nil {
		t.Fatal(err)
	}
	if _, err := s.StartSession("a01", "e1", 5, "nick"); err != nil {
		t.Fatal(err)
	}
	sizes := []int{100, 20 << 20, 100, 3 << 20, 3 << 20, 3 << 20, 100}
	for i := range 200 {
		sizes = append(sizes, 64<<10+i)
	}
	var all []store.Inbound
	for i, n := range sizes {
		all = append(all, store.Inbound{MsgID: fmt.Sprint(i), UserName: "@@1", Raw: bytes.Repeat([]byte{'x'}, n)})
	}
	if _, err := s.Receive("a01", "e1", all, nil); err != nil {
		t.Fatal(err)
	}
	const most = 8<<20 + 20<<20 // and one more, the longest
	var seen []int
	for after := uint64(0); ; {
		page, err := s.NextReplies(store.ForRegistrar, "", after, 200)
		if err != nil {
			t.Fatal(err)
		}
		if len(page) == 0 {
			break
		}
		bytes := 0
		for _, r := range page {
			after, bytes = r.Number, bytes+len(r.Raw)
			seen = append(seen, len(r.Raw))
		}
		if bytes > most {
			t.Errorf("%d bytes at once", bytes)
		}
	}
	if fmt.Sprint(seen) != fmt.Sprint(sizes) {
		t.Errorf("%d of %d messages are listed, or not as they are", len(seen), len(sizes))
	}
}
