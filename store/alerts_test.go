package store_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"chunfeng/store"
	"chunfeng/store/storetest"
)

// TestAlertIsRaisedOnce raises, clears and raises again, with the ledger closed in between: one alert of a kind is open at a
// time, and its message to the group is queued with it.
func TestAlertIsRaisedOnce(t *testing.T) {
	dir := t.TempDir()
	s := storetest.OpenDir(t, dir)
	if _, err := s.AddAccount("a01", "", "t"); err != nil {
		t.Fatal(err)
	}
	if _, err := s.PutGroups([]store.Group{{Code: "G1", Name: "staff", Language: "ko", County: "yanji"}}, "t"); err != nil {
		t.Fatal(err)
	}
	said := store.Answer{Group: 1, Account: "a01", Content: store.Content{Kind: store.Text, Body: []byte("the disk is full")}}
	disk := store.Alert{What: "disk", Args: []string{"90"}, Notices: []store.Notice{{Road: store.RoadWebhook}, {Road: store.RoadGroup}}}
	first, fresh, err := s.RaiseAlert(disk)
	if err != nil || !fresh {
		t.Fatalf("fresh=%v %v", fresh, err)
	}
	again, fresh, err := s.RaiseAlert(disk)
	if err != nil || fresh || again.Number != first.Number {
		t.Fatalf("raised a second time: %v, fresh=%v %v", again, fresh, err)
	}
	if _, fresh, err := s.RaiseAlert(store.Alert{What: "unknown", On: "2026-001"}); err != nil || !fresh {
		t.Fatalf("another kind: fresh=%v %v", fresh, err)
	}
	for range 2 {
		if err := s.SayAlert(first.Number, false, said); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.NoteAlert(first.Number, store.Notice{Road: store.RoadWebhook, Tries: 2, Failed: "500"}); err != nil {
		t.Fatal(err)
	}
	if err := s.NoteAlert(first.Number, store.Notice{Road: store.RoadCommand}); err == nil {
		t.Error("a road was noted that the alert does not have")
	}
	over := []store.Notice{{Road: store.RoadWebhook, Cleared: true}, {Road: store.RoadGroup, Cleared: true}}
	for range 2 {
		a, err := s.ClearAlert(first.Number, time.Now(), over)
		if err != nil || len(a.Notices) != 4 {
			t.Fatalf("cleared: %v %v", a.Notices, err)
		}
	}
	if err := s.SayAlert(first.Number, true, said); err != nil {
		t.Fatal(err)
	}
	open, err := s.Alerts(true)
	if err != nil || len(open) != 1 || open[0].What != "unknown" {
		t.Fatalf("open: %v %v", open, err)
	}
	w, err := s.Wave(store.AnswersID)
	if err != nil || w.Counts[store.Planned] != 2 {
		t.Fatalf("%d messages to the group, not 2: %v", w.Counts[store.Planned], err)
	}
	if _, fresh, err := s.RaiseAlert(disk); err != nil || !fresh {
		t.Fatalf("what is over is raised anew: fresh=%v %v", fresh, err)
	}
}

// TestHearingIsKept keeps four weeks.
func TestHearingIsKept(t *testing.T) {
	s := storetest.Open(t)
	var days []store.HeardDay
	for i := range 40 {
		d := store.HeardDay{Date: time.Date(2026, 3, 1+i, 0, 0, 0, 0, time.UTC).Format(time.DateOnly)}
		d.Hours[9] = uint16(i)
		days = append(days, d)
	}
	if err := s.SaveHearing("a01", days); err != nil {
		t.Fatal(err)
	}
	got, err := s.Hearing("a01")
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(days[12:], got); d != "" {
		t.Error(d)
	}
}
