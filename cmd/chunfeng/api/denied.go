package api

import (
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"chunfeng/store"
	"chunfeng/templates/words"
)

// How often the audit trail tells that one person is refused one right: at once, and then what came since after a minute, after
// two, and so on up to an hour, as long as it goes on. A script that asks all day writes some thirty lines.
const (
	deniedFirst = time.Minute
	deniedMost  = time.Hour
)

// denials puts into the audit trail who asked for what the role or the county does not allow: by which route, of which right,
// from where. It holds an entry for each person and right that was refused lately, and no number: a route's pattern has none.
type denials struct {
	store *store.Store
	log   zerolog.Logger

	mu   sync.Mutex
	kept map[denialOf]*denial
}

type denialOf struct {
	who   string
	right Right
}

// denial is what was refused since the last line.
type denial struct {
	count int
	last  string
	pause time.Duration // until the next line
	timer *time.Timer
}

func newDenials(s *store.Store, log zerolog.Logger) *denials {
	return &denials{store: s, log: log, kept: map[denialOf]*denial{}}
}

// Denied notes that somebody asked for what the role or the county does not allow. where is the pattern of the route, or of the
// page that asked for the right by itself.
func (a *API) Denied(c Caller, right Right, where string) {
	from := c.From
	if from == "" {
		from = "socket"
	}
	a.denials.add(denialOf{c.Name, right}, where+", "+from)
}

// TellDenied writes what was refused and not yet told. Nobody may ask for anything any more.
func (a *API) TellDenied() {
	a.denials.mu.Lock()
	defer a.denials.mu.Unlock()
	for of, d := range a.denials.kept {
		d.timer.Stop()
		a.denials.tell(of, d)
		delete(a.denials.kept, of)
	}
}

func (n *denials) add(of denialOf, last string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	d := n.kept[of]
	if d != nil {
		d.count, d.last = d.count+1, last
		return
	}
	d = &denial{count: 1, last: last, pause: deniedFirst}
	n.kept[of] = d
	n.tell(of, d)
	d.timer = time.AfterFunc(d.pause, func() {
		n.mu.Lock()
		defer n.mu.Unlock()
		switch {
		case n.kept[of] != d:
		case d.count == 0:
			delete(n.kept, of)
		default:
			n.tell(of, d)
			d.pause = min(2*d.pause, deniedMost)
			d.timer.Reset(d.pause)
		}
	})
}

// tell writes a line. n.mu is held.
func (n *denials) tell(of denialOf, d *denial) {
	if d.count == 0 {
		return
	}
	detail := d.last
	if d.count > 1 {
		detail = fmt.Sprintf("%d×, last %s", d.count, d.last)
	}
	d.count = 0
	if err := n.store.Note(of.who, "right.refused", string(of.right), detail); err != nil && !errors.Is(err, store.ErrClosed) {
		n.log.Error().Err(err).Msg("the audit trail does not take a line")
	}
}

// hidden is a thing of another county, refused as if it were not there.
type hidden struct{ error }

// Unwrap answers what is said instead.
func (h *hidden) Unwrap() error { return h.error }

// hide marks a refusal as one that hides something.
func hide(missing error) error { return &hidden{missing} }

// denied tells whether an error is that the role or the county does not allow it.
func denied(err error) bool {
	var h *hidden
	return words.KindOf(err) == words.Forbidden || errors.As(err, &h)
}
