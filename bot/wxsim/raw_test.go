package wxsim_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"chunfeng/bot/wxsim"
)

// raw is a client that survives whatever the server answers, and shows it.
type raw struct {
	t    testing.TB
	http *http.Client
	sim  *wxsim.Sim
	acct *wxsim.Account
	gs   []*wxsim.Group

	host string
	bare bool // without extspam
	uuid string
	info struct {
		Ret        int    `xml:"ret"`
		Message    string `xml:"message"`
		SKey       string `xml:"skey"`
		WxSid      string `xml:"wxsid"`
		WxUin      int64  `xml:"wxuin"`
		PassTicket string `xml:"pass_ticket"`
	}
	self  string
	key   json.RawMessage
	rooms []string // user names of the groups, in order of the contact list
	init  *http.Response

	contactsFirst []rawContact
	otherDevice   bool
}

// newRaw makes a world with a fault, which is on before the login.
func newRaw(t *testing.T, spec string) *raw {
	t.Helper()
	faults, err := wxsim.ParseFaults(spec)
	if err != nil {
		t.Fatal(err)
	}
	sim, acct, gs := world(t, wxsim.Options{Faults: faults})
	jar, _ := cookiejar.New(nil)
	return &raw{t: t, sim: sim, acct: acct, gs: gs, http: &http.Client{
		Jar: jar, Transport: sim.Transport(),
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

func (r *raw) do(method, u string, body any) (*http.Response, []byte, error) {
	r.t.Helper()
	var rd io.Reader
	if body != nil {
		b, err := json.Marshal(body)
		if err != nil {
			r.t.Fatal(err)
		}
		rd = bytes.NewReader(b)
	}
	req, err := http.NewRequestWithContext(r.t.Context(), method, u, rd)
	if err != nil {
		r.t.Fatal(err)
	}
	if !r.bare {
		req.Header.Set("extspam", "x")
	}
	resp, err := r.http.Do(req)
	if err != nil {
		return nil, nil, err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	return resp, b, err
}

func (r *raw) newUUID() string {
	_, b, err := r.do("GET", "https://login.wx.qq.com/jslogin?appid=wx782c26e4c19acffb&fun=new&lang=zh_CN", nil)
	if err != nil {
		r.t.Fatal(err)
	}
	m := regexp.MustCompile(`uuid = "(.*?)";`).FindSubmatch(b)
	r.uuid = string(m[1])
	return r.uuid
}

// poll asks once and returns the code and the body.
func (r *raw) poll(uuid string) (string, string) {
	_, b, err := r.do("GET", "https://login.wx.qq.com/cgi-bin/mmwebwx-bin/login?loginicon=true&tip=0&uuid="+url.QueryEscape(uuid), nil)
	if err != nil {
		r.t.Fatal(err)
	}
	m := regexp.MustCompile(`window.code=(\d+);`).FindSubmatch(b)
	return string(m[1]), string(b)
}

// redirect polls until the phone has confirmed.
func (r *raw) redirect(uuid string) string {
	for range 20 {
		if code, body := r.poll(uuid); code == "200" {
			u := regexp.MustCompile(`redirect_uri="(.*?)"`).FindStringSubmatch(body)[1]
			p, _ := url.Parse(u)
			r.host = p.Host
			return u
		}
	}
	r.t.Fatal("nobody confirmed")
	return ""
}

// page asks for webwxnewloginpage.
func (r *raw) page(u string) (*http.Response, []byte) {
	resp, b, err := r.do("GET", u+"&version=v2", nil)
	if err != nil {
		r.t.Fatal(err)
	}
	if len(b) > 0 {
		_ = xml.Unmarshal(b, &r.info)
	}
	return resp, b
}

func (r *raw) login() *raw {
	r.t.Helper()
	r.page(r.redirect(r.newUUID()))
	if r.info.Ret != 0 || r.info.WxSid == "" {
		r.t.Fatalf("login refused: %+v", r.info)
	}
	if ret := r.webinit(); ret != 0 {
		r.t.Fatalf("webwxinit: %d", ret)
	}
	r.rooms = nil
	r.contactsFirst = r.contacts()
	for _, c := range r.contactsFirst {
		if strings.HasPrefix(c.UserName, "@@") {
			r.rooms = append(r.rooms, c.UserName)
		}
	}
	return r
}

func (r *raw) base() map[string]any {
	return map[string]any{"Uin": r.info.WxUin, "Sid": r.info.WxSid, "Skey": r.info.SKey, "DeviceID": r.device()}
}

func (r *raw) device() string {
	if r.otherDevice {
		return "e000000000000002"
	}
	return "e000000000000001"
}

func (r *raw) call(endpoint, query string, body map[string]any) ([]byte, error) {
	if body == nil {
		body = map[string]any{}
	}
	body["BaseRequest"] = r.base()
	_, b, err := r.do("POST", "https://"+r.host+"/cgi-bin/mmwebwx-bin/"+endpoint+"?"+query, body)
	return b, err
}

func (r *raw) webinit() int {
	r.t.Helper()
	resp, b, err := r.do("POST", "https://"+r.host+"/cgi-bin/mmwebwx-bin/webwxinit", map[string]any{"BaseRequest": r.base()})
	if err != nil {
		r.t.Fatal(err)
	}
	r.init = resp
	var v struct {
		BaseResponse struct{ Ret int }
		User         struct{ UserName string }
		SyncKey      json.RawMessage
	}
	if err := json.Unmarshal(b, &v); err != nil {
		r.t.Fatalf("webwxinit: %v in %s", err, b)
	}
	r.self, r.key = v.User.UserName, v.SyncKey
	return v.BaseResponse.Ret
}

type rawContact struct {
	UserName, NickName string
	MemberCount        int
	MemberList         []rawContact
}

func (r *raw) contactPage(seq int) (list []rawContact, next, ret int) {
	_, b, err := r.do("GET", fmt.Sprintf("https://%s/cgi-bin/mmwebwx-bin/webwxgetcontact?seq=%d&skey=%s", r.host, seq, url.QueryEscape(r.info.SKey)), nil)
	if err != nil {
		r.t.Fatal(err)
	}
	var v struct {
		BaseResponse struct{ Ret int }
		MemberList   []rawContact
		Seq          int
	}
	if err := json.Unmarshal(b, &v); err != nil {
		r.t.Fatalf("contacts: %v in %s", err, b)
	}
	return v.MemberList, v.Seq, v.BaseResponse.Ret
}

func (r *raw) contacts() []rawContact {
	var all []rawContact
	for seq, i := 0, 0; i < 50; i++ {
		list, next, _ := r.contactPage(seq)
		all = append(all, list...)
		if next == 0 {
			break
		}
		seq = next
	}
	return all
}

func (r *raw) batch(users ...string) ([]rawContact, int) {
	var list []map[string]string
	for _, u := range users {
		list = append(list, map[string]string{"UserName": u, "EncryChatRoomId": ""})
	}
	b, err := r.call("webwxbatchgetcontact", "type=ex", map[string]any{"Count": len(list), "List": list})
	if err != nil {
		r.t.Fatal(err)
	}
	var v struct {
		BaseResponse struct{ Ret int }
		ContactList  []rawContact
	}
	if err := json.Unmarshal(b, &v); err != nil {
		r.t.Fatalf("batch: %v in %s", err, b)
	}
	return v.ContactList, v.BaseResponse.Ret
}

// check is one long poll: "0/2", "1101/0", or the raw answer if it is something else.
func (r *raw) check() string {
	var k struct{ List []struct{ Key, Val int64 } }
	_ = json.Unmarshal(r.key, &k)
	var parts []string
	for _, p := range k.List {
		parts = append(parts, fmt.Sprintf("%d_%d", p.Key, p.Val))
	}
	q := url.Values{"sid": {r.info.WxSid}, "skey": {r.info.SKey}, "uin": {fmt.Sprint(r.info.WxUin)},
		"deviceid": {"e000000000000001"}, "synckey": {strings.Join(parts, "|")}}
	_, b, err := r.do("GET", "https://webpush."+r.host+"/cgi-bin/mmwebwx-bin/synccheck?"+q.Encode(), nil)
	if err != nil {
		return err.Error()
	}
	m := regexp.MustCompile(`retcode:"(-?\d+)",selector:"(\d+)"`).FindSubmatch(b)
	if m == nil {
		return string(b)
	}
	return string(m[1]) + "/" + string(m[2])
}

type rawSync struct {
	BaseResponse                                          struct{ Ret int }
	AddMsgCount                                           int
	AddMsgList                                            []rawMsg
	ModContactList, DelContactList, ModChatRoomMemberList []rawContact
	ContinueFlag                                          int
	SyncKey                                               json.RawMessage
	SyncCheckKey                                          json.RawMessage
	body                                                  string
}

type rawMsg struct {
	MsgId                             any
	FromUserName, ToUserName, Content string
	MsgType, AppMsgType               int
	StatusNotifyUserName              string
}

// sync fetches and, if the key is good, goes on from it.
func (r *raw) sync() rawSync {
	b, err := r.call("webwxsync", "", map[string]any{"SyncKey": r.key, "rr": "1"})
	if err != nil {
		r.t.Fatal(err)
	}
	v := rawSync{body: string(b)}
	_ = json.Unmarshal(b, &v)
	if bytes.Contains(v.SyncKey, []byte("Val")) {
		r.key = v.SyncKey
	}
	return v
}

func (v rawSync) texts() []string {
	var out []string
	for _, m := range v.AddMsgList {
		if m.MsgType == 1 {
			_, text, ok := strings.Cut(m.Content, ":<br/>")
			if !ok {
				text = m.Content
			}
			out = append(out, text)
		}
	}
	return out
}

type rawSent struct {
	BaseResponse struct{ Ret int }
	MsgID        string
	body         string
}

func (r *raw) trySend(to, text string) (rawSent, error) {
	b, err := r.call("webwxsendmsg", "lang=zh_CN&pass_ticket="+url.QueryEscape(r.info.PassTicket), map[string]any{"Scene": 0, "Msg": map[string]any{
		"Type": 1, "Content": text, "FromUserName": r.self, "ToUserName": to, "LocalID": text, "ClientMsgId": text}})
	v := rawSent{body: string(b)}
	if err == nil {
		err = json.Unmarshal(b, &v)
	}
	return v, err
}

// send wants an answer that can be read.
func (r *raw) send(to, text string) rawSent {
	r.t.Helper()
	v, err := r.trySend(to, text)
	if err != nil {
		r.t.Fatalf("send: %v in %s", err, v.body)
	}
	return v
}
