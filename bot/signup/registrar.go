package signup

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"github.com/rs/zerolog"

	"chunfeng/bot/phone"
	"chunfeng/store"
	"chunfeng/templates"
	"chunfeng/templates/words"
)

// Acknowledge says how a sign-up is acknowledged in the group.
type Acknowledge string

// The ways of acknowledging.
const (
	Each    Acknowledge = "each"    // each reply by itself, as far as politeness to the group allows
	Batched Acknowledge = "batched" // those of a group together
	None    Acknowledge = "none"
)

// Options of a Registrar.
type Options struct {
	Store       *store.Store
	Templates   func() *templates.Set // the set in force; staff may change it meanwhile
	Acknowledge Acknowledge
	Kept        int           // days for which a sign-up is kept, as residents are told
	Told        time.Duration // how far back a group is taken to remember what it was told; 0: 14 days
	Gather      time.Duration // Batched: how long acknowledgements of a group are gathered; 0: 5 minutes
	Gap         time.Duration // at least so long between two answers in a group (wechat: 30 s); 0: none
	PerHour     int           // at most so many answers in a group and hour (5); 0: any number
	Settle      time.Duration // how long a reply may wait for its group to be bound; 0: 30 minutes
	Zone        *time.Location
	Log         zerolog.Logger
}

// Registrar works through the replies that the ledger keeps: each becomes a sign-up, an answer, a case for a person, or
// chatter whose words are erased. What it decides is one commit a reply, so that a crash loses and doubles nothing.
type Registrar struct {
	o       Options
	shelf   *shelf
	manners *manners
	twins   *twins // Pass alone uses it, and what follows

	waited   uint64    // every reply in the inbox up to this number waits for its group
	until    time.Time // when the first of them waits no longer; zero: none does
	registry uint64    // the ledger's, when they were looked at: while it stays, so do they
}

// NewRegistrar makes a Registrar. It picks up the acknowledgements that an earlier run still owed.
func NewRegistrar(o Options) (*Registrar, error) {
	if o.Told == 0 {
		o.Told = 14 * 24 * time.Hour
	}
	if o.Gather == 0 {
		o.Gather = 5 * time.Minute
	}
	if o.Settle == 0 {
		o.Settle = 30 * time.Minute
	}
	if o.Zone == nil {
		o.Zone = time.Local
	}
	r := &Registrar{o: o, shelf: newShelf(o.Store), manners: newManners(o.Gap, o.PerHour), twins: newTwins()}
	return r, r.recallOwed()
}

// look is how many replies are read from the ledger at once.
const look = 200

// Run works until ctx ends.
func (r *Registrar) Run(ctx context.Context) error {
	for {
		changed := r.o.Store.Changed()
		next, err := r.Pass(ctx)
		if err != nil && ctx.Err() == nil {
			r.o.Log.Error().Err(err).Msg("replies cannot be registered; trying again")
			next = time.Now().Add(5 * time.Second)
		}
		var timer <-chan time.Time
		if !next.IsZero() {
			timer = time.After(time.Until(next))
		}
		select {
		case <-ctx.Done():
			return nil
		case <-changed:
		case <-timer:
		}
	}
}

// Pass deals with every reply that can be dealt with now, sends the acknowledgements that are due, and answers when it
// should be called again at the latest; zero when only a change brings work.
func (r *Registrar) Pass(ctx context.Context) (next time.Time, err error) {
	after, registry := uint64(0), r.o.Store.Registry()
	if registry == r.registry && time.Now().Before(r.until) {
		// An account may hear many chats that are nobody's group; what was said there must not be read with every message.
		after = r.waited
	} else {
		r.until = time.Time{}
	}
	for ctx.Err() == nil {
		replies, err := r.o.Store.NextReplies(store.ForRegistrar, "", after, look)
		if err != nil {
			r.until = time.Time{} // the next look goes through all again
			return next, err
		}
		for _, reply := range replies {
			after = reply.Number
			wait, err := r.take(reply)
			if err != nil {
				r.until = time.Time{}
				return next, err
			}
			r.until = sooner(r.until, wait)
		}
		if len(replies) == 0 {
			break
		}
	}
	r.waited, r.registry = after, registry
	due, err := r.owed(time.Now())
	return sooner(r.until, due), err
}

// owed sends the acknowledgements that are due; a panic in one of them is an error, and replies are taken all the same.
func (r *Registrar) owed(now time.Time) (next time.Time, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %s\n%s", phone.Hide(fmt.Sprint(p)), debug.Stack())
		}
	}()
	return r.acknowledgeOwed(now)
}

func sooner(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

// take deals with one reply. wait is when it should be looked at again because its group is not known yet.
func (r *Registrar) take(reply store.Reply) (wait time.Time, err error) {
	d, wait, err := r.consider(reply)
	if err != nil || d.State == store.ReplyWaiting && reply.State == store.ReplyWaiting {
		return wait, err
	}
	return wait, r.register(reply, d)
}

// consider decides what becomes of a reply, and changes nothing. What the program cannot read without a panic is for a person: it
// would end the daemon else, and again at each start.
func (r *Registrar) consider(reply store.Reply) (d store.Disposition, wait time.Time, err error) {
	defer func() {
		if p := recover(); p != nil {
			// A panic may say what residents wrote.
			r.o.Log.Error().Uint64("reply", reply.Number).Str("panic", phone.Hide(fmt.Sprint(p))).Bytes("stack", debug.Stack()).Msg("a reply cannot be read; a person decides")
			d, wait, err = store.Disposition{State: store.ReplyReview, Review: unreadable, Group: reply.Group}, time.Time{}, nil
		}
	}()
	in, err := Decode(reply.Raw, "")
	if err != nil {
		return store.Disposition{State: store.ReplyReview, Review: unreadable}, time.Time{}, nil
	}
	group := reply.Group
	if group == 0 && in.Room != "" {
		if group, err = r.groupOf(reply); err != nil {
			return d, time.Time{}, err
		}
		if until := reply.At.Add(r.o.Settle); group == 0 && time.Now().Before(until) {
			return store.Disposition{State: store.ReplyWaiting}, until, nil
		}
	}
	d, err = r.dispose(reply, in, group)
	return d, time.Time{}, err
}

// unreadable is why a person decides about what the program cannot read.
const unreadable = "unreadable"

// groupOf answers which group a chat is bound to in the session that heard the reply, 0 while it is not known.
func (r *Registrar) groupOf(reply store.Reply) (uint32, error) {
	a, err := r.o.Store.Account(reply.Account)
	if errors.Is(err, words.Refuse("store.no_account")) || err == nil && a.Epoch != reply.Epoch {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	group, _, err := r.o.Store.BoundGroup(reply.Account, reply.UserName)
	return group, err
}

func (r *Registrar) register(reply store.Reply, d store.Disposition) error {
	fresh, err := r.o.Store.Register(reply.Number, d)
	if errors.Is(err, words.Refuse("store.reply_done")) {
		return nil // a person was quicker
	}
	if err != nil {
		return err
	}
	for _, n := range fresh {
		if n.Notice == "" && r.o.Acknowledge != None {
			r.manners.owe(n, reply.Account, time.Now())
		}
	}
	return nil
}
