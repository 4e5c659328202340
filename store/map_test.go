package store_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"chunfeng/store"
	"chunfeng/templates/words"
)

// cramped is what came of a process whose address space ran out.
type cramped struct {
	Refused    string // the sentence
	Kept, Read int    // groups that were answered, and groups that were there while nothing could be added
	Small      bool   // a verb that needs no more room was taken meanwhile
	Again      bool   // the refused verb was taken when there was room
	After      int    // groups that were answered in the end
}

const limitAddressSpace = 9

// TestAddressSpaceRunsOut has a ledger outgrow its map in a process that may map no more: the commit is refused in words, what
// was answered is there, readers read on, and when the limit is gone it grows. (bbolt gives up the old map before it asks for the
// new one: left alone, the first such commit is the last transaction of any kind.)
func TestAddressSpaceRunsOut(t *testing.T) {
	if dir := os.Getenv("CRAMPED"); dir != "" {
		if err := json.NewEncoder(os.Stderr).Encode(cramp(t, dir)); err != nil {
			t.Fatal(err)
		}
		return
	}
	dir := t.TempDir()
	cmd := exec.Command(os.Args[0], "-test.run=^TestAddressSpaceRunsOut$")
	cmd.Env = append(os.Environ(), "CRAMPED="+dir)
	var said strings.Builder
	cmd.Stderr = &said
	if out, err := cmd.Output(); err != nil {
		t.Fatalf("%v\n%s\n%s", err, out, said.String())
	}
	var got cramped
	if err := json.Unmarshal([]byte(said.String()), &got); err != nil {
		t.Fatalf("%v: %s", err, said.String())
	}
	if !strings.Contains(got.Refused, "ulimit -v") || got.Read != got.Kept || !got.Small || !got.Again || got.After <= got.Kept {
		t.Errorf("%+v", got)
	}
	s, err := store.Open(store.Options{Dir: dir, MapSize: 1 << 20})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	c, err := s.Check(t.Context())
	if err != nil || !c.OK {
		t.Errorf("the ledger is broken: %v %v", err, c.Broken)
	}
	if n := counted(t, s); n != got.After {
		t.Errorf("%d groups are there, %d were answered", n, got.After)
	}
	t.Logf("proof: with no address space for a larger map a commit is refused in words: %d groups that were answered before are there and are read, the rest is taken when there is room, %d in all", got.Kept, got.After)
}

func counted(t *testing.T, s *store.Store) int {
	t.Helper()
	n := 0
	if err := s.EachGroup(func(store.Group) bool { n++; return true }); err != nil {
		t.Fatal(err)
	}
	return n
}

// cramp fills a ledger in this process until its file would outgrow its map.
func cramp(t *testing.T, dir string) (out cramped) {
	s, err := store.Open(store.Options{Dir: dir, MapSize: 1 << 20})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	var was syscall.Rlimit
	if err := syscall.Getrlimit(limitAddressSpace, &was); err != nil {
		t.Fatal(err)
	}
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Fatal(err)
	}
	has := uint64(0)
	for line := range strings.Lines(string(status)) {
		if n, ok := strings.CutPrefix(line, "VmSize:"); ok {
			fmt.Sscan(n, &has)
		}
	}
	// Enough for a map of 8 MiB beside what must be left over, and not for one of 32.
	if err := syscall.Setrlimit(limitAddressSpace, &syscall.Rlimit{Cur: has<<10 + 272<<20, Max: was.Max}); err != nil {
		t.Fatal(err)
	}
	add := func() error {
		var list []store.Group
		for i := range 500 {
			n := out.After + i
			list = append(list, store.Group{Code: fmt.Sprintf("G%07d", n), Name: fmt.Sprintf("residents of lane %d %s", n, strings.Repeat("연변", 20)), County: "yanji", Language: "ko"})
		}
		_, err := s.PutGroups(list, "kim")
		if err == nil {
			out.After += len(list)
		}
		return err
	}
	for err == nil && out.After < 200_000 {
		err = add()
	}
	out.Kept = out.After
	if err == nil || !errors.Is(err, store.ErrStorage) || !errors.Is(err, words.Refuse("store.no_address_space")) {
		t.Fatalf("with %d groups: %v", out.Kept, err)
	}
	out.Refused, out.Read = words.SayError("en", err), counted(t, s)
	_, err = s.SetGroup("G0000001", store.GroupPaused, "the lane is flooded", "kim")
	out.Small = err == nil
	if err := syscall.Setrlimit(limitAddressSpace, &was); err != nil {
		t.Fatal(err)
	}
	out.Again = add() == nil
	return out
}
