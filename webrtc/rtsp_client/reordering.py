"""Packets by UDP, put back in order: those that came ahead of another wait for it, for a moment."""

_MOST, _WAIT_S = 64, 0.1
_STALE = 50
"""So many in a row from behind: the camera counts anew."""


class Reordering:
    """`put` each packet as it comes; gives those whose turn it is, in order."""

    def __init__(self) -> None:
        self._next: int | None = None
        self._waiting: dict[int, tuple[bytes, float]] = {}
        self._stale = 0

    def put(self, packet: bytes, now_s: float) -> list[bytes]:
        if len(packet) < 12:
            return []
        sequence = packet[2] << 8 | packet[3]
        if self._next is None:
            self._next = sequence
        ahead = (sequence - self._next) & 0xFFFF
        if ahead >= 0x8000 or ahead > _MOST:  # late, or the numbers begin anew: not for us to say
            held = [self._waiting[each][0] for each in self._in_order()]
            self._waiting.clear()
            self._stale += 1
            if ahead < 0x8000 or self._stale >= _STALE:
                self._next, self._stale = (sequence + 1) & 0xFFFF, 0
            return [*held, packet]
        self._stale = 0
        self._waiting[sequence] = (packet, now_s)
        return self._due(now_s)

    def _due(self, now_s: float) -> list[bytes]:
        due: list[bytes] = []
        while self._waiting:
            found = self._waiting.pop(self._next or 0, None)
            if found is None:
                oldest_s = min(at_s for _, at_s in self._waiting.values())
                if len(self._waiting) < _MOST and now_s - oldest_s < _WAIT_S:
                    break
                self._next = self._in_order()[0]
                continue
            due.append(found[0])
            self._next = ((self._next or 0) + 1) & 0xFFFF
        return due

    def _in_order(self) -> list[int]:
        start = self._next or 0
        return sorted(self._waiting, key=lambda each: (each - start) & 0xFFFF)
