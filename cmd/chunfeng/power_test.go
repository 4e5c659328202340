package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"chunfeng/bot/wxsim"
	"chunfeng/cmd/chunfeng/api"
	"chunfeng/store"
	"chunfeng/store/storetest/disk"
)

// ear hears on the wire what the daemon acknowledges, and notes how much its disk had recorded by then: whatever the daemon
// has told the world must survive every cut of the power from that moment on.
type ear struct {
	disk *disk.Disk

	mu      sync.Mutex
	vows    []vow
	asked   map[string]string            // the key of the last look at the stream, by session
	brought map[string]map[string]string // numbers that came under a key, by session: number to key
	stream  map[string]int               // how far each key lies in its session's stream
	carried []carried
	held    int // how often a reply was there that the ledger had passed
}

// carried is a number that came when its session's stream had come so far.
type carried struct {
	number, sid   string
	place         int
	asked, wentOn int // what the disk had recorded when it came, and when the account went on behind it
}

// vow is something that was acknowledged when the disk had recorded so much.
type vow struct {
	at   int
	what string
	kept func(*survivor) bool
}

func newEar(b *bureau, d *disk.Disk) *ear {
	e := &ear{disk: d, asked: map[string]string{}, brought: map[string]map[string]string{}, stream: map[string]int{}}
	b.around(e.listen)
	last := map[string]string{} // the key of the last message on the wire, by account
	b.sim.OnSend(func(st wxsim.Stage, a wxsim.Arrival) {
		if st != wxsim.BeforeAccept {
			return
		}
		before := last[a.Account]
		last[a.Account] = a.ClientMsgID
		e.vow("the claim of what was sent to "+a.Group, func(s *survivor) bool { _, ok := s.attempts[a.ClientMsgID]; return ok })
		if before != "" {
			e.vow("how the message before that to "+a.Group+" ended", func(s *survivor) bool { return s.attempts[before] == store.Taken })
		}
	})
	return e
}

// vow notes what must hold from now on.
func (e *ear) vow(what string, kept func(*survivor) bool) {
	at := e.disk.Recorded()
	e.mu.Lock()
	defer e.mu.Unlock()
	e.vows = append(e.vows, vow{at, what, kept})
}

var (
	numberSaid = regexp.MustCompile(`1394433\d{4}`)
	keyOfSync  = regexp.MustCompile(`[?&]synckey=([^&]*)`)
)

// listen hears which replies the account was brought, and that it went on behind them: then they are in the ledger.
func (e *ear) listen(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		sid := r.URL.Query().Get("sid")
		switch {
		case strings.HasSuffix(r.URL.Path, "/synccheck"):
			if m := keyOfSync.FindStringSubmatch(r.URL.String()); m != nil {
				e.wentOn(sid, m[1])
			}
		case strings.HasSuffix(r.URL.Path, "/webwxsync"):
			both := &copying{ResponseWriter: w}
			next.ServeHTTP(both, r)
			key, asked := keyIn(both.body.Bytes()), e.disk.Recorded()
			e.mu.Lock()
			if _, known := e.stream[sid+" "+key]; !known {
				e.stream[sid+" "+key] = len(e.stream)
			}
			for _, n := range numberSaid.FindAllString(both.body.String(), -1) {
				e.carried = append(e.carried, carried{number: n, sid: sid, place: e.stream[sid+" "+key], asked: asked})
				if e.brought[sid] == nil {
					e.brought[sid] = map[string]string{}
				}
				e.brought[sid][n] = e.asked[sid]
			}
			e.mu.Unlock()
			return
		}
		next.ServeHTTP(w, r)
	})
}

func (e *ear) wentOn(sid, key string) {
	e.mu.Lock()
	e.asked[sid] = key
	var kept []string
	for n, under := range e.brought[sid] {
		if under != key {
			kept = append(kept, n)
			delete(e.brought[sid], n)
		}
	}
	for i, c := range e.carried {
		if c.wentOn == 0 && slices.Contains(kept, c.number) {
			e.carried[i].wentOn = e.disk.Recorded()
		}
	}
	e.mu.Unlock()
	for _, n := range kept {
		e.vow("the reply with "+n, func(s *survivor) bool { return s.numbers[n] })
	}
}

// keyIn is the key of a stream in an answer or in what the ledger keeps, as one string.
func keyIn(b []byte) string {
	var v struct {
		SyncKey, Key struct {
			List []struct{ Key, Val json.RawMessage }
		}
	}
	_ = json.Unmarshal(b, &v)
	var out strings.Builder
	for _, one := range append(v.SyncKey.List, v.Key.List...) {
		fmt.Fprintf(&out, "%s_%s|", bytes.Trim(one.Key, `"`), bytes.Trim(one.Val, `"`))
	}
	return out.String()
}

// passed faults a ledger whose place in a stream lies behind a reply that it does not have: nobody would bring it again.
func (e *ear) passed(v *survivor) (faults []string) {
	for _, account := range []string{"a01", "a02"} {
		cursor, err := v.Cursor(account)
		if err != nil || len(cursor) == 0 {
			continue
		}
		key := keyIn(cursor)
		for _, c := range e.carried {
			at, known := e.stream[c.sid+" "+key]
			if known && at >= c.place {
				e.held++
			}
			if known && at >= c.place && !v.numbers[c.number] {
				faults = append(faults, "lost: the reply with "+c.number+", which "+account+" has passed")
			}
		}
	}
	return faults
}

// copying keeps what it writes.
type copying struct {
	http.ResponseWriter
	body bytes.Buffer
}

// Write implements io.Writer.
func (c *copying) Write(b []byte) (int, error) {
	c.body.Write(b)
	return c.ResponseWriter.Write(b)
}

// survivor is a ledger as it came up after a cut.
type survivor struct {
	*store.Store
	attempts map[string]store.Outcome
	numbers  map[string]bool // that are in a reply or a sign-up
}

// cut is one power cut of a recorded run.
type cut struct {
	at    int
	image *disk.Image
}

// examine opens what a cut left in a folder, and holds it against the laws of the ledger and all that was acknowledged by then.
func (c cut) examine(t *testing.T, dir string, e *ear) (faults []string) {
	fault := func(format string, args ...any) { faults = append(faults, fmt.Sprintf(format, args...)) }
	// A page that a cut has broken may fault when it is read: that is a finding, not the end of the test.
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if p := recover(); p != nil {
			fault("a page of the ledger cannot be read: %v", p)
		}
	}()
	for _, name := range []string{store.DatabaseFile, store.KeyFile, store.PlaceFile, "templates"} {
		_ = os.RemoveAll(filepath.Join(dir, name))
	}
	if err := c.image.Write("data", dir); err != nil {
		t.Fatal(err)
	}
	s, err := store.Open(store.Options{Dir: dir, MapSize: 1 << 26})
	if err != nil {
		fault("it does not open: %v", err)
		return faults
	}
	defer s.Close()
	if r := s.Disarmed(); r != nil {
		fault("it takes itself for a copy: %v", r)
	}
	if checked, err := s.Check(t.Context()); err != nil || !checked.OK {
		fault("its laws are broken: %v %v", checked.Broken, err)
	}
	v := &survivor{Store: s, attempts: map[string]store.Outcome{}, numbers: map[string]bool{}}
	if err := v.read(); err != nil {
		fault("it cannot be read: %v", err)
		return faults
	}
	for _, w := range e.vows {
		if w.at <= c.at && !w.kept(v) {
			fault("lost: %s", w.what)
		}
	}
	return append(faults, e.passed(v)...)
}

func (v *survivor) read() error {
	waves, err := v.Waves(false)
	if err != nil {
		return err
	}
	for _, n := range append([]store.Wave{{Number: store.Answers}}, waves...) {
		for f := (store.Filter{Start: true, Limit: 1000}); ; {
			page, err := v.Deliveries(n.Number, f)
			if err != nil {
				return err
			}
			for _, d := range page.Deliveries {
				for _, a := range d.Attempts {
					v.attempts[fmt.Sprint(a.ClientID)] = a.Outcome
				}
			}
			if !page.More {
				break
			}
			f.After, f.Start = page.Next, false
		}
	}
	if err := v.EachSignup(func(n store.Signup) bool { v.numbers[strings.TrimPrefix(n.Phone.Reveal(), "+86")] = true; return true }); err != nil {
		return err
	}
	replies, err := v.NextReplies(store.ForRegistrar, "", 0, 1<<20)
	for _, r := range replies {
		if n := numberSaid.Find(r.Raw); n != nil {
			v.numbers[string(n)] = true
		}
	}
	return err
}

// recorded runs a whole small season on a disk that notes everything, and answers what was acknowledged when.
func recorded(t *testing.T, seed uint64) (*disk.Disk, *ear) {
	mount := t.TempDir()
	d := disk.Mount(t, mount, nil)
	b := newBureauAt(t, filepath.Join(mount, "data"), 2, 30, seed)
	e := newEar(b, d)
	has := func(what string, kept func(s *survivor) bool) { e.vow(what, kept) }
	has("30 groups", func(s *survivor) bool {
		n := 0
		err := s.EachGroup(func(store.Group) bool { n++; return true })
		return err == nil && n == 30
	})
	b.start()
	b.bound(30)
	b.run(nil, "user", "add", "li", "--role", "supervisor")
	has("the user", func(s *survivor) bool { v, err := s.User("li"); return err == nil && v.Name != "" })
	b.template("digest", "{{/* ours */}}")
	has("the bureau's own template", func(s *survivor) bool {
		text, err := os.ReadFile(filepath.Join(s.Dir(), "templates", "digest.tmpl"))
		return err == nil && bytes.Contains(text, []byte("ours"))
	})
	b.batch()
	has("the approved batch", func(s *survivor) bool { v, err := s.Batch("A"); return err == nil && v.State == store.BatchApproved })
	w := b.wave()
	has("the approved wave", func(s *survivor) bool {
		v, err := s.Wave(w.ID)
		return err == nil && v.State != store.WaveDraft && !v.ApprovedAt.IsZero()
	})
	// The keys change while replies come in: whatever is cut, what was sealed opens.
	b.run(nil, "key", "rotate")
	has("the new key", func(s *survivor) bool { return s.Keys().Current == 2 })
	b.until(20*time.Second, func() bool {
		var k store.Keys
		b.run(&k, "key", "status")
		return k.Resealed
	})
	b.run(nil, "key", "retire")
	has("that the old key is gone", func(s *survivor) bool { return s.Keys().Old == 0 })
	b.finish(w.ID)
	has("the finished wave", func(s *survivor) bool { v, err := s.Wave(w.ID); return err == nil && v.State == store.WaveFinished })
	return d, e
}

// template saves a template with something more at its end, as the console does.
func (b *bureau) template(name, more string) {
	b.t.Helper()
	c := http.Client{Transport: dialDaemon(filepath.Join(b.data, socketName))}
	address := "http://chunfeng/v1/templates/files/" + name
	res, err := c.Get(address)
	if err != nil {
		b.t.Fatal(err)
	}
	defer res.Body.Close()
	var v api.TemplateFile
	if err := json.NewDecoder(res.Body).Decode(&v); err != nil {
		b.t.Fatal(err)
	}
	body, err := json.Marshal(api.TemplateChange{Text: v.Text + more, From: v.Newest})
	if err != nil {
		b.t.Fatal(err)
	}
	saved, err := c.Post(address, "application/json", bytes.NewReader(body))
	if err != nil {
		b.t.Fatal(err)
	}
	defer saved.Body.Close()
	if saved.StatusCode != http.StatusOK {
		said, _ := io.ReadAll(saved.Body)
		b.t.Fatalf("%s: %s", saved.Status, said)
	}
}

// TestPowerCuts cuts the power of one recorded run at every kind of moment: just before a sync, when the most may be lost, when
// something was just acknowledged, and in between. What a cut leaves opens, holds its laws, and knows all that had been acknowledged.
func TestPowerCuts(t *testing.T) {
	cuts := 40
	if s := os.Getenv("POWER_CUTS"); s != "" {
		fmt.Sscan(s, &cuts)
	}
	d, e := recorded(t, 1)
	vows := e.vows
	rng := rand.New(rand.NewPCG(1, 2))
	var moments []int
	syncs := d.Syncs()
	for i := range cuts {
		switch i % 4 {
		case 0, 2:
			moments = append(moments, syncs[i*len(syncs)/cuts])
		case 1:
			moments = append(moments, vows[rng.IntN(len(vows))].at)
		case 3:
			at := rng.IntN(d.Recorded() + 1)
			if c := e.carried[rng.IntN(len(e.carried))]; i%8 == 3 && c.wentOn > c.asked {
				at = c.asked + rng.IntN(c.wentOn-c.asked+1) // while a reply is being taken
			}
			moments = append(moments, at)
		}
	}
	slices.Sort(moments)
	replay, dir := d.Replay(), t.TempDir()
	sectors, names, held, bad := 0, 0, 0, 0
	for _, at := range moments {
		replay.To(at)
		c := cut{at, replay.Cut(rng)}
		s, n := replay.Loose()
		sectors, names = sectors+s, names+n
		for _, v := range vows {
			if v.at <= at {
				held++
			}
		}
		if faults := c.examine(t, dir, e); len(faults) > 0 {
			bad++
			t.Errorf("cut at %d of %d: %s", at, d.Recorded(), strings.Join(faults[:min(len(faults), 5)], "; "))
			if bad > 5 {
				t.Fatal("and so on")
			}
		}
	}
	if sectors == 0 || held == 0 || e.held == 0 || len(vows) < 60 {
		t.Errorf("a weak test: %d sectors at risk, %d acknowledgements of which %d were held", sectors, len(vows), held)
	}
	t.Logf("proof: %d cuts of one recorded run of %d writes and syncs, half of them just before a sync, a quarter at the moment of an acknowledgement", len(moments), d.Recorded())
	t.Logf("proof: %d sectors and %d names were not yet synced in those moments, a part of them chosen by chance was lost", sectors, names)
	t.Logf("proof: %d acknowledgements (commands, messages on the wire, replies taken) had to be there in the cuts behind them, %d times in all: none was missing", len(vows), held)
}

// TestPowerCutDaemon cuts the power under a daemon at work, again and again, and has the next one go on from what is left.
func TestPowerCutDaemon(t *testing.T) {
	cuts := 3
	if s := os.Getenv("POWER_CUT_DAEMONS"); s != "" {
		fmt.Sscan(s, &cuts)
	}
	rng := rand.New(rand.NewPCG(3, 4))
	mount := t.TempDir()
	d := disk.Mount(t, mount, nil)
	groups := 40 + 20*cuts
	b := newBureauAt(t, filepath.Join(mount, "data"), 2, groups, 5)
	if err := b.sim.Fault("send.slow", wxsim.Params{"delay": "15ms"}); err != nil {
		t.Fatal(err)
	}
	b.start()
	b.bound(groups)
	b.batch()
	w := b.wave()
	for range cuts {
		time.Sleep(time.Duration(30+rng.IntN(300)) * time.Millisecond)
		b.kill()
		d = disk.Mount(t, mount, d.Pull(rng))
		b.start()
		b.online()
	}
	b.finish(w.ID)
	// The last cut comes when everything has ended. The test reads a copy: it must not map files of a disk that it serves.
	b.data = t.TempDir()
	if err := d.Pull(rng).Write("data", b.data); err != nil {
		t.Fatal(err)
	}
	r := b.verdict(2 * cuts)
	t.Logf("proof: %d power cuts under a sending daemon, %d of %d messages sent and %d unknown, none twice; %d replies, each one sign-up", cuts, r.sent, r.groups, r.unknown, r.replies)
}
