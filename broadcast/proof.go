package broadcast

import (
	"context"
	"errors"
	"fmt"
	"time"

	"chunfeng/store"
	"chunfeng/templates/words"
)

// Proof is what became of one message that an account sent to its own file helper.
type Proof struct {
	Content  store.Content
	Outcome  store.Outcome
	Reason   store.Reason
	ServerID string
}

// proofWait is how long a proof may wait for the account's pace, for all of its messages together.
const proofWait = 3 * time.Minute

// Prove sends messages to an account's own file helper, for staff to look at on its phone: no resident sees them. They go
// through the account's lane, at its pace and ahead of everything else, and count in its day as any message does. It
// refuses what would take longer than three minutes, and ends at the first message that is not accepted.
func (d *Dispatcher) Prove(ctx context.Context, account string, contents []store.Content, who string) (out []Proof, err error) {
	record, err := d.desk.Store.Account(account)
	if err != nil {
		return nil, err
	}
	offline := words.Refuse("broadcast.proof_offline", account).Of(words.Later)
	l := d.lane(account)
	if l == nil || record.Paused {
		return nil, offline
	}
	var se *SendError
	if errors.As(l.sender.Ready(0), &se) && se.Signal >= LoggedOut {
		return nil, offline.Because(se)
	}
	if wait := l.proofTakes(contents); wait > proofWait {
		until := time.Now().Add(wait).In(d.desk.Planner.Zone).Format("2006-01-02 15:04")
		return nil, words.Refuse("broadcast.proof_waits", account, len(contents), until).Of(words.Later)
	}
	for _, c := range contents {
		a := &proofAsk{ctx: ctx, content: c, who: who, done: make(chan struct{})}
		select {
		case l.asked <- a:
		case <-l.over:
			return out, offline
		case <-ctx.Done():
			return out, ctx.Err()
		}
		select {
		case <-a.done:
		case <-l.over:
			return out, offline
		}
		if a.err != nil {
			return out, a.err
		}
		if out = append(out, a.proof); a.proof.Outcome != store.Taken {
			break
		}
	}
	return out, nil
}

// proofTakes answers when the last of some messages could go, by the mean of each random pause.
func (l *lane) proofTakes(contents []store.Content) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	at := l.now()
	r := run{pacer: newPacer(l.pacer.Pacing, *l.pacer.saved(at), instant{at.wall, at.wall}, mean), at: at.wall}
	for _, c := range contents {
		r.send(c.Kind)
	}
	return r.at.Sub(at.wall)
}

// proofAsk is a message for the file helper that a lane is asked to send. The lane closes done behind the rest.
type proofAsk struct {
	ctx     context.Context
	content store.Content
	who     string

	done  chan struct{}
	proof Proof
	err   error
}

// prove sends what the lane is asked for, when the pace lets it; wait is how long that still takes.
func (l *lane) prove(ctx context.Context) (wait time.Duration, err error) {
	a := l.asking
	if a.err = a.ctx.Err(); a.err != nil {
		l.asking = nil
		close(a.done)
		return 0, nil
	}
	c := a.content
	l.mu.Lock()
	now := l.now()
	due, why := l.pacer.due(c.Kind, false, now)
	if due.After(now.steady) {
		wait = due.Sub(now.steady)
		l.status = Status{State: LaneWaiting, For: why, Until: now.wall.Add(wait)}
		l.mu.Unlock()
		return wait, nil
	}
	defer func() {
		l.asking, a.err = nil, err
		close(a.done)
		err = nil // it is told to whoever asked
	}()
	was := l.pacer.state
	pace := l.pacer.spend(c.Kind, now)
	id, err := l.desk.Store.BeginProof(l.account, a.who, fmt.Sprintf("%s %s %s %s", c.Batch, c.Language, c.Kind, c.Hash), pace)
	if err != nil {
		l.pacer.state = was
		l.mu.Unlock()
		return 0, err
	}
	if pace != nil {
		l.pacer.wired(c.Kind, l.now())
	}
	l.status = Status{State: LaneSending}
	l.mu.Unlock()
	r, sendErr := l.send(ctx, Message{ClientID: id, Self: true, Kind: c.Kind, Name: c.Name, Hash: c.Hash}, &c)
	s, signal := outcome(r, sendErr, nil, 0, time.Now())
	a.proof = Proof{Content: c, Outcome: s.Outcome, Reason: s.Reason, ServerID: s.ServerID}
	err = l.desk.Store.EndProof(l.account, a.who, fmt.Sprintf("%s %s %s", c.Hash, s.Outcome, s.Reason))
	return 0, errors.Join(err, l.heed(signal, c.Kind, sendErr))
}

// asks looks whether somebody asks for a proof, between two messages.
func (l *lane) asks() {
	if l.asking != nil {
		return
	}
	select {
	case l.asking = <-l.asked:
	default:
	}
}

// rest waits as pause does, and also for somebody who asks for a proof.
func (l *lane) rest(ctx context.Context, d time.Duration, changed <-chan struct{}) {
	if l.asking != nil {
		pause(ctx, d, changed)
		return
	}
	l.asking = await(ctx, d, changed, l.asked)
}
