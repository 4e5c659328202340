package api

import (
	"math"
	"time"

	"chunfeng/store"
	"chunfeng/templates/words"
)

// Health says how an account fares, as far as the ledger knows: 100 points, less what each reason takes off, and not less
// than 0. The weights are this program's own proposal; WeChat publishes none. It is for people, who decide what to do; the
// program itself sends by its pacing alone.
type Health struct {
	Score   int            `json:"score"` // 0 to 100
	Word    string         `json:"word"`  // good from 80, watch from 50, poor below
	Reasons []HealthReason `json:"reasons"`
}

// HealthReason is one thing that takes points off, said in the reader's language.
type HealthReason struct {
	What   string `json:"what"` // stopped, cooling, signals, halved, forced, logouts, unknown, failed or silent
	Points int    `json:"points"`
	Text   string `json:"text"`
}

// What each reason takes off.
const (
	healthSignal  = 20 // each time in 24 hours that WeChat asked for less, at most three
	healthCooling = 10 // it cools down now
	healthHalved  = 15 // the day's cap is halved, without a signal in the last 24 hours
	healthForced  = 20 // each time in seven days that WeChat ended the session right after a send, at most three
	healthLogout  = 5  // each other lost session in seven days behind the first, at most six
	healthSilent  = 15 // it sends, and heard nothing for healthQuiet
	healthOne     = 10 // each delivery that is unknown or failed, at most
	healthMost    = 40 // what unknown deliveries may take off at most, and failed ones half of that

	healthQuiet = 6 * time.Hour
	healthWeek  = 7 * 24 * time.Hour
)

// lapse is how often an account lost its session in the last seven days. The program's own ends are not among them.
type lapse struct{ forced, other int }

// lapsesOf reads an account's gaps, newest first: since when it hears nothing, and how often it lost its session in the last
// seven days. A gap that the server made good afterwards is not kept and not counted.
func lapsesOf(account string, gaps []store.Gap, now time.Time) (since time.Time, n lapse) {
	for _, g := range gaps {
		if g.Account != account {
			continue
		}
		if g.To.IsZero() && since.IsZero() {
			since = g.From
		}
		if now.Sub(g.From) > healthWeek {
			continue
		}
		switch g.Why {
		case "bot.gap_forced":
			n.forced++
		case "bot.gap_restart", "bot.gap_shutdown":
		default:
			n.other++
		}
	}
	return since, n
}

// condition is what health is judged by.
type condition struct {
	Account
	today  store.Tally // of the lanes that claimed something today
	lapses lapse
	now    time.Time
}

// healthOf judges.
func healthOf(l words.Lang, c condition) Health {
	h := Health{Score: 100, Reasons: []HealthReason{}}
	take := func(what string, points int, args ...any) {
		if points > 0 {
			h.Score -= points
			h.Reasons = append(h.Reasons, HealthReason{what, points, words.Say(l, "page_accounts.health_"+what, args...)})
		}
	}
	if c.State == store.AccountStopped {
		take("stopped", 100)
	}
	signals := c.Text.Signals + c.Media.Signals
	take("signals", healthSignal*min(signals, 3), signals)
	if c.CoolingUntil != nil {
		take("cooling", healthCooling)
	}
	if signals == 0 && (c.Text.HalvedUntil != nil || c.Media.HalvedUntil != nil) {
		take("halved", healthHalved)
	}
	take("forced", healthForced*min(c.lapses.forced, 3), c.lapses.forced)
	take("logouts", healthLogout*min(c.lapses.other-1, 6), c.lapses.other)
	tried := c.today[store.Accepted] + c.today[store.Sent] + c.today[store.Recalled] + c.today[store.Unknown] + c.today[store.Failed]
	if tried > 0 {
		// One in fifty takes off a fifth of the most, one in ten the most; but one alone not more than healthOne.
		part := func(n, most int) int {
			if n == 0 {
				return 0
			}
			return min(most, healthOne*n, int(math.Ceil(10*float64(most)*float64(n)/float64(tried))))
		}
		take("unknown", part(c.today[store.Unknown], healthMost), c.today[store.Unknown], tried)
		take("failed", part(c.today[store.Failed], healthMost/2), c.today[store.Failed], tried)
	}
	if online := c.State == store.AccountOnline || c.State == store.AccountCooling; online && c.SentToday >= 3 && c.OnlineSince != nil && c.now.Sub(*c.OnlineSince) > healthQuiet &&
		(c.LastInboundAt == nil || c.now.Sub(*c.LastInboundAt) > healthQuiet) {
		take("silent", healthSilent, int(healthQuiet/time.Hour))
	}
	h.Score = max(h.Score, 0)
	switch {
	case h.Score >= 80:
		h.Word = "good"
	case h.Score >= 50:
		h.Word = "watch"
	default:
		h.Word = "poor"
	}
	return h
}
