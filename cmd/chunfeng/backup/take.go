package backup

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"filippo.io/age"
	"golang.org/x/sys/unix"

	"chunfeng/store"
	"chunfeng/templates/words"
)

// Rule says where backups go, for whom they are sealed, when they are made and how long they stay.
type Rule struct {
	Folder     string // it must be there
	Recipients []age.Recipient
	At         time.Duration // the first of a day, since midnight
	Every      time.Duration // and then so long after another, until the next day's first
	Zone       *time.Location
	Keep       time.Duration // older ones are removed, the newest good one aside
	Copies     int           // and all but so many; 0: any number
}

const (
	scratchPrefix = ".chunfeng-copy-" // folders in the data folder with a plain copy
	partPrefix    = ".chunfeng-part-" // sealed files in the folder of the backups that are not whole yet
)

// Take makes one backup, checks it and answers it as the ledger should remember it. It writes nothing into the ledger but
// the new epoch.
func Take(ctx context.Context, s *store.Store, r Rule) (run store.BackupRun, err error) {
	begun := time.Now()
	run.At = begun.Truncate(time.Second)
	defer func() { run.Took = time.Since(begun) }()
	if info, err := os.Stat(r.Folder); err != nil || !info.IsDir() {
		return run, words.Refuse("backup.no_folder", r.Folder).Because(err)
	}
	if err := sweep(s.Dir(), r.Folder); err != nil {
		return run, err
	}
	scratch, err := Scratch(s.Dir())
	if err != nil {
		return run, err
	}
	defer os.RemoveAll(scratch)
	checked, err := copyLedger(ctx, s, scratch)
	if err != nil {
		return run, err
	}
	run.Deliveries, run.Signups = checked.Deliveries, checked.Signups
	part, err := os.CreateTemp(r.Folder, partPrefix)
	if err != nil {
		return run, words.Refuse("backup.no_folder", r.Folder).Because(err)
	}
	defer os.Remove(part.Name())
	defer part.Close()
	if run.Bytes, run.SHA256, err = Seal(ctx, part, r.Recipients, scratch, s.Dir()); err != nil {
		return run, err
	}
	id, err := s.Installation()
	if err != nil {
		return run, err
	}
	run.File = filepath.Join(r.Folder, fileName(id, run.At))
	if _, err := os.Lstat(run.File); err == nil {
		return run, fmt.Errorf("%s is there already", run.File)
	}
	if err := os.Rename(part.Name(), run.File); err != nil {
		return run, err
	}
	if err := store.SyncFolder(r.Folder); err != nil {
		return run, err
	}
	run.Good = true
	return run, nil
}

// copyLedger copies database and key file into an empty folder and recounts what it copied.
func copyLedger(ctx context.Context, s *store.Store, dir string) (checked store.Checked, err error) {
	if _, err := s.BackupFolder(ctx, dir); err != nil {
		return checked, err
	}
	return Check(ctx, dir)
}

// Check recounts the copy of a ledger in a folder; a law that does not hold is an error.
func Check(ctx context.Context, dir string) (checked store.Checked, err error) {
	checked, err = store.CheckCopy(ctx, dir)
	if err == nil && !checked.OK {
		err = words.Refuse("backup.copy_broken", len(checked.Broken)).Because(errors.New(strings.Join(checked.Broken, "; ")))
	}
	return checked, err
}

// CopyFile copies a file to a new one that its owner alone can read, and that is on disk when it returns.
func CopyFile(from, to string) error {
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

// Seal seals a checked copy, with the bureau's own templates of the data folder, into an empty file that can be read too. It
// reads the file back and holds it against what was sealed, and answers its size and its SHA-256 in hexadecimal.
func Seal(ctx context.Context, part *os.File, to []age.Recipient, copied, data string) (size int64, sum string, err error) {
	once, err := age.GenerateX25519Identity()
	if err != nil {
		return 0, "", err
	}
	h := sha256.New()
	held, err := seal(io.MultiWriter(&slow{ctx: ctx, f: part}, h), append(append([]age.Recipient{}, to...), once.Recipient()), copied, data)
	if err != nil {
		return 0, "", err
	}
	if err := part.Sync(); err != nil {
		return 0, "", err
	}
	written := h.Sum(nil)
	if err := readBack(ctx, part, once, written, held); err != nil {
		return 0, "", err
	}
	info, err := part.Stat()
	if err != nil {
		return 0, "", err
	}
	return info.Size(), hex.EncodeToString(written), nil
}

// readBack reads a sealed file from the disk and holds it against its hash and against what was sealed in it.
func readBack(ctx context.Context, sealed *os.File, id age.Identity, written []byte, held content) error {
	// From memory it would read back whatever the disk made of it. Where the system does not drop it, that is so still.
	_ = unix.Fadvise(int(sealed.Fd()), 0, 0, unix.FADV_DONTNEED)
	if _, err := sealed.Seek(0, io.SeekStart); err != nil {
		return err
	}
	h := sha256.New()
	all := io.TeeReader(&bounded{ctx, sealed}, h)
	seen := content{}
	err := each(all, []age.Identity{id}, func(name string, body io.Reader) error {
		one := sha256.New()
		_, err := io.Copy(one, body)
		seen[name] = [sha256.Size]byte(one.Sum(nil))
		return err
	})
	if err == nil {
		_, err = io.Copy(io.Discard, all)
	}
	switch {
	case err != nil:
		return words.Refuse("backup.sealed_wrong", err.Error()).Because(err)
	case !bytes.Equal(h.Sum(nil), written):
		return words.Refuse("backup.sealed_wrong", "another hash")
	case !same(held, seen):
		return words.Refuse("backup.sealed_wrong", "other files")
	}
	return nil
}

func same(a, b content) bool {
	for name, sum := range a {
		if b[name] != sum {
			return false
		}
	}
	return len(a) == len(b)
}

// bounded reads until its context ends.
type bounded struct {
	ctx context.Context
	r   io.Reader
}

// Read implements io.Reader.
func (b *bounded) Read(p []byte) (int, error) {
	if err := b.ctx.Err(); err != nil {
		return 0, err
	}
	return b.r.Read(p)
}

// slow writes to a file and syncs it each few megabytes, so that the ledger's own commits do not wait behind all of it.
type slow struct {
	ctx   context.Context
	f     *os.File
	since int
}

// Write implements io.Writer.
func (s *slow) Write(b []byte) (int, error) {
	if err := s.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := s.f.Write(b)
	if s.since += n; err == nil && s.since >= 4<<20 {
		s.since = 0
		err = s.f.Sync()
	}
	return n, err
}

// leftAfter is the age at which a copy belongs to a run that was killed: none takes so long.
const leftAfter = time.Hour

// sweep removes what a killed run left: plain copies and unfinished files.
func sweep(data, folder string) error {
	for dir, prefix := range map[string]string{data: scratchPrefix, folder: partPrefix} {
		all, err := os.ReadDir(dir)
		if err != nil {
			return err
		}
		for _, e := range all {
			info, err := e.Info()
			if err != nil || !strings.HasPrefix(e.Name(), prefix) || time.Since(info.ModTime()) < leftAfter {
				continue
			}
			if err := os.RemoveAll(filepath.Join(dir, e.Name())); err != nil {
				return err
			}
		}
	}
	return nil
}

// Scratch makes a folder in the data folder for a plain copy; whoever makes it removes it.
func Scratch(data string) (string, error) { return os.MkdirTemp(data, scratchPrefix) }
