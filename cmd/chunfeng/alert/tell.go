package alert

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"

	"chunfeng/store"
	"chunfeng/templates/words"
)

// Told is what a webhook gets as its body and a command on its standard input.
type Told struct {
	Alert uint64            `json:"alert"` // its number in the ledger; 0 while the ledger takes nothing
	What  string            `json:"what"`  // account_out, silent, behind, unknown, disk, backup, storage_down, disarmed, test
	On    string            `json:"on"`    // the account or the wave; empty: the whole
	State string            `json:"state"` // raised, cleared or test
	Since time.Time         `json:"since"`
	At    time.Time         `json:"at"`   // of this telling
	Text  map[string]string `json:"text"` // ko, zh, en
}

// body is a notice as JSON.
func (w *Watch) body(n notice) []byte {
	zone := w.o.Config().Zone
	t := Told{Alert: n.Number, What: n.What, On: n.On, State: "raised", Since: n.Since.In(zone), At: time.Now().In(zone), Text: map[string]string{}}
	switch {
	case n.test:
		t.State = "test"
	case n.cleared:
		t.State = "cleared"
	}
	if n.What == AccountOut || n.What == Silent {
		t.On = n.Args[0] // as its sentence calls it
	}
	for _, l := range words.Languages() {
		t.Text[string(l)] = w.sentence(l, n)
	}
	b, err := json.Marshal(t)
	if err != nil {
		return nil // strings, numbers and times can be written
	}
	return b
}

// sentence says a notice in one language.
func (w *Watch) sentence(l words.Lang, n notice) string {
	stamp := n.Since.In(w.o.Config().Zone).Format("2006-01-02 15:04")
	said := n.Text().In(l)
	switch {
	case n.test:
		return said
	case n.cleared:
		return words.Say(l, "alert.over", said, stamp)
	}
	return words.Say(l, "alert.raised", said, stamp)
}

// post tells the webhook. Any answer of 2xx is taken; it follows no redirect, for that would carry the alert elsewhere.
func (w *Watch) post(ctx context.Context, n notice) error {
	to := w.o.Config().Alerts.Webhook
	if to == "" {
		return errStale
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, to, bytes.NewReader(w.body(n)))
	if err != nil {
		return errors.New("alerts.webhook cannot be asked")
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("User-Agent", "chunfeng")
	c := http.Client{Transport: w.o.Transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := c.Do(r)
	if err != nil {
		return bare(err)
	}
	defer res.Body.Close()
	_, err = io.Copy(io.Discard, io.LimitReader(res.Body, 64<<10))
	switch {
	case res.StatusCode/100 != 2:
		return fmt.Errorf("the webhook answered %d", res.StatusCode)
	case err != nil:
		return bare(err)
	}
	return nil
}

// bare takes the address out of an error of HTTP: it may hold a secret.
func bare(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		if u.Timeout() {
			return errors.New("the webhook does not answer")
		}
		err = u.Err
	}
	return err
}

// run gives the notice to the command: no shell, little of the environment, and an end for it and its children when the time
// is over.
func (w *Watch) run(ctx context.Context, n notice) error {
	argv := w.o.Config().Alerts.Command
	if len(argv) == 0 {
		return errStale
	}
	c := exec.CommandContext(ctx, argv[0], argv[1:]...)
	c.Stdin = bytes.NewReader(w.body(n))
	for _, name := range []string{"PATH", "HOME", "LANG", "LC_ALL", "TZ"} {
		if v, ok := os.LookupEnv(name); ok {
			c.Env = append(c.Env, name+"="+v)
		}
	}
	c.Dir = "/"
	c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	c.Cancel = func() error { return syscall.Kill(-c.Process.Pid, syscall.SIGKILL) }
	c.WaitDelay = time.Second
	err := c.Run()
	switch {
	case ctx.Err() != nil:
		return errors.New("the command did not end in time")
	case err != nil:
		return fmt.Errorf("the command failed: %w", err)
	}
	return nil
}

// say has the staff's group told: it plans a message that a lane sends like an answer, at the lane's pace.
func (w *Watch) say(_ context.Context, n notice) error {
	if n.Number == 0 {
		return errBusy // not before the ledger has it
	}
	if !n.cleared && !n.Open() {
		return errStale
	}
	said, err := w.message(n)
	if err != nil {
		return err
	}
	return w.ledger(func() error { return w.o.Store.SayAlert(n.Number, n.cleared, said) })
}

// message is a notice as the staff's group gets it, in the group's language, through an account that can write there.
func (w *Watch) message(n notice) (store.Answer, error) {
	code := w.o.Config().Alerts.Group
	if code == "" {
		return store.Answer{}, errStale
	}
	g, err := w.o.Store.Group(code)
	if err != nil {
		return store.Answer{}, err
	}
	all, ok := w.o.Accounts()
	if !ok {
		return store.Answer{}, errors.New("no account is to log in")
	}
	for _, a := range all {
		if a.Paused || a.Now != store.AccountOnline || n.On == a.Name && !n.cleared {
			continue
		}
		b, found, err := w.o.Store.Binding(a.Name, g.Number)
		if err != nil {
			return store.Answer{}, err
		}
		if found && b.State == store.Bound {
			return store.Answer{Group: g.Number, Account: a.Name, Content: store.Content{Kind: store.Text, Language: g.Language, Body: []byte(w.inGroup(g, n))}}, nil
		}
	}
	return store.Answer{}, errors.New("no account that is logged in can write to the group of alerts.group")
}

// inGroup is the sentence in the languages of a group.
func (w *Watch) inGroup(g store.Group, n notice) string {
	var said []string
	for _, l := range []words.Lang{words.Korean, words.Chinese} {
		if g.Language == "both" || g.Language == string(l) {
			said = append(said, w.sentence(l, n))
		}
	}
	return strings.Join(said, "\n")
}

// Tried is how a test went by one road.
type Tried struct {
	Road string
	Took time.Duration
	Err  error
}

// Test tells that it is a test by every road that is configured, once each, and waits for how that ends.
func (w *Watch) Test(ctx context.Context) (out []Tried) {
	n := notice{Alert: store.Alert{What: "test", Key: "alert.test", Since: time.Now()}, test: true}
	for _, one := range w.notices(false) {
		begun := time.Now()
		limit, cancel := context.WithTimeout(ctx, w.o.Within)
		var err error
		if one.Road == store.RoadGroup {
			var said store.Answer
			if said, err = w.message(n); err == nil {
				err = w.o.Store.AddAnswer(said, 0)
			}
		} else {
			err = w.roads[one.Road].send(limit, n)
		}
		cancel()
		out = append(out, Tried{one.Road, time.Since(begun), err})
	}
	return out
}
