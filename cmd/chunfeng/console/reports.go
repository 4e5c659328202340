package console

import (
	"net/http"
	"net/url"

	"chunfeng/cmd/chunfeng/api"
)

// reportRoutes are the numbers of a wave and of the season, which are those of the command line.
func (c *Console) reportRoutes() {
	c.page("GET /reports", api.Read, func(w http.ResponseWriter, r *request) error {
		v, err := get[api.SeasonReport](c, r, "/v1/reports/season", nil)
		if err != nil {
			return err
		}
		return c.show(w, r, "reports", "report-season", r.say("page_reports.season"), v)
	})
	c.page("GET /reports/export", api.Read, func(w http.ResponseWriter, r *request) error {
		return api.Copy(w, r.Request, c.API, r.Caller, "/v1/reports/season/export", url.Values{"form": {r.URL.Query().Get("form")}})
	})
	c.page("GET /reports/waves/{id}", api.Read, func(w http.ResponseWriter, r *request) error {
		v, err := get[api.WaveReport](c, r, "/v1/reports/wave/"+seg(r.PathValue("id")), nil)
		if err != nil {
			return err
		}
		return c.show(w, r, "reports", "report-wave", r.say("page_reports.of_wave", v.ID), v)
	})
	c.page("GET /reports/waves/{id}/export", api.Read, func(w http.ResponseWriter, r *request) error {
		return api.Copy(w, r.Request, c.API, r.Caller, "/v1/reports/wave/"+seg(r.PathValue("id"))+"/export", url.Values{"form": {r.URL.Query().Get("form")}})
	})
}
