package wxsim

// A Stage is a moment in the life of a send request.
type Stage int

const (
	// BeforeAccept: the request was read, nothing has happened. The Arrival is what would arrive; its Seq is 0.
	BeforeAccept Stage = iota
	// AfterAccept: the message arrived, the answer is not yet written.
	AfterAccept
)

func (st Stage) String() string {
	if st == BeforeAccept {
		return "before accept"
	}
	return "after accept"
}

// OnSend has fn called at each stage of each send, without any lock: fn may wait, and holds that request while it does.
func (s *Sim) OnSend(fn func(Stage, Arrival)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.onSend = append(s.onSend, fn)
}

// A Hold stops sends at a stage until it is released.
type Hold struct {
	sim     *Sim
	stage   Stage
	waiting chan Arrival
	gate    chan struct{}
	open    bool
}

// HoldBefore stops every send before it is accepted.
func (s *Sim) HoldBefore() *Hold { return s.hold(BeforeAccept) }

// HoldAfter stops every send after it is accepted and before it is answered.
func (s *Sim) HoldAfter() *Hold { return s.hold(AfterAccept) }

func (s *Sim) hold(stage Stage) *Hold {
	s.mu.Lock()
	defer s.mu.Unlock()
	h := &Hold{sim: s, stage: stage, waiting: make(chan Arrival, 4096), gate: make(chan struct{})}
	s.holds[h] = struct{}{}
	return h
}

// Waiting names the sends that were stopped, as they are stopped.
func (h *Hold) Waiting() <-chan Arrival { return h.waiting }

// Release lets all go on and stops no more.
func (h *Hold) Release() {
	h.sim.mu.Lock()
	defer h.sim.mu.Unlock()
	h.release()
}

func (h *Hold) release() {
	if !h.open {
		h.open = true
		close(h.gate)
		delete(h.sim.holds, h)
	}
}

func (s *Sim) stage(stage Stage, a Arrival) {
	s.mu.Lock()
	hooks := s.onSend
	var held []*Hold
	for h := range s.holds {
		if h.stage == stage {
			held = append(held, h)
		}
	}
	s.mu.Unlock()
	for _, fn := range hooks {
		fn(stage, a)
	}
	for _, h := range held {
		select {
		case h.waiting <- a:
		default:
		}
		<-h.gate
	}
}
