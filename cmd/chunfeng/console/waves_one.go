package console

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"chunfeng/cmd/chunfeng/api"
	"chunfeng/store"
	"chunfeng/templates/words"
)

// wavePage is everything of one wave.
type wavePage struct {
	api.WaveDetail
	Progress   api.Progress
	Plan       *planView // while it is not open
	NoPlan     string    // why it cannot be planned any more
	Texts      []api.WaveText
	History    []pastDeed
	Ended      bool
	OwnDraft   bool // the reader queued it, and somebody else must approve it
	Failed     int
	Phase      string // what the page's buttons depend on
	Changed    bool   // live: it is no longer the one that the page was made for
	LogAddress string
}

// pastDeed is a line of what was done, with the key of its sentence and of its reason where the catalogue has them.
type pastDeed struct {
	api.PastDeed
	Did, Why string
}

// Can tells whether the reader may do something with the wave now.
func (p wavePage) Can(deed string) bool { return slices.Contains(p.Deeds, api.Deed(deed)) }

// showWave shows a wave, with what was refused just now.
func (c *Console) showWave(w http.ResponseWriter, r *request, refused error) error {
	p, err := c.wave(r)
	if err != nil {
		return err
	}
	if refused != nil {
		return c.showError(w, r, "waves", "wave", p.ID, p, refused)
	}
	return c.show(w, r, "waves", "wave", p.ID, p)
}

func (c *Console) wave(r *request) (p wavePage, err error) {
	path := "/v1/waves/" + seg(r.PathValue("id"))
	if p.WaveDetail, err = get[api.WaveDetail](c, r, path, nil); err != nil {
		return p, err
	}
	if p.Progress, err = get[api.Progress](c, r, path+"/progress", nil); err != nil {
		return p, err
	}
	p.Phase = phase(p.Wave)
	p.Ended, p.Failed, p.LogAddress = p.State.Over(), p.Tally[store.Failed], "/log?wave="+seg(p.ID)
	p.OwnDraft = p.State == store.WaveDraft && p.CreatedBy == r.Caller.Name && c.Config().SecondPerson
	if p.State == store.WaveDraft || p.State == store.WaveApproved {
		plan, err := get[api.Plan](c, r, path+"/forecast", nil)
		switch {
		case err == nil:
			if p.Plan, err = c.planView(r, plan, p.ID); err != nil {
				return p, err
			}
		case !known(err):
			return p, err
		default:
			p.NoPlan = api.ProblemOf(err, r.Caller.Lang).Text
		}
	}
	if p.NoPlan == "" {
		if p.Texts, err = get[[]api.WaveText](c, r, path+"/texts", nil); err != nil {
			return p, err
		}
	}
	p.History, err = c.history(r, path)
	return p, err
}

// history reads what was done to a wave or a schedule.
func (c *Console) history(r *request, path string) (out []pastDeed, err error) {
	all, err := get[[]api.PastDeed](c, r, path+"/history", nil)
	did, why := words.Names("page_waves.did_"), words.Names("broadcast.")
	for _, d := range all {
		one := pastDeed{PastDeed: d}
		if slices.Contains(did, d.What) {
			one.Did = "page_waves.did_" + d.What
		}
		if d.What == "wave.running" && d.Who == "" {
			one.Did = "page_waves.did_wave.begin" // the hold is over; nobody resumed it
		}
		// “running → paused broadcast.trouble”: the last word is a reason where the catalogue has it.
		if i := lastWord(d.Detail); slices.Contains(why, after(i, "broadcast.")) {
			one.Why = i
		}
		out = append(out, one)
	}
	return out, err
}

// phase is what the buttons on a wave's page depend on: its state, and whether something was sent or failed.
func phase(w api.Wave) string {
	out := string(w.State)
	if w.Tally[store.Accepted]+w.Tally[store.Sent] > 0 {
		out += ".sent"
	}
	if w.Tally[store.Failed] > 0 {
		out += ".failed"
	}
	return out
}

// watchWave reads what of a wave is live. The address names the phase that the page was made for: when it is another one,
// the page is told to load what belongs to it.
func (c *Console) watchWave(r *request) (any, error) {
	p := wavePage{}
	var err error
	p.Progress, err = get[api.Progress](c, r, "/v1/waves/"+seg(r.PathValue("id"))+"/progress", nil)
	p.Wave = p.Progress.Wave
	p.Changed = phase(p.Wave) != r.PathValue("phase")
	return p, err
}

// approveWave approves exactly what was seen. Whoever comes second, or saw another plan, is told and shown what is true.
func (c *Console) approveWave(w http.ResponseWriter, r *request) error {
	path := "/v1/waves/" + seg(r.PathValue("id"))
	v, err := post[api.Wave](c, r, path+"/approve", hashOf("approve", r))
	if err != nil {
		return c.showWave(w, r, err)
	}
	switch {
	case v.ApprovedBy != r.Caller.Name:
		c.tell(r, r.say("page_waves.approved_before", v.ID, v.ApprovedBy))
	case v.At != nil && v.At.After(time.Now()):
		c.tell(r, r.say("page_waves.approved_at", v.ID, c.dates(r).stamp(v.At)))
	default:
		c.tell(r, r.say("page_waves.approved_now", v.ID))
	}
	return c.back(w, r, "/waves/"+seg(v.ID))
}

// dates writes moments in the reader's language.
func (c *Console) dates(r *request) dates {
	return dates{r.Caller.Lang, func() *time.Location { return c.Config().Zone }}
}

// retryWave has what failed sent again, and nothing else.
func (c *Console) retryWave(w http.ResponseWriter, r *request) error {
	n, err := typed(r)
	if err != nil {
		return c.showWave(w, r, err)
	}
	v, err := post[api.Retried](c, r, "/v1/waves/"+seg(r.PathValue("id"))+"/retry", map[string]int{"failed": n})
	if err != nil {
		return c.showWave(w, r, err)
	}
	c.tell(r, r.say("page_waves.retried", v.ID, v.Retried))
	return c.back(w, r, "/waves/"+seg(v.ID))
}

// recallWave takes back what a wave sent within the last two minutes, and says what stands.
func (c *Console) recallWave(w http.ResponseWriter, r *request) error {
	v, err := post[api.Recalled](c, r, "/v1/waves/"+seg(r.PathValue("id"))+"/recall", nil)
	if err != nil {
		return c.showWave(w, r, err)
	}
	c.tell(r, r.say("page_waves.recalled", v.ID, len(v.Recalled), len(v.Refused), v.TooOld, v.Unknown))
	return c.back(w, r, "/waves/"+seg(v.ID))
}

// schedulePage is everything of a recurring order.
type schedulePage struct {
	api.ScheduleDetail
	Forecast *planView // of its next time
	NoPlan   string
	History  []pastDeed
	OwnDraft bool
}

// Can tells whether the reader may do something with the order now.
func (p schedulePage) Can(deed string) bool { return slices.Contains(p.Deeds, api.Deed(deed)) }

func (c *Console) showSchedule(w http.ResponseWriter, r *request, refused error) error {
	path := "/v1/schedules/" + seg(r.PathValue("id"))
	p := schedulePage{}
	var err error
	if p.ScheduleDetail, err = get[api.ScheduleDetail](c, r, path, nil); err != nil {
		return err
	}
	p.OwnDraft = p.State == "draft" && p.CreatedBy == r.Caller.Name && c.Config().SecondPerson
	if p.Next != nil {
		plan, err := get[api.Plan](c, r, path+"/forecast", nil)
		switch {
		case err == nil:
			if p.Forecast, err = c.planView(r, plan, ""); err != nil {
				return err
			}
		case !known(err):
			return err
		default:
			p.NoPlan = api.ProblemOf(err, r.Caller.Lang).Text
		}
	}
	if p.History, err = c.history(r, path); err != nil {
		return err
	}
	if refused != nil {
		return c.showError(w, r, "waves", "schedule", p.ID, p, refused)
	}
	return c.show(w, r, "waves", "schedule", p.ID, p)
}

// stopPage asks for the number before everything stops.
type stopPage struct {
	api.Stoppable
	Wave string // only this one; empty: everything
}

// showStop shows what an emergency stop would hold.
func (c *Console) showStop(w http.ResponseWriter, r *request, wave string, refused error) error {
	p := stopPage{Wave: wave}
	var err error
	if wave == "" {
		p.Stoppable, err = get[api.Stoppable](c, r, "/v1/stop", nil)
	} else {
		var d api.WaveDetail
		if d, err = get[api.WaveDetail](c, r, "/v1/waves/"+seg(wave), nil); err == nil && slices.Contains(d.Deeds, api.DeedStop) {
			p.Waves, p.Groups = []api.Wave{d.Wave}, d.Groups
		}
	}
	if err != nil {
		return err
	}
	if refused != nil {
		return c.showError(w, r, "today", "stop", r.say("page_waves.stop"), p, refused)
	}
	return c.show(w, r, "today", "stop", r.say("page_waves.stop"), p)
}

// stop stops a wave, or everything. The number that was typed is held against the one that was shown, not against what is
// true by now: a wave that began meanwhile is no reason to let all of them go on.
func (c *Console) stop(w http.ResponseWriter, r *request) error {
	wave := r.PostForm.Get("wave")
	if _, err := typed(r); err != nil {
		return c.showStop(w, r, wave, err)
	}
	path, back := "/v1/stop", "/"
	if wave != "" {
		path, back = "/v1/waves/"+seg(wave)+"/stop", "/waves/"+seg(wave)
	}
	v, err := post[api.Stopped](c, r, path, nil)
	if err != nil {
		return c.showStop(w, r, wave, err)
	}
	if len(v.Waves) == 0 {
		c.tell(r, r.say("page_waves.stopped_none"))
		return c.back(w, r, back)
	}
	c.tell(r, r.say("page_waves.stopped", joinWaves(v.Waves), v.Recalled, len(v.Refused), v.Standing))
	return c.back(w, r, back)
}

// joinWaves lists ids.
func joinWaves(ids []string) string { return strings.Join(ids, ", ") }

// lastWord is what stands behind the last space.
func lastWord(s string) string { return s[strings.LastIndex(s, " ")+1:] }

// after is what stands behind a prefix; nothing where it is not there.
func after(s, prefix string) string {
	rest, ok := strings.CutPrefix(s, prefix)
	if !ok {
		return ""
	}
	return rest
}
