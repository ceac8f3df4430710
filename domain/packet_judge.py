"""PacketJudge: whether a camera's picture is frozen or blinded, by how large its keyframes are.

Nothing is decoded. A picture that stands still is encoded into as many bytes each time, to the
byte; a living one never is, for its sensor's noise. A picture of nothing needs few bytes. What
that can't tell is in docs/design/cameras.md.
"""

from collections import deque
from datetime import datetime, timedelta

from domain.darkness import Darkness, DarkWhen
from domain.impairments import Impaired, impaired


class PacketJudge:
    """Takes one camera's keyframes as they come; ``impaired`` is what it says of the camera now."""

    LIVED = 30
    """Keyframes of other sizes than those before them: then it has been seen alive."""
    REPEATS, REPEATS_FOR = 6, timedelta(seconds=20)
    TIMES_THE_LONGEST = 3
    """Sizes that came again by themselves before have to come again so many times as often."""
    BACK = 2
    """Keyframes in a row that must show life again."""
    DARK = 3
    BLINDED_WHEN = DarkWhen(
        share=1 / 6,
        share_again=1 / 3,
        least=2000,  # bytes of a keyframe
        lasts=timedelta(seconds=30),
        pictures=DARK,
        back=BACK,
    )

    def __init__(self) -> None:
        self._darkness = Darkness(self.BLINDED_WHEN)
        self._sizes: deque[int] = deque(maxlen=3)
        self._at: datetime | None = None
        self._lived = 0
        self._repeats = 0
        self._repeats_since: datetime | None = None
        self._longest = 0
        self._fresh = 0
        self._frozen: datetime | None = None

    @property
    def impaired(self) -> Impaired | None:
        return impaired(blinded_since=self._darkness.blinded_since, frozen_since=self._frozen)

    def keyframe(self, size: int, at: datetime) -> None:
        """Take in the next one: its slices' bytes, without what only fills or names the picture."""
        if self._at is None or at < self._at:  # the clock was set back: what lasts lasts from here
            self._repeats_since = None
            self._darkness.begin_anew()
            self._at = at
        self._compare(size, at)
        self._at = at
        self._sizes.append(size)
        is_usual = self._darkness.weigh(size, at)
        if is_usual and self._frozen is None and len(self._sizes) == self.DARK:
            # As some in a row have to be dark, so it learns what some in a row have been.
            self._darkness.learn(max(self._sizes), at)

    def _compare(self, size: int, at: datetime) -> None:
        # Or the one before: encoders number their keyframes by turns, at the cost of a byte.
        if size in (*self._sizes,)[-2:] and self._darkness.shows_something(size):
            self._repeats_since = self._repeats_since or self._at or at
            self._repeats += 1
            self._fresh = 0
            lasted = at - self._repeats_since
            enough = max(self.REPEATS, self.TIMES_THE_LONGEST * self._longest + 1)
            if self._lived >= self.LIVED and self._repeats >= enough and lasted >= self.REPEATS_FOR:
                self._frozen = self._frozen or self._repeats_since
            return
        if self._frozen is None and self._lived >= self.LIVED:
            self._longest = max(self._longest, self._repeats)
        self._lived += 1
        self._repeats, self._repeats_since = 0, None
        self._fresh += 1
        if self._fresh >= self.BACK:
            self._frozen = None
