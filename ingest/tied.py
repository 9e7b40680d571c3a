"""Run a program that ends when the process that started it does, even if that one is killed (Linux).

Usage: `python tied.py PARENT_PID PROGRAM ARGUMENT...`. Without it a dbt whose run was killed would work on
beside the dbt of the next run. It replaces itself by the program: code between fork and exec would be
unsafe beside threads.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1

if __name__ == "__main__":
    parent, program = int(sys.argv[1]), sys.argv[2:]
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            # It was killed before we asked to be told.
            sys.exit(1)
    os.execv(program[0], program)
