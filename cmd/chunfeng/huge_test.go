package main

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"chunfeng/broadcast"
	"chunfeng/broadcast/intake"
	"chunfeng/config"
	"chunfeng/examples"
	"chunfeng/store"
	"chunfeng/templates/place"
)

// heapNow is what lies on the heap, garbage that was not collected yet included.
func heapNow() int64 {
	s := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(s)
	return int64(s[0].Value.Uint64())
}

// peakOf is how much more than before lies on the heap at most while do works.
func peakOf(do func()) int64 {
	runtime.GC()
	before := heapNow()
	quit, most := make(chan struct{}), make(chan int64)
	go func() {
		peak := int64(0)
		for {
			peak = max(peak, heapNow())
			select {
			case <-quit:
				most <- peak
				return
			case <-time.After(2 * time.Millisecond):
			}
		}
	}()
	do()
	close(quit)
	return max(<-most-before, 0)
}

// hugeLook is one thing that is done with a huge registry.
type hugeLook struct {
	what string
	page bool // it needs no more for ten times as many groups
	peak int64
	code int // the status of its answer; 0: it was no request
	head string
}

// answered is a response of which the beginning is kept, and the rest is thrown away as a slow reader's buffer is.
type answered struct {
	header http.Header
	code   int
	head   []byte
}

func (a *answered) Header() http.Header { return a.header }

func (a *answered) WriteHeader(code int) { a.code = code }

func (a *answered) Write(p []byte) (int, error) {
	if a.code == 0 {
		a.code = http.StatusOK
	}
	a.head = append(a.head, p[:min(len(p), 500-len(a.head))]...)
	return len(p), nil
}

// hugeRegistry registers n groups, plans and opens a wave to all of them, and looks at everything that people look at.
func hugeRegistry(t *testing.T, n int) (out []hugeLook) {
	app, err := New(Options{Settings: config.Options{Env: []string{"CHUNFENG_QUIET_HOURS="}}, Data: t.TempDir(), Log: zerolog.Nop()})
	if err != nil {
		t.Fatal(err)
	}
	defer app.Close()
	runtime.GC()
	began := heapNow()
	s := app.store
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	const accounts = 12
	for i := range accounts {
		_, err := s.AddAccount(accountName(i), "", "kim")
		must(err)
	}
	step := func(what string, do func()) { out = append(out, hugeLook{what: what, peak: peakOf(do)}) }
	ask := func(page bool, method, path string, body io.Reader) {
		w := &answered{header: http.Header{}}
		peak := peakOf(func() {
			app.watched(app.Handler(), true).ServeHTTP(w, httptest.NewRequest(method, "http://chunfeng"+path, body).WithContext(t.Context()))
		})
		out = append(out, hugeLook{method + " " + path, page, peak, w.code, string(w.head)})
	}
	counties := place.All()
	step("import", func() {
		list := make([]store.Group, 0, intake.MaxRows)
		for i := range n {
			list = append(list, store.Group{Code: fmt.Sprintf("G%07d", i+1), Name: fmt.Sprintf("연변 취업 %07d 招工", i+1), Language: []string{"ko", "zh", "both"}[i%3],
				County: counties[i%8].Code, Account: accountName(i * accounts / n)})
			if len(list) == cap(list) || i == n-1 {
				_, err := s.PutGroups(list, "kim")
				must(err)
				list = list[:0]
			}
		}
	})
	data, err := examples.FS.ReadFile(examples.Batch1)
	must(err)
	read, err := intake.ReadBatch(examples.Batch1, data, intake.Options{})
	must(err)
	batch, _, err := s.AddBatch(store.Batch{Name: "first", FileName: examples.Batch1, FileHash: read.FileHash, Employers: read.Employers}, read.Items, "kim")
	must(err)
	_, err = s.ApproveBatch(batch.ID, "li")
	must(err)
	var q broadcast.Queued
	step("plan", func() {
		p, err := app.planner()
		must(err)
		q, err = p.Queue(broadcast.Order{Plan: store.Plan{Batch: batch.ID, Hold: time.Hour}}, "kim")
		must(err)
	})
	step("open", func() {
		_, err = s.ApproveWave(q.Wave.ID, q.Wave.Hash, "li", true)
		must(err)
		w, err := s.OpenWave(q.Preview.Opening(q.Wave.ID, time.Now().Add(time.Hour)))
		must(err)
		if w.Counts[store.Planned] != n {
			t.Errorf("%d of %d groups are planned", w.Counts[store.Planned], n)
		}
	})
	q = broadcast.Queued{} // a daemon lets go of it too
	for _, path := range []string{
		"/v1/today", "/v1/registry", "/v1/registry?q=0000777", "/v1/registry/coverage", "/v1/groups/G0000001", "/v1/audience?county=yanji", "/v1/audience/names",
		"/v1/waves", "/v1/waves/2026-001", "/v1/waves/2026-001/progress", "/v1/deliveries?wave=2026-001", "/v1/deliveries?wave=2026-001&state=planned&county=helong",
		"/v1/check", "/v1/doctor", "/v1/accounts", "/metrics", "/v1/registry/export?form=csv", "/v1/deliveries/export?wave=2026-001&form=csv",
	} {
		ask(true, http.MethodGet, path, nil)
	}
	for _, path := range []string{
		"/v1/groups", "/v1/reports/wave/2026-001", "/v1/reports/season", "/v1/registry/export?form=xlsx", "/v1/deliveries/export?wave=2026-001&form=xlsx",
		"/v1/reports/wave/2026-001/export?form=xlsx",
	} {
		ask(false, http.MethodGet, path, nil)
	}
	const head = "code,name,county,township,kind,language,tags,account\n"
	rows := strings.Repeat("Q1,one more,延吉市,北山街道,urban,zh,,\n", intake.MaxRows+1)
	ask(true, http.MethodPost, "/v1/groups?name=many.csv", strings.NewReader(head+rows))
	ask(true, http.MethodPost, "/v1/groups?name=large.csv", io.MultiReader(strings.NewReader(head), strings.NewReader(strings.Repeat(rows, intake.MaxBytes/len(rows)+1))))
	runtime.GC()
	out = append(out, hugeLook{what: "held by the program afterwards", peak: heapNow() - began})
	return out
}

// What a huge registry may take, in bytes of heap, the garbage of the moment included: where all groups are gone through at
// once, so much and so much a group; for a page, so much more than with a tenth of the groups.
const (
	hugeMost  = 64 << 20
	hugeGroup = 96
	hugeMore  = 48 << 20
)

// TestHugeRegistry registers HUGE_GROUPS groups, twenty thousand else, and a tenth of that, and has everything done with them
// that staff do: each is answered, or refused in a sentence, within a bounded memory.
func TestHugeRegistry(t *testing.T) {
	n := huge(t, "HUGE_GROUPS", 20_000)
	defer debug.SetGCPercent(debug.SetGCPercent(25)) // what is needed is looked for, not what a lazy collector leaves
	runtime.GC()
	before := heapNow()
	tenth, all := hugeRegistry(t, n/10), hugeRegistry(t, n)
	runtime.GC()
	if left := heapNow() - before; left > 8<<20 {
		t.Errorf("%d MiB are held when all is over", left>>20)
	}
	pages, wholes, refused := int64(0), int64(0), 0
	for i, l := range all {
		t.Logf("%s: %.1f MiB, %.1f with a tenth, %d", l.what, float64(l.peak)/(1<<20), float64(tenth[i].peak)/(1<<20), l.code)
		switch {
		case l.code == 0 || l.code == http.StatusOK:
		case l.code < 500 && strings.Contains(l.head, `"key":"`) && (strings.Contains(l.what, "POST") || l.what == "GET /v1/groups"):
			refused++
		default:
			t.Errorf("%s: %d %s", l.what, l.code, l.head)
		}
		if wholes = max(wholes, l.peak); l.peak > hugeMost+hugeGroup*int64(n) {
			t.Errorf("%s takes %d MiB", l.what, l.peak>>20)
		}
		if l.page {
			if pages = max(pages, l.peak); l.peak > tenth[i].peak+hugeMore {
				t.Errorf("%s takes %d MiB, and %d with a tenth of the groups", l.what, l.peak>>20, tenth[i].peak>>20)
			}
		}
	}
	t.Logf("proof: %d groups registered, a wave planned and opened to all of them, and %d pages, reports and exports asked for: %d refused in a sentence, the others answered", n, len(all)-4, refused)
	t.Logf("proof: at most %d MiB of heap for what goes through all groups at once, at most %d MiB for a page or a stream", wholes>>20, pages>>20)
}
