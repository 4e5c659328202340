package wxsim_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"chunfeng/bot/wxsim"
)

func TestOnlySavedGroupsAreInTheContactList(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRaw(t, "")
		defer r.sim.Close()
		hidden := r.sim.AddGroup(wxsim.GroupOptions{Name: "저장 안 한 방", Count: 3})
		hidden.Join(r.acct, false)
		r.login()
		if len(r.rooms) != 3 {
			t.Errorf("%d groups in the contact list, want the 3 that are saved", len(r.rooms))
		}
		// The phone's list of recent chats names it all the same.
		_, _ = r.call("webwxstatusnotify", "", map[string]any{"Code": 3, "ClientMsgId": 1, "FromUserName": r.self, "ToUserName": r.self})
		v := r.sync()
		i := slices.IndexFunc(v.AddMsgList, func(m rawMsg) bool { return m.MsgType == 51 })
		if i < 0 {
			t.Fatal("no list of recent chats")
		}
		user := strings.Split(v.AddMsgList[i].StatusNotifyUserName, ",")[0]
		list, _ := r.batch(user)
		if len(list) != 1 || list[0].NickName != "저장 안 한 방" || list[0].MemberCount != 4 {
			t.Errorf("the unsaved group: %+v", list)
		}
		r.want("a send to it", r.send(user, "x").BaseResponse.Ret, 0)
	})
}

func TestNamesChangeAndPeopleStay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRaw(t, "")
		defer r.sim.Close()
		members := func() (users, nicks []string) {
			list, _ := r.batch(r.rooms...)
			for _, c := range list {
				users = append(users, c.UserName)
				for _, m := range c.MemberList {
					users, nicks = append(users, m.UserName), append(nicks, m.NickName)
				}
			}
			return users, nicks
		}
		r.login()
		users1, nicks1 := members()
		r.acct.Kick()
		r.login()
		users2, nicks2 := members()
		if diff := cmp.Diff(nicks1, nicks2); diff != "" {
			t.Errorf("nicks changed with the login: %s", diff)
		}
		for _, u := range users1 {
			if slices.Contains(users2, u) {
				t.Fatalf("the user name %s survived a login", u)
			}
		}
		if !slices.Contains(nicks1, "춘풍") && !slices.Contains(nicks1, "春风") {
			t.Error("the account itself is not among the members")
		}
	})
}

func TestBatchAnswersAtMostFifty(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRaw(t, "")
		defer r.sim.Close()
		for i := range 60 {
			r.sim.AddGroup(wxsim.GroupOptions{Name: fmt.Sprint(i), Count: 2}).Join(r.acct, true)
		}
		r.login()
		list, _ := r.batch(r.rooms...)
		if len(r.rooms) != 63 || len(list) != 50 || list[49].UserName != r.rooms[49] {
			t.Errorf("asked for %d, got %d", len(r.rooms), len(list))
		}
	})
}

// listener keeps all that the server says.
type listener struct {
	next http.RoundTripper
	said bytes.Buffer
}

func (l *listener) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := l.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	b, err := io.ReadAll(resp.Body)
	resp.Body = io.NopCloser(bytes.NewReader(b))
	l.said.Write(b)
	_ = resp.Header.Write(&l.said)
	return resp, err
}

func TestHiddenIDsAreNotOnTheWire(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRaw(t, "")
		defer r.sim.Close()
		ear := &listener{next: r.http.Transport}
		r.http.Transport = ear
		g := r.sim.AddGroup(wxsim.GroupOptions{ID: "HIDDEN-GROUP", Name: "방", Count: 5})
		g.Join(r.acct, true)
		g.Join(r.sim.AddAccount("HIDDEN-ACCOUNT", wxsim.AccountOptions{}), true)
		r.login()
		r.batch(r.rooms...)
		r.send(r.rooms[3], "x")
		g.Says("", "y")
		g.Rename("새 이름")
		g.Remove(r.acct)
		r.check()
		r.sync()
		if ear.said.Len() < 5000 || bytes.Contains(ear.said.Bytes(), []byte("HIDDEN")) {
			t.Errorf("a hidden id is in %d bytes of answers", ear.said.Len())
		}
	})
}

func TestGroupLife(t *testing.T) {
	for _, tt := range []struct {
		name string
		do   func(g *wxsim.Group, a *wxsim.Account)
		want string // types of messages and changes of contacts
		ret  int    // of a send afterwards
	}{
		{"rename", func(g *wxsim.Group, _ *wxsim.Account) { g.Rename("새 이름 🔥") }, `10000 修改群名为“새 이름 <span class="emoji emoji1f525"></span>” mod`, 0},
		{"removal by the owner is told", func(g *wxsim.Group, a *wxsim.Account) { g.Remove(a) }, `10000 移出群聊 del`, 1204},
		{"leaving on the phone is not", func(g *wxsim.Group, a *wxsim.Account) { g.Leave(a) }, `del`, 1204},
		{"a dissolved group", func(g *wxsim.Group, _ *wxsim.Account) { g.Dissolve() }, `mod`, 1204},
		{"somebody joins", func(g *wxsim.Group, _ *wxsim.Account) { g.AddMember("새 사람") }, `10000 加入了群聊 members`, 0},
		{"somebody leaves", func(g *wxsim.Group, _ *wxsim.Account) { g.RemoveMember(g.Members()[0]) }, `members`, 0},
		{"a picture", func(g *wxsim.Group, _ *wxsim.Account) { g.Image("") }, `3 &lt;img`, 0},
		{"a quotation as text", func(g *wxsim.Group, _ *wxsim.Account) {
			g.Quotes("박", wxsim.Msg{ID: "7", Member: "春风", Text: "A017"}, "저요", false)
		}, `1 「春风：A017」<br/>- - - - - - - - - - - - - - -<br/>저요`, 0},
		{"a quotation as app message", func(g *wxsim.Group, _ *wxsim.Account) {
			g.Quotes("박", wxsim.Msg{ID: "7", Member: "春风", Text: "A017"}, "저요", true)
		}, `49/57 &lt;title&gt;저요&lt;/title&gt; &lt;svrid&gt;7&lt;/svrid&gt;`, 0},
		{"a resident recalls", func(g *wxsim.Group, _ *wxsim.Account) { g.Recalls(g.Says("박", "x")) }, `1 x 10002 revokemsg`, 0},
		{"the account's owner writes on the phone", func(g *wxsim.Group, a *wxsim.Account) { _ = a.PhoneSays(g, "绑定 G0421-7F3A") }, `1 own 绑定 G0421-7F3A`, 0},
		{"a friend writes", func(_ *wxsim.Group, a *wxsim.Account) { a.FriendSays("임해연", "안녕") }, `1 안녕`, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := newRaw(t, "").login()
				defer r.sim.Close()
				tt.do(r.gs[0], r.acct)
				v := r.sync()
				var got strings.Builder
				for _, m := range v.AddMsgList {
					fmt.Fprint(&got, m.MsgType)
					if m.AppMsgType != 0 {
						fmt.Fprint(&got, "/", m.AppMsgType)
					}
					if m.FromUserName == r.self {
						got.WriteString(" own")
					}
					fmt.Fprint(&got, " ", m.Content, " ")
				}
				for what, n := range map[string]int{"mod": len(v.ModContactList), "del": len(v.DelContactList), "members": len(v.ModChatRoomMemberList)} {
					if n > 0 {
						got.WriteString(what)
					}
				}
				if silent := tt.want[0] > '9'; silent != (len(v.AddMsgList) == 0) {
					t.Errorf("%d messages for %s", len(v.AddMsgList), tt.want)
				}
				rest := got.String()
				for _, part := range strings.Fields(strings.ReplaceAll(tt.want, `<span class=`, `<span_class=`)) {
					part = strings.ReplaceAll(part, `<span_class=`, `<span class=`)
					i := strings.Index(rest, part)
					if i < 0 {
						t.Fatalf("no %q in %q of %q", part, rest, got.String())
					}
					rest = rest[i+len(part):]
				}
				r.want("a send afterwards", r.send(r.rooms[0], "x").BaseResponse.Ret, tt.ret)
			})
		})
	}
}

func TestHoldsAndHooks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRaw(t, "").login()
		defer r.sim.Close()
		r.http.Timeout = 20 * time.Second
		var stages []string
		r.sim.OnSend(func(s wxsim.Stage, a wxsim.Arrival) {
			stages = append(stages, fmt.Sprintf("%s, %s, %d", s, a.Text, a.Seq))
		})
		r.sim.OnPost(func(a wxsim.Arrival) []wxsim.Saying {
			if a.Text != "0 before" {
				return nil
			}
			return []wxsim.Saying{
				{After: time.Minute, Member: "박철", Text: "저요 19900001234", Quote: true},
				{After: time.Minute, Text: "나도", Quote: true, Of: wxsim.Msg{Member: "박철", Text: "다른 글"}},
			}
		})
		for i, hold := range []func() *wxsim.Hold{r.sim.HoldBefore, r.sim.HoldAfter} {
			text := fmt.Sprint(i, []string{" before", " after"}[i])
			h := hold()
			if _, err := r.trySend(r.rooms[0], text); err == nil {
				t.Error("a held send was answered")
			}
			held := <-h.Waiting()
			r.want("held", held.Text, text)
			r.want("arrived while held", len(r.sim.Arrivals()), []int{0, 2}[i])
			h.Release()
			synctest.Wait()
			r.want("arrived after the client had gone", len(r.sim.Arrivals()), i+1)
		}
		want := []string{"before accept, 0 before, 0", "after accept, 0 before, 1", "before accept, 1 after, 0", "after accept, 1 after, 2"}
		if diff := cmp.Diff(want, stages); diff != "" {
			t.Error(diff)
		}
		time.Sleep(2 * time.Minute)
		texts := r.sync().texts()
		if len(texts) != 2 || !strings.HasPrefix(texts[1], "「박철：다른 글」") || !strings.HasSuffix(texts[0], "<br/>저요 19900001234") || !strings.HasPrefix(texts[0], "「春风：0 before」") {
			t.Errorf("the resident's answer: %q", texts)
		}
	})
}

func TestReportCountsWhatTheClientDid(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRaw(t, "").login()
		defer r.sim.Close()
		say := func(room int, text, id string) {
			b, err := r.call("webwxsendmsg", "", map[string]any{"Msg": map[string]any{
				"Type": 1, "Content": text, "FromUserName": r.self, "ToUserName": r.rooms[room], "LocalID": id, "ClientMsgId": id}})
			if err != nil {
				t.Fatal(err, string(b))
			}
		}
		say(0, "a", "1")
		time.Sleep(10 * time.Second)
		say(0, "a", "1") // the same once more: a retry
		time.Sleep(2 * time.Second)
		say(1, "a", "1") // the same id for another group
		time.Sleep(time.Hour)
		say(2, "b", "2")
		r.send("@@0000", "into the void")
		rep := r.sim.Report()
		a := rep.Accounts[0]
		got := map[string]any{"sends": a.Sends, "arrived": a.Arrived, "gap": a.MinGap, "minute": a.MaxPerMinute, "hour": a.MaxPerHour, "day": a.MaxPerDay,
			"clashes": a.Clashes, "repeated": a.Repeated, "unknown": a.UnknownTarget, "g0001": rep.Posts["g0001"], "most": rep.MaxPosts, "doubles": strings.Join(rep.Doubles, " ")}
		want := map[string]any{"sends": 5, "arrived": 4, "gap": time.Duration(0), "minute": 3, "hour": 3, "day": 5,
			"clashes": 1, "repeated": 1, "unknown": 1, "g0001": 2, "most": 2, "doubles": "g0001"}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	})
}
