"""The packets of one stream that wait to be decoded: bounded, and whole from a keyframe on."""

import asyncio
from datetime import datetime, timedelta

from detectors.metrics import FRAMES_DROPPED
from domain.due import TOLERANCE
from domain.streams import Packet

# Ten seconds of a usual camera; a detector that far behind has lost its subject.
MOST_PACKETS = 250
MOST_BYTES = 16 * 1024 * 1024


class PacketFeed:
    """What has come and was not taken. A picture whose ancestors are missing is never given.

    ``period``: between two pictures that are to be looked at.
    """

    def __init__(self, period: timedelta) -> None:
        self._period = period
        self._early = period * TOLERANCE
        self._packets: list[Packet] = []
        self._bytes = 0
        self._last: Packet | None = None
        self._whole = False
        """Whether the next packet can be decoded: nothing was lost since a keyframe."""
        self._came = asyncio.Event()
        self._due_at: datetime | None = None
        """When the next picture that is to be looked at would best have been taken."""
        self._due = 0

    def put(self, packet: Packet) -> None:
        """Take in the next packet; drop what it makes useless, and count what was lost."""
        lost = 0 if self._last is None else packet.sequence_number - self._last.sequence_number - 1
        if lost:
            self._drop("gap", max(0, lost))
        self._last = packet
        self._count(packet.captured_at)
        if packet.is_keyframe:
            # What came before it need not be decoded any more, save that it is being looked at.
            self._clear()
            self._whole = True
        elif not self._whole:
            FRAMES_DROPPED.labels("gap").inc()
            return
        self._packets.append(packet)
        self._bytes += len(packet.data)
        if len(self._packets) > MOST_PACKETS or self._bytes > MOST_BYTES:
            self._drop("overflow", len(self._packets))
            return
        self._came.set()

    def lost(self) -> None:
        """Media has gone: what comes next starts with a keyframe and counts anew."""
        self._last = None
        self._whole = False

    async def due(self) -> None:
        """Wait until a picture is there that is to be looked at."""
        while not (self._due and self._packets):
            self._came.clear()
            await self._came.wait()

    def take(self) -> tuple[list[Packet], int]:
        """Give all that came, in order, and how many looks were due before the newest's."""
        taken, missed = self._packets, max(0, self._due - 1)
        self._due = 0
        self._clear()
        return taken, missed

    def _count(self, at: datetime) -> None:
        # A clock that was set back is no reason to wait until it has caught up.
        was_set_back = self._due_at is not None and at < self._due_at - 2 * self._period
        if self._due_at is None or was_set_back:
            self._due_at = at
        if at >= self._due_at - self._early:
            self._due += 1
            # What is taken early does not bring the next look forward.
            self._due_at = max(self._due_at, at - self._period / 2) + self._period

    def _clear(self) -> None:
        self._packets = []
        self._bytes = 0

    def _drop(self, reason: str, count: int) -> None:
        FRAMES_DROPPED.labels(reason).inc(count)
        self._clear()
        self._whole = False
