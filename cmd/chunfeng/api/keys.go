package api

import (
	"chunfeng/store"
)

func (a *API) keyRoutes() {
	a.on(Keep, "GET /v1/keys", func(request) (any, error) { return a.store.Keys(), nil }).
		says("Tells which key seals, and whether an earlier one is still being given up.").answers(store.Keys{})
	a.on(Keep, "POST /v1/keys/rotate", func(r request) (any, error) {
		if _, err := a.store.Rotate(r.Name); err != nil {
			return nil, err
		}
		// A daemon goes on in the background; a command alone has nobody to leave it to.
		if !a.Running() {
			if _, err := a.store.Reseal(r.Context()); err != nil {
				return nil, err
			}
		}
		return a.store.Keys(), nil
	}).says("Makes a new key, which seals from now on. What the old one sealed is sealed anew beside the work.").answers(store.Keys{})
	a.on(Keep, "POST /v1/keys/retire", func(r request) (any, error) { return a.store.Retire(r.Name) }).
		says("Destroys the old key, once nothing is sealed with it any more.").answers(store.Keys{})
}
