package signup

import (
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"chunfeng/bot/phone"
	"chunfeng/store"
)

// Reasons for a person to look that do not come from the words alone.
const (
	reviewGroupUnknown Review = "group_unknown"    // said in a group that no session could name
	reviewNoGroup      Review = "private"          // said to the account itself, in no group
	reviewQuestion     Review = "question"         // asks something that only staff can answer
	reviewTooMany      Review = "too_many"         // the group had its answers for the hour
	reviewMaybeNo      Review = "maybe_withdrawal" // somebody who signed up says something like no
)

// dispose decides what becomes of a reply.
func (r *Registrar) dispose(reply store.Reply, in Inbound, group uint32) (store.Disposition, error) {
	d := store.Disposition{State: store.ReplyNoise, Group: group, Sender: in.Sender, Said: in.At}
	if in.IsSelf || in.Sort == SystemSort || in.Sort == StatusSort {
		d.State = store.ReplyNotice
		return d, nil
	}
	// A message taken back is left as it was read: residents take their number back from the eyes of the group, not from
	// the bureau. Who wants to be forgotten says so.
	if in.Sort == RecallSort {
		return d, nil
	}
	if own, err := r.ours(in); own || err != nil {
		d.State = store.ReplyNotice
		return d, err
	}
	tellings, err := r.shelf.tellings(group, reply.At.Add(-r.o.Told))
	if err != nil {
		return d, err
	}
	told, err := r.shelf.told(tellings)
	if err != nil {
		return d, err
	}
	reading := copied(in, Interpret(in, told))
	// A sign-up is there once whoever brings it, and a withdrawal is found by the session that heard the sign-up; all else
	// was dealt with when the first account brought it.
	if r.twins.again(reply, group, in) && reading.Intent != Withdrawal && len(reading.People) == 0 {
		d.State = store.ReplyNotice
		return d, nil
	}
	// What a group was told is not known without the group: a number said there is for a person to place.
	if group == 0 && (reading.Intent != Noise || in.Room != "" && len(phone.Scan(in.Text)) > 0) && reading.Review != ReviewMinor {
		reading.Review = reviewGroupUnknown
		if in.Room == "" {
			reading.Review = reviewNoGroup
		}
	}
	// A code and a number in a group that was told nothing: it was read in another group, and somebody means it.
	if reading.Intent == Noise && reading.Review == "" && len(told.Vacancies) == 0 && likeCode.MatchString(in.Text) && len(phone.Scan(in.Text)) > 0 {
		reading.Review = ReviewNothingTold
	}
	if reading.Intent == Noise && reading.Review == "" && soundsLikeNo(in.Text) {
		of, err := r.ofMember(reply, group, in.Sender)
		if err != nil {
			return d, err
		}
		if len(of) > 0 {
			reading.Review = reviewMaybeNo
		}
	}
	return r.carryOut(reply, d, reading, tellings)
}

// carryOut turns a reading into what is written and answered. A person's decision takes the same road.
func (r *Registrar) carryOut(reply store.Reply, d store.Disposition, reading Reading, tellings []telling) (store.Disposition, error) {
	d.Intent, d.State = reading.Intent.String(), store.ReplyDone
	switch {
	case reading.Intent == Noise:
		d.State = store.ReplyNoise
		if reading.Review == ReviewMinor {
			d.Intent = string(ReviewMinor)
		} else if reading.Review != "" {
			d.State, d.Review = store.ReplyReview, string(reading.Review)
		}
		return d, nil
	case reading.Review == ReviewNoNumber || reading.Review == ReviewUnfinished:
		return r.askNumber(reply, d, reading)
	case reading.Review != "" && reading.Review != ReviewAlsoAsks:
		d.State, d.Review = store.ReplyReview, string(reading.Review)
		return d, nil
	}
	switch reading.Intent {
	case Signup:
		if reading.Review == ReviewAlsoAsks {
			d.State, d.Review = store.ReplyReview, string(reading.Review)
		}
		return r.signUp(reply, d, reading, tellings)
	case Withdrawal:
		return r.withdraw(reply, d, reading)
	case OptOut:
		if d.OptOut = d.Group != 0; d.OptOut && d.Decided == "" {
			d.State, d.Review = store.ReplyReview, store.AsksOut
			return d, nil
		}
		return r.answerOptOut(reply, d)
	default:
		return r.answerQuestion(reply, d, reading, tellings)
	}
}

// signUp registers the people, each against the batch of the vacancies named, else the newest batch told.
func (r *Registrar) signUp(reply store.Reply, d store.Disposition, reading Reading, tellings []telling) (store.Disposition, error) {
	for _, p := range reading.People {
		for _, batch := range batchesOf(p.Vacancies, tellings) {
			n := store.Signup{Group: d.Group, Name: p.Name, Phone: p.Phone, Batch: batch}
			for _, code := range p.Vacancies {
				if store.CodeOfBatch(code) == batch {
					n.Vacancies = append(n.Vacancies, code)
				}
			}
			from := newestOf(tellings, batch)
			n.Wave, n.Seq = from.Wave, from.Seq
			d.Signups = append(d.Signups, n)
		}
	}
	return r.acknowledge(reply, d)
}

// batchesOf answers the batches of the codes, or the newest batch told when there are none.
func batchesOf(codes []string, tellings []telling) (out []string) {
	for _, code := range codes {
		if b := store.CodeOfBatch(code); !slices.Contains(out, b) {
			out = append(out, b)
		}
	}
	if len(out) > 0 {
		return out
	}
	for _, t := range tellings {
		if t.content.Batch != "" {
			return []string{t.content.Batch}
		}
	}
	return []string{""}
}

// withdraw finds what is taken back: the sign-ups of the numbers given, else those of the same member in this session's
// group. What names vacancies takes back those only.
func (r *Registrar) withdraw(reply store.Reply, d store.Disposition, reading Reading) (_ store.Disposition, err error) {
	var found []store.Signup
	for _, p := range reading.People {
		of, err := r.o.Store.SignupsByPhone(p.Phone)
		if err != nil {
			return d, err
		}
		for _, n := range of {
			if n.Group == d.Group || d.Group == 0 || d.Decided != "" {
				found = append(found, n)
			}
		}
	}
	if len(reading.People) == 0 {
		of, err := r.ofMember(reply, d.Group, d.Sender)
		if err != nil {
			return d, err
		}
		found = of
	}
	for _, n := range found {
		if len(reading.Vacancies) == 0 || slices.ContainsFunc(n.Vacancies, func(c string) bool { return slices.Contains(reading.Vacancies, c) }) {
			d.Withdraw = append(d.Withdraw, n.Number)
		}
	}
	if len(d.Withdraw) == 0 {
		d.State, d.Review = store.ReplyReview, string(ReviewWhichUnclear)
		return d, nil
	}
	if reading.Erase {
		if d.Erase, err = r.erasures(found); err != nil {
			return d, err
		}
		d.Withdraw = nil
	}
	return r.answerWithdrawn(reply, d)
}

// erasures are the people of sign-ups, to be erased everywhere: who has a sign-up in the group that asks, by number or as the
// member who wrote it, is taken for the one whose it is, as with a withdrawal.
func (r *Registrar) erasures(of []store.Signup) (out []store.Erasure, err error) {
	var done []phone.Number
	for _, n := range of {
		if n.Phone.IsZero() || slices.Contains(done, n.Phone) {
			continue
		}
		done = append(done, n.Phone)
		e, err := r.o.Store.Look(store.Erasure{Phone: n.Phone, Holds: Holds(n.Phone), Why: "asked for in the group"})
		if err != nil {
			return nil, err
		}
		out = append(out, e)
	}
	return out, nil
}

// Holds answers a test whether a raw message holds a number, in whatever spelling, in its words or in what it quotes.
func Holds(p phone.Number) func(raw []byte) bool {
	return func(raw []byte) bool {
		texts := []string{string(raw)}
		if in, err := Decode(raw, ""); err == nil {
			texts = append(texts, in.Text)
			if in.Quote != nil {
				texts = append(texts, in.Quote.Text)
			}
		}
		for _, text := range texts {
			for _, f := range phone.Scan(text) {
				if f.Number.Equal(p) {
					return true
				}
			}
		}
		return false
	}
}

// ofMember lists the sign-ups of the member who wrote a reply, among the newest of the group. A session's name for a member
// means nothing in the next one: what he wrote before it is not found.
func (r *Registrar) ofMember(reply store.Reply, group uint32, sender string) (out []store.Signup, err error) {
	if group == 0 || sender == "" {
		return nil, nil
	}
	of, err := r.o.Store.SignupsOfGroup(group, 200)
	if err != nil {
		return nil, err
	}
	for _, n := range of {
		from, err := r.o.Store.Reply(n.Reply)
		if err != nil {
			return nil, err
		}
		if from.Sender == sender && from.Epoch == reply.Epoch && n.Status != store.SignupWithdrawn {
			out = append(out, n)
		}
	}
	return out, nil
}

// noWords are stems of not wanting, in Korean and Chinese. Somebody who signed up and then says one of them may be taking
// it back in words that the interpreter does not know: that is for a person, not for the bin.
var noWords = []string{"안 ", "안가", "안하", "않", "못", "빼", "지우", "지워", "삭제", "포기", "그만", "말아", "없던", "不", "别", "删", "撤", "退", "算了", "取消"}

// likeCode is a vacancy's code as it stands in a message.
var likeCode = regexp.MustCompile(`(?i)\b[a-z]{1,2}[ -]?[0-9]{3}\b`)

// longTalk is the length in runes above which talk is no withdrawal.
const longTalk = 60

func soundsLikeNo(text string) bool {
	return utf8.RuneCountInString(text) <= longTalk && slices.ContainsFunc(noWords, func(w string) bool { return strings.Contains(text, w) })
}

// Decision is what a person makes of a doubtful reply.
type Decision struct {
	As        Intent
	People    []Person // Signup, Withdrawal: instead of those that were read
	Vacancies []string // instead of those that were read
	Note      string
}

// Decide carries out a person's decision about a reply, as if it had been read so.
func (r *Registrar) Decide(number uint64, c Decision, who string) (store.Disposition, error) {
	reply, err := r.o.Store.Reply(number)
	if err != nil {
		return store.Disposition{}, err
	}
	in, err := Decode(reply.Raw, "")
	if err != nil {
		in = Inbound{}
	}
	tellings, err := r.shelf.tellings(reply.Group, reply.At.Add(-r.o.Told))
	if err != nil {
		return store.Disposition{}, err
	}
	told, err := r.shelf.told(tellings)
	if err != nil {
		return store.Disposition{}, err
	}
	reading := Interpret(in, told)
	reading.Intent, reading.Review = c.As, ""
	if len(c.People) > 0 {
		reading.People = c.People
	}
	if len(c.Vacancies) > 0 {
		reading.Vacancies = c.Vacancies
		for i := range reading.People {
			reading.People[i].Vacancies = c.Vacancies
		}
	}
	d := store.Disposition{Group: reply.Group, Sender: in.Sender, Said: in.At, Decided: who, Note: phone.Hide(c.Note)}
	if c.As == Signup && len(reading.People) == 0 {
		return d, errNoNumber(number)
	}
	if d, err = r.carryOut(reply, d, reading, tellings); err != nil {
		return d, err
	}
	if d.State == store.ReplyReview { // nothing to take back, nothing to answer: it is decided all the same
		d.State, d.Review = store.ReplyDone, ""
	}
	fresh, err := r.o.Store.Register(number, d)
	if err != nil {
		return d, err
	}
	for _, n := range fresh {
		if n.Notice == "" && r.o.Acknowledge != None {
			r.manners.owe(n, reply.Account, time.Now())
		}
	}
	d.Signups = fresh
	return d, nil
}
