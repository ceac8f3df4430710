"""Attempts: how often somebody may guess a code or a PIN before he has to wait."""

from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta

from aiohttp import web

from domain.errors import TooMany

#: So many wrong tries are free; each further one doubles the wait, up to the longest.
FREE_TRIES = 5
FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(minutes=15)
#: Wrong tries are forgotten after a quiet spell of this length.
FORGOTTEN_AFTER = timedelta(minutes=30)
#: At most so many are remembered; the oldest is forgotten first.
REMEMBERED = 10_000


@dataclass
class _Record:
    failures: int
    latest: datetime
    until: datetime


class Attempts:
    """Who guessed wrong, and until when he waits. ``who`` is a device's id or an address.

    In memory, for the one control process: a restart forgives, and nobody outside can cause one.
    """

    def __init__(self) -> None:
        self._records: OrderedDict[str, _Record] = OrderedDict()

    def check(self, who: str, *, now: datetime) -> None:
        """Raise ``TooMany`` while ``who`` has to wait, whatever he says now."""
        record = self._records.get(who)
        if record is not None and now < record.until:
            left = record.until - now
            raise TooMany("wait before you try again", retry_after_s=int(left.total_seconds()) + 1)

    def failed(self, who: str, *, now: datetime) -> None:
        record = self._records.pop(who, None)
        if record is None or now - record.latest > FORGOTTEN_AFTER:
            record = _Record(failures=0, latest=now, until=now)
        record.failures += 1
        record.latest = now
        if (beyond := record.failures - FREE_TRIES) >= 0:
            # The power is bounded: 2**10 waits are longer than the longest already.
            record.until = now + min(FIRST_WAIT * 2 ** min(beyond, 10), LONGEST_WAIT)
        self._records[who] = record
        if len(self._records) > REMEMBERED:
            self._records.popitem(last=False)

    def succeeded(self, who: str) -> None:
        self._records.pop(who, None)


ATTEMPTS = web.AppKey("ATTEMPTS", Attempts)
