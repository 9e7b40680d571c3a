"""Run a program as an unprivileged user from a root session: `drop_root.py UID GID PROGRAM [ARGS ...]`.

PostgreSQL refuses to run as root. A checkout below a private folder (/root, a mktemp folder) cannot be
reached by another user, so the program keeps one capability: to read and search folders it does not own.
Where the kernel grants no capability the program is started without, and needs reachable folders.
"""

from __future__ import annotations

import ctypes
import os
import sys

PR_SET_SECUREBITS = 28
SECBIT_NO_SETUID_FIXUP = 1 << 2
PR_CAP_AMBIENT = 47
PR_CAP_AMBIENT_RAISE = 2
CAP_DAC_OVERRIDE = 1
CAP_DAC_READ_SEARCH = 2
CAPABILITY_VERSION_3 = 0x20080522


def keep(capability: int, libc: ctypes.CDLL) -> bool:
    """Keep one capability over the coming exec; tells whether the kernel agreed."""
    header = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION_3, 0)
    mask = 1 << capability
    data = (ctypes.c_uint32 * 6)(mask, mask, mask, 0, 0, 0)
    if libc.capset(header, data) != 0:
        return False
    return bool(libc.prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, capability, 0, 0) == 0)


def keep_none(libc: ctypes.CDLL) -> None:
    """Give up all capabilities, which the change of user did not take."""
    libc.capset((ctypes.c_uint32 * 2)(CAPABILITY_VERSION_3, 0), (ctypes.c_uint32 * 6)())


def main(arguments: list[str]) -> None:
    """Drop to the user and replace this process by the program."""
    uid, gid, program = int(arguments[0]), int(arguments[1]), arguments[2:]
    libc = ctypes.CDLL(None, use_errno=True)
    # Keeps capabilities over the change of user, and lets access(2) use them: initdb looks for its programs with it.
    libc.prctl(PR_SET_SECUREBITS, SECBIT_NO_SETUID_FIXUP, 0, 0, 0)
    os.setgroups([])
    os.setresgid(gid, gid, gid)
    os.setresuid(uid, uid, uid)
    if not keep(CAP_DAC_READ_SEARCH, libc) and not keep(CAP_DAC_OVERRIDE, libc):
        keep_none(libc)
    os.execv(program[0], program)


if __name__ == "__main__":
    main(sys.argv[1:])
