package console

import (
	"net/http"
	"strings"

	"chunfeng/cmd/chunfeng/api"
)

// subjectRoutes are what one person may ask of the bureau: a copy of what is kept, and to be erased. The number travels in
// the bodies of forms alone, never in an address.
func (c *Console) subjectRoutes() {
	c.page("GET /subject", api.Privacy, func(w http.ResponseWriter, r *request) error {
		return c.show(w, r, "signups", "subject", r.say("page_subject.title"), subjectPage{})
	})
	c.page("POST /subject", api.Privacy, c.showSubject)
	c.page("POST /subject/erase", api.Privacy, c.eraseSubject)
	c.page("POST /signups/{id}/correct", api.Answer, c.correctSignup)
}

// subjectPage is what the page shows: nothing before it is asked, a copy, or what an erasure did.
type subjectPage struct {
	Copy    *api.Subject
	Erased  *api.SubjectErased
	Phone   string // as it was typed, for the form that erases
	Purpose string
}

func (c *Console) showSubject(w http.ResponseWriter, r *request) error {
	p := subjectPage{Phone: strings.TrimSpace(r.PostForm.Get("phone")), Purpose: strings.TrimSpace(r.PostForm.Get("purpose"))}
	v, err := post[api.Subject](c, r, "/v1/subject/export", api.SubjectAsk{Phone: p.Phone, Purpose: p.Purpose})
	if err != nil {
		return c.showError(w, r, "signups", "subject", r.say("page_subject.title"), p, err)
	}
	p.Copy = &v
	return c.show(w, r, "signups", "subject", r.say("page_subject.title"), p)
}

// eraseSubject erases for whoever types the last four digits of the number once more.
func (c *Console) eraseSubject(w http.ResponseWriter, r *request) error {
	p := subjectPage{Phone: r.PostForm.Get("phone"), Purpose: r.PostForm.Get("purpose")}
	v, err := post[api.SubjectErased](c, r, "/v1/subject/erase", api.SubjectErasure{
		SubjectAsk: api.SubjectAsk{Phone: p.Phone, Purpose: p.Purpose}, Confirm: r.PostForm.Get("confirm"),
	})
	if err != nil {
		return c.showError(w, r, "signups", "subject", r.say("page_subject.title"), p, err)
	}
	return c.show(w, r, "signups", "subject", r.say("page_subject.title"), subjectPage{Erased: &v})
}

func (c *Console) correctSignup(w http.ResponseWriter, r *request) error {
	in := api.SignupCorrection{Why: r.PostForm.Get("why")}
	if name := strings.TrimSpace(r.PostForm.Get("name")); name != "" {
		in.Name = &name
	}
	if number := strings.TrimSpace(r.PostForm.Get("phone")); number != "" {
		in.Phone = &number
	}
	in.Vacancies = strings.Fields(r.PostForm.Get("vacancies"))
	n, err := post[api.SignupDetail](c, r, "/v1/signups/"+seg(r.PathValue("id"))+"/correct", in)
	if err != nil {
		return c.showSignup(w, r, err)
	}
	c.tell(r, r.say("page_subject.corrected", n.ID))
	return c.back(w, r, "/signups/"+seg(n.ID))
}
