"""Becomes another program that dies with its parent. Run by path, with nothing but the standard library.

    python -I -S ops/child.py SIGNAL USER program argument...

SIGNAL (a name such as SIGTERM) reaches the program when its parent is gone, so a killed supervisor or test run
leaves no orphan (Linux; elsewhere the next start finds what was left). USER is a name or `-` for the present one:
PostgreSQL refuses to run as root. A program that steps down from root keeps the one capability to reach its own
files below folders such as /root, so that no folder's permissions need to change.
"""

import ctypes
import os
import pwd
import signal
import sys

_SET_DEATH_SIGNAL, _KEEP_CAPABILITIES, _AMBIENT, _AMBIENT_RAISE = 1, 8, 47, 2  # linux/prctl.h
_CAPABILITY_VERSION_3, _DAC_OVERRIDE = 0x20080522, 1  # linux/capability.h


class _Header(ctypes.Structure):
    _fields_ = [("version", ctypes.c_uint32), ("pid", ctypes.c_int)]


class _Sets(ctypes.Structure):
    _fields_ = [("effective", ctypes.c_uint32), ("permitted", ctypes.c_uint32), ("inheritable", ctypes.c_uint32)]


def step_down(user: str, libc: ctypes.CDLL | None) -> None:
    """Become `user`; where the kernel lets us, keep the right to reach files whatever the folders above allow."""
    entry = pwd.getpwnam(user)
    if libc:
        libc.prctl(_KEEP_CAPABILITIES, 1, 0, 0, 0)
    os.setgroups([])
    os.setgid(entry.pw_gid)
    os.setuid(entry.pw_uid)
    if libc:
        mask = 1 << _DAC_OVERRIDE
        libc.capset(ctypes.byref(_Header(_CAPABILITY_VERSION_3, 0)), (_Sets * 2)(_Sets(mask, mask, mask), _Sets()))
        libc.prctl(_AMBIENT, _AMBIENT_RAISE, _DAC_OVERRIDE, 0, 0)


def main() -> None:
    """Step down, ask for the signal (changing the user clears it, so afterwards), and become the program."""
    signal_name, user, *command = sys.argv[1:]
    parent = os.getppid()
    libc = ctypes.CDLL(None) if sys.platform == "linux" else None
    if user != "-":
        step_down(user, libc)
    if libc:
        libc.prctl(_SET_DEATH_SIGNAL, signal.Signals[signal_name].value, 0, 0, 0)
        if os.getppid() != parent:  # it died before we asked
            sys.exit(1)
    os.execvp(command[0], command)  # noqa: S606  # no shell is wanted


if __name__ == "__main__":
    main()
