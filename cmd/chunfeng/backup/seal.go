package backup

import (
	"archive/tar"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"filippo.io/age"

	"chunfeng/store"
	"chunfeng/templates/words"
)

// templatesFolder is the folder of the bureau's own templates in the data folder; a sealed backup holds it too.
const templatesFolder = "templates"

// content is what a sealed file holds: each file's name in it, and its hash.
type content map[string][sha256.Size]byte

// ErrNotOpened is beneath the error of a file that no identity opens, or that is no sealed one.
var ErrNotOpened = errors.New("the file is not opened by this identity")

// seal writes an age file with a tar of the database and the key file of one folder and the bureau's own templates of the
// data folder.
func seal(out io.Writer, to []age.Recipient, copied, data string) (content, error) {
	sealed, err := age.Encrypt(out, to...)
	if err != nil {
		return nil, err
	}
	t := tar.NewWriter(sealed)
	names := []string{store.DatabaseFile, store.KeyFile}
	paths := map[string]string{}
	for _, name := range names {
		paths[name] = filepath.Join(copied, name)
	}
	own, err := os.ReadDir(filepath.Join(data, templatesFolder))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	for _, e := range own {
		// A hidden file is one that is being written.
		if name := templatesFolder + "/" + e.Name(); e.Type().IsRegular() && ours(name) {
			names = append(names, name)
			paths[name] = filepath.Join(data, templatesFolder, e.Name())
		}
	}
	slices.Sort(names)
	held := content{}
	for _, name := range names {
		if held[name], err = pack(t, name, paths[name]); err != nil {
			return nil, err
		}
	}
	return held, errors.Join(t.Close(), sealed.Close())
}

// pack puts one file into an archive and answers its hash.
func pack(t *tar.Writer, name, path string) (sum [sha256.Size]byte, err error) {
	f, err := os.Open(path)
	if err != nil {
		return sum, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return sum, err
	}
	if err := t.WriteHeader(&tar.Header{Name: name, Mode: 0o600, Size: info.Size(), Format: tar.FormatPAX}); err != nil {
		return sum, err
	}
	h := sha256.New()
	_, err = io.Copy(io.MultiWriter(t, h), f)
	return [sha256.Size]byte(h.Sum(nil)), err
}

// ours tells whether a name in an archive is one that seal writes: an archive may not put a file elsewhere.
func ours(name string) bool {
	own, isOwn := strings.CutPrefix(name, templatesFolder+"/")
	return name == store.DatabaseFile || name == store.KeyFile || isOwn && own != "" && own == filepath.Base(own) && !strings.HasPrefix(own, ".")
}

// each opens a sealed backup and hands over each file in it.
func each(sealed io.Reader, ids []age.Identity, take func(name string, body io.Reader) error) error {
	plain, err := age.Decrypt(sealed, ids...)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrNotOpened, err)
	}
	for t := tar.NewReader(plain); ; {
		h, err := t.Next()
		if errors.Is(err, io.EOF) {
			// The tar ends before the file does: what follows must be sealed by the same key, too.
			_, err = io.Copy(io.Discard, plain)
			return err
		}
		if err != nil {
			return err
		}
		if !ours(h.Name) || h.Typeflag != tar.TypeReg {
			return words.Refuse("backup.not_of_a_backup", h.Name)
		}
		if err := take(h.Name, t); err != nil {
			return err
		}
	}
}

// Unseal opens a sealed backup into a folder and answers the names of the files.
func Unseal(sealed io.Reader, ids []age.Identity, dir string) (names []string, err error) {
	if err := os.Mkdir(filepath.Join(dir, templatesFolder), 0o700); err != nil {
		return nil, err
	}
	err = each(sealed, ids, func(name string, body io.Reader) error {
		out, err := os.OpenFile(filepath.Join(dir, name), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
		if err != nil {
			return err
		}
		names = append(names, name)
		_, err = io.Copy(out, body)
		return errors.Join(err, out.Sync(), out.Close())
	})
	return names, err
}
