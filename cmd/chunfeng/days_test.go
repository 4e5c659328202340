package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"filippo.io/age"

	"chunfeng/bot"
	"chunfeng/bot/wxsim"
	"chunfeng/broadcast"
	"chunfeng/store"
)

// usage is what the program holds at a moment.
type usage struct {
	day        int
	goroutines int
	files      int   // open descriptors of the process
	heap       int64 // bytes that live after a collection
	database   int64 // bytes of the file up to its last page, as a copy has them
	folder     int   // files in the data folder and among the backups
	records    int   // deliveries and replies that are kept
}

// uses measures. Nothing may be under way but what waits.
func (tr *trial) uses(day int, folders ...string) (u usage) {
	tr.t.Helper()
	synctest.Wait()
	runtime.GC()
	runtime.GC() // what a finalizer let go
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	open, err := os.ReadDir("/proc/self/fd")
	tr.must(err)
	u = usage{day: day, goroutines: runtime.NumGoroutine(), files: len(open), heap: int64(m.HeapAlloc)}
	u.database, err = tr.app.store.Backup(io.Discard)
	tr.must(err)
	c, err := tr.app.store.Check(tr.t.Context())
	tr.must(err)
	if !c.OK {
		tr.t.Errorf("the ledger is broken: %v", c.Broken)
	}
	u.records = c.Deliveries + c.Replies
	for _, dir := range append(folders, tr.dir) {
		list, err := os.ReadDir(dir)
		tr.must(err)
		u.folder += len(list)
	}
	return u
}

// TestDaysGoBy lives DAYS days in one process on virtual time, sixteen else: each day a wave that is asked for and one of a
// schedule, sign-ups, withdrawals, questions and talk, an account that is logged out and in again, a backup, the erasing of
// what is past its retention, every so often a new key, and people who look at it all. From the time on when the first of it
// is past its retention, the program holds no goroutine, no file and no memory more at the end than before; the database
// grows by the records that are kept for good, and by no more.
func TestDaysGoBy(t *testing.T) {
	if testing.Short() {
		t.Skip("days of waves take some seconds")
	}
	days := 16
	if s := os.Getenv("DAYS"); s != "" {
		days, _ = strconv.Atoi(s)
	}
	if days < 16 {
		t.Fatalf("DAYS=%d: what is kept longest is past its time after seven, so that it takes sixteen to see anything", days)
	}
	defer debug.SetGCPercent(debug.SetGCPercent(400)) // what lives is measured after a collection, not what waits for one
	synctest.Test(t, func(t *testing.T) { daysGoBy(t, days) })
}

func daysGoBy(t *testing.T, days int) {
	const accounts, groups = 2, 24
	vault := t.TempDir()
	id, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	tr := newTrial(t, trialOptions{accounts: accounts, groups: groups, deaf: true, env: []string{
		"CHUNFENG_GROUP_DAILY_LIMIT=0", "CHUNFENG_PACING__WARM_UP=false", "CHUNFENG_PRIVACY__RETENTION=5d", "CHUNFENG_PRIVACY__KEY_PERIOD=4d",
		"CHUNFENG_BACKUP__FOLDER=" + vault, "CHUNFENG_BACKUP__RECIPIENTS=" + id.Recipient().String(), "CHUNFENG_BACKUP__KEEP=72h",
	}})
	said, signups := 0, 0
	tr.sim.OnPost(func(post wxsim.Arrival) []wxsim.Saying {
		// Once a day a group answers: to the wave that was asked for, which is the morning's.
		var n int
		hour := time.Now().UTC().Add(8 * time.Hour).Hour()
		if _, err := fmt.Sscanf(post.Group, "G%d", &n); err != nil || hour != 9 {
			return nil
		}
		text := ""
		tr.mu.Lock()
		defer tr.mu.Unlock()
		switch n % 3 {
		case 0:
			text = fmt.Sprintf("报名 A001 139%08d", signups)
			signups++
		case 1:
			text = "A002 工资多少？"
		case 2:
			text = fmt.Sprintf("오늘 날씨 좋네요 %d", said)
		}
		said++
		return []wxsim.Saying{{After: 2 * time.Hour, Text: text}}
	})
	tr.start()
	run := func(do func()) { tr.work.Go(do) }
	ctx, stop := context.WithCancel(context.Background())
	t.Cleanup(stop)
	run(func() { tr.app.expire(ctx) })
	run(func() { tr.app.watch().Run(ctx) })
	run(func() { tr.app.turnKeys(ctx) })
	run(func() { tr.app.backUpInTime(ctx) })
	tr.settled(time.Hour)
	p, err := tr.app.planner()
	tr.must(err)
	q, err := p.Queue(broadcast.Order{Plan: store.Plan{Batch: tr.batch}, Cron: "0 14 * * *"}, "kim")
	tr.must(err)
	_, err = tr.app.store.SetSchedule(q.Schedule.ID, "approved", q.Schedule.Hash, "li")
	tr.must(err)
	at := func(hour int) {
		now := time.Now().UTC().Add(8 * time.Hour)
		then := time.Date(now.Year(), now.Month(), now.Day(), hour, 0, 0, 0, time.UTC)
		if !then.After(now) {
			then = then.Add(24 * time.Hour)
		}
		time.Sleep(then.Sub(now))
		synctest.Wait()
	}
	// The first look is when nothing is left of the first days that is not kept for good.
	looks := []int{max(days/10, 8), max(days*3/10, 12), max(days*55/100, 16), days}
	var seen []usage
	for day := 1; day <= days; day++ {
		at(9)
		tr.push()
		at(16)
		tr.look()
		at(23)
		tr.sim.Account(accountName(day % accounts)).End([]int{1100, 1101, 1102}[day%3])
		gaps, err := tr.app.store.Gaps(true)
		tr.must(err)
		for _, g := range gaps {
			tr.must(tr.app.store.ReadGap(g.Number, "li"))
		}
		at(2)
		tr.settled(time.Hour)
		tr.relieve()
		tr.sim.Forget()
		if slices.Contains(looks, day) {
			u := tr.uses(day, vault)
			seen = append(seen, u)
			t.Logf("proof: day %d: %d goroutines, %d open files, %.2f MiB of live heap, %.1f MiB of database for %d deliveries and replies, %d files in its folders",
				u.day, u.goroutines, u.files, float64(u.heap)/(1<<20), float64(u.database)/(1<<20), u.records, u.folder)
		}
	}
	if !tr.over() {
		t.Error("a wave has not ended")
	}
	flat(t, seen)
	kept := 0
	tr.must(tr.app.store.EachSignup(func(store.Signup) bool { kept++; return true }))
	if kept != signups {
		t.Errorf("%d of %d sign-ups are in the ledger", kept, signups)
	}
	stop()
	tr.stop()
	c, err := store.Compact(t.Context(), tr.dir)
	tr.must(err)
	last := seen[len(seen)-1]
	if c.After > last.database {
		t.Errorf("a compaction made %d bytes of %d", c.After, last.database)
	}
	t.Logf("proof: %d days in one process: %d waves, %d things that residents said, %d sign-ups, %d log-ins by telephone", days, c.Checked.Waves, said, signups, tr.asked[string(bot.ShowCode)]+tr.asked[string(bot.ConfirmPhone)])
	t.Logf("proof: the database grew by %d bytes a record that is kept for good; a compaction makes %.1f MiB of it", (last.database-seen[0].database)/int64(last.records-seen[0].records), float64(c.After)/(1<<20))
}

// What may grow. Nothing does but the database, by the records that are kept for good, and what is remembered of each wave
// of this run, some hundred bytes.
const (
	moreGoroutines = 2         // the odd request that is under way
	moreFiles      = 1         // in the data folder, or open
	moreHeap       = 128 << 10 // where the collector happens to be
	heapADay       = 2 << 10   // bytes for two waves
	aRecord        = 1200      // bytes of database for a delivery or a reply, with its indexes and its lines of the trail
)

// flat holds later looks against the first.
func flat(t *testing.T, seen []usage) {
	t.Helper()
	first := seen[0]
	for _, u := range seen[1:] {
		if u.goroutines > first.goroutines+moreGoroutines {
			t.Errorf("day %d: %d goroutines, %d on day %d", u.day, u.goroutines, first.goroutines, first.day)
		}
		if u.files > first.files+moreFiles || u.folder > first.folder+moreFiles {
			t.Errorf("day %d: %d files open and %d in the folders, %d and %d on day %d", u.day, u.files, u.folder, first.files, first.folder, first.day)
		}
		if grown := u.heap - first.heap; grown > moreHeap+heapADay*int64(u.day-first.day) {
			t.Errorf("day %d: %d bytes of heap more than on day %d, %d a day", u.day, grown, first.day, grown/int64(u.day-first.day))
		}
		if grown := u.database - first.database; grown > aRecord*int64(u.records-first.records) {
			t.Errorf("day %d: %d bytes of database more than on day %d for %d records", u.day, grown, first.day, u.records-first.records)
		}
	}
}

// look has people look at what there is, as the console does.
func (tr *trial) look() {
	tr.t.Helper()
	for _, path := range []string{"/v1/today", "/v1/waves", "/v1/accounts", "/v1/signups", "/v1/replies?review=1", "/v1/doctor", "/v1/audit", "/metrics", "/v1/reports/season", "/v1/deliveries", "/v1/registry"} {
		w := httptest.NewRecorder()
		tr.app.watched(tr.app.Handler(), true).ServeHTTP(w, httptest.NewRequest(http.MethodGet, "http://chunfeng"+path, nil).WithContext(tr.t.Context()))
		if w.Code != http.StatusOK {
			tr.t.Errorf("%s: %d %s", path, w.Code, w.Body)
		}
	}
}
