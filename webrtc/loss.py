"""Which of a publisher's packets are missing, and when to ask for them again (RFC 4585 NACK)."""

_REACH = 200
"""Packets: what is further back is given up; a larger jump ahead is a new start, not loss."""
_ASK_AGAIN_S = 0.06
"""About a round trip on 4G: asking faster brings each lost packet twice."""
_MAX_ASKS = 8
_MAX_LISTED = 60


class Missing:
    """Holds at most `_REACH` sequence numbers. One per publisher's video."""

    def __init__(self) -> None:
        self._newest: int | None = None  # extended
        self._holes: dict[int, tuple[int, float]] = {}  # times asked, when last

    def saw(self, sequence: int, now_s: float) -> list[int]:
        """Note a packet; the sequence numbers (16 bits) to ask for now."""
        if self._newest is None:
            self._newest = sequence
            return []
        delta = ((sequence - self._newest + 0x8000) & 0xFFFF) - 0x8000
        if abs(delta) > _REACH:
            self._newest, self._holes = sequence, {}
            return []
        extended = self._newest + delta
        if delta <= 0:
            self._holes.pop(extended, None)
        else:
            for hole in range(self._newest + 1, extended):
                self._holes[hole] = (0, -_ASK_AGAIN_S)
            self._newest = extended
        return self._due(now_s) if self._holes else []

    def _due(self, now_s: float) -> list[int]:
        due: list[int] = []
        for hole, (asked, last_s) in list(self._holes.items()):
            if hole < (self._newest or 0) - _REACH or asked >= _MAX_ASKS:
                del self._holes[hole]
            elif now_s - last_s >= _ASK_AGAIN_S and len(due) < _MAX_LISTED:
                self._holes[hole] = (asked + 1, now_s)
                due.append(hole & 0xFFFF)
        return due
