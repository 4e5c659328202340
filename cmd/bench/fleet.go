package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"chunfeng/bot"
	"chunfeng/broadcast"
	"chunfeng/store"
	"chunfeng/templates"
)

// fleet is the program's own road: the ledger, a dispatcher with a lane an account, and accounts logged in through the
// simulator. Nothing is left out but the pauses between messages.
type fleet struct {
	s          *store.Store
	dir        string
	far        *far
	accounts   []*bot.Account
	groups     int
	dispatcher *broadcast.Dispatcher
	cancel     context.CancelFunc
	running    sync.WaitGroup
}

// loginWithin is how long the accounts may take to log in and to know their groups again.
const loginWithin = 2 * time.Minute

func (b *bench) fleet(ctx context.Context, f *far, accounts, groups int) (_ *fleet, err error) {
	dir, err := b.folder()
	if err != nil {
		return nil, err
	}
	s, err := store.Open(store.Options{Dir: dir})
	if err != nil {
		return nil, err
	}
	o := &fleet{s: s, dir: dir, far: f, groups: groups}
	ctx, o.cancel = context.WithCancel(ctx)
	defer func() {
		if err != nil {
			o.close()
		}
	}()
	if err := fill(s, accounts, groups); err != nil {
		return nil, err
	}
	o.dispatcher = broadcast.New(broadcast.Options{
		Store:        s,
		ConfirmAfter: 90 * time.Second,
		Planner: &broadcast.Planner{Store: s, Zone: time.UTC, Pacing: broadcast.Pacing{Zone: time.UTC},
			Templates: func() (*templates.Set, error) { return templates.Load(nil) }},
	})
	for i := range accounts {
		a := bot.New(bot.Options{Account: accountName(i), Store: s, Gateway: "http://" + f.addr, Log: zerolog.Nop(), ContactEvery: -1})
		o.accounts = append(o.accounts, a)
		o.running.Go(func() { a.Run(ctx) })
		if err := o.dispatcher.Add(a.Name(), a.Sender()); err != nil {
			return nil, err
		}
	}
	if err := o.login(ctx); err != nil {
		return nil, err
	}
	if err := o.settled(ctx); err != nil {
		return nil, err
	}
	o.dispatcher.Start()
	return o, nil
}

// login has each account's code scanned and waits until every group is bound.
func (o *fleet) login(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, loginWithin)
	defer cancel()
	return each(len(o.accounts), func(i int) error {
		a := o.accounts[i]
		want := firstOf(i+1, len(o.accounts), o.groups) - firstOf(i, len(o.accounts), o.groups)
		scanned := ""
		for a.State().Bound < want {
			if url, _, _, ok := a.QR(); ok && url != scanned {
				if err := o.far.scan(a.Name(), url); err != nil {
					return err
				}
				scanned = url
			}
			select {
			case <-ctx.Done():
				st := a.State()
				return fmt.Errorf("%s knows %d of %d groups (%s %v): %w", a.Name(), st.Bound, want, st.State, st.Why, ctx.Err())
			case <-time.After(5 * time.Millisecond):
			}
		}
		return nil
	})
}

// settled waits until every account has read who is in its groups, which it does once after a first login: that work is
// not a message's.
func (o *fleet) settled(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, loginWithin)
	defer cancel()
	for {
		known, err := o.s.Sketches()
		if err != nil {
			return err
		}
		n := 0
		for _, k := range known {
			if len(k.Members) > 0 {
				n++
			}
		}
		if n == o.groups {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("the members of %d of %d groups are known: %w", n, o.groups, ctx.Err())
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// send sends a wave of n deliveries and answers how many a second, from its release until the last one is settled.
func (o *fleet) send(ctx context.Context, n int) (float64, error) {
	w, err := openWave(o.s, len(o.accounts), o.groups, n)
	if err != nil {
		return 0, err
	}
	if _, _, err := o.far.witnessed("a"); err != nil { // what came before is not this round's
		return 0, err
	}
	begin := time.Now()
	if err := release(o.s, w); err != nil {
		return 0, err
	}
	for {
		if w, err = o.s.Wave(w.ID); err != nil {
			return 0, err
		}
		if w.Counts[store.Planned]+w.Counts[store.Sending] == 0 {
			break
		}
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		time.Sleep(2 * time.Millisecond)
	}
	rate := float64(n) / time.Since(begin).Seconds()
	arrived, twice, err := o.far.witnessed("a")
	return rate, errors.Join(err,
		agree("messages that the ledger calls accepted", w.Counts[store.Accepted]+w.Counts[store.Sent], n),
		agree("messages that arrived", arrived, n),
		agree("attempts that arrived twice", twice, 0))
}

func (o *fleet) close() {
	if o.dispatcher != nil {
		o.dispatcher.Stop(context.Background())
	}
	o.cancel()
	o.running.Wait()
	o.s.Close()
	os.RemoveAll(o.dir)
}
