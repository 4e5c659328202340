package console

import (
	"crypto/rand"
	"slices"
	"sync"
	"time"
)

// uploads keeps files that people had checked until they confirm or drop them: nothing of a file is stored before somebody
// said yes to what it would change, and nobody must choose the same file twice. They are in memory alone: a restart forgets
// them, and so do time, number and space.
type uploads struct {
	mu   sync.Mutex
	kept []upload    // the oldest first
	tidy *time.Timer // lets go of what nobody came back for
}

// upload is one file that was checked.
type upload struct {
	id, user, what string // what: the page that it is for
	name           string // as its owner calls it
	data           []byte
	at             time.Time
}

// How long and how much is kept, for everybody together. A bureau has a dozen people at it; two workbooks of the largest
// size that is taken fill the space.
const (
	uploadLife  = time.Hour
	uploadsKept = 100       // files
	uploadSpace = 256 << 20 // bytes
)

// keep keeps a file and answers under what it is found again, by the same person and page alone. For it the oldest go, as
// many as must.
func (u *uploads) keep(user, what, name string, data []byte) (id string) {
	one := upload{rand.Text(), user, what, name, data, time.Now()}
	u.mu.Lock()
	defer u.mu.Unlock()
	u.kept = append(u.kept, one)
	sum := 0
	for _, o := range u.kept {
		sum += len(o.data)
	}
	for len(u.kept) > 1 && (sum > uploadSpace || len(u.kept) > uploadsKept) {
		sum -= len(u.kept[0].data)
		u.kept = slices.Delete(u.kept, 0, 1)
	}
	u.expire()
	return one.id
}

// expire lets go of what is too old, and sees to it that the next is let go of in its time though nobody asks.
func (u *uploads) expire() {
	u.kept = slices.DeleteFunc(u.kept, func(o upload) bool { return time.Since(o.at) >= uploadLife })
	if u.tidy != nil {
		u.tidy.Stop()
		u.tidy = nil
	}
	if len(u.kept) > 0 {
		u.tidy = time.AfterFunc(time.Until(u.kept[0].at.Add(uploadLife)), func() {
			u.mu.Lock()
			defer u.mu.Unlock()
			u.expire()
		})
	}
}

// find answers a kept file.
func (u *uploads) find(user, what, id string) (upload, bool) {
	u.mu.Lock()
	defer u.mu.Unlock()
	for _, o := range u.kept {
		if o.id == id && o.user == user && o.what == what && time.Since(o.at) < uploadLife {
			return o, true
		}
	}
	return upload{}, false
}

// last answers the file that a person gave a page last.
func (u *uploads) last(user, what string) (upload, bool) {
	u.mu.Lock()
	defer u.mu.Unlock()
	for _, o := range slices.Backward(u.kept) {
		if o.user == user && o.what == what && time.Since(o.at) < uploadLife {
			return o, true
		}
	}
	return upload{}, false
}

// drop forgets a file.
func (u *uploads) drop(id string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.kept = slices.DeleteFunc(u.kept, func(o upload) bool { return o.id == id })
	u.expire()
}

// forget forgets all of them: the program ends.
func (u *uploads) forget() {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.kept = nil
	u.expire()
}
