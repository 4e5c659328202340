package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"chunfeng/cmd/chunfeng/console/consoletest"
	"chunfeng/examples"
)

func TestMain(m *testing.M) {
	testscript.Main(consoletest.M{M: m}, map[string]func(){"chunfeng": main})
}

// TestStories runs the stories under testdata/script. In each, chunfeng is this binary as a process of its own; $SIM is
// a free address for the simulator, and the examples lie in the working folder. Beside testscript's own commands there are
//
//	until REGEXP COMMAND...   run the command (sim, too) again and again until its output matches, for 30 s at most
//	field VAR PATH            set $VAR from the JSON of the last output: a.b.0.c
//	sim METHOD VERB [k=v...]  the simulator's control entrance; the answer is the output
func TestStories(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(e *testscript.Env) error {
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				return err
			}
			e.Setenv("SIM", l.Addr().String())
			e.Setenv("CHUNFENG_DATA", filepath.Join(e.WorkDir, "data"))
			e.Setenv("CHUNFENG_LANG", "en")
			e.Setenv("CHUNFENG_USER", "kim")
			e.Setenv("NO_COLOR", "1")
			for _, name := range []string{examples.Batch1, examples.Batch2, examples.Registry} {
				b, err := examples.FS.ReadFile(name)
				if err != nil {
					return err
				}
				if err := os.WriteFile(filepath.Join(e.WorkDir, name), b, 0o600); err != nil {
					return err
				}
			}
			return l.Close()
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"until": until, "field": field, "sim": simControl},
	})
}

func until(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: until REGEXP COMMAND...")
	}
	want, err := regexp.Compile("(?s)" + args[0])
	ts.Check(err)
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(100 * time.Millisecond) {
		if args[1] == "sim" {
			simControl(ts, false, args[2:])
		} else {
			_ = ts.Exec(args[1], args[2:]...)
		}
		out := ts.ReadFile("stdout") + ts.ReadFile("stderr")
		if want.MatchString(out) {
			return
		}
		if time.Now().After(deadline) {
			ts.Fatalf("%s never said %s; at last it said:\n%s", strings.Join(args[1:], " "), args[0], out)
		}
	}
}

func field(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: field VAR PATH")
	}
	var v any
	ts.Check(json.Unmarshal([]byte(ts.ReadFile("stdout")), &v))
	for step := range strings.SplitSeq(args[1], ".") {
		switch at := v.(type) {
		case map[string]any:
			v = at[step]
		case []any:
			var i int
			if _, err := fmt.Sscan(step, &i); err != nil || i >= len(at) {
				ts.Fatalf("no element %s in a list of %d", step, len(at))
			}
			v = at[i]
		default:
			ts.Fatalf("nothing called %s", step)
		}
	}
	ts.Setenv(args[0], fmt.Sprint(v))
}

func simControl(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) < 2 {
		ts.Fatalf("usage: sim METHOD VERB [k=v...]")
	}
	q := url.Values{}
	for _, a := range args[2:] {
		k, v, _ := strings.Cut(a, "=")
		q.Set(k, v)
	}
	r, err := http.NewRequest(args[0], "http://"+ts.Getenv("SIM")+"/_sim/"+args[1]+"?"+q.Encode(), nil)
	ts.Check(err)
	var body []byte
	status := 0
	for range 100 { // it may not listen yet
		res, err := http.DefaultClient.Do(r)
		if err == nil {
			body, err = io.ReadAll(res.Body)
			ts.Check(err)
			ts.Check(res.Body.Close())
			status = res.StatusCode
			break
		}
		time.Sleep(50 * time.Millisecond)
	}
	if (status != http.StatusOK) != neg {
		ts.Fatalf("the simulator answered %d: %s", status, body)
	}
	ts.Check(os.WriteFile(ts.MkAbs("sim.json"), body, 0o600))
	// So that stdout and field see it as any command's output.
	ts.Check(ts.Exec("cat", "sim.json"))
}
