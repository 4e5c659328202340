package api

import (
	"cmp"
	"slices"
	"time"

	"chunfeng/store"
)

// Today is what runs and what needs a person now.
type Today struct {
	Waves []Progress `json:"waves"` // that are not at their end, and those that ended within a day; the newest first
	Needs []Need     `json:"needs"` // the newest first
}

// Need is one kind of thing that waits for a person.
type Need struct {
	What  string     `json:"what"` // approval, scan, account_stopped, unknown, failed, review, unbound, gap, paused, storage, disarmed, alert_account_out, alert_silent, alert_behind, alert_disk, alert_backup
	On    string     `json:"on"`   // the wave, account or schedule that it is about; empty: all of them
	Count int        `json:"count"`
	Why   string     `json:"why,omitempty"` // a key of the catalogue
	Since *time.Time `json:"since"`         // null where nobody knows
}

// recentWaves is how long a wave that ended stays on the page of the day.
const recentWaves = 24 * time.Hour

func (a *API) todayRoutes() {
	a.on(Read, "GET /v1/today", func(r request) (any, error) { return a.today(r.Caller) }).
		says("Answers what runs now and what needs a person.").answers(Today{})
}

func (a *API) today(c Caller) (Today, error) {
	out := Today{Waves: []Progress{}, Needs: []Need{}}
	need := func(what, on string, count int, why string, since time.Time) {
		if count > 0 {
			out.Needs = append(out.Needs, Need{what, on, count, why, a.moment(since)})
		}
	}
	if err := a.store.Down(); err != nil {
		need("storage", "", 1, "", time.Time{})
	}
	if a.store.Disarmed() != nil {
		need("disarmed", "", 1, "", time.Time{})
	}
	waves, err := a.store.Waves(false)
	if err != nil {
		return out, err
	}
	for _, w := range waves {
		if w.State == store.WaveDraft {
			need("approval", w.ID, 1, w.Why, w.CreatedAt)
		}
		if w.State == store.WavePaused {
			need("paused", w.ID, 1, w.Why, w.OpenedAt)
		}
		if c.County == "" {
			need("unknown", w.ID, w.Counts[store.Unknown], "", w.OpenedAt)
		} else if w.Counts[store.Unknown] > 0 {
			n, err := a.unknownIn(w, c.County)
			if err != nil {
				return out, err
			}
			need("unknown", w.ID, n, "", w.OpenedAt)
		}
		if w.State.Over() && time.Since(w.FinishedAt) < recentWaves {
			need("failed", w.ID, w.Counts[store.Failed], "", w.FinishedAt)
		}
		if w.State == store.WaveDraft || w.State.Over() && time.Since(w.FinishedAt) > recentWaves {
			continue
		}
		p, err := a.progress(c, w.ID)
		if err != nil {
			return out, err
		}
		out.Waves = append(out.Waves, p)
	}
	for _, look := range []func(Caller, func(what, on string, count int, why string, since time.Time)) error{
		a.schedulesNeed, a.accountsNeed, a.groupsNeed, a.repliesNeed, a.gapsNeed, a.alertsNeed,
	} {
		if err := look(c, need); err != nil {
			return out, err
		}
	}
	slices.SortStableFunc(out.Needs, func(x, y Need) int {
		switch {
		case x.Since == nil && y.Since == nil:
			return 0
		case x.Since == nil:
			return 1
		case y.Since == nil:
			return -1
		}
		return y.Since.Compare(*x.Since)
	})
	slices.SortStableFunc(out.Waves, func(x, y Progress) int { return cmp.Compare(y.ID, x.ID) })
	return out, nil
}

// unknownIn counts a wave's unknown deliveries in one county.
func (a *API) unknownIn(w store.Wave, county string) (n int, err error) {
	unknown := store.Unknown
	for f := (store.LogFilter{Wave: w.ID, Counties: []string{county}, State: &unknown, Limit: PageLimit}); ; {
		page, err := a.store.Log(f)
		if err != nil {
			return n, err
		}
		n += len(page.Rows)
		if page.Next == "" {
			return n, nil
		}
		f.Cursor = page.Next
	}
}

func (a *API) schedulesNeed(_ Caller, need func(what, on string, count int, why string, since time.Time)) error {
	all, err := a.store.Recurring()
	for _, s := range all {
		if s.State == "draft" {
			need("approval", s.ID, 1, "", s.CreatedAt)
		}
	}
	return err
}

func (a *API) accountsNeed(c Caller, need func(what, on string, count int, why string, since time.Time)) error {
	all, err := a.store.Accounts()
	for _, one := range all {
		if one.Removed || !c.Sees(one.County) && one.County != "" {
			continue
		}
		switch a.accountState(one, false) {
		case store.AccountWaitingScan:
			need("scan", one.Name, 1, one.Why, time.Time{})
		case store.AccountStopped:
			need("account_stopped", one.Name, 1, one.Why, one.LastInboundAt)
		}
	}
	return err
}

// groupsNeed counts groups that no account knows for certain.
func (a *API) groupsNeed(c Caller, need func(what, on string, count int, why string, since time.Time)) error {
	of, err := a.unbound.get([2]uint64{a.store.Registry()}, a.countUnbound)
	n := 0
	for county, some := range of {
		if c.Sees(county) {
			n += some
		}
	}
	need("unbound", "", n, "", time.Time{})
	return err
}

func (a *API) countUnbound() (map[string]int, error) {
	out := map[string]int{}
	return out, a.seenEach(0, func(g store.SeenGroup) bool {
		if g.State == store.GroupActive && !g.Bound() {
			out[g.County]++
		}
		return true
	})
}

// repliesNeed counts replies that wait for a decision.
func (a *API) repliesNeed(c Caller, need func(what, on string, count int, why string, since time.Time)) error {
	of, err := a.inReview.get([2]uint64{a.store.Waits(), a.store.Registry()}, a.store.Review)
	n, newest := 0, time.Time{}
	for county, some := range of {
		if !c.Sees(county) {
			continue
		}
		if n += some.Count; some.Newest.After(newest) {
			newest = some.Newest
		}
	}
	need("review", "", n, "", newest)
	return err
}

// openGap is a gap whose groups nobody read yet, and whose groups those are.
type openGap struct {
	from     time.Time
	counties map[string]bool
}

// gapsNeed counts gaps whose groups must be read by hand.
func (a *API) gapsNeed(c Caller, need func(what, on string, count int, why string, since time.Time)) error {
	all, err := a.gaps.get([2]uint64{a.store.Waits(), a.store.Registry()}, a.openGaps)
	n, newest := 0, time.Time{}
	for _, g := range all {
		if c.County != "" && !g.counties[c.County] {
			continue
		}
		if n++; g.from.After(newest) {
			newest = g.from
		}
	}
	need("gap", "", n, "", newest)
	return err
}

func (a *API) openGaps() ([]openGap, error) {
	all, err := a.store.Gaps(true)
	county := a.store.County()
	out := make([]openGap, 0, len(all))
	for _, g := range all {
		one := openGap{g.From, map[string]bool{}}
		for _, group := range g.Groups {
			one.counties[county(group)] = true
		}
		out = append(out, one)
	}
	return out, err
}
