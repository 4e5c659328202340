package wxsim_test

import (
	"fmt"
	"net/http"
	"net/http/cookiejar"
	"runtime"
	"strings"
	"testing"
	"time"

	"chunfeng/bot/wxsim"
)

func newJar() http.CookieJar {
	jar, _ := cookiejar.New(nil)
	return jar
}

// TestTheWholePrefectureIsSmall holds the memory of 2,971 groups of 30 to 59 people, each with two accounts, after two
// waves, to 60 MB. The contents are told apart by their group, so that none is shared.
func TestTheWholePrefectureIsSmall(t *testing.T) {
	before := heap()
	sim := wxsim.New(wxsim.Options{Seed: 1, AutoScan: true, ScanDelay: time.Microsecond})
	defer sim.Close()
	var rs []*raw
	for i := range 12 {
		sim.AddAccount(fmt.Sprintf("a%02d", i), wxsim.AccountOptions{})
	}
	accts := sim.Accounts()
	for i := range 2971 {
		g := sim.AddGroup(wxsim.GroupOptions{Name: fmt.Sprintf("연변 취업 %04d", i), Count: 30 + i%30})
		g.Join(accts[i%12], true)
		g.Join(accts[(i+5)%12], true)
	}
	for range accts {
		rs = append(rs, (&raw{t: t, sim: sim, http: &http.Client{Transport: sim.Transport(), Jar: newJar()}}).login())
	}
	text := strings.Repeat("용접공 모집, 급여 상담. A017 훈춘. ", 20)
	for _, r := range rs {
		for i, room := range r.rooms {
			r.send(room, fmt.Sprint(text, i))
		}
	}
	rs = nil
	used := heap() - before
	t.Logf("%.1f MB with %d arrivals", float64(used)/1e6, len(sim.Arrivals()))
	if used > 60e6 {
		t.Errorf("%.1f MB, want at most 60", float64(used)/1e6)
	}
	if n := len(sim.Arrivals()); n != 2*2971 {
		t.Errorf("%d arrivals", n)
	}
}

func heap() int64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// BenchmarkSend is one text through the transport, with the client's work on it.
func BenchmarkSend(b *testing.B) {
	sim := wxsim.New(wxsim.Options{Seed: 1, AutoScan: true, ScanDelay: time.Microsecond})
	defer sim.Close()
	a := sim.AddAccount("a01", wxsim.AccountOptions{})
	for i := range 500 {
		sim.AddGroup(wxsim.GroupOptions{Name: fmt.Sprint(i), Count: 40}).Join(a, true)
	}
	r := (&raw{t: b, sim: sim, http: &http.Client{Transport: sim.Transport(), Jar: newJar()}}).login()
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		r.send(r.rooms[i%500], "초빙 A017")
	}
}
