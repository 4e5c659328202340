package rehearsal

import (
	"slices"
	"time"

	"chunfeng/bot"
	"chunfeng/store"
)

// History is what the ledger knows of how sending went. Rates are shares of attempts.
type History struct {
	Attempts    int           `json:"attempts"`
	Unknown     float64       `json:"unknown"`     // no answer came
	Refused     float64       `json:"refused"`     // refused without a reason that helps
	Unreachable float64       `json:"unreachable"` // the group could not be written to
	TooOften    float64       `json:"too_often"`   // WeChat asked for less
	Answer      time.Duration `json:"answer"`      // the mean time until WeChat answers a send
	Replies     float64       `json:"replies"`     // sign-ups a message
	Sessions    int           `json:"sessions"`    // that ended
	Session     time.Duration `json:"session"`     // the mean life of one
	Away        time.Duration `json:"away"`        // the mean time until somebody had logged the account in again
}

// How much of it is looked at, and how much is enough to go by: below that, rates are assumed.
const (
	lookBack       = 90 * 24 * time.Hour
	mostAttempts   = 100_000
	enoughAttempts = 500
	enoughSessions = 5
)

// measure reads the newest deliveries and the times in which accounts were away. It costs a page of the log for a thousand
// of them.
func measure(s *store.Store, now time.Time) (h History, err error) {
	since := now.Add(-lookBack)
	var answered time.Duration
	answers, sent, unknown, refused, unreachable, often := 0, 0, 0, 0, 0, 0
	for f := (store.LogFilter{From: since, Limit: 1000}); h.Attempts < mostAttempts; {
		page, err := s.Log(f)
		if err != nil {
			return h, err
		}
		for _, row := range page.Rows {
			for _, a := range row.Delivery.Attempts {
				h.Attempts++
				switch {
				case a.Outcome == store.Taken:
					sent++
					if d := a.Ended.Sub(a.At); d > 0 {
						answered, answers = answered+d, answers+1
					}
				case a.Outcome == store.NotKnown:
					unknown++
				case a.Outcome == store.TakenBack, a.Reason == store.ReasonTooOften:
					often++
				case a.Reason == bot.ReasonNotAddressable || a.Reason == store.ReasonRemoved:
					unreachable++
				default:
					refused++
				}
			}
		}
		if page.Next == "" {
			break
		}
		f.Cursor = page.Next
	}
	if h.Attempts > 0 {
		n := float64(h.Attempts)
		h.Unknown, h.Refused, h.Unreachable, h.TooOften = float64(unknown)/n, float64(refused)/n, float64(unreachable)/n, float64(often)/n
	}
	if answers > 0 {
		h.Answer = answered / time.Duration(answers)
	}
	if sent > 0 {
		signups := 0
		err = s.EachSignupBack(0, func(n store.Signup) bool {
			if n.At.Before(since) {
				return false
			}
			signups++
			return true
		})
		if err != nil {
			return h, err
		}
		h.Replies = min(float64(signups)/float64(sent), 0.5)
	}
	return h, h.away(s, since)
}

// away reads how long sessions lived and how long it took to begin the next.
func (h *History) away(s *store.Store, since time.Time) error {
	gaps, err := s.Gaps(false)
	if err != nil {
		return err
	}
	var lived, gone time.Duration
	lives, closed := 0, 0
	back := map[string]time.Time{}
	for _, g := range slices.Backward(gaps) {
		if g.From.Before(since) {
			continue
		}
		h.Sessions++
		if from, ok := back[g.Account]; ok && g.From.After(from) {
			lived, lives = lived+g.From.Sub(from), lives+1
		}
		if !g.To.IsZero() {
			gone, closed = gone+g.To.Sub(g.From), closed+1
			back[g.Account] = g.To
		}
	}
	if lives > 0 {
		h.Session = lived / time.Duration(lives)
	}
	if closed > 0 {
		h.Away = gone / time.Duration(closed)
	}
	return nil
}
