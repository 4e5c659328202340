package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"filippo.io/age"
	"github.com/spf13/cobra"

	"chunfeng/cmd/chunfeng/api"
	"chunfeng/cmd/chunfeng/backup"
	"chunfeng/store"
	"chunfeng/templates/words"
)

// backedUp is what a backup wrote.
type backedUp struct {
	File    string        `json:"file"`
	Bytes   int64         `json:"bytes"`
	Sealed  bool          `json:"sealed"`
	Checked store.Checked `json:"checked"`
}

func (c *cli) backupCommand() *cobra.Command {
	var recipient string
	cmd := c.command("backup FILE", "backup", cobra.ExactArgs(1), func(cmd *cobra.Command, args []string) error {
		var to age.Recipient
		if recipient != "" {
			written := recipient
			if !strings.HasPrefix(written, "age1") {
				b, err := readFile(recipient)
				if err != nil {
					return err
				}
				written, _, _ = strings.Cut(string(b), "\n")
			}
			all, err := age.ParseRecipients(strings.NewReader(written))
			if err != nil || len(all) != 1 {
				return words.Refuse("cmd.bad_recipient", recipient).Of(words.Usage).Because(err)
			}
			to = all[0]
		}
		return c.withClient(cmd.Context(), func(cl *client) error {
			v, err := c.backup(cmd.Context(), cl, args[0], to)
			if err != nil {
				return words.Refuse("cmd.no_backup", args[0]).Because(err)
			}
			return c.print(v, func() {
				if v.Sealed {
					c.note("backed_up_sealed", v.File, v.Bytes)
				} else {
					c.note("backed_up", v.File, v.Bytes, filepath.Join(c.data, store.KeyFile))
				}
			})
		})
	})
	cmd.Flags().StringVar(&recipient, "recipient", "", c.say("flag_age_recipient"))
	cmd.AddCommand(c.backupKey(), c.backupNow(), c.backupList())
	return cmd
}

// backupKey makes the pair of keys that backups are sealed to and opened with.
func (c *cli) backupKey() *cobra.Command {
	return c.command("keygen FILE", "backup_keygen", cobra.ExactArgs(1), func(cmd *cobra.Command, args []string) error {
		if _, err := os.Lstat(args[0]); err == nil {
			return words.Refuse("cmd.file_exists", args[0])
		}
		id, err := age.GenerateX25519Identity()
		if err != nil {
			return err
		}
		if err := store.WriteFile(args[0], func(f *os.File) error { _, err := fmt.Fprintln(f, id); return err }); err != nil {
			return words.Refuse("cmd.not_written", args[0]).Because(err)
		}
		v := struct {
			File      string `json:"file"`
			Recipient string `json:"recipient"`
		}{args[0], id.Recipient().String()}
		return c.print(v, func() {
			fmt.Fprintln(c.out, v.Recipient)
			c.note("backup_key_made", v.File)
		})
	})
}

// backup writes a copy of the ledger that was opened and recounted before it gets its name: plain, or with the key file
// and the templates sealed for a recipient. Beside FILE nothing lies in the clear but what was asked for.
func (c *cli) backup(ctx context.Context, cl *client, file string, to age.Recipient) (v backedUp, err error) {
	v = backedUp{File: file, Sealed: to != nil}
	scratch, err := backup.Scratch(c.data)
	if err != nil {
		return v, err
	}
	defer os.RemoveAll(scratch)
	copied, keys := filepath.Join(scratch, store.DatabaseFile), filepath.Join(scratch, store.KeyFile)
	if err := backup.CopyFile(filepath.Join(c.data, store.KeyFile), keys); err != nil {
		return v, err
	}
	res, err := cl.open(ctx, "GET", "/v1/backup", nil, nil)
	if err != nil {
		return v, err
	}
	defer res.Body.Close()
	err = store.WriteFile(copied, func(f *os.File) error { _, err := io.Copy(f, res.Body); return err })
	if err != nil {
		return v, err
	}
	if changed, err := differ(keys, filepath.Join(c.data, store.KeyFile)); err != nil || changed {
		return v, words.Refuse("backup.keys_changed").Of(words.Later).Because(err)
	}
	// A copy that does not open, or whose tallies do not agree, is never given the name of a backup.
	if v.Checked, err = backup.Check(ctx, scratch); err != nil {
		return v, err
	}
	err = store.WriteFile(file, func(out *os.File) error {
		if to != nil {
			_, _, err := backup.Seal(ctx, out, []age.Recipient{to}, scratch, c.data)
			return err
		}
		in, err := os.Open(copied)
		if err != nil {
			return err
		}
		defer in.Close()
		_, err = io.Copy(out, in)
		return err
	})
	if err != nil {
		return v, err
	}
	info, err := os.Stat(file)
	if err == nil {
		v.Bytes = info.Size()
	}
	return v, err
}

// differ tells whether two files hold different bytes.
func differ(a, b string) (bool, error) {
	x, err := os.ReadFile(a)
	if err != nil {
		return false, err
	}
	y, err := os.ReadFile(b)
	return !bytes.Equal(x, y), err
}

func (c *cli) backupNow() *cobra.Command {
	return c.command("now", "backup_now", cobra.NoArgs, func(cmd *cobra.Command, _ []string) error {
		return c.withClient(cmd.Context(), func(cl *client) error {
			var b api.Backup
			if err := cl.post(cmd.Context(), "/v1/backups", nil, nil, &b); err != nil {
				return err
			}
			return c.print(b, func() { c.note("backed_up_sealed", b.File, b.Bytes) })
		})
	})
}

func (c *cli) backupList() *cobra.Command {
	return c.command("list", "backup_list", cobra.NoArgs, func(cmd *cobra.Command, _ []string) error {
		return c.withClient(cmd.Context(), func(cl *client) error {
			var v api.Backups
			if err := cl.get(cmd.Context(), "/v1/backups", nil, &v); err != nil {
				return err
			}
			return c.print(v, func() {
				var rows [][]any
				for _, b := range v.Runs {
					state := "made"
					switch {
					case !b.Good:
						state = "failed"
					case b.Removed != nil:
						state = "removed"
					}
					rows = append(rows, []any{b.At, named{"backup", state}, b.Bytes, b.File, b.Why})
				}
				c.table([]string{"at", "state", "bytes", "file", "why"}, rows)
				if v.Next != nil {
					c.note("backup_next", v.Next.Format("2006-01-02 15:04"), v.Folder)
				} else {
					fmt.Fprintln(c.err, words.Say(c.lang, "backup.off"))
				}
			})
		})
	})
}

// armCommand has a ledger send that may be a copy.
func (c *cli) armCommand() *cobra.Command {
	return c.command("arm", "arm", cobra.NoArgs, func(cmd *cobra.Command, _ []string) error {
		return c.withClient(cmd.Context(), func(cl *client) error {
			groups := []api.Group{}
			if err := cl.get(cmd.Context(), "/v1/groups", nil, &groups); err != nil {
				return err
			}
			if !c.yes {
				c.note("arm_warning")
			}
			if err := c.confirm(len(groups)); err != nil {
				return err
			}
			var v api.Done
			if err := cl.post(cmd.Context(), "/v1/arm", nil, nil, &v); err != nil {
				return err
			}
			return c.print(v, func() { c.note("armed") })
		})
	})
}
