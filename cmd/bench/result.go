package main

import (
	"fmt"
	"math"
	"slices"
)

// result is what was measured against what, round by round.
type result struct {
	bench    string // B1 …, given by the suite
	what     string
	unit     string
	baseline string    // what it is measured against; empty for an absolute target
	ours     []float64 // in unit, one a round
	against  []float64 // the same of the baseline
	target   float64
	atMost   bool // the target is a ceiling; else a floor
	absolute bool // the target is for ours, in unit; else for the ratio
	untold   bool // there is no target: the figure is told beside others
	inverse  bool // the ratio is against/ours: where both are times and the target says "times quicker"
	note     string
	syncs    float64 // syncs a second just before
}

// values are what the target is about, one a round.
func (r *result) values() []float64 {
	if r.absolute || len(r.against) == 0 {
		return r.ours
	}
	out := make([]float64, len(r.ours))
	for i := range out {
		if r.inverse {
			out[i] = r.against[i] / r.ours[i]
		} else {
			out[i] = r.ours[i] / r.against[i]
		}
	}
	return out
}

func (r *result) judged() string {
	if r.absolute || len(r.against) == 0 {
		return "measured"
	}
	return "ratio"
}

func (r *result) met() bool {
	m, _, _ := spread(r.values())
	if r.atMost {
		return m <= r.target
	}
	return m >= r.target
}

func (r *result) verdict() string {
	switch {
	case r.untold:
		return "–"
	case r.met():
		return "met"
	}
	return "**missed**"
}

func (r *result) targetText() string {
	if r.untold {
		return "–"
	}
	unit := "×"
	if r.absolute || len(r.against) == 0 {
		unit = r.unit
	}
	sign := "≥"
	if r.atMost {
		sign = "≤"
	}
	return fmt.Sprintf("%s %s %s", sign, figure(r.target), unit)
}

func (r *result) oursText() string    { return told(r.ours, r.unit) }
func (r *result) againstText() string { return told(r.against, r.unit) }

func (r *result) judgedText() string {
	if r.absolute || len(r.against) == 0 {
		return r.oursText()
	}
	return told(r.values(), "×")
}

func told(values []float64, unit string) string {
	if len(values) == 0 {
		return "–"
	}
	m, low, high := spread(values)
	if len(values) == 1 || low == high {
		return figure(m) + " " + unit
	}
	return fmt.Sprintf("%s %s (%s–%s)", figure(m), unit, figure(low), figure(high))
}

// spread is median, smallest and largest.
func spread(values []float64) (median, low, high float64) {
	if len(values) == 0 {
		return math.NaN(), math.NaN(), math.NaN()
	}
	s := slices.Sorted(slices.Values(values))
	n := len(s)
	return (s[(n-1)/2] + s[n/2]) / 2, s[0], s[n-1]
}

// figure writes three digits that mean something, with commas between thousands.
func figure(x float64) string {
	switch a := math.Abs(x); {
	case a >= 1000:
		n := fmt.Sprintf("%.0f", x)
		out := ""
		for len(n) > 3 {
			out = "," + n[len(n)-3:] + out
			n = n[:len(n)-3]
		}
		return n + out
	case a >= 100:
		return fmt.Sprintf("%.0f", x)
	case a >= 10:
		return fmt.Sprintf("%.1f", x)
	case a >= 1 || a == 0:
		return fmt.Sprintf("%.2f", x)
	}
	return fmt.Sprintf("%.3f", x)
}
