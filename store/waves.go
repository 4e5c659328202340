package store

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"chunfeng/templates/words"
)

// Answers is the number of the wave that holds the answers to residents: acknowledgements and the like. It never ends.
const Answers uint32 = 0

// AnswersID is its id for people.
const AnswersID = "answers"

// waveMoves is the state table of a wave as verbs may move it; to the finished states it moves by itself.
var waveMoves = map[WaveState][]WaveState{
	WaveDraft:    {WaveApproved, WaveCancelled},
	WaveApproved: {WaveDraft, WaveCancelled},
	WaveHolding:  {WaveRunning, WavePaused, WaveCancelled},
	WaveRunning:  {WavePaused, WaveCancelled},
	WavePaused:   {WaveRunning, WaveHolding, WaveCancelled},
}

// AddSchedule stores a schedule as a draft and gives it its id.
func (s *Store) AddSchedule(c Schedule, who string) (out Schedule, err error) {
	err = s.update(housekeeping, func(t *txn) error {
		n, err := t.next(bSchedules)
		if err != nil {
			return err
		}
		out = c
		out.ID, out.State, out.CreatedAt, out.CreatedBy = fmt.Sprintf("S%d", n), "draft", now(), who
		if err := t.put(bSchedules, key(out.ID), out); err != nil {
			return err
		}
		return t.audit(who, "schedule.add", out.ID, out.Cron)
	})
	return out, err
}

// Schedules lists all schedules.
func (s *Store) Schedules() (out []Schedule, err error) {
	err = s.view(func(t *txn) error { out, err = records[Schedule](t, bSchedules, nil); return err })
	return out, err
}

// Schedule answers a schedule by its id.
func (s *Store) Schedule(id string) (c Schedule, err error) {
	id = strings.ToUpper(id)
	err = s.view(func(t *txn) error { return t.need(bSchedules, key(id), &c, "schedule", id) })
	return c, err
}

// SetSchedule moves a schedule to a state: approved (with the hash that was seen), ended or cancelled.
func (s *Store) SetSchedule(id, state, hash, who string) (c Schedule, err error) {
	id = strings.ToUpper(id)
	err = s.update(housekeeping, func(t *txn) error {
		c = Schedule{}
		err := t.need(bSchedules, key(id), &c, "schedule", id)
		switch {
		case err != nil:
			return err
		case c.State == state:
			return nil
		case c.State == "ended" || c.State == "cancelled":
			return words.Refuse("store.schedule_over", id, words.T("state."+c.State)).Of(words.Conflict)
		case state == "approved" && c.Hash != hash:
			return words.Refuse("store.other_hash", id, hash, c.Hash).Of(words.Conflict)
		case state == "approved":
			c.ApprovedBy = who
		}
		c.State = state
		if err := t.put(bSchedules, key(id), c); err != nil {
			return err
		}
		t.wakes()
		return t.audit(who, "schedule."+state, id, hash)
	})
	return c, err
}

// AddWave stores one occurrence of a schedule, as a draft or, when its schedule's approval covers it, as approved. The
// same occurrence a second time answers the wave that is there: nothing fires twice.
func (s *Store) AddWave(w Wave, who string) (out Wave, existed bool, err error) {
	err = s.update(housekeeping, func(t *txn) error {
		occurrence := key(w.Schedule).u8(0).time(w.At)
		if v := t.in(bOccurs).Get(occurrence); v != nil {
			existed = true
			out, err = t.wave(u32at(v, 0))
			return err
		}
		existed, out = false, w
		n, err := t.next(bWaves)
		if err != nil {
			return err
		}
		out.Number, out.CreatedAt, out.CreatedBy = uint32(n), now(), who
		year := w.At.Format("2006")
		if out.ID, err = t.waveID(year); err != nil {
			return err
		}
		if out.State == "" {
			out.State = WaveDraft
		}
		if err := t.set(bOccurs, occurrence, k32(out.Number)); err != nil {
			return err
		}
		if err := t.set(bWaveIDs, key(out.ID), k32(out.Number)); err != nil {
			return err
		}
		if err := t.put(bTallies, k32(out.Number), &Tally{}); err != nil {
			return err
		}
		if err := t.set(bActive, k32(out.Number), nil); err != nil {
			return err
		}
		if err := t.noteOccurrence(w.Schedule, w.At); err != nil {
			return err
		}
		t.wakes()
		if err := t.put(bWaves, k32(out.Number), out); err != nil {
			return err
		}
		if out.Test {
			return t.audit(who, "wave.test", out.ID, out.Hash)
		}
		return t.audit(who, "wave.queue", out.ID, out.Hash)
	})
	return out, existed, err
}

// waveID gives the next id of a year: 2026-001, 2026-002 …
func (t *txn) waveID(year string) (string, error) {
	n := 0
	err := t.eachBack(bWaveIDs, key(year+"-"), nil, func(k, _ []byte) (bool, error) {
		var m int
		fmt.Sscanf(string(k[len(year)+1:]), "%d", &m)
		n = max(n, m)
		// Ids of a thousand and more sort before 999: all of them are looked at, once a wave.
		return true, nil
	})
	return fmt.Sprintf("%s-%03d", year, n+1), err
}

// noteOccurrence moves the schedule's last dealt-with time on.
func (t *txn) noteOccurrence(schedule string, at time.Time) error {
	var c Schedule
	found, err := t.get(bSchedules, key(schedule), &c)
	if err != nil || !found || !at.After(c.Last) {
		return err
	}
	c.Last = at
	return t.put(bSchedules, key(schedule), c)
}

// SkipOccurrence records that an occurrence was missed and, by the schedule's policy, is not made up for.
func (s *Store) SkipOccurrence(schedule string, at time.Time, why Reason) error {
	return s.update(housekeeping, func(t *txn) error {
		if err := t.noteOccurrence(schedule, at); err != nil {
			return err
		}
		return t.audit("", "schedule.missed", schedule, at.Format(time.RFC3339)+" "+string(why))
	})
}

// wave reads a wave with its tally within a transaction.
func (t *txn) wave(n uint32) (w Wave, err error) {
	if n == Answers {
		w = Wave{ID: AnswersID, State: WaveRunning}
	} else if w, err = t.waveRecord(n); err != nil {
		return w, err
	}
	if c := t.counts.tallies[n]; c != nil {
		w.Counts = *c
	} else {
		_, err = t.get(bTallies, k32(n), &w.Counts)
	}
	if n == Answers {
		w.Total = w.Counts.Total()
	}
	return w, err
}

// waveRecord reads a wave without its tally.
func (t *txn) waveRecord(n uint32) (w Wave, err error) {
	raw := t.in(bWaves).Get(k32(n))
	if raw == nil {
		return w, notFound("wave", fmt.Sprint(n))
	}
	w, ok := t.s.waves.find(n, raw)
	if ok {
		return w, nil
	}
	if _, err := t.get(bWaves, k32(n), &w); err != nil {
		return w, err
	}
	t.s.waves.keep(n, raw, w)
	return w, nil
}

func (t *txn) waveNumber(id string) (uint32, error) {
	if id == AnswersID {
		return Answers, nil
	}
	v := t.in(bWaveIDs).Get([]byte(id))
	if v == nil {
		return 0, notFound("wave", id)
	}
	return u32at(v, 0), nil
}

// Wave answers a wave by its id.
func (s *Store) Wave(id string) (w Wave, err error) {
	err = s.view(func(t *txn) error {
		n, err := t.waveNumber(id)
		if err != nil {
			return err
		}
		w, err = t.wave(n)
		return err
	})
	return w, err
}

// WaveNumber answers a wave by its number in the ledger.
func (s *Store) WaveNumber(n uint32) (w Wave, err error) {
	err = s.view(func(t *txn) error { w, err = t.wave(n); return err })
	return w, err
}

// Waves lists waves, the newest first; only those not at their end when active.
func (s *Store) Waves(active bool) (out []Wave, err error) {
	b := bWaves
	if active {
		b = bActive
	}
	err = s.view(func(t *txn) error {
		return t.eachBack(b, nil, nil, func(k, _ []byte) (bool, error) {
			w, err := t.wave(u32at(k, 0))
			out = append(out, w)
			return true, err
		})
	})
	return out, err
}

// Lanes lists how far each account came with a wave.
func (s *Store) Lanes(wave uint32) (out []Lane, err error) {
	err = s.view(func(t *txn) error { out, err = records[Lane](t, bLanes, k32(wave)); return err })
	return out, err
}

// ApproveWave approves a draft for exactly the hash that was seen. secondPerson tells whether somebody else than the one
// who queued it must approve.
func (s *Store) ApproveWave(id, hash, who string, secondPerson bool) (Wave, error) {
	return s.changeWave(id, who, "wave.approve", func(t *txn, w *Wave) error {
		switch {
		case w.State == WaveApproved && w.Hash == hash:
			return nil
		case w.State != WaveDraft:
			return words.Refuse("store.wave_not_draft", w.ID, w.State).Of(words.Conflict)
		case w.Hash != hash:
			return words.Refuse("store.other_hash", w.ID, hash, w.Hash).Of(words.Conflict)
		case secondPerson && w.CreatedBy == who:
			return words.Refuse("store.same_person", w.ID, who)
		}
		w.State, w.ApprovedAt, w.ApprovedBy, w.Why = WaveApproved, now(), who, ""
		return nil
	})
}

// VoidApproval makes an approved wave a draft again with a new hash, because what it would send changed.
func (s *Store) VoidApproval(id, hash, why string) (Wave, error) {
	return s.changeWave(id, "", "wave.void", func(t *txn, w *Wave) error {
		if w.State != WaveApproved && w.State != WaveDraft || w.Opening {
			return words.Refuse("store.wave_not_draft", w.ID, w.State).Of(words.Conflict)
		}
		w.State, w.Hash, w.Why, w.ApprovedBy, w.ApprovedAt = WaveDraft, hash, why, "", time.Time{}
		return nil
	})
}

// MoveWave holds, releases, pauses or resumes a wave. What a lane has already claimed goes on; the next claim sees the
// new state. To cancel there is CancelWave.
func (s *Store) MoveWave(id string, to WaveState, why, who string) (Wave, error) {
	return s.changeWave(id, who, "wave."+string(to), func(t *txn, w *Wave) error {
		if w.State == to {
			return nil
		}
		if to == WaveCancelled || !slices.Contains(waveMoves[w.State], to) {
			return words.Refuse("store.wave_move", w.ID, w.State, to).Of(words.Conflict)
		}
		w.State, w.Why = to, why
		return nil
	})
}

// StopWave is the emergency stop: the wave is paused and marked as stopped.
func (s *Store) StopWave(id, why, who string) (Wave, error) {
	return s.changeWave(id, who, "wave.stop", func(t *txn, w *Wave) error {
		if w.State != WavePaused && !slices.Contains(waveMoves[w.State], WavePaused) {
			return words.Refuse("store.wave_move", w.ID, w.State, WavePaused).Of(words.Conflict)
		}
		w.State, w.Why, w.Stopped = WavePaused, why, true
		return nil
	})
}

// PassCanary records that the canary groups were watched long enough.
func (s *Store) PassCanary(id string) (Wave, error) {
	return s.changeWave(id, "", "wave.canary_passed", func(t *txn, w *Wave) error { w.CanaryDone = true; return nil })
}

// changeWave changes a wave's record; the tally is not the caller's to change.
func (s *Store) changeWave(id, who, what string, change func(*txn, *Wave) error) (w Wave, err error) {
	err = s.update(housekeeping, func(t *txn) error {
		n, err := t.waveNumber(id)
		if err != nil {
			return err
		}
		if n == Answers {
			return words.Refuse("store.answers_fixed")
		}
		if w, err = t.wave(n); err != nil {
			return err
		}
		was := w.State
		if err := change(t, &w); err != nil {
			return err
		}
		if err := t.putWave(w); err != nil {
			return err
		}
		t.wakes()
		return t.audit(who, what, id, fmt.Sprintf("%s → %s %s", was, w.State, w.Why))
	})
	return w, err
}

// putWave writes a wave and keeps the table of those that are not at their end.
func (t *txn) putWave(w Wave) error {
	if err := t.put(bWaves, k32(w.Number), w); err != nil {
		return err
	}
	if w.State.Over() {
		return t.del(bActive, k32(w.Number))
	}
	return t.set(bActive, k32(w.Number), nil)
}

// settleWave moves a wave to its end when nothing is left that the machine moves, and back from it when a person gave
// it new work.
func (t *txn) settleWave(n uint32, c Tally) error {
	if n == Answers {
		return nil
	}
	over := c.Open() == 0
	if !over && c[Planned] > 1 {
		return nil // in the thick of it: the record need not be read
	}
	w, err := t.wave(n)
	if err != nil {
		return err
	}
	ended := w.State == WaveFinished || w.State == WaveFailures
	end := WaveFinished
	if c[Failed]+c[Unknown] > 0 {
		end = WaveFailures
	}
	switch {
	case over && (w.State == WaveRunning || w.State == WaveHolding || w.State == WavePaused || ended && w.State != end):
		w.State, w.FinishedAt = end, now()
		t.wakes()
	case !over && ended:
		w.State, w.FinishedAt = WaveRunning, time.Time{}
		t.wakes()
	default:
		return nil
	}
	return t.putWave(w)
}
