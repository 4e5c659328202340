package wxsim

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"path"
	"strconv"
	"strings"
	"time"
)

// maxBody bounds what one request may bring: the 50 MB limit of files and room for its form.
const maxBody = 64 << 20

// A call is one request, read to its end.
type call struct {
	ctx      context.Context
	method   string
	dialled  bool // whether there is a connection was decided already
	host     string
	endpoint string // last part of the path: webwxsync, synccheck, …
	path     string
	query    url.Values
	header   http.Header
	cookies  map[string]string
	body     []byte
	acct     *Account // by the cookie wxuin; nil before login
}

// A cut says how a connection breaks.
type cut int

const (
	cutNone    cut = iota
	cutRefused     // no connection at all
	cutSilent      // bytes were read, no answer
	cutMid         // half an answer
	cutStatus      // the malformed status line "HTTP/1.1 0"
)

// A reply is what goes back.
type reply struct {
	status int
	header http.Header
	body   []byte
	cut    cut
	// wait is spent before the first byte.
	wait time.Duration
}

func text(body string) reply {
	return reply{status: 200, header: http.Header{"Content-Type": {"text/plain; charset=utf-8"}}, body: []byte(body)}
}

func page(status int, title string) reply {
	return reply{status: status, header: http.Header{"Content-Type": {"text/html"}},
		body: []byte("<html>\r\n<head><title>" + title + "</title></head>\r\n<body bgcolor=\"white\">\r\n<center><h1>" + title +
			"</h1></center>\r\n<hr><center>nginx/1.6.0</center>\r\n</body>\r\n</html>\r\n")}
}

func answer(v any) reply {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		// Only our own types are encoded here, and they all can be.
		panic("wxsim: " + err.Error())
	}
	return reply{status: 200, header: http.Header{"Content-Type": {"text/plain"}}, body: b.Bytes()}
}

type baseResponse struct {
	Ret    int
	ErrMsg string
}

func retOnly(ret int) reply {
	return answer(struct{ BaseResponse baseResponse }{baseResponse{Ret: ret}})
}

// Handler serves all hosts of WeChat by the Host header, and the control side under /_sim/ on any host.
func (s *Sim) Handler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
		if err != nil {
			http.Error(w, "body: "+err.Error(), http.StatusRequestEntityTooLarge)
			return
		}
		rep := s.serve(newCall(r.Context(), r.Host, r, body))
		s.write(w, rep)
	})
}

func (s *Sim) write(w http.ResponseWriter, rep reply) {
	switch rep.cut {
	case cutRefused, cutSilent:
		panic(http.ErrAbortHandler)
	case cutStatus:
		if h, ok := w.(http.Hijacker); ok {
			if conn, _, err := h.Hijack(); err == nil {
				_, _ = conn.Write([]byte("HTTP/1.1 0 \r\n\r\n"))
				_ = conn.Close()
				return
			}
		}
		panic(http.ErrAbortHandler)
	}
	for k, v := range rep.header {
		w.Header()[k] = v
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(rep.body)))
	w.WriteHeader(rep.status)
	if rep.cut == cutMid {
		_, _ = w.Write(rep.body[:len(rep.body)/2])
		if f, ok := w.(http.Flusher); ok {
			f.Flush()
		}
		panic(http.ErrAbortHandler)
	}
	_, _ = w.Write(rep.body)
}

func newCall(ctx context.Context, host string, r *http.Request, body []byte) *call {
	if h, _, ok := strings.Cut(host, ":"); ok {
		host = h
	}
	c := &call{
		ctx: ctx, method: r.Method, host: strings.ToLower(host), path: r.URL.Path, endpoint: path.Base(r.URL.Path),
		query: r.URL.Query(), header: r.Header, body: body, cookies: map[string]string{},
	}
	if strings.HasPrefix(c.path, "/qrcode/") {
		c.endpoint = "qrcode"
	}
	for _, ck := range r.Cookies() {
		c.cookies[ck.Name] = ck.Value
	}
	return c
}

// serve lets the wire misbehave around the endpoint. It is called without the lock.
func (s *Sim) serve(c *call) reply {
	if strings.HasPrefix(c.path, "/_sim/") {
		return s.control(c)
	}
	fn := s.route(c)
	if fn == nil {
		return page(404, "404 Not Found")
	}
	now := s.lock()
	if uin, err := strconv.ParseInt(c.cookies["wxuin"], 10, 64); err == nil {
		c.acct = s.byUin[uin]
	}
	s.count(c, now)
	rep, stop := s.wireBefore(c, now)
	s.mu.Unlock()
	// A request that was written is worked on, whether its client still waits or not.
	if !s.sleep(context.WithoutCancel(c.ctx), rep.wait) {
		return reply{cut: cutSilent}
	}
	if stop {
		rep.wait = 0
		return rep
	}
	rep = fn(c)
	now = s.lock()
	s.wireAfter(c, &rep, now)
	s.mu.Unlock()
	if !s.sleep(c.ctx, rep.wait) {
		return reply{cut: cutSilent}
	}
	return rep
}

// sleep reports false if the client went away, or the server closed.
func (s *Sim) sleep(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return true
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	case <-s.done:
		return false
	}
}

func (s *Sim) route(c *call) func(*call) reply {
	host := c.host
	switch host {
	case "login.wx.qq.com", "login.weixin.qq.com", "login.wx2.qq.com":
		switch c.endpoint {
		case "jslogin":
			return s.jslogin
		case "login":
			return s.loginPoll
		case "qrcode":
			return s.qrcode
		}
		return nil
	}
	switch {
	case strings.HasPrefix(host, "webpush."):
		if c.endpoint == "synccheck" {
			return s.synccheck
		}
		return nil
	case strings.HasPrefix(host, "file."):
		switch c.endpoint {
		case "webwxuploadmedia":
			return s.uploadMedia
		case "webwxgetmedia":
			return s.getMedia
		}
		return nil
	case !strings.HasSuffix(host, ".qq.com"):
		return nil
	}
	switch c.endpoint {
	case "webwxnewloginpage":
		return s.newLoginPage
	case "webwxpushloginurl":
		return s.pushLogin
	case "webwxinit":
		return s.webInit
	case "webwxstatusnotify":
		return s.statusNotify
	case "webwxlogout":
		return s.logout
	case "webwxsync":
		return s.webSync
	case "webwxgetcontact":
		return s.getContact
	case "webwxbatchgetcontact":
		return s.batchGetContact
	case "webwxsendmsg", "webwxsendmsgimg", "webwxsendappmsg", "webwxsendvideomsg", "webwxsendemoticon":
		return s.send
	case "webwxrevokemsg":
		return s.revoke
	case "webwxcheckupload":
		return s.checkUpload
	case "webwxoplog":
		return s.oplog
	case "webwxupdatechatroom":
		return s.updateChatRoom
	case "webwxgetmsgimg", "webwxgeticon", "webwxgetheadimg":
		return s.picture
	}
	return nil
}

// isSend tells the requests that put something into a chat.
func (c *call) isSend() bool { return strings.HasPrefix(c.endpoint, "webwxsend") }
