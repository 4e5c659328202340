package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"filippo.io/age"
	"github.com/spf13/cobra"

	"chunfeng/cmd/chunfeng/api"
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
		var to *age.X25519Recipient
		if recipient != "" {
			written := recipient
			if !strings.HasPrefix(written, "age1") {
				b, err := readFile(recipient)
				if err != nil {
					return err
				}
				written, _, _ = strings.Cut(string(b), "\n")
			}
			var err error
			if to, err = age.ParseX25519Recipient(strings.TrimSpace(written)); err != nil {
				return words.Refuse("cmd.bad_recipient", recipient).Of(words.Usage).Because(err)
			}
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
	cmd.AddCommand(c.backupKey())
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
		if err := writeFile(args[0], func(f *os.File) error { _, err := fmt.Fprintln(f, id); return err }); err != nil {
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
// and the templates sealed for a recipient.
func (c *cli) backup(ctx context.Context, cl *client, file string, to *age.X25519Recipient) (v backedUp, err error) {
	v = backedUp{File: file, Sealed: to != nil}
	err = writeFile(file, func(out *os.File) error {
		copied := out
		if to != nil {
			// The plain copy lies beside the sealed one for as long as it is checked, by the same mode, and is removed.
			if copied, err = os.CreateTemp(filepath.Dir(file), ".chunfeng-copy-*"); err != nil {
				return err
			}
			defer os.Remove(copied.Name())
			defer copied.Close()
		}
		res, err := cl.open(ctx, "GET", "/v1/backup", nil, nil)
		if err != nil {
			return err
		}
		defer res.Body.Close()
		if v.Bytes, err = io.Copy(copied, res.Body); err != nil {
			return err
		}
		// A copy that does not open, or whose tallies do not agree, is never given the name of a backup.
		if v.Checked, err = checkCopy(ctx, copied.Name(), c.data); err != nil || to == nil {
			return err
		}
		if v.Bytes, err = seal(out, to, copied.Name(), c.data); err != nil {
			return err
		}
		return nil
	})
	return v, err
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
	return checkFolder(ctx, dir)
}

func checkFolder(ctx context.Context, dir string) (checked store.Checked, err error) {
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
	return errors.Join(err, out.Sync(), out.Close())
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
