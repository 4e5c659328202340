package console

import (
	"fmt"
	"testing"
	"time"

	qrcode "rsc.io/qr"

	"chunfeng/bot/phone"
	"chunfeng/cmd/chunfeng/api"
	"chunfeng/store"
)

// registry fills a site with groups of three counties in every reach, five accounts in every state, a gap, and what came
// back of the wave of the tests. The daemon seems to run.
func (s *site) registry(t testing.TB) {
	t.Helper()
	s.wave(t)
	must := func(_ any, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	var groups []store.Group
	for i := range 30 {
		g := store.Group{Code: fmt.Sprintf("HL%03d", i), Name: fmt.Sprintf("화룡시 문화가두 취업방 %d", i), County: "helong", Township: "文化街道", Kind: "urban", Language: "ko", Tags: []string{"food", "care"}}
		if i%2 == 1 {
			g = store.Group{Code: fmt.Sprintf("HC%03d", i), Name: fmt.Sprintf("珲春市靖和街道就业服务群（%d）", i), County: "hunchun", Township: []string{"靖和街道", ""}[i/2%2], Kind: "rural", Language: "both", Account: "a01"}
		}
		groups = append(groups, g)
	}
	groups = append(groups, store.Group{Code: "X1", Name: "<script>alert(1)</script>=1+1", County: "yanji", Township: "<b>北山</b>", Kind: "社区", Language: "zh"})
	must(s.store.PutGroups(groups, "test"))
	for _, name := range []string{"a02", "a03", "a04", "a05"} {
		must(s.store.AddAccount(name, "", "test"))
	}
	must(s.store.AddAccount("yj1", "yanji", "test"))
	for i, name := range []string{"a01", "a02"} {
		must(s.store.StartSession(name, "e", int64(i+1), []string{"봄바람", "春风<i>二</i>"}[i]))
	}
	for i := range 20 {
		b := store.Binding{Group: uint32(i + 1), UserName: fmt.Sprint("@@", i), Name: fmt.Sprintf("群 %d", i), Members: 100 + i, Evidence: "name", State: store.Bound}
		switch {
		case i%7 == 5:
			b.State, b.Why, b.UserName, b.Candidates = store.Quarantined, "bot.doubtful_name | HL002 화룡 (120) | 화룡<b>방</b> (88)", "", []string{"@@c1"}
			if i == 12 {
				b.Why, b.Candidates = "bot.same_name | 2 | HC009 珲春 (120) | 珲春群 (88); 珲春群 (61)", []string{"@@c2", "@@c3"}
			}
		case i%7 == 6:
			b.State, b.Why = store.Gone, "bot.removed"
		}
		must(nil, s.store.Bind("a01", "e", b))
		if i%3 == 0 {
			must(nil, s.store.Bind("a02", "e", b))
		}
	}
	must(nil, s.store.SaveChats("a01", "e", []store.Chat{
		{UserName: "@@c1", Name: "화룡<b>방</b>", Members: 88}, {UserName: "@@c2", Name: "珲春群", Members: 88}, {UserName: "@@c3", Name: "珲春群", Members: 61},
		{UserName: "@@c4", Name: "同学会"}, {UserName: "@@c5"},
	}))
	must(s.store.SetGroup("HL004", store.GroupPaused, "群主休假", "staff"))
	must(s.store.SetGroup("HL006", store.GroupOptedOut, "reply R1", ""))
	must(nil, s.store.OpenGap("a02", "bot.gap_session", time.Now().Add(-3*time.Hour)))
	must(nil, s.store.CloseGap("a02", false, time.Time{}))
	must(s.store.ChangeAccount("a02", "", "", func(a *store.Account) error {
		a.State, a.Why = store.AccountOffline, "bot.session_over | 1101"
		return nil
	}))
	must(s.store.ChangeAccount("a03", "", "", func(a *store.Account) error { a.State = store.AccountWaitingScan; return nil }))
	must(s.store.ChangeAccount("a04", "", "", func(a *store.Account) error { a.State, a.Why = store.AccountStopped, "bot.forced_logout"; return nil }))
	must(s.store.ChangeAccount("a05", "", "", func(a *store.Account) error { a.Paused = true; return nil }))
	now := time.Now()
	must(nil, s.store.SavePace(store.Pace{Account: "a01", Since: now.Add(-10 * 24 * time.Hour),
		Text:  store.Spent{Day: now.In(s.Config().Zone).Format(time.DateOnly), Today: 87, Recent: []int64{now.Unix() - 1800, now.Unix() - 20}},
		Media: store.Spent{Day: now.In(s.Config().Zone).Format(time.DateOnly), Today: 12, Hits: []time.Time{now.Add(-time.Minute)}, CoolingUntil: now.Add(29 * time.Minute)}}))
	for i, said := range []string{"报名 A001 13844331234", "<script>alert(2)</script> 있습니까?"} {
		raw := fmt.Sprintf(`{"MsgId":"%d","FromUserName":"@@0","MsgType":1,"Content":"@x:<br/>%s"}`, i, said)
		must(s.store.Receive("a01", "e", []store.Inbound{{MsgID: fmt.Sprint(i), UserName: "@@0", Raw: []byte(raw), Class: store.ForRegistrar}}, nil))
	}
	number, err := phone.Parse("13844331234")
	must(nil, err)
	w, err := s.store.Waves(false)
	must(nil, err)
	must(s.store.Register(1, store.Disposition{State: store.ReplyDone, Intent: "signup", Sender: "小金", Signups: []store.Signup{{Group: 1, Name: "金海莲", Phone: number, Vacancies: []string{"A001"}, Batch: "A", Wave: w[0].Number, Seq: 0}}}))
	must(s.store.Register(2, store.Disposition{State: store.ReplyReview, Intent: "question", Sender: "<b>x</b>", Review: "question"}))
	s.API.Running = func() bool { return true }
	s.API.Code = func(name string) (c api.Code, ok bool) {
		link := "https://login.weixin.qq.com/l/" + name
		if s.renewed.Load() {
			link += "=="
		}
		code, err := qrcode.Encode(link, qrcode.L)
		if err != nil {
			return c, false
		}
		return api.Code{Link: link, PNG: code.PNG(), Expires: now.Add(4 * time.Minute)}, name == "a03"
	}
}
