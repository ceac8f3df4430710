"""Darkness: whether a camera is blinded, by how much each of its pictures shows."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.impairments import UsualLows


@dataclass(frozen=True, kw_only=True)
class DarkWhen:
    """From when on it is dark; how much there is in a picture is measured as its judge does."""

    share: float
    """Of the usual low: so little shows nothing."""
    share_again: float
    """Of the usual low: from so much on, something is shown again."""
    least: float
    """A camera whose usual low is below shows so little that less of it proves nothing."""
    lasts: timedelta
    pictures: int = 1
    """So many in a row at least."""
    back: int
    """Pictures in a row that must show something again."""


class Darkness:
    def __init__(self, when: DarkWhen) -> None:
        self._when = when
        self._lows = UsualLows()
        self._count = 0
        self._began: datetime | None = None
        self._usual = 0.0
        self._lit = 0
        self.blinded_since: datetime | None = None

    def begin_anew(self) -> None:
        """What has been dark until now does not count: it lasts from here."""
        self._began = None

    def forget_place(self) -> None:
        """The camera has turned: what it showed before says nothing of what it shows now."""
        self._began = self.blinded_since = None
        self._lit = 0

    def shows_something(self, shown: float) -> bool:
        return shown >= self._when.share * self._lows.best()

    def learn(self, shown: float, at: datetime) -> None:
        self._lows.learn(shown, at)

    def weigh(self, shown: float, at: datetime) -> bool:
        """Take in the next picture; tell whether it is as usual, so that it may be learnt from."""
        when = self._when
        if self.blinded_since is not None:
            self._lit = self._lit + 1 if shown >= when.share_again * self._usual else 0
            if self._lit >= when.back:
                self.blinded_since, self._count, self._began = None, 0, None
            return False
        usual = self._lows.usual(at)
        if usual is not None and usual >= when.least and shown <= when.share * usual:
            self._began = self._began or at
            self._count += 1
            if self._count >= when.pictures and at - self._began >= when.lasts:
                self.blinded_since, self._usual, self._lit = self._began, usual, 0
            return False
        self._count, self._began = 0, None
        return True
