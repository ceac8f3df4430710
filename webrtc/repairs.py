"""How much of what one viewer has lost is sent again: a share of the picture's rate."""

_SHARE, _LEAST_BIT_PER_S = 0.5, 500_000.0
"""At a quarter lost it is a third. On a thin link more of it would only take the place of what is
new."""


class Repairs:
    """A second's worth at once, at most. Times are monotonic."""

    def __init__(self, *, now_s: float) -> None:
        self._bit_per_s = self._room = 2 * _LEAST_BIT_PER_S
        self._filled_at_s = now_s

    def follow(self, bit_per_s: float) -> None:
        """The picture's rate is so much."""
        self._bit_per_s = max(_LEAST_BIT_PER_S, _SHARE * bit_per_s)

    def take(self, octets: int, now_s: float) -> bool:
        """Whether so much may be sent again now; then it counts."""
        room = self._room + (now_s - self._filled_at_s) * self._bit_per_s
        self._room, self._filled_at_s = min(self._bit_per_s, room), now_s
        if self._room <= 0:
            return False
        self._room -= 8 * octets
        return True
