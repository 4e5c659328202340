package main

import (
	"context"
	"errors"
	"fmt"
	"io"
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

// backedUp is what a backup wrote.
type backedUp struct {
	File    string        `json:"file"`
	Bytes   int64         `json:"bytes"`
	Checked store.Checked `json:"checked"`
}

func (c *cli) backupCommand() *cobra.Command {
	return c.command("backup FILE", "backup", cobra.ExactArgs(1), func(cmd *cobra.Command, args []string) error {
		return c.withClient(cmd.Context(), func(cl *client) error {
			v := backedUp{File: args[0]}
			err := writeFile(args[0], func(f *os.File) error {
				res, err := cl.open(cmd.Context(), "GET", "/v1/backup", nil, nil)
				if err != nil {
					return err
				}
				defer res.Body.Close()
				if v.Bytes, err = io.Copy(f, res.Body); err != nil {
					return err
				}
				// A copy that does not open, or whose tallies do not agree, is never given the name of a backup.
				v.Checked, err = checkCopy(cmd.Context(), f.Name(), c.data)
				return err
			})
			if err != nil {
				return words.Refuse("cmd.no_backup", args[0]).Because(err)
			}
			return c.print(v, func() { c.note("backed_up", v.File, v.Bytes, filepath.Join(c.data, store.KeyFile)) })
		})
	})
}

// checkCopy opens a copy of the database, in a folder of its own beside it and with the key of the data folder, and
// recounts it.
func checkCopy(ctx context.Context, path, data string) (checked store.Checked, err error) {
	dir, err := os.MkdirTemp(filepath.Dir(path), ".chunfeng-backup-*")
	if err != nil {
		return checked, err
	}
	defer os.RemoveAll(dir)
	for from, to := range map[string]string{path: store.DatabaseFile, filepath.Join(data, store.KeyFile): store.KeyFile} {
		if err := copyFile(from, filepath.Join(dir, to)); err != nil {
			return checked, err
		}
	}
	s, err := store.Open(store.Options{Dir: dir})
	if err != nil {
		return checked, err
	}
	checked, err = s.Check(ctx)
	if err = errors.Join(err, s.Close()); err == nil && !checked.OK {
		err = words.Refuse("cmd.check_broken", len(checked.Broken))
	}
	return checked, err
}

func copyFile(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Close())
}

func (c *cli) doctorCommand() *cobra.Command {
	return c.command("doctor", "doctor", cobra.NoArgs, func(cmd *cobra.Command, _ []string) error {
		return c.withClient(cmd.Context(), func(cl *client) error {
			var all []api.Finding
			if err := cl.get(cmd.Context(), "/v1/doctor", nil, &all); err != nil {
				return err
			}
			bad := 0
			for _, f := range all {
				if f.Level == "bad" {
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
	})
}
