package main

import (
	"fmt"
	"runtime"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// A slow disk is emulated at the system call: a seccomp filter hands every fdatasync of this process to a goroutine that
// waits before it lets the kernel go on with it. The ledger and the baseline are the same code as ever, and sync for
// certain; each commit of bbolt syncs twice, so a commit takes twice the delay longer. A filter cannot be taken off, so
// what is measured under it runs in a process of its own.

// notification and answer are the kernel's struct seccomp_notif and seccomp_notif_resp.
type notification struct {
	id    uint64
	pid   uint32
	flags uint32
	nr    int32
	arch  uint32
	ip    uint64
	args  [6]uint64
}

type notificationAnswer struct {
	id    uint64
	val   int64
	err   int32
	flags uint32
}

const continueCall = 1 // SECCOMP_USER_NOTIF_FLAG_CONTINUE

// slowSyncs has every fdatasync of this process from now on take so much longer.
func slowSyncs(delay time.Duration) error {
	if runtime.GOARCH != "amd64" && runtime.GOARCH != "arm64" {
		return fmt.Errorf("a slow disk is not emulated on %s", runtime.GOARCH)
	}
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return fmt.Errorf("no_new_privs: %w", err)
	}
	filter := []unix.SockFilter{
		{Code: unix.BPF_LD | unix.BPF_W | unix.BPF_ABS, K: 0}, // the call's number
		{Code: unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K, Jf: 1, K: unix.SYS_FDATASYNC},
		{Code: unix.BPF_RET | unix.BPF_K, K: unix.SECCOMP_RET_USER_NOTIF},
		{Code: unix.BPF_RET | unix.BPF_K, K: unix.SECCOMP_RET_ALLOW},
	}
	program := unix.SockFprog{Len: uint16(len(filter)), Filter: &filter[0]}
	// Every thread gets the filter: the runtime has started several, and any of them may sync.
	fd, _, e := unix.Syscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER,
		unix.SECCOMP_FILTER_FLAG_NEW_LISTENER|unix.SECCOMP_FILTER_FLAG_TSYNC|unix.SECCOMP_FILTER_FLAG_TSYNC_ESRCH, uintptr(unsafe.Pointer(&program)))
	runtime.KeepAlive(filter)
	if e != 0 {
		return fmt.Errorf("the kernel takes no filter: %w", e)
	}
	go func() {
		for {
			var n notification
			if _, _, e := unix.Syscall(unix.SYS_IOCTL, fd, unix.SECCOMP_IOCTL_NOTIF_RECV, uintptr(unsafe.Pointer(&n))); e != 0 {
				continue // the call was interrupted and comes again
			}
			go func() {
				// Not time.Sleep: the runtime waits in whole milliseconds when it has nothing else to do.
				rest := unix.NsecToTimespec(int64(delay))
				for unix.Nanosleep(&rest, &rest) == unix.EINTR {
				}
				a := notificationAnswer{id: n.id, flags: continueCall}
				unix.Syscall(unix.SYS_IOCTL, fd, unix.SECCOMP_IOCTL_NOTIF_SEND, uintptr(unsafe.Pointer(&a)))
			}()
		}
	}()
	return nil
}
