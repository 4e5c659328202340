package store_test

import (
	"slices"
	"testing"
	"time"

	"chunfeng/store"
	"chunfeng/store/storetest"
)

func TestRoadOfAWave(t *testing.T) {
	s := storetest.Open(t)
	if _, err := s.AddAccount("a01", "", "t"); err != nil {
		t.Fatal(err)
	}
	if _, err := s.PutGroups([]store.Group{{Code: "G1", Name: "g", Language: "zh"}, {Code: "G2", Name: "h", Language: "ko"}, {Code: "G3", Name: "i", Language: "ko"}}, "t"); err != nil {
		t.Fatal(err)
	}
	w, _, err := s.AddWave(store.Wave{Schedule: "S1", At: time.Now(), Hash: "h"}, "kim")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.ApproveWave(w.ID, "other", "li", true); err == nil {
		t.Fatal("approved another hash")
	}
	if _, err := s.ApproveWave(w.ID, "h", "kim", true); err == nil {
		t.Fatal("approved by the same person")
	}
	if _, err := s.ApproveWave(w.ID, "h", "li", true); err != nil {
		t.Fatal(err)
	}
	c := store.Content{Kind: store.Text, Body: []byte("hello")}
	hash := store.HashContent(c.Kind, c.Name, c.Body)
	rows := []store.Row{{Group: 1, Account: "a01", Content: hash}, {Group: 2, Account: "a01", Content: hash}, {Group: 3, Account: "a01", Skip: store.ReasonOptedOut}}
	w, err = s.OpenWave(store.Opening{Wave: w.ID, Hash: "h", Contents: []store.Content{c}, Rows: slices.Values(rows)})
	if err != nil {
		t.Fatal(err)
	}
	if w.State != store.WaveRunning || w.Counts[store.Planned] != 2 || w.Counts[store.Skipped] != 1 {
		t.Fatalf("opened as %+v", w)
	}
	for range 2 {
		d, found, _, err := s.Next("a01", true, time.Now())
		if err != nil || !found {
			t.Fatal(found, err)
		}
		d, a, err := s.Claim(d, 0, nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := s.Claim(d, 0, nil); err == nil {
			t.Fatal("claimed twice")
		}
		if _, err := s.Settle(d.Wave, d.Seq, a.ClientID, store.Settlement{Outcome: store.Taken, ServerID: "77"}); err != nil {
			t.Fatal(err)
		}
	}
	if _, found, _, _ := s.Next("a01", true, time.Now()); found {
		t.Fatal("a third delivery")
	}
	n, _, err := s.ConfirmDue(store.Due{Before: time.Now().Add(time.Second)})
	if err != nil || n != 2 {
		t.Fatal(n, err)
	}
	w, err = s.Wave(w.ID)
	if err != nil || w.State != store.WaveFinished {
		t.Fatal(w.State, err)
	}
}
