package signup

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"chunfeng/store"
	"chunfeng/store/storetest"
	"chunfeng/templates"
)

// TestWaitingIsReadSeldom holds that what was said in chats of which nobody knows the group is not read again with every
// message, and yet as soon as a group is bound, or when it has waited long enough.
func TestWaitingIsReadSeldom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := storetest.Open(t)
		must := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		_, err := s.AddAccount("a01", "", "kim")
		must(err)
		_, err = s.StartSession("a01", "e1", 5, "nick")
		must(err)
		_, err = s.PutGroups([]store.Group{{Code: "G1", Name: "g", Language: "zh"}}, "kim")
		must(err)
		set, err := templates.Load(nil)
		must(err)
		r, err := NewRegistrar(Options{Store: s, Templates: func() *templates.Set { return set }})
		must(err)
		said := 0
		hear := func(chat, text string) {
			t.Helper()
			said++
			raw := fmt.Sprintf(`{"MsgId":"%d","FromUserName":%q,"MsgType":1,"Content":"@a:<br/>%s"}`, said, chat, text)
			_, err := s.Receive("a01", "e1", []store.Inbound{{MsgID: fmt.Sprint(said), UserName: chat, Raw: []byte(raw)}}, nil)
			must(err)
		}
		pass := func() time.Time {
			t.Helper()
			next, err := r.Pass(t.Context())
			must(err)
			return next
		}
		inbox := func() int {
			t.Helper()
			all, err := s.NextReplies(store.ForRegistrar, "", 0, 1000)
			must(err)
			return len(all)
		}
		begun := time.Now()
		for i := range 300 {
			hear("@@nobodys", fmt.Sprint("哈哈 ", i))
		}
		if next := pass(); !next.Equal(begun.Add(30*time.Minute)) || inbox() != 300 || r.waited != 300 {
			t.Errorf("%d wait until %v, looked at up to %d", inbox(), next.Sub(begun), r.waited)
		}
		time.Sleep(time.Minute)
		hear("@@nobodys", "还有")
		if next := pass(); !next.Equal(begun.Add(30*time.Minute)) || r.waited != 301 || inbox() != 301 {
			t.Errorf("one more: %d wait until %v, looked at up to %d", inbox(), next.Sub(begun), r.waited)
		}
		hear("@@1", "报名 13944330001") // known in a moment
		pass()
		must(s.Bind("a01", "e1", store.Binding{Account: "a01", Epoch: "e1", Group: 1, UserName: "@@1", State: store.Bound, Evidence: "name", At: time.Now()}))
		if pass(); inbox() != 301 {
			t.Errorf("%d wait after one of them could be read", inbox())
		}
		time.Sleep(29 * time.Minute)
		if pass(); inbox() != 1 {
			t.Errorf("%d wait longer than half an hour", inbox()-1)
		}
		time.Sleep(time.Minute)
		if next := pass(); inbox() != 0 || !next.IsZero() {
			t.Errorf("%d wait at the end, the next look in %v", inbox(), time.Until(next))
		}
	})
}
