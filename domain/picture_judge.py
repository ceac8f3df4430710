"""PictureJudge: whether a camera's picture is frozen or blinded, by pictures decoded for analysis.

It is shown what the motion gate of an authorised camera looks at; nothing is decoded for it.
"""

from collections import deque
from datetime import datetime, timedelta

from domain.darkness import Darkness, DarkWhen
from domain.impairments import Impaired, impaired


class PictureJudge:
    """Takes looks at one camera; ``impaired`` is what it says of the camera now.

    ``detail``: how much light and dark lie beside each other in the picture. ``print``: equal for
    equal pictures.
    """

    EVERY = timedelta(seconds=1)
    LIVED = 60
    """Pictures that were not seen before: then the camera has been seen alive."""
    LEARNS_FROM = 10
    """So many, before how long its pictures last is taken for its way."""
    KNOWN_FOR, MOST_KNOWN = timedelta(seconds=30), 64
    """A picture that does not come again for so long is new when it does: a film that loops."""
    STALE_FOR, TIMES_THE_LONGEST = timedelta(seconds=60), 3
    BACK = 3
    """New pictures that it must show, or pictures in a row with something in them."""
    BLINDED_WHEN = DarkWhen(
        share=1 / 8, share_again=1 / 3, least=2.0, lasts=timedelta(seconds=15), back=BACK
    )

    def __init__(self) -> None:
        self._darkness = Darkness(self.BLINDED_WHEN)
        self._details: deque[float] = deque(maxlen=self.BACK)
        self.seen_at: datetime | None = None
        self._known: dict[int, tuple[datetime, datetime]] = {}
        """By print: when it was first seen, and last; who was seen last is last."""
        self._lived = self._fresh = 0
        self._stale = self._longest = timedelta(0)
        self._frozen: datetime | None = None

    @property
    def impaired(self) -> Impaired | None:
        return impaired(blinded_since=self._darkness.blinded_since, frozen_since=self._frozen)

    def is_due(self, at: datetime) -> bool:
        """Tell whether a picture of that time is to be shown: one a second is enough."""
        # abs(): a clock set back must not make it blind until the clock has caught up.
        return self.seen_at is None or abs(at - self.seen_at) >= self.EVERY

    def forget_place(self) -> None:
        """The camera has turned: what it showed before says nothing of what it shows now."""
        self._known.clear()
        self._details.clear()
        self._darkness.forget_place()
        self._fresh = 0
        self._frozen = None

    def saw(self, detail: float, print: int, at: datetime) -> None:
        if self.seen_at is not None and at < self.seen_at:
            self.forget_place()
        self.seen_at = at
        self._compare(print, at, shows_something=self._darkness.shows_something(detail))
        if self._darkness.weigh(detail, at):
            self._details.append(detail)
            if self._frozen is None and len(self._details) == self.BACK:
                self._darkness.learn(max(self._details), at)

    def _compare(self, print_: int, at: datetime, *, shows_something: bool) -> None:
        for known, (_, last) in list(self._known.items()):
            if at - last <= self.KNOWN_FOR and len(self._known) <= self.MOST_KNOWN:
                break
            del self._known[known]
        first, _ = self._known.pop(print_, (at, at))
        self._known[print_] = (first, at)
        stale = at - first
        if stale and shows_something:
            self._stale = max(self._stale, stale)
            enough = max(self.STALE_FOR, self.TIMES_THE_LONGEST * self._longest)
            if self._frozen is None and self._lived >= self.LIVED and stale >= enough:
                self._frozen, self._fresh = first, 0
            return
        self._lived += 1
        self._fresh += 1
        if self._frozen is None and self._lived >= self.LEARNS_FROM:
            self._longest = max(self._longest, self._stale)
        self._stale = timedelta(0)
        if self._fresh >= self.BACK:
            self._frozen = None
