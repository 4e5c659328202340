package main

import (
	"archive/tar"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"filippo.io/age"
	"github.com/spf13/cobra"

	"chunfeng/store"
	"chunfeng/templates/words"
)

// templatesFolder is the folder of the bureau's own templates in the data folder; a sealed backup holds it too.
const templatesFolder = "templates"

// seal writes a sealed backup: an age file with a tar of the database, the key file and the bureau's templates.
func seal(out io.Writer, to age.Recipient, database, data string) (n int64, err error) {
	counted := &counter{w: out}
	sealed, err := age.Encrypt(counted, to)
	if err != nil {
		return 0, err
	}
	t := tar.NewWriter(sealed)
	files := map[string]string{store.DatabaseFile: database, store.KeyFile: filepath.Join(data, store.KeyFile)}
	own, err := filepath.Glob(filepath.Join(data, templatesFolder, "*"))
	if err != nil {
		return 0, err
	}
	for _, f := range own {
		files[templatesFolder+"/"+filepath.Base(f)] = f
	}
	for name, path := range files {
		if err := pack(t, name, path); err != nil {
			return 0, err
		}
	}
	return counted.n, errors.Join(t.Close(), sealed.Close())
}

// pack puts one file into an archive.
func pack(t *tar.Writer, name, path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil || !info.Mode().IsRegular() {
		return err
	}
	if err := t.WriteHeader(&tar.Header{Name: name, Mode: 0o600, Size: info.Size(), Format: tar.FormatPAX}); err != nil {
		return err
	}
	_, err = io.Copy(t, f)
	return err
}

// counter counts what goes through it.
type counter struct {
	w io.Writer
	n int64
}

// Write implements io.Writer.
func (c *counter) Write(b []byte) (int, error) {
	n, err := c.w.Write(b)
	c.n += int64(n)
	return n, err
}

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

// restore puts a backup into a data folder that is empty. Everything is made and checked in a folder beside it, which then
// takes its name: a restore that fails leaves nothing.
func (c *cli) restore(ctx context.Context, file, identity, keyFile string) (v restored, err error) {
	v = restored{Data: c.data, Files: []string{}}
	if left, err := os.ReadDir(c.data); err == nil && len(left) > 0 {
		return v, words.Refuse("cmd.not_empty", c.data)
	} else if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return v, err
	}
	whole, err := filepath.Abs(c.data)
	if err != nil {
		return v, err
	}
	if err := os.MkdirAll(filepath.Dir(whole), 0o700); err != nil {
		return v, err
	}
	dir, err := os.MkdirTemp(filepath.Dir(whole), ".chunfeng-restore-*")
	if err != nil {
		return v, err
	}
	defer func() {
		if err != nil {
			os.RemoveAll(dir)
		}
	}()
	if identity != "" {
		v.Files, err = unseal(file, identity, dir)
	} else {
		v.Files, err = takePlain(file, keyFile, dir)
	}
	if err != nil {
		return v, err
	}
	if v.Checked, err = checkFolder(ctx, dir); err != nil {
		return v, err
	}
	s, err := store.Open(store.Options{Dir: dir})
	if err != nil {
		return v, err
	}
	if err = errors.Join(s.Disarm(), s.Close()); err != nil {
		return v, err
	}
	if err := os.Remove(whole); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return v, err
	}
	// What was put back stays under its names when the power fails next.
	for _, name := range []string{filepath.Join(dir, templatesFolder), dir} {
		if err := store.SyncFolder(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return v, err
		}
	}
	if err := os.Rename(dir, whole); err != nil {
		return v, err
	}
	return v, store.SyncFolder(filepath.Dir(whole))
}

// takePlain takes a plain copy of the database with its key file, which such a backup does not hold.
func takePlain(file, keyFile, dir string) ([]string, error) {
	if keyFile == "" {
		return nil, words.Refuse("cmd.needs_key").Of(words.Usage)
	}
	return []string{store.DatabaseFile, store.KeyFile}, errors.Join(copyFile(file, filepath.Join(dir, store.DatabaseFile)), copyFile(keyFile, filepath.Join(dir, store.KeyFile)))
}

// unseal opens a sealed backup. Only the names that seal writes are taken: an archive may not put a file elsewhere.
func unseal(file, identity, dir string) (names []string, err error) {
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
	plain, err := age.Decrypt(f, ids...)
	if err != nil {
		return nil, words.Refuse("cmd.not_unsealed", file).Because(err)
	}
	if err := os.Mkdir(filepath.Join(dir, templatesFolder), 0o700); err != nil {
		return nil, err
	}
	for t := tar.NewReader(plain); ; {
		h, err := t.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		own, isOwn := strings.CutPrefix(h.Name, templatesFolder+"/")
		known := h.Name == store.DatabaseFile || h.Name == store.KeyFile || isOwn && own != "" && own == filepath.Base(own) && !strings.HasPrefix(own, ".")
		if !known || h.Typeflag != tar.TypeReg {
			return nil, fmt.Errorf("%s is not a file of a backup", h.Name)
		}
		out, err := os.OpenFile(filepath.Join(dir, h.Name), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
		if err != nil {
			return nil, err
		}
		_, err = io.Copy(out, t)
		if err = errors.Join(err, out.Sync(), out.Close()); err != nil {
			return nil, err
		}
		names = append(names, h.Name)
	}
	return names, nil
}
