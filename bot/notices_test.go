package bot_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"chunfeng/bot"
	"chunfeng/broadcast"
	"chunfeng/store"
)

// wave opens a wave with one text for each of the groups and lets it run.
func (w *world) wave(text string, codes ...string) {
	w.t.Helper()
	s := w.store
	b, _, err := s.AddBatch(store.Batch{Name: "첫 묶음", FileHash: text}, nil, "test")
	if err != nil {
		w.t.Fatal(err)
	}
	if _, err := s.ApproveBatch(b.ID, "test"); err != nil {
		w.t.Fatal(err)
	}
	v, _, err := s.AddWave(store.Wave{Schedule: "S1", At: time.Now(), Hash: "h", Plan: store.Plan{Batch: b.ID}}, "test")
	if err != nil {
		w.t.Fatal(err)
	}
	if _, err := s.ApproveWave(v.ID, "h", "boss", false); err != nil {
		w.t.Fatal(err)
	}
	body := []byte(text)
	hash := store.HashContent(store.Text, "", body)
	if _, err := s.OpenWave(store.Opening{
		Wave: v.ID, Hash: "h", Contents: []store.Content{{Kind: store.Text, Body: body}},
		Rows: func(yield func(store.Row) bool) {
			for _, c := range codes {
				if !yield(store.Row{Group: w.group(c).Number, Account: "a1", Content: hash, Kind: store.Text}) {
					return
				}
			}
		},
	}); err != nil {
		w.t.Fatal(err)
	}
}

// lane claims, sends and settles the next delivery, as a lane does.
func (w *world) lane() store.Delivery {
	w.t.Helper()
	d, found, _, err := w.store.Next("a1", true, time.Now())
	if err != nil || !found {
		w.t.Fatal("nothing to send", err)
	}
	d, at, err := w.store.Claim(d, 0, nil)
	if err != nil {
		w.t.Fatal(err)
	}
	c, err := w.store.Content(d.Content)
	if err != nil {
		w.t.Fatal(err)
	}
	r, err := w.acct.Sender().Send(context.Background(), broadcast.Message{ClientID: at.ClientID, Group: d.Group, Kind: c.Kind, Text: string(c.Body), Hash: c.Hash})
	out := store.Settlement{Outcome: store.Taken, ServerID: r.ServerID}
	if err != nil {
		var se *broadcast.SendError
		out = store.Settlement{Outcome: store.NotKnown, Detail: err.Error()}
		if errors.As(err, &se) {
			out.Reason = se.Reason
			if se.Certain {
				out.Outcome = store.Refused
			}
		}
	}
	if d, err = w.store.Settle(d.Wave, d.Seq, at.ClientID, out); err != nil {
		w.t.Fatal(err)
	}
	return d
}

func (w *world) state(d store.Delivery) store.State {
	w.t.Helper()
	list, err := w.store.History(d.Group, time.Time{})
	if err != nil || len(list) != 1 {
		w.t.Fatal(list, err)
	}
	return list[0].State
}

func TestAnEchoProvesWhatIsUnknown(t *testing.T) {
	for _, c := range []struct {
		why, faults string
		settled     store.State
		then        store.State
	}{
		{"accepted, and the echo confirms it at once", "send.echo:delay=1s-2s", store.Accepted, store.Sent},
		{"accepted, and the echo is quicker than the answer", "send.echo:delay=0s-0s;send.slow:delay=5s", store.Accepted, store.Sent},
		{"the answer was lost, and the echo proves it", "send.echo:delay=1s-2s;send.cut_after:times=1", store.Unknown, store.Sent},
		{"the answer is late, and the echo came long before the timeout", "send.echo:delay=1s-2s;send.slow:times=1", store.Unknown, store.Sent},
		{"an acceptance without an id, and the echo proves it", "send.echo:delay=1s-2s;send.no_msgid:times=1", store.Unknown, store.Sent},
		{"the answer was lost and no echo comes: it stays unknown", "send.cut_after:times=1", store.Unknown, store.Unknown},
	} {
		t.Run(c.why, func(t *testing.T) {
			live(t, setup{groups: 3}, func(w *world) {
				w.settled()
				w.faults(c.faults)
				w.wave("용접공 <3명> & 🔥\n훈춘", gid(0), gid(1))
				d := w.lane()
				if d.State != c.settled {
					t.Fatalf("settled as %v", d.State)
				}
				time.Sleep(time.Minute)
				if got := w.state(d); got != c.then {
					t.Errorf("then %v, want %v", got, c.then)
				}
				left, err := w.store.NextReplies(store.ForAccount, "a1", 0, 10)
				if err != nil || len(left) != 0 {
					t.Errorf("%d notices left over, %v", len(left), err)
				}
			})
		})
	}
}

// TestTheNoticeIsTold: "sent too often" in a chat is told with the time at which the server said it, once the send that it may be
// about is settled, and again until it was dealt with.
func TestTheNoticeIsTold(t *testing.T) {
	const usual = "send.ret0_notice:delay=2s-3s,times=1"
	for _, c := range []struct {
		why    string
		faults string
		fails  int           // so often it cannot be dealt with
		late   time.Duration // the account is brought it after so long
	}{
		{"at once", usual, 0, 0},
		{"the notice is quicker than the answer", "send.ret0_notice:delay=0s-0s,times=1;send.slow:delay=5s,times=1", 0, 0},
		{"and is told again when it could not be dealt with", usual, 2, 0},
		{"a session that brings nothing brings it hours later", usual + ";session.silent:idle=1s", 0, 3 * time.Hour},
	} {
		t.Run(c.why, func(t *testing.T) {
			var w *world
			var mu sync.Mutex
			var told []broadcast.Notice
			var found []store.State
			o := bot.Options{TooOften: func(n broadcast.Notice) error {
				mu.Lock()
				defer mu.Unlock()
				told = append(told, n)
				if len(told) <= c.fails {
					return errors.New("the disk is full")
				}
				list, err := w.store.History(n.Group, time.Time{})
				for _, d := range list {
					found = append(found, d.State)
				}
				return err
			}}
			live(t, setup{groups: 3, opt: o}, func(world *world) {
				w = world
				w.settled()
				w.faults(c.faults)
				w.wave("용접공 3명", gid(0), gid(1))
				began := time.Now()
				d := w.lane()
				if d.State != store.Accepted {
					t.Fatal(d.State)
				}
				time.Sleep(c.late)
				w.phone.Touch()
				time.Sleep(30 * time.Second)
				mu.Lock()
				defer mu.Unlock()
				if len(told) != c.fails+1 || len(found) != 1 || found[0] != store.Accepted {
					t.Fatalf("told %+v, of a delivery that is %v", told, found)
				}
				n := told[0]
				if n.Group != d.Group || n.Account != "a1" {
					t.Errorf("told %+v", n)
				}
				if after := n.Said.Sub(began); after < -time.Second || after > 10*time.Second {
					t.Errorf("it was said %v after the message", after)
				}
				if after := n.Heard.Sub(began); after < c.late || after > c.late+15*time.Second {
					t.Errorf("it was heard %v after the message", after)
				}
			})
		})
	}
}

func TestSilenceIsTold(t *testing.T) {
	live(t, setup{groups: 3}, func(w *world) {
		w.settled()
		w.faults("session.silent:idle=1h")
		time.Sleep(2 * time.Hour)
		if w.count(bot.Silent) != 0 {
			t.Error("an account that sends nothing may be silent")
		}
		for range 3 {
			if _, err := w.send(gid(0), "안녕"); err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Minute)
		}
		time.Sleep(90 * time.Second)
		if w.count(bot.Silent) != 1 {
			t.Errorf("told %d times", w.count(bot.Silent))
		}
		w.sim.Group(gid(1)).Says("", "묻혀있던 말")
		w.phone.Touch()
		w.until("the reply", time.Minute, func() bool { return len(w.replies()) == 1 })
	})
}

func TestWhatIsKept(t *testing.T) {
	live(t, setup{groups: 2}, func(w *world) {
		w.phone.FriendSays("친구", "개인적인 말")
		w.settled()
		g := w.sim.Group(gid(0))
		m := g.Says("", "A017 13800138000")
		g.Image("")
		g.Quotes("", m, "저도요 13900139000", true)
		g.Recalls(m)
		g.Sys("\"갑\"邀请\"을\"加入了群聊")
		if err := w.phone.PhoneSays(g, "직원이 손으로 쓴 글"); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		if n := len(w.replies()); n != 3 {
			t.Errorf("%d for the registrar, want text, app message and recall", n)
		}
		all, err := w.store.Replies(false, 0, 100)
		if err != nil || len(all) != 5 {
			t.Errorf("%d kept, want two more for the account, %v", len(all), err)
		}
		for _, r := range all {
			if r.Class == store.ForAccount && (r.State != store.ReplyNotice || len(r.Raw) != 0) {
				t.Errorf("not put away: %+v", r)
			}
		}
	})
}
