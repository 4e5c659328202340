package store_test

import (
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	"chunfeng/bot/phone"
	"chunfeng/store"
	"chunfeng/templates/words"
)

// TestLedgerModel does random verbs of every kind on a ledger, and on a model of maps: waves that are opened, paused, stopped,
// cancelled and go on; deliveries that are claimed, settled, confirmed, retracted, resolved, retried, recalled, handed over;
// replies that come again, are registered, become sign-ups that are joined, acknowledged, withdrawn; cursors; and restarts.
// After each step the two must say the same. MODEL_STEPS says how many steps (20,000), MODEL_SEED where they begin (1): a
// ledger lives for 20,000 steps, and a failure names the seed that replays it.
func TestLedgerModel(t *testing.T) {
	steps, seed := 20_000, uint64(1)
	if testing.Short() {
		steps = 2_000
	}
	if s := os.Getenv("MODEL_STEPS"); s != "" {
		steps, _ = strconv.Atoi(s)
	}
	if s := os.Getenv("MODEL_SEED"); s != "" {
		seed, _ = strconv.ParseUint(s, 10, 64)
	}
	const life = 20_000
	done, refused, restarts, claims := 0, 0, 0, 0
	verbs := map[string]int{}
	for ; done < steps; seed++ {
		n := min(life, steps-done)
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			g := newGame(t, seed)
			for range n {
				g.step()
			}
			g.compare()
			g.restart()
			g.compare()
			refused, restarts, claims = refused+g.refused, restarts+g.restarts, claims+len(g.keys)
			for v, k := range g.verbs {
				verbs[v] += k
			}
			if err := g.s.Close(); err != nil {
				t.Fatal(err)
			}
		})
		if t.Failed() {
			t.Fatalf("MODEL_SEED=%d replays it", seed)
		}
		done += n
	}
	t.Logf("proof: %d random steps of %d verbs, ledger and model the same after each", done, len(verbs))
	t.Logf("proof: %d verbs refused, where the model refuses too; %d claims, no key given twice; %d restarts", refused, claims, restarts)
}

// game is a ledger and what it should say.
type game struct {
	t    *testing.T
	seed uint64
	n    int
	what string
	rng  *rand.Rand
	dir  string
	s    *store.Store

	home     map[uint32]string // by group
	bound    map[string]map[uint32]bool
	waves    map[uint32]*gameWave
	rows     map[[2]uint32]*gameRow
	keys     map[int64]bool
	stale    []store.Delivery // what lanes were offered some time ago
	replies  map[uint64]*gameReply
	ids      map[string]uint64 // reply by account and message id
	cursors  map[string]string
	signups  map[uint64]*gameSignup
	opened   int
	acks     uint32
	verbs    map[string]int
	refused  int
	restarts int
}

type gameWave struct {
	id, state string // running, paused, cancelled
	open      int    // what still has to move
}

type gameRow struct {
	group   uint32
	account string
	state   store.State
	key     int64
	queued  bool
	proven  bool // that it was sent, by more than that nobody contradicted
	erased  bool // of whom it acknowledges
}

type gameReply struct {
	class store.Class
	done  bool
}

type gameSignup struct {
	phone     int
	vacancies []string
	withdrawn bool
	ack       uint32
}

const gameGroups = 12

var gameAccounts = []string{"a01", "a02", "a03"}

func newGame(t *testing.T, seed uint64) *game {
	g := &game{t: t, seed: seed, rng: rand.New(rand.NewPCG(seed, 1)), dir: t.TempDir(), home: map[uint32]string{}, bound: map[string]map[uint32]bool{},
		waves: map[uint32]*gameWave{}, rows: map[[2]uint32]*gameRow{}, keys: map[int64]bool{}, replies: map[uint64]*gameReply{}, ids: map[string]uint64{},
		cursors: map[string]string{}, signups: map[uint64]*gameSignup{}, verbs: map[string]int{}}
	g.open()
	var list []store.Group
	for i := range gameGroups {
		n := uint32(i + 1)
		g.home[n] = gameAccounts[i%2]
		list = append(list, store.Group{Code: fmt.Sprintf("G%d", n), Name: "g", Language: "zh", Account: g.home[n]})
	}
	_, err := g.s.PutGroups(list, "t")
	g.must(err)
	for i, a := range gameAccounts {
		_, err := g.s.AddAccount(a, "", "t")
		g.must(err)
		_, err = g.s.StartSession(a, "e "+a, int64(i+1), a)
		g.must(err)
		g.bound[a] = map[uint32]bool{}
		var b []store.Binding
		for n := uint32(1); n <= gameGroups; n++ {
			if n%5 == 0 && a == "a03" {
				continue // a03 is not in every group
			}
			g.bound[a][n] = true
			b = append(b, store.Binding{Group: n, UserName: fmt.Sprintf("@@%s-%d", a, n), State: store.Bound})
		}
		g.must(g.s.Bind(a, "e "+a, b...))
	}
	return g
}

func (g *game) open() {
	g.t.Helper()
	s, err := store.Open(store.Options{Dir: g.dir, MapSize: 1 << 26})
	g.must(err)
	g.s = s
}

func (g *game) must(err error) {
	g.t.Helper()
	if err != nil {
		g.fail("%v", err)
	}
}

func (g *game) fail(format string, args ...any) {
	g.t.Helper()
	g.t.Fatalf("step %d, %s: %s (MODEL_SEED=%d)", g.n, g.what, fmt.Sprintf(format, args...), g.seed)
}

// took answers whether a verb was taken, and fails when the model thinks otherwise.
func (g *game) took(err error, may bool) bool {
	g.t.Helper()
	if (err == nil) != may {
		g.fail("the ledger says %v, the model may=%v", err, may)
	}
	if err != nil {
		var r *words.Refusal
		if !errors.As(err, &r) {
			g.fail("not a refusal: %v", err)
		}
		g.refused++
	}
	return err == nil
}

func (g *game) account() string { return gameAccounts[g.rng.IntN(len(gameAccounts))] }

// pick is a delivery by chance, one of the last few hundred mostly.
func (g *game) pick() (uint32, uint32, *gameRow, bool) {
	if len(g.rows) == 0 {
		return 0, 0, nil, false
	}
	for range 20 {
		w := uint32(0)
		if g.opened > 0 && g.rng.IntN(4) > 0 {
			w = uint32(1 + max(0, g.opened-1-g.rng.IntN(6)))
		}
		seq := uint32(g.rng.IntN(14))
		if w == store.Answers {
			n := uint32(len(g.signups)*2 + 4)
			seq = n - min(n, uint32(g.rng.IntN(40)))
		}
		if r := g.rows[[2]uint32{w, seq}]; r != nil {
			return w, seq, r, true
		}
	}
	return 0, 0, nil, false
}

// to moves a row of the model.
func (g *game) to(wave uint32, r *gameRow, state store.State) {
	r.state = state
	if state == store.Planned {
		r.queued = true
		if w := g.waves[wave]; w != nil && w.state == "cancelled" {
			r.state = store.Cancelled
		}
		if r.erased {
			r.state = store.Skipped // it has no words any more
		}
	}
}

func (g *game) running(wave uint32) bool {
	return wave == store.Answers || g.waves[wave].state == "running"
}

func (g *game) step() {
	g.n++
	now := time.Now()
	switch g.rng.IntN(31) {
	case 0:
		g.do("open a wave")
		if len(g.live()) < 4 {
			g.openWave()
		}
	case 1, 2, 3, 4, 5, 6, 7, 8:
		g.do("claim")
		account, bulk, text := g.account(), g.rng.IntN(6) > 0, g.rng.IntN(5) == 0
		next := func() (store.Delivery, bool, time.Time, error) { return g.s.Next(account, bulk, now.Add(time.Hour)) }
		if text {
			next = func() (store.Delivery, bool, time.Time, error) { return g.s.NextText(account, now.Add(time.Hour)) }
		}
		d, found, _, err := next()
		g.must(err)
		if !text {
			if want := g.offers(account, bulk); found != want {
				w := g.waves[d.Wave]
				g.fail("%s is offered=%v (%s, which is %s), the model says %v: %+v under %+v", account, found, d.ID(), d.State, want, g.rows[[2]uint32{d.Wave, d.Seq}], w)
			}
		}
		if !found {
			return
		}
		r := g.rows[[2]uint32{d.Wave, d.Seq}]
		if r == nil || r.state != store.Planned || r.account != account || !g.running(d.Wave) || !bulk && !text && d.Wave != store.Answers {
			g.fail("%s is offered %s of %+v", account, d.ID(), r)
		}
		if len(g.stale) < 50 {
			g.stale = append(g.stale, d)
		} else {
			g.stale[g.rng.IntN(50)] = d
		}
		if g.rng.IntN(8) == 0 {
			return // it is kept for later
		}
		g.claim(d, r)
	case 9:
		g.do("claim what was offered long ago")
		if len(g.stale) > 0 {
			d := g.stale[g.rng.IntN(len(g.stale))]
			r := g.rows[[2]uint32{d.Wave, d.Seq}]
			if r.state == store.Planned && r.account == d.Account && g.running(d.Wave) {
				_, a, err := g.s.Claim(d, 0, nil)
				if err == nil {
					g.claimed(r, a)
				}
				return // or it was tried since
			}
			_, _, err := g.s.Claim(d, 0, nil)
			g.took(err, false)
		}
	case 10, 11, 12, 13, 14, 15:
		g.do("settle")
		if w, seq, r, ok := g.pick(); ok {
			key := r.key
			if g.rng.IntN(20) == 0 {
				key++
			}
			o := []store.Outcome{store.Taken, store.Taken, store.Taken, store.NotSent, store.Refused, store.NotKnown}[g.rng.IntN(6)]
			_, err := g.s.Settle(w, seq, key, store.Settlement{Outcome: o, ServerID: "9", After: now})
			if g.took(err, r.state == store.Sending && key == r.key) {
				g.to(w, r, map[store.Outcome]store.State{store.Taken: store.Accepted, store.NotSent: store.Planned, store.Refused: store.Failed, store.NotKnown: store.Unknown}[o])
			}
		}
	case 16:
		g.do("skip")
		if w, seq, r, ok := g.pick(); ok && g.took(g.s.Skip(w, seq, store.ReasonExpired), r.state == store.Planned) {
			g.to(w, r, store.Skipped)
		}
	case 17:
		g.do("defer")
		if w, seq, r, ok := g.pick(); ok {
			to := []string{"", "a01", "a02", "a03"}[g.rng.IntN(4)]
			if g.took(g.s.Defer(w, seq, to, now, store.ReasonNotBound), r.state == store.Planned) {
				r.queued = true
				if to != "" {
					r.account = to
				}
			}
		}
	case 18:
		g.do("confirm")
		if w, seq, r, ok := g.pick(); ok {
			g.must(g.s.Confirm(w, seq, "8", store.ReasonEcho))
			if r.state == store.Accepted || r.state == store.Unknown {
				r.proven = true
				g.to(w, r, store.Sent)
			}
		}
	case 19:
		g.do("confirm what is due")
		if g.rng.IntN(4) == 0 {
			due, to := store.Due{Before: now.Add(time.Hour)}, store.Sent
			if g.rng.IntN(3) == 0 {
				// Nobody hears, and nobody waits any more.
				due.Heard, due.GivenUp, to = func(string) time.Time { return time.Time{} }, due.Before, store.Unknown
			}
			_, _, err := g.s.ConfirmDue(due)
			g.must(err)
			for k, r := range g.rows {
				if r.state == store.Accepted {
					r.proven = false
					g.to(k[0], r, to)
				}
			}
		}
	case 20:
		g.do("retract")
		if w, seq, r, ok := g.pick(); ok {
			after, to := time.Time{}, store.Failed
			if g.rng.IntN(2) == 0 {
				after, to = now, store.Planned
			}
			done, err := g.s.Retract(w, seq, store.ReasonTooOften, after)
			g.must(err)
			if done != (r.state == store.Accepted) {
				g.fail("retracted=%v a delivery that is %s", done, r.state)
			}
			if done {
				g.to(w, r, to)
			}
		}
	case 21:
		g.do("resolve")
		if w, seq, r, ok := g.pick(); ok {
			as := []store.State{store.Sent, store.Failed, store.Planned, store.Skipped}[g.rng.IntN(4)]
			may := (r.state == store.Unknown || r.state == store.Failed) && as != store.Skipped && as != r.state
			if as == store.Planned && w != store.Answers && g.waves[w].state == "cancelled" {
				may = false
			}
			_, err := g.s.Resolve(w, seq, as, "seen", "li")
			if g.took(err, may) {
				r.proven = true
				g.to(w, r, as)
			}
		}
	case 22:
		g.do("recall")
		if w, seq, r, ok := g.pick(); ok {
			_, err := g.s.MarkRecalled(w, seq, "li")
			if g.took(err, r.state == store.Sent || r.state == store.Accepted && err == nil) {
				g.to(w, r, store.Recalled)
			}
		}
	case 23:
		g.do("move a wave")
		g.moveWave()
	case 24:
		g.do("hand over")
		if g.rng.IntN(6) == 0 {
			g.handOver()
		}
	case 25:
		g.do("contradict")
		if w, seq, r, ok := g.pick(); ok {
			_, done, err := g.s.Contradict(w, seq, store.ReasonTooOften)
			g.must(err)
			if done != (r.state == store.Accepted || r.state == store.Sent && !r.proven) {
				g.fail("contradicted=%v a delivery that is %s, proven=%v", done, r.state, r.proven)
			}
			if done {
				g.to(w, r, store.Unknown)
			}
		}
	case 26, 30:
		g.do("receive")
		g.receive()
	case 27, 28:
		g.do("register")
		g.register()
	case 29:
		if g.rng.IntN(60) == 0 {
			g.do("restart")
			g.restart()
			g.compare()
			break // a restart may end a wave
		}
		g.do("a sign-up's status")
		g.status()
	}
	g.tallies()
}

func (g *game) do(what string) { g.what = what; g.verbs[what]++ }

func (g *game) claim(d store.Delivery, r *gameRow) {
	_, a, err := g.s.Claim(d, 0, nil)
	g.must(err)
	g.claimed(r, a)
}

func (g *game) claimed(r *gameRow, a store.Attempt) {
	if g.keys[a.ClientID] {
		g.fail("the key %d twice", a.ClientID)
	}
	g.keys[a.ClientID] = true
	r.state, r.key = store.Sending, a.ClientID
}

func (g *game) offers(account string, bulk bool) bool {
	for k, r := range g.rows {
		if r.state == store.Planned && r.account == account && g.running(k[0]) && (bulk || k[0] == store.Answers) {
			return true
		}
	}
	return false
}

// live are the waves of the model that still have something to move.
func (g *game) live() (out []uint32) {
	for n, w := range g.waves {
		if w.open > 0 {
			out = append(out, n)
		}
	}
	slices.Sort(out)
	return out
}

func (g *game) openWave() {
	g.opened++
	n := 1 + g.rng.IntN(gameGroups)
	w, _, err := g.s.AddWave(store.Wave{Schedule: "S1", At: time.Now().Add(time.Duration(g.opened) * time.Second), Hash: "h"}, "kim")
	g.must(err)
	_, err = g.s.ApproveWave(w.ID, "h", "li", true)
	g.must(err)
	text := store.Content{Kind: store.Text, Body: []byte("x")}
	picture := store.Content{Kind: store.Image, Name: "p", Body: []byte("y")}
	var rows []store.Row
	for i := range n {
		group := uint32(i + 1)
		c := text
		if g.rng.IntN(5) == 0 {
			c = picture
		}
		rows = append(rows, store.Row{Group: group, Account: g.home[group], Kind: c.Kind, Content: store.HashContent(c.Kind, c.Name, c.Body)})
	}
	slices.SortStableFunc(rows, func(a, b store.Row) int { return int(a.Account[2]) - int(b.Account[2]) })
	w, err = g.s.OpenWave(store.Opening{Wave: w.ID, Hash: "h", Contents: []store.Content{text, picture}, Rows: slices.Values(rows)})
	g.must(err)
	for i, r := range rows {
		g.rows[[2]uint32{w.Number, uint32(i)}] = &gameRow{group: r.Group, account: r.Account, state: store.Planned}
	}
	if int(w.Number) != g.opened {
		g.fail("wave %d is the %dth", w.Number, g.opened)
	}
	g.waves[w.Number] = &gameWave{id: w.ID, state: "running", open: n}
}

func (g *game) moveWave() {
	if g.opened == 0 {
		return
	}
	n := uint32(1 + max(0, g.opened-1-g.rng.IntN(5)))
	w := g.waves[n]
	v, err := g.s.Wave(w.id)
	g.must(err)
	switch g.rng.IntN(10) {
	case 0, 1:
		_, err := g.s.MoveWave(w.id, store.WavePaused, "", "li")
		if g.took(err, v.State == store.WaveRunning || v.State == store.WavePaused) {
			w.state = "paused"
		}
	case 2:
		_, err := g.s.StopWave(w.id, "", "li")
		if g.took(err, v.State == store.WaveRunning || v.State == store.WavePaused) {
			w.state = "paused"
		}
	case 3, 4, 5, 6, 7:
		_, err := g.s.MoveWave(w.id, store.WaveRunning, "", "li")
		if g.took(err, v.State == store.WavePaused || v.State == store.WaveRunning) {
			w.state = "running"
		}
	case 8:
		if g.rng.IntN(3) > 0 {
			return
		}
		_, err := g.s.CancelWave(w.id, "", "li")
		if g.took(err, v.State == store.WaveRunning || v.State == store.WavePaused) {
			w.state = "cancelled"
			for k, r := range g.rows {
				if k[0] == n && r.state == store.Planned {
					r.state = store.Cancelled
				}
			}
		}
	case 9:
		n2, err := g.s.RetryFailed(w.id, "li")
		if !g.took(err, w.state != "cancelled") {
			return
		}
		for k, r := range g.rows {
			if k[0] == n && r.state == store.Failed {
				g.to(n, r, store.Planned)
				n2--
			}
		}
		if n2 != 0 {
			g.fail("%d more or fewer were retried than had failed", n2)
		}
	}
}

func (g *game) handOver() {
	from, to := g.account(), g.account()
	moves, any := map[uint32]bool{}, false
	for n, a := range g.home {
		if a == from {
			any = true
			moves[n] = g.bound[to][n]
		}
	}
	want := 0
	for _, r := range g.rows {
		if r.state == store.Planned && r.account == from {
			any = true
			if moves[r.group] = g.bound[to][r.group]; moves[r.group] {
				want++
			}
		}
	}
	some := slices.Contains(slices.Collect(maps.Values(moves)), true)
	_, deliveries, err := g.s.HandOver(from, to, "li")
	if !g.took(err, from != to && any && some) {
		return
	}
	if deliveries != want {
		g.fail("%d deliveries were handed over, want %d", deliveries, want)
	}
	for n, a := range g.home {
		if a == from && moves[n] {
			g.home[n] = to
		}
	}
	for _, r := range g.rows {
		if r.state == store.Planned && r.account == from && moves[r.group] {
			r.account, r.queued = to, true
		}
	}
}

func (g *game) receive() {
	account := g.account()
	epoch := "e " + account
	if g.rng.IntN(10) == 0 {
		epoch = "another"
	}
	var in []store.Inbound
	for range g.rng.IntN(4) {
		m := store.Inbound{MsgID: strconv.Itoa(len(g.ids)/3 + g.rng.IntN(5)), UserName: fmt.Sprintf("@@%s-%d", account, 1+g.rng.IntN(gameGroups+2)), Raw: []byte(`{"Content":"x"}`)}
		if g.rng.IntN(4) == 0 {
			m.Class = store.ForAccount
		}
		in = append(in, m)
	}
	cursor := fmt.Sprint("cursor ", g.n)
	fresh, err := g.s.Receive(account, epoch, in, []byte(cursor))
	if !g.took(err, epoch != "another") {
		return
	}
	g.cursors[account] = cursor
	for _, m := range in {
		if _, had := g.ids[account+" "+m.MsgID]; !had {
			n := uint64(len(g.replies) + 1)
			g.ids[account+" "+m.MsgID] = n
			g.replies[n] = &gameReply{class: m.Class}
			fresh--
		}
	}
	if fresh != 0 {
		g.fail("%d replies more or fewer were new", fresh)
	}
}

func somebody(i int) phone.Number {
	p, err := phone.Parse(fmt.Sprintf("1394433%04d", i))
	if err != nil {
		panic(err)
	}
	return p
}

func (g *game) register() {
	if len(g.replies) == 0 {
		return
	}
	n := uint64(1 + max(0, len(g.replies)-1-g.rng.IntN(12)))
	r := g.replies[n]
	d := store.Disposition{State: []store.ReplyState{store.ReplyNoise, store.ReplyReview, store.ReplyWaiting, store.ReplyDone}[g.rng.IntN(4)], Intent: "signup"}
	who, vacancy := g.rng.IntN(30), fmt.Sprintf("A%03d", 1+g.rng.IntN(4))
	if d.State == store.ReplyDone {
		d.Signups = []store.Signup{{Phone: somebody(who), Batch: "A", Vacancies: []string{vacancy}, Group: 1 + uint32(g.rng.IntN(gameGroups))}}
		d.Answer = &store.Answer{Group: d.Signups[0].Group, Account: g.account(), Content: store.Content{Kind: store.Text, Body: []byte(fmt.Sprint("thanks ", g.n))}, Notice: "v1"}
	}
	fresh, err := g.s.Register(n, d)
	if !g.took(err, !r.done) {
		return
	}
	r.done = d.State == store.ReplyNoise || d.State == store.ReplyDone
	if d.State != store.ReplyDone {
		return
	}
	g.acks++
	ack := g.acks
	g.rows[[2]uint32{store.Answers, ack}] = &gameRow{group: d.Answer.Group, account: d.Answer.Account, state: store.Planned, queued: true}
	for _, s := range g.signups {
		if s.phone == who && !s.withdrawn {
			if len(fresh) != 0 {
				g.fail("the same person is a second sign-up")
			}
			if !slices.Contains(s.vacancies, vacancy) {
				s.vacancies = append(s.vacancies, vacancy)
			}
			return
		}
	}
	if len(fresh) != 1 || fresh[0].Number != uint64(len(g.signups)+1) {
		g.fail("%d new sign-ups, want one", len(fresh))
	}
	g.signups[fresh[0].Number] = &gameSignup{phone: who, vacancies: []string{vacancy}, ack: ack}
}

func (g *game) status() {
	if len(g.signups) == 0 {
		return
	}
	n := uint64(1 + g.rng.IntN(len(g.signups)))
	s := g.signups[n]
	to := []store.SignupStatus{store.SignupWithdrawn, "called"}[g.rng.IntN(2)]
	_, err := g.s.SetSignup(fmt.Sprint("N", n), to, "", "kim")
	if !g.took(err, !s.withdrawn) || to != store.SignupWithdrawn {
		return
	}
	s.withdrawn = true
	r := g.rows[[2]uint32{store.Answers, s.ack}]
	if r.erased = true; r.state == store.Planned {
		g.to(store.Answers, r, store.Skipped)
	}
}

func (g *game) restart() {
	c, err := g.s.Check(g.t.Context())
	if err != nil || !c.OK {
		g.fail("check: %v %v", c.Broken, err)
	}
	g.must(g.s.Close())
	g.open()
	g.restarts++
	for k, r := range g.rows {
		if r.state == store.Sending {
			g.to(k[0], r, store.Unknown)
		}
	}
}

// tallies holds the counters of every wave that still moves against the model, and those of one that has ended.
func (g *game) tallies() {
	want := map[uint32]*store.Tally{}
	for k, r := range g.rows {
		c := want[k[0]]
		if c == nil {
			c = &store.Tally{}
			want[k[0]] = c
		}
		c[r.state]++
	}
	for n, w := range g.waves {
		was := w.open
		w.open = want[n].Open()
		if was == 0 && w.open == 0 && g.rng.IntN(50) > 0 {
			continue
		}
		v, err := g.s.Wave(w.id)
		g.must(err)
		if v.Counts != *want[n] {
			g.fail("wave %s counts %v, the model %v", w.id, v.Counts, *want[n])
		}
		ended := v.State == store.WaveFinished || v.State == store.WaveFailures
		if w.state != "cancelled" && ended != (w.open == 0) || w.state == "cancelled" && v.State != store.WaveCancelled {
			g.fail("wave %s is %s with %v", w.id, v.State, v.Counts)
		}
		if ended {
			w.state = "running" // what is retried or resolved goes out
		}
	}
	if len(g.rows) > 600 {
		// What has ended long ago is compared once more, and then let go: the model stays small.
		g.compare()
		for k, r := range g.rows {
			if w := g.waves[k[0]]; w != nil && w.open == 0 && int(k[0]) < g.opened-8 {
				delete(g.rows, k)
			} else if w == nil && k[1]+100 < uint32(len(g.replies)) && r.state != store.Planned && r.state != store.Sending && r.state != store.Accepted && !g.acknowledges(k[1]) {
				delete(g.rows, k)
			}
		}
		for n, w := range g.waves {
			if w.open == 0 && int(n) < g.opened-8 {
				delete(g.waves, n)
			}
		}
		g.stale = slices.DeleteFunc(g.stale, func(d store.Delivery) bool { return g.rows[[2]uint32{d.Wave, d.Seq}] == nil })
	}
}

func (g *game) acknowledges(seq uint32) bool {
	for _, s := range g.signups {
		if s.ack == seq && !s.withdrawn {
			return true
		}
	}
	return false
}

// compare holds every delivery, reply, sign-up and cursor against the model.
func (g *game) compare() {
	for k, r := range g.rows {
		id := store.DeliveryID(store.AnswersID, k[1])
		if w := g.waves[k[0]]; w != nil {
			id = store.DeliveryID(w.id, k[1])
		}
		d, err := g.s.Delivery(id)
		g.must(err)
		if d.State != r.state || d.Account != r.account || d.Group != r.group {
			g.fail("%s is %s of %s, the model has %+v", id, d.State, d.Account, *r)
		}
	}
	waiting := map[uint64]bool{}
	next, err := g.s.NextReplies(store.ForRegistrar, "", 0, 1<<20)
	g.must(err)
	for _, r := range next {
		waiting[r.Number] = true
	}
	for n, r := range g.replies {
		v, err := g.s.Reply(n)
		g.must(err)
		if done := v.State != store.ReplyNew && v.State != store.ReplyWaiting && v.State != store.ReplyReview; done != r.done {
			g.fail("reply %d is %s, the model says done=%v", n, v.State, r.done)
		}
		if r.class == store.ForRegistrar && waiting[n] != (v.State == store.ReplyNew || v.State == store.ReplyWaiting) {
			g.fail("reply %d is %s and waits=%v", n, v.State, waiting[n])
		}
	}
	people := map[int]int{}
	for n, s := range g.signups {
		v, err := g.s.Signup(fmt.Sprint("N", n))
		g.must(err)
		if (v.Status == store.SignupWithdrawn) != s.withdrawn || !s.withdrawn && !slices.Equal(v.Vacancies, s.vacancies) {
			g.fail("sign-up %d is %+v, the model has %+v", n, v, *s)
		}
		if !s.withdrawn {
			people[s.phone]++
		}
	}
	for i := range 30 {
		list, err := g.s.SignupsByPhone(somebody(i))
		g.must(err)
		if len(list) != people[i] {
			g.fail("person %d has %d sign-ups, the model %d", i, len(list), people[i])
		}
	}
	for a, want := range g.cursors {
		got, err := g.s.Cursor(a)
		g.must(err)
		if string(got) != want {
			g.fail("the cursor of %s is %q, want %q", a, got, want)
		}
	}
}
