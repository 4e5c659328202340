package api

import (
	"cmp"
	"strings"

	"chunfeng/store"
	"chunfeng/templates"
	"chunfeng/templates/words"
)

// Trial is what staff want to look at before they queue it.
type Trial struct {
	Batch       string `json:"batch"`
	Template    string `json:"template,omitempty"`
	Parts       int    `json:"parts,omitempty"`
	Form        string `json:"form,omitempty"` // text, poster or both; empty: text
	PosterURL   string `json:"poster_url,omitempty"`
	PosterPages int    `json:"poster_pages,omitempty"`
	Group       string `json:"group,omitempty"` // whose message it is; to be posted in it, or shown elsewhere
	// Language and County choose a message for an account's own file helper, where no group does. Empty: both languages,
	// the whole prefecture.
	Language string `json:"language,omitempty"`
	County   string `json:"county,omitempty"`
}

func (t Trial) plan() store.Plan {
	return store.Plan{
		Batch: t.Batch, Template: t.Template, Parts: t.Parts, Form: store.Form(t.Form), PosterURL: t.PosterURL, PosterPages: t.PosterPages,
	}
}

// Proof is what an account sent to its own file helper.
type Proof struct {
	Account  string         `json:"account"`
	Messages []ProofMessage `json:"messages"`
}

// ProofMessage is one message of a proof, as far as they went.
type ProofMessage struct {
	WaveText
	State    store.State  `json:"state"` // accepted, failed or unknown
	Reason   store.Reason `json:"reason"`
	ServerID string       `json:"server_id"`
}

func (a *API) tryRoutes() {
	a.on(Prepare, "POST /v1/waves/test", func(r request) (any, error) {
		var t Trial
		if err := r.json(&t); err != nil {
			return nil, err
		}
		return a.testIn(r, t)
	}).says("Posts what a wave would say in one group, at once and without approval. Its residents read it, and it counts in their day.").
		takes(Trial{}).answers(QueuedWave{})
	a.on(Prepare, "POST /v1/accounts/{name}/proof", func(r request) (any, error) {
		var t Trial
		if err := r.json(&t); err != nil {
			return nil, err
		}
		return a.prove(r, t)
	}).says("Sends what a wave would say to an account's own file helper, which nobody but its owner reads.").takes(Trial{}).answers(Proof{})
}

// testIn queues a test in a group.
func (a *API) testIn(r request, t Trial) (any, error) {
	if t.Group == "" || t.Language != "" || t.County != "" {
		return nil, words.Refuse("cmd.test_group").Of(words.Usage)
	}
	g, err := a.seenGroup(r.Caller, t.Group)
	if err != nil {
		return nil, err
	}
	planner, err := a.Planner()
	if err != nil {
		return nil, err
	}
	q, err := planner.Test(t.plan(), g.Code, r.Name)
	if err != nil {
		return nil, err
	}
	forecast, err := a.viewPlan(r, q.Preview, q.Wave.ID)
	return QueuedWave{a.viewWave(q.Wave), forecast}, err
}

// prove sends a proof.
func (a *API) prove(r request, t Trial) (any, error) {
	d := a.Dispatcher()
	if d == nil {
		return nil, words.Refuse("cmd.no_daemon").Of(words.Later)
	}
	account, err := a.store.Account(r.PathValue("name"))
	if err != nil {
		return nil, err
	}
	if account.County != "" && !r.Sees(account.County) {
		return nil, hide(words.Refuse("store.no_account", account.Name).Of(words.Missing))
	}
	g, err := a.readerOf(r.Caller, t)
	if err != nil {
		return nil, err
	}
	planner, err := a.Planner()
	if err != nil {
		return nil, err
	}
	contents, err := planner.Messages(t.plan(), g, a.now())
	if err != nil {
		return nil, err
	}
	sent, err := d.Prove(r.Context(), account.Name, contents, r.Name)
	if err != nil {
		return nil, err
	}
	out := Proof{Account: account.Name, Messages: []ProofMessage{}}
	for _, one := range sent {
		state := store.Failed
		switch one.Outcome {
		case store.Taken:
			state = store.Accepted
		case store.NotKnown:
			state = store.Unknown
		}
		out.Messages = append(out.Messages, ProofMessage{viewText(one.Content, 0), state, one.Reason, one.ServerID})
	}
	return out, nil
}

// readerOf is the group whose message is shown: the one named, or one of nowhere in particular.
func (a *API) readerOf(c Caller, t Trial) (store.Group, error) {
	if t.Group != "" {
		if t.Language != "" || t.County != "" {
			return store.Group{}, words.Refuse("cmd.test_reader").Of(words.Usage)
		}
		return a.seenGroup(c, t.Group)
	}
	g := store.Group{Language: cmp.Or(strings.ToLower(t.Language), templates.Both), County: c.County}
	if t.County != "" {
		only, err := a.bounded(c, store.Audience{Counties: []string{t.County}})
		if err != nil {
			return g, err
		}
		g.County = only.Counties[0]
	}
	return g, nil
}
