package store

import (
	"fmt"
	"time"

	"chunfeng/templates/words"
)

// Claim makes a planned delivery Sending and writes its attempt, on disk when it returns. It is refused (words.Conflict)
// when the delivery is not planned any more or its wave does not run: pause, cancel and stop work between two messages.
// content is what will be sent, when that is no longer what was planned; pace is what the account's pacing must
// remember, in the same commit.
func (s *Store) Claim(d Delivery, content uint32, pace *Pace) (out Delivery, a Attempt, err error) {
	if r := s.Disarmed(); r != nil {
		return out, a, r
	}
	err = s.update(claims, func(t *txn) error {
		if out, err = t.delivery(d.Wave, d.Seq); err != nil {
			return err
		}
		if out.State != Planned || out.Account != d.Account || len(out.Attempts) != len(d.Attempts) {
			return words.Refuse("store.not_planned", t.name(out), out.State).Of(words.Conflict)
		}
		if d.Wave != Answers {
			w, err := t.wave(d.Wave)
			if err != nil {
				return err
			}
			if w.State != WaveRunning {
				return words.Refuse("store.wave_not_running", w.ID, w.State).Of(words.Conflict)
			}
		}
		if content != 0 {
			out.Content = content
		}
		a = Attempt{ClientID: t.s.nextClientID(), Account: out.Account, At: now(), Content: out.Content}
		out.Attempts = append(out.Attempts, a)
		if err := t.move(&out, Sending, ReasonNone); err != nil {
			return err
		}
		if err := t.set(bOpen, k32(out.Wave, out.Seq), nil); err != nil {
			return err
		}
		if pace != nil {
			return t.put(bPaces, key(pace.Account), pace)
		}
		return nil
	})
	return out, a, err
}

// nextClientID gives the next idempotency key: the time in units of 100 ns, as the web client makes it, and never twice.
func (s *Store) nextClientID() int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.clientID = max(s.clientID+1, time.Now().UnixNano()/100)
	return s.clientID
}

// Settlement is what became of an attempt.
type Settlement struct {
	Outcome  Outcome
	Reason   Reason
	ServerID string
	Detail   string    // the error's text
	After    time.Time // NotSent: not again before
}

// Settle ends an attempt: Taken makes the delivery Accepted, NotSent Planned again, Refused Failed, NotKnown Unknown. It
// is tried until the disk takes it. An attempt that is already ended is refused.
func (s *Store) Settle(wave, seq uint32, clientID int64, r Settlement) (d Delivery, err error) {
	err = s.update(outcomes, func(t *txn) error {
		if d, err = t.delivery(wave, seq); err != nil {
			return err
		}
		n := len(d.Attempts) - 1
		if d.State != Sending || n < 0 || d.Attempts[n].ClientID != clientID {
			return words.Refuse("store.not_sending", t.name(d), d.State).Of(words.Conflict)
		}
		a := &d.Attempts[n]
		a.Ended, a.Outcome, a.Reason, a.ServerID, a.Detail = now(), r.Outcome, r.Reason, r.ServerID, clip(r.Detail, 200)
		if err := t.del(bOpen, k32(wave, seq)); err != nil {
			return err
		}
		to := Unknown
		switch r.Outcome {
		case Taken:
			to = Accepted
		case NotSent:
			to, d.After = Planned, r.After
		case Refused:
			to = Failed
		}
		return t.move(&d, to, r.Reason)
	})
	return d, err
}

func clip(s string, n int) string {
	if len(s) > n {
		return s[:n]
	}
	return s
}

// Skip decides before the wire that a planned delivery is not sent.
func (s *Store) Skip(wave, seq uint32, why Reason) error {
	return s.update(claims, func(t *txn) error {
		d, err := t.delivery(wave, seq)
		if err != nil {
			return err
		}
		return t.move(&d, Skipped, why)
	})
}

// Defer has a planned delivery wait, or hands it to another account, or both.
func (s *Store) Defer(wave, seq uint32, account string, until time.Time, why Reason) error {
	return s.update(claims, func(t *txn) error {
		d, err := t.delivery(wave, seq)
		if err != nil {
			return err
		}
		if d.State != Planned {
			return words.Refuse("store.not_planned", t.name(d), d.State).Of(words.Conflict)
		}
		if account == "" {
			account = d.Account
		}
		return t.postpone(&d, account, until, why)
	})
}

// postpone puts a planned delivery into the queue of an account, its own or another.
func (t *txn) postpone(d *Delivery, account string, until time.Time, why Reason) error {
	if err := t.leaveQueue(d); err != nil {
		return err
	}
	if account != d.Account {
		if err := t.countLane(*d, -1); err != nil {
			return err
		}
		d.Account = account
		if err := t.countLane(*d, +1); err != nil {
			return err
		}
	}
	d.After = until
	return t.move(d, Planned, why)
}

// Confirm makes Sent what was accepted or unknown, on evidence that it arrived. serverID is kept when the attempt had
// none. What is not in one of the two states is left as it is.
func (s *Store) Confirm(wave, seq uint32, serverID string, why Reason) error {
	return s.update(outcomes, func(t *txn) error {
		d, err := t.delivery(wave, seq)
		if err != nil || d.State != Accepted && d.State != Unknown {
			return err
		}
		if a := &d.Attempts[len(d.Attempts)-1]; a.ServerID == "" {
			a.ServerID = serverID
		}
		return t.move(&d, Sent, why)
	})
}

// Retract takes back an acceptance that the platform contradicted: the delivery waits again until after, or is Failed
// when after is zero. What is no longer Accepted is left as it is.
func (s *Store) Retract(wave, seq uint32, why Reason, after time.Time) (done bool, err error) {
	err = s.update(outcomes, func(t *txn) error {
		done = false
		d, err := t.delivery(wave, seq)
		if err != nil || d.State != Accepted {
			return err
		}
		a := &d.Attempts[len(d.Attempts)-1]
		a.Outcome, a.Reason = TakenBack, why
		to := Failed
		if !after.IsZero() {
			to, d.After = Planned, after
		}
		done = true
		return t.move(&d, to, why)
	})
	return done, err
}

// Contradict makes Unknown what WeChat said did not arrive, when that was said too late or too vaguely to send it again: a
// person looks. It concerns what is Accepted, and what is Sent for no better reason than that nobody contradicted; an echo and
// a person's word stand. done is false for all else, which is left as it is. id is the delivery as people call it.
func (s *Store) Contradict(wave, seq uint32, why Reason) (id string, done bool, err error) {
	err = s.update(outcomes, func(t *txn) error {
		done = false
		d, err := t.delivery(wave, seq)
		if err != nil || !d.Contestable() {
			return err
		}
		id, done = t.name(d), true
		return t.move(&d, Unknown, why)
	})
	return id, done, err
}

// Contestable tells whether nothing but the server's id says that a delivery arrived.
func (d Delivery) Contestable() bool {
	return d.State == Accepted || d.State == Sent && d.Reason == ReasonNone
}

// MarkRecalled records that WeChat took a message back.
func (s *Store) MarkRecalled(wave, seq uint32, who string) (d Delivery, err error) {
	err = s.update(outcomes, func(t *txn) error {
		if d, err = t.delivery(wave, seq); err != nil {
			return err
		}
		if err := t.move(&d, Recalled, ReasonNone); err != nil {
			return err
		}
		return t.audit(who, "delivery.recall", t.name(d), "")
	})
	return d, err
}

// Resolve is a person's decision about a delivery whose outcome is unknown, or that failed: it was sent, it failed, or it
// is to be sent again, unless its wave was cancelled. as is Sent, Failed or Planned.
func (s *Store) Resolve(wave, seq uint32, as State, why, who string) (d Delivery, err error) {
	err = s.update(housekeeping, func(t *txn) error {
		if d, err = t.delivery(wave, seq); err != nil {
			return err
		}
		if d.State != Unknown && d.State != Failed || as != Sent && as != Failed && as != Planned {
			return words.Refuse("store.not_unknown", t.name(d), d.State, as).Of(words.Conflict)
		}
		if d.State == as {
			return words.Refuse("store.not_unknown", t.name(d), d.State, as).Of(words.Conflict)
		}
		if as == Planned && d.Wave != Answers {
			w, err := t.wave(d.Wave)
			if err != nil {
				return err
			}
			if w.State == WaveCancelled {
				return words.Refuse("store.wave_move", w.ID, w.State, WaveRunning).Of(words.Conflict)
			}
		}
		d.Note, d.After = why, time.Time{}
		if err := t.move(&d, as, ReasonResolved); err != nil {
			return err
		}
		return t.audit(who, "delivery.resolve", t.name(d), as.String()+": "+why)
	})
	return d, err
}

// RetryFailed makes every failed delivery of a wave planned again, and answers how many.
func (s *Store) RetryFailed(id, who string) (total int, err error) {
	for {
		n := 0
		err = s.update(housekeeping, func(t *txn) error {
			n = 0
			wave, err := t.waveNumber(id)
			if err != nil {
				return err
			}
			w, err := t.wave(wave)
			if err != nil {
				return err
			}
			if w.State == WaveCancelled {
				return words.Refuse("store.wave_move", w.ID, w.State, WaveRunning).Of(words.Conflict)
			}
			rows, err := t.marked(wave, Failed, nil, 1000)
			if err != nil {
				return err
			}
			for _, d := range rows {
				d.After = time.Time{}
				if err := t.move(&d, Planned, ReasonRetried); err != nil {
					return err
				}
				n++
			}
			t.wakes()
			if n == 0 {
				return nil
			}
			return t.audit(who, "wave.retry", id, fmt.Sprintf("%d failed deliveries", n))
		})
		total += n
		if err != nil || n < 1000 {
			return total, err
		}
	}
}
