package console

import (
	"net/http"
	"net/url"
	"strings"

	"chunfeng/cmd/chunfeng/api"
)

// reviewRoutes are the replies that a machine should not decide about.
func (c *Console) reviewRoutes() {
	c.page("GET /review", api.Answer, func(w http.ResponseWriter, r *request) error {
		p, err := get[api.ReviewPage](c, r, "/v1/review", url.Values{"before": {r.URL.Query().Get("before")}})
		if err != nil {
			return err
		}
		return c.show(w, r, "signups", "review", r.say("page_review.title"), reviewPage{p, r.URL.Query().Get("before") != ""})
	})
	c.page("GET /review/{id}", api.Read, func(w http.ResponseWriter, r *request) error { return c.showReply(w, r, nil) })
	c.page("POST /review/{id}", api.Answer, c.decideReply)
	c.page("POST /review/{id}/reveal", api.Reveal, func(w http.ResponseWriter, r *request) error {
		d, err := post[api.ReplyDetail](c, r, "/v1/replies/"+seg(r.PathValue("id"))+"/reveal", api.Handover{Purpose: r.PostForm.Get("purpose")})
		if err != nil {
			return c.showReply(w, r, err)
		}
		return c.show(w, r, "signups", "reply", d.ID, replyPage{d, true})
	})
}

// reviewPage is a page of the queue.
type reviewPage struct {
	api.ReviewPage
	Deep bool
}

// replyPage is what one reply shows.
type replyPage struct {
	api.ReplyDetail
	Revealed bool
}

func (c *Console) showReply(w http.ResponseWriter, r *request, refused error) error {
	d, err := get[api.ReplyDetail](c, r, "/v1/replies/"+seg(r.PathValue("id")), nil)
	if err != nil {
		return err
	}
	if refused != nil {
		return c.showError(w, r, "signups", "reply", d.ID, replyPage{d, false}, refused)
	}
	return c.show(w, r, "signups", "reply", d.ID, replyPage{d, false})
}

// decideReply carries out a decision: from the queue with one key, its card then says what became of it, or from the
// reply's own page with a number, a name and codes.
func (c *Console) decideReply(w http.ResponseWriter, r *request) error {
	f := r.PostForm
	codes := strings.FieldsFunc(f.Get("vacancies"), func(r rune) bool { return strings.ContainsRune(" ,;，、；", r) })
	body := map[string]any{"as": f.Get("as"), "phone": f.Get("phone"), "name": f.Get("name"), "vacancies": codes, "note": f.Get("note")}
	d, err := post[api.ReplyDetail](c, r, "/v1/replies/"+seg(r.PathValue("id"))+"/decide", body)
	f.Del("phone") // it goes back into no page
	if r.fragment() {
		if err != nil {
			return err
		}
		return c.part(w, r, "review-done", d)
	}
	if err != nil {
		return c.showReply(w, r, err)
	}
	c.tell(r, r.say("page_review.decided", d.ID, r.say("intent."+d.Kind)))
	return c.back(w, r, local(f.Get("to")))
}
