"""A port with its sessions and their peers: what tests of it start from."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aioice import stun
from aioice.ice import Connection

from tests.component.webrtc.peers import LIMIT_S, LOOPBACK
from webrtc import ice
from webrtc.ice import IceAddresses
from webrtc.metrics import Metrics, value
from webrtc.port import Port

MEDIA = b"\x80\x60" + b"\x00" * 20  # SRTP to the first byte, nonsense to the last
BOTH = IceAddresses(bind=("127.0.0.1", "::1"))


@dataclass
class Relay:
    """A port and what it counts; ``refused`` by reason."""

    metrics: Metrics = field(default_factory=Metrics)

    def __post_init__(self) -> None:
        self.port = Port(metrics=self.metrics)

    def refused(self, reason: str) -> float:
        return value(self.metrics.datagrams_refused.labels(reason))

    async def expects(self, addresses: IceAddresses = LOOPBACK) -> Connection:
        """A session that has answered and waits for its peer."""
        connection = Connection(ice_controlling=False)
        ice.prepare(connection, addresses, self.port)
        await connection.gather_candidates()
        return connection


@asynccontextmanager
async def relay() -> AsyncIterator[Relay]:
    made = Relay()
    try:
        yield made
    finally:
        made.port.close()


@asynccontextmanager
async def pair(
    made: Relay, *, through: int | None = None
) -> AsyncIterator[tuple[Connection, Connection]]:
    """Two ends that ICE has joined: a session of ``made``, and its peer.

    The peer finds the session at the port ``through`` of a middle box, if there is one.
    """
    theirs, box = Connection(ice_controlling=True), Port(metrics=Metrics())
    ice.prepare(theirs, LOOPBACK, box)
    await theirs.gather_candidates()
    ours = await made.expects()
    for end, other in ((ours, theirs), (theirs, ours)):
        end.remote_username, end.remote_password = other.local_username, other.local_password
    for candidate in ours.local_candidates:
        candidate.port = through or candidate.port
        await theirs.add_remote_candidate(candidate)
    async with asyncio.timeout(LIMIT_S):
        await asyncio.gather(ours.connect(), theirs.connect())
    try:
        yield ours, theirs
    finally:
        await theirs.close()
        await ours.close()
        box.close()


def check(to: Connection, *, password: str | None = None, name: str | None = None) -> bytes:
    """A connectivity check for ``to``, as its peer would sign it."""
    request = stun.Message(stun.Method.BINDING, stun.Class.REQUEST)
    request.attributes["USERNAME"] = f"{name or to.local_username}:{to.remote_username or 'peer'}"
    request.attributes["PRIORITY"] = 1845494271
    request.attributes["ICE-CONTROLLING"] = 1
    request.add_message_integrity((password or to.local_password).encode())
    return bytes(request)


async def received(end: Connection) -> bytes:
    async with asyncio.timeout(LIMIT_S):
        return await end.recv()
