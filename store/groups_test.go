package store_test

import (
	"testing"

	"chunfeng/store"
	"chunfeng/store/storetest"
)

// TestLeaveOut leaves a group out of one kind of notice: of that alone, through an import, until it is resumed.
func TestLeaveOut(t *testing.T) {
	s := storetest.Open(t)
	in := []store.Group{{Code: "G1", Name: "g", Language: "zh"}}
	if _, err := s.PutGroups(in, "t"); err != nil {
		t.Fatal(err)
	}
	if _, err := s.LeaveOut("G1", []string{"gig"}, "its owner called", "li"); err != nil {
		t.Fatal(err)
	}
	in[0].Name = "another name"
	if _, err := s.PutGroups(in, "t"); err != nil {
		t.Fatal(err)
	}
	g, err := s.Group("G1")
	if err != nil || !g.LeftOut("gig") || g.LeftOut("digest") || g.State != store.GroupActive {
		t.Errorf("%+v %v", g, err)
	}
	if g, err = s.SetGroup("G1", store.GroupActive, "asked again", "li"); err != nil || g.LeftOut("gig") {
		t.Errorf("resumed: %+v %v", g, err)
	}
}
