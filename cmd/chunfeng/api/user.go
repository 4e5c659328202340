package api

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strings"
	"time"

	"chunfeng/store"
	"chunfeng/templates/words"
)

// User is a person who may sign in, as scripts see it.
type User struct {
	Name      string     `json:"name"`
	Label     string     `json:"label"`
	Role      store.Role `json:"role"`
	County    string     `json:"county"`
	Disabled  bool       `json:"disabled"`
	Password  bool       `json:"has_password"` // false: the one-time link was not followed yet
	CreatedAt *time.Time `json:"created_at"`
	CreatedBy string     `json:"created_by"`
	SeenAt    *time.Time `json:"seen_at"`
	Second    *time.Time `json:"second_factor_since"` // null: none
}

// NewUser is what a new person is made of. Password empty: a one-time link lets the person choose one.
type NewUser struct {
	Name     string     `json:"name"`
	Label    string     `json:"label,omitempty"`
	Role     store.Role `json:"role"`
	County   string     `json:"county,omitempty"`
	Password string     `json:"password,omitempty"`
}

// UserChange changes what is not nil.
type UserChange struct {
	Label    *string     `json:"label,omitempty"`
	Role     *store.Role `json:"role,omitempty"`
	County   *string     `json:"county,omitempty"`
	Disabled *bool       `json:"disabled,omitempty"`
	Password *string     `json:"password,omitempty"`
}

// Link is a one-time link, without the address of the console before it. It is told once.
type Link struct {
	Path    string     `json:"path"`
	User    string     `json:"user,omitempty"` // empty: it makes the first administrator
	Expires *time.Time `json:"expires"`
}

// WebSession is one sign-in that holds.
type WebSession struct {
	Key     string     `json:"key"` // names the sign-in; nobody can use it to be that person
	User    string     `json:"user"`
	Address string     `json:"address"`
	Agent   string     `json:"agent"`
	Began   *time.Time `json:"began_at"`
	Seen    *time.Time `json:"seen_at"`
	Expires *time.Time `json:"expires"`
}

// How long one-time links hold. The first is printed where only the machine's owner reads; the others go by telephone or on
// paper, and people are on leave at week-ends.
const (
	firstLinkHolds = 24 * time.Hour
	linkHolds      = 72 * time.Hour
)

func (a *API) userRoutes() {
	a.on(Oversee, "GET /v1/users", func(request) (any, error) {
		all, err := a.store.Users()
		out := []User{}
		for _, u := range all {
			out = append(out, a.viewUser(u))
		}
		return out, err
	}).says("Lists the people who may sign in.").answers([]User{})
	a.on(Manage, "POST /v1/users", func(r request) (any, error) {
		var in NewUser
		if err := r.json(&in); err != nil {
			return nil, err
		}
		u := store.User{Name: in.Name, Label: in.Label, Role: in.Role}
		if u.Label == "" {
			u.Label = in.Name
		}
		var err error
		if u.County, err = countyCode(in.County); err != nil {
			return nil, err
		}
		if err := keepsPeople(r.Caller, u.County); err != nil {
			return nil, err
		}
		if in.Password != "" {
			if err := CheckPassword(in.Name, in.Password); err != nil {
				return nil, err
			}
			u.Password = HashPassword(in.Password)
		}
		u, err = a.store.AddUser(u, r.Name)
		return a.viewUser(u), err
	}).fresh().says("Adds a person, with a password or to be given a one-time link.").takes(NewUser{}).answers(User{})
	a.on(Manage, "POST /v1/users/{name}", func(r request) (any, error) { return a.changeUser(r) }).
		says("Changes what is given of a person. A role, a county, a password or being let in again asks for a fresh code as the routes with x-fresh do; a name, or being locked out, does not.").takes(UserChange{}).answers(User{})
	a.on(Manage, "POST /v1/users/{name}/link", func(r request) (any, error) {
		u, err := a.store.User(r.PathValue("name"))
		if err == nil {
			err = keepsPeople(r.Caller, u.County)
		}
		if err != nil {
			return nil, err
		}
		return a.newLink(u.Name, r.Name, linkHolds)
	}).fresh().says("Makes a one-time link with which a person chooses a new password. Links before it end.").answers(Link{})
	a.on(Manage, "POST /v1/users/{name}/second-factor/reset", func(r request) (any, error) { return a.resetSecond(r) }).fresh().
		says("Takes a person's second factor away, whose telephone is lost: the person signs in by password and sets up another. Nobody does it for oneself.").
		answers(User{})
	a.on(Read, "GET /v1/sessions", func(r request) (any, error) {
		user := r.URL.Query().Get("user")
		if user != r.Name && !r.May(Oversee) {
			return nil, words.Refuse("cmd.no_right", r.Name, words.T("right."+string(Oversee))).Of(words.Forbidden)
		}
		all, err := a.store.WebSessions(user, time.Now())
		out := []WebSession{}
		for _, s := range all {
			out = append(out, WebSession{sessionName(s.Key), s.User, s.Address, s.Agent, a.moment(s.CreatedAt), a.moment(s.SeenAt), a.moment(s.Expires)})
		}
		return out, err
	}).says("Lists the sign-ins that hold: a person's own, and all of them with the right oversee.").
		asks("user", "only those of this person").answers([]WebSession{})
	a.on(Read, "POST /v1/sessions/{key}/end", func(r request) (any, error) {
		all, err := a.store.WebSessions("", time.Now())
		if err != nil {
			return nil, err
		}
		for _, s := range all {
			if sessionName(s.Key) != r.PathValue("key") {
				continue
			}
			if s.User != r.Name && !r.May(Oversee) {
				return nil, words.Refuse("cmd.no_right", r.Name, words.T("right."+string(Oversee))).Of(words.Forbidden)
			}
			return Done{true}, a.store.EndWebSession(s.Key, r.Name)
		}
		return nil, words.Refuse("user.no_session").Of(words.Missing)
	}).says("Ends a sign-in.").answers(Done{})
}

// sessionName names a sign-in without telling the key under which it is found.
func sessionName(key string) string {
	h := sha256.Sum256([]byte("name of " + key))
	return hex.EncodeToString(h[:8])
}

func (a *API) viewUser(u store.User) User {
	return User{u.Name, u.Label, u.Role, u.County, u.Disabled, u.Password != "", a.moment(u.CreatedAt), u.CreatedBy, a.moment(u.SeenAt), a.moment(u.Second.Since)}
}

func (a *API) changeUser(r request) (any, error) {
	var in UserChange
	if err := r.json(&in); err != nil {
		return nil, err
	}
	if more := in.Role != nil || in.County != nil || in.Password != nil || in.Disabled != nil && !*in.Disabled; more && r.Stale {
		return nil, staleCode()
	}
	name, hash := r.PathValue("name"), ""
	if in.Password != nil {
		if err := CheckPassword(name, *in.Password); err != nil {
			return nil, err
		}
		hash = HashPassword(*in.Password)
	}
	var what []string
	county := ""
	if in.County != nil {
		var err error
		if county, err = countyCode(*in.County); err != nil {
			return nil, err
		}
		if err := keepsPeople(r.Caller, county); err != nil {
			return nil, err
		}
	}
	for _, one := range []struct {
		is   bool
		word string
	}{{in.Label != nil, "label"}, {in.Role != nil, "role"}, {in.County != nil, "county"}, {in.Disabled != nil, "disabled"}, {in.Password != nil, "password"}} {
		if one.is {
			what = append(what, one.word)
		}
	}
	u, err := a.store.ChangeUser(name, r.Name, "user."+strings.Join(what, "_"), func(u *store.User) error {
		if err := keepsPeople(r.Caller, u.County); err != nil {
			return err
		}
		if in.Label != nil {
			u.Label = *in.Label
		}
		if in.Role != nil {
			u.Role = *in.Role
		}
		if in.County != nil {
			u.County = county
		}
		if in.Disabled != nil {
			u.Disabled = *in.Disabled
		}
		if hash != "" {
			u.Password = hash
		}
		return nil
	})
	return a.viewUser(u), err
}

// newLink makes a one-time link. user empty: it makes the first administrator.
func (a *API) newLink(user, who string, holds time.Duration) (Link, error) {
	token, expires := rand.Text(), time.Now().Add(holds)
	err := a.store.Invite(store.Invitation{Hash: LinkHash(token), User: user, Expires: expires}, who)
	return Link{Path: "/link/" + token, User: user, Expires: a.moment(expires)}, err
}

// FirstLink makes the one-time link of an installation without people.
func (a *API) FirstLink(who string) (Link, error) { return a.newLink("", who, firstLinkHolds) }

// LinkHash is how the token of a one-time link is known in the ledger.
func LinkHash(token string) []byte {
	h := sha256.Sum256([]byte(token))
	return h[:]
}

// Refuse answers a refusal in JSON, for whoever stops a request before it comes to the API.
func Refuse(w http.ResponseWriter, err error, l words.Lang) { answer(w, ProblemOf(err, l)) }
