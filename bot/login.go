package bot

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/eatmoreapple/openwechat"
	"rsc.io/qr"

	"chunfeng/store"
)

// codeLife is how long a QR code can be scanned, as observed; the server says when it is really over.
const codeLife = 5 * time.Minute

// code is the QR code that waits to be scanned.
type code struct {
	url     string
	png     []byte
	expires time.Time
}

// QR answers what must be scanned now: the address that the code holds, its picture, and until when it is good. ok is
// false when nothing waits. After it expires another one takes its place.
func (a *Account) QR() (url string, png []byte, expires time.Time, ok bool) {
	a.mu.RLock()
	defer a.mu.RUnlock()
	if a.code == nil {
		return "", nil, time.Time{}, false
	}
	return a.code.url, a.code.png, a.code.expires, true
}

// login tries what is least trouble first: to take up the old session, to have the phone confirm, to have a code scanned.
// The network being away does not lead from one to the next.
func (a *Account) login(ctx context.Context) (*session, error) {
	rec, err := a.o.Store.Account(a.o.Account)
	if err != nil {
		return nil, err
	}
	old := a.loadSession()
	if old.usable() && old.Hot {
		s, err := a.attempt(ctx, hot, rec, old)
		if errors.Is(err, errOdd) {
			a.oddHots++
		}
		if err == nil || !refused(err) && a.oddHots < 3 {
			return s, err
		}
		a.oddHots = 0
		a.log.Info().Err(bare(err)).Msg("the old session is over")
		a.dropHot(old)
	}
	if old.usable() {
		a.record(store.AccountWaitingScan, Why("bot.confirm_on_phone"))
		a.emit(Event{Kind: ConfirmPhone})
		s, err := a.attempt(ctx, push, rec, old)
		if err == nil || !pushRefused(err) {
			return s, err
		}
		a.log.Info().Err(bare(err)).Msg("the phone did not confirm")
	}
	for {
		s, err := a.attempt(ctx, scan, rec, saved{})
		if !errors.Is(err, openwechat.ErrLoginTimeout) {
			return s, err
		}
	}
}

// refused tells whether the server will not take up a session: trying again does not help.
func refused(err error) bool {
	ret, ok := retOf(err)
	return ok && ret != 1203 && ret != -1 && ret != 1205 && ret != 3
}

// pushRefused tells whether only a scan helps: the server or the phone said no, or nobody confirmed in time.
func pushRefused(err error) bool {
	_, code := retOf(err)
	return refused(err) || errors.Is(err, openwechat.ErrLoginTimeout) ||
		!code && !errors.Is(err, openwechat.NetworkErr) && !errors.Is(err, context.Canceled)
}

func (a *Account) loadSession() (v saved) {
	b, err := a.o.Store.Session(a.o.Account)
	if err == nil && len(b) > 0 {
		err = json.Unmarshal(b, &v)
	}
	if err != nil {
		a.log.Warn().Err(err).Msg("the kept session cannot be read; a scan is needed")
		return saved{}
	}
	return v
}

func (a *Account) dropHot(v saved) {
	v.Hot = false
	b, err := json.Marshal(v)
	if err == nil {
		err = a.o.Store.SaveSession(a.o.Account, b)
	}
	if err != nil {
		a.log.Warn().Err(err).Msg("the old session was not forgotten")
	}
}

// attempt is one try with a client of its own.
func (a *Account) attempt(ctx context.Context, how method, rec store.Account, old saved) (*session, error) {
	s := a.newSession(ctx, how, rec, old)
	var err error
	switch how {
	case hot:
		var kept *syncKey
		raw, cerr := a.o.Store.Cursor(a.o.Account)
		if cerr != nil {
			err = cerr
			break
		}
		if key, ok := readCursor(raw, rec.Epoch); ok {
			kept = &key
		}
		var st storage
		if st, err = old.storage(kept); err == nil {
			err = s.bot.HotLogin(st)
		}
	case push:
		// No key: one of another session leads the server astray.
		var st storage
		if st, err = old.storage(nil); err == nil {
			err = s.bot.PushLogin(st)
		}
	case scan:
		s.bot.UUIDCallback = s.showCode
		s.bot.ScanCallBack = func(openwechat.CheckLoginResponse) { a.emit(Event{Kind: CodeScanned}) }
		err = s.bot.Login()
	}
	if err != nil {
		s.close()
		return nil, err
	}
	return s, nil
}

// showCode makes the picture here, from the address that the official page would show: nothing has to be fetched for it.
func (s *session) showCode(uuid string) {
	url := "https://login.weixin.qq.com/l/" + uuid
	c, err := qr.Encode(url, qr.M)
	if err != nil {
		s.log.Warn().Err(err).Msg("no QR code could be drawn")
		return
	}
	s.a.mu.Lock()
	s.a.code = &code{url, c.PNG(), time.Now().Add(codeLife)}
	s.a.mu.Unlock()
	s.a.record(store.AccountWaitingScan, "")
	s.a.emit(Event{Kind: ShowCode})
}
