"""What this host's clocks say: the wall clock, the one that only counts, and the kernel's word."""

import ctypes
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
_UNSYNCHRONISED = 5  # TIME_ERROR of adjtimex(2)
_TIMEX_BYTES = 512  # struct timex has 208; with its first word 0 nothing is set
_libc = ctypes.CDLL(None, use_errno=True)


@dataclass(frozen=True, kw_only=True)
class HostClocks:
    """As in `domain.clocks.Clocks`, the database's left out."""

    wall: datetime
    boot: str
    steady: timedelta
    is_set: bool


def read_clocks() -> HostClocks:
    state = _libc.adjtimex(ctypes.create_string_buffer(_TIMEX_BYTES))
    return HostClocks(
        wall=datetime.now(UTC),
        boot=_BOOT_ID.read_text().strip(),
        steady=timedelta(seconds=time.clock_gettime(time.CLOCK_BOOTTIME)),
        is_set=0 <= state < _UNSYNCHRONISED,
    )
