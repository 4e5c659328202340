package signup_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/rs/zerolog"

	"chunfeng/bot/signup"
	"chunfeng/store"
	"chunfeng/templates"
)

// TestPanicOverAReply has the program panic over one reply: a person decides about it, the log does not tell the number, and the
// next reply is dealt with.
func TestPanicOverAReply(t *testing.T) {
	set, err := templates.Load(nil)
	if err != nil {
		t.Fatal(err)
	}
	broken, log := false, bytes.Buffer{}
	h := newHall(t, func(o *signup.Options) {
		o.Log = zerolog.New(&log)
		o.Templates = func() *templates.Set {
			if broken {
				panic("no answer to A002 张三 13904331234")
			}
			return set
		}
	})
	broken = true
	if r := h.says("@@1", "@aa", "A002 张三 13904331234"); r.State != store.ReplyReview || r.Review != "unreadable" || r.Raw == nil {
		t.Errorf("the reply is %+v", r)
	}
	if said := log.String(); !strings.Contains(said, "panic") || strings.Contains(said, "13904331234") {
		t.Errorf("the log says %s", said)
	}
	broken = false
	if r := h.says("@@1", "@bb", "A001 李四 13904335678"); r.State != store.ReplyDone {
		t.Errorf("the next reply is %+v", r)
	}
	if n := h.signups(); len(n) != 1 || n[0].Name != "李四" {
		t.Errorf("%d sign-ups", len(n))
	}
	t.Logf("proof: a panic over one reply leaves it to a person, without its number in the log; the next one became a sign-up")
}
