package store

import (
	"chunfeng/templates/words"
)

// CancelWave cancels a wave: what was not claimed is Cancelled. What is on the wire ends as it ends.
func (s *Store) CancelWave(id, why, who string) (Wave, error) {
	w, err := s.changeWave(id, who, "wave.cancel", func(t *txn, w *Wave) error {
		if w.State.Over() {
			return words.Refuse("store.wave_move", w.ID, w.State, WaveCancelled).Of(words.Conflict)
		}
		if w.Opening {
			return words.Refuse("store.wave_opening", w.ID).Of(words.Later)
		}
		w.State, w.Why, w.FinishedAt = WaveCancelled, why, now()
		return nil
	})
	if err != nil {
		return w, err
	}
	if err := s.sweepCancelled(w.Number); err != nil {
		return w, err
	}
	return s.Wave(id)
}

// sweepCancelled cancels what is still planned of a cancelled wave, a chunk a commit; start-up goes on with it.
func (s *Store) sweepCancelled(wave uint32) error {
	var from key
	for {
		last, next := false, from
		err := s.update(housekeeping, func(t *txn) error {
			rows, err := t.page(k32(wave), from, chunk)
			if err != nil {
				return err
			}
			last = len(rows) < chunk
			for _, d := range rows {
				next = k32(wave, d.Seq+1)
				if d.State != Planned {
					continue
				}
				if err := t.move(&d, Cancelled, ReasonNone); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil || last {
			return err
		}
		from = next
	}
}
