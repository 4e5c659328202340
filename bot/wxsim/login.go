package wxsim

import (
	"encoding/base64"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	qrcode "rsc.io/qr"
)

type qrState int

const (
	qrNew qrState = iota
	qrScanned
	qrConfirmed
	qrUsed
)

// A qr is one attempt to log in: a QR code, or the question that a push login puts on the phone.
type qr struct {
	uuid    string
	made    time.Time
	life    time.Duration
	state   qrState
	told    bool // "scanned" was reported once
	account *Account
	ticket  string
	wake    chan struct{}
}

func (q *qr) expired(now time.Time) bool {
	return q.state != qrConfirmed && now.Sub(q.made) >= q.life
}

func (q *qr) bump() {
	close(q.wake)
	q.wake = make(chan struct{})
}

func (s *Sim) newQR(now time.Time) *qr {
	s.uuids++
	raw := s.sum("uuid", strconv.Itoa(s.uuids))
	q := &qr{
		uuid: base64.URLEncoding.EncodeToString(raw[:7])[:10] + "==", made: now, life: s.opt.QRLife,
		wake: make(chan struct{}),
	}
	s.qrs[q.uuid] = q
	return q
}

func (s *Sim) jslogin(c *call) reply {
	now := s.lock()
	defer s.mu.Unlock()
	if c.query.Get("appid") == "" {
		return text(`window.QRLogin.code = 400; window.QRLogin.uuid = "";`)
	}
	q := s.newQR(now)
	if f := s.hit("login.expire", nil, nil, now); f != nil {
		q.life = f.dur("ttl")
	}
	if s.opt.AutoScan {
		s.autoScan(q, now)
	}
	return text(`window.QRLogin.code = 200; window.QRLogin.uuid = "` + q.uuid + `";`)
}

func (s *Sim) autoScan(q *qr, now time.Time) {
	for _, a := range s.accounts {
		if a.session.alive() || a.reserved != nil || now.Before(a.bannedTil) {
			continue
		}
		a.reserved = q
		// The reservation ends by itself if the client never comes for its ticket.
		s.at(now.Add(2*s.opt.ScanDelay+time.Minute), func(time.Time) {
			if a.reserved == q {
				a.reserved = nil
			}
		})
		s.at(now.Add(s.opt.ScanDelay), func(t time.Time) { _ = a.scan(q.uuid, t) })
		s.at(now.Add(2*s.opt.ScanDelay), func(t time.Time) { _ = a.confirm(t) })
		return
	}
}

func (s *Sim) qrcode(c *call) reply {
	now := s.lock()
	q := s.qrs[strings.TrimPrefix(c.path, "/qrcode/")]
	gone := q == nil || q.expired(now)
	s.mu.Unlock()
	if gone {
		return page(404, "404 Not Found")
	}
	code, err := qrcode.Encode("https://login.weixin.qq.com/l/"+q.uuid, qrcode.M)
	if err != nil {
		return page(500, "500 Internal Server Error")
	}
	return reply{status: 200, header: http.Header{"Content-Type": {"image/png"}}, body: code.PNG()}
}

// loginPoll is held until something happens to the code: 408 nothing, 201 scanned, 200 confirmed, 400 too old.
func (s *Sim) loginPoll(c *call) reply {
	now := s.lock()
	q := s.qrs[c.query.Get("uuid")]
	if q == nil {
		s.mu.Unlock()
		return text("window.code=400;")
	}
	if s.hit("login.code500", q.account, nil, now) != nil {
		s.mu.Unlock()
		return text("window.code=500;")
	}
	end := now.Add(s.opt.Hold)
	for {
		if rep, ok := s.loginState(q, now, !now.Before(end)); ok {
			s.mu.Unlock()
			return rep
		}
		wake := q.wake
		until := end
		if die := q.made.Add(q.life); die.Before(until) {
			until = die
		}
		s.mu.Unlock()
		if !s.wait(c, wake, until.Sub(now)) {
			return reply{cut: cutSilent}
		}
		now = s.lock()
	}
}

func (s *Sim) loginState(q *qr, now time.Time, last bool) (reply, bool) {
	switch {
	case q.expired(now), q.state == qrUsed:
		return text("window.code=400;"), true
	case q.state == qrConfirmed:
		host := q.account.opt.Host
		if f := s.hit("login.host", q.account, nil, now); f != nil {
			host = f.str("host")
		}
		if q.ticket == "" {
			q.ticket = "A" + s.hex("ticket", q.uuid)[:24] + "@qrticket_0"
			s.tickets[q.ticket] = q
		}
		return text(fmt.Sprintf("window.code=200;\nwindow.redirect_uri=\"https://%s/cgi-bin/mmwebwx-bin/webwxnewloginpage?ticket=%s&uuid=%s&lang=zh_CN&scan=%d\";",
			host, q.ticket, q.uuid, now.Unix())), true
	case q.state == qrScanned && (!q.told || last || s.hit("login.201_repeats", q.account, nil, now) != nil):
		q.told = true
		// A one-pixel picture is enough of a face.
		return text("window.code=201;window.userAvatar = 'data:img/jpg;base64,/9j/4AAQSkZJRgABAQAAAQABAAD/2Q==';"), true
	case last:
		return text("window.code=408;"), true
	}
	return reply{}, false
}

// wait ends when woken or after d, and reports false when the client left or the server closed.
func (s *Sim) wait(c *call, wake <-chan struct{}, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-wake:
		return true
	case <-t.C:
		return true
	case <-c.ctx.Done():
		return false
	case <-s.done:
		return false
	}
}

// loginXML is the answer of webwxnewloginpage.
type loginXML struct {
	XMLName     xml.Name `xml:"error"`
	Ret         int      `xml:"ret"`
	Message     string   `xml:"message"`
	SKey        string   `xml:"skey,omitempty"`
	WxSid       string   `xml:"wxsid,omitempty"`
	WxUin       int64    `xml:"wxuin,omitempty"`
	PassTicket  string   `xml:"pass_ticket,omitempty"`
	IsGrayScale int      `xml:"isgrayscale,omitempty"`
}

// abnormal is the real text of 1203 as users quote it; clients have nothing but this text to recognise it by.
const abnormal = "为了你的帐号安全，此微信号不能登录网页微信。当前登录环境异常。为了你的帐号安全，暂时不能登录web微信。你可以通过手机客户端或者windows微信登录。"

func (s *Sim) newLoginPage(c *call) reply {
	now := s.lock()
	defer s.mu.Unlock()
	q := s.tickets[c.query.Get("ticket")]
	if q == nil || q.state != qrConfirmed {
		return xmlReply(loginXML{Ret: 1, Message: "ticket error"})
	}
	a := q.account
	switch {
	case s.hit("login.301", a, nil, now) != nil:
		return reply{status: 301, header: http.Header{}}
	case s.hit("login.html", a, nil, now) != nil:
		return page(200, "微信网页版")
	}
	bare := c.header.Get("extspam") == ""
	banned := now.Before(a.bannedTil) || s.hit("login.1203", a, nil, now) != nil
	if bare && !a.opt.PlainWeb || bare && s.hit("login.extspam", a, nil, now) != nil || banned {
		a.reserved = nil
		q.state = qrUsed
		return xmlReply(loginXML{Ret: 1203, Message: abnormal})
	}
	q.state = qrUsed
	a.reserved = nil
	ses := s.newSession(a, c.host, now)
	rep := xmlReply(loginXML{
		SKey: ses.skey, WxSid: ses.sid, WxUin: a.uin, PassTicket: ses.pass, IsGrayScale: 1,
	})
	s.setCookies(&rep, ses, now)
	return rep
}

func xmlReply(v loginXML) reply {
	b, err := xml.Marshal(v)
	if err != nil {
		panic("wxsim: " + err.Error())
	}
	return reply{status: 200, header: http.Header{"Content-Type": {"text/plain"}}, body: b}
}

func (s *Sim) pushLogin(c *call) reply {
	now := s.lock()
	defer s.mu.Unlock()
	uin, _ := strconv.ParseInt(c.query.Get("uin"), 10, 64)
	a := s.byUin[uin]
	known := a != nil && c.cookies["wxuin"] == strconv.FormatInt(uin, 10) && c.cookies["webwx_auth_ticket"] == a.authTicket()
	if !known || now.Before(a.bannedTil) || s.hit("login.push_refused", a, nil, now) != nil {
		return answer(map[string]string{"ret": "1", "msg": "not support push login", "uuid": ""})
	}
	q := s.newQR(now)
	q.account, q.state = a, qrScanned
	// Nobody scanned anything: the first poll waits for the phone.
	q.told = true
	a.scanned = q
	if a.opt.AutoConfirm || s.opt.AutoScan {
		s.at(now.Add(s.opt.ScanDelay), func(t time.Time) { _ = a.confirm(t) })
	}
	return answer(map[string]string{"ret": "0", "msg": "all ok", "uuid": q.uuid})
}

func decode(body []byte, v any) bool { return json.Unmarshal(body, v) == nil }
