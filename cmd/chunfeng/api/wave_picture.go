package api

import (
	"net/http"

	"chunfeng/store"
	"chunfeng/templates/words"
)

// wavePicture answers a picture of a wave by its hash: one that was planned, or drawn again because a vacancy was filled;
// of a wave that is not open yet, as it would be now. A caller of one county sees what its groups get.
func (a *API) wavePicture(r request) (any, error) {
	w, err := a.store.Wave(r.PathValue("id"))
	if err != nil {
		return nil, err
	}
	hash := r.PathValue("hash")
	c, found, err := a.store.ContentByHash(hash)
	if err != nil {
		return nil, err
	}
	if !found && w.OpenedAt.IsZero() && w.State != store.WaveCancelled && w.Plan.Posters() {
		planner, err := a.Planner()
		if err != nil {
			return nil, err
		}
		v, err := planner.Plan(w.Plan, w.At)
		if err != nil {
			return nil, err
		}
		for _, one := range v.Contents() {
			if one.Hash == hash {
				c, found = one, true
			}
		}
	}
	if !found || c.Kind != store.Image || c.Batch != w.Plan.Batch || !r.Sees(c.County) {
		return nil, words.Refuse("wave.no_picture", w.ID, hash).Of(words.Missing)
	}
	return stream(func(rw http.ResponseWriter) error {
		rw.Header().Set("Content-Type", "image/png")
		_, err := rw.Write(c.Body)
		return err
	}), nil
}
