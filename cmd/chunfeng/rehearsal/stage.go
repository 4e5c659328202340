package rehearsal

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"chunfeng/broadcast"
	"chunfeng/store"
)

// Stage is what a rehearsal plays with: a ledger in a folder of its own, and what is not in a ledger.
type Stage struct {
	Dir      string        `json:"dir"` // base/ is the ledger that each seed copies, templates/ those of the installation
	Plan     store.Plan    `json:"plan"`
	At       time.Time     `json:"at"`  // when it is to go out
	Now      time.Time     `json:"now"` // when it is queued
	Settings Settings      `json:"settings"`
	Accounts []Member      `json:"accounts"`
	Groups   []Room        `json:"groups"`
	History  History       `json:"history"`
	Person   time.Duration `json:"person"` // how long people take for what waits for them
}

// Settings are the keys of the configuration that the lanes go by.
type Settings struct {
	Pacing        broadcast.Pacing `json:"pacing"` // but for Zone
	Zone          string           `json:"zone"`
	QuietHours    string           `json:"quiet_hours"`
	QuietDays     []time.Weekday   `json:"quiet_days"`
	GroupDaily    int              `json:"group_daily"`
	Confirm       time.Duration    `json:"confirm"`
	Acknowledge   string           `json:"acknowledge"`
	Kept          int              `json:"kept"` // days
	AnswersGap    time.Duration    `json:"answers_gap"`
	AnswersAnHour int              `json:"answers_an_hour"`
}

// Member is one account on the stage.
type Member struct {
	Name string `json:"name"`
}

// Room is one group on the stage: which accounts are in it, and how many people.
type Room struct {
	Code     string   `json:"code"`
	Name     string   `json:"name"`
	Accounts []string `json:"accounts"`
	People   int      `json:"people"`
}

// Source is the installation that a stage is built from. It is only read.
type Source struct {
	Store     *store.Store
	Templates fs.FS // those of the data folder; nil: there are none
	Plan      store.Plan
	At, Now   time.Time
	Settings  Settings
	Person    time.Duration
}

// people is how many are in a group of which nobody knows: most groups of the campaign have some dozens.
const people = 40

// who does the few things that are done here in a person's name.
const who = "rehearsal"

// Build makes a stage in a folder that must be empty. Where no account has logged in yet, groups are taken to be with the
// account that the registry names, and those without one to be shared out evenly.
func Build(from Source, dir string) (*Stage, error) {
	st := &Stage{Dir: dir, Plan: from.Plan, At: from.At, Now: from.Now, Settings: from.Settings, Person: from.Person}
	base := filepath.Join(dir, "base")
	if err := os.Mkdir(base, 0o700); err != nil {
		return nil, err
	}
	if from.Templates != nil {
		if err := os.CopyFS(filepath.Join(dir, "templates"), from.Templates); err != nil && !os.IsNotExist(err) {
			return nil, err
		}
	}
	to, err := store.Open(store.Options{Dir: base})
	if err != nil {
		return nil, err
	}
	defer to.Close()
	if err := st.accounts(from.Store, to); err != nil {
		return nil, err
	}
	if err := st.groups(from.Store, to); err != nil {
		return nil, err
	}
	if err := st.batch(from.Store, to); err != nil {
		return nil, err
	}
	days, err := from.Store.Days()
	if err != nil {
		return nil, err
	}
	if len(days) > 0 {
		if err := to.SetDays(days, who); err != nil {
			return nil, err
		}
	}
	if st.History, err = measure(from.Store, from.Now); err != nil {
		return nil, err
	}
	return st, nil
}

// accounts brings over who can send, and what each has sent already.
func (st *Stage) accounts(from, to *store.Store) error {
	all, err := from.Accounts()
	if err != nil {
		return err
	}
	for _, a := range all {
		if a.Removed || a.Paused || a.State == store.AccountStopped {
			continue // it would not send the real wave either
		}
		if _, err := to.AddAccount(a.Name, a.County, who); err != nil {
			return err
		}
		p, err := from.Pace(a.Name)
		if err != nil {
			return err
		}
		if p.Account != "" {
			if err := to.SavePace(p); err != nil {
				return err
			}
		}
		st.Accounts = append(st.Accounts, Member{Name: a.Name})
	}
	return nil
}

// groups brings over the registry, and puts into each group the accounts that are in it.
func (st *Stage) groups(from, to *store.Store) error {
	members, size := map[uint32][]string{}, map[uint32]int{}
	for _, a := range st.Accounts {
		all, err := from.Bindings(a.Name)
		if err != nil {
			return err
		}
		for _, b := range all {
			if b.State == store.Bound {
				members[b.Group] = append(members[b.Group], a.Name)
				size[b.Group] = max(size[b.Group], b.Members)
			}
		}
	}
	known := len(members) > 0
	var groups, paused []store.Group
	err := from.EachGroup(func(g store.Group) bool {
		in := members[g.Number]
		if !known && len(st.Accounts) > 0 {
			if in = []string{st.Accounts[len(groups)%len(st.Accounts)].Name}; slices.Contains(st.Accounts, Member{g.Account}) {
				in = []string{g.Account}
			}
		}
		people := max(size[g.Number], people)
		// Names are made unique: which of two groups of one name is which would need a person to say, as it did in reality.
		g.Name = g.Code + " " + g.Name
		st.Groups = append(st.Groups, Room{Code: g.Code, Name: g.Name, Accounts: in, People: people})
		if g.State != store.GroupActive {
			paused = append(paused, g)
		}
		groups = append(groups, g)
		return true
	})
	if err != nil || len(groups) == 0 {
		return err
	}
	if _, err := to.PutGroups(groups, who); err != nil {
		return err
	}
	for _, g := range paused {
		if _, err := to.SetGroup(g.Code, g.State, g.StateWhy, who); err != nil {
			return err
		}
	}
	return nil
}

// batch brings over the vacancies of the plan's batch that are open.
func (st *Stage) batch(from, to *store.Store) error {
	b, err := from.Batch(st.Plan.Batch)
	if err != nil {
		return err
	}
	all, err := from.Vacancies(b.ID)
	if err != nil {
		return err
	}
	open := slices.DeleteFunc(all, func(v store.Vacancy) bool { return v.State != store.VacancyOpen })
	added, _, err := to.AddBatch(b, open, who)
	if err != nil {
		return err
	}
	if _, err := to.ApproveBatch(added.ID, who); err != nil {
		return err
	}
	st.Plan.Batch = added.ID
	return nil
}

// copyBase gives a seed a ledger of its own.
func (st *Stage) copyBase(seed uint64) (string, error) {
	dir := filepath.Join(st.Dir, fmt.Sprint("seed-", seed))
	return dir, os.CopyFS(dir, os.DirFS(filepath.Join(st.Dir, "base")))
}
