package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/eatmoreapple/openwechat"
	bolt "go.etcd.io/bbolt"
)

// The baselines over the wire: openwechat as its users use it, in a plain loop an account, with nothing recorded; and the
// same loop with two transactions a delivery around each send, as a ledger is usually put together.

// bareClient is one account logged in with openwechat alone.
type bareClient struct {
	bot    *openwechat.Bot
	self   *openwechat.Self
	groups []*openwechat.Group
}

// loopback sends every request to the simulator, Host and path kept.
type loopback struct {
	addr string
	base http.RoundTripper
}

func (l loopback) RoundTrip(r *http.Request) (*http.Response, error) {
	to := r.Clone(r.Context())
	to.Host = r.URL.Host
	u := *r.URL
	u.Scheme, u.Host = "http", l.addr
	to.URL = &u
	return l.base.RoundTrip(to)
}

func bareLogin(ctx context.Context, f *far, n int) (*bareClient, error) {
	bot := openwechat.NewBot(ctx)
	openwechat.Desktop.Prepare(bot)
	openwechat.WithDeviceID(fmt.Sprintf("e1234567801%05d", n)).Prepare(bot)
	// Once, as a sender that counts must: five tries, as the library has it, send twice when an answer is lost.
	bot.Caller.Client.MaxRetryTimes = 1
	bot.Caller.Client.HTTPClient().Transport = loopback{f.addr, http.DefaultTransport.(*http.Transport).Clone()}
	var scanned error
	bot.UUIDCallback = func(uuid string) { scanned = f.scan(bareName(n), uuid) }
	if err := bot.Login(); err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", bareName(n), err), scanned)
	}
	self, err := bot.GetCurrentUser()
	if err != nil {
		return nil, err
	}
	list, err := bot.Caller.WebWxGetContact(bot.Context(), bot.Storage.LoginInfo)
	if err != nil {
		return nil, err
	}
	c := &bareClient{bot: bot, self: self}
	for _, u := range list {
		if u.IsGroup() {
			c.groups = append(c.groups, &openwechat.Group{User: u})
		}
	}
	if len(c.groups) == 0 {
		return nil, fmt.Errorf("%s is in no group", bareName(n))
	}
	return c, nil
}

// bareFleet is as many bare clients as the program has accounts.
type bareFleet []*bareClient

func newBareFleet(ctx context.Context, f *far, accounts int) (bareFleet, error) {
	fleet := make(bareFleet, accounts)
	return fleet, each(accounts, func(i int) (err error) {
		fleet[i], err = bareLogin(ctx, f, i)
		return err
	})
}

func (fleet bareFleet) close() {
	for _, c := range fleet {
		if c != nil {
			c.bot.Exit()
		}
	}
}

// send sends n messages in plain loops and answers how many a second.
func (fleet bareFleet) send(f *far, n int) (float64, error) {
	return fleet.sendWith(f, n, func(_ int, send func() (string, error)) error {
		_, err := send()
		return err
	})
}

// sendWith has a function of the baseline's do each send.
func (fleet bareFleet) sendWith(f *far, n int, around func(seq int, send func() (string, error)) error) (float64, error) {
	if _, _, err := f.witnessed("b"); err != nil { // what came before is not this round's
		return 0, err
	}
	begin := time.Now()
	err := each(len(fleet), func(i int) error {
		c := fleet[i]
		for seq := firstOf(i, len(fleet), n); seq < firstOf(i+1, len(fleet), n); seq++ {
			g := c.groups[seq%len(c.groups)]
			if err := around(seq, func() (string, error) {
				sent, err := c.self.SendTextToGroup(g, body)
				if err != nil {
					return "", err
				}
				return sent.MsgId, nil
			}); err != nil {
				return err
			}
		}
		return nil
	})
	rate := float64(n) / time.Since(begin).Seconds()
	if err != nil {
		return 0, err
	}
	arrived, _, err := f.witnessed("b")
	if err == nil {
		err = agree("messages of the bare client that arrived", arrived, n)
	}
	return rate, err
}

// sendTwoTransactions sends n messages with a transaction before and one after each.
func (fleet bareFleet) sendTwoTransactions(b *bench, f *far, n int) (float64, error) {
	dir, err := b.folder()
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(dir)
	db, err := openBolt(filepath.Join(dir, "two.db"))
	if err != nil {
		return 0, err
	}
	defer db.Close()
	if err := plainRows(db, n); err != nil {
		return 0, err
	}
	rate, err := fleet.sendWith(f, n, func(seq int, send func() (string, error)) error {
		if err := db.Update(func(tx *bolt.Tx) error { return claimPlain(tx, seq, uint64(time.Now().UnixNano())) }); err != nil {
			return err
		}
		id, err := send()
		if err != nil {
			return err
		}
		return db.Update(func(tx *bolt.Tx) error { return settlePlain(tx, seq, id) })
	})
	if err != nil {
		return 0, err
	}
	settled, err := settledRows(db)
	if err == nil {
		err = agree("settled rows of the baseline", settled, n)
	}
	return rate, err
}
