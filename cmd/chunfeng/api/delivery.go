package api

import (
	"strings"
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
	GroupName   string       `json:"group_name"`
	County      string       `json:"county"`
}

// DeliveryDetail is a delivery with everything that is known of it.
type DeliveryDetail struct {
	Delivery
	Kind      store.Kind `json:"kind"`
	NotBefore *time.Time `json:"not_before"`
	Note      string     `json:"note"`
	Reply     string     `json:"reply,omitempty"` // what it answers
	Text      string     `json:"text"`
	Vacancies []string   `json:"vacancies"`
	Tries     []Try      `json:"tries"`
}

// Try is one attempt, with what was sent.
type Try struct {
	store.Attempt
	ContentHash string `json:"content_hash"`
	Text        string `json:"text,omitempty"` // where it is not the delivery's own: a vacancy was filled between two attempts
}

// DeliveryPage is a page of the delivery log: the newest wave first, within a wave in the order of place.
type DeliveryPage struct {
	Deliveries []Delivery `json:"deliveries"`
	Next       string     `json:"next"` // the cursor of the next page; empty at the end
	Cut        bool       `json:"cut"`  // the page ended early, having looked at enough for once; more may match behind next
}

// Resolution is what a person decides of a delivery that is unknown.
type Resolution struct {
	As  string `json:"as" enum:"sent,failed,again"`
	Why string `json:"why"` // how it is known
}

// PageLimit is the most rows in one page.
const PageLimit = 1000

func (a *API) deliveryRoutes() {
	a.on(Read, "GET /v1/deliveries", func(r request) (any, error) { return a.listDeliveries(r) }).
		says("Lists the deliveries that are meant, a page at a time: the newest wave first, within a wave in the order of place.").
		with(logParams()...).asks("limit", "the most deliveries of the page, from 1 to 1,000").asks("after", "the next of the page before").
		answers(DeliveryPage{})
	a.on(Read, "GET /v1/deliveries/export", func(r request) (any, error) { return a.exportDeliveries(r) }).
		says("Writes the deliveries that are meant as a table, its headings in the language of whoever asks.").
		with(logParams()...).exports()
	a.on(Read, "GET /v1/deliveries/{id}", func(r request) (any, error) {
		d, err := a.findDelivery(r)
		if err != nil {
			return nil, err
		}
		return a.detailDelivery(d)
	}).says("Answers one delivery with its text and every attempt.").answers(DeliveryDetail{})
	a.on(Decide, "POST /v1/deliveries/{id}/resolve", func(r request) (any, error) {
		var in Resolution
		if err := r.json(&in); err != nil {
			return nil, err
		}
		as, ok := map[string]store.State{"sent": store.Sent, "failed": store.Failed, "again": store.Planned}[in.As]
		switch {
		case !ok:
			return nil, words.Refuse("cmd.bad_choice", "--as", in.As, "sent, failed, again").Of(words.Usage)
		case strings.TrimSpace(in.Why) == "":
			return nil, words.Refuse("cmd.needs_why").Of(words.Usage)
		}
		d, err := a.findDelivery(r)
		if err != nil {
			return nil, err
		}
		if d, err = a.store.Resolve(d.Wave, d.Seq, as, in.Why, r.Name); err != nil {
			return nil, err
		}
		return a.detailDelivery(d)
	}).says("Decides what became of a delivery that is unknown.").takes(Resolution{}).answers(DeliveryDetail{})
}

// findDelivery answers the delivery that a request names, as if it were not there when the caller may not see its group.
func (a *API) findDelivery(r request) (store.Delivery, error) {
	d, err := a.store.Delivery(r.PathValue("id"))
	if err != nil || r.County == "" {
		return d, err
	}
	g, err := a.store.GroupNumber(d.Group)
	if err != nil {
		return d, err
	}
	if !r.Sees(g.County) {
		return store.Delivery{}, hide(words.Refuse("store.no_delivery", r.PathValue("id")).Of(words.Missing))
	}
	return d, nil
}

// deliveryViewer reads each content of a listing once.
type deliveryViewer struct {
	a      *API
	hashes map[uint32]string
}

func (a *API) deliveryViewer() *deliveryViewer { return &deliveryViewer{a, map[uint32]string{}} }

func (v *deliveryViewer) hash(content uint32) (string, error) {
	hash, ok := v.hashes[content]
	if !ok && content != 0 {
		c, err := v.a.store.Content(content)
		if err != nil {
			return "", err
		}
		hash = c.Hash
		v.hashes[content] = hash
	}
	return hash, nil
}

func (v *deliveryViewer) view(row store.LogRow) (Delivery, error) {
	d := row.Delivery
	hash, err := v.hash(d.Content)
	return Delivery{
		row.ID, row.Wave, row.Group.Code, d.Part, d.Account, row.State, d.Reason, len(d.Attempts), d.ServerID(), hash, v.a.moment(d.Updated),
		row.Group.Name, row.Group.County,
	}, err
}

func (a *API) detailDelivery(d store.Delivery) (DeliveryDetail, error) {
	w, err := a.store.WaveNumber(d.Wave)
	if err != nil {
		return DeliveryDetail{}, err
	}
	g, err := a.store.GroupNumber(d.Group)
	if err != nil {
		return DeliveryDetail{}, err
	}
	state := d.State
	if state == store.Planned && w.Held() {
		state = store.Held
	}
	v := a.deliveryViewer()
	one, err := v.view(store.LogRow{ID: store.DeliveryID(w.ID, d.Seq), Wave: w.ID, State: state, Delivery: d, Group: g})
	if err != nil {
		return DeliveryDetail{}, err
	}
	out := DeliveryDetail{Delivery: one, Kind: d.Kind, NotBefore: a.moment(d.After), Note: d.Note, Vacancies: []string{}, Tries: []Try{}}
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
		one := Try{Attempt: t}
		if one.ContentHash, err = v.hash(t.Content); err != nil {
			return out, err
		}
		if t.Content != 0 && t.Content != d.Content {
			c, err := a.store.Content(t.Content)
			if err != nil {
				return out, err
			}
			if c.Kind == store.Text {
				one.Text = string(c.Body)
			}
		}
		out.Tries = append(out.Tries, one)
	}
	return out, nil
}
