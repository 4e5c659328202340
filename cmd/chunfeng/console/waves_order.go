package console

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"chunfeng/cmd/chunfeng/api"
	"chunfeng/store"
	"chunfeng/templates/place"
	"chunfeng/templates/words"
)

// orderPage is the form in which a wave is put together, the groups that it chooses, and the plan of it.
type orderPage struct {
	Q         url.Values // what was chosen; it stands in the address
	Batches   []api.Batch
	Templates []string
	Names     api.AudienceNames
	Audience  audience
	Hold      int // minutes, what is usual
	Weekdays  []string
	Policies  []store.Missed
	Forms     []string
	Plan      *planView
	MayQueue  bool
}

// audience is the groups that a form chooses; Refused says why there are none to show.
type audience struct {
	api.AudienceCount
	Refused string
	More    string // the address of what is behind the list
	Back    string // of the form
	Deep    bool   // not the first page of the list
}

// planView is a plan with the calendar of its month.
type planView struct {
	api.Plan
	Month month
	Wave  string // whose plan it is; empty: not queued yet
}

// Src is where a picture of the plan is: the wave's own, or as one of its groups would see it now.
func (p planView) Src(t api.WaveText) string {
	if p.Wave != "" {
		return pictureOf(p.Wave, t.Hash)
	}
	q := url.Values{"batch": {p.Batch}, "group": {t.Group}, "pages": {strconv.Itoa(p.Plan.Plan.PosterPages)}}
	if u := p.Plan.Plan.PosterURL; u != "" {
		q.Set("url", u)
	}
	return "/waves/poster?" + q.Encode()
}

// pictureOf is where a picture of a wave is.
func pictureOf(wave, hash string) string { return "/waves/" + seg(wave) + "/pictures/" + seg(hash) }

// orderFields are the fields of the form.
var orderFields = [...]string{
	"batch", "template", "parts", "form", "poster_pages", "poster_url", "county", "township", "kind", "language", "tag", "groups", "when", "at", "day", "clock", "monthday", "monthclock", "cron",
	"missed", "hold", "canary", "observe",
}

// orderQuery takes the form's fields out of an address or a form, without those that are empty.
func orderQuery(q url.Values) url.Values {
	out := url.Values{}
	for _, name := range orderFields {
		for _, v := range q[name] {
			if v = strings.TrimSpace(v); v != "" {
				out.Add(name, v)
			}
		}
	}
	return out
}

// audienceQuery is the part of the form that chooses groups, as the API takes it.
func audienceQuery(q url.Values) url.Values {
	out := url.Values{}
	for _, name := range []string{"county", "township", "kind", "language", "tag"} {
		if len(q[name]) > 0 {
			out[name] = q[name]
		}
	}
	for _, code := range codes(q.Get("groups")) {
		out.Add("group", code)
	}
	return out
}

// codes reads groups' codes as people write or paste them: between spaces, lines, commas of either width.
func codes(s string) []string {
	return strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune(" \t\r\n,;，、；\u3000", r) })
}

// orderOf reads the form.
func orderOf(q url.Values) (o api.Order, err error) {
	a := audienceQuery(q)
	o = api.Order{
		Batch: q.Get("batch"), Template: q.Get("template"), Form: q.Get("form"), Missed: store.Missed(q.Get("missed")),
		Audience: store.Audience{Counties: a["county"], Townships: a["township"], Kinds: a["kind"], Languages: a["language"], Tags: a["tag"], Groups: a["group"]},
	}
	for _, n := range []struct {
		field, key string
		to         *int
	}{{"parts", "page_waves.parts", &o.Parts}, {"poster_pages", "page_waves.poster_pages", &o.PosterPages}, {"canary", "page_waves.canary", &o.Canary}} {
		if err := wholeNumber(q.Get(n.field), n.key, n.to); err != nil {
			return o, err
		}
	}
	for _, n := range []struct {
		field, key string
		to         *string
	}{{"hold", "page_waves.hold", &o.Hold}, {"observe", "page_waves.observe", &o.Observe}} {
		minutes := -1
		if err := wholeNumber(q.Get(n.field), n.key, &minutes); err != nil {
			return o, err
		}
		if minutes >= 0 {
			*n.to = (time.Duration(minutes) * time.Minute).String()
		}
	}
	if o.PosterURL = q.Get("poster_url"); o.Form != string(store.FormPoster) && o.Form != string(store.FormBoth) {
		o.PosterURL, o.PosterPages = "", 0 // the fields stand there for the other choice
	}
	if o.Form == string(store.FormPoster) {
		o.Parts = 0 // it says how many texts a group gets
	}
	switch q.Get("when") {
	case "at":
		if o.At = q.Get("at"); o.At == "" {
			err = words.Refuse("page_waves.no_time").Of(words.Usage)
		}
	case "weekly":
		o.Cron, err = weeklyCron(q["day"], q.Get("clock"))
	case "monthly":
		o.Cron, err = monthlyCron(q.Get("monthday"), q.Get("monthclock"))
	case "cron":
		if o.Cron = q.Get("cron"); o.Cron == "" {
			err = words.Refuse("page_waves.no_cron").Of(words.Usage)
		}
	}
	return o, err
}

// longest is the largest number that a field takes: minutes of a hold, groups that go first.
const longest = 100_000

// wholeNumber reads a field of the form; an empty one leaves what is there.
func wholeNumber(s, key string, to *int) error {
	if s == "" {
		return nil
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < 0 || n > longest {
		return words.Refuse("page_waves.no_number", words.T(key), s).Of(words.Usage)
	}
	*to = n
	return nil
}

// showOrder shows the form, filled in as q says. With plan=1 it shows the plan too.
func (c *Console) showOrder(w http.ResponseWriter, r *request, from url.Values, refused error) error {
	p := orderPage{Q: orderQuery(from), Hold: int(c.Config().Hold.Minutes()), Weekdays: weekdays(), MayQueue: r.Caller.May(api.Queue)}
	p.Forms = []string{"text", string(store.FormPoster), string(store.FormBoth)}
	p.Policies = []store.Missed{store.MissedLate, store.MissedSkip, store.MissedAsk}
	var err error
	if p.Batches, err = get[[]api.Batch](c, r, "/v1/batches", nil); err != nil {
		return err
	}
	slices.Reverse(p.Batches)
	if p.Templates, err = get[[]string](c, r, "/v1/waves/templates", nil); err != nil {
		return err
	}
	if p.Names, err = get[api.AudienceNames](c, r, "/v1/audience/names", nil); err != nil {
		return err
	}
	if p.Audience, err = c.audience(r, p.Q, ""); err != nil {
		return err
	}
	if from.Get("plan") != "" {
		plan, err := c.plan(r, p.Q)
		switch {
		case err == nil:
			p.Plan = plan
		case !known(err):
			return err
		case refused == nil:
			refused = err
		}
	}
	if refused != nil {
		return c.showError(w, r, "waves", "order", r.say("page_waves.new"), p, refused)
	}
	return c.show(w, r, "waves", "order", r.say("page_waves.new"), p)
}

// plan works out what the form would send.
func (c *Console) plan(r *request, q url.Values) (*planView, error) {
	if q.Get("batch") == "" {
		return nil, words.Refuse("page_waves.no_batch").Of(words.Usage)
	}
	o, err := orderOf(q)
	if err != nil {
		return nil, err
	}
	v, err := post[api.Plan](c, r, "/v1/waves/plan", o)
	if err != nil {
		return nil, inTheForm(err)
	}
	return c.planView(r, v, "")
}

// inTheForm says of a time what a form says of it: the sentence of the command line names its flag.
func inTheForm(err error) error {
	p := api.ProblemOf(err, words.English)
	switch p.Key {
	case "cmd.bad_time":
		return words.Refuse("page_waves.no_time").Of(p.Kind)
	case "cmd.past_time":
		return words.Refuse("page_waves.past").Of(p.Kind)
	}
	return err
}

// planView puts the calendar of its month to a plan. wave is whose it is, empty for none yet.
func (c *Console) planView(r *request, v api.Plan, wave string) (*planView, error) {
	var from, to time.Time
	if v.Start != nil && v.Finish != nil {
		from, to = *v.Start, *v.Finish
	}
	m, err := c.calendarOf(r, from.In(c.Config().Zone).Format("2006-01"), from, to)
	return &planView{v, m, wave}, err
}

// audience counts the groups that a form chooses, with the first of them or those behind after.
func (c *Console) audience(r *request, q url.Values, after string) (audience, error) {
	ask := audienceQuery(q)
	ask.Set("limit", strconv.Itoa(listedGroups))
	if after != "" {
		ask.Set("after", after)
	}
	v, err := get[api.AudienceCount](c, r, "/v1/audience", ask)
	out := audience{AudienceCount: v, Deep: after != ""}
	if err != nil {
		if !known(err) {
			return out, err
		}
		out.Refused = api.ProblemOf(err, r.Caller.Lang).Text
		return out, nil
	}
	address := orderQuery(q)
	out.Back = "/waves/new?" + address.Encode()
	if v.More {
		address.Set("after", strconv.FormatUint(uint64(v.Next), 10))
		out.More = "/waves/audience?" + address.Encode()
	}
	return out, nil
}

// listedGroups is how many groups of an audience are shown at a time.
const listedGroups = 20

// showAudience shows the groups that a form chooses: as the count beside the form, as further rows of its list, and as a
// page for those without scripts.
func (c *Console) showAudience(w http.ResponseWriter, r *request) error {
	q := r.URL.Query()
	v, err := c.audience(r, q, q.Get("after"))
	if err != nil {
		return err
	}
	switch {
	case r.fragment() && v.Deep:
		return c.part(w, r, "audience-rows", v)
	case r.fragment():
		return c.part(w, r, "audience", v)
	}
	return c.show(w, r, "waves", "audience-page", r.say("page_waves.whom"), v)
}

// queueWave queues what the form says. A plan that reaches another number of groups than was seen is shown anew.
func (c *Console) queueWave(w http.ResponseWriter, r *request) error {
	again := func(err error) error {
		q := orderQuery(r.PostForm)
		q.Set("plan", "1")
		return c.showOrder(w, r, q, err)
	}
	o, err := orderOf(orderQuery(r.PostForm))
	if err != nil {
		return again(err)
	}
	if c.Config().SecondPerson {
		o.Expect, err = strconv.Atoi(r.PostForm.Get("of"))
	} else {
		o.Expect, err = typed(r) // nobody else looks at it: it is sent
	}
	if err != nil {
		return again(err)
	}
	id, state, path := "", "", "/waves/"
	if o.Cron == "" {
		v, err := post[api.QueuedWave](c, r, "/v1/waves", o)
		if err != nil {
			return again(inTheForm(err))
		}
		id, state = v.ID, string(v.State)
	} else {
		v, err := post[api.QueuedSchedule](c, r, "/v1/waves", o)
		if err != nil {
			return again(err)
		}
		id, state, path = v.ID, v.State, "/waves/schedules/"
	}
	if state == string(store.WaveDraft) {
		c.tell(r, r.say("page_waves.queued", id))
	} else {
		c.tell(r, r.say("page_waves.queued_sent", id))
	}
	return c.back(w, r, path+seg(id))
}

// named says a name of the registry in a language where the catalogue has it, else as it is.
func named(l words.Lang, prefix, name string) string {
	if said := words.Say(l, prefix+name); said != prefix+name {
		return said
	}
	return name
}

// audienceText says an audience in words: one part a condition, nothing for everybody.
func audienceText(l words.Lang, v api.Choices) (out []string) {
	a := v.Audience
	each := func(all []string, say func(string) string) {
		var said []string
		for _, one := range all {
			said = append(said, say(one))
		}
		if len(said) > 0 {
			out = append(out, strings.Join(said, words.Say(l, "page_waves.and")))
		}
	}
	same := func(s string) string { return s }
	each(a.Counties, func(s string) string { return place.Say(string(l), s) })
	each(a.Townships, same)
	each(a.Kinds, func(s string) string { return named(l, "kind.", s) })
	each(a.Languages, func(s string) string { return words.Say(l, "page_waves.lang_"+s) })
	each(a.Tags, same)
	const most = 12
	if n := len(a.Groups); n > most {
		out = append(out, words.Say(l, "page_waves.single_groups", n+v.OtherGroups))
	} else {
		each(a.Groups, same)
		if v.OtherGroups > 0 {
			out = append(out, words.Say(l, "page_waves.other_groups", v.OtherGroups))
		}
	}
	return out
}
