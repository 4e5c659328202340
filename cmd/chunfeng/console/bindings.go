package console

import (
	"net/http"
	"net/url"
	"strings"

	"chunfeng/cmd/chunfeng/api"
	"chunfeng/store"
	"chunfeng/templates/place"
)

// bindingRoutes are the decisions about which chat in WeChat a registered group is.
func (c *Console) bindingRoutes() {
	c.page("GET /groups/doubtful", api.Read, func(w http.ResponseWriter, r *request) error { return c.showDoubts(w, r, nil) })
	c.page("GET /groups/chats/{code}", api.Decide, func(w http.ResponseWriter, r *request) error { return c.showChats(w, r, nil) })
	c.page("POST /groups/chats/{code}/{name}", api.Decide, func(w http.ResponseWriter, r *request) error {
		f := r.PostForm
		order := api.BindingOrder{As: store.BindingState(f.Get("as")), Chat: f.Get("chat"), Why: f.Get("why")}
		if order.As == store.Gone {
			order.Chat = ""
		}
		g, err := post[api.GroupDetail](c, r, "/v1/groups/"+seg(r.PathValue("code"))+"/bindings/"+seg(r.PathValue("name")), order)
		switch from := f.Get("from"); {
		case err != nil && from == "doubtful":
			return c.showDoubts(w, r, err)
		case err != nil && from == "chats":
			return c.showChats(w, r, err)
		case err != nil:
			return c.showGroup(w, r, err)
		case from == "doubtful":
			c.tell(r, r.say("page_groups.decided_"+string(order.As), g.Code, r.PathValue("name")))
			return c.back(w, r, "/groups/doubtful?"+fieldsOf(f, "county", "account").Encode())
		}
		c.tell(r, r.say("page_groups.decided_"+string(order.As), g.Code, r.PathValue("name")))
		return c.back(w, r, "/groups/"+seg(g.Code))
	})
}

// doubtsPage is what the doubtful bindings show.
type doubtsPage struct {
	api.DoubtPage
	Filter   url.Values
	Counties []place.County
	Accounts []api.Account
	Further  string // the address of the next page; empty at the end
	Typed    string // the account and code of the form that was refused, as "a01/YJ001"
}

func (c *Console) showDoubts(w http.ResponseWriter, r *request, refused error) error {
	q := r.URL.Query()
	p := doubtsPage{}
	if refused != nil {
		q, p.Typed = r.PostForm, r.PathValue("name")+"/"+r.PathValue("code")
	}
	p.Filter = fieldsOf(q, "county", "account")
	if r.Caller.County == "" {
		p.Counties = place.All()
	}
	var err error
	if p.Accounts, err = get[[]api.Account](c, r, "/v1/accounts", nil); err != nil {
		return err
	}
	if p.DoubtPage, err = get[api.DoubtPage](c, r, "/v1/registry/doubtful", fieldsOf(q, "county", "account", "after")); err != nil {
		return err
	}
	if p.Next != "" {
		to := fieldsOf(p.Filter, "county", "account")
		to.Set("after", p.Next)
		p.Further = "/groups/doubtful?" + to.Encode()
	}
	if refused != nil {
		return c.showError(w, r, "groups", "doubtful", r.say("page_groups.doubtful"), p, refused)
	}
	return c.show(w, r, "groups", "doubtful", r.say("page_groups.doubtful"), p)
}

// chatsPage is what the choice among all chats of an account shows.
type chatsPage struct {
	api.GroupDetail
	Account  string
	Accounts []api.Account
	Text     string // in the names of the chats that are shown
	Chats    []store.Chat
	All      int // chats, shown or not
}

func (c *Console) showChats(w http.ResponseWriter, r *request, refused error) error {
	q := r.URL.Query()
	p := chatsPage{Account: q.Get("account"), Text: strings.TrimSpace(q.Get("q"))}
	if refused != nil {
		p.Account, p.Text = r.PathValue("name"), r.PostForm.Get("q")
	}
	var err error
	if p.GroupDetail, err = get[api.GroupDetail](c, r, "/v1/groups/"+seg(r.PathValue("code")), nil); err != nil {
		return err
	}
	if p.Accounts, err = get[[]api.Account](c, r, "/v1/accounts", nil); err != nil {
		return err
	}
	if p.Account == "" && len(p.Accounts) > 0 {
		if p.Account = p.GroupDetail.Account; p.Account == "" {
			p.Account = p.Accounts[0].Name
		}
	}
	if p.Account != "" {
		all, err := get[[]store.Chat](c, r, "/v1/accounts/"+seg(p.Account)+"/chats", nil)
		if err != nil {
			return err
		}
		p.All = len(all)
		for _, chat := range all {
			if strings.Contains(strings.ToLower(chat.Name), strings.ToLower(p.Text)) {
				p.Chats = append(p.Chats, chat)
			}
		}
	}
	title := r.say("page_groups.choose_chat", p.Code)
	if refused != nil {
		return c.showError(w, r, "groups", "group-chats", title, p, refused)
	}
	return c.show(w, r, "groups", "group-chats", title, p)
}
