package store_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"chunfeng/store"
)

func TestWriteFileIsWholeOrNotThere(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "f")
	boom := errors.New("boom")
	if err := store.WriteFile(path, func(f *os.File) error { f.WriteString("half"); return boom }); err != boom {
		t.Fatal(err)
	}
	if left, _ := os.ReadDir(dir); len(left) > 0 {
		t.Error("a broken write left", left)
	}
	if err := store.WriteFile(path, func(f *os.File) error { _, err := f.WriteString("whole"); return err }); err != nil {
		t.Fatal(err)
	}
	if b, err := os.ReadFile(path); err != nil || string(b) != "whole" {
		t.Error(string(b), err)
	}
}
