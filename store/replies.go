package store

import (
	"fmt"
	"time"

	"chunfeng/templates/words"
)

// Inbound is one message as an account took it.
type Inbound struct {
	MsgID    string
	UserName string // the chat, as this session calls it
	Raw      []byte
	Class    Class
}

// Receive keeps what an account took and how far it came, in one commit. A message that is already kept is not kept
// again: then fresh is smaller than the number given. epoch is the session that took it.
func (s *Store) Receive(account, epoch string, messages []Inbound, cursor []byte) (fresh int, err error) {
	err = s.update(inbound, func(t *txn) error {
		fresh = 0
		a, err := t.account(account)
		if err != nil {
			return err
		}
		if a.Epoch != epoch {
			return words.Refuse("store.other_session", account).Of(words.Conflict)
		}
		for _, m := range messages {
			id := k32(a.Number).str(m.MsgID)
			if t.in(bReplyIDs).Get(id) != nil {
				continue
			}
			n, err := t.next(bReplies)
			if err != nil {
				return err
			}
			r := Reply{Number: n, Account: account, Epoch: epoch, MsgID: m.MsgID, UserName: m.UserName, At: now(), State: ReplyNew, Class: m.Class, Raw: m.Raw}
			// Noted now: the next session calls its groups something else.
			if r.Group, _, err = t.boundGroup(account, m.UserName); err != nil {
				return err
			}
			if err := t.set(bReplyIDs, id, k64(n)); err != nil {
				return err
			}
			if err := t.set(bInbox, inboxKey(r, a.Number), nil); err != nil {
				return err
			}
			if err := t.putReply(r); err != nil {
				return err
			}
			fresh++
		}
		// When an account last heard anything tells whether it still hears; to the minute is enough, a write a minute too.
		if fresh > 0 && time.Since(a.LastInboundAt) > time.Minute {
			a.LastInboundAt = now()
			if err := t.put(bAccounts, key(account), a); err != nil {
				return err
			}
		}
		if fresh > 0 {
			t.wakes()
		}
		return t.putSealed(bCursors, account, cursor)
	})
	return fresh, err
}

// inboxKey sorts a resident's messages by number, an account's own by account and number.
func inboxKey(r Reply, account uint32) key {
	if r.Class == ForRegistrar {
		account = 0
	}
	return key{uint8(r.Class)}.u32(account).u64(r.Number)
}

func (t *txn) putReply(r Reply) error {
	r.Sealed = t.s.sealer.seal(bReplies, k64(r.Number), r.Raw)
	return t.put(bReplies, k64(r.Number), r)
}

func (t *txn) reply(n uint64) (r Reply, err error) {
	found, err := t.get(bReplies, k64(n), &r)
	if err == nil && !found {
		err = notFound("reply", fmt.Sprint(n))
	}
	if err == nil {
		r.Raw, err = t.s.sealer.open(bReplies, k64(n), r.Sealed)
	}
	return r, err
}

// Reply answers a reply by its number, with its raw message unless that was erased.
func (s *Store) Reply(n uint64) (r Reply, err error) {
	err = s.view(func(t *txn) error { r, err = t.reply(n); return err })
	return r, err
}

// inHand is how many bytes of raw messages are read at once; one message more, however long it is.
const inHand = 8 << 20

// NextReplies lists the oldest replies that their reader has not dealt with, those behind the number after; account
// matters for ForAccount only. They are limit at most, and fewer where they are long: none are left only when none are
// listed.
func (s *Store) NextReplies(c Class, account string, after uint64, limit int) (out []Reply, err error) {
	err = s.view(func(t *txn) error {
		n := uint32(0)
		if c == ForAccount {
			if n, err = t.accountNumber(account); err != nil {
				return err
			}
		}
		prefix, bytes := key{uint8(c)}.u32(n), 0
		return t.each(bInbox, prefix, key{uint8(c)}.u32(n).u64(after+1), func(k, _ []byte) (bool, error) {
			r, err := t.reply(u64at(k, 5))
			out = append(out, r)
			bytes += len(r.Raw)
			return len(out) < limit && bytes < inHand, err
		})
	})
	return out, err
}

// Disposition is what became of a reply.
type Disposition struct {
	State   ReplyState
	Intent  string
	Group   uint32
	Sender  string
	Review  string // why it is doubtful
	Decided string // the person who decided, empty for the machine
	Note    string

	Signups  []Signup  // new ones; Reply, At, ID and Number are given here
	Withdraw []uint64  // sign-ups that the resident took back: their name and number are erased
	Erase    []Erasure // people who are erased everywhere
	Said     time.Time // when the server took the message; zero: it did not say
	OptOut   bool      // the group asked not to be written to
	Answer   *Answer   // what is answered, nil for nothing
}

// Answer is an answer to a resident: a content for a group, sent by the lane of the account that heard the reply.
type Answer struct {
	Group   uint32
	Account string
	Content Content
	After   time.Time // not before; zero: at once
	Notice  string    // the words of the consent notice in it; empty when it has none
	Signups []uint64  // the sign-ups that it acknowledges: the notice is noted on them
}

// Register records what became of a reply, with everything that follows from it, in one commit. A reply that was already
// dealt with is refused (words.Conflict), so that nothing is registered twice. It answers the new sign-ups.
//
// A sign-up of the same number for the same batch is the same person again: the vacancies are joined, the reply is noted
// on the one that is there, and it is not among those answered.
func (s *Store) Register(number uint64, p Disposition) (fresh []Signup, err error) {
	err = s.update(inbound, func(t *txn) error {
		fresh = nil
		p, asked := p, len(p.Signups) // a commit may be made twice
		r, err := t.reply(number)
		if err != nil {
			return err
		}
		switch r.State {
		case ReplyNew, ReplyWaiting, ReplyReview:
		default:
			return words.Refuse("store.reply_done", r.Number, r.State).Of(words.Conflict)
		}
		a, err := t.accountNumber(r.Account)
		if err != nil {
			return err
		}
		if p.State == ReplyWaiting {
			err = t.set(bInbox, inboxKey(r, a), nil) // a doubtful one had left it
		} else {
			err = t.del(bInbox, inboxKey(r, a))
		}
		if err != nil {
			return err
		}
		if err := t.del(bReview, k64(number)); err != nil {
			return err
		}
		asksOut := r.State == ReplyReview && r.Review == AsksOut
		r.State, r.Intent, r.Review, r.Sender, r.Handled, r.Decided, r.Note = p.State, p.Intent, p.Review, p.Sender, now(), p.Decided, p.Note
		if p.Group != 0 {
			r.Group = p.Group
		}
		if p.Signups, err = t.wanted(r, p); err != nil {
			return err
		}
		if len(p.Signups) == 0 && asked > 0 {
			// Everybody in it was erased since it was said: it came again, or late.
			r.State, r.Intent, r.Review, r.Raw, p.Answer, p.State = ReplyNoise, "erased", "", nil, nil, ReplyNoise
		}
		if len(p.Withdraw)+len(p.Erase) > 0 {
			r.Raw = nil // whose it is stands in it
		}
		switch p.State {
		case ReplyNoise, ReplyNotice:
			r.Raw = nil
		case ReplyReview:
			if err := t.set(bReview, k64(number), nil); err != nil {
				return err
			}
		}
		if err := t.putReply(r); err != nil {
			return err
		}
		for _, n := range p.Signups {
			n.Reply = number
			added, isNew, err := t.addSignup(n)
			if err != nil {
				return err
			}
			if isNew {
				fresh = append(fresh, added)
			}
		}
		for _, n := range p.Withdraw {
			if err := t.withdraw(n, "reply"); err != nil {
				return err
			}
		}
		for _, e := range p.Erase {
			e.Said = p.Said
			if e.Who = "reply"; p.Decided != "" {
				e.Who = p.Decided
			}
			if _, err := t.erase(e); err != nil {
				return err
			}
		}
		if asksOut && p.Decided != "" && !p.OptOut {
			if err := t.undoOptOut(r, p.Decided); err != nil {
				return err
			}
		}
		if p.OptOut && r.Group != 0 {
			var g Group
			if found, err := t.get(bGroups, k32(r.Group), &g); err != nil {
				return err
			} else if found {
				if err := t.setGroup(&g, GroupOptedOut, fmt.Sprintf("reply R%d", number), ""); err != nil {
					return err
				}
			}
		}
		if p.Answer != nil {
			a := *p.Answer
			if a.Notice != "" {
				for _, n := range fresh {
					a.Signups = append(a.Signups, n.Number)
				}
			}
			if err := t.addAnswer(a, number); err != nil {
				return err
			}
		}
		if p.Decided != "" {
			return t.audit(p.Decided, "reply.decide", fmt.Sprintf("R%d", number), p.Intent)
		}
		return nil
	})
	return fresh, err
}

// AddAnswer queues a message to a group outside every wave: a batched acknowledgement.
func (s *Store) AddAnswer(a Answer, reply uint64) error {
	return s.update(inbound, func(t *txn) error { return t.addAnswer(a, reply) })
}

func (t *txn) addAnswer(a Answer, reply uint64) error {
	a.Content.Private = a.Notice != "" || len(a.Signups) > 0
	content, err := t.putContent(a.Content)
	if err != nil {
		return err
	}
	n, err := t.next(bDeliveries)
	if err != nil {
		return err
	}
	notice, err := t.keepConsent(a.Notice)
	if err != nil {
		return err
	}
	for _, number := range a.Signups {
		one, err := t.signup(number)
		if err != nil {
			return err
		}
		one.Notice, one.Ack = notice, uint32(n)
		if err := t.putSignup(one); err != nil {
			return err
		}
	}
	d := Delivery{Wave: Answers, Seq: uint32(n), Group: a.Group, Account: a.Account, Content: content, Kind: a.Content.Kind, After: a.After, Reply: reply, Updated: now()}
	if err := t.joinQueue(&d); err != nil {
		return err
	}
	c, err := t.tally(Answers)
	if err != nil {
		return err
	}
	c[Planned]++
	if err := t.set(bHistory, k32(d.Group, d.Wave, d.Seq), nil); err != nil {
		return err
	}
	return t.put(bDeliveries, k32(d.Wave, d.Seq), &d)
}

// Replies lists replies, the newest first, before a number (0: from the newest); only those that wait for a person when
// review.
func (s *Store) Replies(review bool, before uint64, limit int) (out []Reply, err error) {
	b := bReplies
	if review {
		b = bReview
	}
	var end key
	if before > 0 {
		end = k64(before)
	}
	err = s.view(func(t *txn) error {
		return t.eachBack(b, nil, end, func(k, _ []byte) (bool, error) {
			r, err := t.reply(u64at(k, 0))
			out = append(out, r)
			return len(out) < limit, err
		})
	})
	return out, err
}

// AsksOut is why a person should look at a message that asks for the group to be left out: the protocol does not tell who owns
// a group, so it may come from anybody in it. Nothing is broadcast to the group until somebody decides.
const AsksOut = "asks_out"

// undoOptOut lets a group get broadcasts again whose opt-out a person did not confirm.
func (t *txn) undoOptOut(r Reply, who string) error {
	var g Group
	found, err := t.get(bGroups, k32(r.Group), &g)
	if err != nil || !found || g.State != GroupOptedOut || g.StateWhy != fmt.Sprintf("reply R%d", r.Number) {
		return err
	}
	return t.setGroup(&g, GroupActive, "", who)
}
