package api

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"chunfeng/bot/phone"
	"chunfeng/store"
	"chunfeng/templates/words"
)

// The people of these tests.
var (
	clerk    = Caller{Name: "kim", Role: store.RoleStaff, Lang: words.English}
	second   = Caller{Name: "li", Role: store.RoleApprover, Lang: words.English}
	yanjiMan = Caller{Name: "pak", Role: store.RoleStaff, County: "yanji", Lang: words.English}
	yanjiTwo = Caller{Name: "choe", Role: store.RoleApprover, County: "yanji", Lang: words.English}
	tumenMan = Caller{Name: "jin", Role: store.RoleStaff, County: "tumen", Lang: words.English}
)

// newSeason is an API with an account, groups of two counties in each language, and an approved batch A.
func newSeason(t testing.TB) *API {
	t.Helper()
	a := newAPI(t)
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	_, err := a.store.AddAccount("a01", "yanji", "test")
	must(err)
	var groups []store.Group
	for i, c := range []string{"yanji", "tumen"} {
		for j, l := range []string{"ko", "zh", "both"} {
			groups = append(groups, store.Group{
				Code: fmt.Sprintf("%s%03d", []string{"YJ", "TM"}[i], j+1), Name: "그룹", County: c, Township: c + "-진", Kind: "urban", Language: l, Tags: []string{"hall"},
			})
		}
	}
	_, err = a.store.PutGroups(groups, "test")
	must(err)
	_, _, err = a.store.AddBatch(store.Batch{Name: "봄", FileHash: strings.Repeat("a", 64), Employers: 1}, []store.Vacancy{
		{Employer: store.Both{Ko: "해란강식당", Zh: "海兰江饭店"}, Post: store.Both{Ko: "료리사", Zh: "厨师"}, Headcount: 2, Pay: store.Pay{Min: 4500, Max: 6000, Unit: "month"}, Phones: []phone.Number{}},
	}, "test")
	must(err)
	_, err = a.store.ApproveBatch("A", "test")
	must(err)
	return a
}

// do asks the API as a caller.
func do[T any](t testing.TB, a *API, c Caller, method, path string, body any) (T, error) {
	t.Helper()
	path, query, _ := strings.Cut(path, "?")
	q, err := url.ParseQuery(query)
	if err != nil {
		t.Fatal(err)
	}
	return Ask[T](context.Background(), a, c, method, path, q, body)
}

// ok is do that must be done.
func ok[T any](t testing.TB, a *API, c Caller, method, path string, body any) T {
	t.Helper()
	v, err := do[T](t, a, c, method, path, body)
	if err != nil {
		t.Fatalf("%s %s: %v", method, path, err)
	}
	return v
}

func queued(t testing.TB, a *API, c Caller, o Order) QueuedWave {
	t.Helper()
	return ok[QueuedWave](t, a, c, "POST", "/v1/waves", o)
}

// keyOf is the key of a refusal, for tests.
func keyOf(err error) string {
	if err == nil {
		return ""
	}
	return ProblemOf(err, words.English).Key
}

func TestAudienceIsCountedWithinTheCounty(t *testing.T) {
	a := newSeason(t)
	if _, err := a.store.SetGroup("TM002", store.GroupOptedOut, "", "test"); err != nil {
		t.Fatal(err)
	}
	codes := func(v AudienceCount) (out []string) {
		for _, g := range v.List {
			out = append(out, g.Code)
		}
		return out
	}
	for _, c := range []struct {
		why    string
		who    Caller
		query  string
		groups int
		out    int
		list   []string
	}{
		{"nothing chosen is everybody", clerk, "", 6, 1, []string{"YJ001", "YJ002", "YJ003", "TM001", "TM002", "TM003"}},
		{"two languages of one county, by its Chinese name", clerk, "?county=图们&language=ko&language=zh", 2, 1, []string{"TM001", "TM002"}},
		{"staff of a county have that county's only", yanjiMan, "", 3, 0, []string{"YJ001", "YJ002", "YJ003"}},
		{"a page, and the count of all", clerk, "?limit=2", 6, 1, []string{"YJ001", "YJ002"}},
		{"the page behind it", clerk, "?limit=2&after=2", 6, 1, []string{"YJ003", "TM001"}},
		{"conditions that exclude each other choose nobody", clerk, "?county=yanji&group=TM001", 0, 0, nil},
	} {
		v := ok[AudienceCount](t, a, c.who, "GET", "/v1/audience"+c.query, nil)
		if v.Groups != c.groups || v.OptedOut != c.out || v.Unbound != c.groups || !slices.Equal(codes(v), c.list) {
			t.Errorf("%s: %d groups, %d opted out, %d unbound, %v", c.why, v.Groups, v.OptedOut, v.Unbound, codes(v))
		}
	}
	for _, c := range []struct {
		why   string
		who   Caller
		query string
		key   string
	}{
		{"a county that does not exist", clerk, "?county=Seoul", "broadcast.unknown_county"},
		{"a township that no group is in", clerk, "?township=x", "broadcast.unknown_township"},
		{"another county", yanjiMan, "?county=tumen", "wave.other_county"},
		{"another county's group does not exist", yanjiMan, "?group=TM001", "store.no_group"},
		{"as one that nobody has", yanjiMan, "?group=XX001", "store.no_group"},
		{"a page that is no number", clerk, "?limit=x", "cmd.bad_number"},
	} {
		if _, err := do[AudienceCount](t, a, c.who, "GET", "/v1/audience"+c.query, nil); keyOf(err) != c.key {
			t.Errorf("%s: %v, want %s", c.why, err, c.key)
		}
	}
	if _, err := do[AudienceCount](t, a, yanjiMan, "GET", "/v1/audience?township=x", nil); err == nil || strings.Contains(err.Error(), "tumen") {
		t.Error("a refusal names what others have:", err)
	}
	names := ok[AudienceNames](t, a, tumenMan, "GET", "/v1/audience/names", nil)
	if d := cmp.Diff([]NameCount{{"tumen-진", "tumen", 3}}, names.Townships); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]NameCount{{"tumen", "", 3}}, names.Counties); d != "" {
		t.Error(d)
	}
}

func TestCountyStaffQueueAndMoveTheirOwn(t *testing.T) {
	a := newSeason(t)
	own := queued(t, a, yanjiMan, Order{Batch: "A", At: "2031-03-31T09:00"})
	if got := own.Plan.Audience.Counties; !slices.Equal(got, []string{"yanji"}) || own.Forecast.Reached != 3 {
		t.Fatalf("staff of Yanji reach %d groups of %v", own.Forecast.Reached, got)
	}
	for _, f := range own.Forecast.First {
		if f.County != "yanji" || f.Groups != 1 || f.Text == "" {
			t.Errorf("the first text is %+v", f)
		}
	}
	if len(own.Forecast.First) != 3 {
		t.Errorf("%d languages are shown", len(own.Forecast.First))
	}
	all := queued(t, a, clerk, Order{Batch: "A", At: "2031-04-01T09:00", Audience: store.Audience{Groups: []string{"yj001", "TM001", "TM002"}}})
	series := ok[QueuedSchedule](t, a, clerk, "POST", "/v1/waves", Order{Batch: "A", Cron: "0 9 * * 1"})
	for _, c := range []struct {
		who          Caller
		method, path string
		body         any
		key          string
	}{
		{yanjiMan, "POST", "/v1/waves/plan", Order{Batch: "A", Audience: store.Audience{Counties: []string{"tumen"}}}, "wave.other_county"},
		{yanjiMan, "POST", "/v1/waves", Order{Batch: "A", Audience: store.Audience{Groups: []string{"TM001"}}}, "store.no_group"},
		{yanjiTwo, "POST", "/v1/waves/" + all.ID + "/approve", map[string]string{"hash": all.Hash}, "wave.goes_further"},
		{yanjiMan, "POST", "/v1/waves/" + all.ID + "/cancel", nil, "wave.goes_further"},
		{yanjiMan, "POST", "/v1/waves/" + all.ID + "/pause", nil, "wave.goes_further"},
		{yanjiMan, "POST", "/v1/waves/" + all.ID + "/resume", nil, "wave.goes_further"},
		{yanjiMan, "POST", "/v1/waves/" + all.ID + "/stop", nil, "wave.goes_further"},
		{yanjiMan, "POST", "/v1/waves/" + all.ID + "/retry", nil, "wave.goes_further"},
		{yanjiMan, "POST", "/v1/schedules/" + series.ID + "/cancel", nil, "wave.goes_further"},
		{yanjiTwo, "POST", "/v1/schedules/" + series.ID + "/approve", map[string]string{"hash": series.Hash}, "wave.goes_further"},
		{tumenMan, "POST", "/v1/waves/" + own.ID + "/cancel", nil, "wave.goes_further"},
		{second, "POST", "/v1/waves", Order{Batch: "A"}, "cmd.no_right"},
		{clerk, "POST", "/v1/waves/" + own.ID + "/approve", map[string]string{"hash": own.Hash}, "cmd.no_right"},
	} {
		if _, err := do[any](t, a, c.who, c.method, c.path, c.body); keyOf(err) != c.key {
			t.Errorf("%s %s by %s: %v, want %s", c.method, c.path, c.who.Name, err, c.key)
		}
	}
	seen := ok[WaveDetail](t, a, yanjiMan, "GET", "/v1/waves/"+all.ID, nil)
	if d := cmp.Diff(store.Audience{Groups: []string{"YJ001"}}, seen.Plan.Audience); d != "" || seen.Plan.OtherGroups != 2 || len(seen.Deeds) != 0 {
		t.Errorf("another county's groups are named, or may be moved: %s %v", d, seen.Deeds)
	}
	if b, err := json.Marshal(ok[[]Wave](t, a, yanjiMan, "GET", "/v1/waves", nil)); err != nil || strings.Contains(string(b), "TM00") {
		t.Errorf("the list names them: %s %v", b, err)
	}
	for _, text := range ok[[]WaveText](t, a, yanjiMan, "GET", "/v1/waves/"+all.ID+"/texts", nil) {
		if text.County != "yanji" {
			t.Error("a text of", text.County)
		}
	}
	if d := cmp.Diff([]Deed{DeedApprove, DeedCancel}, ok[WaveDetail](t, a, yanjiTwo, "GET", "/v1/waves/"+own.ID, nil).Deeds); d != "" {
		t.Error(d)
	}
	if v := ok[Wave](t, a, yanjiTwo, "POST", "/v1/waves/"+own.ID+"/approve", map[string]string{"hash": own.Hash}); v.State != store.WaveApproved {
		t.Error(v.State)
	}
}

// TestApprovalIsOfWhatIsTrueNow: a plan that changed since it was queued is not approved by its old hash, and can be by
// the new one.
func TestApprovalIsOfWhatIsTrueNow(t *testing.T) {
	a := newSeason(t)
	w := queued(t, a, clerk, Order{Batch: "A", At: "2031-03-31T09:00"})
	if _, err := a.store.SetGroup("TM003", store.GroupPaused, "", "test"); err != nil {
		t.Fatal(err)
	}
	path := "/v1/waves/" + w.ID
	if _, err := do[Wave](t, a, second, "POST", path+"/approve", map[string]string{"hash": w.Hash}); keyOf(err) != "store.other_hash" || ProblemOf(err, words.English).Status() != http.StatusConflict {
		t.Fatal("the old hash:", err)
	}
	now := ok[Plan](t, a, second, "GET", path+"/forecast", nil)
	seen := ok[WaveDetail](t, a, second, "GET", path, nil)
	if now.Hash == w.Hash || now.Hash != seen.Hash || seen.State != store.WaveDraft || now.Reached != 5 {
		t.Fatalf("the plan is %s for %d groups, the wave %s of %s", now.Hash, now.Reached, seen.State, seen.Hash)
	}
	if v := ok[Wave](t, a, second, "POST", path+"/approve", map[string]string{"hash": now.Hash}); v.State != store.WaveApproved || v.ApprovedBy != "li" {
		t.Error(v)
	}
	var what []string
	for _, d := range ok[[]PastDeed](t, a, second, "GET", path+"/history", nil) {
		what = append(what, d.What+" "+d.Who)
	}
	if d := cmp.Diff([]string{"wave.approve li", "wave.void ", "wave.queue kim"}, what); d != "" {
		t.Error(d)
	}
}

// TestTwoDecideAtOnce: of an approval and a cancellation at the same moment one comes first, and the state says which.
func TestTwoDecideAtOnce(t *testing.T) {
	a := newSeason(t)
	for i := range 20 {
		w := queued(t, a, clerk, Order{Batch: "A", At: "2031-03-31T09:00"})
		var approved, cancelled error
		var wg sync.WaitGroup
		wg.Go(func() {
			_, approved = do[Wave](t, a, second, "POST", "/v1/waves/"+w.ID+"/approve", map[string]string{"hash": w.Hash})
		})
		wg.Go(func() { _, cancelled = do[Wave](t, a, clerk, "POST", "/v1/waves/"+w.ID+"/cancel", nil) })
		wg.Wait()
		got := ok[WaveDetail](t, a, clerk, "GET", "/v1/waves/"+w.ID, nil)
		if cancelled != nil || got.State != store.WaveCancelled || approved != nil && ProblemOf(approved, words.English).Status() != http.StatusConflict {
			t.Fatalf("time %d: approved: %v, cancelled: %v, it is %s", i, approved, cancelled, got.State)
		}
	}
}

func TestQueueOfWhatWasSeen(t *testing.T) {
	a := newSeason(t)
	if _, err := do[QueuedWave](t, a, clerk, "POST", "/v1/waves", Order{Batch: "A", Expect: 5}); keyOf(err) != "wave.other_groups" {
		t.Error(err)
	}
	if all := ok[[]Wave](t, a, clerk, "GET", "/v1/waves", nil); len(all) != 0 {
		t.Errorf("%d waves are there after a refusal", len(all))
	}
	queued(t, a, clerk, Order{Batch: "A", Expect: 6})
}

func TestListOfWaves(t *testing.T) {
	a := newSeason(t)
	for range 3 {
		queued(t, a, clerk, Order{Batch: "A", At: "2031-03-31T09:00"})
	}
	ok[Wave](t, a, clerk, "POST", "/v1/waves/2031-002/cancel", nil)
	for query, want := range map[string][]string{
		"": {"2031-003", "2031-002", "2031-001"}, "?state=cancelled": {"2031-002"}, "?state=active": {"2031-003", "2031-001"}, "?limit=2": {"2031-003", "2031-002"},
		"?limit=2&before=2031-002": {"2031-001"}, "?who=KIM&batch=a": {"2031-003", "2031-002", "2031-001"}, "?who=li": nil, "?batch=B": nil,
	} {
		var got []string
		for _, w := range ok[[]Wave](t, a, clerk, "GET", "/v1/waves"+query, nil) {
			got = append(got, w.ID)
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%s: %s", query, d)
		}
	}
	if _, err := do[[]Wave](t, a, clerk, "GET", "/v1/waves?state=x", nil); keyOf(err) != "cmd.bad_choice" {
		t.Error(err)
	}
}

func TestCalendarShowsWhatMeets(t *testing.T) {
	a := newSeason(t)
	queued(t, a, clerk, Order{Batch: "A", At: "2031-03-31T09:00"})
	queued(t, a, clerk, Order{Batch: "A", At: "2031-03-31T15:00", Audience: store.Audience{Counties: []string{"tumen"}}})
	gone := queued(t, a, clerk, Order{Batch: "A", At: "2031-03-31T16:00"})
	ok[Wave](t, a, clerk, "POST", "/v1/waves/"+gone.ID+"/cancel", nil)
	ok[QueuedSchedule](t, a, clerk, "POST", "/v1/waves", Order{Batch: "A", Cron: "0 9 * * 1", Audience: store.Audience{Languages: []string{"ko"}}})
	at := func(month, day string, who Caller) (out []string) {
		c := ok[Calendar](t, a, who, "GET", "/v1/calendar?month="+month, nil)
		if len(c.Days)%7 != 0 || c.Limit != 1 {
			t.Errorf("%d days, limit %d", len(c.Days), c.Limit)
		}
		if first, _ := time.Parse(time.DateOnly, c.Days[0].Date); first.Weekday() != time.Monday {
			t.Errorf("the month begins with a %s", first.Weekday())
		}
		for _, d := range c.Days {
			if d.Date == day {
				for _, e := range d.Events {
					out = append(out, fmt.Sprintf("%s %s groups %d shared %d over %d", e.ID, e.State, e.Groups, e.Shared, e.Over))
				}
			}
		}
		return out
	}
	// The 31st of March 2031 is a Monday: the schedule's day too.
	if d := cmp.Diff([]string{
		"2031-001 draft groups 6 shared 4 over 4", "S4 draft groups 2 shared 2 over 2", "2031-002 draft groups 3 shared 3 over 3", "2031-003 cancelled groups 6 shared 0 over 0",
	}, at("2031-03", "2031-03-31", clerk)); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]string{
		"2031-001 draft groups 3 shared 1 over 1", "S4 draft groups 1 shared 1 over 1", "2031-002 draft groups 0 shared 0 over 0", "2031-003 cancelled groups 3 shared 0 over 0",
	}, at("2031-03", "2031-03-31", yanjiMan)); d != "" {
		t.Error("of a county:", d)
	}
	if got := at("2031-04", "2031-04-07", clerk); !slices.Equal(got, []string{"S4 draft groups 2 shared 0 over 0"}) {
		t.Error(got)
	}
	v := ok[Plan](t, a, clerk, "POST", "/v1/waves/plan", Order{Batch: "A", At: "2031-03-31T10:00", Audience: store.Audience{Groups: []string{"TM001", "TM002"}}})
	if d := cmp.Diff([]Collision{
		{"2031-002", "wave", "A", "draft", "2031-03-31", 2}, {"2031-001", "wave", "A", "draft", "2031-03-31", 2}, {"S4", "schedule", "A", "draft", "2031-03-31", 1},
	}, v.Collisions); d != "" || v.OverLimit != 2 || !strings.Contains(strings.Join(v.Warnings, "\n"), "2 of these groups") {
		t.Error(d, v.OverLimit, v.Warnings)
	}
	if v := ok[Plan](t, a, clerk, "GET", "/v1/waves/2031-002/forecast", nil); len(v.Collisions) != 2 {
		t.Error("a wave meets itself:", v.Collisions)
	}
	if _, err := do[Calendar](t, a, clerk, "GET", "/v1/calendar?month=March", nil); keyOf(err) != "wave.bad_month" {
		t.Error(err)
	}
	// Every minute of every day is still a calendar.
	ok[QueuedSchedule](t, a, clerk, "POST", "/v1/waves", Order{Batch: "A", Cron: "* * * * *"})
	began := time.Now()
	at("2031-05", "", clerk)
	if took := time.Since(began); took > 3*time.Second {
		t.Error("a calendar takes", took)
	}
}

func TestScheduleIsApprovedAsItWasQueued(t *testing.T) {
	a := newSeason(t)
	s := ok[QueuedSchedule](t, a, clerk, "POST", "/v1/waves", Order{Batch: "A", Cron: "30 9 * * 1,4"})
	if len(s.Forecast.Collisions) != 0 || s.Plan.Missed != store.MissedSkip {
		t.Error(s.Forecast.Collisions, s.Plan.Missed)
	}
	path := "/v1/schedules/" + s.ID
	v := ok[ScheduleDetail](t, a, second, "GET", path, nil)
	if len(v.Upcoming) != upcoming || v.Upcoming[0].Format("15:04") != "09:30" || !slices.Equal(v.Deeds, []Deed{DeedApprove, DeedCancel}) {
		t.Error(v.Upcoming, v.Deeds)
	}
	if f := ok[Plan](t, a, second, "GET", path+"/forecast", nil); f.Reached != 6 || !f.At.Equal(v.Upcoming[0]) {
		t.Error(f.Reached, f.At)
	}
	if _, err := do[Schedule](t, a, second, "POST", path+"/approve", map[string]string{"hash": "x"}); keyOf(err) != "store.other_hash" {
		t.Error(err)
	}
	if got := ok[Schedule](t, a, second, "POST", path+"/approve", map[string]string{"hash": s.Hash}); got.State != "approved" || got.ApprovedBy != "li" {
		t.Error(got)
	}
	ok[Schedule](t, a, clerk, "POST", path+"/cancel", nil)
	if _, err := do[Schedule](t, a, second, "POST", path+"/approve", map[string]string{"hash": s.Hash}); ProblemOf(err, words.English).Status() != http.StatusConflict {
		t.Error("approved after it was cancelled:", err)
	}
	var what []string
	for _, d := range ok[[]PastDeed](t, a, second, "GET", path+"/history", nil) {
		what = append(what, d.What)
	}
	if !slices.Equal(what, []string{"schedule.cancelled", "schedule.approved", "schedule.add"}) {
		t.Error(what)
	}
}

// open opens a queued wave as the scheduler does.
func open(t testing.TB, a *API, id string) store.Wave {
	t.Helper()
	w, err := a.store.Wave(id)
	if err != nil {
		t.Fatal(err)
	}
	if w, err = a.store.ApproveWave(id, w.Hash, "li", true); err != nil {
		t.Fatal(err)
	}
	planner, err := a.Planner()
	if err != nil {
		t.Fatal(err)
	}
	v, err := planner.Plan(w.Plan, w.At)
	if err != nil {
		t.Fatal(err)
	}
	if w, err = a.store.OpenWave(v.Opening(id, time.Time{})); err != nil {
		t.Fatal(err)
	}
	return w
}

func TestOpenWaveKeepsWhatItSaysToHowMany(t *testing.T) {
	a := newSeason(t)
	if _, err := a.store.SetGroup("TM003", store.GroupPaused, "", "test"); err != nil {
		t.Fatal(err)
	}
	w := queued(t, a, clerk, Order{Batch: "A"})
	before := ok[[]WaveText](t, a, clerk, "GET", "/v1/waves/"+w.ID+"/texts", nil)
	if got := open(t, a, w.ID); got.Groups != 5 || got.Total != 6 {
		t.Errorf("%d groups of %d deliveries", got.Groups, got.Total)
	}
	after := ok[[]WaveText](t, a, clerk, "GET", "/v1/waves/"+w.ID+"/texts", nil)
	if d := cmp.Diff(before, after); d != "" || len(after) != 5 {
		t.Errorf("%d texts: %s", len(after), d)
	}
	for _, text := range ok[[]WaveText](t, a, yanjiMan, "GET", "/v1/waves/"+w.ID+"/texts", nil) {
		if text.County != "yanji" {
			t.Error("staff of Yanji read a text of", text.County)
		}
	}
	// A filled vacancy changes what is sent from now on, not what was approved.
	if _, err := a.store.SetVacancy("", []string{"A001"}, store.VacancyFilled, "", "test"); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(before, ok[[]WaveText](t, a, clerk, "GET", "/v1/waves/"+w.ID+"/texts", nil)); d != "" {
		t.Error(d)
	}
}

func TestStopOfEverythingStaysInTheCounty(t *testing.T) {
	a := newSeason(t)
	own := queued(t, a, yanjiMan, Order{Batch: "A"})
	all := queued(t, a, clerk, Order{Batch: "A"})
	draft := queued(t, a, clerk, Order{Batch: "A"})
	open(t, a, own.ID)
	open(t, a, all.ID)
	if v := ok[Stoppable](t, a, yanjiMan, "GET", "/v1/stop", nil); len(v.Waves) != 1 || v.Groups != 3 {
		t.Errorf("%+v", v)
	}
	if v := ok[Stopped](t, a, yanjiMan, "POST", "/v1/stop", nil); !slices.Equal(v.Waves, []string{own.ID}) {
		t.Error(v.Waves)
	}
	if v := ok[Stoppable](t, a, clerk, "GET", "/v1/stop", nil); len(v.Waves) != 1 || v.Groups != 6 {
		t.Errorf("%+v", v)
	}
	if v := ok[Stopped](t, a, clerk, "POST", "/v1/stop", nil); !slices.Equal(v.Waves, []string{all.ID}) {
		t.Error(v.Waves)
	}
	for id, want := range map[string]store.WaveState{own.ID: store.WavePaused, all.ID: store.WavePaused, draft.ID: store.WaveDraft} {
		if v := ok[WaveDetail](t, a, clerk, "GET", "/v1/waves/"+id, nil); v.State != want || v.Stopped != (want == store.WavePaused) {
			t.Errorf("%s is %s", id, v.State)
		}
	}
	if v := ok[Stopped](t, a, clerk, "POST", "/v1/stop", nil); len(v.Waves) != 0 {
		t.Error("stopped again:", v.Waves)
	}
}

func TestRetryOfWhatWasSeen(t *testing.T) {
	a := newSeason(t)
	w := queued(t, a, clerk, Order{Batch: "A"})
	opened := open(t, a, w.ID)
	path := "/v1/waves/" + w.ID + "/retry"
	if _, err := do[Retried](t, a, clerk, "POST", path, nil); keyOf(err) != "cmd.nothing_failed" {
		t.Error("nothing failed yet:", err)
	}
	for seq := range uint32(2) {
		d, err := a.store.Delivery(store.DeliveryID(w.ID, seq))
		if err != nil {
			t.Fatal(err)
		}
		_, try, err := a.store.Claim(d, 0, nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := a.store.Settle(opened.Number, seq, try.ClientID, store.Settlement{Outcome: store.Refused, Reason: store.ReasonRemoved}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := do[Retried](t, a, clerk, "POST", path, map[string]int{"failed": 3}); keyOf(err) != "wave.other_failed" {
		t.Error(err)
	}
	if v := ok[Retried](t, a, clerk, "POST", path, map[string]int{"failed": 2}); v.Retried != 2 {
		t.Error(v.Retried)
	}
	if _, err := do[Retried](t, a, clerk, "POST", path, map[string]int{"failed": 2}); keyOf(err) != "cmd.nothing_failed" {
		t.Error("a second time:", err)
	}
}
