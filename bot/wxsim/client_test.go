package wxsim_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/eatmoreapple/openwechat"

	"chunfeng/bot/wxsim"
)

// client is the unmodified library against a simulator.
type client struct {
	bot  *openwechat.Bot
	self *openwechat.Self

	mu   sync.Mutex
	got  []*openwechat.Message
	errs []error
}

type clientOptions struct {
	rt      http.RoundTripper
	normal  bool
	handler bool
	uuid    func(string)
}

func newClient(t *testing.T, opt clientOptions) *client {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	t.Cleanup(cancel)
	c := &client{bot: openwechat.NewBot(ctx)}
	if !opt.normal {
		openwechat.Desktop.Prepare(c.bot)
	}
	openwechat.WithDeviceID("e123456780123456").Prepare(c.bot)
	c.bot.Caller.Client.MaxRetryTimes = 1
	c.bot.Caller.Client.HTTPClient().Transport = opt.rt
	c.bot.UUIDCallback = opt.uuid
	if opt.handler {
		c.bot.MessageHandler = func(m *openwechat.Message) {
			c.mu.Lock()
			defer c.mu.Unlock()
			c.got = append(c.got, m)
		}
	}
	c.bot.MessageErrorHandler = func(err error) error {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.errs = append(c.errs, err)
		var r openwechat.Ret
		if errors.As(err, &r) && r >= 1100 && r <= 1102 {
			return err
		}
		// The library has no back-off of its own.
		select {
		case <-time.After(5 * time.Second):
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return c
}

func (c *client) messages() []*openwechat.Message {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]*openwechat.Message(nil), c.got...)
}

// ended waits for the end of the sync loop and returns its reason.
func (c *client) ended() error {
	<-c.bot.Context().Done()
	return c.bot.CrashReason()
}

func (c *client) login(t *testing.T) {
	t.Helper()
	if err := c.bot.Login(); err != nil {
		t.Fatalf("login: %v", err)
	}
	c.whoami(t)
}

func (c *client) whoami(t *testing.T) {
	t.Helper()
	self, err := c.bot.GetCurrentUser()
	if err != nil {
		t.Fatal(err)
	}
	c.self = self
}

func (c *client) groups(t *testing.T) openwechat.Groups {
	t.Helper()
	list, err := c.bot.Caller.WebWxGetContact(c.bot.Context(), c.bot.Storage.LoginInfo)
	if err != nil {
		t.Fatalf("contacts: %v", err)
	}
	var gs openwechat.Groups
	for _, u := range list {
		if u.IsGroup() {
			gs = append(gs, &openwechat.Group{User: u})
		}
	}
	return gs
}

// send puts a text into a group with an id of the caller's choice, as the product does.
func (c *client) send(user, text, id string) (*openwechat.SentMessage, error) {
	m := openwechat.NewTextSendMessage(text, c.self.UserName, user)
	m.LocalID, m.ClientMsgId = id, id
	return c.bot.Caller.WebWxSendMsg(c.bot.Context(), &openwechat.CallerWebWxSendMsgOptions{
		LoginInfo: c.bot.Storage.LoginInfo, BaseRequest: c.bot.Storage.Request, Message: m,
	})
}

// keep is a session storage that survives: the library's own dump loses the domains of cookies.
type keep struct {
	buf bytes.Buffer
}

func (k *keep) Write(p []byte) (int, error) { return len(p), nil }
func (k *keep) Read(p []byte) (int, error)  { return k.buf.Read(p) }

// storage makes what HotLogin and PushLogin read, with full cookies from the recorder.
func storage(t *testing.T, c *client, jar *cookieLog, key bool) *keep {
	t.Helper()
	item := map[string]any{
		"Jar": jar.full(), "BaseRequest": c.bot.Storage.Request, "LoginInfo": c.bot.Storage.LoginInfo,
		"WechatDomain": c.bot.Caller.Client.Domain, "UUID": c.bot.UUID(),
	}
	if key {
		item["SyncKey"] = c.bot.Storage.Response.SyncKey
	}
	b, err := json.Marshal(item)
	if err != nil {
		t.Fatal(err)
	}
	k := &keep{}
	k.buf.Write(b)
	return k
}

// cookieLog remembers Set-Cookie as it came.
type cookieLog struct {
	next http.RoundTripper
	mu   sync.Mutex
	got  map[string]map[string]*http.Cookie
}

func (l *cookieLog) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := l.next.RoundTrip(r)
	if err == nil {
		l.mu.Lock()
		defer l.mu.Unlock()
		for _, ck := range resp.Cookies() {
			key := "https://" + r.URL.Host
			if l.got == nil {
				l.got = map[string]map[string]*http.Cookie{}
			}
			if l.got[key] == nil {
				l.got[key] = map[string]*http.Cookie{}
			}
			l.got[key][ck.Name] = ck
		}
	}
	return resp, err
}

func (l *cookieLog) full() map[string][]*http.Cookie {
	l.mu.Lock()
	defer l.mu.Unlock()
	out := map[string][]*http.Cookie{}
	for h, m := range l.got {
		for _, ck := range m {
			out[h] = append(out[h], ck)
		}
	}
	return out
}

// loopback sends everything to one port, with the host that was meant.
type loopback struct {
	addr string
	base http.RoundTripper
}

func (l loopback) RoundTrip(r *http.Request) (*http.Response, error) {
	r2 := r.Clone(r.Context())
	r2.Host = r.URL.Host
	u := *r.URL
	u.Scheme, u.Host = "http", l.addr
	r2.URL = &u
	return l.base.RoundTrip(r2)
}

// world is a simulator with one account in a few groups.
func world(t *testing.T, opt wxsim.Options) (*wxsim.Sim, *wxsim.Account, []*wxsim.Group) {
	t.Helper()
	if opt.Seed == 0 {
		opt.Seed = 7
	}
	opt.AutoScan = true
	sim := wxsim.New(opt)
	t.Cleanup(sim.Close)
	a := sim.AddAccount("a01", wxsim.AccountOptions{Nick: "春风", Friends: []string{"임해연"}})
	var gs []*wxsim.Group
	for _, n := range []string{"연길 하남 구직", "图们招工群", "图们招工群"} {
		g := sim.AddGroup(wxsim.GroupOptions{Name: n, Count: 30})
		g.Join(a, true)
		gs = append(gs, g)
	}
	return sim, a, gs
}

// answered reads an answer to its end.
func answered(t *testing.T, resp *http.Response, err error) (int, []byte) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, b
}

func get(t *testing.T, rt http.RoundTripper, u string) (int, []byte) {
	t.Helper()
	resp, err := (&http.Client{Transport: rt}).Get(u)
	return answered(t, resp, err)
}

func post(t *testing.T, rt http.RoundTripper, u string, form url.Values) (int, []byte) {
	t.Helper()
	resp, err := (&http.Client{Transport: rt}).PostForm(u, form)
	return answered(t, resp, err)
}
