package backup

import (
	"archive/tar"
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"filippo.io/age"

	"chunfeng/store"
)

// FuzzUnseal opens backups that somebody else wrote: with a header that is none, and sealed as they should be with anything
// inside. What is refused leaves an error; what is taken writes nothing but the names of a backup, and nothing outside of
// the folder.
func FuzzUnseal(f *testing.F) {
	id, err := age.GenerateX25519Identity()
	if err != nil {
		f.Fatal(err)
	}
	packed := func(names ...string) []byte {
		var b bytes.Buffer
		w := tar.NewWriter(&b)
		for _, n := range names {
			_ = w.WriteHeader(&tar.Header{Name: n, Mode: 0o600, Size: 3, Typeflag: tar.TypeReg})
			_, _ = w.Write([]byte("abc"))
		}
		_ = w.Close()
		return b.Bytes()
	}
	f.Add(packed(store.DatabaseFile, store.KeyFile, "templates/digest.ko.tmpl"), true)
	f.Add(packed("../evil", "/etc/passwd", "templates/../../evil", "templates/.."), true)
	f.Add(packed(store.DatabaseFile, store.DatabaseFile), true)
	f.Add([]byte("age-encryption.org/v1\n-> X25519 AAAA\nAAAA\n--- AAAA\n"), false)
	f.Add([]byte(""), false)
	f.Fuzz(func(t *testing.T, in []byte, sealed bool) {
		if sealed {
			var b bytes.Buffer
			w, err := age.Encrypt(&b, id.Recipient())
			if err != nil {
				t.Fatal(err)
			}
			_, _ = w.Write(in)
			_ = w.Close()
			in = b.Bytes()
		}
		above := t.TempDir()
		dir := filepath.Join(above, "in")
		if err := os.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		names, err := Unseal(bytes.NewReader(in), []age.Identity{id}, dir)
		if err == nil && !sealed {
			t.Fatal("opened what was not sealed for this key")
		}
		for _, n := range names {
			if !ours(n) || !filepath.IsLocal(n) {
				t.Fatalf("took %q", n)
			}
		}
		if list, err := os.ReadDir(above); err != nil || len(list) != 1 {
			t.Fatalf("something lies outside of the folder: %v %v", list, err)
		}
	})
}
