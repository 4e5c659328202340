package api

import (
	"cmp"
	"net/http"
	"slices"
	"strings"
	"time"

	"chunfeng/broadcast"
	"chunfeng/store"
	"chunfeng/templates"
	"chunfeng/templates/words"
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
	Group     string     `json:"group,omitempty"` // of a plan, one of the groups that get it
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

// firstTexts picks of a plan the first text and the first picture of each language that most groups get; a caller of one
// county sees that county's.
func (a *API) firstTexts(c Caller, v *broadcast.Preview) ([]WaveText, error) {
	told, out := v.Told(), []WaveText{}
	for _, language := range []string{templates.Korean, templates.Chinese, templates.Both} {
		for _, kind := range []store.Kind{store.Text, store.Image} {
			var best store.Content
			for _, one := range v.Contents() {
				if one.Language == language && one.Kind == kind && one.Part <= 1 && told[one.Hash].Groups > told[best.Hash].Groups && c.Sees(one.County) {
					best = one
				}
			}
			if best.Hash == "" {
				continue
			}
			g, err := a.store.GroupNumber(told[best.Hash].First)
			if err != nil {
				return nil, err
			}
			text := viewText(best, told[best.Hash].Groups)
			text.Group = g.Code
			out = append(out, text)
		}
	}
	return out, nil
}

// contents visits the distinct messages of a wave with the number of their groups: as they were approved once it is open,
// before as they would be now. A caller of one county sees what its groups get.
func (a *API) contents(r request, visit func(store.Content, int)) error {
	w, err := a.store.Wave(r.PathValue("id"))
	if err != nil {
		return err
	}
	if w.OpenedAt.IsZero() && w.State != store.WaveCancelled {
		planner, err := a.Planner()
		if err != nil {
			return err
		}
		v, err := planner.Plan(w.Plan, w.At)
		if err != nil {
			return err
		}
		told := v.Told()
		for _, c := range v.Contents() {
			if n := told[c.Hash].Groups; n > 0 && r.Sees(c.County) {
				visit(c, n)
			}
		}
	}
	for _, s := range w.Shares {
		c, err := a.store.Content(s.Content)
		if err != nil {
			return err
		}
		if r.Sees(c.County) {
			visit(c, s.Groups)
		}
	}
	return nil
}

func (a *API) waveTexts(r request) ([]WaveText, error) {
	out := []WaveText{}
	err := a.contents(r, func(c store.Content, groups int) { out = append(out, viewText(c, groups)) })
	slices.SortStableFunc(out, func(x, y WaveText) int {
		return cmp.Or(byCounty(x.County, y.County), strings.Compare(x.Language, y.Language), strings.Compare(string(y.Kind), string(x.Kind)), x.Part-y.Part)
	})
	return out, err
}

// waveContent answers one message of a wave as it goes over the wire, by its hash.
func (a *API) waveContent(r request) (any, error) {
	var found store.Content
	err := a.contents(r, func(c store.Content, _ int) {
		if c.Hash == r.PathValue("hash") {
			found = c
		}
	})
	if err == nil && found.Hash == "" {
		err = words.Refuse("wave.no_text", r.PathValue("id"), r.PathValue("hash")).Of(words.Missing)
	}
	if err != nil {
		return nil, err
	}
	return stream(func(w http.ResponseWriter) error {
		media := "image/png"
		if found.Kind == store.Text {
			media = "text/plain; charset=utf-8"
		}
		w.Header().Set("Content-Type", media)
		_, err := w.Write(found.Body)
		return err
	}), nil
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
