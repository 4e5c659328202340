package bot_test

import (
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"chunfeng/bot"
	"chunfeng/bot/wxsim"
	"chunfeng/store"
)

// TestAWeek lives through days of the ordinary: sessions that end after hours, nights in which every answer is
// broken, a server that errs now and then, groups that are renamed, a program that is restarted. Each message that was
// said must be in the ledger once, or fall into a gap that staff are shown. CHUNFENG_TEST_SEEDS tries more of them.
func TestAWeek(t *testing.T) {
	if testing.Short() {
		t.Skip("a week takes seconds")
	}
	more, _ := strconv.ParseUint(os.Getenv("CHUNFENG_TEST_SEEDS"), 10, 16)
	for seed := uint64(1); seed <= 1+more; seed++ {
		live(t, setup{groups: 40, sim: wxsim.Options{Seed: seed}, before: func(w *world) {
			w.faults("session.life;session.midnight:from=2,to=3,on=sync;wire.502:p=0.01;wire.cut_after:p=0.005,on=sync;" +
				"sync.duplicate:p=0.1;sync.redeliver:p=0.1;sync.wrong_type:p=0.02;sync.minus1:p=0.01;login.html:p=0.1;" +
				"batch.dropped:p=0.02;contact.page:size=11;send.echo:p=0.5;send.cut_after:p=0.02;churn.rename:every=6h")
		}}, func(w *world) {
			w.settled()
			type saying struct {
				at   time.Time
				text string
			}
			var said []saying
			sent := map[string]int{} // by text: the most that may have arrived
			end := time.Now().Add(7 * 24 * time.Hour)
			for i := 0; time.Now().Before(end); i++ {
				s := saying{time.Now(), fmt.Sprintf("말 %05d 끝", i)}
				w.sim.Group(gid(i%40)).Says("", s.text)
				said = append(said, s)
				if i%5 == 0 && w.acct.Sender().Ready(w.group(gid(i%40)).Number) == nil {
					text := fmt.Sprintf("%s 통보 %d", gid(i%40), i)
					_, _ = w.send(gid(i%40), text)
					sent[text] = 1
				}
				if i%700 == 699 {
					w.stop()
					time.Sleep(time.Duration(i%11) * time.Minute)
					w.start()
				}
				if rec, err := w.store.Account("a1"); err != nil || rec.State == store.AccountStopped {
					// A session that ended right after a send waits for a person.
					if _, err := w.store.ChangeAccount("a1", "staff", "account.resume", func(a *store.Account) error {
						a.State, a.Why = store.AccountOffline, ""
						return nil
					}); err != nil {
						t.Fatal(err)
					}
				}
				time.Sleep(11 * time.Minute)
			}
			w.until("online in the end", 2*time.Hour, func() bool { return w.online() && w.acct.State().Settled })
			time.Sleep(10 * time.Minute)

			heard := map[string]int{}
			for _, r := range w.replies() {
				var m struct{ Content string }
				if err := json.Unmarshal(r.Raw, &m); err != nil {
					t.Fatal(err)
				}
				_, text, _ := strings.Cut(m.Content, ":<br/>")
				heard[text]++
			}
			gaps := w.gaps()
			lost, unexplained := 0, 0
			for _, s := range said {
				if n := heard[s.text]; n > 1 {
					t.Errorf("seed %d: %q is there %d times", seed, s.text, n)
				} else if n == 1 {
					continue
				}
				lost++
				in := false
				for _, g := range gaps {
					// A gap is known to the second, as the server's clock is.
					in = in || !s.at.Before(g.From.Add(-time.Second)) && !s.at.After(g.To.Add(time.Second)) && len(g.Groups) > 30
				}
				if !in {
					unexplained++
					t.Errorf("seed %d: %q of %v is lost and in no gap", seed, s.text, s.at)
				}
			}
			for _, a := range w.sim.Arrivals() {
				if !strings.HasPrefix(a.Text, a.Group+" ") {
					t.Errorf("seed %d: %q reached %s", seed, a.Text, a.Group)
				}
				if sent[a.Text]--; sent[a.Text] < 0 {
					t.Errorf("seed %d: %q arrived twice", seed, a.Text)
				}
			}
			for _, a := range w.sim.Report().Accounts {
				if a.DeviceChanges > 0 || a.SyncChecks > 5 {
					t.Errorf("seed %d: %+v", seed, a)
				}
			}
			t.Logf("seed %d: %d sessions, %d gaps, %d of %d messages in them, %d posts, %d codes, %d confirmations, %d synccheck", seed,
				w.count(bot.Online), len(gaps), lost, len(said), len(sent), w.count(bot.ShowCode), w.count(bot.ConfirmPhone), w.requests("synccheck"))
		})
	}
}
