package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rs/zerolog"

	"chunfeng/bot/phone"
	"chunfeng/bot/signup"
	"chunfeng/bot/wxsim"
	"chunfeng/cmd/chunfeng/api"
	"chunfeng/config"
	"chunfeng/store"
)

// spellings are the ways in which a season's residents write a number of eleven digits.
var spellings = []func(string) string{
	func(n string) string { return n },
	func(n string) string { return n[:3] + "-" + n[3:7] + "-" + n[7:] },
	func(n string) string { return n[:3] + " " + n[3:7] + " " + n[7:] },
	func(n string) string { return "+86 " + n },
	func(n string) string { return n[:3] + "." + n[3:7] + "." + n[7:] },
	wide,
}

// wide writes digits as a Chinese keyboard's full-width ones.
func wide(n string) string {
	return strings.Map(func(r rune) rune { return r - '0' + '０' }, n)
}

// marker stands in every message of a resident: where it is found, a raw message was kept or told.
const marker = "请快点联系我"

// mobile is what looks like a mobile number, in any of the spellings, once full-width digits are folded.
var mobile = regexp.MustCompile(`(?:^|[^0-9a-zA-Z])1[3-9][0-9][-. ]?[0-9]{4}[-. ]?[0-9]{4}(?:[^0-9a-zA-Z]|$)`)

// leaks lists what of the residents stands in some bytes: a number in any spelling, whole or its last eight digits, or the
// words of a message. shown tells that it is what staff are shown: words may be in it, with nothing that even looks like a
// number.
func leaks(b []byte, numbers []string, shown bool) (out []string) {
	if !shown && bytes.Contains(b, []byte(marker)) {
		out = append(out, "the words of a message")
	}
	for _, n := range numbers {
		tail := n[3:]
		for _, shape := range []string{n, tail, n[3:7] + "-" + n[7:], n[3:7] + " " + n[7:], n[3:7] + "." + n[7:], wide(tail)} {
			if bytes.Contains(b, []byte(shape)) {
				out = append(out, shape)
			}
		}
	}
	if shown {
		folded := strings.Map(func(r rune) rune {
			if r >= '０' && r <= '９' {
				return r - '０' + '0'
			}
			return r
		}, string(b))
		for _, found := range mobile.FindAllString(folded, 3) {
			out = append(out, "what looks like a number: "+found)
		}
	}
	return out
}

// TestNoNumberLeaks plays a season against the simulator with a daemon that logs everything, is killed once and made to dump
// its goroutines at the end, while people look at whatever they may without saying what for; and looks for any resident's
// number, and any resident's words, in everything that came out and in the database's file.
func TestNoNumberLeaks(t *testing.T) {
	b := newBureau(t, 2, 60, 11)
	var mu sync.Mutex
	var numbers []string
	b.sim.OnPost(func(a wxsim.Arrival) []wxsim.Saying {
		var n int
		if _, err := fmt.Sscanf(a.Group, "K%d", &n); err != nil || n%2 != 0 || !strings.Contains(a.Text, "A001") {
			return nil
		}
		number := fmt.Sprintf("1394433%04d", 1000+n)
		mu.Lock()
		numbers = append(numbers, number)
		mu.Unlock()
		spelled := spellings[n/2%len(spellings)](number)
		text := "报名 A001 金花 " + spelled + " " + marker
		switch n / 2 % 5 {
		case 3:
			text = "我12岁 报名 A001 " + spelled + " " + marker // a child
		case 4:
			text = spelled + " 是谁的电话 " + marker // for a person to look at, or talk
		}
		return []wxsim.Saying{{Text: text, After: 5 * time.Millisecond}}
	})
	log := b.data + ".log"
	start := func() *exec.Cmd {
		f, err := os.OpenFile(log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		b.serve = exec.Command(b.exe, "--data", b.data, "serve", "--log-level", "debug")
		b.serve.Env, b.serve.Stderr, b.serve.Stdout = append(b.env, "GOTRACEBACK=all"), f, f
		if err := b.serve.Start(); err != nil {
			t.Fatal(err)
		}
		serve := b.serve
		t.Cleanup(func() { serve.Process.Kill(); serve.Wait() })
		return serve
	}
	start()
	b.online()
	bound := func() bool {
		var all []api.Account
		b.run(&all, "account", "list")
		return len(all) == 2 && all[0].Groups+all[1].Groups == 60
	}
	b.until(30*time.Second, bound)
	book := filepath.Join(t.TempDir(), "batch.csv")
	if err := os.WriteFile(book, []byte("用人单位,岗位,工资,县市\n长白山梨园饭店,服务员,4000-5000,延吉市\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	b.run(nil, "batch", "import", book, "--name", "spring")
	b.run(nil, "batch", "approve", "A")
	var w api.Wave
	b.run(&w, "wave", "queue", "A")
	b.run(nil, "wave", "approve", w.ID, "--hash", w.Hash)
	time.Sleep(300 * time.Millisecond)
	b.kill() // in the middle of it
	start()
	b.online()
	b.until(60*time.Second, func() bool {
		b.run(&w, "wave", "show", w.ID)
		if w.State == store.WavePaused && w.Why == "broadcast.trouble" {
			b.run(nil, "wave", "resume", w.ID)
		}
		return w.State == store.WaveFinished || w.State == store.WaveFailures
	})
	var people []api.Signup
	b.until(30*time.Second, func() bool {
		b.run(&people, "signup", "list")
		return len(people) >= 15
	})
	// What people may look at without a purpose, as JSON and as they see it, and what is refused without one.
	said := map[string][]byte{}
	for _, args := range [][]string{
		{"signup", "list"}, {"signup", "show", people[0].ID}, {"reply", "list"}, {"reply", "list", "--review"}, {"reply", "show", "R1"}, {"reply", "show", "R5"},
		{"wave", "list"}, {"wave", "show", w.ID}, {"delivery", "list", "--wave", w.ID}, {"delivery", "list", "--wave", "answers"}, {"report", "wave", w.ID}, {"report", "season"},
		{"group", "show", "K0000"}, {"group", "history", "K0000"}, {"gap", "list"}, {"audit", "list"}, {"doctor"}, {"check"}, {"subject", "affected", "--since", "2020-01-01"},
		{"signup", "export", filepath.Join(t.TempDir(), "none.csv")}, {"signup", "show", people[0].ID, "--reveal"}, {"key", "rotate"}, {"key", "status"}, {"config", "print"},
	} {
		for _, form := range [][]string{{"--json"}, {"--lang", "ko"}} {
			cmd := exec.Command(b.exe, append(append([]string{"--data", b.data}, form...), args...)...)
			cmd.Env = b.env
			out, _ := cmd.CombinedOutput() // some are refused: that is looked at as well
			said[strings.Join(append(args, form[0]), " ")] = out
		}
	}
	// Somebody sees one number, for a reason with the number in it: the trail has the reason without.
	b.run(nil, "signup", "show", people[0].ID, "--reveal", "--purpose", "to call "+spellings[1](numbers[0]))
	trail := exec.Command(b.exe, "--data", b.data, "--json", "audit", "list")
	trail.Env = b.env
	said["the trail after a reveal"], _ = trail.Output()
	if !bytes.Contains(said["the trail after a reveal"], []byte("to call ")) {
		t.Errorf("the reveal is not in the trail: %s", said["the trail after a reveal"])
	}
	said["/metrics"] = overSocket(t, filepath.Join(b.data, socketName), "/metrics")
	if len(said["/metrics"]) < 500 {
		t.Errorf("/metrics says %q", said["/metrics"])
	}
	// A crash dump.
	b.serve.Process.Signal(syscall.SIGQUIT)
	b.serve.Wait()
	dump, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(dump, []byte("goroutine ")) || !bytes.Contains(dump, []byte(`"level":"debug"`)) && !bytes.Contains(dump, []byte("DBG")) {
		t.Errorf("there is no dump, or no debug line, in %d bytes", len(dump))
	}
	said["the log and the dump"] = dump
	mu.Lock()
	defer mu.Unlock()
	looked := 0
	for name, out := range said {
		looked += len(out)
		shown := name != "the log and the dump" && name != "/metrics" // a dump is full of digits
		for _, l := range leaks(out, numbers, shown) {
			t.Errorf("%s tells %s", name, l)
		}
	}
	files, err := filepath.Glob(filepath.Join(b.data, "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		info, err := os.Stat(file)
		if err != nil || !info.Mode().IsRegular() {
			continue
		}
		bytes, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		looked += len(bytes)
		for _, l := range leaks(bytes, numbers, false) {
			t.Errorf("%s holds %s", filepath.Base(file), l)
		}
	}
	if len(numbers) < 30 {
		t.Errorf("only %d residents wrote", len(numbers))
	}
	t.Logf("proof: %d residents wrote their numbers in %d spellings", len(numbers), len(spellings))
	t.Logf("proof: %d outputs of commands, the metrics, a log at debug level with a kill and a dump of all goroutines, and every file of the data folder: %d bytes with no number in them; and no message but where staff read it masked", len(said), looked)
}

// overSocket asks the daemon's socket for a path.
func overSocket(t *testing.T, socket, path string) []byte {
	t.Helper()
	transport := dialDaemon(socket)
	if transport == nil {
		t.Fatal("nothing listens on", socket)
	}
	defer transport.CloseIdleConnections()
	res, err := (&http.Client{Transport: transport}).Get("http://chunfeng" + path)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestTwoHundredDays lives two hundred days of sign-ups and doubtful messages on virtual time, with ten days in which the
// program did not run: each day nothing is left that is past its retention, and who saw what when stays for good.
func TestTwoHundredDays(t *testing.T) {
	const days, kept = 200, 60
	synctest.Test(t, func(t *testing.T) {
		a, err := New(Options{Settings: config.Options{Env: []string{"CHUNFENG_PRIVACY__RETENTION=60d"}}, Data: t.TempDir(), Log: zerolog.Nop()})
		if err != nil {
			t.Fatal(err)
		}
		defer a.Close()
		s := a.store
		must := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		_, err = s.AddAccount("a01", "", "t")
		must(err)
		_, err = s.StartSession("a01", "e1", 5, "nick")
		must(err)
		_, err = s.PutGroups([]store.Group{{Code: "G1", Name: "g", Language: "zh"}}, "t")
		must(err)
		must(s.Bind("a01", "e1", store.Binding{Group: 1, UserName: "@@1", State: store.Bound, Evidence: "name"}))
		run := func() (stop func()) {
			ctx, cancel := context.WithCancel(t.Context())
			gone := make(chan struct{})
			go func() { defer close(gone); a.expire(ctx) }()
			return func() { cancel(); <-gone }
		}
		stop := run()
		total, erased, revealed := 0, 0, 0
		hear := func(id, text string) uint64 {
			raw, err := json.Marshal(map[string]any{"MsgId": id, "FromUserName": "@@1", "MsgType": 1, "Content": "@a:<br/>" + text, "CreateTime": time.Now().Unix()})
			must(err)
			_, err = s.Receive("a01", "e1", []store.Inbound{{MsgID: id, UserName: "@@1", Raw: raw}}, []byte(id))
			must(err)
			all, err := s.Replies(false, 0, 1)
			must(err)
			return all[0].Number
		}
		for day := range days {
			for i := range 3 {
				n := 3*day + i
				p, err := phone.Parse(fmt.Sprintf("1394433%04d", n))
				must(err)
				r := hear(fmt.Sprint("s", n), "报名 "+p.RevealNational())
				_, err = s.Register(r, store.Disposition{State: store.ReplyDone, Intent: "signup", Group: 1, Signups: []store.Signup{{Group: 1, Name: "金花", Phone: p, Batch: "A"}},
					Answer: &store.Answer{Group: 1, Account: "a01", Notice: "notice", Content: store.Content{Kind: store.Text, Body: []byte("金花，已收到")}}})
				must(err)
				total++
			}
			_, err := s.Register(hear(fmt.Sprint("d", day), "13944330000 是谁的"), store.Disposition{State: store.ReplyReview, Review: "no_signup_words", Group: 1})
			must(err)
			hear(fmt.Sprint("u", day), "nobody reads this 13944330000")
			must(s.Revealed(fmt.Sprintf("N%d", total), "to call", "li", uint64(total)))
			revealed++
			switch day {
			case 100:
				stop() // the program is down
			case 110:
				stop = run()
			}
			time.Sleep(24 * time.Hour)
			synctest.Wait()
			if day >= 100 && day < 110 {
				continue
			}
			oldest := time.Now().Add(-(kept + 1) * 24 * time.Hour)
			erased = 0
			must(s.EachSignup(func(n store.Signup) bool {
				if gone := n.Phone.IsZero() && n.Name == ""; n.At.Before(oldest) && !gone {
					t.Fatalf("day %d: %s of %s is still kept", day, n.ID, n.At)
				} else if gone {
					erased++
				} else if n.At.After(time.Now().Add(-kept*24*time.Hour)) != !gone && n.At.After(oldest.Add(48*time.Hour)) {
					t.Fatalf("day %d: %s of %s is gone too early", day, n.ID, n.At)
				}
				return true
			}))
			must(s.EachMessage(func(r store.Reply) bool {
				if r.At.Before(oldest) {
					t.Fatalf("day %d: the words of R%d of %s are still kept (%s)", day, r.Number, r.At, r.State)
				}
				return true
			}))
		}
		stop()
		shown := 0
		for n := range total {
			lines, err := s.Shown(uint64(n + 1))
			must(err)
			shown += len(lines)
		}
		if shown != revealed || erased < 3*(days-kept-2) {
			t.Errorf("%d of %d reveals are known; %d of %d sign-ups erased", shown, revealed, erased, total)
		}
		v, err := s.VerifyAudit(t.Context())
		if err != nil || !v.OK {
			t.Errorf("the trail: %+v %v", v, err)
		}
		daily, err := s.Events(store.EventFilter{What: "retention.erase", Limit: 500})
		must(err)
		if len(daily.Events) < days-kept-15 {
			t.Errorf("%d days' deeds are in the trail", len(daily.Events))
		}
		c, err := s.Check(t.Context())
		if err != nil || !c.OK {
			t.Errorf("%v %v", c.Broken, err)
		}
		t.Logf("proof: %d days with ten days' downtime, %d sign-ups and %d messages: each day nothing older than %d days was readable", days, total, total+2*days, kept)
		t.Logf("proof: all %d records of who saw a number are still there, and the trail of %d lines verifies", shown, v.Lines)
	})
}

// TestHoldsReadsEverySpelling holds the test for a number in a message against the ways in which people write it.
func TestHoldsReadsEverySpelling(t *testing.T) {
	p, err := phone.Parse("13944331234")
	if err != nil {
		t.Fatal(err)
	}
	for _, spell := range spellings {
		raw, _ := json.Marshal(map[string]any{"MsgType": 1, "Content": "@a:<br/>报名 " + spell("13944331234")})
		if !signup.Holds(p)(raw) {
			t.Errorf("%s is not found", raw)
		}
	}
	if raw, _ := json.Marshal(map[string]any{"MsgType": 1, "Content": "@a:<br/>报名 13944331235"}); signup.Holds(p)(raw) {
		t.Error("another number is taken for it")
	}
}
