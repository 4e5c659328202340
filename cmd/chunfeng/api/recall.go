package api

import (
	"chunfeng/store"
	"chunfeng/templates/words"
)

// Recalled is a wave and what became of its messages when it was recalled.
type Recalled struct {
	Wave
	Recalled []string      `json:"recalled"` // deliveries taken back
	Refused  []NotRecalled `json:"refused"`  // sent in the last two minutes, and not taken back
	TooOld   int           `json:"too_old"`  // sent before that: they stand in their groups
	Unknown  int           `json:"unknown"`  // that may stand
}

// NotRecalled is a delivery that was not taken back.
type NotRecalled struct {
	ID     string       `json:"id"`
	Group  string       `json:"group"`
	Reason store.Reason `json:"reason"`
}

func (a *API) recallRoutes() {
	a.on(Control, "POST /v1/waves/{id}/recall", func(r request) (any, error) {
		w, err := a.moved(r)
		if err != nil {
			return nil, err
		}
		return a.recallWave(r, w)
	}).says("Holds a wave and takes back what it sent in the last two minutes. Other waves go on.").answers(Recalled{})
	a.on(Control, "POST /v1/deliveries/{id}/recall", func(r request) (any, error) {
		d, err := a.findDelivery(r)
		if err != nil {
			return nil, err
		}
		dispatcher := a.Dispatcher()
		if dispatcher == nil {
			return nil, words.Refuse("cmd.no_daemon").Of(words.Later)
		}
		w, err := a.store.WaveNumber(d.Wave)
		if err != nil {
			return nil, err
		}
		if d, err = dispatcher.RecallDelivery(r.Context(), store.DeliveryID(w.ID, d.Seq), r.Name); err != nil {
			return nil, err
		}
		return a.detailDelivery(d)
	}).says("Takes one message back that was sent in the last two minutes.").answers(DeliveryDetail{})
}

func (a *API) recallWave(r request, w store.Wave) (Recalled, error) {
	d := a.Dispatcher()
	if d == nil {
		return Recalled{}, words.Refuse("cmd.no_daemon").Of(words.Later)
	}
	report, err := d.Recall(r.Context(), w.ID, r.Name)
	if err != nil {
		return Recalled{}, err
	}
	out := Recalled{Wave: a.waveFor(r.Caller, report.Wave), Recalled: []string{}, Refused: []NotRecalled{}, TooOld: report.TooOld, Unknown: report.Unknown}
	for _, one := range report.Recalled {
		out.Recalled = append(out.Recalled, store.DeliveryID(w.ID, one.Seq))
	}
	for _, one := range report.Refused {
		g, err := a.store.GroupNumber(one.Group)
		if err != nil {
			return out, err
		}
		out.Refused = append(out.Refused, NotRecalled{store.DeliveryID(w.ID, one.Seq), g.Code, one.Why})
	}
	return out, nil
}
