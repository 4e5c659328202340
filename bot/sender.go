package bot

import (
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptrace"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
	"unicode/utf8"

	"github.com/eatmoreapple/openwechat"

	"chunfeng/broadcast"
	"chunfeng/store"
)

const (
	// maxText is the longest text in characters. Longer ones have been seen cut at 2,000 or not delivered at all.
	maxText = 1000
	// sendTimeout is the most that a send may take. It is the send's own: the program's end does not cut it.
	sendTimeout = 20 * time.Second
)

// sender puts an account's messages on the wire.
type sender struct{ a *Account }

var _ interface {
	broadcast.Sender
	broadcast.Recaller
	broadcast.Listener
} = sender{}

// Sender is the account as a broadcast.Sender. It is the account's for good: between sessions it refuses.
func (a *Account) Sender() broadcast.Sender { return sender{a} }

// Recaller is the account as a broadcast.Recaller.
func (a *Account) Recaller() broadcast.Recaller { return sender{a} }

// HeardOut answers until when all that the server had to say was heard and had its effect.
func (n sender) HeardOut() time.Time { return n.a.heardOut.at() }

// Ready tells whether a group can be written to, from memory alone.
func (n sender) Ready(group uint32) error {
	_, _, err := n.a.target(group)
	return err
}

// fileHelper is what every session calls the account's own file helper, which nobody but its owner reads.
const fileHelper = "filehelper"

// addressed is the session and what it calls the place that a message goes to.
func (a *Account) addressed(m broadcast.Message) (*session, string, error) {
	if !m.Self {
		return a.target(m.Group)
	}
	s, _, err := a.writing()
	return s, fileHelper, err
}

// target is the session and what it calls a group.
func (a *Account) target(group uint32) (*session, string, error) {
	s, r, err := a.writing()
	if err != nil {
		return nil, "", err
	}
	userName, err := r.place(group)
	return s, userName, err
}

// writing is the session, as long as the account may write.
func (a *Account) writing() (*session, *roster, error) {
	a.mu.RLock()
	s, r, paused, state := a.session, a.roster, a.paused, a.state
	a.mu.RUnlock()
	switch {
	case state == store.AccountStopped:
		return nil, nil, &broadcast.SendError{Reason: ReasonForbidden, Certain: true, Temporary: true, After: time.Minute, Signal: broadcast.Forbidden}
	case s == nil || r == nil:
		return nil, nil, &broadcast.SendError{Reason: ReasonOffline, Certain: true, Temporary: true, After: time.Second, Signal: broadcast.LoggedOut}
	case paused:
		return nil, nil, &broadcast.SendError{Reason: ReasonOffline, Certain: true, Temporary: true, After: time.Minute, Signal: broadcast.LoggedOut}
	case s.noLine.Load() != nil:
		// Sync found no connection and asks until there is one; until then each send would only use up one of its tries.
		return nil, nil, &broadcast.SendError{Reason: ReasonNotConnected, Certain: true, Temporary: true, After: 10 * time.Second, Signal: broadcast.LoggedOut}
	}
	return s, r, nil
}

// Send sends m once.
func (n sender) Send(ctx context.Context, m broadcast.Message) (broadcast.Receipt, error) {
	if err := ctx.Err(); err != nil {
		return broadcast.Receipt{}, &broadcast.SendError{Reason: ReasonInterrupted, Certain: true, Temporary: true, Err: err}
	}
	s, userName, err := n.a.addressed(m)
	if err != nil {
		return broadcast.Receipt{}, err
	}
	if n := utf8.RuneCountInString(m.Text); n > maxText {
		return broadcast.Receipt{}, &broadcast.SendError{Reason: ReasonTooLong, Certain: true, Err: fmt.Errorf("%d characters, at most %d", n, maxText)}
	}
	if !s.enter() {
		return broadcast.Receipt{}, &broadcast.SendError{Reason: ReasonOffline, Certain: true, Temporary: true, Signal: broadcast.LoggedOut, Err: errClosed}
	}
	defer s.leave()
	id, err := s.send(ctx, userName, m)
	if err != nil {
		s.log.Info().Err(err).Uint32("group", m.Group).Msg("not accepted")
		var se *broadcast.SendError
		if errors.As(err, &se) && se.Reason == ReasonNotAddressable && !m.Self {
			s.roster.doubt(userName)
		}
		return broadcast.Receipt{}, err
	}
	s.lastSent.mark()
	n.a.sends.Add(1)
	return broadcast.Receipt{ServerID: id}, nil
}

// send makes the message and puts it on the wire.
func (s *session) send(ctx context.Context, userName string, m broadcast.Message) (string, error) {
	id := strconv.FormatInt(m.ClientID, 10)
	msg := &openwechat.SendMessage{FromUserName: s.self, ToUserName: userName, LocalID: id, ClientMsgId: id}
	cl := s.bot.Caller.Client
	opt := &openwechat.ClientWebWxSendMsgOptions{LoginInfo: s.info, BaseRequest: s.request, Message: msg}
	switch m.Kind {
	case store.Image, store.File:
		mediaID, err := s.upload(ctx, userName, m)
		if err != nil {
			return "", err
		}
		if m.Kind == store.Image {
			msg.MediaId = mediaID
			return s.ask(ctx, "webwxsendmsgimg", func(ctx context.Context) (*http.Response, error) { return cl.WebWxSendMsgImg(ctx, opt) })
		}
		content, err := fileMessage(m.Name, len(m.Body), mediaID)
		if err != nil {
			return "", &broadcast.SendError{Reason: ReasonMalformed, Certain: true, Err: err}
		}
		msg.Content = content
		return s.ask(ctx, "webwxsendappmsg", func(ctx context.Context) (*http.Response, error) {
			return cl.WebWxSendAppMsg(ctx, msg, s.request)
		})
	}
	msg.Content = m.Text
	return s.ask(ctx, "webwxsendmsg", func(ctx context.Context) (*http.Response, error) { return cl.WebWxSendMsg(ctx, opt) })
}

// ask makes one request that changes something, and says what is known of it afterwards. The end of ctx stops it only as
// long as nothing was written.
func (s *session) ask(ctx context.Context, what string, do func(context.Context) (*http.Response, error)) (string, error) {
	own, cancel := context.WithTimeout(context.WithoutCancel(ctx), sendTimeout)
	defer cancel()
	var wrote atomic.Bool
	own = httptrace.WithClientTrace(own, &httptrace.ClientTrace{WroteHeaders: func() { wrote.Store(true) }})
	stop := context.AfterFunc(ctx, func() {
		if !wrote.Load() {
			cancel()
		}
	})
	defer stop()
	resp, err := do(own)
	in := answerTo{err: err}
	if err == nil {
		in.status = resp.StatusCode
		if in.body, in.err = readAll(resp.Body); in.err != nil {
			wrote.Store(true)
		}
	}
	in.wrote = wrote.Load()
	return classify(what, in)
}

// fileMessage is the XML in which a file is posted.
func fileMessage(name string, size int, mediaID string) (string, error) {
	type attach struct {
		TotalLen int    `xml:"totallen"`
		AttachID string `xml:"attachid"`
		FileExt  string `xml:"fileext"`
	}
	b, err := xml.Marshal(struct {
		XMLName xml.Name `xml:"appmsg"`
		AppID   string   `xml:"appid,attr"`
		SdkVer  string   `xml:"sdkver,attr"`
		Title   string   `xml:"title"`
		Des     string   `xml:"des"`
		Action  string   `xml:"action"`
		Type    int      `xml:"type"`
		Content string   `xml:"content"`
		URL     string   `xml:"url"`
		LowURL  string   `xml:"lowurl"`
		Attach  attach   `xml:"appattach"`
		ExtInfo string   `xml:"extinfo"`
	}{
		AppID: "wxeb7ec651dd0aefa9", Title: name, Type: 6,
		Attach: attach{size, mediaID, strings.TrimPrefix(strings.ToLower(filepath.Ext(name)), ".")},
	})
	return string(bytes.TrimSpace(b)), err
}

// Recall takes back a message that this session sent less than two minutes ago.
func (n sender) Recall(ctx context.Context, group uint32, clientID int64, serverID string) error {
	// An id is the time at which it was given out, in units of 100 ns.
	if sent := time.Unix(0, clientID*100); time.Since(sent) > broadcast.RecallWindow {
		return &broadcast.SendError{Reason: ReasonTooLate, Certain: true}
	}
	s, userName, err := n.a.target(group)
	if err != nil {
		return err
	}
	if !s.enter() {
		return &broadcast.SendError{Reason: ReasonOffline, Certain: true, Temporary: true, Signal: broadcast.LoggedOut, Err: errClosed}
	}
	defer s.leave()
	_, err = s.ask(ctx, "webwxrevokemsg", func(ctx context.Context) (*http.Response, error) {
		return s.bot.Caller.Client.WebWxRevokeMsg(ctx, &openwechat.SentMessage{
			SendMessage: &openwechat.SendMessage{ClientMsgId: strconv.FormatInt(clientID, 10), ToUserName: userName}, MsgId: serverID,
		}, s.request)
	})
	var se *broadcast.SendError
	if errors.As(err, &se) && errors.Is(se.Err, errNoID) {
		// A recall is answered without an id.
		return nil
	}
	return err
}
