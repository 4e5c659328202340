package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rs/zerolog"

	"chunfeng/config"
	"chunfeng/store"
	"chunfeng/templates/words"
)

// TestWhatOnePersonMayAsk gives a person a copy, with who saw the number and what notice was seen, erases her, and finds
// nothing afterwards; who may not ask is refused.
func TestWhatOnePersonMayAsk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		const number, spelled = "13844331234", "+86 138-4433-1234"
		if _, err := Ask[SignupDetail](t.Context(), w.API, kim, "POST", "/v1/signups/N1/reveal", nil, Handover{Purpose: "to call her", Recipient: "海兰江饭店"}); err != nil {
			t.Fatal(err)
		}
		if _, err := Ask[[]Signup](t.Context(), w.API, kim, "POST", "/v1/signups/export", nil, Handover{Purpose: "for the employer"}); err != nil {
			t.Fatal(err)
		}
		for _, c := range []struct {
			who  Caller
			in   SubjectAsk
			want words.Kind
			why  string
		}{
			{Caller{Name: "pak", Role: store.RoleStaff}, SubjectAsk{number, "x"}, words.Forbidden, "staff"},
			{Caller{Name: "jin", Role: store.RoleSupervisor, County: "yanji"}, SubjectAsk{number, "x"}, words.Forbidden, "of one county"},
			{kim, SubjectAsk{number, " "}, words.Usage, "no purpose"},
			{kim, SubjectAsk{"1384433", "x"}, words.Usage, "no number"},
		} {
			if _, err := Ask[Subject](t.Context(), w.API, c.who, "POST", "/v1/subject/export", nil, c.in); words.KindOf(err) != c.want {
				t.Errorf("%s: %v", c.why, err)
			}
		}
		v, err := Ask[Subject](t.Context(), w.API, Caller{Name: "jin", Role: store.RoleAdmin}, "POST", "/v1/subject/export", nil, SubjectAsk{spelled, "she asks, call " + number})
		if err != nil {
			t.Fatal(err)
		}
		if v.Phone != number || len(v.Signups) != 1 || v.Signups[0].Name != "张三" || !strings.Contains(v.Signups[0].Text, number) || v.KeptDays != 180 {
			t.Errorf("%+v", v)
		}
		if len(v.Notices) != 1 || !strings.Contains(v.Notices[0].Text, "180") || store.HashConsent(v.Notices[0].Text) != v.Signups[0].Notice {
			t.Errorf("the notice: %+v", v.Notices)
		}
		if len(v.Shown) != 3 || v.Shown[0].Who != "kim" || !strings.Contains(v.Shown[0].Purpose, "海兰江饭店") || strings.Contains(v.Shown[2].Purpose, number) {
			t.Errorf("who saw it: %+v", v.Shown)
		}
		a, err := Ask[Affected](t.Context(), w.API, kim, "GET", "/v1/subject/affected", map[string][]string{"since": {"2026-11-01"}}, nil)
		if err != nil || a.People != 1 || a.Shown != 1 || strings.Contains(a.List[0].Phone, "4433") {
			t.Errorf("affected: %+v %v", a, err)
		}
		if _, err := Ask[SubjectErased](t.Context(), w.API, kim, "POST", "/v1/subject/erase", nil, SubjectErasure{SubjectAsk: SubjectAsk{number, "asked"}, Confirm: "4321"}); words.KindOf(err) != words.Usage {
			t.Errorf("erased without the digits: %v", err)
		}
		e, err := Ask[SubjectErased](t.Context(), w.API, kim, "POST", "/v1/subject/erase", nil, SubjectErasure{SubjectAsk: SubjectAsk{number, "asked"}, Confirm: "1234"})
		if err != nil || e.Signups != 1 || len(e.Handed) != 3 || strings.Contains(e.Phone, "4433") {
			t.Fatalf("%+v %v", e, err)
		}
		if v, err = Ask[Subject](t.Context(), w.API, kim, "POST", "/v1/subject/export", nil, SubjectAsk{number, "look again"}); err != nil || len(v.Signups)+len(v.Messages) != 0 || v.ErasedAt == nil {
			t.Errorf("left: %+v %v", v, err)
		}
		events, err := wholeTrail(t, w.API)
		if err != nil || strings.Contains(events, number) {
			t.Errorf("the trail holds the number: %v", err)
		}
	})
}

// wholeTrail answers the audit trail as text.
func wholeTrail(t *testing.T, a *API) (string, error) {
	t.Helper()
	v, err := Ask[any](t.Context(), a, kim, "GET", "/v1/audit", nil, nil)
	if err != nil {
		return "", err
	}
	b, err := json.Marshal(v)
	return string(b), err
}

// TestNoNoticeNoApproval refuses to approve what residents would answer without being told what their number is for.
func TestNoNoticeNoApproval(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		time.Sleep(time.Minute)
		q, err := Ask[QueuedWave](t.Context(), w.API, kim, "POST", "/v1/waves", nil, Order{Batch: w.ids["/v1/batches"], At: "2026-12-20 10:00"})
		if err != nil {
			t.Fatal(err)
		}
		silent := *w.Config()
		silent.Acknowledge = "none"
		loud := w.Config
		w.Config = func() *config.Config { return &silent }
		if _, err := Ask[Wave](t.Context(), w.API, li, "POST", "/v1/waves/"+q.ID+"/approve", nil, Approval{q.Hash}); !errors.Is(err, words.Refuse("subject.no_notice")) {
			t.Errorf("approved without a notice: %v", err)
		}
		w.Config = loud
		if _, err := Ask[Wave](t.Context(), w.API, li, "POST", "/v1/waves/"+q.ID+"/approve", nil, Approval{q.Hash}); err != nil {
			t.Errorf("with the notice in the acknowledgement: %v", err)
		}
	})
}

// TestPanicTellsNoNumber has a handler panic over what it was asked: the log says where, without the number.
func TestPanicTellsNoNumber(t *testing.T) {
	a := newAPI(t)
	var log bytes.Buffer
	a.log = zerolog.New(&log)
	a.on(Read, "POST /v1/broken", func(r request) (any, error) {
		b, _ := io.ReadAll(r.Body)
		panic("cannot take " + string(b))
	})
	for _, said := range []string{"13944331234", "139-4433-1234", "１３９４４３３１２３４"} {
		if code, out := ask(a, "POST", "/v1/broken", "en", said); code < 400 || strings.Contains(out, "4433") {
			t.Errorf("%d %s", code, out)
		}
	}
	if s := log.String(); strings.Count(s, "cannot take") != 3 || !strings.Contains(s, "subject_test.go") || strings.Contains(s, "4433") || strings.Contains(s, "４３") {
		t.Errorf("the log: %s", s)
	}
}
