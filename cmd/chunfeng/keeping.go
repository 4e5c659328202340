package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"chunfeng/cmd/chunfeng/api"
	"chunfeng/store"
	"chunfeng/templates/words"
)

func (c *cli) checkCommand() *cobra.Command {
	return c.command("check", "check", cobra.NoArgs, func(cmd *cobra.Command, _ []string) error {
		return c.withClient(cmd.Context(), func(cl *client) error {
			var v store.Checked
			if err := cl.get(cmd.Context(), "/v1/check", nil, &v); err != nil {
				return err
			}
			for _, b := range v.Broken {
				if !c.json {
					c.note("broken", b)
				}
			}
			if err := c.print(v, func() {
				c.fields("waves", v.Waves, "deliveries", v.Deliveries, "replies", v.Replies, "signups", v.Signups)
				if v.OK {
					fmt.Fprintln(c.out, c.say("check_fine"))
				}
			}); err != nil {
				return err
			}
			if !v.OK {
				return words.Refuse("cmd.check_broken", len(v.Broken))
			}
			return nil
		})
	})
}

// doctorCommand says what is wrong and what to do. What can be seen without the ledger it says also when there is none, or when
// it does not open.
func (c *cli) doctorCommand() *cobra.Command {
	var strict bool
	cmd := c.command("doctor", "doctor", cobra.NoArgs, func(cmd *cobra.Command, _ []string) error {
		all, err := c.diagnose(cmd.Context())
		if err != nil {
			return err
		}
		bad := 0
		for _, f := range all {
			if f.Level == "bad" || strict && f.Level == "warn" {
				bad++
			}
		}
		if err := c.print(all, func() {
			for _, f := range all {
				fmt.Fprintf(c.out, "%s\t%s\n", c.say("level_"+f.Level), f.Text)
			}
		}); err != nil {
			return err
		}
		if bad > 0 {
			return words.Refuse("cmd.doctor_found", bad)
		}
		return nil
	})
	cmd.Flags().BoolVar(&strict, "strict", false, c.say("flag_strict"))
	return cmd
}

// diagnose asks the daemon, or the ledger itself, or says why there is nothing to be asked.
func (c *cli) diagnose(ctx context.Context) ([]api.Finding, error) {
	if _, err := os.Stat(filepath.Join(c.data, store.DatabaseFile)); errors.Is(err, fs.ErrNotExist) {
		// A look must not make a ledger where somebody misspelt the folder.
		return api.Examine(c.lang, c.data), nil
	}
	cl, err := c.connect(ctx)
	if err != nil {
		return append(api.Examine(c.lang, c.data), c.notOpened(err)...), ctx.Err()
	}
	var all []api.Finding
	err = cl.get(ctx, "/v1/doctor", url.Values{"version": {thisVersion().Version}}, &all)
	return all, errors.Join(err, cl.close())
}

// notOpened are the findings when the ledger or its configuration cannot be used.
func (c *cli) notOpened(err error) (out []api.Finding) {
	var faults *api.ConfigFaults
	if errors.As(err, &faults) {
		for _, f := range faults.Faults {
			out = append(out, api.Finding{Level: "bad", What: "configuration", Text: api.SayFault(c.lang, f)})
		}
		return out
	}
	return []api.Finding{{Level: "bad", What: "ledger", Text: words.SayError(c.lang, err)}}
}
