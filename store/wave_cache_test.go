package store

import (
	"slices"
	"testing"
	"time"
)

func TestRememberedWaveIsTheStoredOne(t *testing.T) {
	s, err := Open(Options{Dir: t.TempDir(), MapSize: 1 << 24})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	plan := Plan{Batch: "A", Audience: Audience{Counties: []string{"yanji", "antu"}}}
	w, _, err := s.AddWave(Wave{Schedule: "S1", At: time.Now(), Hash: "h", Plan: plan}, "kim")
	if err != nil {
		t.Fatal(err)
	}
	for range 3 { // decoded, remembered, remembered after the caller sorted it
		got, err := s.Wave(w.ID)
		if err != nil {
			t.Fatal(err)
		}
		if want := []string{"yanji", "antu"}; !slices.Equal(got.Plan.Audience.Counties, want) {
			t.Fatalf("a caller that sorts its wave changed the remembered one: %v", got.Plan.Audience.Counties)
		}
		slices.Sort(got.Plan.Audience.Counties)
	}
	if _, err := s.ApproveWave(w.ID, "h", "li", true); err != nil {
		t.Fatal(err)
	}
	if got, err := s.Wave(w.ID); err != nil || got.State != WaveApproved {
		t.Errorf("after its approval: %s, %v", got.State, err)
	}
}
