package api

import (
	"fmt"
	"strings"
	"time"

	"chunfeng/bot/phone"
	"chunfeng/store"
	"chunfeng/templates/words"
)

// Affected is who is affected by a breach of this installation since a time.
type Affected struct {
	Since    *time.Time       `json:"since"`
	People   int              `json:"people"`   // whose number was kept at some time since, and still is
	Signups  int              `json:"signups"`  // theirs
	Shown    int              `json:"shown"`    // of these, whose number was shown or handed out since
	Erased   int              `json:"erased"`   // sign-ups that were erased since: who that was is not known any more
	Messages int              `json:"messages"` // messages whose words are kept
	List     []AffectedPerson `json:"list"`
}

// AffectedPerson is one of those. Phone is masked unless it was asked for with a purpose.
type AffectedPerson struct {
	Signup string     `json:"signup"` // the first of them
	At     *time.Time `json:"at"`     // since when it is kept
	Name   string     `json:"name"`
	Phone  string     `json:"phone"`
	Group  string     `json:"group"`
	County string     `json:"county"`
	Shown  int        `json:"shown"` // how often it was shown or handed out since
}

func (a *API) affectedRoutes() {
	a.on(Privacy, "GET /v1/subject/affected", func(r request) (any, error) { return a.affected(r, false) }).
		says("Tells whose numbers were kept at some time since, masked: whom a breach concerns.").
		needs("since", "a day, or a day and a time").answers(Affected{})
	a.on(Privacy, "POST /v1/subject/affected", func(r request) (any, error) {
		var in Handover
		if err := r.json(&in); err != nil {
			return nil, err
		}
		if err := in.check(); err != nil {
			return nil, err
		}
		if !r.May(Reveal) {
			return nil, words.Refuse("cmd.no_right", r.Name, words.T("right."+string(Reveal))).Of(words.Forbidden)
		}
		var numbers []uint64
		if err := a.store.EachSignup(func(n store.Signup) bool {
			if !n.Phone.IsZero() {
				numbers = append(numbers, n.Number)
			}
			return true
		}); err != nil {
			return nil, err
		}
		if err := a.store.Revealed("affected", fmt.Sprintf("%s (%d)", in, len(numbers)), r.Name, numbers...); err != nil {
			return nil, err
		}
		return a.affected(r, true)
	}).fresh().says("Tells whose numbers were kept at some time since, in full. Who asks, and what for, is logged first.").
		needs("since", "a day, or a day and a time").takes(Handover{}).answers(Affected{})
}

// affected lists by person: whoever reads the store at a moment reads whatever is in it then, so everybody who is kept now and
// whoever was erased since is concerned, however long ago the number came.
func (a *API) affected(r request, reveal bool) (Affected, error) {
	out := Affected{List: []AffectedPerson{}}
	if r.County != "" {
		return out, words.Refuse("subject.whole_prefecture").Of(words.Forbidden)
	}
	since, err := a.since(r.URL.Query().Get("since"))
	if err != nil {
		return out, err
	}
	out.Since = a.moment(since)
	t, at, failed := a.tracer(), map[phone.Number]int{}, error(nil)
	err = a.store.EachSignup(func(n store.Signup) bool {
		if n.Status == store.SignupWithdrawn {
			if n.Updated.After(since) {
				out.Erased++
			}
			return true
		}
		out.Signups++
		lines, err := a.store.Shown(n.Number)
		if err != nil {
			failed = err
			return false
		}
		shown := 0
		for _, e := range lines {
			if e.At.After(since) {
				shown++
			}
		}
		i, known := at[n.Phone]
		if !known {
			v := a.viewSignup(n, t, reveal)
			i, at[n.Phone] = len(out.List), len(out.List)
			out.List = append(out.List, AffectedPerson{v.ID, v.At, v.Name, v.Phone, v.Group, v.County, 0})
		}
		out.List[i].Shown += shown
		return true
	})
	if err == nil {
		err = failed
	}
	if err != nil {
		return out, err
	}
	out.People = len(out.List)
	for _, one := range out.List {
		if one.Shown > 0 {
			out.Shown++
		}
	}
	return out, a.store.EachMessage(func(store.Reply) bool { out.Messages++; return true })
}

// since reads a day, or a day and a time, in the bureau's time zone.
func (a *API) since(s string) (time.Time, error) {
	for _, form := range []string{"2006-01-02", "2006-01-02 15:04", "2006-01-02T15:04", time.RFC3339} {
		if t, err := time.ParseInLocation(form, strings.TrimSpace(s), a.Config().Zone); err == nil {
			return t, nil
		}
	}
	return time.Time{}, words.Refuse("subject.bad_since", s).Of(words.Usage)
}
