package console

import (
	"net/http"
	"net/url"
	"strconv"

	"chunfeng/cmd/chunfeng/api"
)

// handOverRoutes hand an account's groups over to another account: what would move is shown first, and exactly that is
// confirmed.
func (c *Console) handOverRoutes() {
	c.page("GET /accounts/{name}/hand-over", api.Decide, func(w http.ResponseWriter, r *request) error {
		return c.showHandOver(w, r, r.URL.Query().Get("to"), nil)
	})
	c.page("POST /accounts/{name}/hand-over", api.Decide, func(w http.ResponseWriter, r *request) error {
		f := r.PostForm
		order := api.HandOverOrder{To: f.Get("to")}
		for field, to := range map[string]**int{"groups": &order.Groups, "deliveries": &order.Deliveries} {
			n, err := strconv.Atoi(f.Get(field))
			if err != nil {
				n = -1 // nothing is as many, so the order is refused
			}
			*to = &n
		}
		v, err := post[api.HandOver](c, r, "/v1/accounts/"+seg(r.PathValue("name"))+"/hand-over", order)
		if err != nil {
			return c.showHandOver(w, r, order.To, err)
		}
		c.tell(r, r.say("page_accounts.handed_over", v.Groups, v.Deliveries, v.From, v.To))
		return c.back(w, r, "/accounts/"+seg(v.From))
	})
}

func (c *Console) showHandOver(w http.ResponseWriter, r *request, to string, refused error) error {
	v, err := get[api.HandOver](c, r, "/v1/accounts/"+seg(r.PathValue("name"))+"/hand-over", url.Values{"to": {to}})
	if err != nil {
		return err
	}
	title := r.say("page_accounts.hand_over_title", v.From, v.To)
	if refused != nil {
		return c.showError(w, r, "accounts", "hand-over", title, v, refused)
	}
	return c.show(w, r, "accounts", "hand-over", title, v)
}
