package main

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"chunfeng/bot/signup"
	"chunfeng/bot/wxsim"
	"chunfeng/store"
)

// huge is how much there is of something: the test's own few, or what the environment asks for.
func huge(t *testing.T, name string, few int) int {
	t.Helper()
	s := os.Getenv(name)
	if s == "" {
		return few
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < few {
		t.Fatalf("%s=%s: want a number of %d or more", name, s, few)
	}
	return n
}

// status reads a figure of a process, in bytes.
func status(pid int, field string) int64 {
	b, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	for line := range strings.Lines(string(b)) {
		if rest, ok := strings.CutPrefix(line, field+":"); ok {
			kb := int64(0)
			fmt.Sscan(rest, &kb)
			return kb << 10
		}
	}
	return 0
}

// most watches a process's own memory, without the mapped pages of the ledger, which the system takes back when it needs
// them, until stop is called; peak is the most since reset.
func most(pid int) (peak *atomic.Int64, stop func()) {
	peak = &atomic.Int64{}
	quit, gone := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(gone)
		for {
			if n := status(pid, "RssAnon"); n > peak.Load() {
				peak.Store(n)
			}
			select {
			case <-quit:
				return
			case <-time.After(10 * time.Millisecond):
			}
		}
	}()
	return peak, func() { close(quit); <-gone }
}

// spoilt stands for bytes that are no UTF-8, which the wire puts in its place.
const spoilt = "*spoilt*"

// spoil has the simulator's answers hold bytes that are no UTF-8.
func spoil(far http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasSuffix(r.URL.Path, "webwxsync") {
			far.ServeHTTP(w, r)
			return
		}
		rec := httptest.NewRecorder()
		far.ServeHTTP(rec, r)
		body := bytes.ReplaceAll(rec.Body.Bytes(), []byte(spoilt), []byte("\xff\xc3\x28\xed\xa0\x80"))
		for k, v := range rec.Header() {
			w.Header()[k] = v
		}
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
		w.WriteHeader(rec.Code)
		w.Write(body)
	})
}

// longText is how long the longest messages are, in bytes.
const longText = 64 << 10

// flood is what residents say all at once.
type flood struct {
	t                        *testing.T
	b                        *bureau
	filler                   string          // of long messages
	said                     map[string]int  // number, as the ledger has it → how often it was said
	hidden                   map[string]bool // numbers that stand where a long message is not read: somebody must look
	noted                    map[string]int  // message → how many accounts hear it
	long                     map[string]bool // messages of longText
	accounts, groups, shared int
}

// say says the nth thing.
func (f *flood) say(n int) {
	code := fmt.Sprintf("K%04d", n%f.groups)
	hear := 1
	if n%7 == 0 {
		code, hear = fmt.Sprintf("S%04d", n%f.shared), 2 // two accounts are in it
	}
	local := fmt.Sprintf("139%08d", 10_000_000+n)
	number := "+86" + local
	text, member := "", ""
	switch n % 20 {
	case 0, 1, 2:
		text = "报名 A001 " + local
	case 3:
		text = "김화 A001 신청합니다 🌾👨‍👩‍👧 " + local
	case 4:
		text = "A\u200b001\u200d 报名\ufeff " + local
	case 5:
		text = "报名 A001 " + local + " " + spoilt
	case 6:
		// A member whose name is longer than any screen.
		member, text = strings.Repeat("名", 5000), "报名 A001 "+local
	case 7:
		local, number = fmt.Sprintf("139%08d", 10_000_000+n-1), fmt.Sprintf("+86139%08d", 10_000_000+n-1)
		text = "报名 A001 " + local + " 再说一遍" // what was said before, once more
	case 8:
		text, number = fmt.Sprintf("오늘 날씨 좋네요 %d %s", n, spoilt), ""
	case 9:
		switch n / 20 % 20 {
		case 0:
			text = "报名 A001 " + local + "\n" + f.filler
		case 1:
			text = f.filler + "\n报名 A001 " + local
		case 2:
			text = f.filler[:longText/2] + "\n报名 A001 " + local + "\n" + f.filler[longText/2:]
			f.hidden[number] = true
		case 3:
			text, number = f.filler, ""
		default:
			text = "A001 报名 " + local
		}
	default:
		text, number = fmt.Sprintf("哈哈哈 %d", n), ""
	}
	if number != "" {
		f.said[number]++
	}
	msg := f.b.sim.Group(code).Says(member, text)
	f.noted[msg.ID] = hear
	if len(text) > longText/2 {
		f.long[msg.ID] = true
	}
}

// pour says all from one number to another, as fast as the daemon fetches it: the simulator holds no more than some
// thousand messages that were not fetched.
func (f *flood) pour(from, to int) {
	for n := from; n < to; n++ {
		f.say(n)
		if n%5000 == 4999 {
			f.drained(20_000)
			f.b.sim.Forget()
		}
	}
}

// drained waits until no account has more than that many messages that were not fetched.
func (f *flood) drained(most int) {
	f.t.Helper()
	f.b.until(10*time.Minute, func() bool {
		for i := range f.accounts {
			if f.b.sim.Account(fmt.Sprintf("a%02d", i+1)).Unfetched() > most {
				return false
			}
		}
		return true
	})
}

// read waits until the daemon has read every reply.
func (f *flood) read(n int) {
	f.t.Helper()
	f.drained(0)
	f.b.until(time.Minute+time.Duration(n)*10*time.Millisecond, func() bool {
		time.Sleep(100 * time.Millisecond)
		body := f.b.ask("/metrics")
		return strings.Contains(body, "\nchunfeng_oldest_unread_reply_seconds 0\n")
	})
}

// TestFloodOfReplies has residents say HUGE_REPLIES things at once, fifteen hundred else, to a real daemon on a real disk: as
// fast as it fetches them, in groups of one account and of two, with numbers and without, each twentieth a repetition, some
// of them 64 KiB long, with names of 5,000 characters, emoji, characters without a width and bytes that are no UTF-8. Each
// is in the ledger once for each account that heard it, each number in one sign-up or before a person, and the daemon's
// memory is no larger for ten times as many.
func TestFloodOfReplies(t *testing.T) {
	if testing.Short() {
		t.Skip("a flood takes some seconds")
	}
	n := huge(t, "HUGE_REPLIES", 1500)
	f := &flood{t: t, accounts: 3, groups: min(max(n/100, 60), 1500), shared: 12, filler: strings.Repeat("어제 본 드라마가 재미있었다 ", longText/40),
		said: map[string]int{}, hidden: map[string]bool{}, noted: map[string]int{}, long: map[string]bool{}}
	f.filler += strings.Repeat("啊", (longText-len(f.filler))/3)
	b := newBureau(t, f.accounts, f.groups, 12)
	f.b = b
	b.around(spoil)
	registry := "code,name,county,township,kind,language,tags,account\n"
	for i := range f.shared {
		code, name := fmt.Sprintf("S%04d", i), fmt.Sprintf("shared by two %d", i)
		registry += code + "," + name + ",延吉市,北山街道,urban,zh,,\n"
		g := b.sim.AddGroup(wxsim.GroupOptions{ID: code, Name: name, Count: 5})
		g.Join(b.sim.Account("a01"), true)
		g.Join(b.sim.Account("a02"), true)
	}
	file := filepath.Join(t.TempDir(), "shared.csv")
	if err := os.WriteFile(file, []byte(registry), 0o600); err != nil {
		t.Fatal(err)
	}
	b.run(nil, "group", "import", file)
	b.sim.OnPost(func(wxsim.Arrival) []wxsim.Saying { return nil })
	b.start()
	b.bound(f.groups + 2*f.shared)
	b.batch()
	w := b.wave()
	b.finished(w.ID)
	rest := status(b.serve.Process.Pid, "RssAnon")
	peak, stop := most(b.serve.Process.Pid)
	f.pour(0, n/10)
	f.read(n / 10)
	tenth := peak.Swap(0)
	f.pour(n/10, n)
	f.read(n)
	whole := peak.Load()
	stop()
	b.stop()
	const mib = 1 << 20
	if whole > tenth+mostMore || whole > mostOwn {
		t.Errorf("the daemon took %d MiB of its own at rest, %d with a tenth of the replies and %d with all: at most %d, and %d more than with a tenth",
			rest/mib, tenth/mib, whole/mib, mostOwn/mib, mostMore/mib)
	}
	numbers, accounts := f.judge()
	f.export(numbers)
	t.Logf("proof: %d replies at once in %d groups, heard %d times by %d accounts, %d of them of 64 KiB: each in the ledger once for each account", n, f.groups+f.shared, accounts, f.accounts, len(f.long))
	t.Logf("proof: %d numbers each in one sign-up, %d in what is too long to be read whole each before a person", numbers-len(f.hidden), len(f.hidden))
	t.Logf("proof: the daemon's own memory was %d MiB at rest, %d MiB at most with a tenth of them, %d MiB with all", rest/mib, tenth/mib, whole/mib)
}

// What the daemon may take of memory of its own while replies pour in, in bytes: at all, and more than while a tenth of them
// did. The latter is what is known again of sixty-five thousand messages, and the collector's room.
const (
	mostOwn  = 160 << 20
	mostMore = 64 << 20
)

// export has the sign-ups written to a file, as far as one answer holds so many.
func (f *flood) export(numbers int) {
	sheet := filepath.Join(f.t.TempDir(), "people.csv")
	out, err := f.b.command("signup", "export", sheet, "--purpose", "to call them").CombinedOutput()
	rows, _ := os.ReadFile(sheet)
	switch n := bytes.Count(rows, []byte("\n")); {
	case err != nil && numbers > 50_000 && strings.Contains(string(out), "more than 50000 entries"):
	case err != nil || n < numbers-len(f.hidden):
		f.t.Errorf("%d of %d people are in the export: %v %.500s", n, numbers, err, out)
	}
}

// judge holds the ledger against what was said, and answers how many numbers there were and how many times something was
// heard.
func (f *flood) judge() (numbers, times int) {
	t := f.t
	s, err := store.Open(store.Options{Dir: f.b.data})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if c, err := s.Check(t.Context()); err != nil || !c.OK {
		t.Errorf("the ledger is broken: %v %v", c.Broken, err)
	}
	signed := map[string]int{}
	if err := s.EachSignup(func(n store.Signup) bool { signed[n.Phone.Reveal()]++; return true }); err != nil {
		t.Fatal(err)
	}
	states, heard, before := map[string]int{}, map[string]int{}, map[string]bool{}
	for last := uint64(0); ; {
		page, err := s.Replies(false, last, 500)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range page {
			last = r.Number
			states[string(r.State)+" "+r.Review]++
			if f.noted[r.MsgID] > 0 {
				heard[r.MsgID]++
			}
			if r.State == store.ReplyReview {
				in, err := signup.Decode(r.Raw, "")
				if err != nil {
					t.Fatal(err)
				}
				if f.long[r.MsgID] && len(in.Text) < longText/2 {
					t.Errorf("R%d was %d bytes long and has %d", r.Number, longText, len(in.Text))
				}
				for number := range f.hidden {
					if strings.Contains(in.Text, strings.TrimPrefix(number, "+86")) {
						before[number] = true
					}
				}
			}
		}
		if len(page) < 500 {
			break
		}
	}
	if len(states) == 0 || states["new "]+states["waiting "] > 0 {
		t.Errorf("not every reply was read: %v", states)
	}
	wrong := 0
	complain := func(format string, args ...any) {
		if wrong++; wrong <= 20 {
			t.Errorf(format, args...)
		}
	}
	for id, accounts := range f.noted {
		times += accounts
		if heard[id] != accounts {
			complain("what %d accounts heard is %d times in the ledger", accounts, heard[id])
		}
	}
	for number := range f.said {
		if signed[number] != 1 && !(f.hidden[number] && before[number] && signed[number] == 0) {
			complain("%s was said %d times and is in %d sign-ups", number, f.said[number], signed[number])
		}
	}
	return len(f.said), times
}
