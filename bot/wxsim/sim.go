package wxsim

import (
	"container/heap"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"
)

// Options says how a Sim behaves. The zero value is usable.
type Options struct {
	// Seed decides every invented name, id and chance.
	Seed uint64
	// Hold is how long a long poll is held when nothing happens; 25 s, as observed, when zero.
	Hold time.Duration
	// AutoScan has each new QR code scanned and confirmed by the next account, in order of AddAccount, that is neither
	// logged in nor about to be. It also confirms every push login.
	AutoScan bool
	// ScanDelay is the time before the automatic scan, and again before the confirmation; 300 ms when zero.
	ScanDelay time.Duration
	// QRLife is how long a QR code can be scanned; 5 minutes when zero.
	QRLife time.Duration
	// Faults are switched on from the start. See ParseFaults.
	Faults []Fault
}

// Sim is the server. All methods may be called from any goroutine.
type Sim struct {
	opt  Options
	done chan struct{} // closed by Close

	// mu guards everything below and all that hangs from it. It is never held while waiting.
	mu       sync.Mutex
	closed   bool
	accounts []*Account
	byID     map[string]*Account
	byUin    map[int64]*Account
	groups   []*Group
	groupID  map[string]*Group
	qrs      map[string]*qr
	tickets  map[string]*qr
	sessions map[string]*session
	uploads  map[uploadKey]*upload
	media    map[string]*media
	texts    map[string]*said // one copy of each text that arrived
	arrivals []Arrival
	arrived  map[string]int // server message id to index in arrivals
	swallow  []Arrival
	traffic  map[string]*traffic
	faults   map[string]*fault
	events   eventHeap
	eventSeq int
	alarm    *time.Timer
	uuids    int
	onSend   []func(Stage, Arrival)
	holds    map[*Hold]struct{}
	onPost   func(Arrival) []Saying
}

// New makes a server without accounts and groups. It panics if Options.Faults names a fault that does not exist.
func New(opt Options) *Sim {
	if opt.Hold <= 0 {
		opt.Hold = 25 * time.Second
	}
	if opt.ScanDelay <= 0 {
		opt.ScanDelay = 300 * time.Millisecond
	}
	if opt.QRLife <= 0 {
		opt.QRLife = 5 * time.Minute
	}
	s := &Sim{
		opt: opt, done: make(chan struct{}),
		byID: map[string]*Account{}, byUin: map[int64]*Account{}, groupID: map[string]*Group{},
		qrs: map[string]*qr{}, tickets: map[string]*qr{}, sessions: map[string]*session{},
		uploads: map[uploadKey]*upload{}, media: map[string]*media{}, texts: map[string]*said{},
		arrived: map[string]int{}, traffic: map[string]*traffic{}, faults: map[string]*fault{},
		holds: map[*Hold]struct{}{},
	}
	for _, f := range opt.Faults {
		if err := s.Fault(f.Name, f.Params); err != nil {
			panic("wxsim: " + err.Error())
		}
	}
	return s
}

// Close ends all waiting requests and all scheduled events. The witness stays readable.
func (s *Sim) Close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return
	}
	s.closed = true
	close(s.done)
	s.events = nil
	if s.alarm != nil {
		s.alarm.Stop()
	}
	for h := range s.holds {
		h.release()
	}
}

// lock takes the lock and lets everything happen that is due.
func (s *Sim) lock() time.Time {
	s.mu.Lock()
	now := time.Now()
	s.advance(now)
	return now
}

// An event happens at a time, with the lock held.
type event struct {
	at  time.Time
	seq int
	do  func(now time.Time)
}

type eventHeap []event

func (h eventHeap) Len() int { return len(h) }
func (h eventHeap) Less(i, j int) bool {
	if h[i].at.Equal(h[j].at) {
		return h[i].seq < h[j].seq
	}
	return h[i].at.Before(h[j].at)
}
func (h eventHeap) Swap(i, j int) { h[i], h[j] = h[j], h[i] }
func (h *eventHeap) Push(x any)   { *h = append(*h, x.(event)) }
func (h *eventHeap) Pop() any {
	old := *h
	e := old[len(old)-1]
	*h = old[:len(old)-1]
	return e
}

// at has do called, with the lock held, when the time has come.
func (s *Sim) at(t time.Time, do func(now time.Time)) {
	if s.closed {
		return
	}
	s.eventSeq++
	heap.Push(&s.events, event{at: t, seq: s.eventSeq, do: do})
	s.setAlarm()
}

func (s *Sim) setAlarm() {
	if s.closed || len(s.events) == 0 {
		return
	}
	d := time.Until(s.events[0].at)
	if s.alarm == nil {
		s.alarm = time.AfterFunc(d, func() {
			s.lock()
			// Once more, in case nothing was due yet after all.
			s.setAlarm()
			s.mu.Unlock()
		})
		return
	}
	s.alarm.Reset(d)
}

func (s *Sim) advance(now time.Time) {
	ran := false
	for len(s.events) > 0 && !s.events[0].at.After(now) {
		e := heap.Pop(&s.events).(event)
		ran = true
		// The event's own time, so that lateness of the timer does not show in the record.
		e.do(e.at)
	}
	if ran {
		s.setAlarm()
	}
}

// sum is a name or an id that depends on the seed and the parts alone.
func (s *Sim) sum(parts ...string) [32]byte {
	var seed [8]byte
	binary.LittleEndian.PutUint64(seed[:], s.opt.Seed)
	buf := make([]byte, 0, 128)
	buf = append(buf, seed[:]...)
	for _, p := range parts {
		buf = append(buf, p...)
		buf = append(buf, 0)
	}
	return sha256.Sum256(buf)
}

func (s *Sim) hex(parts ...string) string {
	b := s.sum(parts...)
	return hex.EncodeToString(b[:])
}

func (s *Sim) num(parts ...string) uint64 {
	b := s.sum(parts...)
	return binary.LittleEndian.Uint64(b[:])
}

func (s *Sim) rng(parts ...string) *rand.Rand {
	b := s.sum(parts...)
	return rand.New(rand.NewPCG(binary.LittleEndian.Uint64(b[:8]), binary.LittleEndian.Uint64(b[8:16])))
}

// msgID is 19 digits, as the real ones are, and fits into an int64.
func (s *Sim) msgID(origin string, n int) int64 {
	return int64(1_000_000_000_000_000_000 + s.num("msg", origin, fmt.Sprint(n))%8_000_000_000_000_000_000)
}
