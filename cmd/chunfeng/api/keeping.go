package api

import (
	"chunfeng/store"
)

func (a *API) keepingRoutes() {
	a.on(Keep, "GET /v1/check", func(r request) (any, error) {
		c, err := a.store.Check(r.Context())
		c.Broken = list(c.Broken)
		return c, err
	}).says("Recounts the whole ledger against its laws.").answers(store.Checked{})
	a.on(Keep, "POST /v1/arm", func(r request) (any, error) {
		if err := a.Arm(r.Name); err != nil {
			return nil, err
		}
		return Done{true}, nil
	}).says("Has a ledger send that may be a copy: whoever asks has made sure that no other one sends.").answers(Done{})
	a.on(Read, "GET /v1/doctor", func(r request) (any, error) { return a.diagnose(r) }).
		says("Looks at what goes wrong most often, and says what to do.").
		asks("version", "the version of the program that asks, to be told when it is another one than this").answers([]Finding{})
}
