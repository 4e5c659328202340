package bot

import (
	"context"
	"encoding/json"
	"regexp"
	"strconv"
	"strings"
	"time"

	"chunfeng/broadcast"
	"chunfeng/store"
)

const (
	// againAfter is how long a notice waits that is about a send whose outcome is not yet in the ledger.
	againAfter = 2 * time.Second
	// giveUp is how long it waits so. A send is settled at the latest when its own time is over.
	giveUp = 2 * sendTimeout
	// echoWindow is how far back a send is looked for that an own message or a notice can be about.
	echoWindow = 15 * time.Minute
)

// wakeNotices has the account read its own messages.
func (a *Account) wakeNotices() {
	select {
	case a.mail <- struct{}{}:
	default:
	}
}

// readNotices reads what the tap kept for the account itself: WeChat's notices, the account's own messages, pairing
// phrases. Each is taken off the ledger once it has had its effect, and every effect may happen twice without harm.
func (a *Account) readNotices(ctx context.Context) {
	for {
		wait := time.Minute
		drained := a.drained.Load()
		if a.readAll() {
			wait = againAfter
		} else {
			a.heardOut.Store(drained)
		}
		t := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			t.Stop()
			return
		case <-a.mail:
		case <-t.C:
		}
		t.Stop()
	}
}

// readAll reads what is there, and tells whether something must be read again soon.
func (a *Account) readAll() (again bool) {
	const page = 100
	for after := uint64(0); ; {
		list, err := a.o.Store.NextReplies(store.ForAccount, a.o.Account, after, page)
		if err != nil {
			a.log.Warn().Err(err).Msg("notices were not read")
			return true
		}
		for _, r := range list {
			after = r.Number
			if !a.read(r) {
				again = true
				continue
			}
			if _, err := a.o.Store.Register(r.Number, store.Disposition{State: store.ReplyNotice}); err != nil {
				a.log.Warn().Err(err).Msg("a notice was not put away")
				again = true
			}
		}
		if len(list) == 0 {
			return again
		}
	}
}

var renamed = regexp.MustCompile(`修改群名为[“"](.+)[”"]`)

// read deals with one message, and tells whether that is done.
func (a *Account) read(r store.Reply) (done bool) {
	var h head
	if json.Unmarshal(r.Raw, &h) != nil {
		return true
	}
	text := spoken(string(h.Content))
	_, self, _ := strings.Cut(r.Epoch, " ")
	own := string(h.FromUserName) == self
	kind := h.MsgType.int()
	if kind == typeText {
		if g, ok := a.phrase(text); ok {
			a.pairIn(r, g)
			return true
		}
	}
	if own {
		return a.echo(r, h, text)
	}
	if kind != typeNotice {
		return true
	}
	text = plain(string(h.Content))
	switch {
	case strings.Contains(text, "过于频繁"):
		return a.tooOften(r, h)
	case strings.Contains(text, "你被") && strings.Contains(text, "移出群聊"), strings.Contains(text, "你已被移出群聊"):
		if ro := a.rosterOf(r); ro != nil {
			ro.lose(r.UserName, "bot.removed", true)
		}
	case renamed.MatchString(text):
		if ro := a.rosterOf(r); ro != nil {
			ro.rename(r.UserName, cut(renamed.FindStringSubmatch(text)[1]))
		}
	}
	return true
}

// rosterOf is the roster of the session that heard a message, nil when that session is over: what it called its chats
// means nothing any more.
func (a *Account) rosterOf(r store.Reply) *roster {
	s, ro := a.current()
	if s == nil || s.epoch != r.Epoch {
		return nil
	}
	return ro
}

// groupOf is the group of a message's chat, 0 when it is not known.
func (a *Account) groupOf(r store.Reply) uint32 {
	if r.Group != 0 || a.rosterOf(r) == nil {
		return r.Group
	}
	group, _, err := a.o.Store.BoundGroup(a.o.Account, r.UserName)
	if err != nil {
		a.log.Warn().Err(err).Msg("a chat was not looked up")
	}
	return group
}

// tooOften tells of the notice that what was accepted in a chat did not arrive.
func (a *Account) tooOften(r store.Reply, h head) (done bool) {
	group := a.groupOf(r)
	if group == 0 {
		return true
	}
	if a.inHand(group, r.At) {
		return false
	}
	a.log.Warn().Uint32("group", group).Msg("sent too often, says the chat")
	if a.o.TooOften == nil {
		return true
	}
	if err := a.o.TooOften(broadcast.Notice{Account: a.o.Account, Group: group, Heard: r.At, Said: h.raw(r)}); err != nil {
		a.log.Warn().Err(err).Msg("the notice was not dealt with")
		return false
	}
	return true
}

// inHand tells whether a send to a group is not yet settled, and may be what a message is about.
func (a *Account) inHand(group uint32, at time.Time) bool {
	if time.Since(at) > giveUp {
		return false
	}
	for _, d := range a.recent(group) {
		if d.State == store.Sending && d.Account == a.o.Account {
			return true
		}
	}
	return false
}

func (a *Account) recent(group uint32) []store.Delivery {
	list, err := a.o.Store.History(group, time.Now().Add(-echoWindow))
	if err != nil {
		a.log.Warn().Err(err).Msg("the history of a group was not read")
	}
	return list
}

// echo takes an own message as evidence: of a delivery whose server id it has, or of exactly one of unknown outcome that
// says the same. Answers to residents (wave 0) of unknown outcome are not found this way: no index leads to them.
func (a *Account) echo(r store.Reply, h head, text string) (done bool) {
	group := a.groupOf(r)
	if group == 0 {
		return true
	}
	var unknown []store.Delivery
	waits := false
	for _, d := range a.recent(group) {
		if d.Account != a.o.Account || len(d.Attempts) == 0 {
			continue
		}
		last := d.Attempts[len(d.Attempts)-1]
		switch {
		case last.ServerID != "" && last.ServerID == r.MsgID:
			return a.confirm(d, r)
		case d.State == store.Sending:
			waits = true
		case d.State == store.Unknown && !sentBefore(h.raw(r), last.At) && a.says(last.Content, h, text):
			unknown = append(unknown, d)
		}
	}
	if len(unknown) == 1 && !waits {
		return a.confirm(unknown[0], r)
	}
	return !waits || time.Since(r.At) > giveUp
}

// raw is when the server took a message; zero when it does not say.
func (h head) raw(r store.Reply) time.Time {
	var w struct{ CreateTime loose }
	if json.Unmarshal(r.Raw, &w) != nil {
		return time.Time{}
	}
	n, err := strconv.ParseInt(string(w.CreateTime), 10, 64)
	if err != nil || n <= 0 {
		return time.Time{}
	}
	return time.Unix(n, 0)
}

// sentBefore tells whether a message is older than an attempt. The server's clock counts seconds and may differ by some.
func sentBefore(message, attempt time.Time) bool {
	return !message.IsZero() && message.Before(attempt.Add(-5*time.Second))
}

// says tells whether an own message has a content's words. Of pictures and files only the kind is compared.
func (a *Account) says(content uint32, h head, text string) bool {
	c, err := a.o.Store.Content(content)
	if err != nil {
		return false
	}
	switch c.Kind {
	case store.Image:
		return h.MsgType.int() == typePicture
	case store.File:
		return h.MsgType.int() == typeApp && strings.Contains(text, c.Name)
	}
	return h.MsgType.int() == typeText && fold(text) == fold(string(c.Body))
}

func (a *Account) confirm(d store.Delivery, r store.Reply) bool {
	if err := a.o.Store.Confirm(d.Wave, d.Seq, r.MsgID, store.ReasonEcho); err != nil {
		a.log.Warn().Err(err).Msg("an echo was not noted")
		return false
	}
	return true
}
