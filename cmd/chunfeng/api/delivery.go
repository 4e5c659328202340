package api

import (
	"strconv"
	"time"

	"chunfeng/store"
	"chunfeng/templates/words"
)

// Delivery is a delivery as scripts see it.
type Delivery struct {
	ID          string       `json:"id"`
	Wave        string       `json:"wave"`
	Group       string       `json:"group"`
	Part        uint8        `json:"part"`
	Account     string       `json:"account"`
	State       store.State  `json:"state"`
	Reason      store.Reason `json:"reason"`
	Attempts    int          `json:"attempts"`
	ServerID    string       `json:"server_id"`
	ContentHash string       `json:"content_hash"`
	UpdatedAt   *time.Time   `json:"updated_at"`
}

// DeliveryDetail is a delivery with everything that is known of it.
type DeliveryDetail struct {
	Delivery
	Kind      store.Kind      `json:"kind"`
	NotBefore *time.Time      `json:"not_before"`
	Note      string          `json:"note"`
	Reply     string          `json:"reply,omitempty"` // what it answers
	Text      string          `json:"text"`
	Vacancies []string        `json:"vacancies"`
	Tries     []store.Attempt `json:"tries"`
}

// DeliveryPage is a page of a wave's deliveries.
type DeliveryPage struct {
	Deliveries []Delivery `json:"deliveries"`
	Next       uint32     `json:"next"`
	More       bool       `json:"more"`
}

// PageLimit is the most deliveries in one page.
const PageLimit = 1000

func (a *API) deliveryRoutes() {
	a.on(Read, "GET /v1/deliveries", func(r request) (any, error) { return a.listDeliveries(r) })
	a.on(Read, "GET /v1/deliveries/{id}", func(r request) (any, error) {
		d, err := a.store.Delivery(r.PathValue("id"))
		if err != nil {
			return nil, err
		}
		return a.detailDelivery(d)
	})
	a.on(Decide, "POST /v1/deliveries/{id}/resolve", func(r request) (any, error) {
		var in struct{ As, Why string }
		if err := r.json(&in); err != nil {
			return nil, err
		}
		as, ok := map[string]store.State{"sent": store.Sent, "failed": store.Failed, "again": store.Planned}[in.As]
		switch {
		case !ok:
			return nil, words.Refuse("cmd.bad_choice", "--as", in.As, "sent, failed, again").Of(words.Usage)
		case in.Why == "":
			return nil, words.Refuse("cmd.needs_why").Of(words.Usage)
		}
		d, err := a.store.Delivery(r.PathValue("id"))
		if err != nil {
			return nil, err
		}
		if d, err = a.store.Resolve(d.Wave, d.Seq, as, in.Why, r.Name); err != nil {
			return nil, err
		}
		return a.detailDelivery(d)
	})
}

func (a *API) listDeliveries(r request) (any, error) {
	q := r.URL.Query()
	w, err := a.store.Wave(q.Get("wave"))
	if err != nil {
		return nil, err
	}
	f := store.Filter{Account: q.Get("account"), Reason: store.Reason(q.Get("reason")), Limit: PageLimit, Start: q.Get("after") == ""}
	if !f.Start {
		n, err := strconv.ParseUint(q.Get("after"), 10, 32)
		if err != nil {
			return nil, words.Refuse("cmd.bad_number", "after", q.Get("after")).Of(words.Usage)
		}
		f.After = uint32(n)
	}
	if f.Group, err = a.groupNumber(q.Get("group")); err != nil {
		return nil, err
	}
	if name := q.Get("state"); name != "" {
		s, ok := store.ParseState(name)
		if !ok {
			known := ""
			for i, s := range store.States() {
				if i > 0 {
					known += ", "
				}
				known += s.String()
			}
			return nil, words.Refuse("cmd.bad_choice", "--state", name, known).Of(words.Usage)
		}
		// Held is a planned delivery under a held wave; the ledger keeps no such rows.
		if s == store.Held && !w.Held() || s == store.Planned && w.Held() {
			return DeliveryPage{Deliveries: []Delivery{}}, nil
		}
		f.State = &s
	}
	page, err := a.store.Deliveries(w.Number, f)
	if err != nil {
		return nil, err
	}
	out := DeliveryPage{Deliveries: []Delivery{}, Next: page.Next, More: page.More}
	v := a.deliveryViewer()
	for _, d := range page.Deliveries {
		one, err := v.view(d, w)
		if err != nil {
			return nil, err
		}
		out.Deliveries = append(out.Deliveries, one)
	}
	return out, nil
}

// deliveryViewer reads each group and content of a listing once.
type deliveryViewer struct {
	*namer
	hashes map[uint32]string
}

func (a *API) deliveryViewer() *deliveryViewer {
	return &deliveryViewer{a.namer(), map[uint32]string{}}
}

func (v *deliveryViewer) view(d store.Delivery, w store.Wave) (Delivery, error) {
	hash, ok := v.hashes[d.Content]
	if !ok && d.Content != 0 {
		c, err := v.a.store.Content(d.Content)
		if err != nil {
			return Delivery{}, err
		}
		hash = c.Hash
		v.hashes[d.Content] = hash
	}
	state := d.State
	if state == store.Planned && w.Held() {
		state = store.Held
	}
	return Delivery{
		store.DeliveryID(w.ID, d.Seq), w.ID, v.code(d.Group), d.Part, d.Account, state, d.Reason, len(d.Attempts), d.ServerID(), hash, v.a.moment(d.Updated),
	}, nil
}

func (a *API) detailDelivery(d store.Delivery) (DeliveryDetail, error) {
	w, err := a.store.WaveNumber(d.Wave)
	if err != nil {
		return DeliveryDetail{}, err
	}
	one, err := a.deliveryViewer().view(d, w)
	if err != nil {
		return DeliveryDetail{}, err
	}
	out := DeliveryDetail{Delivery: one, Kind: d.Kind, NotBefore: a.moment(d.After), Note: d.Note, Vacancies: []string{}, Tries: []store.Attempt{}}
	if out.Kind == "" {
		out.Kind = store.Text
	}
	if d.Reply != 0 {
		out.Reply = replyID(d.Reply)
	}
	if d.Content != 0 {
		c, err := a.store.Content(d.Content)
		if err != nil {
			return out, err
		}
		if c.Kind == store.Text {
			out.Text = string(c.Body)
		}
		out.Vacancies = list(c.Vacancies)
	}
	for _, t := range d.Attempts {
		t.At, t.Ended = a.local(t.At), a.local(t.Ended)
		out.Tries = append(out.Tries, t)
	}
	return out, nil
}
