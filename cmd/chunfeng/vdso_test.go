package main

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"
)

// vdso is the system clock as one process sees it, which the test sets without touching that of the machine. A process
// reads the clock through a page of code that the kernel maps into it, the vDSO; the test changes that page before the process
// runs its first instruction, so that what CLOCK_REALTIME says is moved by a number that lies beside the code, and every other
// clock, timers with them, goes on as it did. So looks a clock that somebody steps: time.Now jumps, time.Since does not.
type vdso struct {
	mem *os.File // the process's memory
	at  int64    // where the nanoseconds lie by which it is moved
}

// moving is put where the vDSO ends: clock_gettime as the kernel's call, and for CLOCK_REALTIME the nanoseconds at the label
// behind it added to what it answered. The runtime calls it as C is called: it may change rax, rcx, rdx and r11.
//
//	mov eax, 228; syscall; test edi, edi; jne out; test eax, eax; jne out
//	mov rax, [rsi]; imul rax, rax, 1e9; add rax, [rsi+8]; add rax, [rip+moved]
//	cqo; mov ecx, 1e9; idiv rcx; mov [rsi], rax; mov [rsi+8], rdx; xor eax, eax
//	out: ret; moved: .quad 0
var moving = []byte{
	0xb8, 0xe4, 0x00, 0x00, 0x00, // mov eax, 228
	0x0f, 0x05, // syscall
	0x85, 0xff, // test edi, edi
	0x75, 0x2c, // jne out
	0x85, 0xc0, // test eax, eax
	0x75, 0x28, // jne out
	0x48, 0x8b, 0x06, // mov rax, [rsi]
	0x48, 0x69, 0xc0, 0x00, 0xca, 0x9a, 0x3b, // imul rax, rax, 1000000000
	0x48, 0x03, 0x46, 0x08, // add rax, [rsi+8]
	0x48, 0x03, 0x05, 0x14, 0x00, 0x00, 0x00, // add rax, [rip+moved]
	0x48, 0x99, // cqo
	0xb9, 0x00, 0xca, 0x9a, 0x3b, // mov ecx, 1000000000
	0x48, 0xf7, 0xf9, // idiv rcx
	0x48, 0x89, 0x06, // mov [rsi], rax
	0x48, 0x89, 0x56, 0x08, // mov [rsi+8], rdx
	0x31, 0xc0, // xor eax, eax
	0xc3,                   // out: ret
	0, 0, 0, 0, 0, 0, 0, 0, // moved
}

// startClocked starts a process whose wall clock the test sets. It skips the test where that cannot be done.
func startClocked(t *testing.T, cmd *exec.Cmd, moved time.Duration) *vdso {
	t.Helper()
	if runtime.GOARCH != "amd64" {
		t.Skip("the clock of a process is set in machine code of amd64")
	}
	// The thread that starts a traced process is the one that may let it go.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	cmd.SysProcAttr = &syscall.SysProcAttr{Ptrace: true}
	if err := cmd.Start(); err != nil {
		t.Skipf("no process can be traced here: %v", err)
	}
	pid := cmd.Process.Pid
	t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
	var status syscall.WaitStatus
	if _, err := syscall.Wait4(pid, &status, 0, nil); err != nil || !status.Stopped() {
		t.Fatalf("the process did not stop before its first instruction: %v %v", status, err)
	}
	c, err := clockOf(pid)
	if err != nil {
		t.Fatalf("the clock of the process cannot be set: %v", err)
	}
	t.Cleanup(func() { c.mem.Close() })
	c.set(t, moved)
	if err := syscall.PtraceDetach(pid); err != nil {
		t.Fatal(err)
	}
	return c
}

// clockOf puts the clock that can be set into a process that has not begun.
func clockOf(pid int) (*vdso, error) {
	maps, err := os.ReadFile(fmt.Sprintf("/proc/%d/maps", pid))
	if err != nil {
		return nil, err
	}
	var from, to int64
	for line := range strings.Lines(string(maps)) {
		if strings.HasSuffix(strings.TrimSpace(line), "[vdso]") {
			fmt.Sscanf(line, "%x-%x", &from, &to)
		}
	}
	if from == 0 {
		return nil, fmt.Errorf("the kernel maps no vDSO")
	}
	mem, err := os.OpenFile(fmt.Sprintf("/proc/%d/mem", pid), os.O_RDWR, 0)
	if err != nil {
		return nil, err
	}
	code := make([]byte, to-from)
	if _, err := mem.ReadAt(code, from); err != nil {
		return nil, err
	}
	image, err := elf.NewFile(bytes.NewReader(code))
	if err != nil {
		return nil, err
	}
	symbols, err := image.DynamicSymbols()
	if err != nil {
		return nil, err
	}
	entry := int64(0)
	for _, s := range symbols {
		if s.Name == "__vdso_clock_gettime" {
			entry = int64(s.Value)
		}
	}
	space := int64(len(code) - len(moving))
	if entry == 0 || len(bytes.Trim(code[space:], "\x00")) > 0 {
		return nil, fmt.Errorf("the vDSO is not as expected: clock_gettime at %#x, its last bytes %x", entry, code[space:])
	}
	jump := binary.LittleEndian.AppendUint32([]byte{0xe9}, uint32(int32(space-entry-5)))
	if _, err := mem.WriteAt(moving, from+space); err != nil {
		return nil, err
	}
	if _, err := mem.WriteAt(jump, from+entry); err != nil {
		return nil, err
	}
	return &vdso{mem: mem, at: to - 8}, nil
}

// set moves the wall clock of the process away from that of the machine.
func (c *vdso) set(t *testing.T, moved time.Duration) {
	t.Helper()
	if _, err := c.mem.WriteAt(binary.LittleEndian.AppendUint64(nil, uint64(moved)), c.at); err != nil {
		t.Fatal(err)
	}
}

// TestClockOfAProcess shows what the others build on, with this very binary: date's answer moves, and what is measured does not.
func TestClockOfAProcess(t *testing.T) {
	if os.Getenv("CLOCK_CHILD") != "" {
		begun := time.Now()
		for line := ""; ; {
			if _, err := fmt.Scanln(&line); err != nil {
				return
			}
			fmt.Println(time.Now().UnixNano(), int64(time.Since(begun)))
		}
	}
	cmd := exec.Command(os.Args[0], "-test.run", "^TestClockOfAProcess$")
	cmd.Env = append(os.Environ(), "CLOCK_CHILD=1")
	in, _ := cmd.StdinPipe()
	out, _ := cmd.StdoutPipe()
	c := startClocked(t, cmd, -48*time.Hour)
	for _, moved := range []time.Duration{-48 * time.Hour, time.Hour, -time.Hour, 24 * time.Hour, 1500 * time.Millisecond, -1, 0} {
		c.set(t, moved)
		before := time.Now()
		fmt.Fprintln(in, "?")
		var wall, since int64
		if _, err := fmt.Fscan(out, &wall, &since); err != nil {
			t.Fatal(err)
		}
		if early, late := before.Add(moved), time.Now().Add(moved); wall < early.UnixNano() || wall > late.UnixNano() {
			t.Errorf("moved by %v the process reads %v, want between %v and %v", moved, time.Unix(0, wall), early, late)
		}
		if since < 0 || since > int64(time.Minute) {
			t.Errorf("moved by %v it measures %v", moved, time.Duration(since))
		}
	}
	in.Close()
}
