"""The packets of one stream that wait to be decoded: bounded, and whole from a keyframe on."""

import asyncio
from datetime import datetime, timedelta

from detectors.metrics import FRAMES_DROPPED
from domain.streams import Packet

# Ten seconds of a usual camera; a detector that far behind has lost its subject.
MOST_PACKETS = 250
MOST_BYTES = 16 * 1024 * 1024
# Pictures come a little early or late; who then waits for the next one halves the rate.
TOLERANCE = 0.25


class PacketFeed:
    """What has come and was not taken. A picture whose ancestors are missing is never given."""

    def __init__(self) -> None:
        self._packets: list[Packet] = []
        self._bytes = 0
        self._last: Packet | None = None
        self._whole = False
        """Whether the next packet can be decoded: nothing was lost since a keyframe."""
        self._came = asyncio.Event()

    def put(self, packet: Packet) -> None:
        """Take in the next packet; drop what it makes useless, and count what was lost."""
        lost = 0 if self._last is None else packet.sequence_number - self._last.sequence_number - 1
        if lost:
            self._drop("gap", max(0, lost))
        self._last = packet
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

    async def take(self, *, after: datetime | None, period: timedelta) -> list[Packet]:
        """Wait for a packet a ``period`` younger than ``after``; give all that came, in order."""
        while True:
            if self._packets:
                newest = self._packets[-1].captured_at
                # A clock that was set back is no reason to wait until it has caught up.
                if after is None or newest < after or newest - after >= period * (1 - TOLERANCE):
                    return self._take()
            self._came.clear()
            await self._came.wait()

    def _take(self) -> list[Packet]:
        taken = self._packets
        self._clear()
        return taken

    def _clear(self) -> None:
        self._packets = []
        self._bytes = 0

    def _drop(self, reason: str, count: int) -> None:
        FRAMES_DROPPED.labels(reason).inc(count)
        self._clear()
        self._whole = False
