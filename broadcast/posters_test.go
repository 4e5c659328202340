package broadcast_test

import (
	"bytes"
	"errors"
	"image/png"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"chunfeng/broadcast"
	"chunfeng/store"
	"chunfeng/templates/words"
)

// posters has a world's planner keep what it draws, and tell much.
func posters(w *world) {
	w.p.Posters = broadcast.NewPosters(16 << 20)
	w.batch = w.addBatch("long", long(60))
}

func TestPlanOfPosters(t *testing.T) {
	at := time.Date(2026, 11, 23, 9, 0, 0, 0, shanghai)
	w := setup(t, 2, 30, posters)
	both := store.Plan{Form: store.FormBoth, PosterPages: 2, PosterURL: "https://jiuye.example.cn/p"}
	v := w.plan(both, at)
	if v.Deliveries != 90 || v.Total != 90 {
		t.Errorf("a text and two pages for 30 groups are %d deliveries in %d rows", v.Deliveries, v.Total)
	}
	contents := map[string]store.Content{}
	for _, c := range v.Contents() {
		contents[c.Hash] = c
		if c.Kind != store.Image {
			continue
		}
		if _, err := png.Decode(bytes.NewReader(c.Body)); err != nil {
			t.Error(err)
		}
		if len(c.Vacancies) == 0 || c.Batch != w.batch || c.Of != 2 || c.Hash != store.HashContent(store.Image, "", c.Body) {
			t.Errorf("%+v", c)
		}
	}
	var row store.Row
	for r := range v.Rows() {
		if r.Group == row.Group && r.Part != row.Part+1 || r.Group != row.Group && r.Part != 1 {
			t.Errorf("part %d after %d", r.Part, row.Part)
		}
		if want := map[bool]store.Kind{true: store.Text, false: store.Image}[r.Part == 1]; r.Kind != want || contents[r.Content].Kind != want {
			t.Errorf("part %d is of kind %s", r.Part, r.Kind)
		}
		row = r
	}
	// Languages and counties go together here, so that there are three posters, with two pages each.
	if len(v.Posters) != 3 || len(contents) != 3*(1+2) {
		t.Errorf("%d posters, %d contents", len(v.Posters), len(contents))
	}
	for _, p := range v.Posters {
		if p.Pages != 2 || p.Told == 0 || p.Told >= p.Of {
			t.Errorf("%+v", p)
		}
	}
	if !slicesHas(v.Warnings, "broadcast.poster_part") {
		t.Errorf("nobody is told that not all is on the posters: %v", v.Warnings)
	}
	if a := v.Forecast.Accounts[0]; a.Pictures != 30 || a.Messages != 45 {
		t.Errorf("%+v", a)
	}
	hashes := map[string]string{"": v.Hash}
	for why, p := range map[string]store.Plan{
		"text alone": {}, "the poster alone": {Form: store.FormPoster, PosterPages: 2, PosterURL: both.PosterURL},
		"one page":        {Form: store.FormBoth, PosterURL: both.PosterURL},
		"another address": {Form: store.FormBoth, PosterPages: 2, PosterURL: "https://jiuye.example.cn/q"},
	} {
		hash := w.plan(p, at).Hash
		for other, h := range hashes {
			if h == hash {
				t.Errorf("%s has the hash of %q", why, other)
			}
		}
		hashes[why] = hash
	}
	if w.plan(both, at).Hash != v.Hash {
		t.Error("the same plan has another hash")
	}
	w.p.Posters = nil
	if w.plan(both, at).Hash != v.Hash {
		t.Error("drawn anew it has another hash")
	}
}

func slicesHas(list []words.Text, key string) bool {
	for _, x := range list {
		if x.Key == key {
			return true
		}
	}
	return false
}

func TestFormsThatMakeNoSense(t *testing.T) {
	w := setup(t, 1, 3, nil)
	for key, p := range map[string]store.Plan{
		"broadcast.bad_form":         {Form: "film"},
		"broadcast.no_poster":        {PosterPages: 1},
		"broadcast.no_texts":         {Form: store.FormPoster, Parts: 2},
		"broadcast.bad_poster_pages": {Form: store.FormBoth, PosterPages: broadcast.MaxPosterPages + 1},
		"broadcast.bad_poster_url":   {Form: store.FormBoth, PosterURL: "jiuye.example.cn"},
		"poster.url_too_long":        {Form: store.FormBoth, PosterURL: "https://jiuye.example.cn/" + strings.Repeat("x", 900)},
	} {
		p.Batch = w.batch
		if _, err := w.p.Plan(p, time.Now()); !errors.Is(err, words.Refuse(key)) {
			t.Errorf("%+v: %v, want %s", p, err, key)
		}
	}
	if v := w.plan(store.Plan{Form: "text"}, time.Now()); v.Plan.Form != store.FormText {
		t.Errorf("text is kept as %q", v.Plan.Form)
	}
}

// TestWhatNoPosterCanShow: a vacancy with a character that the fonts lack is told in words, and the plan says why.
func TestWhatNoPosterCanShow(t *testing.T) {
	w := setup(t, 1, 6, posters)
	list := long(6)
	list[2].Employer = store.Both{Zh: "王喆食品厂"}
	w.batch = w.addBatch("rare", list)
	v := w.plan(store.Plan{Form: store.FormBoth}, time.Now())
	said := ""
	for _, x := range v.Warnings {
		if x.Key == "broadcast.poster_gaps" {
			said = x.In(words.English)
		}
	}
	if !strings.Contains(said, "喆") || !strings.Contains(said, "003") || !strings.Contains(said, "employer") {
		t.Errorf("the plan says %q", said)
	}
	for _, c := range v.Contents() {
		if told := strings.Contains(strings.Join(c.Vacancies, " "), "003"); c.County == "yanji" && told != (c.Kind == store.Text) {
			t.Errorf("%s of %s: %v", c.Kind, c.Language, c.Vacancies)
		}
	}
	for i := range list {
		list[i].Employer = store.Both{Zh: "王喆食品厂"}
	}
	w.batch = w.addBatch("all rare", list)
	if v := w.plan(store.Plan{Form: store.FormBoth}, time.Now()); v.Deliveries != v.Reached {
		t.Errorf("%d deliveries for %d groups, and no poster can be drawn", v.Deliveries, v.Reached)
	}
	if _, err := w.p.Plan(store.Plan{Batch: w.batch, Form: store.FormPoster}, time.Now()); !errors.Is(err, words.Refuse("poster.no_glyph")) {
		t.Errorf("a poster without vacancies: %v", err)
	}
}

func TestWaveOfPosters(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := setup(t, 2, 30, func(w *world) {
			posters(w)
			paced(w)
			w.p.Pacing.Media = broadcast.Limits{Every: time.Minute, PerHour: 20}
		})
		// In each third group the first picture is refused for a moment; the tenth of all is answered by nothing.
		pictures, tried := 0, map[uint32]bool{}
		w.far.fail = func(_ int, m broadcast.Message) (error, bool) {
			if m.Kind != store.Image {
				return nil, true
			}
			if m.Group%3 == 0 && !tried[m.Group] {
				tried[m.Group] = true
				return &broadcast.SendError{Reason: "upload", Certain: true, Temporary: true, After: time.Minute}, false
			}
			if pictures++; pictures == 10 {
				return errLost, true
			}
			return nil, true
		}
		w.start()
		wave := w.queue(broadcast.Order{Plan: store.Plan{Form: store.FormBoth, PosterPages: 2, Canary: 3, Observe: time.Minute}})
		for over := false; !over; {
			switch got := w.until(wave.ID, 24*time.Hour, store.WaveFailures, store.WavePaused, store.WaveFinished); got.State {
			case store.WavePaused:
				if _, err := w.d.Resume(wave.ID, "kim"); err != nil {
					t.Fatal(err)
				}
			default:
				over = true
			}
		}
		type key struct {
			group uint32
			hash  string
		}
		last, times := map[uint32]time.Time{}, map[key]int{}
		var kinds = map[uint32][]store.Kind{}
		for _, a := range w.far.list() {
			times[key{a.m.Group, a.m.Hash}]++
			if a.at.Before(last[a.m.Group]) {
				t.Errorf("group %d: out of order", a.m.Group)
			}
			last[a.m.Group] = a.at
			kinds[a.m.Group] = append(kinds[a.m.Group], a.m.Kind)
			if a.m.Kind == store.Image && len(a.m.Body) == 0 {
				t.Error("a picture without a body")
			}
		}
		for k, n := range times {
			if n > 1 {
				t.Errorf("%v arrived %d times", k, n)
			}
		}
		got := w.wave(wave.ID)
		sent := 0
		for group, list := range kinds {
			if sent += len(list); !cmp.Equal(list, []store.Kind{store.Text, store.Image, store.Image}) {
				t.Errorf("group %d got %v", group, list)
			}
		}
		if got.Total != 90 || got.Counts[store.Sent]+got.Counts[store.Unknown] != sent || got.Counts[store.Unknown] == 0 {
			t.Errorf("%d arrived: %v", sent, got.Counts)
		}
	})
}

// TestFilledBeforeThePictureGoes: between approval and sending a vacancy is filled: the page is drawn again without it,
// once, and the log says from what.
func TestFilledBeforeThePictureGoes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := setup(t, 1, 6, posters)
		plan := store.Plan{Form: store.FormPoster, PosterPages: 2, PosterURL: "https://jiuye.example.cn/p", Hold: time.Hour, Audience: store.Audience{Counties: []string{"yanji"}}}
		plan.Batch = w.batch
		pages := w.plan(plan, time.Now()).Contents()
		if len(pages) != 2 {
			t.Fatalf("%d pages", len(pages))
		}
		w.start()
		wave := w.queue(broadcast.Order{Plan: plan})
		time.Sleep(time.Minute)
		if _, err := w.s.SetVacancy("", pages[1].Vacancies[:1], store.VacancyFilled, "", "kim"); err != nil {
			t.Fatal(err)
		}
		got := w.until(wave.ID, 2*time.Hour, store.WaveFinished)
		if got.Counts[store.Sent] != 4 {
			t.Fatal(got.Counts)
		}
		for _, d := range w.deliveries(got) {
			c, err := w.s.Content(d.Content)
			if err != nil {
				t.Fatal(err)
			}
			if d.Part == 1 {
				if c.Hash != pages[0].Hash || c.Amends != 0 {
					t.Errorf("the untouched page went as %+v", c)
				}
				continue
			}
			was, err := w.s.Content(c.Amends)
			if err != nil || was.Hash != pages[1].Hash || c.Hash == was.Hash || c.Kind != store.Image || !cmp.Equal(c.Vacancies, pages[1].Vacancies[1:]) {
				t.Errorf("amended: %v of %v, %v", c.Vacancies, pages[1].Vacancies, err)
			}
		}
		bodies := map[string]bool{}
		for _, a := range w.far.list() {
			bodies[a.m.Hash] = true
		}
		if len(bodies) != 2 {
			t.Errorf("%d different pictures went out", len(bodies))
		}

		// All of the first page is filled: it is left out with its reason, and the second still goes.
		wave = w.queue(broadcast.Order{Plan: plan})
		time.Sleep(time.Minute)
		pages = w.plan(plan, wave.At).Contents()
		if _, err := w.s.SetVacancy("", pages[0].Vacancies, store.VacancyFilled, "", "kim"); err != nil {
			t.Fatal(err)
		}
		got = w.until(wave.ID, 2*time.Hour, store.WaveFinished)
		for _, d := range w.deliveries(got) {
			if d.Part == 1 && (d.State != store.Skipped || d.Reason != store.ReasonClosed) || d.Part == 2 && d.State != store.Sent {
				t.Errorf("part %d is %s for %q", d.Part, d.State, d.Reason)
			}
		}
	})
}

func TestFilledBeforeOpeningVoids(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := setup(t, 1, 6, posters)
		w.start()
		plan := store.Plan{Batch: w.batch, Form: store.FormPoster}
		wave := w.queue(broadcast.Order{Plan: plan, At: time.Now().Add(time.Hour)})
		code := w.plan(plan, wave.At).Contents()[0].Vacancies[0]
		if _, err := w.s.SetVacancy("", []string{code}, store.VacancyFilled, "", "kim"); err != nil {
			t.Fatal(err)
		}
		got := w.until(wave.ID, 2*time.Hour, store.WaveDraft)
		if got.Why != "broadcast.plan_changed" || got.Hash == wave.Hash {
			t.Errorf("a draft for %q with hash %s", got.Why, got.Hash)
		}
	})
}

// TestPosterFollowsTags draws a poster for groups with a tag that begins as their text does.
func TestPosterFollowsTags(t *testing.T) {
	at := time.Date(2026, 11, 23, 9, 0, 0, 0, shanghai)
	w := setup(t, 1, 12, func(w *world) {
		posters(w)
		list := long(20)
		for i := range list {
			list[i].Tags = nil
		}
		list[18].Tags, list[19].Tags = []string{"food"}, []string{"food"}
		w.batch = w.addBatch("tagged", list)
	})
	v := w.plan(store.Plan{Form: store.FormBoth}, at)
	contents := map[string]store.Content{}
	for _, c := range v.Contents() {
		contents[c.Hash] = c
	}
	first := map[uint32]map[store.Kind]string{}
	drawn := map[string]bool{}
	for r := range v.Rows() {
		c := contents[r.Content]
		if first[r.Group] == nil {
			first[r.Group] = map[store.Kind]string{}
		}
		if first[r.Group][c.Kind] == "" {
			first[r.Group][c.Kind] = c.Vacancies[0]
		}
		if c.Kind == store.Image {
			drawn[c.Hash] = true
		}
	}
	for group, f := range first {
		if f[store.Text] != f[store.Image] {
			t.Errorf("group %d reads of %s first and sees %s", group, f[store.Text], f[store.Image])
		}
	}
	// Three languages with their counties, each with groups that have the tag and groups that have not.
	if len(first) != 12 || len(drawn) != 6 || len(v.Posters) != 3 {
		t.Errorf("%d groups get %d pictures in %d languages and counties", len(first), len(drawn), len(v.Posters))
	}
}
