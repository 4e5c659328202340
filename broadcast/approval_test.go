package broadcast_test

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"chunfeng/broadcast"
	"chunfeng/store"
	"chunfeng/templates/words"
)

func TestFilledVacancyIsLeftOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := setup(t, 1, 30, paced)
		w.start()
		wave := w.queue(broadcast.Order{Plan: store.Plan{Audience: store.Audience{Counties: []string{"延吉市"}}}})
		time.Sleep(25 * time.Second)
		before := w.far.list()
		if _, err := w.s.SetVacancy("", []string{"A001"}, store.VacancyFilled, "found", "kim"); err != nil {
			t.Fatal(err)
		}
		w.until(wave.ID, time.Hour, store.WaveFinished)
		for i, a := range w.far.list() {
			if has := contains(a.m.Text, "A001"); has != (i < len(before)) {
				t.Errorf("message %d of %d tells of A001: %v", i, len(before), has)
			}
			if !contains(a.m.Text, "A004") {
				t.Errorf("message %d does not tell of A004", i)
			}
		}
		rows := w.deliveries(w.wave(wave.ID))
		c, err := w.s.Content(rows[len(rows)-1].Content)
		if err != nil || c.Amends == 0 {
			t.Errorf("the amended content does not say what it amends: %v %v", c.Amends, err)
		}
	})
}

func TestAllFilledIsSkipped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := setup(t, 1, 6, paced)
		one := w.addBatch("two", []store.Vacancy{{Post: store.Both{Zh: "店员"}, Employer: store.Both{Zh: "小店"}}})
		w.start()
		wave := w.queue(broadcast.Order{Plan: store.Plan{Batch: one}})
		time.Sleep(15 * time.Second)
		n := len(w.far.list())
		if _, err := w.s.SetVacancy("", []string{one + "001"}, store.VacancyWithdrawn, "", "kim"); err != nil {
			t.Fatal(err)
		}
		got := w.until(wave.ID, time.Hour, store.WaveFinished)
		if got.Counts[store.Sent] != n || got.Counts[store.Skipped] != 6-n {
			t.Fatal(n, got.Counts)
		}
		rows := w.deliveries(got)
		if last := rows[len(rows)-1]; last.Reason != store.ReasonClosed {
			t.Errorf("skipped for %q", last.Reason)
		}
	})
}

func TestWaveEndsWhenItsVacanciesRunOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := setup(t, 2, 60, paced)
		end := time.Now().Add(100 * time.Second)
		one := w.addBatch("two", []store.Vacancy{{Post: store.Both{Zh: "店员"}, Employer: store.Both{Zh: "小店"}, Expires: end}})
		w.far.down = &broadcast.SendError{Reason: "offline", Certain: true, Temporary: true, Signal: broadcast.LoggedOut}
		w.fars[name(0)] = w.far
		w.start()
		v, err := w.p.Plan(store.Plan{Batch: one}, time.Now())
		if err != nil || len(v.Warnings) == 0 || v.Warnings[len(v.Warnings)-1].Key != "broadcast.too_late" {
			t.Errorf("nobody is warned that the wave ends after its vacancies: %v %v", v.Warnings, err)
		}
		wave := w.queue(broadcast.Order{Plan: store.Plan{Batch: one}})
		got := w.until(wave.ID, time.Hour, store.WaveFinished)
		if got.Counts[store.Skipped] != 60 {
			t.Error(got.Counts)
		}
	})
}

func TestApprovalIsForWhatIsSent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, c := range []struct {
			why    string
			change func(w *world)
		}{
			{"a vacancy was filled", func(w *world) { w.s.SetVacancy("", []string{"A001"}, store.VacancyFilled, "", "kim") }},
			{"a group was paused", func(w *world) { w.s.SetGroup("G00003", store.GroupPaused, "", "kim") }},
			{"a group joined the audience", func(w *world) {
				w.s.PutGroups([]store.Group{{Code: "G99999", Name: "new", County: "yanji", Language: "zh"}}, "kim")
			}},
		} {
			w := setup(t, 1, 6, nil)
			w.start()
			at := time.Now().Add(time.Hour)
			wave := w.queue(broadcast.Order{At: at})
			c.change(w)
			got := w.until(wave.ID, 2*time.Hour, store.WaveDraft)
			if got.Why != "broadcast.plan_changed" || got.Hash == wave.Hash || len(w.far.list()) > 0 {
				t.Errorf("%s: the wave is %s (%s), %d sent", c.why, got.State, got.Why, len(w.far.list()))
			}
			if _, err := w.s.ApproveWave(wave.ID, got.Hash, "li", true); err != nil {
				t.Fatal(err)
			}
			w.until(wave.ID, time.Hour, store.WaveFinished)
			w.stop()
		}
	})
}

func TestQueueRefusals(t *testing.T) {
	w := setup(t, 1, 4, nil)
	draft, _, err := w.s.AddBatch(store.Batch{FileHash: "d", Employers: 1}, vacancies()[:1], "kim")
	if err != nil {
		t.Fatal(err)
	}
	none := setup(t, 0, 4, nil)
	for _, c := range []struct {
		why, key string
		w        *world
		o        broadcast.Order
	}{
		{"no such batch", "store.no_batch", w, broadcast.Order{Plan: store.Plan{Batch: "Z"}}},
		{"a batch that nobody approved", "broadcast.batch_not_approved", w, broadcast.Order{Plan: store.Plan{Batch: draft.ID}}},
		{"no such county", "broadcast.unknown_county", w, broadcast.Order{Plan: store.Plan{Audience: store.Audience{Counties: []string{"Seoul"}}}}},
		{"no such group", "broadcast.unknown_group", w, broadcast.Order{Plan: store.Plan{Audience: store.Audience{Groups: []string{"G00001", "X"}}}}},
		{"no such tag", "broadcast.unknown_tag", w, broadcast.Order{Plan: store.Plan{Audience: store.Audience{Tags: []string{"opera"}}}}},
		{"no such township", "broadcast.unknown_township", w, broadcast.Order{Plan: store.Plan{Audience: store.Audience{Townships: []string{"x"}}}}},
		{"no such language", "broadcast.unknown_language", w, broadcast.Order{Plan: store.Plan{Audience: store.Audience{Languages: []string{"en"}}}}},
		{"conditions that exclude each other", "broadcast.no_groups", w, broadcast.Order{Plan: store.Plan{Audience: store.Audience{Counties: []string{"tumen"}, Groups: []string{"G00001"}}}}},
		{"no such template", "templates.no_template", w, broadcast.Order{Plan: store.Plan{Template: "poem"}}},
		{"a recurring time that is none", "broadcast.bad_cron", w, broadcast.Order{Cron: "soon"}},
		{"a policy that is none", "broadcast.bad_missed", w, broadcast.Order{Plan: store.Plan{Missed: "maybe"}}},
		{"nobody to send it", "broadcast.no_reachable", none, broadcast.Order{}},
	} {
		if c.o.Plan.Batch == "" {
			c.o.Plan.Batch = c.w.batch
		}
		_, err := c.w.p.Queue(c.o, "kim")
		if !errors.Is(err, words.Refuse(c.key)) {
			t.Errorf("%s: %v", c.why, err)
		}
		if waves, _ := c.w.s.Waves(false); len(waves) > 0 {
			t.Errorf("%s: a wave was stored", c.why)
		}
		var r *words.Refusal
		for _, l := range words.Languages() {
			if errors.As(err, &r) && contains(r.In(l), "%!") {
				t.Errorf("%s in %s: %s", c.why, l, r.In(l))
			}
		}
	}
}
