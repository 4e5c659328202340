package broadcast

import (
	"iter"
	"math"
	"slices"
	"time"

	"chunfeng/store"
	"chunfeng/templates/place"
	"chunfeng/templates/words"
)

// Preview is a wave that is not opened: what would be sent to whom.
type Preview struct {
	Plan       store.Plan // complete and in its form, as it is to be stored
	At         time.Time
	Batch      store.Batch
	Hash       string // what an approval binds
	Groups     int    // that the audience chooses
	Reached    int    // of them, those that get it
	Deliveries int    // messages for those
	Total      int    // rows: the deliveries and one for each group that is skipped
	Unbound    int    // of Reached, those whose account cannot reach them at the moment
	Tested     int    // of Reached, those that had tests instead today, and get it another day
	Skipped    map[store.Reason]int
	Expires    time.Time // when the last of its vacancies runs out; zero: one of them never does
	Forecast   Forecast
	Posters    []PosterShare // by county and language; empty where the plan has none
	Warnings   []words.Text

	compose *composer
	targets []target
	lanes   [][]uint32 // by account: places in targets, in the order of sending
	left    []uint32   // those that are skipped
	names   []string   // accounts
}

// tell finds what a group is told.
func (v *Preview) tell(t *target, g store.Group) error {
	t.digest, t.picture = none, none
	if v.Plan.Texts() {
		n, err := v.compose.digest(g)
		if err != nil {
			return err
		}
		t.digest = int32(n)
	}
	if v.Plan.Posters() {
		n, err := v.compose.picture(g)
		if err != nil {
			return err
		}
		t.picture = int16(n)
	}
	return nil
}

// texts is how many messages in words a group gets.
func (v *Preview) texts(t target) int {
	if t.digest == none {
		return 0
	}
	return len(v.compose.digests[t.digest].hashes)
}

// pages is how many pictures a group gets.
func (v *Preview) pages(t target) int {
	if t.picture == none {
		return 0
	}
	return len(v.compose.pictures[t.picture].pages)
}

// start is when the first message could go, but for quiet times.
func (v *Preview) start() time.Time { return maxTime(time.Now(), v.At).Add(v.Plan.Hold) }

// order puts each account's groups into the order of sending: canaries first, the others from a place that moves with the
// time of the wave, so that it is not always the same ones who are last.
func (v *Preview) order(f *fleet, at time.Time) {
	v.names, v.lanes = f.names(), make([][]uint32, len(f.accounts))
	v.Groups = len(v.targets)
	for i, t := range v.targets {
		if t.skip != 0 {
			v.left = append(v.left, uint32(i))
			v.Skipped[skips[t.skip]]++
			continue
		}
		v.lanes[t.account] = append(v.lanes[t.account], uint32(i))
		v.Reached++
		v.Deliveries += v.texts(t) + v.pages(t)
		if !t.bound {
			v.Unbound++
		}
	}
	v.Total = v.Deliveries + len(v.left)
	// Steps of the golden ratio spread the beginnings evenly however many waves there are.
	_, turn := math.Modf(float64(at.Unix()/3600) * (math.Phi - 1))
	for i, lane := range v.lanes {
		k := int(math.Abs(turn) * float64(len(lane)))
		v.lanes[i] = append(append(make([]uint32, 0, len(lane)), lane[k:]...), lane[:k]...)
		if v.Tested > 0 {
			// Groups whose turn is another day must not be those that all others wait for.
			slices.SortStableFunc(v.lanes[i], func(a, b uint32) int {
				switch la, lb := v.targets[a].later, v.targets[b].later; {
				case la == lb:
					return 0
				case la:
					return 1
				}
				return -1
			})
		}
	}
	for n, i := v.Plan.Canary, 0; n > 0 && i < v.Reached; i++ {
		for _, lane := range v.lanes {
			if n > 0 && i < len(lane) {
				v.targets[lane[i]].canary = true
				n--
			}
		}
	}
}

// Rows walks the wave's rows as they would be stored: account by account in the order of sending, a group's messages one
// behind the other; then the groups that are skipped.
func (v *Preview) Rows() iter.Seq[store.Row] {
	return func(yield func(store.Row) bool) {
		for account, lane := range v.lanes {
			for _, i := range lane {
				if !v.post(v.targets[i], v.names[account], yield) {
					return
				}
			}
		}
		for _, i := range v.left {
			t := v.targets[i]
			if !yield(store.Row{Group: t.group, Part: 1, Skip: skips[t.skip]}) {
				return
			}
		}
	}
}

func (v *Preview) post(t target, account string, yield func(store.Row) bool) bool {
	row := store.Row{Group: t.group, Account: account, Kind: store.Text, Canary: t.canary}
	if t.digest != none {
		for _, row.Content = range v.compose.digests[t.digest].hashes {
			if row.Part++; !yield(row) {
				return false
			}
		}
	}
	if t.picture != none {
		row.Kind = store.Image
		for _, p := range v.compose.pictures[t.picture].pages {
			row.Content = p.hash
			if row.Part++; !yield(row) {
				return false
			}
		}
	}
	return true
}

// Contents lists the distinct messages.
func (v *Preview) Contents() []store.Content { return v.compose.contents }

// Told is to whom a message goes.
type Told struct {
	Groups int
	First  uint32 // one of the groups, by its number
}

// Told counts the groups of each distinct message, by its hash.
func (v *Preview) Told() map[string]Told {
	out := map[string]Told{}
	for row := range v.Rows() {
		if row.Skip != "" {
			continue
		}
		t := out[row.Content]
		if t.Groups++; t.Groups == 1 {
			t.First = row.Group
		}
		out[row.Content] = t
	}
	return out
}

// Opening is what the ledger needs to open the wave.
func (v *Preview) Opening(wave string, holdUntil time.Time) store.Opening {
	return store.Opening{Wave: wave, Hash: v.Hash, HoldUntil: holdUntil, Expires: v.Expires, Forecast: v.Forecast.Finish, Contents: v.Contents(), Rows: v.Rows()}
}

// warn says what staff should know before they approve.
func (v *Preview) warn(p *Planner, quiet Quiet) {
	warn := func(key string, args ...any) { v.Warnings = append(v.Warnings, words.T(key, args...)) }
	stamp := func(t time.Time) string { return t.In(p.Zone).Format("2006-01-02 15:04") }
	if v.Unbound > 0 {
		warn("broadcast.unbound", v.Unbound, v.Reached)
	}
	if v.Batch.State != store.BatchApproved {
		warn("broadcast.draft_batch", v.Batch.ID)
	}
	f := v.Forecast
	if quiet.Rests(f.Start) {
		warn("broadcast.rest_day", stamp(f.Start), stamp(quiet.Open(f.Start)))
	}
	if v.Tested > 0 {
		warn("broadcast.tested_today", v.Tested, stamp(quiet.Open(nextDay(f.Start, p.Zone))), p.GroupDaily)
	}
	if f.Days > 1 {
		warn("broadcast.takes_days", v.Deliveries, len(f.Accounts), f.Days, stamp(f.Finish))
	}
	if worst := v.compose.fullest(); worst.told() < len(worst.list) {
		warn("broadcast.poster_part", v.Plan.PosterPages, worst.told(), worst.of, county(worst.county), words.T("language."+worst.language))
	}
	if missing := v.compose.missing; len(missing) > 0 {
		warn("broadcast.poster_gaps", missing)
	}
	if !v.Expires.IsZero() && f.Finish.After(v.Expires) {
		warn("broadcast.too_late", stamp(v.Expires), stamp(f.Finish))
	}
}

// county is a county's code; it says its name in the reader's language.
type county string

// In says the name.
func (c county) In(l words.Lang) string {
	one, ok := place.ByCode(string(c))
	switch {
	case !ok:
		one = place.Prefecture()
	case l == words.English:
		return one.Code
	}
	return one.Name(string(l))
}
