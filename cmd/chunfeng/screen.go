package main

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/text"
)

// width is the terminal that everything fits into.
const width = 80

// bar is one line of live progress: a lane, or a whole wave.
type bar struct {
	name  string
	done  int
	total int
	rate  float64       // messages a second; 0: nothing is going out
	left  time.Duration // until the last one; 0 with a rate: at its end
	note  string        // instead of rate and time: cooling, offline
}

// screen shows progress: on a terminal bars that are drawn anew in place, elsewhere a line now and then that reads well
// in a log file.
type screen struct {
	out   io.Writer
	live  bool
	quiet bool
	drawn int
	last  time.Time
}

// every is how often a line is written where there is no terminal.
const every = 2 * time.Second

// line writes a finished line above the bars.
func (s *screen) line(format string, args ...any) {
	s.wipe()
	said := fmt.Sprintf(format, args...)
	for one := range strings.SplitSeq(said, "\n") {
		if s.live && text.StringWidth(one) > width {
			one = text.WrapSoft(one, width)
		}
		fmt.Fprintln(s.out, strings.TrimRight(one, " "))
	}
}

// detail is line for what is left out when the reader asked for quiet.
func (s *screen) detail(format string, args ...any) {
	if !s.quiet {
		s.line(format, args...)
	}
}

// show draws the bars, the first of which stands for all.
func (s *screen) show(bars []bar) {
	if len(bars) == 0 || s.quiet {
		return
	}
	if !s.live {
		if time.Since(s.last) >= every {
			s.last = time.Now()
			fmt.Fprintln(s.out, "  "+bars[0].words())
		}
		return
	}
	s.wipe()
	for _, b := range bars {
		fmt.Fprintln(s.out, b.draw())
	}
	s.drawn = len(bars)
}

// wipe takes the bars off the screen.
func (s *screen) wipe() {
	if s.drawn > 0 {
		fmt.Fprintf(s.out, "\x1b[%dA\x1b[0J", s.drawn)
		s.drawn = 0
	}
}

func (b bar) share() float64 {
	if b.total == 0 {
		return 0
	}
	return float64(b.done) / float64(b.total)
}

// draw is the bar for a terminal, at most width columns.
func (b bar) draw() string {
	const cells = 26
	full := int(b.share() * cells)
	s := fmt.Sprintf("  %s %s%s %*d/%-5d %3.0f %%  %s", text.Pad(text.Trim(b.name, 9), 9, ' '),
		strings.Repeat("█", full), strings.Repeat("░", cells-full), 5, b.done, b.total, 100*b.share(), b.pace())
	return text.Trim(strings.TrimRight(s, " "), width)
}

// words is the bar as a line of a log file.
func (b bar) words() string {
	return fmt.Sprintf("%s %d/%d (%.0f %%) %s", b.name, b.done, b.total, 100*b.share(), b.pace())
}

func (b bar) pace() string {
	switch {
	case b.note != "":
		return b.note
	case b.rate > 0 && b.done < b.total:
		return fmt.Sprintf("%4.0f/s %s", b.rate, clock(b.left))
	}
	return ""
}

// clock is a duration as people read it on a clock: 0:07, 12:30, 7:04:00.
func clock(d time.Duration) string {
	d = d.Round(time.Second)
	h, m, s := int(d.Hours()), int(d.Minutes())%60, int(d.Seconds())%60
	if h > 0 {
		return fmt.Sprintf("%d:%02d:%02d", h, m, s)
	}
	return fmt.Sprintf("%d:%02d", m, s)
}
