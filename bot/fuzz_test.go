package bot

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/eatmoreapple/openwechat"
	"github.com/rs/zerolog"

	"chunfeng/store"
	"chunfeng/store/storetest"
)

// answers is a wire that answers everything with one status and one body.
type answers struct {
	status int
	body   string
}

func (a answers) RoundTrip(r *http.Request) (*http.Response, error) {
	h := http.Header{"Set-Cookie": {"wxuin=1; Domain=.wx.qq.com; Path=/", a.body}}
	return &http.Response{StatusCode: a.status, Header: h, Body: io.NopCloser(strings.NewReader(a.body)), Request: r}, nil
}

// FuzzAnswers puts one body behind every address that the client asks, by the road that its requests take: through the tap,
// the library and the ledger. Nothing panics, and whatever the library gets to see has the shape that does not end it.
func FuzzAnswers(f *testing.F) {
	const key = `"SyncKey":{"Count":1,"List":[{"Key":1,"Val":2}]}`
	for _, body := range []string{
		`window.QRLogin.code = 200; window.QRLogin.uuid = "wcXrINkB9Q==";`,
		`window.code=200;window.redirect_uri="https://wx.qq.com/cgi-bin/mmwebwx-bin/webwxnewloginpage?ticket=A@qrticket_0&uuid=x&lang=zh_CN&scan=1";`,
		`window.code=201;window.userAvatar = 'data:img/jpg;base64,AAAA';`, `window.code=400;`, `window.code=;`,
		`<error><ret>0</ret><message></message><skey>@crypt_1</skey><wxsid>s</wxsid><wxuin>5</wxuin><pass_ticket>a%2Bb</pass_ticket></error>`,
		`<error><ret>1203</ret><message>不能登录网页微信</message></error>`, `<error><ret>x`, `<!DOCTYPE a [<!ENTITY b "c">]><error>&b;</error>`,
		`{"BaseResponse":{"Ret":0},"User":{"UserName":"@me","NickName":"봄"},"ChatSet":"@@a,@b","ContactList":[{"UserName":"@@a"}],` + key + `}`,
		`{"BaseResponse":{"Ret":0},"AddMsgList":[{"MsgId":"1","FromUserName":"@@g","MsgType":1,"Content":"@a:<br/>x"},7,null],` + key + `}`,
		`window.synccheck={retcode:"0",selector:"2"}`, `window.synccheck={retcode:"-1",selector:"0"}`, `window.synccheck={retcode:"99999999999999999999",selector:"0"}`,
		`{"BaseResponse":{"Ret":0},"MemberCount":2,"Seq":7,"MemberList":[{"UserName":"@@a","NickName":"<span class=\"emoji emoji1f525\"></span>"},{"UserName":3}]}`,
		`{"BaseResponse":{"Ret":0},"Count":1,"ContactList":[{"UserName":"@@a","MemberList":[{"NickName":"가"}]}]}`,
		`{"BaseResponse":{"Ret":0},"MsgID":"123","MediaId":"@crypt"}`, `{"BaseResponse":{"Ret":1205}}`, `{}`, `[]`, `null`, `"x"`, "\x1f\x8b\x08", `{"ret":"0","msg":"all ok","uuid":"x"}`,
	} {
		f.Add(body, 200)
	}
	f.Add(`<html>502</html>`, 502)
	f.Add("", 301)
	st := storetest.Open(f)
	if _, err := st.AddAccount("a1", "", "test"); err != nil {
		f.Fatal(err)
	}
	if _, err := st.StartSession("a1", "1 @me", 1, "me"); err != nil {
		f.Fatal(err)
	}
	a := New(Options{Account: "a1", Store: st, Transport: scripted(""), Log: zerolog.Nop(), ContactEvery: -1})
	f.Fuzz(func(t *testing.T, body string, status int) {
		s := a.newSession(context.Background(), hot, store.Account{}, saved{})
		defer s.close()
		s.self, s.epoch, s.roster = "@me", "1 @me", newRoster(a, s)
		s.wire = answers{status, body}
		s.bot.Caller.Client.Domain = "wx.qq.com"
		s.request, s.info = &openwechat.BaseRequest{Uin: 1, Sid: "s", Skey: "k", DeviceID: "e1"}, &openwechat.LoginInfo{WxUin: 1, WxSid: "s", SKey: "k"}
		s.bot.Storage.Request, s.bot.Storage.LoginInfo = s.request, s.info
		s.cancel() // what it would wait for is over at once
		for _, what := range []string{"jslogin", "login", "webwxnewloginpage", "webwxinit", "webwxstatusnotify", "webwxpushloginurl", "synccheck", "webwxsync", "webwxgetcontact"} {
			r, _ := http.NewRequest(http.MethodPost, "https://wx.qq.com/cgi-bin/mmwebwx-bin/"+what, nil)
			s.how = hot
			resp, err := s.RoundTrip(r)
			if err != nil {
				continue
			}
			out, err := io.ReadAll(resp.Body)
			if err != nil {
				t.Fatal(err)
			}
			if what == "webwxsync" {
				if in, err := readSync(out); err != nil || len(in.messages) > 0 {
					t.Fatalf("the library is handed %s: %v", out, err)
				}
			}
			if what == "webwxinit" {
				if in, err := readInit(out); err != nil || in.self == "" {
					t.Fatalf("the library is handed %s: %v", out, err)
				}
			}
		}
		d := &desk{s: s, every: -1}
		if list, err := d.book(t.Context()); err == nil && status == http.StatusOK {
			s.roster.learn(list)
		}
		if list, err := d.batch(t.Context(), []string{"@@a", "@@b"}); err == nil {
			s.roster.learn(list)
		}
		_, _ = classify("webwxsendmsg", answerTo{status: status, body: []byte(body)})
		if id, err := uploaded(answerTo{status: status, body: []byte(body)}); err == nil && id == "" {
			t.Fatal("uploaded without an id")
		}
		readCursor([]byte(body), "1 @me")
		for _, name := range []string{plain(body), foldWire(body)} {
			if len(name) > 4*len(body)+16 {
				t.Fatalf("%q grows to %q", body, name)
			}
		}
	})
}
