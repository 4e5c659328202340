package bot

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/eatmoreapple/openwechat"
)

const (
	batchSize  = 50               // contacts that one webwxbatchgetcontact answers
	maxPages   = 40               // of the contact list: 40,000 contacts at the usual size
	bulkWindow = 10 * time.Minute // of the limit below
	bulkLimit  = 60               // webwxbatchgetcontact in a window; too many have locked accounts out of web login
)

// desk asks the server about contacts, at a pace. Only the roster's goroutine uses it.
type desk struct {
	s       *session
	every   time.Duration // negative: without a pace
	last    time.Time
	recent  []time.Time
	blocked time.Time // the server said too often: not before
}

// errBlocked is why nothing is asked: the server said too often.
var errBlocked = errors.New("the server wants no requests for contacts for a while")

// turn waits until the next request may be made.
func (d *desk) turn(ctx context.Context) error {
	now := time.Now()
	if now.Before(d.blocked) {
		return errBlocked
	}
	next := now
	if d.every > 0 {
		d.recent = slices.DeleteFunc(d.recent, func(t time.Time) bool { return now.Sub(t) > bulkWindow })
		if t := d.last.Add(d.every); t.After(next) {
			next = t
		}
		if len(d.recent) >= bulkLimit {
			if t := d.recent[0].Add(bulkWindow); t.After(next) {
				next = t
			}
		}
	}
	if !sleep(ctx, next.Sub(now)) {
		return ctx.Err()
	}
	d.last = time.Now()
	d.recent = append(d.recent, d.last)
	return nil
}

// after is how long to leave the server alone after an error, the nth in a row.
func (d *desk) after(err error, n int) time.Duration {
	if ret, _ := retOf(err); ret == 1205 {
		d.blocked = time.Now().Add(30 * time.Minute)
		return 30 * time.Minute
	}
	return troublePause(n)
}

// read reads the answer to a request about contacts.
func (d *desk) read(what string, resp *http.Response, err error, into any) error {
	if err != nil {
		return bare(err)
	}
	body, err := readAll(resp.Body)
	if err != nil {
		return err
	}
	if resp.StatusCode != http.StatusOK {
		return odd(what, "status %d", resp.StatusCode)
	}
	var head baseAnswer
	if err := json.Unmarshal(body, &head); err != nil || head.BaseResponse.Ret == nil {
		return odd(what, "%.60q", body)
	}
	if ret := int(*head.BaseResponse.Ret); ret != 0 {
		return &retError{what, ret}
	}
	if err := json.Unmarshal(body, into); err != nil {
		return odd(what, "%v", err)
	}
	return nil
}

// book reads the contact list, page by page, and answers its groups. What was read before an error is answered with it.
func (d *desk) book(ctx context.Context) (out []contact, err error) {
	seen := map[int64]bool{}
	for seq := int64(0); len(seen) < maxPages && !seen[seq]; {
		seen[seq] = true
		if !sleep(ctx, time.Until(d.blocked)) {
			return out, ctx.Err()
		}
		var page struct {
			MemberList []json.RawMessage
			Seq        loose
		}
		resp, err := d.s.bot.Caller.Client.WebWxGetContact(ctx, d.s.info.SKey, seq)
		if err := d.read("webwxgetcontact", resp, err, &page); err != nil {
			return out, err
		}
		out = append(out, contacts(page.MemberList)...)
		if len(page.MemberList) == 0 {
			// A server whose last page always has a successor ends here.
			break
		}
		if seq = int64(page.Seq.int()); seq == 0 {
			break
		}
	}
	return out, nil
}

// batch asks for the details of at most fifty chats. What comes back is found by its user name: the server leaves chats
// out, changes the order, and may send what nobody asked for.
func (d *desk) batch(ctx context.Context, names []string) ([]contact, error) {
	if err := d.turn(ctx); err != nil {
		return nil, err
	}
	members := make(openwechat.Members, len(names))
	for i, n := range names {
		members[i] = &openwechat.User{UserName: n}
	}
	var page struct{ ContactList []json.RawMessage }
	resp, err := d.s.bot.Caller.Client.WebWxBatchGetContact(ctx, members, d.s.request)
	if err := d.read("webwxbatchgetcontact", resp, err, &page); err != nil {
		d.after(err, 1)
		return nil, err
	}
	return slices.DeleteFunc(contacts(page.ContactList), func(c contact) bool { return !slices.Contains(names, string(c.UserName)) }), nil
}
