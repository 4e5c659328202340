package console

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"
)

// held is how many files and bytes are in memory.
func (u *uploads) held() (files, bytes int) {
	u.mu.Lock()
	defer u.mu.Unlock()
	for _, o := range u.kept {
		bytes += len(o.data)
	}
	return len(u.kept), bytes
}

// TestUploadsAreLetGo keeps what people had checked within its number, its space and its time, though nobody asks again.
func TestUploadsAreLetGo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u := &uploads{}
		for i := range 3 * uploadsKept {
			u.keep("kim", "batch", fmt.Sprint(i), []byte("x"))
		}
		if n, _ := u.held(); n != uploadsKept {
			t.Errorf("%d files are kept, at most %d", n, uploadsKept)
		}
		if last, ok := u.last("kim", "batch"); !ok || last.name != fmt.Sprint(3*uploadsKept-1) {
			t.Errorf("the last file is %q", last.name)
		}
		large := make([]byte, uploadSpace/2)
		u.keep("kim", "batch", "one", large)
		u.keep("li", "batch", "two", large)
		u.keep("li", "groups", "three", large)
		if n, bytes := u.held(); n != 2 || bytes > uploadSpace {
			t.Errorf("%d files of %d bytes are kept", n, bytes)
		}
		time.Sleep(uploadLife / 2)
		id := u.keep("kim", "batch", "later", []byte("y"))
		time.Sleep(uploadLife / 2)
		synctest.Wait()
		if n, bytes := u.held(); n != 1 || bytes != 1 {
			t.Errorf("an hour later %d files of %d bytes are in memory", n, bytes)
		}
		if _, ok := u.find("kim", "batch", id); !ok {
			t.Error("a file of half an hour is gone")
		}
		if _, ok := u.find("li", "batch", id); ok {
			t.Error("somebody else finds it")
		}
		time.Sleep(uploadLife)
		synctest.Wait()
		if n, _ := u.held(); n != 0 {
			t.Errorf("%d files are in memory for ever", n)
		}
	})
}
