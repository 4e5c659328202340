package console

import (
	"testing"
	"time"

	"chunfeng/store"
)

// said is what the wave of the tests says; a browser must not run it.
const said = "【招聘】<script>alert(1)</script>\nA001 해란강식당 4500-6000"

// wave sends a wave to three groups: YJ001 got it, TM001's outcome is unknown, and YJ002 was skipped.
func (s *site) wave(t testing.TB) store.Wave {
	t.Helper()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	_, err := s.store.PutGroups([]store.Group{
		{Code: "YJ001", Name: "河南街<b>1</b>群", County: "yanji", Language: "zh"}, {Code: "TM001", Name: "월궁사회구역", County: "tumen", Language: "ko"},
		{Code: "YJ002", Name: "=HYPERLINK(1)", County: "yanji", Language: "zh"},
	}, "test")
	must(err)
	_, err = s.store.AddAccount("a01", "", "test")
	must(err)
	w, _, err := s.store.AddWave(store.Wave{Schedule: "S1", At: time.Now(), Hash: "h"}, "staff")
	must(err)
	_, err = s.store.ApproveWave(w.ID, "h", "approver", true)
	must(err)
	c := store.Content{Kind: store.Text, Body: []byte(said), Vacancies: []string{"A001"}}
	hash := store.HashContent(c.Kind, c.Name, c.Body)
	w, err = s.store.OpenWave(store.Opening{Wave: w.ID, Hash: "h", Contents: []store.Content{c}, Rows: func(yield func(store.Row) bool) {
		_ = yield(store.Row{Group: 1, Account: "a01", Content: hash}) && yield(store.Row{Group: 2, Account: "a01", Content: hash}) &&
			yield(store.Row{Group: 3, Skip: store.ReasonOptedOut})
	}})
	must(err)
	for i := range 2 {
		d, found, _, err := s.store.Next("a01", true, time.Now())
		must(err)
		if !found {
			t.Fatal("nothing to send")
		}
		d, attempt, err := s.store.Claim(d, d.Content, nil)
		must(err)
		settled := store.Settlement{Outcome: store.Taken, ServerID: "8800000000000000001"}
		if i == 1 {
			settled = store.Settlement{Outcome: store.NotKnown, Reason: store.ReasonNotAnswered}
		}
		d, err = s.store.Settle(d.Wave, d.Seq, attempt.ClientID, settled)
		must(err)
		if d.State == store.Accepted {
			must(s.store.Confirm(d.Wave, d.Seq, "", ""))
		}
	}
	w, err = s.store.Wave(w.ID)
	must(err)
	return w
}
