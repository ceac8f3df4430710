"""What a process may do that reads what somebody has brought: little, and not for ever."""

import ctypes
import os
import resource
import signal
from pathlib import Path

import av.logging

from detectors.priority import STEPS_BEHIND

PR_SET_PDEATHSIG = 1
FIRST_TO_GO = "1000"
"""When the host has no memory left, before anything that is watched."""


def confine(*, most_memory: int, most_cpu_s: int) -> None:
    """Bind the calling process, for good.

    It ends with its parent, comes after everything else, writes no file, and begins no process nor
    thread (who is root is not held by that).
    """
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    os.nice(STEPS_BEHIND)
    Path("/proc/self/oom_score_adj").write_text(FIRST_TO_GO)
    for what, most in (
        (resource.RLIMIT_CORE, 0),  # a core would hold what nobody may see
        (resource.RLIMIT_AS, most_memory),
        (resource.RLIMIT_CPU, most_cpu_s),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NPROC, 0),
    ):
        resource.setrlimit(what, (most, most))
    av.logging.set_level(av.logging.PANIC)
