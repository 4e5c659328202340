package api

import (
	"slices"
	"strings"
	"time"

	"chunfeng/broadcast"
	"chunfeng/store"
	"chunfeng/templates"
)

// WaveText is one of the distinct messages of a wave, exactly as it is sent.
type WaveText struct {
	Language  string     `json:"language"`
	County    string     `json:"county"` // whose groups get it; empty: groups of no known county
	Part      int        `json:"part"`
	Of        int        `json:"of"`
	Groups    int        `json:"groups"` // that get it, as it was approved
	Kind      store.Kind `json:"kind"`
	Text      string     `json:"text,omitempty"` // of a text
	Length    int        `json:"length,omitempty"`
	Limit     int        `json:"limit,omitempty"`
	Vacancies []string   `json:"vacancies"`
	Hash      string     `json:"hash"`
}

func viewText(c store.Content, groups int) WaveText {
	v := WaveText{
		Language: c.Language, County: c.County, Part: c.Part, Of: c.Of, Groups: groups, Kind: c.Kind, Vacancies: list(c.Vacancies), Hash: c.Hash,
	}
	if c.Kind == store.Text {
		v.Text = string(c.Body)
		v.Length, v.Limit = templates.Length(v.Text), templates.MaxLength
	}
	return v
}

// firstTexts picks of a plan the first message of each language that most groups get; a caller of one county sees that
// county's.
func firstTexts(c Caller, v *broadcast.Preview) []WaveText {
	told, out := v.Told(), []WaveText{}
	for _, language := range []string{templates.Korean, templates.Chinese, templates.Both} {
		best := WaveText{}
		for _, one := range v.Contents() {
			if n := told[one.Hash]; one.Language == language && one.Part <= 1 && n > best.Groups && c.Sees(one.County) {
				best = viewText(one, n)
			}
		}
		if best.Groups > 0 {
			out = append(out, best)
		}
	}
	return out
}

// waveTexts lists the distinct messages of a wave: as they were approved once it is open, before as they would be now. A
// caller of one county sees what its groups get.
func (a *API) waveTexts(r request) ([]WaveText, error) {
	w, err := a.store.Wave(r.PathValue("id"))
	if err != nil {
		return nil, err
	}
	out := []WaveText{}
	add := func(c store.Content, groups int) {
		if r.Sees(c.County) {
			out = append(out, viewText(c, groups))
		}
	}
	if w.OpenedAt.IsZero() && w.State != store.WaveCancelled {
		planner, err := a.Planner()
		if err != nil {
			return nil, err
		}
		v, err := planner.Plan(w.Plan, w.At)
		if err != nil {
			return nil, err
		}
		told := v.Told()
		for _, c := range v.Contents() {
			if n := told[c.Hash]; n > 0 {
				add(c, n)
			}
		}
	}
	for _, s := range w.Shares {
		c, err := a.store.Content(s.Content)
		if err != nil {
			return nil, err
		}
		add(c, s.Groups)
	}
	slices.SortStableFunc(out, func(x, y WaveText) int {
		if d := byCounty(x.County, y.County); d != 0 {
			return d
		}
		if d := strings.Compare(x.Language, y.Language); d != 0 {
			return d
		}
		return x.Part - y.Part
	})
	return out, nil
}

// PastDeed is something that was done to a wave or a schedule, as the audit trail has it.
type PastDeed struct {
	At     *time.Time `json:"at"`
	Who    string     `json:"who"` // empty: the machine
	What   string     `json:"what"`
	Detail string     `json:"detail"`
}

// waveHistory lists what was done to a wave, the newest first.
func (a *API) waveHistory(r request) ([]PastDeed, error) {
	w, err := a.store.Wave(r.PathValue("id"))
	if err != nil {
		return nil, err
	}
	return a.historyOf(w.ID, "wave.", w.CreatedAt)
}

// historyOf reads the audit trail back to the moment at which something was made.
func (a *API) historyOf(id, what string, since time.Time) ([]PastDeed, error) {
	out := []PastDeed{}
	f := store.EventFilter{On: id, What: what, Since: since.Add(-time.Second), Limit: PageLimit}
	for more := true; more; {
		page, err := a.store.Events(f)
		if err != nil {
			return nil, err
		}
		for _, e := range page.Events {
			out = append(out, PastDeed{a.moment(e.At), e.Who, e.What, e.Detail})
		}
		more, f.Before = page.More, page.Next
	}
	return out, nil
}
