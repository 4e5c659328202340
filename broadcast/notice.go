package broadcast

import (
	"slices"
	"time"

	"chunfeng/store"
	"chunfeng/templates/words"
)

// Notice is what WeChat says in a group's chat when it does not deliver what it accepted there a moment before: that messages
// are sent too often. It names no message.
type Notice struct {
	Account string
	Group   uint32
	Heard   time.Time // when the account was brought it, by this machine's clock
	Said    time.Time // when it was said, by the server's clock, in seconds; zero when that is not known
}

const (
	// noticeSlack is by how much the clocks of the machine and of the server may differ for a notice to find its message.
	noticeSlack = 5 * time.Second
	// noticeLate is how long after it was said a notice is still heard at once.
	noticeLate = time.Minute
)

// TooOften is told by an account of such a notice. The account cools down. The message waits for the end of that, or is Failed
// when it was taken back before. When the notice comes too late for that, for a session may bring nothing for hours, or when
// it can be about more than one message, what it can be about is Unknown: to send it again would be a guess.
func (d *Dispatcher) TooOften(n Notice) error {
	about, sure, err := d.about(n)
	if err != nil {
		return err
	}
	kind := store.Text
	if len(about) > 0 && about[0].Kind != "" {
		kind = about[0].Kind
	}
	until := time.Now().Add(d.desk.Again)
	if l := d.lane(n.Account); l != nil {
		if until, err = l.tooOften(kind, 0); err != nil {
			return err
		}
	}
	for _, one := range about {
		if sure && one.State == store.Accepted {
			// The platform contradicts an acceptance: once more after the cool-down, and no third time.
			if slices.ContainsFunc(one.Attempts, func(a store.Attempt) bool { return a.Outcome == store.TakenBack }) {
				until = time.Time{}
			}
			if done, err := d.desk.Store.Retract(one.Wave, one.Seq, store.ReasonTooOften, until); err != nil || done {
				return err
			}
		}
		id, done, err := d.desk.Store.Contradict(one.Wave, one.Seq, store.ReasonTooOften)
		if err != nil {
			return err
		}
		if done {
			d.desk.Event(Event{Account: n.Account, Alert: true, What: words.T("broadcast.contradicted", n.Account, id)})
		}
	}
	return nil
}

// about lists what a notice can be about, and tells whether it is about that for certain.
func (d *Dispatcher) about(n Notice) (list []store.Delivery, sure bool, err error) {
	met := false
	if !n.Said.IsZero() {
		list, met, err = d.contested(n, n.Said.Add(-store.NoticeWithin-noticeSlack), n.Said.Add(noticeSlack))
	}
	late := n.Heard.Sub(n.Said).Abs() > noticeLate
	if err == nil && !met {
		// The server's clock is of no help.
		list, _, err = d.contested(n, n.Heard.Add(-store.NoticeWithin-noticeLate), n.Heard)
		return list, len(list) == 1 && (n.Said.IsZero() || !late), err
	}
	return list, len(list) == 1, err
}

// contested lists the deliveries of a notice's account to its group that were accepted at a time and that nothing else proves
// to have arrived; met tells whether anything was on the wire to the group then.
func (d *Dispatcher) contested(n Notice, from, to time.Time) (list []store.Delivery, met bool, err error) {
	all, err := d.desk.Store.AcceptedSince(n.Account, n.Group, from)
	if err != nil {
		return nil, false, err
	}
	history, err := d.desk.Store.History(n.Group, from)
	if err != nil {
		return nil, false, err
	}
	// Answers to residents are among the accepted alone.
	all = slices.DeleteFunc(all, func(one store.Delivery) bool { return one.Wave != store.Answers })
	for _, one := range append(all, history...) {
		for i, a := range one.Attempts {
			if a.Account != n.Account || a.At.After(to) || a.Ended.Before(from) {
				continue
			}
			met = true
			if i == len(one.Attempts)-1 && one.Contestable() {
				list = append(list, one)
			}
		}
	}
	return list, met, nil
}
