package main

import (
	"net/url"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"chunfeng/cmd/chunfeng/api"
	"chunfeng/templates/words"
)

func (c *cli) groupCommand() *cobra.Command {
	var dry bool
	importing := c.command("import FILE", "group_import", cobra.ExactArgs(1), func(cmd *cobra.Command, args []string) error {
		data, err := readFile(args[0])
		if err != nil {
			return err
		}
		q := url.Values{"name": {filepath.Base(args[0])}}
		if dry {
			q.Set("dry_run", "1")
		}
		return c.withClient(cmd.Context(), func(cl *client) error {
			var v api.GroupsImported
			if err := cl.post(cmd.Context(), "/v1/groups", q, data, &v); err != nil {
				return err
			}
			c.tellFaults(v.Errors, v.Doubts)
			if err := c.print(v, func() { c.printImported(v) }); err != nil {
				return err
			}
			if len(v.Errors) > 0 {
				return words.Refuse("cmd.import_refused", len(v.Errors))
			}
			return nil
		})
	})
	importing.Flags().BoolVar(&dry, "dry-run", false, c.say("flag_dry_run"))
	show := func(use, key, method, path string, flags func(*cobra.Command) func() any) *cobra.Command {
		var body func() any
		cmd := c.command(use+" CODE", key, cobra.ExactArgs(1), func(cmd *cobra.Command, args []string) error {
			return c.withClient(cmd.Context(), func(cl *client) error {
				var v api.GroupDetail
				if err := cl.call(cmd.Context(), method, "/v1/groups/"+url.PathEscape(args[0])+path, nil, body(), &v); err != nil {
					return err
				}
				return c.printGroup(v)
			})
		})
		body = flags(cmd)
		return cmd
	}
	none := func(*cobra.Command) func() any { return func() any { return nil } }
	why := func(cmd *cobra.Command) func() any {
		w := cmd.Flags().String("why", "", c.say("flag_why"))
		return func() any { return map[string]string{"why": *w} }
	}
	bind := show("bind", "group_bind", "GET", "", none)
	return c.group("group", importing, c.groupList(), c.groupExport(), c.groupCoverage(), c.groupHistory(), c.groupDoubtful(), c.groupDecide(),
		show("show", "group_show", "GET", "", none),
		show("pause", "group_pause", "POST", "/pause", why),
		show("resume", "group_resume", "POST", "/resume", why),
		show("opt-out", "group_opt_out", "POST", "/opt-out", func(cmd *cobra.Command) func() any {
			kinds := cmd.Flags().StringSlice("kind", nil, c.say("flag_notice_kind"))
			w := cmd.Flags().String("why", "", c.say("flag_why"))
			return func() any { return api.OptOut{Kinds: *kinds, Why: *w} }
		}),
		bind,
	)
}

// printImported tells what an import did, or would do.
func (c *cli) printImported(v api.GroupsImported) {
	if len(v.Errors) > 0 {
		return
	}
	var rows [][]any
	for _, g := range v.Changes {
		what, values := c.say("import_new"), ""
		if !g.New {
			what = c.say("import_changed")
			for i, f := range g.Fields {
				if i > 0 {
					values += "; "
				}
				values += words.Say(c.lang, "cmd.col_"+f.Field) + ": " + f.From + " → " + f.To
			}
		}
		rows = append(rows, []any{g.Code, g.Name, c.county(g.County), what, values})
	}
	if len(rows) > 0 {
		c.table([]string{"code", "name", "county", "state", "detail"}, rows)
	}
	c.fields("rows", v.Rows, "added", v.Added, "changed", v.Changed, "unchanged", v.Unchanged)
	if !v.Taken {
		c.note("import_tried")
	}
}

// tellFaults tells on standard error what is wrong with a file and what is doubtful, unless JSON carries it.
func (c *cli) tellFaults(faults, doubts []api.Fault) {
	if c.json {
		return
	}
	const most = 50
	for i, f := range faults {
		if i == most {
			c.note("and_more", len(faults)-most)
			break
		}
		c.note("fault", c.where(f), f.Message)
	}
	for i, f := range doubts {
		if i == most {
			c.note("and_more", len(doubts)-most)
			break
		}
		c.note("doubt", c.where(f), f.Message)
	}
}

// where is the place of a fault, as short as people read it.
func (c *cli) where(f api.Fault) string {
	at := f.Sheet
	if f.Row > 0 {
		if at != "" {
			at += " "
		}
		at += c.say("row", f.Row)
	}
	if f.Column != "" {
		at += " " + f.Column
	}
	if at == "" {
		return c.say("whole_file")
	}
	return at
}

func (c *cli) printGroup(v api.GroupDetail) error {
	return c.print(v, func() {
		c.fields("code", v.Code, "name", v.Name, "county", c.county(v.County), "township", v.Township,
			"kind", named{"kind", v.Kind}, "language", named{"language", v.Language},
			"tags", v.Tags, "account", v.Account, "state", named{"state", string(v.State)}, "why", v.StateWhy, "bound", v.Bound, "reach", named{"reach", string(v.Reach)},
			"pairing", v.Pairing)
		if !v.Bound {
			c.note("post_phrase", v.Pairing)
		}
		if len(v.Bindings) == 0 {
			return
		}
		var rows [][]any
		for _, b := range v.Bindings {
			rows = append(rows, []any{b.Account, named{"state", string(b.State)}, b.Name, named{"evidence", b.Evidence}, because(b.Why), b.At})
		}
		c.table([]string{"account", "state", "name", "evidence", "why", "at"}, rows)
	})
}

func (c *cli) groupList() *cobra.Command {
	var unbound bool
	var county string
	cmd := c.command("list", "group_list", cobra.NoArgs, func(cmd *cobra.Command, _ []string) error {
		return c.withGroups(cmd, county, unbound, func(all []api.Group) error {
			return c.print(all, func() {
				var rows [][]any
				for _, g := range all {
					rows = append(rows, []any{g.Code, g.Name, c.county(g.County), g.Township, named{"kind", g.Kind}, named{"language", g.Language},
						g.Tags, g.Account, named{"state", string(g.State)}, g.Bound})
				}
				c.table([]string{"code", "name", "county", "township", "kind", "language", "tags", "account", "state", "bound"}, rows)
			})
		})
	})
	cmd.Flags().BoolVar(&unbound, "unbound", false, c.say("flag_unbound"))
	cmd.Flags().StringVar(&county, "county", "", c.say("flag_county"))
	return cmd
}

func (c *cli) withGroups(cmd *cobra.Command, county string, unbound bool, do func([]api.Group) error) error {
	q := url.Values{}
	if county != "" {
		q.Set("county", county)
	}
	if unbound {
		q.Set("unbound", "1")
	}
	return c.withClient(cmd.Context(), func(cl *client) error {
		var all []api.Group
		if err := cl.get(cmd.Context(), "/v1/groups", q, &all); err != nil {
			return err
		}
		return do(all)
	})
}

// groupExport writes the registry in the form in which it is imported.
func (c *cli) groupExport() *cobra.Command {
	var county string
	cmd := c.command("export FILE", "group_export", cobra.ExactArgs(1), func(cmd *cobra.Command, args []string) error {
		return c.withGroups(cmd, county, false, func(all []api.Group) error {
			rows := [][]string{{"code", "name", "county", "township", "kind", "language", "tags", "account", "state"}}
			for _, g := range all {
				rows = append(rows, []string{g.Code, g.Name, g.County, g.Township, g.Kind, g.Language, strings.Join(g.Tags, " "), g.Account, string(g.State)})
			}
			return c.export(args[0], rows)
		})
	})
	cmd.Flags().StringVar(&county, "county", "", c.say("flag_county"))
	return cmd
}

// exported is what an export did.
type exported struct {
	File string `json:"file"`
	Rows int    `json:"rows"`
}
