"""Which addresses may be asked, so that an administrator's form opens no door to other machines.

A name is looked up once, and what is asked is the address that was checked: a name that changes its
address in between leads nowhere else.
"""

import asyncio
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

from domain.addresses import Address, Network, read_address
from domain.onvif import Trouble

LOOK_UP_S = 3.0
DEVICE_PATH = "/onvif/device_service"


class OnvifTrouble(Exception):
    """A camera could not be asked, or refused. Holds no password and no text of the camera's."""

    def __init__(self, reason: Trouble) -> None:
        super().__init__(reason.value)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Checked:
    """``url``: the device service, by address; ``host``: as the administrator wrote it."""

    url: str
    host: str


def is_allowed(address: Address, networks: Sequence[Network]) -> bool:
    """Within ``networks`` where some are set; else any that a camera may have.

    Not this machine, not a link's own addresses (a cloud's metadata service has one), not many.
    """
    if networks:
        return any(address in network for network in networks)
    return not (
        address.is_loopback
        or address.is_link_local
        or address.is_multicast
        or address.is_unspecified
        or address.is_reserved
    )


async def check_address(written: str, networks: Sequence[Network]) -> Checked:
    """Give where to ask, for a host, host:port or http(s) URL; raises `OnvifTrouble`."""
    url = written.strip() if "://" in written else f"http://{written.strip()}"
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise OnvifTrouble(Trouble.ADDRESS_REFUSED) from None
    if parts.scheme not in ("http", "https") or not host or parts.username is not None:
        raise OnvifTrouble(Trouble.ADDRESS_REFUSED)
    address = await _look_up(host)
    if not is_allowed(address, networks):
        raise OnvifTrouble(Trouble.ADDRESS_REFUSED)
    where = f"[{address}]" if address.version == 6 else str(address)
    netloc = where + (f":{port}" if port else "")
    path = parts.path if parts.path not in ("", "/") else DEVICE_PATH
    return Checked(urlunsplit((parts.scheme, netloc, path, "", "")), host)


async def _look_up(host: str) -> Address:
    if (written := read_address(host)) is not None:
        return written
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(LOOK_UP_S):
            found = await loop.getaddrinfo(host, None, type=socket.SOCK_STREAM)
        address = read_address(str(found[0][4][0]))
    except (OSError, TimeoutError, ValueError, IndexError):
        address = None
    if address is None:
        raise OnvifTrouble(Trouble.UNKNOWN_NAME)
    return address
