package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/rs/zerolog"
	"github.com/spf13/cobra"

	"chunfeng/cmd/chunfeng/api"
	"chunfeng/cmd/chunfeng/backup"
	"chunfeng/cmd/chunfeng/rehearsal"
	"chunfeng/store"
	"chunfeng/templates/words"
)

// Rehearsed is what a rehearsal says.
type Rehearsed struct {
	Batch     string              `json:"batch"`
	At        time.Time           `json:"at"`
	Groups    int                 `json:"groups"`   // that get it
	Messages  int                 `json:"messages"` // for those
	Unbound   int                 `json:"unbound"`  // of those groups, that no account reaches now
	Forecast  *time.Time          `json:"forecast"` // when the plan's own forecast ends, with no trouble at all
	History   rehearsal.History   `json:"history"`
	Assumed   []string            `json:"assumed"` // what was assumed because the history is too short: rates, sessions
	Took      string              `json:"took"`
	Summaries []rehearsal.Summary `json:"models"`
}

// The most seeds: a hundred take a minute or so for a wave to three thousand groups, and ten times as many say nothing new.
const mostSeeds = 1000

func (c *cli) rehearseCommand() *cobra.Command {
	var o *api.Order
	var models []string
	var seeds int
	var person time.Duration
	cmd := c.command("rehearse BATCH", "rehearse", cobra.ExactArgs(1), func(cmd *cobra.Command, args []string) error {
		o.Batch = args[0]
		var chosen []rehearsal.Model
		for _, name := range models {
			if name == "all" {
				chosen = append(chosen, rehearsal.Models()...)
			} else if m := rehearsal.Model(name); m.Known() {
				chosen = append(chosen, m)
			} else {
				return words.Refuse("rehearsal.no_model", name, modelNames()).Of(words.Usage)
			}
		}
		if seeds < 1 || seeds > mostSeeds || person < 0 || person > 24*time.Hour {
			return words.Refuse("rehearsal.size", mostSeeds).Of(words.Usage)
		}
		return c.rehearse(cmd.Context(), *o, chosen, seeds, person)
	})
	o = c.orderFlags(cmd)
	_ = cmd.Flags().MarkHidden("cron") // one occurrence is rehearsed
	f := cmd.Flags()
	f.StringSliceVar(&models, "model", []string{string(rehearsal.Usual)}, c.say("flag_model", modelNames()))
	f.IntVar(&seeds, "seeds", 100, c.say("flag_seeds"))
	f.DurationVar(&person, "person", 30*time.Minute, c.say("flag_person"))
	return cmd
}

func modelNames() string {
	names := []string{}
	for _, m := range rehearsal.Models() {
		names = append(names, string(m))
	}
	return strings.Join(append(names, "all"), ", ")
}

// rehearseChild is what a rehearsal starts itself as.
func (c *cli) rehearseChild() *cobra.Command {
	cmd := c.command(rehearsal.Command, "rehearse", cobra.NoArgs, func(*cobra.Command, []string) error {
		rehearsal.Child(os.Stdin, os.NewFile(3, "outcomes"))
		return nil
	})
	cmd.Hidden = true
	return cmd
}

// rehearse plays the order through as it would be queued now.
func (c *cli) rehearse(ctx context.Context, o api.Order, models []rehearsal.Model, seeds int, person time.Duration) error {
	begun := time.Now()
	dir, err := os.MkdirTemp(memory(), "chunfeng-rehearsal-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	v := Rehearsed{Assumed: []string{}, Summaries: []rehearsal.Summary{}}
	st, err := c.stage(ctx, dir, o, person, &v)
	if err != nil {
		return err
	}
	v.History = st.History
	rates, sessions := st.History.Assumed()
	for name, is := range map[string]bool{"rates": rates, "sessions": sessions} {
		if is {
			v.Assumed = append(v.Assumed, name)
		}
	}
	live := &screen{out: c.err, live: c.asks && !c.json, quiet: c.json || !c.asks}
	broken := 0
	for _, m := range models {
		played := 0
		all, err := rehearsal.Run(ctx, st, m, seeds, func(rehearsal.Outcome) {
			played++
			live.show([]bar{{name: c.model(m), done: played, total: seeds}})
		})
		live.wipe()
		if err != nil {
			return err
		}
		s := rehearsal.Sum(m, st.At, all)
		broken += len(s.Problems) + s.Twice
		v.Summaries = append(v.Summaries, s)
	}
	v.Took = time.Since(begun).Round(100 * time.Millisecond).String()
	if err := c.print(v, func() { c.layRehearsal(v) }); err != nil {
		return err
	}
	if broken > 0 {
		return errSaid
	}
	return nil
}

// memory is a folder in memory where there is one: a rehearsal writes much that nobody will read.
func memory() string {
	const shm = "/dev/shm"
	f, err := os.CreateTemp(shm, "chunfeng-*")
	if err != nil {
		return ""
	}
	f.Close()
	os.Remove(f.Name())
	return shm
}

// stage copies the ledger, orders the wave in the copy as it would be ordered in the original, and builds from that what is
// played with. The copy, which holds what residents said, is removed before anything is played.
func (c *cli) stage(ctx context.Context, dir string, o api.Order, person time.Duration, v *Rehearsed) (*rehearsal.Stage, error) {
	copied := filepath.Join(dir, "copy")
	if err := os.Mkdir(copied, 0o700); err != nil {
		return nil, err
	}
	defer os.RemoveAll(copied)
	err := c.withClient(ctx, func(cl *client) error {
		res, err := cl.open(ctx, "GET", "/v1/backup", nil, nil)
		if err != nil {
			return err
		}
		defer res.Body.Close()
		f, err := os.OpenFile(filepath.Join(copied, store.DatabaseFile), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
		if err != nil {
			return err
		}
		_, err = io.Copy(f, res.Body)
		f.Close()
		return err
	})
	if err != nil {
		return nil, err
	}
	if err := backup.CopyFile(filepath.Join(c.data, store.KeyFile), filepath.Join(copied, store.KeyFile)); err != nil {
		return nil, err
	}
	own := filepath.Join(c.data, "templates")
	if _, err := os.Stat(own); err == nil {
		if err := os.CopyFS(filepath.Join(copied, "templates"), os.DirFS(own)); err != nil {
			return nil, err
		}
	}
	app, err := New(Options{Settings: c.written(), Data: copied, Log: zerolog.Nop()})
	if err != nil {
		return nil, err
	}
	defer app.Close()
	return c.stageFrom(ctx, app, dir, o, person, v)
}

func (c *cli) stageFrom(ctx context.Context, app *App, dir string, o api.Order, person time.Duration, v *Rehearsed) (*rehearsal.Stage, error) {
	if b, err := app.store.Batch(o.Batch); err == nil && b.State == store.BatchDraft {
		// It may be rehearsed before it is approved.
		if _, err := app.store.ApproveBatch(b.ID, c.user); err != nil {
			return nil, err
		}
	}
	// It goes through the API as it will when it is queued, with its checks and refusals, but the ledger is the copy.
	in := newInProcess(app, c.lang, c.user)
	var w api.QueuedWave
	if err := in.post(ctx, "/v1/waves", nil, o, &w); err != nil {
		return nil, err
	}
	queued, err := app.store.Wave(w.ID)
	if err != nil {
		return nil, err
	}
	now := time.Now()
	v.Batch, v.At, v.Groups, v.Messages, v.Unbound, v.Forecast = o.Batch, queued.At, w.Forecast.Reached, w.Forecast.Deliveries, w.Forecast.Unbound, w.Forecast.Finish
	if queued.At.Before(now) {
		queued.At = now
	}
	cfg := app.settings()
	settings := rehearsal.Settings{
		Pacing: pacing(cfg), Zone: cfg.Zone.String(), QuietHours: cfg.QuietHours, QuietDays: cfg.QuietDays, GroupDaily: cfg.GroupDailyLimit,
		Confirm: cfg.ConfirmAfter, Acknowledge: cfg.Acknowledge, Kept: int(cfg.Retention / (24 * time.Hour)),
		AnswersGap: answerGap, AnswersAnHour: answersPerHour,
	}
	settings.Pacing.Zone = nil
	return rehearsal.Build(rehearsal.Source{
		Store: app.store, Templates: app.overrides(), Plan: queued.Plan, At: queued.At, Now: now, Settings: settings, Person: person,
	}, dir)
}

// newInProcess asks an App in this process.
func newInProcess(app *App, lang words.Lang, user string) *client {
	return &client{http: &http.Client{Transport: inProcess{app.Handler()}}, lang: lang, user: user, done: func() error { return nil }}
}

func (c *cli) model(m rehearsal.Model) string { return words.Say(c.lang, "rehearsal.model_"+string(m)) }

func (c *cli) layRehearsal(v Rehearsed) {
	c.fields("batch", v.Batch, "at", v.At, "groups", v.Groups, "messages", v.Messages, "unbound", v.Unbound, "forecast", v.Forecast)
	for _, name := range v.Assumed {
		c.note("rehearsal_assumed_" + name)
	}
	var rows [][]any
	for _, s := range v.Summaries {
		rows = append(rows, []any{c.model(s.Model), s.Seeds, s.Finish["middle"], c.hours(s.Hours), spread(s.Sent), spread(s.Unknown), spread(s.Failed), spread(s.Skipped), spread(s.Scans), s.NotOver})
	}
	fmt.Fprintln(c.out)
	c.table([]string{"model", "seeds", "finish", "hours", "sent", "unknown", "failed", "skipped", "scans", "not_over"}, rows)
	for _, s := range v.Summaries {
		c.layModel(s)
	}
}

// layModel says of one model why messages were lost, and who is the bottleneck.
func (c *cli) layModel(s rehearsal.Summary) {
	for _, p := range s.Problems {
		fmt.Fprintln(c.out, c.say("rehearsal_problem", c.model(s.Model), p))
	}
	if s.Twice > 0 {
		fmt.Fprintln(c.out, c.say("rehearsal_twice", c.model(s.Model), s.Twice))
	}
	var rows [][]any
	for _, r := range s.Reasons {
		state, reason, _ := strings.Cut(r.Reason, ".")
		rows = append(rows, []any{c.model(s.Model), named{"state", state}, named{"reason", reason}, fmt.Sprintf("%.1f", r.Mean)})
	}
	if len(rows) > 0 {
		fmt.Fprintln(c.out)
		c.table([]string{"model", "state", "reason", "mean"}, rows)
	}
	rows = nil
	for i, b := range s.Slowest {
		if i == 3 {
			break
		}
		doing := []string{}
		for _, state := range []string{"pace", "quiet", "day", "cooling", "offline", "stopped", "paused", "waiting", "sending", "idle"} {
			if n := b.Share[state]; n > 0 {
				doing = append(doing, fmt.Sprintf("%s %d %%", words.Say(c.lang, "rehearsal.doing_"+state), n))
			}
		}
		rows = append(rows, []any{c.model(s.Model), b.Account, fmt.Sprintf("%d/%d", b.Seeds, s.Seeds), b.Messages, strings.Join(doing, " · ")})
	}
	if len(rows) > 0 {
		fmt.Fprintln(c.out)
		c.table([]string{"model", "last_account", "seeds", "messages", "time_spent"}, rows)
	}
}

// spread writes a range: the middle, and what eight of ten lie between.
func spread(r rehearsal.Range[int]) string {
	if r.Least == r.Most {
		return fmt.Sprint(r.Middle)
	}
	return fmt.Sprintf("%d (%d–%d)", r.Middle, r.Low, r.High)
}

func (c *cli) hours(r rehearsal.Range[float64]) string {
	if r.Most == 0 {
		return ""
	}
	return fmt.Sprintf("%.1f (%.1f–%.1f)", r.Middle, r.Low, r.High)
}
