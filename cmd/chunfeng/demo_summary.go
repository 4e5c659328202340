package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"

	"chunfeng/broadcast"
	"chunfeng/config"
	"chunfeng/store"
	"chunfeng/templates/words"
)

// summary waits until everything accepted is confirmed, holds the ledger against the witness, and tells the season.
func (d *demonstration) summary(ctx context.Context) error {
	err := d.until(ctx, 20*time.Second, "confirm", func() (bool, error) {
		waves, err := d.app.store.Waves(true)
		if err != nil {
			return false, err
		}
		answers, err := d.app.store.WaveNumber(store.Answers)
		return len(waves) == 0 && answers.Counts.Open() == 0, err
	})
	if err != nil {
		return err
	}
	v, err := judge(d.app.store, d.world.sim.Arrivals())
	if err != nil {
		return err
	}
	if err := v.listen(d.app.store, d.world.heard(), d.world.empty); err != nil {
		return err
	}
	checked, err := d.app.store.Check(ctx)
	if err != nil {
		return err
	}
	for _, b := range checked.Broken {
		v.fault("%s", b)
	}
	if err := d.tell(v); err != nil {
		return err
	}
	if d.o.stay {
		d.screen.line("%s", d.say("stay", d.app.store.Dir()))
		<-ctx.Done()
	}
	if v.disagree > 0 {
		return words.Refuse("demo.disagree", v.disagree)
	}
	return nil
}

func (d *demonstration) tell(v *verdict) error {
	waves, err := d.app.store.Waves(false)
	if err != nil {
		return err
	}
	answers, err := d.app.store.WaveNumber(store.Answers)
	if err != nil {
		return err
	}
	d.screen.line("\n%s", d.say("summary"))
	slices.Reverse(waves) // as the season went
	d.screen.line("%s", d.waveTable(append(waves, answers)))
	d.screen.line("%s", d.say("witness", v.arrivals, v.accounted, v.doubles, v.disagree))
	for _, w := range v.wrong {
		d.screen.line("  ✗ %s", w)
	}
	d.screen.line("%s", d.say("signups", v.said))
	d.screen.line("%s", d.say("signups_found", v.found, v.toPerson, v.inGap, v.missed))
	if v.outOfReach > 0 {
		d.screen.line("%s", d.say("signups_out_of_reach", v.outOfReach))
	}
	d.screen.line("%s", d.say("signups_wrong", v.misread, v.invented))
	if len(v.unheard) > 0 {
		slices.Sort(v.unheard)
		d.screen.detail("%s", d.say("unheard", strings.Join(v.unheard[:min(len(v.unheard), 12)], " ")))
	}
	if polite, err := d.polite(waves); err == nil && polite != "" {
		d.screen.line("%s", polite)
	}
	d.screen.line("%s", d.say("cost", time.Since(d.began).Round(100*time.Millisecond), peakMemory()))
	if v.disagree == 0 {
		d.screen.line("%s", d.say("agree"))
	}
	return nil
}

// span is a duration as people say it.
func (d *demonstration) span(t time.Duration) string {
	t = t.Round(time.Minute)
	return d.say("span", int(t.Hours()), int(t.Minutes())%60)
}

// waveTable counts each wave by state; a column in which nothing stands is left out.
func (d *demonstration) waveTable(waves []store.Wave) string {
	used := []store.State{}
	for _, s := range store.States() {
		for _, w := range waves {
			if w.View()[s] > 0 {
				used = append(used, s)
				break
			}
		}
	}
	t := table.NewWriter()
	t.SetStyle(table.StyleLight)
	t.Style().Options = table.OptionsNoBordersAndSeparators
	t.Style().Format.Header = text.FormatDefault
	header := table.Row{d.say("col_wave"), d.say("col_total")}
	columns := []table.ColumnConfig{{Number: 2, Align: text.AlignRight, AlignHeader: text.AlignRight}}
	for i, s := range used {
		header = append(header, words.Say(d.c.lang, "state."+s.String()))
		columns = append(columns, table.ColumnConfig{Number: i + 3, Align: text.AlignRight, AlignHeader: text.AlignRight})
	}
	t.SetColumnConfigs(columns)
	t.AppendHeader(header)
	for _, w := range waves {
		name := w.ID
		if w.Number == store.Answers {
			name = d.say("answers")
		}
		row := table.Row{name, w.Total}
		for _, s := range used {
			row = append(row, w.View()[s])
		}
		t.AppendRow(row)
	}
	return t.Render()
}

// peakMemory is the most memory that the process held, as the kernel counts it.
func peakMemory() string {
	f, err := os.Open("/proc/self/status")
	if err != nil {
		return "?"
	}
	defer f.Close()
	for s := bufio.NewScanner(f); s.Scan(); {
		if v, ok := strings.CutPrefix(s.Text(), "VmHWM:"); ok {
			var kb int
			fmt.Sscanf(v, "%d", &kb)
			return fmt.Sprintf("%d MB", kb/1000)
		}
	}
	return "?"
}

// polite tells what the first wave would take at the pace of a fresh installation, by accounts that are past their first
// four weeks.
func (d *demonstration) polite(waves []store.Wave) (string, error) {
	if len(waves) == 0 {
		return "", nil
	}
	first := waves[0]
	cfg := config.Default()
	quiet, err := broadcast.ParseQuiet(cfg.QuietHours, cfg.Zone)
	if err != nil {
		return "", err
	}
	p := &broadcast.Planner{
		Store: d.app.store, Templates: d.app.templates, Kept: int(cfg.Retention / (24 * time.Hour)), Zone: cfg.Zone, Quiet: quiet,
		Pacing: broadcast.Pacing{Text: broadcast.Limits(cfg.Text), Media: broadcast.Limits(cfg.Media), Cooldown: cfg.Cooldown, Watch: cfg.ConfirmAfter, Zone: cfg.Zone},
	}
	now := time.Now().In(cfg.Zone)
	morning := time.Date(now.Year(), now.Month(), now.Day()+1, 8, 30, 0, 0, cfg.Zone)
	v, err := p.Plan(first.Plan, morning)
	if err != nil {
		return "", err
	}
	took := v.Forecast.Finish.Sub(v.Forecast.Start)
	return d.say("polite", first.ID, d.span(took), d.o.accounts, v.Forecast.Days), nil
}
