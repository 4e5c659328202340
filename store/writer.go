package store

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"
	"sync"
	"syscall"
	"time"

	bolt "go.etcd.io/bbolt"
)

// class orders the verbs that wait: what happened on the wire must be written first.
type class int

const (
	outcomes class = iota
	inbound
	claims
	housekeeping
	classes
)

// most is how many verbs share one commit: beyond a thousand a commit gains nothing and its caller waits longer.
const most = 1000

// again is how long the writer waits before it tries again to write outcomes that the disk did not take.
const again = time.Second

// probeEvery is how long an idle writer waits before it looks whether a disk that took nothing has room again.
const probeEvery = 3 * time.Second

type verb struct {
	class class
	do    func(*txn) error
	done  chan error
}

// writer is the one goroutine that writes.
type writer struct {
	s    *Store
	mu   sync.Mutex
	wait [classes][]*verb
	wake chan struct{}
	quit chan struct{}
	gone chan struct{}

	pulses []chan struct{} // of those who ask whether it turns

	closed bool
	down   error // why the last commit failed; nil when it did not
	dead   bool  // the disk itself failed: nothing is written any more

	size   int // of the file that is in use, in bytes, when the last commit began
	mapped int // how much of it is mapped at least
}

func startWriter(s *Store) *writer {
	w := &writer{s: s, wake: make(chan struct{}, 1), quit: make(chan struct{}), gone: make(chan struct{})}
	go w.run()
	return w
}

// update has a verb written and waits until it is on disk.
func (s *Store) update(c class, do func(*txn) error) error {
	v := &verb{class: c, do: do, done: make(chan error, 1)}
	w := s.writer
	w.mu.Lock()
	if w.closed {
		w.mu.Unlock()
		return ErrClosed
	}
	w.wait[c] = append(w.wait[c], v)
	w.mu.Unlock()
	select {
	case w.wake <- struct{}{}:
	default:
	}
	return <-v.done
}

func (w *writer) run() {
	defer close(w.gone)
	defer w.turn()
	for {
		// Those whom the last commit answered come back at once with their next verb: letting them run first puts eight of
		// ten lanes into one commit instead of five, and costs nothing when nobody does.
		runtime.Gosched()
		w.turn()
		batch := w.take()
		if len(batch) == 0 {
			select {
			case <-w.wake:
			case <-w.probe():
				w.commit([]*verb{{class: housekeeping, do: (*txn).touch, done: make(chan error, 1)}})
			case <-w.quit:
				if batch := w.take(); len(batch) > 0 {
					if !w.commit(batch) {
						w.giveUp()
					}
					continue
				}
				return
			}
			continue
		}
		if !w.commit(batch) {
			// The outcomes that the disk did not take go first next time; whoever asks meanwhile has an answer then.
			select {
			case <-time.After(again):
			case <-w.quit:
				w.giveUp()
			}
		}
	}
}

// probe answers when it is time to see whether a disk that took nothing takes something again, though nobody asks.
func (w *writer) probe() <-chan time.Time {
	if w.down == nil || w.dead {
		return nil
	}
	return time.After(probeEvery)
}

// touch writes what is there already.
func (t *txn) touch() error {
	var m meta
	if _, err := t.get(bMeta, key("meta"), &m); err != nil {
		return err
	}
	return t.put(bMeta, key("meta"), m)
}

// turn answers who asked for a pulse.
func (w *writer) turn() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, p := range w.pulses {
		close(p)
	}
	w.pulses = nil
}

// Pulse waits until the goroutine that writes has turned once: it takes verbs, or it fails at them and says so, but it does
// not hang in the disk. It writes nothing. The error is the context's, or ErrClosed.
func (s *Store) Pulse(ctx context.Context) error {
	p, w := make(chan struct{}), s.writer
	w.mu.Lock()
	if w.closed {
		w.mu.Unlock()
		return ErrClosed
	}
	w.pulses = append(w.pulses, p)
	w.mu.Unlock()
	select {
	case w.wake <- struct{}{}:
	default:
	}
	select {
	case <-p:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (w *writer) take() []*verb {
	w.mu.Lock()
	defer w.mu.Unlock()
	var batch []*verb
	for c := range w.wait {
		n := min(len(w.wait[c]), most-len(batch))
		batch = append(batch, w.wait[c][:n]...)
		if w.wait[c] = w.wait[c][n:]; len(w.wait[c]) == 0 {
			w.wait[c] = nil
		}
	}
	return batch
}

// errVerb carries the verb that failed after it had written out of the transaction that must be undone for it.
type errVerb struct {
	at  int
	err error
}

func (e *errVerb) Error() string { return e.err.Error() }

// commit writes a batch and answers it. It answers false when the disk did not take it and outcomes wait to be tried again.
func (w *writer) commit(batch []*verb) bool {
	for len(batch) > 0 {
		answers := make([]error, len(batch))
		var after []func()
		var moved map[Moved]uint64
		registry, waits := false, false
		w.turn()
		begun := time.Now()
		err := w.transact(func(tx *bolt.Tx) error {
			t := &txn{Tx: tx, s: w.s}
			for i, v := range batch {
				before := t.writes
				err := safely(v.do, t)
				if err != nil && t.writes > before {
					return &errVerb{i, err}
				}
				answers[i] = err
			}
			after, moved, registry, waits = t.after, t.moved, t.registry, t.waits
			return t.writeCounts()
		})
		var ev *errVerb
		switch {
		case errors.As(err, &ev):
			batch[ev.at].done <- ev.err
			batch = append(batch[:ev.at:ev.at], batch[ev.at+1:]...)
			continue
		case err != nil:
			return w.failed(batch, err)
		}
		w.setDown(nil)
		w.s.figures.committed(len(batch), time.Since(begun), moved)
		if registry {
			w.s.registry.Add(1) // before anybody is woken: who looks then must see that there is something to read
		}
		if waits {
			w.s.waits.Add(1)
		}
		for _, f := range after {
			f()
		}
		for i, v := range batch {
			v.done <- answers[i]
		}
		return true
	}
	return true
}

// transact commits, or says that the disk is dead.
func (w *writer) transact(fn func(*bolt.Tx) error) error {
	if w.dead {
		return fmt.Errorf("stopped after an input/output error: %w", syscall.EIO)
	}
	return w.fitting(fn)
}

// failed answers the verbs of a commit that failed, but for the outcomes of sends, which nobody can ask for a second time:
// they wait to be tried again, and it answers false.
func (w *writer) failed(batch []*verb, err error) bool {
	w.dead = w.dead || errors.Is(err, syscall.EIO)
	err = fmt.Errorf("%w: %w", ErrStorage, err)
	w.setDown(err)
	w.s.figures.failed()
	var keep []*verb
	for _, v := range batch {
		if v.class == outcomes && !w.dead {
			keep = append(keep, v)
		} else {
			v.done <- err
		}
	}
	if len(keep) == 0 {
		return true
	}
	w.mu.Lock()
	w.wait[outcomes] = append(keep, w.wait[outcomes]...)
	w.mu.Unlock()
	return false
}

// giveUp answers what still waits when the ledger is closed while the disk takes nothing.
func (w *writer) giveUp() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for c, verbs := range w.wait {
		for _, v := range verbs {
			v.done <- w.down
		}
		w.wait[c] = nil
	}
}

func (w *writer) setDown(err error) {
	w.mu.Lock()
	w.down = err
	w.mu.Unlock()
}

// Down tells why the ledger cannot write at the moment, or nil.
func (s *Store) Down() error {
	s.writer.mu.Lock()
	defer s.writer.mu.Unlock()
	return s.writer.down
}

func (w *writer) stop() {
	w.mu.Lock()
	was := w.closed
	w.closed = true
	w.mu.Unlock()
	if !was {
		close(w.quit)
	}
	<-w.gone
}

// safely turns a panic of one verb into its error, so that the others in the commit live.
func safely(do func(*txn) error, t *txn) (err error) {
	defer func() {
		if p := recover(); p != nil {
			t.writes++ // what it wrote is not known: undo the commit
			err = fmt.Errorf("panic in a verb of the ledger: %v\n%s", p, debug.Stack())
		}
	}()
	return do(t)
}
