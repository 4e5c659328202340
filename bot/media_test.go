package bot_test

import (
	"bytes"
	"context"
	"crypto/md5"
	"encoding/hex"
	"errors"
	"strings"
	"testing"
	"time"

	"chunfeng/bot"
	"chunfeng/broadcast"
	"chunfeng/store"
)

func (w *world) post(code string, kind store.Kind, name string, body []byte) (broadcast.Receipt, error) {
	w.t.Helper()
	return w.acct.Sender().Send(context.Background(), broadcast.Message{
		ClientID: time.Now().UnixNano() / 100, Group: w.group(code).Number, Kind: kind, Name: name, Body: body, Hash: store.HashContent(kind, name, body),
	})
}

func (w *world) uploads() int { return w.sim.Report().Accounts[0].Uploads }

func TestPicturesAndFiles(t *testing.T) {
	live(t, setup{groups: 60}, func(w *world) {
		w.settled()
		small, big, sheet := picture(1000), picture(1<<20+17), bytes.Repeat([]byte("sheet"), 300_000)
		for i, c := range []struct {
			kind store.Kind
			name string
			body []byte
		}{{store.Image, "포스터", small}, {store.Image, "", big}, {store.File, "招聘表 <2026> & 更多.xlsx", sheet}} {
			if _, err := w.post(gid(i), c.kind, c.name, c.body); err != nil {
				t.Fatalf("%s %q: %v", c.kind, c.name, err)
			}
			a := w.sim.Arrivals()[i]
			sum := md5.Sum(c.body)
			if a.Group != gid(i) || a.Kind != string(c.kind) || a.MediaMD5 != hex.EncodeToString(sum[:]) || a.MediaSize != int64(len(c.body)) {
				t.Errorf("arrived: %+v", a)
			}
			if c.kind == store.File && a.FileName != c.name {
				t.Errorf("residents see the file as %q", a.FileName)
			}
		}
		// Uploaded once for fifty posts, and anew after an hour.
		n := w.uploads()
		for i := range 49 {
			if _, err := w.post(gid(i), store.Image, "포스터", small); err != nil {
				t.Fatal(err)
			}
		}
		if got := w.uploads(); got != n {
			t.Errorf("%d uploads for the first fifty posts", got-n+1)
		}
		if _, err := w.post(gid(50), store.Image, "포스터", small); err != nil || w.uploads() != n+1 {
			t.Errorf("%d uploads for the fifty-first, %v", w.uploads()-n, err)
		}
		time.Sleep(time.Hour)
		if _, err := w.post(gid(51), store.Image, "포스터", small); err != nil || w.uploads() != n+2 {
			t.Errorf("%d uploads an hour later, %v", w.uploads()-n, err)
		}
		// An id means nothing in another session.
		w.relog()
		if _, err := w.post(gid(52), store.Image, "포스터", small); err != nil || w.uploads() != n+3 {
			t.Errorf("%d uploads in the next session, %v", w.uploads()-n, err)
		}
	})
}

// TestUploadTroubles: whatever goes wrong before the message itself, it certainly did not arrive.
func TestUploadTroubles(t *testing.T) {
	for _, c := range []struct {
		faults    string
		body      []byte
		temporary bool
		signal    broadcast.Signal
		reason    store.Reason
	}{
		{"upload.1205", picture(100), true, broadcast.TooOften, store.ReasonTooOften},
		{"upload.502", picture(100), true, broadcast.NoSignal, bot.ReasonUpload},
		{"upload.502", picture(2 << 20), true, broadcast.NoSignal, bot.ReasonUpload},
		{"upload.1205", picture(2 << 20), true, broadcast.TooOften, store.ReasonTooOften},
		{"upload.limit:max=1000", picture(2000), true, broadcast.NoSignal, bot.ReasonRefused},
		{"wire.refused:on=webwxuploadmedia", picture(100), true, broadcast.NoSignal, bot.ReasonNotConnected},
		{"wire.cut_after:on=webwxuploadmedia", picture(100), true, broadcast.NoSignal, bot.ReasonNotConnected},
		{"wire.truncated:on=webwxuploadmedia", picture(100), true, broadcast.NoSignal, bot.ReasonUpload},
		{"", picture(21 << 20), false, broadcast.NoSignal, bot.ReasonTooBig},
		{"", nil, false, broadcast.NoSignal, bot.ReasonTooBig},
	} {
		t.Run(c.faults, func(t *testing.T) {
			live(t, setup{groups: 1}, func(w *world) {
				w.settled()
				w.faults(c.faults)
				_, err := w.post(gid(0), store.Image, "p.png", c.body)
				var se *broadcast.SendError
				if !errors.As(err, &se) || !se.Certain || se.Temporary != c.temporary || se.Signal != c.signal || se.Reason != c.reason {
					t.Errorf("%#v (%v)", se, err)
				}
				if n := len(w.sim.Arrivals()); n != 0 {
					t.Errorf("%d arrived", n)
				}
				if c.faults != "" {
					name, _, _ := strings.Cut(c.faults, ":")
					w.sim.ClearFault(name)
					if _, err := w.post(gid(0), store.Image, "p.png", c.body); err != nil {
						t.Errorf("afterwards: %v", err)
					}
				}
			})
		})
	}
}

func TestRecall(t *testing.T) {
	live(t, setup{groups: 2}, func(w *world) {
		w.settled()
		take := func(sent time.Time, group, id string) error {
			return w.acct.Recaller().Recall(context.Background(), w.group(group).Number, sent.UnixNano()/100, id)
		}
		at := time.Now()
		r, err := w.send(gid(0), "잘못 보낸 글")
		if err != nil {
			t.Fatal(err)
		}
		var se *broadcast.SendError
		if err := take(at, gid(1), r.ServerID); !errors.As(err, &se) || !se.Certain {
			t.Errorf("from another group: %v", err)
		}
		w.faults("wire.cut_after:on=webwxrevokemsg,times=1")
		if err := take(at, gid(0), r.ServerID); !errors.As(err, &se) || se.Certain {
			t.Errorf("a lost answer: %v", err)
		}
		w.faults("send.revoke_fails:times=1")
		if err := take(at, gid(0), r.ServerID); !errors.As(err, &se) || !se.Certain {
			t.Errorf("refused: %v", err)
		}
		if err := take(at, gid(0), r.ServerID); err != nil {
			t.Errorf("recall: %v", err)
		}
		if !w.sim.Arrivals()[0].Recalled {
			t.Error("not recalled")
		}
		n := w.requests("webwxrevokemsg")
		time.Sleep(2*time.Minute + time.Second)
		if err := take(at, gid(0), r.ServerID); !errors.As(err, &se) || se.Reason != bot.ReasonTooLate || w.requests("webwxrevokemsg") != n {
			t.Errorf("after two minutes: %v", err)
		}
	})
}

// TestSendAnswers is the table of answers, as far as the rules of every sender do not have it.
func TestSendAnswers(t *testing.T) {
	for _, c := range []struct {
		faults   string
		certain  bool
		reason   store.Reason
		arrivals int
	}{
		{"send.cut_before", false, store.ReasonNotAnswered, 0},
		{"send.cut_mid", false, store.ReasonNotAnswered, 1},
		{"send.slow:when=before", false, store.ReasonNotAnswered, 1}, // long after everybody gave up
		{"send.minus1", true, bot.ReasonRefused, 0},
		{"send.no_msgid:bare=true", false, bot.ReasonOddAnswer, 1},
		{"wire.502:on=send,when=after", false, bot.ReasonOddAnswer, 1},
		{"wire.502:on=send", false, bot.ReasonOddAnswer, 0},
		{"wire.truncated:on=send", false, bot.ReasonOddAnswer, 1},
		{"wire.gzip:on=send,header=false", false, bot.ReasonOddAnswer, 1},
		{"wire.cut_mid:on=send", false, store.ReasonNotAnswered, 1},
	} {
		t.Run(c.faults, func(t *testing.T) {
			live(t, setup{groups: 1}, func(w *world) {
				w.settled()
				w.faults(c.faults)
				_, err := w.send(gid(0), "글")
				var se *broadcast.SendError
				if !errors.As(err, &se) || se.Certain != c.certain || se.Reason != c.reason {
					t.Errorf("%#v (%v)", se, err)
				}
				time.Sleep(time.Minute)
				if n := len(w.sim.Arrivals()); n != c.arrivals {
					t.Errorf("%d arrivals, want %d", n, c.arrivals)
				}
				name, _, _ := strings.Cut(c.faults, ":")
				w.sim.ClearFault(name)
				if _, err := w.send(gid(0), "다음 글"); err != nil {
					t.Errorf("the next one: %v", err)
				}
			})
		})
	}
	live(t, setup{groups: 1}, func(w *world) {
		w.settled()
		n := w.requests("webwxsendmsg")
		if _, err := w.send(gid(0), strings.Repeat("가", 1001)); err == nil || w.requests("webwxsendmsg") != n {
			t.Errorf("too long: %v", err)
		}
	})
}

// TestASendOutlivesTheProgramsEnd stops the account while a message waits for its answer.
func TestASendOutlivesTheProgramsEnd(t *testing.T) {
	live(t, setup{groups: 1}, func(w *world) {
		w.settled()
		h := w.sim.HoldAfter()
		done := make(chan error, 1)
		go func() { _, err := w.send(gid(0), "마지막 글"); done <- err }()
		<-h.Waiting()
		stopped := make(chan struct{})
		go func() { w.stop(); close(stopped) }()
		time.Sleep(5 * time.Second)
		select {
		case <-stopped:
			t.Error("stopped while a message was on the wire")
		default:
		}
		h.Release()
		if err := <-done; err != nil {
			t.Error(err)
		}
		<-stopped
		if _, err := w.send(gid(0), "끝난 다음"); err == nil {
			t.Error("sent after the end")
		}
	})
}

// TestToItsOwnFileHelper: what staff want to look at goes to the account's own file helper and nowhere else, and by the same
// rules as everything.
func TestToItsOwnFileHelper(t *testing.T) {
	live(t, setup{groups: 2}, func(w *world) {
		w.settled()
		send := func(m broadcast.Message) error {
			m.ClientID, m.Self = time.Now().UnixNano()/100, true
			_, err := w.acct.Sender().Send(context.Background(), m)
			return err
		}
		body := picture(1000)
		if err := send(broadcast.Message{Kind: store.Text, Text: "용접공 3명"}); err != nil {
			t.Fatal(err)
		}
		if err := send(broadcast.Message{Kind: store.Image, Body: body, Hash: store.HashContent(store.Image, "", body)}); err != nil {
			t.Fatal(err)
		}
		for _, a := range w.sim.Arrivals() {
			if a.Person != "filehelper" || a.Group != "" {
				t.Errorf("arrived: %+v", a)
			}
		}
		if n := len(w.sim.Arrivals()); n != 2 {
			t.Errorf("%d arrived", n)
		}
		// The picture is on the server: a group gets it without another upload.
		if _, err := w.post(gid(0), store.Image, "", body); err != nil || w.uploads() != 1 {
			t.Errorf("%d uploads, %v", w.uploads(), err)
		}
		w.faults("send.1205:times=1")
		var se *broadcast.SendError
		if err := send(broadcast.Message{Kind: store.Text, Text: "a"}); !errors.As(err, &se) || se.Signal != broadcast.TooOften {
			t.Errorf("too often: %v", err)
		}
		w.stop()
		if err := send(broadcast.Message{Kind: store.Text, Text: "b"}); !errors.As(err, &se) || se.Signal != broadcast.LoggedOut || !se.Certain {
			t.Errorf("without a session: %v", err)
		}
	})
}
