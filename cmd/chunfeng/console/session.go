package console

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/alexedwards/scs/v2"

	"chunfeng/store"
	"chunfeng/templates/words"
)

// What a session keeps.
const (
	sessionUser    = "user"
	sessionSaid    = "said"
	sessionAddress = "address"
	sessionAgent   = "agent"
	sessionBegan   = "began"    // RFC 3339
	sessionProof   = "password" // when the password was chosen that was compared, RFC 3339: another one ends the session
)

// newSessions makes the sessions: kept in the ledger under the hash of their token, with a cookie that script cannot read.
func newSessions(o Options) *scs.SessionManager {
	// Not by scs.New: it begins a store in memory that tidies itself up for ever, and logs past the log.
	m := &scs.SessionManager{
		Store: &kept{o.Store}, Codec: codec{}, HashTokenInStore: true, IdleTimeout: o.Idle, Lifetime: o.Absolute,
		Cookie: scs.SessionCookie{Name: "chunfeng", Path: "/", HttpOnly: true, SameSite: http.SameSiteStrictMode},
		ErrorFunc: func(w http.ResponseWriter, r *http.Request, err error) {
			o.Log.Error().Err(err).Msg("a session cannot be read or written")
			http.Error(w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
		},
	}
	if strings.HasPrefix(o.Origin, "https://") {
		// The prefix makes browsers refuse a cookie of this name that another host or an unencrypted page tries to set.
		m.Cookie.Name, m.Cookie.Secure = "__Host-chunfeng", true
	}
	return m
}

// kept puts sessions into the ledger.
type kept struct{ store *store.Store }

// Find implements scs.Store.
func (k *kept) Find(key string) ([]byte, bool, error) {
	w, _, found, err := k.store.WebSession(key, time.Now())
	return w.Data, found, err
}

// Commit implements scs.Store.
func (k *kept) Commit(key string, data []byte, expires time.Time) error {
	_, values, err := codec{}.Decode(data)
	if err != nil {
		return err
	}
	text := func(name string) string { s, _ := values[name].(string); return s }
	moment := func(name string) time.Time { t, _ := time.Parse(time.RFC3339Nano, text(name)); return t }
	if text(sessionUser) == "" {
		return nil // what nobody signed in to is not worth a row
	}
	err = k.store.SaveWebSession(store.WebSession{
		Key: key, User: text(sessionUser), PasswordAt: moment(sessionProof), Data: data, Address: text(sessionAddress), Agent: text(sessionAgent),
		CreatedAt: moment(sessionBegan), SeenAt: time.Now(), Expires: expires,
	})
	if errors.Is(err, words.Refuse("users.session_ended")) {
		return nil // it was ended while this request was under way; the next one finds it gone
	}
	return err
}

// Delete implements scs.Store.
func (k *kept) Delete(key string) error { return k.store.EndWebSession(key, "") }

// codec writes a session's values, which are all text, with their names in order: the ledger compares the bytes to know
// whether anything changed.
type codec struct{}

type coded struct {
	Until  time.Time         `json:"until"`
	Values map[string]string `json:"values"`
}

// Encode implements scs.Codec.
func (codec) Encode(until time.Time, values map[string]any) ([]byte, error) {
	c := coded{until, map[string]string{}}
	for k, v := range values {
		s, ok := v.(string)
		if !ok {
			return nil, fmt.Errorf("a session keeps text only, not %T as %s", v, k)
		}
		c.Values[k] = s
	}
	return json.Marshal(c)
}

// Decode implements scs.Codec.
func (codec) Decode(b []byte) (time.Time, map[string]any, error) {
	var c coded
	err := json.Unmarshal(b, &c)
	values := map[string]any{}
	for k, v := range c.Values {
		values[k] = v
	}
	return c.Until, values, err
}

// begin signs a person in: a new token, so that one planted before is worth nothing.
func (c *Console) begin(r *request, u store.User) error {
	ctx := r.Context()
	if err := c.sessions.RenewToken(ctx); err != nil {
		return err
	}
	// Who was signed in here before may have been somebody else.
	c.sessions.Remove(ctx, sessionSecond)
	c.sessions.Remove(ctx, sessionSecret)
	c.sessions.Put(ctx, sessionUser, u.Name)
	c.sessions.Put(ctx, sessionAddress, address(r.Request))
	c.sessions.Put(ctx, sessionAgent, clip(r.UserAgent(), 200))
	c.sessions.Put(ctx, sessionBegan, time.Now().UTC().Format(time.RFC3339Nano))
	c.sessions.Put(ctx, sessionProof, u.PasswordAt.UTC().Format(time.RFC3339Nano))
	return nil
}

// tell has a sentence shown on the next page that the person sees.
func (c *Console) tell(r *request, sentence string) {
	before := c.sessions.GetString(r.Context(), sessionSaid)
	if before != "" {
		sentence = before + "\n" + sentence
	}
	c.sessions.Put(r.Context(), sessionSaid, sentence)
}

// said takes what is to be told.
func (c *Console) said(r *request) []string {
	s := c.sessions.PopString(r.Context(), sessionSaid)
	if s == "" {
		return nil
	}
	return strings.Split(s, "\n")
}

// clip cuts a text that others write to at most n bytes.
func clip(s string, n int) string {
	if len(s) > n {
		s = s[:n]
	}
	return strings.ToValidUTF8(s, "")
}
