package bot

import "chunfeng/store"

// A pairing phrase is a group's code and five secret characters (G0421-7F3AK). Whoever posts it in a group, alone or
// behind 绑定 or 매칭, proves which group that chat is, with certainty and for this session. Staff post it where a name is
// not enough: two groups of one name, a group that is not saved to the contacts, one that was renamed while nobody
// listened. It is a message of its own: text around it is a resident's, and goes to the registrar.

// phrase answers the group whose phrase a text is.
func (a *Account) phrase(text string) (store.Group, bool) {
	p := phraseIn(text)
	if p == "" {
		return store.Group{}, false
	}
	g, found, err := a.o.Store.GroupByPhrase(p)
	if err != nil {
		a.log.Warn().Err(err).Msg("a pairing phrase was not looked up")
	}
	return g, found && err == nil
}

// pairs tells whether a text is a pairing phrase.
func (a *Account) pairs(text string) bool {
	_, ok := a.phrase(text)
	return ok
}

// pairIn binds a group to the chat in which its phrase was posted, whichever account the registry gives it to: the proof is
// the same. A phrase that an earlier session heard has no effect.
func (a *Account) pairIn(r store.Reply, g store.Group) {
	ro := a.rosterOf(r)
	if ro == nil {
		a.log.Info().Str("group", g.Code).Msg("a pairing phrase came too late")
		return
	}
	ro.pair(r.UserName, g)
}
