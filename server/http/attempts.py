"""Guessing made slow: a token bucket per address, a growing lock per name."""

from collections import OrderedDict
from dataclasses import dataclass
from datetime import timedelta
from math import ceil

from domain.errors import TooMany

FAILURES_BEFORE_LOCK = 5
FIRST_LOCK = timedelta(minutes=1)
LONGEST_LOCK = timedelta(minutes=15)


def lock_after(failures: int) -> timedelta | None:
    """Say for how long a name is locked after so many failures in a row; None: not yet.

    It doubles from a minute to a quarter of an hour: a guesser gets under a hundred tries a day,
    and a person who is kept out on purpose is kept out for a quarter of an hour at most.
    """
    if failures < FAILURES_BEFORE_LOCK:
        return None
    doublings = min(failures - FAILURES_BEFORE_LOCK, 10)
    return min(LONGEST_LOCK, FIRST_LOCK * (1 << doublings))


class Tally:
    """Counts by key, and gives what came only now and then: what is told of a flood is no flood.

    What comes last may stay untold until more comes.
    """

    def __init__(self, *, every_s: float, most_keys: int = 10_000) -> None:
        self._every_s = every_s
        self._most_keys = most_keys
        self._counts: OrderedDict[str, tuple[int, float]] = OrderedDict()

    def add(self, key: str, *, now: float) -> int:
        """Count one; give all that came since some were given, or 0 if that is not long ago."""
        untold, told_at = self._counts.get(key, (0, -self._every_s))
        due = now - told_at >= self._every_s
        self._counts[key] = (0, now) if due else (untold + 1, told_at)
        self._counts.move_to_end(key)
        if len(self._counts) > self._most_keys:
            self._counts.popitem(last=False)
        return untold + 1 if due else 0


@dataclass(slots=True)
class _Bucket:
    tokens: float
    filled_at: float


class Buckets:
    """A token bucket per key; the least used keys are forgotten beyond ``most_keys``.

    Times are seconds of a monotonic clock, given by the caller.
    """

    def __init__(self, *, size: int, per_s: float, most_keys: int = 10_000) -> None:
        self._size = size
        self._per_s = per_s
        self._most_keys = most_keys
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()

    def take(self, key: str, *, now: float) -> None:
        """Take one token; raises ``TooMany`` with the seconds until there is one again."""
        bucket = self._buckets.get(key)
        if bucket is None:
            bucket = self._buckets[key] = _Bucket(tokens=float(self._size), filled_at=now)
            if len(self._buckets) > self._most_keys:
                self._buckets.popitem(last=False)
        self._buckets.move_to_end(key)
        gained = max(0.0, now - bucket.filled_at) * self._per_s
        bucket.tokens = min(float(self._size), bucket.tokens + gained)
        bucket.filled_at = now
        if bucket.tokens < 1.0:
            wait_s = ceil((1.0 - bucket.tokens) / self._per_s)
            raise TooMany("too many attempts; wait a little", retry_after_s=wait_s)
        bucket.tokens -= 1.0
