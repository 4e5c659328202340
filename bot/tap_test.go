package bot

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/rs/zerolog"

	"chunfeng/store"
	"chunfeng/store/storetest"
)

// scripted is a wire that answers the same to everything.
type scripted string

func (b scripted) RoundTrip(r *http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: 200, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(string(b))), Request: r}, nil
}

// tapped is an account of a ledger, in a session, whose server says nothing.
func tapped(t *testing.T) (*store.Store, *Account) {
	t.Helper()
	st := storetest.Open(t)
	if _, err := st.AddAccount("a1", "", "test"); err != nil {
		t.Fatal(err)
	}
	if _, err := st.StartSession("a1", "1 @me", 1, "me"); err != nil {
		t.Fatal(err)
	}
	a := New(Options{Account: "a1", Store: st, Transport: scripted(""), Log: zerolog.Nop()})
	return st, a
}

// TestTheKeyThatMoves: when the key stands still and the second one moves, the library goes on with the second one, and so
// does the ledger; when the ledger does not take it, the library gets nothing.
func TestTheKeyThatMoves(t *testing.T) {
	const stands, moves = `{"Count":1,"List":[{"Key":2,"Val":7}]}`, `{"Count":1,"List":[{"Key":2,"Val":8}]}`
	st, a := tapped(t)
	for _, c := range []struct{ why, sync, check, want string }{
		{"the key moves", moves, stands, moves},
		{"only the second one moves", stands, moves, moves},
		{"nothing moves", stands, stands, stands},
		{"the second one is none", stands, `{"Count":0,"List":[]}`, stands},
	} {
		s := a.newSession(t.Context(), hot, store.Account{}, saved{})
		s.self, s.epoch, s.roster = "@me", "1 @me", newRoster(a, s)
		s.key, _ = readKey(json.RawMessage(stands))
		s.wire = scripted(`{"BaseResponse":{"Ret":0},"AddMsgList":[],"SyncKey":` + c.sync + `,"SyncCheckKey":` + c.check + `}`)
		r, _ := http.NewRequest(http.MethodPost, "https://wx.qq.com/cgi-bin/mmwebwx-bin/webwxsync", nil)
		resp, err := s.RoundTrip(r)
		if err != nil {
			t.Fatalf("%s: %v", c.why, err)
		}
		var got struct{ SyncKey json.RawMessage }
		if err := json.NewDecoder(resp.Body).Decode(&got); err != nil || string(got.SyncKey) != c.want {
			t.Errorf("%s: the library goes on with %s, want %s", c.why, got.SyncKey, c.want)
		}
		raw, _ := st.Cursor("a1")
		if kept, ok := readCursor(raw, "1 @me"); c.want == moves && (!ok || kept.List[0].Val != 8) {
			t.Errorf("%s: the ledger keeps %s", c.why, raw)
		}
		s.epoch = "1 @another"
		s.key = syncKey{}
		if _, err := s.RoundTrip(r); err == nil || errors.Is(err, errOdd) {
			t.Errorf("%s: the ledger refused and the library was told %v", c.why, err)
		}
		s.close()
	}
}

// A server that brings the same again and again, or answers long polls at once, must not be asked in a tight loop.
func TestRoundsForNothing(t *testing.T) {
	_, a := tapped(t)
	s := a.newSession(t.Context(), hot, store.Account{}, saved{})
	defer s.close()
	s.self, s.epoch, s.roster = "@me", "1 @me", newRoster(a, s)
	ask := func(what, answer string) {
		t.Helper()
		s.wire = scripted(answer)
		r, _ := http.NewRequest(http.MethodPost, "https://wx.qq.com/cgi-bin/mmwebwx-bin/"+what, nil)
		if _, err := s.RoundTrip(r); err != nil {
			t.Fatal(err)
		}
	}
	brings := func(id string) {
		t.Helper()
		ask("webwxsync", `{"BaseResponse":{"Ret":0},"AddMsgList":[{"MsgId":"`+id+`","FromUserName":"@@g","MsgType":1,"Content":"@a:<br/>x"}],"SyncKey":{"Count":1,"List":[{"Key":2,"Val":7}]}}`)
	}
	for i, c := range []struct {
		why    string
		do     func()
		barren int
	}{
		{"the key moves", func() { brings("1") }, 0},
		{"the same message, the key stands still", func() { brings("1") }, 1},
		{"and again", func() { brings("1") }, 2},
		{"another message, though the key stands still", func() { brings("2") }, 0},
		{"a long poll that comes back at once", func() { ask("synccheck", `window.synccheck={retcode:"0",selector:"0"}`) }, 1},
	} {
		if c.do(); s.barren != c.barren || s.unheld != (i == 4) {
			t.Errorf("%s: %d rounds for nothing (not held: %v), want %d", c.why, s.barren, s.unheld, c.barren)
		}
	}
}

func TestReadSyncRefusesWhatWouldEndTheProcess(t *testing.T) {
	key := `"SyncKey":{"Count":1,"List":[{"Key":1,"Val":2}]}`
	for _, c := range []struct {
		why, body string
		ok        bool
		ret       int // of the refusal, 0: none
	}{
		{"an ordinary one", `{"BaseResponse":{"Ret":0},"AddMsgList":[{"MsgId":"1"}],` + key + `}`, true, 0},
		{"no key", `{"BaseResponse":{"Ret":0},"AddMsgList":[]}`, false, 0},
		{"a null key", `{"BaseResponse":{"Ret":0},"SyncKey":null}`, false, 0},
		{"an empty key", `{"BaseResponse":{"Ret":0},"SyncKey":{"Count":0,"List":[]}}`, false, 0},
		{"more counted than there are", `{"BaseResponse":{"Ret":0},"SyncKey":{"Count":2,"List":[{"Key":1,"Val":2}]}}`, false, 0},
		{"fewer counted than there are, which ends the process", `{"BaseResponse":{"Ret":0},"SyncKey":{"Count":0,"List":[{"Key":1,"Val":2}]}}`, false, 0},
		{"no BaseResponse", `{` + key + `}`, false, 0},
		{"no Ret", `{"BaseResponse":{},` + key + `}`, false, 0},
		{"session over, without a key", `{"BaseResponse":{"Ret":1101}}`, false, 1101},
		{"stuck", `{"BaseResponse":{"Ret":3},"SyncKey":{"Count":0,"List":[]}}`, false, 3},
		{"HTML", `<html>502</html>`, false, 0},
		{"nothing", ``, false, 0},
		{"a string where a number belongs", `{"BaseResponse":{"Ret":"0"},"AddMsgList":[],"SyncKey":{"Count":"1","List":[{"Key":"1","Val":"2"}]}}`, true, 0},
		{"contacts of another shape", `{"BaseResponse":{"Ret":0},"ModContactList":{"a":1},"DelContactList":7,"AddMsgList":[],` + key + `}`, true, 0},
		{"messages that are none", `{"BaseResponse":{"Ret":0},"AddMsgList":[null,7,"x",{"MsgId":{}}],` + key + `}`, true, 0},
	} {
		_, err := readSync([]byte(c.body))
		if ret, _ := retOf(err); (err == nil) != c.ok || ret != c.ret {
			t.Errorf("%s: %v", c.why, err)
		}
	}
}

func TestSort(t *testing.T) {
	s := &session{self: "@me", a: &Account{}}
	for _, c := range []struct {
		why, raw string
		keep     bool
		class    store.Class
		id, chat string
	}{
		{"a resident's text", `{"MsgId":"1","FromUserName":"@@g","ToUserName":"@me","MsgType":1,"Content":"@a:<br/>A017"}`, true, store.ForRegistrar, "1", "@@g"},
		{"a private text", `{"MsgId":"1","FromUserName":"@a","ToUserName":"@me","MsgType":1,"Content":"A017"}`, true, store.ForRegistrar, "1", "@a"},
		{"an id as a number", `{"MsgId":12,"FromUserName":"@@g","ToUserName":"@me","MsgType":49}`, true, store.ForRegistrar, "12", "@@g"},
		{"no id but the other one", `{"NewMsgId":34,"FromUserName":"@@g","ToUserName":"@me","MsgType":49}`, true, store.ForRegistrar, "34", "@@g"},
		{"a recall", `{"MsgId":"1","FromUserName":"@@g","ToUserName":"@me","MsgType":10002}`, true, store.ForRegistrar, "1", "@@g"},
		{"a picture is not kept", `{"MsgId":"1","FromUserName":"@@g","ToUserName":"@me","MsgType":3}`, false, store.ForRegistrar, "1", "@@g"},
		{"a voice message is not kept", `{"MsgId":"1","FromUserName":"@@g","ToUserName":"@me","MsgType":34}`, false, store.ForRegistrar, "1", "@@g"},
		{"WeChat's own helpers are not kept", `{"MsgId":"1","FromUserName":"weixin","ToUserName":"@me","MsgType":1}`, false, store.ForRegistrar, "1", "weixin"},
		{"an own message in a group", `{"MsgId":"1","FromUserName":"@me","ToUserName":"@@g","MsgType":1}`, true, store.ForAccount, "1", "@@g"},
		{"an own private message is nobody's business", `{"MsgId":"1","FromUserName":"@me","ToUserName":"@a","MsgType":1}`, false, store.ForAccount, "1", "@a"},
		{"a notice", `{"MsgId":"1","FromUserName":"@@g","ToUserName":"@me","MsgType":10000}`, true, store.ForAccount, "1", "@@g"},
		{"own devices", `{"MsgId":"1","FromUserName":"@me","ToUserName":"@me","MsgType":51,"StatusNotifyUserName":"@@a,@b,@@c"}`, false, store.ForRegistrar, "1", "@me"},
	} {
		got := s.sort(json.RawMessage(c.raw))
		if got.keep != c.keep || got.class != c.class || got.id != c.id || got.chat != c.chat {
			t.Errorf("%s: %+v", c.why, got)
		}
	}
	if got := s.sort(json.RawMessage(`{"MsgType":51,"StatusNotifyUserName":"@@a,@b,@@c"}`)).chats; len(got) != 2 {
		t.Errorf("chats %q", got)
	}
	long := json.RawMessage(`{"MsgId":"` + strings.Repeat("9", 40_000) + `","MsgType":1,"FromUserName":"@@a"}`)
	if a, b := s.sort(long), s.sort(long); len(a.id) > longestID || a.id != b.id || !a.keep {
		t.Errorf("an id that is no key of the ledger becomes %.200q", a.id)
	}
	if a, b := s.sort(json.RawMessage(`{}`)), s.sort(json.RawMessage(`7`)); a.id == "" || b.id == "" || !b.keep {
		t.Errorf("%+v %+v", a, b)
	}
}

func TestPausesGrow(t *testing.T) {
	for n, want := range map[int]string{0: "0s", 2: "0s", 3: "2s", 4: "4s", 5: "8s", 6: "16s", 7: "30s", 1000: "30s"} {
		if got := barrenPause(n).String(); got != want {
			t.Errorf("after %d rounds for nothing %s, want %s", n, got, want)
		}
	}
	for n, want := range map[int]string{1: "5s", 2: "10s", 3: "20s", 4: "40s", 5: "1m0s", 1000: "1m0s"} {
		if got := troublePause(n).String(); got != want {
			t.Errorf("after %d errors %s, want %s", n, got, want)
		}
	}
}

func FuzzSync(f *testing.F) {
	for _, s := range []string{
		`{"BaseResponse":{"Ret":0},"AddMsgList":[{"MsgId":"1","FromUserName":"@@g","MsgType":1,"Content":"@a:<br/>매칭 G0421-7F3AK"}],"SyncKey":{"Count":1,"List":[{"Key":1,"Val":2}]},"SyncCheckKey":{"Count":1,"List":[{"Key":1,"Val":3}]}}`,
		`{"BaseResponse":{"Ret":1101}}`, `{"BaseResponse":{"Ret":0},"SyncKey":null}`, `<html>`, `{"BaseResponse":{"Ret":0},"ModContactList":[{"UserName":"@@g","MemberList":[{}]}],"SyncKey":{"Count":"1","List":[{"Key":"1","Val":"2"}]}}`,
	} {
		f.Add([]byte(s))
	}
	s := &session{self: "@me", a: &Account{}}
	f.Fuzz(func(t *testing.T, body []byte) {
		in, err := readSync(body)
		if err == nil {
			if len(in.key.List) == 0 || in.key.Count != len(in.key.List) {
				t.Errorf("a key that ends the process: %+v", in.key)
			}
			for _, raw := range in.messages {
				// Without a ledger no phrase can be looked up.
				if strings.Contains(string(raw), "-") {
					continue
				}
				if m := s.sort(raw); m.id == "" {
					t.Errorf("no id: %s", raw)
				}
			}
		}
		if in, err := readInit(body); err == nil && (in.self == "" || len(in.key.List) != in.key.Count) {
			t.Errorf("%+v", in)
		}
		readCursor(body, "")
		_, _ = classify("send", answerTo{status: 200, body: body})
		_, _ = uploaded(answerTo{status: 200, body: body})
	})
}

func TestDetailsAreFoundByName(t *testing.T) {
	a := New(Options{Account: "a1", Transport: scripted("")})
	s := a.newSession(t.Context(), hot, store.Account{}, saved{})
	defer s.close()
	s.wire = scripted(`{"BaseResponse":{"Ret":0},"Count":4,"ContactList":[{"UserName":"@@c","NickName":"다"},{"UserName":"@@stranger"},7,{"UserName":"@@a","NickName":"가"},{"UserName":"@person"}]}`)
	s.bot.Caller.Client.Domain = "wx.qq.com"
	list, err := (&desk{s: s, every: -1}).batch(t.Context(), []string{"@@a", "@@b", "@@c"})
	if err != nil || len(list) != 2 || list[0].NickName != "다" || list[1].UserName != "@@a" {
		t.Errorf("%+v, %v", list, err)
	}
}
