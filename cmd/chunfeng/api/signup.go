package api

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"chunfeng/broadcast/report"
	"chunfeng/store"
	"chunfeng/templates/place"
	"chunfeng/templates/words"
)

// Signup is a sign-up as scripts see it. Phone is masked unless it was revealed to somebody with a purpose.
type Signup struct {
	ID        string             `json:"id"`
	At        *time.Time         `json:"at"`
	Group     string             `json:"group"`
	Name      string             `json:"name"`
	Phone     string             `json:"phone"`
	Vacancies []string           `json:"vacancies"`
	Batch     string             `json:"batch"`
	Wave      string             `json:"wave"`
	Reply     string             `json:"reply"`
	Status    store.SignupStatus `json:"status"`
	Delivery  string             `json:"delivery,omitempty"` // the delivery that it answers
	Note      string             `json:"note,omitempty"`
	UpdatedAt *time.Time         `json:"updated_at"`
	County    string             `json:"county"`
}

// SignupDetail is a sign-up with the message that it came from, telephone numbers in it masked.
type SignupDetail struct {
	Signup
	Text       string   `json:"text"`
	Quote      string   `json:"quote,omitempty"`
	Also       []string `json:"also"`                  // further replies that said the same
	Notice     string   `json:"notice,omitempty"`      // the hash of the consent notice that the person was shown
	NoticeText string   `json:"notice_text,omitempty"` // its words
}

// Handover says to whom full numbers are given, and what for. Both are in the audit trail before a number is in the answer.
type Handover struct {
	Purpose   string `json:"purpose"`
	Recipient string `json:"recipient,omitempty"` // the employer; empty: the bureau itself
}

func (h Handover) check() error {
	if strings.TrimSpace(h.Purpose) == "" {
		return words.Refuse("cmd.needs_purpose").Of(words.Usage)
	}
	return nil
}

func (h Handover) String() string {
	if h.Recipient == "" {
		return h.Purpose
	}
	return h.Purpose + " → " + h.Recipient
}

// SignupChange is how far a sign-up has come.
type SignupChange struct {
	Status store.SignupStatus `json:"status"`
	Note   string             `json:"note,omitempty"`
}

func (a *API) signupRoutes() {
	a.on(Read, "GET /v1/signups", func(r request) (any, error) { return a.listSignups(r, false) }).
		says("Lists the sign-ups that are meant, numbers masked: all of them, the oldest first, or with limit so many, the newest first.").
		with(signupParams()...).answers([]Signup{})
	a.on(Reveal, "POST /v1/signups/export", func(r request) (any, error) { return a.exportSignups(r) }).fresh().
		says("Gives the sign-ups that are meant with their numbers in full, as a list or with form as a table. Who asks, and what for, is logged first.").
		with(signupParams()...).asks("form", "a table for the employer in this form of file, instead of JSON", string(report.CSV), string(report.XLSX)).
		takes(Handover{}).answers([]Signup{}).streams(tables()...)
	a.on(Read, "GET /v1/signups/{id}", func(r request) (any, error) {
		n, err := a.findSignup(r)
		if err != nil {
			return nil, err
		}
		return a.detailSignup(n, false)
	}).says("Answers one sign-up with the message that it came from, numbers masked.").answers(SignupDetail{})
	a.on(Reveal, "POST /v1/signups/{id}/reveal", func(r request) (any, error) {
		var in Handover
		if err := r.json(&in); err != nil {
			return nil, err
		}
		if err := in.check(); err != nil {
			return nil, err
		}
		n, err := a.findSignup(r)
		if err != nil {
			return nil, err
		}
		// Logged before it is shown: what cannot be logged is not shown.
		if err := a.store.Revealed(n.ID, in.String(), r.Name, n.Number); err != nil {
			return nil, err
		}
		return a.detailSignup(n, true)
	}).fresh().says("Answers one sign-up with its number in full. Who asks, and what for, is logged first.").takes(Handover{}).answers(SignupDetail{})
	a.on(Answer, "POST /v1/signups/{id}/status", func(r request) (any, error) {
		var in SignupChange
		if err := r.json(&in); err != nil {
			return nil, err
		}
		if !slices.Contains(SignupStatuses(), in.Status) {
			var known []string
			for _, s := range SignupStatuses() {
				known = append(known, string(s))
			}
			return nil, words.Refuse("cmd.bad_choice", "status", in.Status, strings.Join(known, ", ")).Of(words.Usage)
		}
		n, err := a.findSignup(r)
		if err != nil {
			return nil, err
		}
		if n, err = a.store.SetSignup(n.ID, in.Status, in.Note, r.Name); err != nil {
			return nil, err
		}
		return a.detailSignup(n, false)
	}).says("Notes how far a sign-up has come.").takes(SignupChange{}).answers(SignupDetail{})
}

// signupNumber is a sign-up's number in the ledger, by its id.
func signupNumber(id string) (uint64, error) {
	n, err := strconv.ParseUint(strings.TrimPrefix(id, "N"), 10, 64)
	if err != nil {
		return 0, words.Refuse("store.no_signup", id).Of(words.Missing)
	}
	return n, nil
}

// findSignup answers the sign-up that a request names, as if it were not there when the caller may not see its group.
func (a *API) findSignup(r request) (store.Signup, error) {
	n, err := a.store.Signup(r.PathValue("id"))
	if err != nil {
		return n, err
	}
	return n, a.seesGroup(r.Caller, n.Group, words.Refuse("store.no_signup", r.PathValue("id")).Of(words.Missing))
}

// seesGroup answers what is given when the caller may not see a group.
func (a *API) seesGroup(c Caller, group uint32, missing error) error {
	if c.County == "" {
		return nil
	}
	if group == 0 {
		return hide(missing)
	}
	g, err := a.store.GroupNumber(group)
	if err == nil && !c.Sees(g.County) {
		err = hide(missing)
	}
	return err
}

// SignupStatuses lists the statuses in the order of a sign-up's life.
func SignupStatuses() []store.SignupStatus {
	return []store.SignupStatus{store.SignupNew, store.SignupCalled, store.SignupRefused, store.SignupInterview, store.SignupHired, store.SignupUnfit, store.SignupWithdrawn}
}

// tracer answers the names of what a sign-up is traced to, each read once.
type tracer struct {
	*namer
	waves map[uint32]string
}

func (a *API) tracer() *tracer { return &tracer{a.namer(), map[uint32]string{}} }

func (t *tracer) wave(n uint32) string {
	if n == store.Answers {
		return ""
	}
	id, ok := t.waves[n]
	if !ok {
		if w, err := t.a.store.WaveNumber(n); err == nil {
			id = w.ID
		}
		t.waves[n] = id
	}
	return id
}

func (a *API) viewSignup(n store.Signup, t *tracer, reveal bool) Signup {
	v := Signup{
		County: t.county(n.Group), ID: n.ID, At: a.moment(n.At), Group: t.code(n.Group), Name: n.Name, Vacancies: list(n.Vacancies), Batch: n.Batch,
		Wave: t.wave(n.Wave), Reply: replyID(n.Reply), Status: n.Status, Note: n.Note, UpdatedAt: a.moment(n.Updated),
	}
	if v.Wave != "" {
		v.Delivery = store.DeliveryID(v.Wave, n.Seq)
	}
	switch {
	case n.Phone.IsZero():
	case reveal:
		v.Phone = n.Phone.RevealNational()
	default:
		v.Phone = n.Phone.Mask()
	}
	return v
}

func (a *API) detailSignup(n store.Signup, reveal bool) (SignupDetail, error) {
	d := SignupDetail{Signup: a.viewSignup(n, a.tracer(), reveal), Also: []string{}, Notice: n.Notice}
	for _, o := range n.Others {
		d.Also = append(d.Also, replyID(o))
	}
	if n.Notice != "" {
		c, _, err := a.store.Consent(n.Notice)
		if err != nil {
			return d, err
		}
		d.NoticeText = c.Text
	}
	one, err := a.store.Reply(n.Reply)
	if err != nil {
		return d, err
	}
	d.Text, d.Quote = spoken(one, !reveal)
	return d, nil
}

// signupParams say which sign-ups are meant.
func signupParams() []Param {
	var statuses []string
	for _, s := range SignupStatuses() {
		statuses = append(statuses, string(s))
	}
	return []Param{
		{Name: "wave", About: "the id of the wave that they answer"},
		{Name: "batch", About: "a batch's id"},
		{Name: "group", About: "a group's code"},
		{Name: "county", About: "a county's code, or its name in any language"},
		{Name: "status", About: "how far they have come", OneOf: statuses},
		{Name: "vacancy", About: "a vacancy's code"},
		{Name: "employer", About: "as a workbook names it in either language"},
		{Name: "limit", About: "so many of them, from 1 to 1,000, the newest first"},
		{Name: "before", About: "with limit: the id of the last sign-up of the page before"},
	}
}

// signupFilter chooses sign-ups by the query, for pages before the one that is named.
func (a *API) signupFilter(r request) (keep func(store.Signup) bool, before uint64, err error) {
	q := r.URL.Query()
	group, err := a.groupNumber(q.Get("group"))
	if err != nil {
		return nil, 0, err
	}
	wave := uint32(0)
	if id := q.Get("wave"); id != "" {
		w, err := a.store.Wave(id)
		if err != nil {
			return nil, 0, err
		}
		wave = w.Number
	}
	batch := strings.ToUpper(q.Get("batch"))
	if batch != "" {
		if _, err := a.store.Batch(batch); err != nil {
			return nil, 0, err
		}
	}
	var codes []string // nil: any
	if code := strings.ToUpper(strings.TrimSpace(q.Get("vacancy"))); code != "" {
		v, err := a.store.Vacancy(code)
		if err != nil {
			return nil, 0, err
		}
		codes = []string{v.Code}
	}
	if name := strings.TrimSpace(q.Get("employer")); name != "" {
		if codes, err = a.codesOf(batch, name, codes); err != nil {
			return nil, 0, err
		}
	}
	county, err := countyCode(q.Get("county"))
	if err != nil {
		return nil, 0, err
	}
	status := store.SignupStatus(q.Get("status"))
	if status != "" && !slices.Contains(SignupStatuses(), status) {
		return nil, 0, words.Refuse("cmd.bad_choice", "status", status, fmt.Sprint(SignupStatuses())).Of(words.Usage)
	}
	if id := q.Get("before"); id != "" {
		n, err := a.store.Signup(id)
		if err != nil {
			return nil, 0, err
		}
		before = n.Number
	}
	var counties homes
	if county != "" || r.County != "" {
		if counties, err = a.counties(); err != nil {
			return nil, 0, err
		}
	}
	return func(n store.Signup) bool {
		return (group == 0 || n.Group == group) && (wave == 0 || n.Wave == wave) && (batch == "" || n.Batch == batch) && (status == "" || n.Status == status) &&
			(county == "" || counties.of(n.Group) == county) && (r.County == "" || counties.of(n.Group) == r.County) &&
			(codes == nil || slices.ContainsFunc(n.Vacancies, func(code string) bool { return slices.Contains(codes, code) }))
	}, before, nil
}

// codesOf answers the codes of an employer's vacancies, of one batch or of all; those among some where some are given.
func (a *API) codesOf(batch, employer string, among []string) ([]string, error) {
	batches, err := a.store.Batches()
	if err != nil {
		return nil, err
	}
	out := []string{}
	for _, b := range batches {
		if batch != "" && b.ID != batch {
			continue
		}
		all, err := a.store.Vacancies(b.ID)
		if err != nil {
			return nil, err
		}
		for _, v := range all {
			if (v.Employer.Zh == employer || v.Employer.Ko == employer) && (among == nil || slices.Contains(among, v.Code)) {
				out = append(out, v.Code)
			}
		}
	}
	return out, nil
}

// listSignups lists sign-ups: all of them, the oldest first, or with limit so many, the newest first.
func (a *API) listSignups(r request, reveal bool) ([]Signup, error) {
	keep, before, err := a.signupFilter(r)
	if err != nil {
		return nil, err
	}
	out, t := []Signup{}, a.tracer()
	limit := 0
	if s := r.URL.Query().Get("limit"); s != "" {
		if limit, err = strconv.Atoi(s); err != nil || limit < 1 || limit > PageLimit {
			return nil, words.Refuse("cmd.bad_number", "limit", s).Of(words.Usage)
		}
		return out, a.store.EachSignupBack(before, func(n store.Signup) bool {
			if keep(n) {
				out = append(out, a.viewSignup(n, t, reveal))
			}
			return len(out) < limit
		})
	}
	err = a.store.EachSignup(func(n store.Signup) bool {
		if keep(n) {
			out = append(out, a.viewSignup(n, t, reveal))
		}
		return len(out) <= listMost
	})
	if err == nil && len(out) > listMost {
		return nil, words.Refuse("api.list_long", listMost)
	}
	return out, err
}

// exportSignups gives full numbers away: as a list, or with form as a table for the employer.
func (a *API) exportSignups(r request) (any, error) {
	var in Handover
	if err := r.json(&in); err != nil {
		return nil, err
	}
	if err := in.check(); err != nil {
		return nil, err
	}
	all, err := a.listSignups(r, true)
	if err != nil {
		return nil, err
	}
	form := report.Form("")
	if s := r.URL.Query().Get("form"); s != "" {
		if form, err = report.ParseForm(s); err != nil {
			return nil, err
		}
	}
	numbers := make([]uint64, 0, len(all))
	for _, n := range all {
		number, err := signupNumber(n.ID)
		if err != nil {
			return nil, err
		}
		numbers = append(numbers, number)
	}
	if err := a.store.Revealed("export", fmt.Sprintf("%s (%d)", in, len(all)), r.Name, numbers...); err != nil {
		return nil, err
	}
	if form == "" {
		return all, nil
	}
	rows := func(yield func([]string, error) bool) {
		var head []string
		for _, c := range []string{"id", "at", "name", "phone", "vacancies", "posts", "group", "county", "status", "note"} {
			head = append(head, words.Say(r.Lang, "cmd.col_"+c))
		}
		if !yield(head, nil) {
			return
		}
		posts := map[string]string{}
		for _, n := range all {
			var said []string
			for _, code := range n.Vacancies {
				if _, ok := posts[code]; !ok {
					posts[code] = code
					if v, err := a.store.Vacancy(code); err == nil {
						posts[code] = v.Post.In(string(r.Lang))
					}
				}
				said = append(said, posts[code])
			}
			row := []string{n.ID, n.At.Format("2006-01-02 15:04"), n.Name, n.Phone, strings.Join(n.Vacancies, " "), strings.Join(said, "; "), n.Group, place.Say(string(r.Lang), n.County),
				words.Say(r.Lang, "status."+string(n.Status)), n.Note}
			if !yield(row, nil) {
				return
			}
		}
	}
	return attachment("signups", form, rows), nil
}
