package broadcast

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"hash"
	"maps"
	"slices"
	"time"

	"chunfeng/store"
	"chunfeng/templates"
	"chunfeng/templates/place"
	"chunfeng/templates/words"
)

// Planner works out what a wave would be. It writes nothing.
type Planner struct {
	Store      *store.Store
	Templates  func() (*templates.Set, error) // those in force
	Bureau     templates.Text                 // who speaks; empty: the template's own words
	Kept       int                            // days for which a sign-up is kept; 0: not said
	Zone       *time.Location                 // of days
	Pacing     Pacing
	Quiet      Quiet    // but for the days of the ledger's calendar: see Calendar
	GroupDaily int      // broadcasts a group and day; 0: no limit
	Posters    *Posters // draws them; nil: each one anew each time
}

// defaultTemplate is what a plan says when it does not say which.
const defaultTemplate = "digest"

// target is one group of a plan, as little of it as a million of them allow.
type target struct {
	group   uint32
	digest  int32 // of the composer; none when the plan has no texts
	picture int16 // of the composer; none when the plan has no posters
	account int16 // of the plan; -1: none
	county  uint8
	skip    uint8 // of skips; 0: none
	canary  bool
	bound   bool
	later   bool // its day is full: see Test
}

// skips are the reasons for which a plan leaves a group out.
var skips = [...]store.Reason{1: store.ReasonGroupPaused, store.ReasonOptedOut, store.ReasonNothing, store.ReasonNoAccount}

const (
	skipPaused uint8 = iota + 1
	skipOptedOut
	skipNothing
	skipNoAccount
)

// Plan works out what a plan would send at a moment: to whom, what, in which order, and until when. It refuses what could
// not be sent at all: an unknown name in the audience, no group in it, no open vacancy, a template that does not render,
// no group that can be reached.
//
// The same registry, batch, templates, plan and moment give the same Hash; a change of any text, group or reason to skip
// gives another. Which account serves a group is not part of it.
func (p *Planner) Plan(plan store.Plan, at time.Time) (*Preview, error) {
	v, fleet, err := p.plan(plan, at)
	if err != nil {
		return nil, err
	}
	quiet, err := p.Calendar()
	if err != nil {
		return nil, err
	}
	v.Forecast = p.forecast(v, fleet, quiet, v.start())
	v.warn(p, quiet)
	return v, nil
}

// plan is Plan without its forecast and its warnings.
func (p *Planner) plan(plan store.Plan, at time.Time) (_ *Preview, _ *fleet, err error) {
	defer fault(&err)
	c, plan, err := p.gather(plan, at)
	if err != nil {
		return nil, nil, err
	}
	v := &Preview{Plan: plan, At: at, Batch: c.batch, Skipped: map[store.Reason]int{}, compose: c}
	fleet, err := p.fleet()
	if err != nil {
		return nil, nil, err
	}
	sum := newSum(c.batch, plan, at, c.set.Hash(plan.Template))
	f := newFilter(plan.Audience)
	counties := map[string]uint8{}
	for i, known := range place.All() {
		counties[known.Code] = uint8(i + 1)
	}
	var failed error
	err = p.Store.EachGroup(func(g store.Group) bool {
		if !f.matches(g) {
			return true
		}
		t := target{group: g.Number, county: counties[g.County], account: -1}
		if failed = v.tell(&t, g); failed != nil {
			return false
		}
		switch {
		case g.State == store.GroupPaused:
			t.skip = skipPaused
		case g.LeftOut(plan.Template):
			t.skip = skipOptedOut
		case t.digest == none && t.picture == none:
			t.skip = skipNothing
		default:
			// What is drawn later counts by its bound.
			if t.account, t.bound = fleet.choose(g, v.texts(t)+plan.PosterPages); t.account < 0 {
				t.skip = skipNoAccount
			}
		}
		sum.add(g.Code, t, c)
		v.targets = append(v.targets, t)
		return true
	})
	switch {
	case err != nil:
		return nil, nil, err
	case failed != nil:
		return nil, nil, failed
	}
	if err := f.missing(); err != nil {
		return nil, nil, err
	}
	if len(v.targets) == 0 {
		return nil, nil, words.Refuse("broadcast.no_groups")
	}
	// Drawing takes seconds: it must not keep a reading transaction open.
	if err := c.draw(p.Posters, plan); err != nil {
		return nil, nil, err
	}
	sum.posters(c)
	v.Hash = sum.text()
	v.Posters = c.shares()
	if err := p.tested(v); err != nil {
		return nil, nil, err
	}
	v.order(fleet, at)
	if v.Reached == 0 {
		return nil, nil, words.Refuse("broadcast.no_reachable", v.Groups, reasons(v.Skipped))
	}
	for _, n := range c.open {
		if n.Expires.IsZero() {
			v.Expires = time.Time{}
			break
		}
		if n.Expires.After(v.Expires) {
			v.Expires = n.Expires
		}
	}
	return v, fleet, nil
}

// gather is where every view of a plan begins: what its batch's open vacancies render to, and the plan in its normal form. It
// refuses a batch without an open vacancy.
func (p *Planner) gather(plan store.Plan, at time.Time) (*composer, store.Plan, error) {
	set, err := p.Templates()
	if err != nil {
		return nil, plan, err
	}
	batch, err := p.Store.Batch(plan.Batch)
	if err != nil {
		return nil, plan, err
	}
	if plan, err = normal(plan, batch.ID); err != nil {
		return nil, plan, err
	}
	vacancies, err := p.Store.Vacancies(batch.ID)
	if err != nil {
		return nil, plan, err
	}
	c := newComposer(p, set, plan, batch, vacancies, at)
	if len(c.open) == 0 {
		return nil, plan, words.Refuse("broadcast.no_open_vacancies", batch.ID)
	}
	return c, plan, nil
}

// normal fills in what a plan leaves out, and brings its audience into its form.
func normal(plan store.Plan, batch string) (store.Plan, error) {
	plan.Batch = batch
	if plan.Template == "" {
		plan.Template = defaultTemplate
	}
	if plan.Parts == 0 {
		plan.Parts = 1
	}
	switch plan.Missed {
	case "", store.MissedSkip, store.MissedLate, store.MissedAsk:
	default:
		return plan, words.Refuse("broadcast.bad_missed", string(plan.Missed)).Of(words.Usage)
	}
	if plan.Parts < 0 || plan.Parts > templates.MaxParts || plan.Canary < 0 || plan.Hold < 0 || plan.Observe < 0 {
		return plan, words.Refuse("broadcast.bad_plan", templates.MaxParts).Of(words.Usage)
	}
	plan, err := normalForm(plan)
	if err == nil {
		plan.Audience, err = Audience(plan.Audience)
	}
	return plan, err
}

// sum is the hash of a plan, written as the groups go by.
type sum struct{ h hash.Hash }

func newSum(batch store.Batch, plan store.Plan, at time.Time, template string) sum {
	s := sum{sha256.New()}
	b, _ := json.Marshal(plan) // strings and numbers: it cannot fail
	s.text2(batch.FileHash, string(b), template)
	binary.Write(s.h, binary.BigEndian, at.UnixMicro())
	return s
}

// text2 writes texts so that no two lists of them look alike.
func (s sum) text2(texts ...string) {
	var n [8]byte
	for _, t := range texts {
		binary.BigEndian.PutUint64(n[:], uint64(len(t)))
		s.h.Write(n[:])
		s.h.Write([]byte(t))
	}
}

func (s sum) add(code string, t target, c *composer) {
	s.text2(code, string(skips[t.skip]))
	if t.skip != 0 {
		return
	}
	if t.digest != none {
		s.text2(c.digests[t.digest].hashes...)
	}
	if t.picture != none {
		s.text2(c.pictures[t.picture].name())
	} else {
		s.text2("")
	}
}

// posters adds what the names stand for, which is known when all is drawn.
func (s sum) posters(c *composer) {
	byName := slices.SortedFunc(slices.Values(c.pictures), func(a, b picture) int { return cmp.Compare(a.name(), b.name()) })
	for _, p := range byName {
		s.text2(p.name())
		for _, one := range p.pages {
			s.text2(one.hash)
		}
	}
}

func (s sum) text() string { return hex.EncodeToString(s.h.Sum(nil)) }

// reasons says counts by reason, in the reader's language.
func reasons(counts map[store.Reason]int) words.Localised { return reasonCounts(counts) }

type reasonCounts map[store.Reason]int

// In says the counts, the largest first.
func (r reasonCounts) In(l words.Lang) string {
	keys := slices.SortedFunc(maps.Keys(r), func(a, b store.Reason) int {
		if r[a] != r[b] {
			return r[b] - r[a]
		}
		return int(len(a)) - int(len(b))
	})
	out := ""
	for i, k := range keys {
		if i > 0 {
			out += ", "
		}
		out += words.Say(l, "broadcast.skip_"+string(k), r[k])
	}
	return out
}
