package main

import (
	"context"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"chunfeng/broadcast/report"
	"chunfeng/cmd/chunfeng/api"
	"chunfeng/store"
	"chunfeng/templates/words"
)

func (c *cli) batchCommand() *cobra.Command {
	var marked string
	read := c.command("read FILE", "batch_read", cobra.ExactArgs(1), func(cmd *cobra.Command, args []string) error {
		data, err := readFile(args[0])
		if err != nil {
			return err
		}
		return c.withClient(cmd.Context(), func(cl *client) error {
			var v api.CheckReport
			if err := cl.post(cmd.Context(), "/v1/batches/read", url.Values{"name": {filepath.Base(args[0])}}, data, &v); err != nil {
				return err
			}
			c.tellFaults(v.Errors, v.Doubts)
			if marked != "" {
				if err := c.download(cmd.Context(), cl, "POST", "/v1/batches/marked", url.Values{"name": {filepath.Base(args[0])}}, data, marked); err != nil {
					return err
				}
			}
			if err := c.print(v, func() {
				c.fields("employers", v.Employers, "vacancies", v.Vacancies, "rows", v.Rows, "errors", len(v.Errors), "doubts", len(v.Doubts),
					"known_as", v.Known)
			}); err != nil {
				return err
			}
			if len(v.Errors) > 0 {
				return words.Refuse("cmd.batch_faults", len(v.Errors), filepath.Base(args[0]))
			}
			return nil
		})
	})
	read.Flags().StringVar(&marked, "marked", "", c.say("flag_marked"))
	list := c.command("list", "batch_list", cobra.NoArgs, func(cmd *cobra.Command, _ []string) error {
		return c.withClient(cmd.Context(), func(cl *client) error {
			var all []api.Batch
			if err := cl.get(cmd.Context(), "/v1/batches", nil, &all); err != nil {
				return err
			}
			return c.print(all, func() {
				var rows [][]any
				for _, b := range all {
					rows = append(rows, []any{b.ID, b.Name, b.Employers, b.Vacancies, b.Open, named{"state", string(b.State)}, b.CreatedAt, b.CreatedBy})
				}
				c.table([]string{"id", "name", "employers", "vacancies", "open", "state", "at", "by"}, rows)
			})
		})
	})
	one := func(use, key, method, path string) *cobra.Command {
		return c.command(use+" ID", key, cobra.ExactArgs(1), func(cmd *cobra.Command, args []string) error {
			return c.withClient(cmd.Context(), func(cl *client) error {
				var v api.Batch
				if err := cl.call(cmd.Context(), method, "/v1/batches/"+url.PathEscape(args[0])+path, nil, nil, &v); err != nil {
					return err
				}
				return c.printBatch(v)
			})
		})
	}
	form := c.command("template FILE", "batch_template", cobra.ExactArgs(1), func(cmd *cobra.Command, args []string) error {
		return c.withClient(cmd.Context(), func(cl *client) error {
			if err := c.download(cmd.Context(), cl, "GET", "/v1/batches/template", nil, nil, args[0]); err != nil {
				return err
			}
			return c.print(exported{File: args[0]}, func() { fmt.Fprintln(c.out, c.say("written", args[0])) })
		})
	})
	return c.group("batch", form, read, c.batchImport(), list, c.batchPreview(), c.batchExport(),
		one("show", "batch_show", "GET", ""),
		one("approve", "batch_approve", "POST", "/approve"),
	)
}

func (c *cli) printBatch(b api.Batch) error {
	return c.print(b, func() {
		c.fields("id", b.ID, "name", b.Name, "employers", b.Employers, "vacancies", b.Vacancies, "open", b.Open,
			"state", named{"state", string(b.State)}, "file", b.FileName, "file_hash", b.FileHash, "at", b.CreatedAt, "by", b.CreatedBy,
			"approved_at", b.ApprovedAt, "approved_by", b.ApprovedBy)
	})
}

func (c *cli) batchImport() *cobra.Command {
	var name, employers, vacancies string
	cmd := c.command("import FILE", "batch_import", cobra.ExactArgs(1), func(cmd *cobra.Command, args []string) error {
		data, err := readFile(args[0])
		if err != nil {
			return err
		}
		q := url.Values{"name": {filepath.Base(args[0])}, "title": {name}, "employers": {employers}, "vacancies": {vacancies}}
		return c.withClient(cmd.Context(), func(cl *client) error {
			var v api.Batch
			if err := cl.post(cmd.Context(), "/v1/batches", q, data, &v); err != nil {
				return err
			}
			c.tellFaults(nil, v.Doubts)
			if v.Existed {
				c.note("batch_existed", v.ID)
			}
			return c.printBatch(v)
		})
	})
	f := cmd.Flags()
	f.StringVar(&name, "name", "", c.say("flag_batch_name"))
	f.StringVar(&employers, "expect-employers", "", c.say("flag_expect_employers"))
	f.StringVar(&vacancies, "expect-vacancies", "", c.say("flag_expect_vacancies"))
	return cmd
}

// batchExport writes a batch's vacancies to a workbook or a table of text, by the ending of the file's name.
func (c *cli) batchExport() *cobra.Command {
	return c.command("export ID FILE", "batch_export", cobra.ExactArgs(2), func(cmd *cobra.Command, args []string) error {
		form, err := report.ParseForm(strings.TrimPrefix(filepath.Ext(args[1]), "."))
		if err != nil {
			return words.Refuse("cmd.export_form", args[1]).Of(words.Usage)
		}
		return c.withClient(cmd.Context(), func(cl *client) error {
			var b api.Batch
			path := "/v1/batches/" + url.PathEscape(args[0])
			if err := cl.get(cmd.Context(), path, nil, &b); err != nil {
				return err
			}
			if err := c.download(cmd.Context(), cl, "GET", path+"/export", url.Values{"form": {string(form)}}, nil, args[1]); err != nil {
				return err
			}
			return c.print(exported{args[1], b.Batch.Vacancies}, func() { fmt.Fprintln(c.out, c.say("exported", b.Batch.Vacancies, args[1])) })
		})
	})
}

// download writes a file that the API answers; it is there whole or not at all.
func (c *cli) download(ctx context.Context, cl *client, method, path string, q url.Values, body any, file string) error {
	res, err := cl.open(ctx, method, path, q, body)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if err := store.WriteFile(file, func(f *os.File) error { _, err := io.Copy(f, res.Body); return err }); err != nil {
		return words.Refuse("cmd.not_written", file).Because(err)
	}
	return nil
}

// batchPreview shows what a group would read.
func (c *cli) batchPreview() *cobra.Command {
	var group, lang, template, picture, link string
	var parts int
	cmd := c.command("preview ID", "batch_preview", cobra.ExactArgs(1), func(cmd *cobra.Command, args []string) error {
		q := url.Values{"group": {group}, "lang": {lang}, "template": {template}, "parts": {fmt.Sprint(parts)}}
		if link != "" && picture == "" {
			return words.Refuse("cmd.url_without_png").Of(words.Usage)
		}
		return c.withClient(cmd.Context(), func(cl *client) error {
			if picture != "" {
				q := url.Values{"group": {group}, "lang": {lang}, "url": {link}}
				return c.writePoster(cmd.Context(), cl, args[0], q, picture)
			}
			var v api.Preview
			if err := cl.get(cmd.Context(), "/v1/batches/"+url.PathEscape(args[0])+"/preview", q, &v); err != nil {
				return err
			}
			return c.print(v, func() {
				for _, p := range v.Parts {
					fmt.Fprintln(c.out, p.Text)
					c.note("part_length", p.Part, len(v.Parts), p.Length, v.Limit, len(p.Vacancies))
				}
			})
		})
	})
	f := cmd.Flags()
	f.StringVar(&group, "group", "", c.say("flag_group_code"))
	f.StringVar(&lang, "lang", "", c.say("flag_group_lang"))
	f.StringVar(&template, "template", "digest", c.say("flag_template"))
	f.IntVar(&parts, "parts", 1, c.say("flag_parts"))
	f.StringVar(&picture, "png", "", c.say("flag_png_poster"))
	f.StringVar(&link, "url", "", c.say("flag_poster_url"))
	return cmd
}
