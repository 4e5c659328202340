package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"

	"filippo.io/age"
	"github.com/spf13/cobra"

	"chunfeng/cmd/chunfeng/backup"
	"chunfeng/store"
	"chunfeng/templates/words"
)

// restored is what a restore put back.
type restored struct {
	Data    string        `json:"data"`
	Files   []string      `json:"files"`
	Checked store.Checked `json:"checked"`
}

func (c *cli) restoreCommand() *cobra.Command {
	var identity, keyFile string
	cmd := c.command("restore FILE", "restore", cobra.ExactArgs(1), func(cmd *cobra.Command, args []string) error {
		v, err := c.restore(cmd.Context(), args[0], identity, keyFile)
		if err != nil {
			return words.Refuse("cmd.not_restored", args[0], c.data).Because(err)
		}
		return c.print(v, func() { c.note("restored", v.Data) })
	})
	cmd.Flags().StringVar(&identity, "identity", "", c.say("flag_age_identity"))
	cmd.Flags().StringVar(&keyFile, "key", "", c.say("flag_key_file"))
	cmd.MarkFlagsMutuallyExclusive("identity", "key")
	return cmd
}

// restore puts a backup into a data folder that is empty.
func (c *cli) restore(ctx context.Context, file, identity, keyFile string) (v restored, err error) {
	v = restored{Data: c.data}
	if err := foreign(c.data); err != nil {
		return v, err
	}
	v.Files, v.Checked, err = backup.Restore(ctx, c.data, func(dir string) ([]string, error) {
		if identity != "" {
			return unseal(file, identity, dir)
		}
		return takePlain(file, keyFile, dir)
	})
	return v, err
}

// takePlain takes a plain copy of the database with its key file, which such a backup does not hold.
func takePlain(file, keyFile, dir string) ([]string, error) {
	if keyFile == "" {
		return nil, words.Refuse("cmd.needs_key").Of(words.Usage)
	}
	return []string{store.DatabaseFile, store.KeyFile},
		errors.Join(backup.CopyFile(file, filepath.Join(dir, store.DatabaseFile)), backup.CopyFile(keyFile, filepath.Join(dir, store.KeyFile)))
}

// unseal opens a sealed backup with the identities of a file.
func unseal(file, identity, dir string) ([]string, error) {
	b, err := readFile(identity)
	if err != nil {
		return nil, err
	}
	ids, err := age.ParseIdentities(strings.NewReader(string(b)))
	if err != nil {
		return nil, words.Refuse("cmd.bad_identity", identity).Because(err)
	}
	f, err := os.Open(file)
	if err != nil {
		return nil, words.Refuse("cmd.no_file", file).Because(err)
	}
	defer f.Close()
	names, err := backup.Unseal(f, ids, dir)
	if errors.Is(err, backup.ErrNotOpened) {
		return nil, words.Refuse("cmd.not_unsealed", file).Because(err)
	}
	return names, err
}
