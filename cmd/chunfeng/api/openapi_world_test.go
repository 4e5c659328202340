package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"testing"
	"time"

	"chunfeng/bot/phone"
	"chunfeng/broadcast"
	"chunfeng/config"
	"chunfeng/examples"
	"chunfeng/store"
	"chunfeng/templates/words"
)

// world is a small season as a daemon has it after some hours: what every route has something to answer about.
type world struct {
	*API
	t *testing.T
	// ids has, for each list of the API, what may stand behind it in a path: ids["/v1/waves"] is a wave's id.
	ids map[string]string
	// values has what a parameter of the query may be. A parameter that lists its values needs none.
	values map[string]string
}

var (
	kim = Caller{Name: "kim", Lang: words.English} // with the rights of the owner, as everybody here
	li  = Caller{Name: "li", Lang: words.English}
)

// wire is the far side of an account: it takes most messages, refuses one, and leaves one without an answer.
type wire struct{ calls int }

// Ready implements broadcast.Sender.
func (*wire) Ready(uint32) error { return nil }

// Send implements broadcast.Sender.
func (w *wire) Send(context.Context, broadcast.Message) (broadcast.Receipt, error) {
	w.calls++
	switch w.calls {
	case 3:
		return broadcast.Receipt{}, &broadcast.SendError{Reason: store.ReasonRemoved, Certain: true, Err: errors.New("not in the group")}
	case 4:
		return broadcast.Receipt{}, errors.New("no answer")
	}
	return broadcast.Receipt{ServerID: fmt.Sprint(7_000_000 + w.calls)}, nil
}

// newWorld makes a world on virtual time; it must be called within a synctest bubble.
func newWorld(t *testing.T) *world {
	t.Helper()
	time.Sleep(time.Until(time.Date(2026, 11, 23, 9, 30, 0, 0, config.Default().Zone))) // a Monday morning of the examples' season
	w := &world{API: newAPI(t), t: t, values: map[string]string{}}
	planner, err := w.Planner()
	w.must(err)
	planner.Posters = broadcast.NewPosters(32 << 20) // drawn once, as in a daemon
	w.Planner = func() (*broadcast.Planner, error) { return planner, nil }
	d := broadcast.New(broadcast.Options{Store: w.store, Planner: planner, ConfirmAfter: time.Minute})
	w.Running, w.Dispatcher = func() bool { return true }, func() *broadcast.Dispatcher { return d }
	w.Code = func(account string) (Code, bool) {
		return Code{Link: "https://login.example/l/1", PNG: []byte{1, 2}, Expires: time.Now().Add(time.Minute)}, account == "a02"
	}
	w.people()
	w.registry()
	batch := w.batch()
	w.must(d.Add("a01", &wire{}))
	d.Start()
	t.Cleanup(func() { w.must(d.Stop(context.Background())) })

	wave := w.wave(Order{Batch: batch, Hold: "1m", Form: "both", Audience: store.Audience{Counties: []string{"yanji"}}})
	time.Sleep(30 * time.Minute)
	w.replies()
	order := w.order(Order{Batch: batch, Cron: "0 9 * * 1", Form: "both", Audience: store.Audience{Counties: []string{"tumen"}}})
	later := w.wave(Order{Batch: batch, At: "2026-11-30 09:00", Audience: store.Audience{Counties: []string{"tumen"}}})
	w.must(w.store.OpenGap("a01", "logged out", time.Now().Add(-time.Hour)))
	w.must(w.store.CloseGap("a01", false, time.Time{}))
	w.must(w.store.OpenGap("a02", "logged out", time.Now())) // of no group, and it goes on
	_, err = w.store.SetVacancy("", []string{"A003"}, store.VacancyFilled, "", "kim")
	w.must(err)

	disk, _, err := w.store.RaiseAlert(store.Alert{What: "disk", Key: "alert.disk", Args: []string{"90", "1024"}, Notices: []store.Notice{{Road: store.RoadWebhook}}})
	w.must(err)
	w.must(w.store.NoteAlert(disk.Number, store.Notice{Road: store.RoadWebhook, Tries: 5, Done: time.Now(), Failed: "the webhook answered 500"}))
	_, err = w.store.ClearAlert(disk.Number, time.Now(), nil)
	w.must(err)
	_, _, err = w.store.RaiseAlert(store.Alert{What: "silent", On: "a01", Key: "alert.silent", Args: []string{"a01", "90", "30"}, Notices: disk.Notices})
	w.must(err)

	w.must(w.store.SetDays([]store.Day{{Date: "2026-10-01", Rest: true, Name: store.Both{Zh: "国庆节"}}}, "kim"))
	_, err = w.store.SaveTemplateVersion(store.TemplateVersion{Name: "digest.tmpl", Body: "x", Note: "y"}, "kim")
	w.must(err)

	_, err = w.store.AddBackup(store.BackupRun{At: time.Now(), File: "/backups/x.age", Good: true}, "")
	w.must(err)

	unknown := w.first(wave, store.Unknown)
	w.ids = map[string]string{
		"/v1/accounts": "a01", "/v1/groups": "YJ001", "/v1/groups/{code}/bindings": "a01", "/v1/batches": batch, "/v1/waves": wave, "/v1/reports/wave": wave, "/v1/schedules": order,
		"/v1/deliveries": unknown, "/v1/replies": "R1", "/v1/signups": "N1", "/v1/gaps": "1", "/v1/users": "pak", "/v1/sessions": sessionName("s1"),
		"/v1/batches/{id}/poster": "1", "/v1/templates/files": "digest",
	}
	signed, err := w.store.Signup("N1")
	w.must(err)
	w.ids["/v1/notices"], w.values["since"] = signed.Notice, "2026-11-01"
	opened, err := w.store.Wave(wave)
	w.must(err)
	said, err := w.store.Content(opened.Shares[0].Content)
	w.must(err)
	w.ids["/v1/waves/{id}/texts"] = said.Hash
	texts, err := Ask[[]WaveText](context.Background(), w.API, kim, "GET", "/v1/waves/"+wave+"/texts", nil, nil)
	w.must(err)
	for _, one := range texts {
		if one.Kind == store.Image {
			w.ids["/v1/waves/{id}/pictures"] = one.Hash
		}
	}
	w.values["wave"], w.values["batch"], w.values["group"], w.values["account"] = wave, batch, "YJ001", "a01"
	w.values["county"], w.values["township"], w.values["kind"], w.values["tag"] = "延吉", "北山街道", "urban", "food"
	w.values["vacancy"], w.values["from"], w.values["to"], w.values["month"], w.values["q"] = "A001", "2026-11-01", "2026-12-31", "2026-11", "북산"
	w.values["limit"], w.values["purpose"], w.values["name"], w.values["title"], w.values["who"] = "1", "to call back", "x.xlsx", "Spring", "kim"
	w.values["before /v1/waves"], w.values["to /v1/accounts/{name}/hand-over"] = later, "a04"
	w.values["group /v1/registry/doubtful"], w.values["after /v1/registry/doubtful"] = "TM001", "a01/1"
	return w
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// people has two persons, one of them signed in.
func (w *world) people() {
	w.t.Helper()
	_, err := w.store.AddUser(store.User{Name: "jin", Label: "金川", Role: store.RoleAdmin}, "kim")
	w.must(err)
	u, err := w.store.AddUser(store.User{Name: "pak", Label: "박하늘", Role: store.RoleStaff, County: "yanji", Password: HashPassword("마가목 열매 셋")}, "kim")
	w.must(err)
	now := time.Now()
	w.must(w.store.SaveWebSession(store.WebSession{Key: "s1", User: "pak", PasswordAt: u.PasswordAt, Data: []byte("{}"), Address: "192.0.2.1", Agent: "Firefox", CreatedAt: now, SeenAt: now, Expires: now.Add(72 * time.Hour)}))
}

// registry has two accounts, of which one is logged in, and groups that it knows, doubts and left.
func (w *world) registry() {
	w.t.Helper()
	for _, name := range []string{"a01", "a02", "a04"} {
		_, err := w.store.AddAccount(name, "", "kim")
		w.must(err)
	}
	_, err := w.store.StartSession("a01", "e1", 1, "봄바람")
	w.must(err)
	var groups []store.Group
	for i := range 12 {
		g := store.Group{
			Code: fmt.Sprintf("YJ%03d", i+1), Name: fmt.Sprintf("북산 취업 %d", i+1), County: "yanji", Township: "北山街道", Kind: "urban",
			Language: []string{"ko", "zh", "both"}[i%3], Tags: []string{"food"}, Account: "a01",
		}
		if i >= 8 {
			g.Code, g.County = fmt.Sprintf("TM%03d", i-7), "tumen"
		}
		groups = append(groups, g)
	}
	_, err = w.store.PutGroups(groups, "kim")
	w.must(err)
	for i := range groups {
		state := store.Bound
		switch i {
		case 8:
			state = store.Quarantined
		case 9:
			state = store.Gone
		}
		b := store.Binding{
			Group: uint32(i + 1), UserName: fmt.Sprint("@@", i+1), Name: groups[i].Name, Members: 200, Evidence: "name", Score: 0.9, State: state, At: time.Now(),
		}
		if state == store.Quarantined {
			b.UserName, b.Why, b.Candidates = "", "bot.doubtful_name | TM001 | 북산 (180)", []string{"@@90"}
		}
		w.must(w.store.Bind("a01", "e1", b))
	}
	w.must(w.store.SaveChats("a01", "e1", []store.Chat{{UserName: "@@90", Name: "북산", Members: 180}, {UserName: "@@91", Name: "동창"}}))
	// A second account is in three of the groups of the first.
	_, err = w.store.StartSession("a04", "e4", 4, "가을")
	w.must(err)
	for i := range 3 {
		w.must(w.store.Bind("a04", "e4", store.Binding{Group: uint32(i + 1), UserName: fmt.Sprint("@@4", i), Name: groups[i].Name, Evidence: "name", State: store.Bound, At: time.Now()}))
	}
}

// batch imports the first of the examples' workbooks, and has another batch with a vacancy that is in it already.
func (w *world) batch() string {
	w.t.Helper()
	data, err := examples.FS.ReadFile(examples.Batch1)
	w.must(err)
	b, err := Ask[Batch](w.t.Context(), w.API, kim, "POST", "/v1/batches", map[string][]string{"name": {examples.Batch1}, "title": {"봄"}}, data)
	w.must(err)
	_, err = Ask[Batch](w.t.Context(), w.API, li, "POST", "/v1/batches/"+b.ID+"/approve", nil, nil)
	w.must(err)
	twin, err := w.store.Vacancy(b.ID + "001")
	w.must(err)
	twin.Headcount++
	_, _, err = w.store.AddBatch(store.Batch{Name: "여름", FileHash: "h", Employers: 1}, []store.Vacancy{twin}, "kim")
	w.must(err)
	return b.ID
}

// wave queues a wave and has somebody else approve it.
func (w *world) wave(o Order) string {
	w.t.Helper()
	q, err := Ask[QueuedWave](w.t.Context(), w.API, kim, "POST", "/v1/waves", nil, o)
	w.must(err)
	_, err = Ask[Wave](w.t.Context(), w.API, li, "POST", "/v1/waves/"+q.ID+"/approve", nil, Approval{q.Hash})
	w.must(err)
	return q.ID
}

// order queues a recurring order, which stays a draft.
func (w *world) order(o Order) string {
	w.t.Helper()
	q, err := Ask[QueuedSchedule](w.t.Context(), w.API, kim, "POST", "/v1/waves", nil, o)
	w.must(err)
	return q.ID
}

// first is the first delivery of a wave that has a state.
func (w *world) first(wave string, state store.State) string {
	w.t.Helper()
	page, err := w.store.Log(store.LogFilter{Wave: wave, State: &state, Limit: 1})
	w.must(err)
	if len(page.Rows) == 0 {
		w.t.Fatalf("no delivery of %s is %s", wave, state)
	}
	return store.DeliveryID(wave, page.Rows[0].Delivery.Seq)
}

// replies has residents write: a sign-up, one that a person should look at, and an opinion that is none of ours.
func (w *world) replies() {
	w.t.Helper()
	number, err := phone.Parse("13844331234")
	w.must(err)
	for i, text := range []string{"报名 A001 张三 " + number.RevealNational(), "报名 A002 1384433123", "今天真冷"} {
		raw, err := json.Marshal(map[string]any{
			"MsgId": fmt.Sprint(i + 1), "FromUserName": "@@1", "ToUserName": "@self", "MsgType": 1, "Content": "@member:<br/>" + text, "CreateTime": time.Now().Unix(),
		})
		w.must(err)
		_, err = w.store.Receive("a01", "e1", []store.Inbound{{MsgID: fmt.Sprint(i + 1), UserName: "@@1", Raw: raw}}, []byte("c"))
		w.must(err)
	}
	r, err := w.Registrar()
	w.must(err)
	_, err = r.Pass(w.t.Context())
	w.must(err)
}
