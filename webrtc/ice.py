"""Which addresses and ports of this host a peer is told of.

aioice leaves out 127.0.0.1, takes any port and knows no announced address; one connection's
gathering is replaced, for that connection alone.
"""

import asyncio
import random
import socket
from dataclasses import dataclass

from aioice.candidate import Candidate, candidate_foundation, candidate_priority
from aioice.ice import Connection, StunProtocol, get_host_addresses

from webrtc import internals

_COMPONENT = 1  # RTP and RTCP share it (RFC 8858)
_RECEIVE_BUFFER_BYTES = 512 * 1024
"""A phone's keyframe arrives at once: the default of 208 KiB has been seen to overflow."""
_PORT_ATTEMPTS = 32


@dataclass(frozen=True, slots=True)
class IceAddresses:
    """Where peers may reach this process.

    - ``bind``: local addresses to listen on; empty: all but the loopback.
    - ``loopback``: 127.0.0.1 too, so that a browser on this machine plays.
    - ``announced``: addresses outside a NAT that forwards the same ports to us.
    - ``ports``: first and last UDP port, both included; None: any. One port per peer.
    """

    bind: tuple[str, ...] = ()
    loopback: bool = False
    announced: tuple[str, ...] = ()
    ports: tuple[int, int] | None = None

    def local(self) -> list[str]:
        addresses = list(self.bind) or get_host_addresses(use_ipv4=True, use_ipv6=True)
        if self.loopback and "127.0.0.1" not in addresses:
            addresses.append("127.0.0.1")
        return addresses


class NoFreePort(OSError):
    """No address could be bound, or every port of the range is taken."""


def prepare(connection: Connection, own: IceAddresses) -> None:
    """Make ``connection`` gather ``own``, and nothing else, when it comes to it."""

    async def gather(component: int, addresses: list[str]) -> list[Candidate]:
        return await _gather(connection, own)

    internals.replace_gathering(connection, gather)


async def _gather(connection: Connection, addresses: IceAddresses) -> list[Candidate]:
    candidates: list[Candidate] = []
    protocols: list[StunProtocol] = []
    # Handed over at once, so that closing the connection closes each socket whatever follows.
    internals.share_protocols(connection, protocols)
    for preference, address in enumerate(addresses.local()):
        try:
            protocol = await _bind(connection, address, addresses.ports)
        except OSError:
            continue  # an address that went away, or IPv6 that is not ready yet
        protocols.append(protocol)
        host, port = protocol.transport.get_extra_info("sockname")[:2]
        protocol.local_candidate = _candidate(host, port, 65535 - preference)
        candidates.append(protocol.local_candidate)
    if not candidates:
        raise NoFreePort("no UDP port could be opened for this peer")
    first = candidates[0]
    candidates += [_candidate(outside, first.port, 32000) for outside in addresses.announced]
    return candidates


def _candidate(host: str, port: int, preference: int) -> Candidate:
    return Candidate(
        foundation=candidate_foundation("host", "udp", host),
        component=_COMPONENT,
        transport="udp",
        priority=candidate_priority(_COMPONENT, "host", preference),
        host=host,
        port=port,
        type="host",
    )


async def _bind(
    connection: Connection, address: str, ports: tuple[int, int] | None
) -> StunProtocol:
    loop = asyncio.get_running_loop()
    wanted = [0]
    if ports is not None:
        every = range(ports[0], ports[1] + 1)
        wanted = random.sample(every, min(len(every), _PORT_ATTEMPTS))
    for port in wanted[:-1]:
        try:
            return await _open(loop, connection, address, port)
        except OSError:
            continue
    return await _open(loop, connection, address, wanted[-1])


async def _open(
    loop: asyncio.AbstractEventLoop, connection: Connection, address: str, port: int
) -> StunProtocol:
    transport, protocol = await loop.create_datagram_endpoint(
        lambda: StunProtocol(connection), local_addr=(address, port)
    )
    sock = transport.get_extra_info("socket")
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _RECEIVE_BUFFER_BYTES)
    return protocol
