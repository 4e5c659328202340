package store_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"chunfeng/store"
	"chunfeng/store/storetest"
)

// TestSeenGroupsAgainstSingleReads reads a registry page by page and holds each group against what single reads say of it.
func TestSeenGroupsAgainstSingleReads(t *testing.T) {
	s := storetest.Open(t)
	must := must(t)
	var groups []store.Group
	for i := range 53 {
		groups = append(groups, store.Group{Code: fmt.Sprintf("G%02d", i), Name: "群", County: "yanji", Language: "zh"})
	}
	_, err := s.PutGroups(groups, "kim")
	must(err)
	names := []string{"a1", "a2", "a3", "gone"}
	for n, name := range names {
		_, err := s.AddAccount(name, "", "kim")
		must(err)
		_, err = s.StartSession(name, "one", 1, "")
		must(err)
		var list []store.Binding
		for i := n; i < 53; i += n + 2 {
			state := []store.BindingState{store.Bound, store.Quarantined, store.Gone}[i%3]
			list = append(list, store.Binding{Group: uint32(i + 1), UserName: fmt.Sprint("@@", i), Name: "群", State: state})
		}
		must(s.Bind(name, "one", list...))
	}
	// Another session of a2 knows nothing yet; the last account does not count any more.
	_, err = s.StartSession("a2", "two", 1, "")
	must(err)
	_, err = s.ChangeAccount("gone", "kim", "", func(a *store.Account) error { a.Removed = true; return nil })
	must(err)

	for _, size := range []int{1, 7, 53, 1000} {
		var all []store.SeenGroup
		for from := uint32(0); ; {
			page, err := s.SeenGroups(from, size)
			must(err)
			if len(page) > size {
				t.Fatalf("a page of %d holds %d", size, len(page))
			}
			all = append(all, page...)
			if len(page) < size {
				break
			}
			from = page[len(page)-1].Number + 1
		}
		if len(all) != 53 {
			t.Fatalf("pages of %d hold %d groups", size, len(all))
		}
		for _, g := range all {
			alone, err := s.GroupNumber(g.Number)
			must(err)
			if d := cmp.Diff(alone, g.Group); d != "" {
				t.Error(d)
			}
			var want []store.Binding
			bound := false
			for _, name := range []string{"a1", "a2", "a3"} {
				b, found, err := s.Binding(name, g.Number)
				must(err)
				if found {
					want, bound = append(want, b), bound || b.State == store.Bound
				}
			}
			if d := cmp.Diff(want, g.Bindings); d != "" {
				t.Errorf("%s: %s", g.Code, d)
			}
			if g.Bound() != bound {
				t.Errorf("%s: bound %v", g.Code, g.Bound())
			}
		}
	}
}

func BenchmarkSeenGroups(b *testing.B) {
	s := storetest.Open(b)
	var groups []store.Group
	for i := range 100_000 {
		groups = append(groups, store.Group{Code: fmt.Sprintf("G%06d", i), Name: "延吉市北山街道就业服务群", County: "yanji", Township: "北山街道", Language: "zh", Tags: []string{"餐饮", "护理"}})
	}
	if _, err := s.PutGroups(groups, "kim"); err != nil {
		b.Fatal(err)
	}
	for n := range 4 {
		name := fmt.Sprint("a", n)
		if _, err := s.AddAccount(name, "", "kim"); err != nil {
			b.Fatal(err)
		}
		if _, err := s.StartSession(name, "one", 1, ""); err != nil {
			b.Fatal(err)
		}
		var list []store.Binding
		for i := n; i < 100_000; i += 4 {
			list = append(list, store.Binding{Group: uint32(i + 1), UserName: fmt.Sprint("@@", i), Name: "群", State: store.Bound})
		}
		if err := s.Bind(name, "one", list...); err != nil {
			b.Fatal(err)
		}
	}
	for b.Loop() {
		n := 0
		for from := uint32(0); ; {
			page, err := s.SeenGroups(from, 1000)
			if err != nil {
				b.Fatal(err)
			}
			if n += len(page); len(page) < 1000 {
				break
			}
			from = page[len(page)-1].Number + 1
		}
		if n != 100_000 {
			b.Fatal(n)
		}
	}
}

// TestWhatAGroupSaid keeps messages and sign-ups of three groups, and reads one group's page by page.
func TestWhatAGroupSaid(t *testing.T) {
	s := storetest.Open(t)
	must := must(t)
	var groups []store.Group
	for i := range 3 {
		groups = append(groups, store.Group{Code: fmt.Sprintf("G%d", i), Name: "群", County: "yanji", Language: "zh"})
	}
	_, err := s.PutGroups(groups, "kim")
	must(err)
	_, err = s.AddAccount("a1", "", "kim")
	must(err)
	_, err = s.StartSession("a1", "e", 1, "")
	must(err)
	for i := range 3 {
		must(s.Bind("a1", "e", store.Binding{Group: uint32(i + 1), UserName: fmt.Sprint("@@", i), State: store.Bound}))
	}
	var replies, signups []uint64 // of the second group, the newest first
	for i := range 40 {
		_, err := s.Receive("a1", "e", []store.Inbound{{MsgID: fmt.Sprint(i), UserName: fmt.Sprint("@@", i%3), Raw: []byte("raw"), Class: store.ForRegistrar}}, nil)
		must(err)
		n := uint64(i + 1)
		p := store.Disposition{State: store.ReplyNoise}
		if i%2 == 0 {
			p = store.Disposition{State: store.ReplyDone, Intent: "signup", Signups: []store.Signup{{Group: uint32(i%3 + 1), Batch: "A", Phone: number(t, fmt.Sprintf("1384433%04d", i))}}}
		}
		fresh, err := s.Register(n, p)
		must(err)
		if i%3 == 1 && i%2 == 0 {
			replies, signups = append([]uint64{n}, replies...), append([]uint64{fresh[0].Number}, signups...)
		}
	}
	for _, size := range []int{1, 2, 5, 100} {
		var got []uint64
		for before := uint64(0); ; {
			page, next, err := s.GroupReplies(2, before, size)
			must(err)
			for _, r := range page {
				if string(r.Raw) != "raw" {
					t.Errorf("reply %d has lost its words", r.Number)
				}
				got = append(got, r.Number)
			}
			if before = next; next == 0 {
				break
			}
		}
		if d := cmp.Diff(replies, got); d != "" {
			t.Errorf("pages of %d: %s", size, d)
		}
		got = nil
		for before := uint64(0); ; {
			page, err := s.GroupSignups(2, before, size)
			must(err)
			if len(page) == 0 {
				break
			}
			for _, n := range page {
				got = append(got, n.Number)
				before = n.Number
			}
		}
		if d := cmp.Diff(signups, got); d != "" {
			t.Errorf("pages of %d: %s", size, d)
		}
	}
}
