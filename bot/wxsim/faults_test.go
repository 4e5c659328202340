package wxsim_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"chunfeng/bot/wxsim"
)

// faultTest is one fault with its settings, and what must be seen on the wire while it is on.
type faultTest struct {
	name  string
	spec  string
	check func(r *raw)
}

// TestFaults does for each fault what its line says. A fault without a row fails it.
func TestFaults(t *testing.T) {
	var rows []faultTest
	rows = append(rows, loginFaults()...)
	rows = append(rows, syncFaults()...)
	rows = append(rows, wireFaults()...)
	rows = append(rows, sendFaults()...)
	rows = append(rows, contactFaults()...)
	tested := map[string]bool{}
	for _, row := range rows {
		tested[row.name] = true
		t.Run(row.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := newRaw(t, row.name+":"+row.spec)
				defer r.sim.Close()
				row.check(r)
				if !strings.Contains(row.spec, "refresh") && r.sim.FaultHits(row.name) == 0 && !quiet(row.name) {
					t.Errorf("the fault %s never struck", row.name)
				}
			})
		})
	}
	for _, f := range wxsim.FaultNames() {
		if !tested[f.Name] {
			t.Errorf("the fault %s has no test", f.Name)
		}
	}
}

// quiet faults change a limit and have nothing to count.
func quiet(name string) bool { return name == "cookie.expiry" || name == "upload.limit" }

func (r *raw) want(what string, got, want any) {
	r.t.Helper()
	if got != want {
		r.t.Errorf("%s: %v, want %v", what, got, want)
	}
}

func TestFaultSettings(t *testing.T) {
	for _, tt := range []struct{ spec, why string }{
		{"send.nonsense", "no such fault"},
		{"send.1205:colour=red", "no such setting"},
		{"send.1205:p=often", "not a number"},
		{"send.1205:for=5", "a time without a unit"},
		{"send.bucket:mode=loud", "none of the words"},
		{"send.bucket:p=0.5", "a rule has no chance"},
		{"send.echo:delay=5s-1s", "a span that runs backwards"},
	} {
		if _, err := wxsim.ParseFaults(tt.spec); err == nil {
			t.Errorf("%s was accepted: %s", tt.spec, tt.why)
		}
	}
	list, err := wxsim.ParseFaults(" send.1205:after=30,for=30m ; send.cut_after:p=0.01;;session.silent ")
	if err != nil || len(list) != 3 {
		t.Errorf("%v %v", list, err)
	}
	sim := wxsim.New(wxsim.Options{})
	defer sim.Close()
	for _, f := range wxsim.FaultNames() {
		if err := sim.Fault(f.Name, nil); err != nil {
			t.Errorf("with its defaults: %v", err)
		}
		if f.Line == "" {
			t.Errorf("%s has no line", f.Name)
		}
	}
	if err := sim.Fault("send.1205", wxsim.Params{"p": 0.5, "for": 30 * time.Minute, "times": 3}); err != nil {
		t.Errorf("values that are not text: %v", err)
	}
}

func TestSameSeedSameTroubles(t *testing.T) {
	run := func(spec string) string {
		var out strings.Builder
		synctest.Test(t, func(t *testing.T) {
			r := newRaw(t, spec).login()
			defer r.sim.Close()
			for i := range 40 {
				v, err := r.trySend(r.rooms[i%3], fmt.Sprint(i))
				fmt.Fprint(&out, v.BaseResponse.Ret, err != nil, v.MsgID, " ")
			}
		})
		return out.String()
	}
	a, b, c := run("send.1205:p=0.3"), run("send.1205:p=0.3"), run("send.1205:p=0.3,seed=9")
	if a != b {
		t.Error("the same seed went another way")
	}
	if a == c {
		t.Error("another seed went the same way")
	}
}

func TestOnlyThisAccountAndGroup(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRaw(t, "send.1204:group=g0002;send.cut_before:group=g0003;send.minus1:account=other").login()
		defer r.sim.Close()
		r.want("g0001", r.send(r.rooms[0], "a").BaseResponse.Ret, 0)
		r.want("g0002", r.send(r.rooms[1], "a").BaseResponse.Ret, 1204)
		if _, err := r.trySend(r.rooms[2], "a"); err == nil {
			t.Error("g0003 was not cut")
		}
	})
}
