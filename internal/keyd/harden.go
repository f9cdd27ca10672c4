package keyd

import (
	"errors"
	"fmt"
	"runtime/debug"
	"syscall"

	"golang.org/x/sys/unix"
)

// wantLocked is the smallest limit of locked memory with which the process can live, in bytes: the Go runtime reserves address space in large
// pieces, and all of it counts.
const wantLocked = 2 << 30

// Harden makes of this process one that keeps secrets: no core dump, no debugger of the same user, no gaining of rights, memory that is never
// written to swap. With uid and gid not 0 it also becomes that user for good, groups and all. It returns "locked", or why the memory is not: the
// limit, mostly. The caller decides whether that is bearable.
func Harden(uid, gid int) (memory string, err error) {
	if err := NoDumps(); err != nil {
		return "", err
	}
	memory = lockMemory()
	if uid != 0 {
		if err := errors.Join(syscall.Setgroups([]int{gid}), syscall.Setresgid(gid, gid, gid), syscall.Setresuid(uid, uid, uid)); err != nil {
			return "", fmt.Errorf("become user %d: %w", uid, err)
		}
		if syscall.Setresuid(0, 0, 0) == nil {
			return "", errors.New("the key process could become root again")
		}
	}
	// A change of user makes a process dumpable again on some systems: said twice.
	if err := NoDumps(); err != nil {
		return "", err
	}
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return "", fmt.Errorf("no new privileges: %w", err)
	}
	debug.SetTraceback("single") // a crash prints one stack: never another request's
	return memory, nil
}

// NoDumps forbids core dumps and debuggers of the same user.
func NoDumps() error {
	if err := unix.Setrlimit(unix.RLIMIT_CORE, &unix.Rlimit{}); err != nil {
		return fmt.Errorf("no core dumps: %w", err)
	}
	if err := unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0); err != nil {
		return fmt.Errorf("not dumpable: %w", err)
	}
	return nil
}

func lockMemory() string {
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_MEMLOCK, &limit); err != nil {
		return "the limit cannot be read"
	}
	if limit.Cur < wantLocked {
		raised := unix.Rlimit{Cur: unix.RLIM_INFINITY, Max: unix.RLIM_INFINITY}
		if unix.Setrlimit(unix.RLIMIT_MEMLOCK, &raised) != nil {
			if limit.Max < wantLocked {
				return fmt.Sprintf("the limit of locked memory is %d kB", limit.Max>>10)
			}
			raised = unix.Rlimit{Cur: limit.Max, Max: limit.Max}
			if unix.Setrlimit(unix.RLIMIT_MEMLOCK, &raised) != nil {
				return "the limit of locked memory cannot be raised"
			}
		}
	}
	// On fault: pages are locked when they are first used. Locking all that is reserved would need gigabytes.
	if err := unix.Mlockall(unix.MCL_CURRENT | unix.MCL_FUTURE | unix.MCL_ONFAULT); err != nil {
		return "the memory cannot be locked: " + err.Error()
	}
	return "locked"
}
