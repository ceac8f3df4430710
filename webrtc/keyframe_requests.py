"""How often a viewer's request for a keyframe (RFC 4585 PLI, RFC 5104 FIR) is passed on.

The publisher pays for each keyframe, and so do the other viewers.
"""

_EVERY_S, _AT_ONCE = 2.0, 4
"""For a viewer that asks and asks."""
_APART_S = 0.5
"""Requests closer together than this are one: browsers ask again until the keyframe comes."""
_THINNED_APART_S = 4.0
"""For one that is sent less, and whose link a keyframe fills for a second."""


class KeyframeRequests:
    """One per viewer. Times are monotonic."""

    def __init__(self) -> None:
        self._taken_s = float("-inf")
        self._left = float(_AT_ONCE)

    def take(self, now_s: float, *, is_thinned: bool) -> bool:
        """Whether one is passed on now; then it counts."""
        since_s = now_s - self._taken_s
        left = min(_AT_ONCE, self._left + since_s / _EVERY_S)
        if since_s < (_THINNED_APART_S if is_thinned else _APART_S) or left < 1:
            return False
        self._taken_s, self._left = now_s, left - 1
        return True

    def asked_apart(self, now_s: float) -> None:
        """One was asked for on another ground: the viewer's next comes no sooner for it."""
        self._taken_s = now_s
