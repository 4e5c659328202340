package signup_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rs/zerolog"

	"chunfeng/bot/phone"
	"chunfeng/bot/signup"
	"chunfeng/store"
	"chunfeng/store/storetest"
	"chunfeng/templates"
)

// hall is a bureau with one account in two groups, which were told of a batch of three vacancies.
type hall struct {
	t *testing.T
	s *store.Store
	r *signup.Registrar
	n int
}

func newHall(t *testing.T, change func(*signup.Options)) *hall {
	t.Helper()
	s := storetest.Open(t)
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	_, err := s.AddAccount("a01", "", "t")
	must(err)
	_, err = s.StartSession("a01", "e1", 5, "nick")
	must(err)
	_, err = s.PutGroups([]store.Group{
		{Code: "G1", Name: "g", Language: "zh", County: "yanji"}, {Code: "G2", Name: "h", Language: "ko", County: "helong"}}, "t")
	must(err)
	must(s.Bind("a01", "e1", store.Binding{Group: 1, UserName: "@@1", State: store.Bound}, store.Binding{Group: 2, UserName: "@@2", State: store.Bound}))
	employer, err := phone.Parse("0433-2512345")
	must(err)
	var vacancies []store.Vacancy
	for _, post := range []string{"服务员", "厨师", "司机"} {
		vacancies = append(vacancies, store.Vacancy{Employer: store.Both{Zh: "春风饭店", Ko: "봄바람식당"}, Post: store.Both{Zh: post}, County: "yanji", Phones: []phone.Number{employer}})
	}
	b, _, err := s.AddBatch(store.Batch{Name: "b", FileHash: "f"}, vacancies, "t")
	must(err)
	w, _, err := s.AddWave(store.Wave{Schedule: "S1", At: time.Now(), Hash: "h"}, "kim")
	must(err)
	_, err = s.ApproveWave(w.ID, "h", "li", true)
	must(err)
	c := store.Content{Kind: store.Text, Body: []byte("A001 A002"), Vacancies: []string{"A001", "A002"}, Batch: b.ID}
	rows := []store.Row{{Group: 1, Account: "a01", Content: store.HashContent(c.Kind, "", c.Body)}, {Group: 2, Account: "a01", Content: store.HashContent(c.Kind, "", c.Body)}}
	_, err = s.OpenWave(store.Opening{Wave: w.ID, Hash: "h", Contents: []store.Content{c}, Rows: slices.Values(rows)})
	must(err)
	for range rows {
		d, _, _, err := s.Next("a01", true, time.Now())
		must(err)
		d, a, err := s.Claim(d, 0, nil)
		must(err)
		_, err = s.Settle(d.Wave, d.Seq, a.ClientID, store.Settlement{Outcome: store.Taken, ServerID: "1"})
		must(err)
	}
	set, err := templates.Load(nil)
	must(err)
	o := signup.Options{Store: s, Templates: func() *templates.Set { return set }, Acknowledge: signup.Each, Kept: 180, Log: zerolog.Nop()}
	if change != nil {
		change(&o)
	}
	r, err := signup.NewRegistrar(o)
	must(err)
	return &hall{t: t, s: s, r: r}
}

// says has a member write in a chat, and the registrar take it; it answers the reply as it then is.
func (h *hall) says(chat, member, text string) store.Reply {
	h.t.Helper()
	h.n++
	raw, _ := json.Marshal(map[string]any{"MsgId": fmt.Sprint(h.n), "FromUserName": chat, "ToUserName": "@self", "MsgType": 1,
		"Content": member + ":<br/>" + text, "CreateTime": time.Now().Unix()})
	if _, err := h.s.Receive("a01", "e1", []store.Inbound{{MsgID: fmt.Sprint(h.n), UserName: chat, Raw: raw}}, []byte("c")); err != nil {
		h.t.Fatal(err)
	}
	if _, err := h.r.Pass(h.t.Context()); err != nil {
		h.t.Fatal(err)
	}
	all, err := h.s.Replies(false, 0, 1)
	if err != nil {
		h.t.Fatal(err)
	}
	return all[0]
}

// answers lists what was queued for the groups, the oldest first.
func (h *hall) answers() (out []string) {
	h.t.Helper()
	p, err := h.s.Deliveries(store.Answers, store.Filter{Start: true, Limit: 100})
	if err != nil {
		h.t.Fatal(err)
	}
	for _, d := range p.Deliveries {
		c, err := h.s.Content(d.Content)
		if err != nil {
			h.t.Fatal(err)
		}
		out = append(out, string(c.Body))
	}
	return out
}

func (h *hall) signups() (out []store.Signup) {
	h.t.Helper()
	if err := h.s.EachSignup(func(n store.Signup) bool { out = append(out, n); return true }); err != nil {
		h.t.Fatal(err)
	}
	return out
}

func TestReplyBecomesSignup(t *testing.T) {
	h := newHall(t, nil)
	r := h.says("@@1", "@aa", "A002 张三 13904331234")
	if r.State != store.ReplyDone || r.Intent != "signup" || r.Group != 1 {
		t.Fatalf("%+v", r)
	}
	n := h.signups()
	if len(n) != 1 || n[0].Name != "张三" || n[0].Phone.Reveal() != "+8613904331234" || !slices.Equal(n[0].Vacancies, []string{"A002"}) || n[0].Wave == 0 || n[0].Notice == "" {
		t.Fatalf("%+v", n)
	}
	a := h.answers()
	if len(a) != 1 || !strings.Contains(a[0], "139****1234") || strings.Contains(a[0], "13904331234") || !strings.Contains(a[0], "取消") {
		t.Fatalf("acknowledged with %q", a)
	}
	// The same again, as a second account in the group or an impatient resident brings it.
	if r := h.says("@@1", "@aa", "A002 张三 13904331234"); r.State != store.ReplyDone || len(h.signups()) != 1 || len(h.answers()) != 1 {
		t.Errorf("said twice: %d sign-ups, %d answers", len(h.signups()), len(h.answers()))
	}
}

func TestChatterIsErased(t *testing.T) {
	h := newHall(t, nil)
	r := h.says("@@1", "@aa", "今天天气真好")
	if r.State != store.ReplyNoise || r.Raw != nil {
		t.Errorf("%+v", r)
	}
}

func TestEmployersOwnNumberIsNobody(t *testing.T) {
	h := newHall(t, nil)
	h.says("@@1", "@aa", "0433-2512345 是这个电话吗")
	if n := h.signups(); len(n) != 0 {
		t.Errorf("%+v", n)
	}
}

func TestWithdrawalByTheSameMember(t *testing.T) {
	h := newHall(t, nil)
	h.says("@@1", "@aa", "A001 张三 13904331234")
	h.says("@@1", "@bb", "A001 李四 13904335678")
	if r := h.says("@@1", "@aa", "取消"); r.State != store.ReplyDone || r.Intent != "withdrawal" {
		t.Fatalf("%+v", r)
	}
	for _, n := range h.signups() {
		if gone := n.Status == store.SignupWithdrawn; gone != (n.Number == 1) {
			t.Errorf("%s is %s", n.ID, n.Status)
		}
	}
	if r := h.says("@@1", "@cc", "取消"); r.State != store.ReplyReview {
		t.Errorf("somebody without a sign-up took one back: %+v", r)
	}
}

func TestCodeAndNumberWhereNothingWasTold(t *testing.T) {
	h := newHall(t, nil)
	if _, err := h.s.PutGroups([]store.Group{{Code: "G3", Name: "i", Language: "zh"}}, "t"); err != nil {
		t.Fatal(err)
	}
	if err := h.s.Bind("a01", "e1", store.Binding{Group: 3, UserName: "@@3", State: store.Bound}); err != nil {
		t.Fatal(err)
	}
	if r := h.says("@@3", "@aa", "A003 张三 13844331234"); r.State != store.ReplyReview || r.Raw == nil {
		t.Errorf("binned: %+v", r)
	}
}

func TestUnknownWordsOfNoGoToAPerson(t *testing.T) {
	h := newHall(t, nil)
	h.says("@@2", "@aa", "A001 13904331234")
	if r := h.says("@@2", "@aa", "생각해보니 난 못할것 같소"); r.State != store.ReplyReview {
		t.Errorf("who signed up said no, and it was binned: %+v", r)
	}
	if r := h.says("@@2", "@bb", "생각해보니 난 못할것 같소"); r.State != store.ReplyNoise {
		t.Errorf("who never signed up: %+v", r)
	}
}

func TestOurOwnWordsAreNobodys(t *testing.T) {
	h := newHall(t, nil)
	c := store.Content{Kind: store.Text, Body: []byte("【招聘信息】A001 & A002\n取消：回复“取消”\n수신거부 · 退订：回复“退订”")}
	if err := h.s.AddAnswer(store.Answer{Group: 2, Account: "a01", Content: c}, 0); err != nil {
		t.Fatal(err)
	}
	before := len(h.answers())
	wire := strings.NewReplacer("&", "&amp;", "\n", "<br/>").Replace(string(c.Body))
	for _, x := range []struct {
		why, text string
		state     store.ReplyState
	}{
		{"another of our accounts posted it, or a resident copied it", wire, store.ReplyNotice},
		{"our acknowledgement, heard by another of our accounts", "张三 139****1234 A002<br/>已收到您的报名。取消请回复“取消”", store.ReplyNotice},
		{"a copy with words added is for a person", wire + "<br/>" + strings.Repeat("大家快来看看吧，", 20), store.ReplyReview},
		{"a resident's own word still counts", "退订", store.ReplyReview},
	} {
		r := h.says("@@1", "@aa", x.text)
		g, err := h.s.Group("G1")
		if err != nil {
			t.Fatal(err)
		}
		if r.State != x.state || (g.State == store.GroupOptedOut) != (r.Review == store.AsksOut) {
			t.Errorf("%s: the reply is %s (%s), the group %s", x.why, r.State, r.Intent, g.State)
		}
	}
	if n := len(h.answers()); n != before {
		t.Errorf("%d answers, want none before somebody confirms the opt-out", n-before)
	}
}

func TestTwoAccountsHearTheSame(t *testing.T) {
	h := newHall(t, nil)
	if _, err := h.s.AddAccount("a02", "", "t"); err != nil {
		t.Fatal(err)
	}
	if _, err := h.s.StartSession("a02", "e2", 6, "nick"); err != nil {
		t.Fatal(err)
	}
	if err := h.s.Bind("a02", "e2", store.Binding{Group: 1, UserName: "@@one", State: store.Bound}); err != nil {
		t.Fatal(err)
	}
	n := 0
	hears := func(account, epoch, chat, text string) {
		t.Helper()
		n++
		raw, _ := json.Marshal(map[string]any{"MsgId": fmt.Sprint(account, n), "FromUserName": chat, "ToUserName": "@self", "MsgType": 1, "Content": "@" + fmt.Sprintf("%x", n) + ":<br/>" + text})
		if _, err := h.s.Receive(account, epoch, []store.Inbound{{MsgID: fmt.Sprint(account, n), UserName: chat, Raw: raw}}, []byte("c")); err != nil {
			t.Fatal(err)
		}
		if _, err := h.r.Pass(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	both := func(text string) {
		t.Helper()
		hears("a01", "e1", "@@1", text)
		hears("a02", "e2", "@@one", text)
	}
	for _, c := range []struct {
		why     string
		say     func()
		answers int
	}{
		{"a question", func() { both("列表") }, 1},
		{"the same question by somebody else", func() { both("列表") }, 1},
		{"a sign-up without a number", func() { both("我要报名") }, 1},
		{"a sign-up", func() { both("A002 张三 13904331234") }, 1},
		{"an opt-out, which somebody confirms first", func() { both("退订") }, 0},
		{"what only one of them hears", func() { hears("a02", "e2", "@@one", "A001") }, 1},
	} {
		before := len(h.answers())
		if c.say(); len(h.answers())-before != c.answers {
			t.Errorf("%s: %d answers, want %d: %q", c.why, len(h.answers())-before, c.answers, h.answers()[before:])
		}
	}
	if n := len(h.signups()); n != 1 {
		t.Errorf("%d sign-ups", n)
	}
}

func TestOptOutStopsTheGroup(t *testing.T) {
	h := newHall(t, nil)
	stands := func(code string, want store.GroupState, answers int) {
		t.Helper()
		g, err := h.s.Group(code)
		if err != nil || g.State != want || len(h.answers()) != answers {
			t.Errorf("%s is %s %v, want it %s; %q", code, g.State, err, want, h.answers())
		}
	}
	asked := h.says("@@2", "@aa", "수신거부")
	if asked.State != store.ReplyReview || asked.Review != store.AsksOut {
		t.Errorf("nobody is asked who that was: %+v", asked)
	}
	stands("G2", store.GroupOptedOut, 0) // nothing goes there meanwhile
	if _, err := h.r.Decide(asked.Number, signup.Decision{As: signup.OptOut}, "li"); err != nil {
		t.Fatal(err)
	}
	stands("G2", store.GroupOptedOut, 1)
	joke := h.says("@@1", "@bb", "退订")
	stands("G1", store.GroupOptedOut, 1)
	if _, err := h.r.Decide(joke.Number, signup.Decision{As: signup.Noise}, "li"); err != nil {
		t.Fatal(err)
	}
	stands("G1", store.GroupActive, 1)
}

func TestQuestionsAreAnsweredInTheGroupsLanguage(t *testing.T) {
	h := newHall(t, nil)
	h.says("@@2", "@aa", "목록")
	h.says("@@1", "@aa", "A003")
	a := h.answers()
	if len(a) != 2 || !strings.Contains(a[0], "A001") || !strings.Contains(a[0], "일터") || !strings.Contains(a[1], "司机") {
		t.Errorf("%q", a)
	}
}

func TestReplyWaitsForItsGroup(t *testing.T) {
	h := newHall(t, nil)
	if r := h.says("@@9", "@aa", "A001 张三 13904331234"); r.State != store.ReplyWaiting {
		t.Fatalf("%+v", r)
	}
	if err := h.s.Bind("a01", "e1", store.Binding{Group: 1, UserName: "@@9", State: store.Bound}); err != nil {
		t.Fatal(err)
	}
	if _, err := h.r.Pass(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := h.signups(); len(n) != 1 || n[0].Group != 1 {
		t.Errorf("%+v", n)
	}
}

func TestReplyOfAnUnknownGroupIsNotLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHall(t, nil)
		h.says("@@9", "@aa", "A001 张三 13904331234")
		time.Sleep(31 * time.Minute)
		if _, err := h.r.Pass(t.Context()); err != nil {
			t.Fatal(err)
		}
		if all, err := h.s.Replies(true, 0, 10); err != nil || len(all) != 1 || all[0].Raw == nil {
			t.Errorf("%+v %v", all, err)
		}
	})
}

func TestPolitenessGathersAcknowledgements(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHall(t, func(o *signup.Options) { o.Gap, o.PerHour = 30*time.Second, 5 })
		for i := range 4 {
			h.says("@@1", fmt.Sprintf("@a%d", i), fmt.Sprintf("A001 1390433123%d", i))
		}
		if a := h.answers(); len(a) != 1 {
			t.Fatalf("spoke %d times within 30 s", len(a))
		}
		time.Sleep(31 * time.Second)
		if _, err := h.r.Pass(t.Context()); err != nil {
			t.Fatal(err)
		}
		a := h.answers()
		if len(a) != 2 || !strings.Contains(a[1], "139****1231") || !strings.Contains(a[1], "139****1233") {
			t.Errorf("%q", a)
		}
		for _, n := range h.signups() {
			if n.Notice == "" {
				t.Errorf("%s was never told what becomes of the number", n.ID)
			}
		}
	})
}

func TestOwedAcknowledgementsSurviveARestart(t *testing.T) {
	h := newHall(t, func(o *signup.Options) { o.Acknowledge, o.Gather = signup.Batched, time.Hour })
	h.says("@@1", "@aa", "A001 13904331234")
	set, err := templates.Load(nil)
	if err != nil {
		t.Fatal(err)
	}
	again, err := signup.NewRegistrar(signup.Options{Store: h.s, Templates: func() *templates.Set { return set }, Acknowledge: signup.Batched, Gather: time.Nanosecond})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := again.Pass(t.Context()); err != nil || len(h.answers()) != 1 {
		t.Errorf("%q %v", h.answers(), err)
	}
}

func TestPersonDecides(t *testing.T) {
	h := newHall(t, nil)
	r := h.says("@@1", "@aa", "我不要A001 要A002吧 还是取消 13904331234")
	if r.State != store.ReplyReview {
		t.Skipf("the interpreter is sure of it: %+v", r)
	}
	if _, err := h.r.Decide(r.Number, signup.Decision{As: signup.Signup, Vacancies: []string{"A002"}, Note: "called"}, "li"); err != nil {
		t.Fatal(err)
	}
	if n := h.signups(); len(n) != 1 || !slices.Equal(n[0].Vacancies, []string{"A002"}) {
		t.Errorf("%+v", n)
	}
	if _, err := h.r.Decide(r.Number, signup.Decision{As: signup.Noise}, "li"); err == nil {
		t.Error("decided twice")
	}
}
