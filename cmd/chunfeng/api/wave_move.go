package api

import (
	"errors"
	"slices"
	"time"

	"chunfeng/broadcast"
	"chunfeng/store"
	"chunfeng/templates/words"
)

// Deed is a thing that a caller may do with a wave or a schedule as it is now.
type Deed string

// The deeds.
const (
	DeedApprove Deed = "approve"
	DeedPause   Deed = "pause"
	DeedResume  Deed = "resume"
	DeedCancel  Deed = "cancel"
	DeedStop    Deed = "stop"
	DeedRecall  Deed = "recall"
	DeedRetry   Deed = "retry"
)

// deeds lists what a caller may do with a wave now. The routes themselves decide; this is for those who offer it.
func (a *API) deeds(c Caller, w store.Wave) []Deed {
	out := []Deed{}
	if w.Number == store.Answers || a.whole(c, w.ID, w.Plan) != nil {
		return out
	}
	add := func(d Deed, right Right, in ...store.WaveState) {
		if c.May(right) && slices.Contains(in, w.State) {
			out = append(out, d)
		}
	}
	if !a.Config().SecondPerson || w.CreatedBy != c.Name {
		add(DeedApprove, Approve, store.WaveDraft)
	}
	add(DeedPause, Control, store.WaveHolding, store.WaveRunning)
	add(DeedResume, Control, store.WavePaused)
	add(DeedStop, Control, store.WaveHolding, store.WaveRunning, store.WavePaused)
	add(DeedCancel, Control, store.WaveDraft, store.WaveApproved, store.WaveHolding, store.WaveRunning, store.WavePaused)
	if w.Counts[store.Accepted]+w.Counts[store.Sent] > 0 && (w.FinishedAt.IsZero() || time.Since(w.FinishedAt) < broadcast.RecallWindow) {
		add(DeedRecall, Control, store.WaveRunning, store.WavePaused, store.WaveFinished, store.WaveFailures)
	}
	if w.Counts[store.Failed] > 0 {
		add(DeedRetry, Queue, store.WaveRunning, store.WavePaused, store.WaveFinished, store.WaveFailures)
	}
	return out
}

// whole refuses a caller of one county what goes to groups of others too: it is seen as totals and not moved. id is the
// wave's or the schedule's.
func (a *API) whole(c Caller, id string, p store.Plan) error {
	if c.County == "" || slices.Equal(p.Audience.Counties, []string{c.County}) {
		return nil
	}
	refused := words.Refuse("wave.goes_further", id, countyText(c.County)).Of(words.Forbidden)
	if len(p.Audience.Groups) == 0 {
		return refused
	}
	for _, code := range p.Audience.Groups {
		if g, err := a.store.Group(code); err != nil || g.County != c.County {
			return refused
		}
	}
	return nil
}

// moved answers a wave that the caller may move.
func (a *API) moved(r request) (store.Wave, error) {
	w, err := a.store.Wave(r.PathValue("id"))
	if err == nil {
		err = a.whole(r.Caller, w.ID, w.Plan)
	}
	return w, err
}

// approveWave approves a wave for the hash that was seen. What is already approved for the same hash, and what began
// since, is approved: a script may say so twice.
//
// The plan is worked out anew first. Where it is no longer what was queued, the draft gets the new hash, and an approval
// of the old one is refused: it would be void the moment the wave opened.
func (a *API) approveWave(w store.Wave, hash, who string) (store.Wave, error) {
	if err := a.noticeGiven(w.Plan); err != nil {
		return w, err
	}
	if w.Hash == hash && w.State != store.WaveDraft && w.State != store.WaveCancelled {
		return w, nil
	}
	second := a.Config().SecondPerson
	if w.State != store.WaveDraft || second && w.CreatedBy == who {
		return a.store.ApproveWave(w.ID, hash, who, second) // which says why not
	}
	planner, err := a.Planner()
	if err != nil {
		return w, err
	}
	v, err := planner.Plan(w.Plan, w.At)
	if err != nil {
		return w, err
	}
	if v.Hash != w.Hash {
		if w, err = a.store.VoidApproval(w.ID, v.Hash, "broadcast.plan_changed"); err != nil {
			return w, err
		}
	}
	return a.store.ApproveWave(w.ID, hash, who, second)
}

// approveSchedule approves a recurring order for the hash that was seen.
func (a *API) approveSchedule(s store.Schedule, hash, who string) (store.Schedule, error) {
	if err := a.noticeGiven(s.Plan); err != nil {
		return s, err
	}
	if a.Config().SecondPerson && s.CreatedBy == who && s.State == "draft" {
		return s, words.Refuse("store.same_person", s.ID, who)
	}
	if s.State == "draft" {
		planner, err := a.Planner()
		if err != nil {
			return s, err
		}
		now, err := planner.Standing(s.Plan, s.Cron)
		switch {
		case err != nil:
			return s, err
		case now != s.Hash:
			return s, words.Refuse("wave.schedule_changed", s.ID).Of(words.Conflict)
		}
	}
	return a.store.SetSchedule(s.ID, "approved", hash, who)
}

// resumeWave lets a wave go on: into its hold where that is not over.
func (a *API) resumeWave(w store.Wave, who string) (store.Wave, error) {
	if d := a.Dispatcher(); d != nil {
		return d.Resume(w.ID, who)
	}
	to := store.WaveRunning
	if w.HoldUntil.After(time.Now()) {
		to = store.WaveHolding
	}
	return a.store.MoveWave(w.ID, to, "", who)
}

// retryWave has everything of a wave that failed sent again. expect, where it is given, is how many that are: another
// number is refused, for somebody looked at something else.
func (a *API) retryWave(w store.Wave, expect *int, who string) (Retried, error) {
	if n := w.Counts[store.Failed]; n == 0 {
		return Retried{}, words.Refuse("cmd.nothing_failed", w.ID).Of(words.Conflict)
	} else if expect != nil && *expect != n {
		return Retried{}, words.Refuse("wave.other_failed", w.ID, *expect, n).Of(words.Conflict)
	}
	n, err := a.store.RetryFailed(w.ID, who)
	if err != nil {
		return Retried{}, err
	}
	if n == 0 {
		return Retried{}, words.Refuse("cmd.nothing_failed", w.ID).Of(words.Conflict)
	}
	w, err = a.store.Wave(w.ID)
	return Retried{a.viewWave(w), n}, err
}

// Stopped is what an emergency stop did.
type Stopped struct {
	Waves    []string `json:"waves"`
	Recalled int      `json:"recalled"`
	Refused  []string `json:"refused"`  // deliveries inside the two minutes that were not taken back
	Standing int      `json:"standing"` // messages that stand in groups, or may
}

// Stoppable is what an emergency stop of everything would hold now.
type Stoppable struct {
	Waves  []Wave `json:"waves"`
	Groups int    `json:"groups"` // of all of them together; a group of two waves counts twice
}

// stoppable lists the waves that an emergency stop of everything holds: those that send or are about to, and those that
// ended just now. Of a caller of one county, those that go nowhere else.
func (a *API) stoppable(c Caller) (out []store.Wave, err error) {
	all, err := a.store.Waves(false)
	for _, w := range all {
		if (broadcast.JustEnded(w) || w.State == store.WaveRunning || w.State == store.WaveHolding) && a.whole(c, w.ID, w.Plan) == nil {
			out = append(out, w)
		}
	}
	return out, err
}

func (a *API) viewStoppable(c Caller) (Stoppable, error) {
	out := Stoppable{Waves: []Wave{}}
	all, err := a.stoppable(c)
	for _, w := range all {
		v := a.waveFor(c, w)
		out.Waves = append(out.Waves, v)
		out.Groups += v.Groups
	}
	return out, err
}

// stopAll stops everything that the caller may stop.
func (a *API) stopAll(r request) (Stopped, error) {
	if r.County == "" && a.Dispatcher() != nil {
		return a.stop(r, "")
	}
	out := Stopped{Waves: []string{}, Refused: []string{}}
	all, err := a.stoppable(r.Caller)
	for _, w := range all {
		if a.Dispatcher() == nil && w.State != store.WaveRunning && w.State != store.WaveHolding {
			continue // nothing can be taken back
		}
		one, e := a.stop(r, w.ID)
		if words.KindOf(e) == words.Conflict {
			continue // it ended meanwhile
		}
		err = errors.Join(err, e) // the others are stopped all the same
		out.Waves, out.Refused = append(out.Waves, one.Waves...), append(out.Refused, one.Refused...)
		out.Recalled, out.Standing = out.Recalled+one.Recalled, out.Standing+one.Standing
	}
	return out, err
}

// stop holds a wave, or with no id every one that runs, and takes back what can be. Without a daemon nothing is being sent
// and nothing can be taken back: the wave is held all the same.
func (a *API) stop(r request, id string) (Stopped, error) {
	out := Stopped{Waves: []string{}, Refused: []string{}}
	if d := a.Dispatcher(); d != nil {
		report, err := d.EmergencyStop(r.Context(), id, r.Name)
		if err != nil {
			return out, err
		}
		out.Waves, out.Recalled, out.Standing = list(report.Waves), report.Recalled, report.Standing
		t := a.tracer()
		for _, one := range report.Refused {
			out.Refused = append(out.Refused, store.DeliveryID(t.wave(one.Wave), one.Seq))
		}
		return out, nil
	}
	w, err := a.store.StopWave(id, "broadcast.emergency", r.Name)
	if err != nil {
		return out, err
	}
	out.Waves, out.Standing = []string{w.ID}, w.Counts[store.Accepted]+w.Counts[store.Sent]+w.Counts[store.Unknown]
	return out, nil
}

// noticeGiven refuses a plan by which residents would give their number without being told what for and how to take it back:
// nothing is acknowledged, and the digest does not carry the notice itself.
func (a *API) noticeGiven(p store.Plan) error {
	if a.Config().Acknowledge != "none" {
		return nil // an acknowledgement template without the notice is refused when it is loaded
	}
	set, err := a.Templates()
	if err != nil {
		return err
	}
	if p.Texts() && set.TellsConsent(p.Template) {
		return nil
	}
	return words.Refuse("subject.no_notice", p.Template).Of(words.Conflict)
}
