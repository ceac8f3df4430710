"""Which addresses of this host a peer is told of, and the port behind which all peers are served.

aioice leaves out 127.0.0.1, opens a port per peer and knows no announced address; one connection's
gathering is replaced, for that connection alone.
"""

import secrets
from dataclasses import dataclass

from aioice.candidate import Candidate, candidate_foundation, candidate_priority
from aioice.ice import Connection, get_host_addresses
from aiortc.rtcdtlstransport import RTCDtlsTransport

from webrtc import internals
from webrtc.port import Port

_COMPONENT = 1  # RTP and RTCP share it (RFC 8858)


@dataclass(frozen=True, slots=True)
class IceAddresses:
    """Where peers may reach this process.

    - ``bind``: local addresses to listen on; empty: all but the loopback.
    - ``loopback``: 127.0.0.1 too, so that a browser on this machine plays.
    - ``announced``: addresses outside a NAT that forwards the same port to us.
    - ``port``: the UDP port of all peers; 0: any free one.
    """

    bind: tuple[str, ...] = ()
    loopback: bool = False
    announced: tuple[str, ...] = ()
    port: int = 0

    def local(self) -> list[str]:
        addresses = list(self.bind) or get_host_addresses(use_ipv4=True, use_ipv6=True)
        if self.loopback and "127.0.0.1" not in addresses:
            addresses.append("127.0.0.1")
        return addresses


def prepare(
    connection: Connection,
    own: IceAddresses,
    port: Port,
    *,
    dtls: RTCDtlsTransport | None = None,
) -> None:
    """Make ``connection`` gather ``own`` addresses behind ``port``, and nothing else.

    With ``dtls``, what comes in as RTP is handled as it is read, past aiortc's queue and task.
    """

    async def gather(component: int, addresses: list[str]) -> list[Candidate]:
        hosts = port.open(own.local())  # each time: an address may have come or gone
        local = [
            _candidate(host, port.number, 65535 - preference)
            for preference, host in enumerate(hosts)
        ]
        port.attend(connection, local, dtls=dtls)
        return local + [_candidate(outside, port.number, 32000) for outside in own.announced]

    # By this name the port finds the session: aioice's four letters may repeat.
    internals.rename(connection, secrets.token_hex(8))
    internals.replace_gathering(connection, gather)


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
