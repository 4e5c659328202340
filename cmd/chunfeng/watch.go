package main

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"chunfeng/cmd/chunfeng/api"
	"chunfeng/store"
	"chunfeng/templates/words"
)

// waveWatch shows a wave as it goes, until it ends or stands still for a person to move it. With --json it prints the wave once, when it has ended.
func (c *cli) waveWatch() *cobra.Command {
	var strict, wait bool
	every := time.Second
	cmd := c.command("watch ID", "wave_watch", cobra.ExactArgs(1), func(cmd *cobra.Command, args []string) error {
		return c.withClient(cmd.Context(), func(cl *client) error {
			s := &screen{out: c.out, live: c.terminal, quiet: c.json}
			for {
				var v api.Progress
				if err := cl.get(cmd.Context(), wavePath(args[0])+"/progress", nil, &v); err != nil {
					return err
				}
				if v.State.Over() {
					s.wipe()
					if err := c.print(v.Wave, func() { c.layWave(v.Wave) }); err != nil {
						return err
					}
					if strict && v.State != store.WaveFinished {
						return words.Refuse("cmd.not_finished", v.ID, words.T("state."+string(v.State)))
					}
					return nil
				}
				if stands := v.State == store.WaveDraft || v.State == store.WavePaused; stands && !wait {
					s.wipe()
					return c.standing(v)
				}
				if !cl.daemon {
					// Nothing moves it, and this command holds the ledger that a daemon would need.
					return words.Refuse("cmd.no_daemon").Of(words.Later)
				}
				s.show(c.bars(v))
				sleep(cmd.Context(), every)
				if err := cmd.Context().Err(); err != nil {
					s.wipe()
					return errStopped
				}
			}
		})
	})
	cmd.Flags().BoolVar(&wait, "wait", false, c.say("flag_watch_wait"))
	cmd.Flags().BoolVar(&strict, "exit-status", false, c.say("flag_exit_status"))
	cmd.Flags().DurationVar(&every, "every", every, c.say("flag_every"))
	return cmd
}

// standing says what a wave waits for that a person must move: nobody knows how long that takes.
func (c *cli) standing(v api.Progress) error {
	if v.State == store.WaveDraft {
		return words.Refuse("cmd.watch_draft", v.ID, v.Hash).Of(words.Later)
	}
	return words.Refuse("cmd.watch_paused", v.ID, c.cell(because(v.Why))).Of(words.Later)
}

// bars are a wave's progress, all of it first.
func (c *cli) bars(v api.Progress) []bar {
	all := bar{name: v.ID, done: v.Done, total: v.Total, note: c.pace(v.PerMinute, v.Left)}
	if v.State != store.WaveRunning {
		all.note = named{"state", string(v.State)}.in(c.lang)
	}
	out := []bar{all}
	for _, l := range v.Lanes {
		b := bar{name: l.Account, done: l.Done, total: l.Total, note: c.pace(l.PerMinute, l.Left)}
		switch {
		case l.Done == l.Total:
			b.note = ""
		case l.State != "" && l.State != "sending" && l.State != "waiting":
			b.note = named{"lane", l.State}.in(c.lang)
		case l.For == "cooling" || l.For == "day":
			b.note = named{"lane", l.For}.in(c.lang)
			if l.Until != nil {
				b.note += " " + l.Until.Format("15:04")
			}
		}
		out = append(out, b)
	}
	return out
}

// pace says a rate and the time that is left.
func (c *cli) pace(perMinute, seconds float64) string {
	s := ""
	if perMinute > 0 {
		s = c.say("per_minute", fmt.Sprintf("%.3g", perMinute))
	}
	if seconds > 0 {
		if s != "" {
			s += " "
		}
		s += clock(time.Duration(seconds * float64(time.Second)))
	}
	return s
}
