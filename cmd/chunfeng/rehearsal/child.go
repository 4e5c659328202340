package rehearsal

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"testing"
	"testing/synctest"
)

// Errand is what a child is told to play.
type Errand struct {
	Stage *Stage   `json:"stage"`
	Model Model    `json:"model"`
	Seeds []uint64 `json:"seeds"`
}

// Child plays an errand from in and writes an Outcome a line to out. It ends the process: synctest.Test wants a test, and
// testing.Main, which is kept for programs that simulate go test, ends with one.
func Child(in io.Reader, out io.Writer) {
	var e Errand
	if err := json.NewDecoder(in).Decode(&e); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	debug.SetMemoryLimit(1 << 30)
	to := json.NewEncoder(out)
	os.Args = []string{os.Args[0], "-test.timeout=0"}
	testing.Main(func(string, string) (bool, error) { return true, nil }, []testing.InternalTest{{Name: "rehearsal", F: func(t *testing.T) {
		for _, seed := range e.Seeds {
			o := Outcome{Model: e.Model, Seed: seed}
			synctest.Test(t, func(t *testing.T) {
				var err error
				if o, err = play(e.Stage, e.Model, seed); err != nil {
					o.Error = err.Error()
				}
			})
			if err := to.Encode(o); err != nil {
				t.Fatal(err)
			}
		}
	}}}, nil, nil)
}
