"""A network link between one publisher and the relay: UDP through this process, thinned on the way.

It needs no privilege and no kernel module. SRTP leaves RTP's header in the clear, and a browser's
RTP timestamp is the time of capture: so the link sees how late each picture arrives, the
browser's own queue included.
"""

import asyncio
from collections import deque
from dataclasses import dataclass, field
from struct import unpack_from

CLEAN_BIT_PER_S = 50e6
_ONE_WAY_S = 0.02
_BUFFER_S = 2.0
"""What a mobile network keeps for a phone before it drops: with less, delay could not grow."""
_OVERHEAD_BYTES = 28  # IPv4 and UDP
_CLOCK_HZ = 90_000


@dataclass(frozen=True, slots=True)
class Arrival:
    """One video packet that came through: when, how large, and how long after its capture.

    ``transit_s`` has an unknown constant in it: only differences mean anything.
    """

    at_s: float
    octets: int
    transit_s: float


@dataclass(slots=True)
class Link:
    """``relay``: where the media process listens. `open` gives the address to tell the browser."""

    relay: tuple[str, int]
    bit_per_s: float = CLEAN_BIT_PER_S
    arrivals: list[Arrival] = field(default_factory=list)
    dropped: int = 0
    payload_type: int | None = None
    _queue: deque[tuple[float, bytes]] = field(default_factory=deque)
    _free_at_s: float = 0.0
    _browser: tuple[str, int] | None = None
    _near: asyncio.DatagramTransport | None = None
    _far: asyncio.DatagramTransport | None = None
    _timer: asyncio.TimerHandle | None = None

    async def open(self) -> tuple[str, int]:
        loop = asyncio.get_running_loop()
        self._near, _ = await loop.create_datagram_endpoint(
            lambda: _Hears(self._from_browser), local_addr=("127.0.0.1", 0)
        )
        self._far, _ = await loop.create_datagram_endpoint(
            lambda: _Hears(self._from_relay), local_addr=("127.0.0.1", 0)
        )
        host, port = self._near.get_extra_info("sockname")[:2]
        return host, port

    def close(self) -> None:
        for transport in (self._near, self._far):
            if transport is not None:
                transport.close()
        if self._timer is not None:
            self._timer.cancel()

    def _from_browser(self, data: bytes, address: tuple[str, int]) -> None:
        self._browser = address
        loop = asyncio.get_running_loop()
        now_s = loop.time()
        begins_s = max(now_s, self._free_at_s)
        if begins_s - now_s > _BUFFER_S:
            self.dropped += 1
            return
        self._free_at_s = begins_s + (len(data) + _OVERHEAD_BYTES) * 8 / self.bit_per_s
        self._queue.append((self._free_at_s + _ONE_WAY_S, data))
        if self._timer is None:
            self._timer = loop.call_at(self._queue[0][0], self._deliver)

    def _deliver(self) -> None:
        loop = asyncio.get_running_loop()
        now_s = loop.time()
        while self._queue and self._queue[0][0] <= now_s:
            due_s, data = self._queue.popleft()
            self._note(due_s, data)
            if self._far is not None:
                self._far.sendto(data, self.relay)
        self._timer = loop.call_at(self._queue[0][0], self._deliver) if self._queue else None

    def _note(self, at_s: float, data: bytes) -> None:
        if len(data) < 12 or data[0] >> 6 != 2 or data[1] & 0x7F != self.payload_type:
            return
        (timestamp,) = unpack_from("!I", data, 4)
        # A run is far shorter than the 13 hours in which the timestamp comes round.
        self.arrivals.append(Arrival(at_s, len(data), at_s - timestamp / _CLOCK_HZ))

    def _from_relay(self, data: bytes, address: tuple[str, int]) -> None:
        if self._browser is not None and self._near is not None:
            asyncio.get_running_loop().call_later(_ONE_WAY_S, self._to_browser, data)

    def _to_browser(self, data: bytes) -> None:
        if self._near is not None and not self._near.is_closing():
            self._near.sendto(data, self._browser)


class _Hears(asyncio.DatagramProtocol):
    def __init__(self, heard: object) -> None:
        self._heard = heard

    def datagram_received(self, data: bytes, address: tuple[str, int]) -> None:
        if callable(self._heard):
            self._heard(data, address)
