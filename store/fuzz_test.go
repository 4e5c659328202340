package store_test

import (
	"errors"
	"testing"

	"chunfeng/store"
	"chunfeng/store/storetest"
	"chunfeng/templates/words"
)

// FuzzLogCursor turns pages of the log from places that somebody wrote by hand: a refusal, or a page of bounded length.
func FuzzLogCursor(f *testing.F) {
	s := storetest.Open(f)
	stockLog(f, s)
	p, err := s.Log(store.LogFilter{Answers: true, Limit: 2})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(p.Next, uint8(2))
	f.Add("", uint8(0))
	f.Add("AAAAAAAAAAAAAAAA", uint8(1))
	f.Add("\xff/+==", uint8(255))
	f.Fuzz(func(t *testing.T, cursor string, limit uint8) {
		p, err := s.Log(store.LogFilter{Answers: true, Limit: int(limit), Cursor: cursor})
		if err != nil {
			var r *words.Refusal
			if !errors.As(err, &r) {
				t.Fatalf("%q: %v", cursor, err)
			}
			return
		}
		if limit > 0 && len(p.Rows) > int(limit) {
			t.Fatalf("%q: %d rows of at most %d", cursor, len(p.Rows), limit)
		}
	})
}

// stockLog puts a wave of nine deliveries into a ledger.
func stockLog(t testing.TB, s *store.Store) {
	t.Helper()
	if _, err := s.AddAccount("a01", "", "t"); err != nil {
		t.Fatal(err)
	}
	var groups []store.Group
	for i := range 9 {
		groups = append(groups, store.Group{Code: "G" + string(rune('1'+i)), Name: "g", Language: "zh"})
	}
	if _, err := s.PutGroups(groups, "t"); err != nil {
		t.Fatal(err)
	}
	w, _, err := s.AddWave(store.Wave{Schedule: "S1", Hash: "h"}, "kim")
	if err == nil {
		_, err = s.ApproveWave(w.ID, "h", "li", true)
	}
	if err == nil {
		c := store.Content{Kind: store.Text, Body: []byte("x")}
		_, err = s.OpenWave(store.Opening{Wave: w.ID, Hash: "h", Contents: []store.Content{c}, Rows: func(yield func(store.Row) bool) {
			for i := range uint32(9) {
				if !yield(store.Row{Group: i + 1, Account: "a01", Kind: c.Kind, Content: store.HashContent(c.Kind, c.Name, c.Body)}) {
					return
				}
			}
		}})
	}
	if err != nil {
		t.Fatal(err)
	}
}
