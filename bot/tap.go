package bot

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"io"
	"net/http"
	"path"
	"regexp"
	"strings"
	"time"
)

// RoundTrip carries a request of the library and looks at the answer before the library does. What would end the process
// or be taken for something else becomes an error; what must not be lost is in the ledger when it returns.
func (s *session) RoundTrip(r *http.Request) (*http.Response, error) {
	if !s.enter() {
		return nil, errClosed
	}
	defer s.leave()
	switch path.Base(r.URL.Path) {
	case "jslogin", "webwxstatusnotify", "webwxpushloginurl":
		resp, body, err := s.fetch(r)
		if err != nil {
			return nil, err
		}
		return refill(resp, body), nil
	case "login":
		return s.poll(r)
	case "webwxnewloginpage":
		return s.loginPage(r)
	case "webwxinit":
		return s.webInit(r)
	case "synccheck":
		return s.syncCheck(r)
	case "webwxsync":
		return s.sync(r)
	}
	resp, err := s.wire.RoundTrip(r)
	if err == nil {
		resp.Request = r
		s.noteCookies(resp)
	}
	return resp, err
}

// fetch carries a request and reads the whole answer. Anything but status 200 is an error: the library does not look.
func (s *session) fetch(r *http.Request) (*http.Response, []byte, error) {
	resp, err := s.wire.RoundTrip(r)
	if err != nil {
		if undialled(err) {
			s.noLine.mark()
		}
		return nil, nil, err
	}
	// A gateway rewrites the address; cookies belong to the one that was asked for.
	resp.Request = r
	s.noteCookies(resp)
	body, err := readAll(resp.Body)
	if err != nil {
		return nil, nil, err
	}
	if resp.StatusCode != http.StatusOK {
		return nil, nil, odd(path.Base(r.URL.Path), "status %d", resp.StatusCode)
	}
	return resp, body, nil
}

// refill answers resp with another body.
func refill(resp *http.Response, body []byte) *http.Response {
	resp.Header.Del("Content-Length")
	resp.ContentLength = int64(len(body))
	resp.Body = io.NopCloser(bytes.NewReader(body))
	return resp
}

// refillJSON answers resp with a value.
func refillJSON(resp *http.Response, v any) (*http.Response, error) {
	b, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	return refill(resp, b), nil
}

var pollCode = regexp.MustCompile(`window\.code\s*=\s*(\d+)`)

// poll asks whether the code was scanned. The library asks again at once after any answer but two, so an answer that came
// quickly is held back here: half a second the first times, then five.
func (s *session) poll(r *http.Request) (*http.Response, error) {
	asked := time.Now()
	resp, body, err := s.fetch(r)
	if err != nil {
		return nil, err
	}
	m := pollCode.FindSubmatch(body)
	if m == nil {
		return nil, odd("login", "no code in %.60q", body)
	}
	switch string(m[1]) {
	case "200", "400":
	case "201", "408":
		s.pace(asked, time.Second/2)
	default:
		s.pace(asked, 5*time.Second)
	}
	return refill(resp, body), nil
}

// pace lets answers of one kind pass no quicker than one in the given time, growing to five seconds while they go on.
func (s *session) pace(asked time.Time, least time.Duration) {
	if time.Since(asked) >= time.Second {
		s.trouble = 0
		return
	}
	s.trouble++
	if s.trouble > 20 {
		least = 5 * time.Second
	}
	s.wait(least - time.Since(asked))
}

// forbidden recognises the refusal of web logins by its text, too: the code has been seen to differ.
func forbidden(ret int, message string) bool {
	return ret == 1203 || strings.Contains(message, "不能登录网页微信") || strings.Contains(message, "暂时不能登录")
}

// loginPage gets the session's keys after the phone confirmed. The library throws the code of a refusal away.
func (s *session) loginPage(r *http.Request) (*http.Response, error) {
	resp, body, err := s.fetch(r)
	if err != nil {
		return nil, err
	}
	var page struct {
		XMLName xml.Name `xml:"error"`
		Ret     int      `xml:"ret"`
		Message string   `xml:"message"`
		Sid     string   `xml:"wxsid"`
		Uin     int64    `xml:"wxuin"`
		SKey    string   `xml:"skey"`
	}
	if err := xml.Unmarshal(body, &page); err != nil {
		return nil, odd("webwxnewloginpage", "%v", err)
	}
	switch {
	case forbidden(page.Ret, page.Message):
		return nil, &retError{"webwxnewloginpage", 1203}
	case page.Ret != 0:
		return nil, &retError{"webwxnewloginpage", page.Ret}
	case page.Sid == "" || page.Uin == 0 || page.SKey == "":
		return nil, odd("webwxnewloginpage", "no session in it")
	}
	return refill(resp, body), nil
}

// webInit learns who the session is, and hands the library no more of the answer than it needs: the contacts of the
// answer are read here, and a surprise among them cannot stop the login.
func (s *session) webInit(r *http.Request) (*http.Response, error) {
	if s.how != hot {
		// The phone has confirmed. If what follows breaks, nobody must be asked to do it again.
		s.request, s.info = s.bot.Storage.Request, s.bot.Storage.LoginInfo
		if err := s.save(true); err != nil {
			return nil, err
		}
	}
	resp, body, err := s.fetch(r)
	if err != nil {
		return nil, err
	}
	in, err := readInit(body)
	if err != nil {
		return nil, err
	}
	if err := s.begin(in.self, in.nick, in.key); err != nil {
		return nil, err
	}
	s.roster = newRoster(s.a, s)
	s.roster.learn(contacts(in.contacts))
	s.roster.see(in.chats)
	return refillJSON(resp, map[string]any{
		"BaseResponse": map[string]any{"Ret": 0, "ErrMsg": ""}, "Count": 0, "ContactList": []any{}, "SyncKey": s.key,
		"User": map[string]any{"UserName": s.self, "NickName": s.nick, "Uin": s.uin},
	})
}

// initAnswer is what matters of webwxinit.
type initAnswer struct {
	self, nick string
	key        syncKey
	contacts   []json.RawMessage
	chats      []string // groups of the recent chats, saved or not
}

func readInit(body []byte) (in initAnswer, err error) {
	var w struct {
		baseAnswer
		SyncKey     json.RawMessage
		User        struct{ UserName, NickName loose }
		ContactList json.RawMessage
		ChatSet     loose
	}
	if err := json.Unmarshal(body, &w); err != nil {
		return in, odd("webwxinit", "%v", err)
	}
	if w.BaseResponse.Ret == nil {
		return in, odd("webwxinit", "no Ret")
	}
	if ret := int(*w.BaseResponse.Ret); ret != 0 {
		return in, &retError{"webwxinit", ret}
	}
	if in.key, err = readKey(w.SyncKey); err != nil {
		return in, odd("webwxinit", "%v", err)
	}
	in.self, in.nick = string(w.User.UserName), string(w.User.NickName)
	if len(in.self) < 2 || in.self[0] != '@' {
		return in, odd("webwxinit", "no user name")
	}
	// A list of another shape is no list: the contact list proper comes later.
	_ = json.Unmarshal(w.ContactList, &in.contacts)
	in.chats = groupsIn(string(w.ChatSet))
	return in, nil
}

// groupsIn picks the groups out of a list with commas.
func groupsIn(list string) (out []string) {
	for name := range strings.SplitSeq(list, ",") {
		if isGroup(name) {
			out = append(out, name)
		}
	}
	return out
}
