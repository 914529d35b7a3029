"""The walls around a process that reads a stranger's file: what it may still do once they are up.

Everywhere but on Windows: so much memory and processor time, no byte written to a file, no core dump; with `closed`, no
file or socket opened and no process started. On Linux, closed, also: no more rights than nobody where it began as root,
and a list of the kernel's calls that computing needs, past which every other one is refused (seccomp, on x86-64 and
64-bit ARM). Windows has none of this: there it is a process by itself that is killed when its time is over. macOS keeps
to all limits but that of memory.
"""

import ctypes
import os
import platform
import struct
import sys
import time

try:
    import resource
except ImportError:  # Windows
    resource = None  # type: ignore[assignment]

_NOBODY = 65534
_NO_NEW_PRIVILEGES, _SECCOMP, _FILTER = 38, 22, 2
_ALLOW, _REFUSE, _KILL = 0x7FFF0000, 0x00050001, 0x80000000
_LOAD, _EQUAL, _RETURN = 0x20, 0x15, 0x06
_NUMBER_AT, _MACHINE_AT = 0, 4
# By machine: its name in seccomp, then the numbers of: read write close fstat lseek mmap mprotect munmap brk
# rt_sigaction rt_sigprocmask rt_sigreturn readv writev sched_yield mremap madvise nanosleep getpid exit gettid futex
# sched_getaffinity restart_syscall clock_gettime clock_nanosleep exit_group getrandom rseq membarrier getrusage
# gettimeofday sigaltstack.
_CALLS = {
    "x86_64": (
        0xC000003E,
        (
            *(0, 1, 3, 5, 8, 9, 10, 11, 12, 13, 14, 15, 19, 20, 24, 25, 28, 35, 39, 60, 186, 202),
            *(204, 219, 228, 230, 231, 318, 334, 324, 98, 96, 131),
        ),
    ),
    "aarch64": (
        0xC00000B7,
        (
            *(63, 64, 57, 80, 62, 222, 226, 215, 214, 134, 135, 139, 65, 66, 124, 216, 233, 101, 172, 93, 178, 98),
            *(123, 128, 113, 115, 94, 278, 293, 283, 165, 169, 132),
        ),
    ),
}


def shut(memory: int, seconds: int, *, closed: bool) -> None:
    """Puts the walls up: so many bytes and seconds of processor time more than the process has taken so far.

    With `closed` every module that is still needed has to be imported already. They can't be taken down again.
    """
    if resource is None:
        return
    bounds = {
        # What it has computed so far counts.
        resource.RLIMIT_CPU: int(time.process_time()) + 1 + seconds,
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_CORE: 0,
    }
    if sys.platform == "linux":
        bounds[resource.RLIMIT_AS] = _address_space() + memory
    if closed:
        # Those that are open stay: the three that lead to the parent.
        bounds[resource.RLIMIT_NOFILE] = 0
        bounds[resource.RLIMIT_NPROC] = 0
    for kind, most in bounds.items():
        resource.setrlimit(kind, (most, most))
    if closed and sys.platform == "linux":
        _leave_root()
        _filter_calls()


def _address_space() -> int:
    with open("/proc/self/statm", "rb") as file:
        pages = int(file.read().split()[0])
    return pages * os.sysconf("SC_PAGE_SIZE")


def _leave_root() -> None:
    if os.geteuid() != 0:
        return
    try:
        os.setgroups([])
        os.setresgid(_NOBODY, _NOBODY, _NOBODY)
        os.setresuid(_NOBODY, _NOBODY, _NOBODY)
    except OSError:
        # A container may know no user but its root; the filter stands either way.
        return


def _filter_calls() -> None:
    """Refuses, with EPERM, every call of the kernel that is not in the list. Nothing where the machine is not known."""
    known = _CALLS.get(platform.machine())
    if known is None:
        return
    machine, numbers = known
    count = len(numbers)
    steps = [
        _step(_LOAD, 0, 0, _MACHINE_AT),
        _step(_EQUAL, 1, 0, machine),
        _step(_RETURN, 0, 0, _KILL),
        _step(_LOAD, 0, 0, _NUMBER_AT),
        # Where it is one of them, on to the last step.
        *(_step(_EQUAL, count - k, 0, number) for k, number in enumerate(numbers)),
        _step(_RETURN, 0, 0, _REFUSE),
        _step(_RETURN, 0, 0, _ALLOW),
    ]
    program = ctypes.create_string_buffer(b"".join(steps))
    header = ctypes.create_string_buffer(struct.pack("@HP", len(steps), ctypes.addressof(program)))
    libc = ctypes.CDLL(None, use_errno=True)
    for call in ((_NO_NEW_PRIVILEGES, 1, 0, 0, 0), (_SECCOMP, _FILTER, ctypes.addressof(header), 0, 0)):
        if libc.prctl(*(ctypes.c_ulong(each) for each in call)) != 0:
            # A kernel without it: the limits stand.
            return


def _step(code: int, if_so: int, if_not: int, value: int) -> bytes:
    return struct.pack("=HBBI", code, if_so, if_not, value)
