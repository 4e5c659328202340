package main

import (
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"

	"chunfeng/bot"
	"chunfeng/templates/words"
)

// table lays rows out: aligned under a header on a terminal, where Chinese and Hangul take two columns, to the minute and
// without the columns that are empty in every row; elsewhere one line a row, columns separated by tabs, without a header,
// for other programs.
func (c *cli) table(columns []string, rows [][]any) {
	if !c.terminal {
		for _, r := range rows {
			cells := make([]string, len(r))
			for i, v := range r {
				cells[i] = strings.NewReplacer("\t", " ", "\n", " ").Replace(c.cell(v))
			}
			fmt.Fprintln(c.out, strings.Join(cells, "\t"))
		}
		return
	}
	if len(rows) == 0 {
		c.note("nothing")
		return
	}
	// A terminal is narrow: what no row has is left out, and seconds are for what is shown alone.
	cells, kept := make([]table.Row, len(rows)), []bool{}
	for i, r := range rows {
		kept = append(kept, make([]bool, max(0, len(r)-len(kept)))...)
		cells[i] = make(table.Row, len(r))
		for j, v := range r {
			text := c.cell(v)
			switch v := v.(type) {
			case time.Time:
				text = minute(v)
			case *time.Time:
				if v != nil {
					text = minute(*v)
				}
			}
			cells[i][j] = text
			kept[j] = kept[j] || text != ""
		}
	}
	only := func(r table.Row) (out table.Row) {
		for j, cell := range r {
			if j < len(kept) && kept[j] {
				out = append(out, cell)
			}
		}
		return out
	}
	t := table.NewWriter()
	t.SetStyle(table.StyleLight)
	t.Style().Options = table.OptionsNoBordersAndSeparators
	t.Style().Format.Header = text.FormatDefault
	header := make(table.Row, len(columns))
	for i, k := range columns {
		header[i] = words.Say(c.lang, "cmd.col_"+k)
	}
	if os.Getenv("NO_COLOR") == "" {
		t.Style().Color.Header = text.Colors{text.Bold}
	}
	t.AppendHeader(only(header))
	for _, r := range cells {
		t.AppendRow(only(r))
	}
	fmt.Fprintln(c.out, t.Render())
}

// fields lays one thing out, a line a field.
func (c *cli) fields(pairs ...any) {
	var rows [][]any
	for i := 0; i+1 < len(pairs); i += 2 {
		if v := c.cell(pairs[i+1]); v != "" {
			rows = append(rows, []any{words.Say(c.lang, "cmd.col_"+pairs[i].(string)), v})
		}
	}
	width := 0
	for _, r := range rows {
		width = max(width, text.StringWidthWithoutEscSequences(r[0].(string)))
	}
	for _, r := range rows {
		if c.terminal {
			fmt.Fprintf(c.out, "%s  %s\n", text.Pad(r[0].(string), width, ' '), r[1])
		} else {
			fmt.Fprintf(c.out, "%s\t%s\n", r[0], r[1])
		}
	}
}

// named is a stable word of the program, shown to people in their language: a state, a reason.
type named struct{ kind, name string }

func (n named) in(l words.Lang) string {
	if n.name == "" {
		return ""
	}
	key := n.kind + "." + n.name
	if said := words.Say(l, key); said != key {
		return said
	}
	return n.name
}

// because is a reason as the ledger keeps it, a key of the catalogue with its arguments.
type because string

func (c *cli) cell(v any) string {
	switch v := v.(type) {
	case because:
		if v == "" {
			return ""
		}
		return bot.ReadWhy(string(v)).In(c.lang)
	case nil:
		return ""
	case named:
		return v.in(c.lang)
	case time.Time:
		return shortTime(v)
	case *time.Time:
		if v == nil {
			return ""
		}
		return shortTime(*v)
	case []string:
		return strings.Join(v, " ")
	case bool:
		if v {
			return c.say("yes")
		}
		return c.say("no")
	}
	return fmt.Sprint(v)
}

// minute is a moment as a narrow table has it.
func minute(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format("2006-01-02 15:04")
}

// shortTime is a moment as people read it in a table, in the time zone that it carries.
func shortTime(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format("2006-01-02 15:04:05")
}
