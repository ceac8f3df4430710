"""Cameras found on a network: WS-Discovery, as ONVIF's core specification 7.3 has it.

Whoever is on the network may answer, with whatever it likes: answers are counted, short, and an
address is kept only where it is the sender's own.
"""

import asyncio
import logging
import socket
import uuid
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import unquote, urlsplit

import ifaddr
from onveef.wsdiscovery import (
    WS_DISCOVERY_ADDRESS,
    WS_DISCOVERY_PORT,
    DiscoveredDevice,
    build_probe,
    parse_probe_matches,
)

from domain.addresses import Network
from domain.onvif import Trouble
from server.onvif.addresses import OnvifTrouble, is_allowed

logger = logging.getLogger(__name__)

MOST_FOUND = 500
MOST_BYTES = 16 * 1024
PROBES, HOPS = 3, 2


@dataclass(frozen=True, slots=True, order=True)
class Found:
    address: str
    name: str
    hardware: str
    id: str


@dataclass(frozen=True, slots=True)
class Group:
    """Where probes are sent; tests have one of their own."""

    address: str = WS_DISCOVERY_ADDRESS
    port: int = WS_DISCOVERY_PORT


def interfaces(networks: Sequence[Network]) -> list[str]:
    """This host's own IPv4 addresses on networks that may be asked."""
    found = {
        address
        for adapter in ifaddr.get_adapters()
        for ip in adapter.ips
        if ip.is_IPv4 and is_allowed(address := ip_address(str(ip.ip)), networks)
    }
    return [str(address) for address in sorted(found, key=int)]


class _Answers(asyncio.DatagramProtocol):
    def __init__(self, found: dict[str, Found], networks: Sequence[Network]) -> None:
        self._found, self._networks = found, networks

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        if len(data) > MOST_BYTES or len(self._found) >= MOST_FOUND:
            return
        if not is_allowed(ip_address(addr[0]), self._networks):
            return
        for match in parse_probe_matches(data.decode("utf-8", errors="replace")):
            if (one := _read(match, addr[0])) is not None and len(self._found) < MOST_FOUND:
                self._found[one.id] = one

    def error_received(self, exc: Exception) -> None:
        logger.debug("a probe met an error: %s", type(exc).__name__)


def _read(match: DiscoveredDevice, sender: str) -> Found | None:
    own = [url for url in match.xaddrs if _host_of(url) == sender]
    if not own:
        return None
    return Found(
        address=own[0][:200],
        name=_said(match.name),
        hardware=_said(match.hardware),
        id=match.endpoint_reference[:200] or own[0],
    )


def _said(scope: str) -> str:
    return " ".join(unquote(scope).split())[:80]


def _host_of(url: str) -> str:
    try:
        parts = urlsplit(url)
        return (parts.hostname or "") if parts.scheme in ("http", "https") else ""
    except ValueError:
        return ""


async def discover(
    wanted: Iterable[str],
    *,
    listen_s: float,
    networks: Sequence[Network] = (),
    group: Group | None = None,
) -> list[Found]:
    """Ask on each interface of ``wanted`` (an own IPv4 address); give who answered, by address.

    Raises `OnvifTrouble` when none of them can be asked on.
    """
    where = group or Group()
    found: dict[str, Found] = {}
    loop = asyncio.get_running_loop()
    with ExitStack() as stack:
        transports = []
        for interface in wanted:
            try:
                sock = _open(interface)
                transport, _ = await loop.create_datagram_endpoint(
                    lambda: _Answers(found, networks), sock=sock
                )
            except OSError as error:
                logger.info("no probe from %s: %s", interface, error)
                continue
            stack.callback(transport.close)
            transports.append(transport)
        if not transports:
            raise OnvifTrouble(Trouble.NO_ROUTE)
        for _ in range(PROBES):  # multicast loses some, and each needs an id of its own
            probe = build_probe(message_id=f"urn:uuid:{uuid.uuid4()}").encode()
            for transport in transports:
                transport.sendto(probe, (where.address, where.port))
            await asyncio.sleep(listen_s / PROBES)
    return sorted(found.values())


def _open(interface: str) -> socket.socket:
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        sock.setblocking(False)
        sock.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, HOPS)
        sock.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(interface))
        sock.bind((interface, 0))
    except OSError:
        sock.close()
        raise
    return sock
