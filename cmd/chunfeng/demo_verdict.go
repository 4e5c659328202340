package main

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"chunfeng/bot/phone"
	"chunfeng/bot/wxsim"
	"chunfeng/store"
)

// verdict holds what the ledger says against what really arrived.
type verdict struct {
	arrivals  int      // messages that reached a group
	accounted int      // of these, those that the ledger calls sent, accepted, recalled or unknown
	doubles   int      // groups that got one part of one wave more than once
	wrong     []string // each disagreement, at most twenty of them
	disagree  int

	said, found, missed, misread, invented, toPerson int      // sign-ups
	inGap                                            int      // said while nobody listened, and the ledger knows it
	outOfReach                                       int      // said in a group that the ledger shows as lost to every account
	unheard                                          []string // the labelled messages whose sign-up was missed
}

func (v *verdict) fault(format string, args ...any) {
	if v.disagree++; len(v.wrong) < 20 {
		v.wrong = append(v.wrong, fmt.Sprintf(format, args...))
	}
}

// judge walks through every delivery of the ledger and every arrival that the witness saw. The laws are those of the
// ledger: sent arrived once; failed, skipped, cancelled and planned did not arrive; unknown arrived at most once; nothing
// arrived that no attempt accounts for, or in another group than the attempt's.
func judge(s *store.Store, arrivals []wxsim.Arrival) (*verdict, error) {
	v := &verdict{arrivals: len(arrivals)}
	byKey := map[int64][]wxsim.Arrival{}
	for _, a := range arrivals {
		n, err := strconv.ParseInt(a.ClientMsgID, 10, 64)
		if err != nil {
			v.fault("a message in %s has the key %q", a.Group, a.ClientMsgID)
			continue
		}
		byKey[n] = append(byKey[n], a)
	}
	codes := map[uint32]string{}
	if err := s.EachGroup(func(g store.Group) bool { codes[g.Number] = g.Code; return true }); err != nil {
		return nil, err
	}
	waves, err := s.Waves(false)
	if err != nil {
		return nil, err
	}
	for _, n := range append([]store.Wave{{Number: store.Answers, ID: store.AnswersID}}, waves...) {
		if err := v.wave(s, n, codes, byKey); err != nil {
			return nil, err
		}
	}
	for key, left := range byKey {
		v.fault("%d arrivals in %s under the key %d, which no attempt in the ledger has", len(left), left[0].Group, key)
	}
	return v, nil
}

func (v *verdict) wave(s *store.Store, w store.Wave, codes map[uint32]string, byKey map[int64][]wxsim.Arrival) error {
	type place struct {
		group uint32
		part  uint8
	}
	arrived := map[place]int{}
	for f := (store.Filter{Start: true, Limit: 1000}); ; {
		page, err := s.Deliveries(w.Number, f)
		if err != nil {
			return err
		}
		for _, d := range page.Deliveries {
			id, n := store.DeliveryID(w.ID, d.Seq), 0
			for _, a := range d.Attempts {
				for _, x := range byKey[a.ClientID] {
					n++
					if x.Group != codes[d.Group] {
						v.fault("%s is for %s and arrived in %s", id, codes[d.Group], x.Group)
					}
				}
				delete(byKey, a.ClientID)
			}
			arrived[place{d.Group, d.Part}] += n
			switch d.State {
			case store.Sent, store.Accepted, store.Recalled:
				v.accounted += n
				if n != 1 {
					v.fault("%s is %s and arrived %d times", id, d.State, n)
				}
			case store.Unknown:
				v.accounted += n
				if n > 1 {
					v.fault("%s is unknown and arrived %d times", id, n)
				}
			default:
				if n != 0 {
					v.fault("%s is %s (%s) and arrived %d times", id, d.State, d.Reason, n)
				}
			}
		}
		if !page.More {
			break
		}
		f.After, f.Start = page.Next, false
	}
	if w.Number == store.Answers {
		return nil // a group may well be answered more than once
	}
	for p, n := range arrived {
		if n > 1 {
			v.doubles++
			v.fault("%s got part %d of wave %s %d times", codes[p.group], p.part, w.ID, n)
		}
	}
	return nil
}

// listen holds the sign-ups of the ledger against what residents really said. A person's number that waits for a person
// to decide is neither found nor missed; nor is what nobody could hear, if two agree on it: the ledger, which shows the group
// as out of reach since before it was said, and the witness, who tells with empty that no account is in the group.
func (v *verdict) listen(s *store.Store, said []expectation, empty func(group string) bool) error {
	waiting := map[string]bool{}
	review, err := s.Replies(true, 0, 10_000)
	if err != nil {
		return err
	}
	for _, r := range review {
		for _, f := range phone.Scan(string(r.Raw)) {
			waiting[f.Number.Reveal()] = true
		}
	}
	wanted := map[string][]string{}
	from := map[string]expectation{}
	gaps, err := gapsByGroup(s)
	if err != nil {
		return err
	}
	reach, err := reachOf(s)
	if err != nil {
		return err
	}
	forget := map[string]bool{}
	for _, e := range said {
		for _, p := range e.people {
			if e.intent == "withdrawal" {
				forget[p.phone] = true
			}
			if e.intent == "signup" {
				wanted[p.phone] = append(wanted[p.phone], p.vacancies...)
				from[p.phone] = e
			}
		}
	}
	got := map[string][]string{}
	if err := s.EachSignup(func(n store.Signup) bool {
		if n.Status != store.SignupWithdrawn {
			got[n.Phone.Reveal()] = append(got[n.Phone.Reveal()], n.Vacancies...)
		}
		return true
	}); err != nil {
		return err
	}
	for p, codes := range wanted {
		if forget[p] {
			continue
		}
		v.said++
		g, there := got[p]
		switch {
		case !there && waiting[p]:
			v.toPerson++
		case !there && gaps.cover(from[p]):
			v.inGap++
		case !there && reach.lost(from[p]) && empty(from[p].group):
			v.outOfReach++
		case !there:
			v.missed++
			v.unheard = append(v.unheard, from[p].id)
		case !sameCodes(g, codes):
			v.misread++
		default:
			v.found++
		}
	}
	for p := range got {
		if _, ok := wanted[p]; !ok {
			v.invented++
		}
	}
	return nil
}

// gapTable is when nobody listened to a group, by the ledger's own account.
type gapTable map[string][]store.Gap

func gapsByGroup(s *store.Store) (gapTable, error) {
	out := gapTable{}
	all, err := s.Gaps(false)
	if err != nil {
		return nil, err
	}
	for _, g := range all {
		for _, n := range g.Groups {
			group, err := s.GroupNumber(n)
			if err != nil {
				return nil, err
			}
			out[group.Code] = append(out[group.Code], g)
		}
	}
	return out, nil
}

// slack is how far the clock of what was said and the clock of the gap may lie apart: a gap begins when the session's end
// is noticed, and ends when its groups are known again.
const slack = 2 * time.Second

// cover tells whether something was said in a gap that the ledger shows: then its group is on the list of those to be read
// by hand.
func (t gapTable) cover(e expectation) bool {
	for _, g := range t[e.group] {
		if e.at.After(g.From.Add(-slack)) && (g.To.IsZero() || e.at.Before(g.To.Add(slack))) {
			return true
		}
	}
	return false
}

// reachTable is, by the ledger's own account, whether an account is in a group, and since when each of them is not any more.
type reachTable map[string]struct {
	heard bool
	gone  time.Time // when the last of them was told; zero: none was
}

func reachOf(s *store.Store) (reachTable, error) {
	out := reachTable{}
	accounts, err := s.Accounts()
	if err != nil {
		return nil, err
	}
	for _, a := range accounts {
		all, err := s.Bindings(a.Name)
		if err != nil {
			return nil, err
		}
		for _, b := range all {
			group, err := s.GroupNumber(b.Group)
			if err != nil {
				return nil, err
			}
			at := out[group.Code]
			switch {
			case b.State == store.Bound:
				at.heard = true
			case b.State == store.Gone && b.At.After(at.gone):
				at.gone = b.At
			}
			out[group.Code] = at
		}
	}
	return out, nil
}

// lost tells that something was said in a group when the ledger showed it as out of every account's reach.
func (t reachTable) lost(e expectation) bool {
	at := t[e.group]
	return !at.heard && !at.gone.IsZero() && e.at.After(at.gone.Add(-slack))
}

func sameCodes(a, b []string) bool {
	sorted := func(s []string) []string { s = slices.Clone(s); slices.Sort(s); return slices.Compact(s) }
	return slices.Equal(sorted(a), sorted(b))
}
