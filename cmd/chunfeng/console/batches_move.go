package console

import (
	"net/http"
	"net/url"
	"strings"

	"chunfeng/cmd/chunfeng/api"
	"chunfeng/store"
	"chunfeng/templates/words"
)

// moveVacancy takes one step of a vacancy's life: the button says which vacancy, where to, and in which state it was seen.
func (c *Console) moveVacancy(w http.ResponseWriter, r *request) error {
	f := r.PostForm
	code, to, from, ok := moveOf(f.Get("move"))
	if !ok {
		return c.showBatch(w, r, words.Refuse("console.bad_form").Of(words.Usage))
	}
	all, err := post[[]api.Vacancy](c, r, "/v1/vacancies/state", api.VacancyChange{Codes: []string{code}, State: to, From: from, Why: f.Get("why")})
	if err != nil {
		if r.fragment() {
			return err
		}
		return c.showBatch(w, r, err)
	}
	said := r.say("page_batches.now_"+string(to), code)
	if r.fragment() && len(all) == 1 {
		p, err := c.batch(r, "vacancies")
		if err != nil {
			return err
		}
		return c.part(w, r, "batch-moved", map[string]any{"Batch": p, "Row": c.vacancyRow(r, all[0]), "Said": said})
	}
	c.tell(r, said)
	q, _ := url.ParseQuery(f.Get("back"))
	return c.back(w, r, withQuery("/batches/"+seg(r.PathValue("id")), fieldsOf(q, append(vacancyFields(), "after")...)))
}

// moveOf reads what a button of a vacancy asks for: its code, the state that it is to have, and the one in which the person
// saw it.
func moveOf(s string) (code string, to, from store.VacancyState, ok bool) {
	parts := strings.Split(s, " ")
	if len(parts) != 3 {
		return "", "", "", false
	}
	return parts[0], store.VacancyState(parts[1]), store.VacancyState(parts[2]), true
}
