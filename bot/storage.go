package bot

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/eatmoreapple/openwechat"
)

// cookie is one cookie with all that decides where it is sent. The library's own dump keeps name and value alone, after
// which neither the sync host nor the file host gets any.
type cookie struct {
	From    string // the origin that set it, https://HOST
	Name    string
	Value   string
	Domain  string `json:",omitempty"`
	Path    string `json:",omitempty"`
	Expires time.Time
}

// cookies is the table of an account's cookies, filled from what the server sets.
type cookies struct {
	mu    sync.Mutex
	byKey map[string]cookie
}

func newCookies(list []cookie) *cookies {
	t := &cookies{byKey: map[string]cookie{}}
	for _, c := range list {
		t.byKey[c.key()] = c
	}
	return t
}

func (c cookie) key() string { return c.Name + "\x00" + c.Domain + "\x00" + c.Path + "\x00" + c.From }

// take notes what an answer sets, and tells whether a value changed or only a life was prolonged.
func (t *cookies) take(resp *http.Response, at time.Time) (changed, prolonged bool) {
	list := resp.Cookies()
	if len(list) == 0 || resp.Request == nil {
		return false, false
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, h := range list {
		c := cookie{From: "https://" + resp.Request.URL.Host, Name: h.Name, Value: h.Value, Domain: h.Domain, Path: h.Path, Expires: h.Expires}
		if h.MaxAge > 0 {
			// A life counted from now would begin anew each time the table is read.
			c.Expires = at.Add(time.Duration(h.MaxAge) * time.Second)
		}
		if c.Domain != "" {
			// The same cookie set by two hosts of its domain is one cookie.
			c.From = "https://" + strings.TrimPrefix(c.Domain, ".")
		}
		old, had := t.byKey[c.key()]
		if h.MaxAge < 0 || !c.Expires.IsZero() && c.Expires.Before(at) {
			delete(t.byKey, c.key())
			changed = changed || had
			continue
		}
		t.byKey[c.key()] = c
		changed = changed || old.Value != c.Value
		prolonged = prolonged || !old.Expires.Equal(c.Expires)
	}
	return changed, prolonged
}

func (t *cookies) list() []cookie {
	t.mu.Lock()
	defer t.mu.Unlock()
	out := make([]cookie, 0, len(t.byKey))
	for _, c := range t.byKey {
		out = append(out, c)
	}
	return out
}

// saved is what is kept of a login, sealed in the ledger: who has it is that account.
type saved struct {
	Hot     bool // the session may still live; false keeps what push login needs
	Domain  string
	UUID    string
	Request openwechat.BaseRequest
	Login   openwechat.LoginInfo
	Cookies []cookie
}

// usable tells whether a login can be tried with it at all.
func (v saved) usable() bool { return v.Domain != "" && v.Login.WxUin != 0 && v.Login.WxSid != "" }

// storage hands the library what it needs for hot or push login. What the library writes back is not wanted: its cookies
// have lost their domains, and its key runs ahead of the ledger.
type storage struct{ *bytes.Reader }

// Write drops what the library writes.
func (storage) Write(p []byte) (int, error) { return len(p), nil }

// storage renders it with a key, nil for none.
func (v saved) storage(key *syncKey) (storage, error) {
	jar := map[string][]*http.Cookie{}
	for _, c := range v.Cookies {
		jar[c.From] = append(jar[c.From], &http.Cookie{Name: c.Name, Value: c.Value, Domain: c.Domain, Path: c.Path, Expires: c.Expires, Secure: true})
	}
	b, err := json.Marshal(struct {
		Jar          map[string][]*http.Cookie
		BaseRequest  openwechat.BaseRequest
		LoginInfo    openwechat.LoginInfo
		WechatDomain string
		SyncKey      *syncKey
		UUID         string
	}{jar, v.Request, v.Login, v.Domain, key, v.UUID})
	return storage{bytes.NewReader(b)}, err
}
