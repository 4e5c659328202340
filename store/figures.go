package store

import (
	"math/bits"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// Figures are what a store counted since it was opened, and how large its file is. They are kept in memory: asking costs
// no transaction and waits for no writer.
type Figures struct {
	Commits Spread // how long each commit took that reached the disk, in microseconds
	Verbs   Spread // how many verbs shared a commit
	Failed  uint64 // commits that the disk did not take
	Moved   map[Moved]uint64
	Size    int64 // of the file, in bytes
	Free    int64 // of it, pages that hold nothing
}

// Moved is how a delivery came into a state.
type Moved struct {
	To     State
	Reason Reason
}

// Spread counts values by their size: Under[i] counts those that need at most i bits, which are those below 2^i.
type Spread struct {
	Under [steps]uint64
	Count uint64
	Sum   uint64
}

// steps reach to 2^27: a commit of two minutes, in microseconds.
const steps = 28

func (s *Spread) add(v uint64) {
	s.Count++
	s.Sum += v
	for i := bits.Len64(v); i < steps; i++ {
		s.Under[i]++
	}
}

// figures gathers them. The writer alone adds.
type figures struct {
	mu sync.Mutex
	f  Figures
}

// committed counts a commit that is on disk, with the deliveries that it moved.
func (f *figures) committed(verbs int, took time.Duration, moved map[Moved]uint64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.f.Commits.add(uint64(max(took, 0) / time.Microsecond))
	f.f.Verbs.add(uint64(verbs))
	if f.f.Moved == nil {
		f.f.Moved = map[Moved]uint64{}
	}
	for k, n := range moved {
		f.f.Moved[k] += n
	}
}

func (f *figures) failed() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.f.Failed++
}

// Figures answers what was counted since the store was opened.
func (s *Store) Figures() Figures {
	s.figures.mu.Lock()
	out := s.figures.f
	out.Moved = make(map[Moved]uint64, len(s.figures.f.Moved))
	for k, n := range s.figures.f.Moved {
		out.Moved[k] = n
	}
	s.figures.mu.Unlock()
	if info, err := os.Stat(filepath.Join(s.dir, DatabaseFile)); err == nil {
		out.Size = info.Size()
	}
	st := s.db.Stats()
	out.Free = int64(st.FreePageN+st.PendingPageN) * int64(s.db.Info().PageSize)
	return out
}
