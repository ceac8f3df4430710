"""Camera: a fixed eye, where it looks, and the prefect's order that it rests on."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import ClassVar
from urllib.parse import unquote, urlsplit, urlunsplit

from domain.errors import Conflict, Forbidden, Invalid
from domain.identifiers import CameraId, CommuneId, OrderId, StreamId
from domain.positions import Point


class PlaceKind(StrEnum):
    """Public roads fall under the prefect's order; places closed to the public do not."""

    PUBLIC_ROAD = "public-road"
    CLOSED_TO_PUBLIC = "closed-to-public"


class SourceKind(StrEnum):
    RTSP = "rtsp"
    FILE = "file"


class Transport(StrEnum):
    """How a camera's picture comes: on its own connection, or by UDP beside it."""

    AUTO = "auto"  # TCP, and UDP where that is refused
    TCP = "tcp"
    UDP = "udp"


class NoOrderInForce(Forbidden):
    code: ClassVar[str] = "no-order-in-force"
    title: ClassVar[str] = "No prefect's order in force covers this camera"


class BadCamera(Invalid):
    code: ClassVar[str] = "bad-camera"
    title: ClassVar[str] = "The camera can't be recorded like this"


class CameraThere(Conflict):
    """One camera in two rows would have masks in one and be bare in the other."""

    code: ClassVar[str] = "camera-there"
    title: ClassVar[str] = "This camera is there already"


_RTSP_PORTS = {"rtsp": 554, "rtsps": 322}  # RFC 7826 section 19.2, IANA


def split_user(url: str) -> tuple[str, tuple[str, str] | None]:
    """A camera's address without user and password, and those. Raises ``BadCamera``.

    A password is read as it is meant, also where somebody typed its `@`, `:`, `/` or `%` as they
    are (RFC 3986 wants them encoded).
    """
    scheme, _, rest = url.partition("://")
    if scheme.lower() not in _RTSP_PORTS or not rest:
        raise BadCamera("a camera's address begins with rtsp:// or rtsps:// and names a host")
    if (clean := _at_host(url)) is not None:
        parts = urlsplit(url)
        if parts.username is None:
            return clean, None
        return clean, (unquote(parts.username), unquote(parts.password or ""))
    ends = [at for at, character in enumerate(rest) if character == "@"]
    for end in ends:
        if (clean := _at_host(f"{scheme}://{rest[end + 1 :]}", with_user=False)) is not None:
            user, _, password = rest[:end].partition(":")
            return clean, (user, password)
    raise BadCamera("the camera's address is not one")


def _at_host(url: str, *, with_user: bool = True) -> str | None:
    """The address alone; None where it names no host, or no port that there is."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        return None
    has_user, is_cut = "@" in parts.netloc, parts.netloc.endswith(":") and "@" in url
    if not host or is_cut or (has_user and not with_user):
        return None
    where = (f"[{host}]" if ":" in host else host) + (f":{port}" if port else "")
    return urlunsplit((parts.scheme, where, parts.path, parts.query, ""))


def host_in(url: str) -> str:
    """A camera's host as it stands in its address, in small letters; none of a file."""
    host = urlsplit(url).hostname or ""
    return f"[{host}]" if ":" in host else host


def onvif_moved(address: str, before: Sequence[str], after: Sequence[str]) -> str | None:
    """Where a camera is asked by ONVIF once its pictures come from ``after``, the main one first.

    What was asked at a host of its pictures ``before`` is asked at their new one. None: at a host
    that never was one of them, which is told no password.
    """
    asked = address if "://" in address else f"http://{address}"
    host = host_in(asked)
    if host in {host_in(url) for url in after}:
        return address
    if host not in {host_in(url) for url in before} or not host_in(after[0]):
        return None
    parts = urlsplit(asked)
    where = host_in(after[0]) + (f":{parts.port}" if parts.port else "")
    moved = urlunsplit((parts.scheme, where, parts.path, parts.query, ""))
    return moved if "://" in address else moved.removeprefix("http://")


def spellings(url: str) -> list[str]:
    """A camera's address (without user and password) in all ways in which it is the same place."""
    parts, host, found = urlsplit(url), host_in(url), []
    for scheme, usual in _RTSP_PORTS.items():
        port = parts.port or _RTSP_PORTS.get(parts.scheme, usual)
        written = [f"{host}:{port}"]
        if parts.port is None or port == usual:
            written.append(host)
        found += [urlunsplit((scheme, where, parts.path, parts.query, "")) for where in written]
    return found


def check_secret_stays(before: Iterable[str], after: Iterable[str]) -> None:
    """Raise ``BadCamera`` if a password that is kept would go to a host that never had it.

    ``before`` and ``after`` are a camera's addresses, as URLs. Whoever may change an address need
    not know the password, and a camera can ask for it in clear (RFC 7617, Basic).
    """
    if {urlsplit(url).hostname for url in after} - {urlsplit(url).hostname for url in before}:
        raise BadCamera("another host is told the password only if it is entered again")


#: The end of an order is announced this long before: a renewal takes a commission's sitting.
ANNOUNCED_BEFORE = timedelta(days=183)


@dataclass(frozen=True, kw_only=True)
class Order:
    """The prefect's order that authorises a videoprotection system (CSI L.252-1, five years).

    ``perimeter`` is a closed ring of points, or None where the order names single cameras.
    """

    id: OrderId
    commune_id: CommuneId
    number: str
    starts_at: datetime
    ends_at: datetime
    perimeter: tuple[Point, ...] | None = None
    fictive: bool = False

    def __post_init__(self) -> None:
        if not self.number.strip():
            raise BadCamera("the order's number is missing")
        if self.ends_at <= self.starts_at:
            raise BadCamera("the order ends before it starts")

    def in_force(self, at: datetime) -> bool:
        return self.starts_at <= at < self.ends_at

    def is_ending(self, at: datetime) -> bool:
        return self.in_force(at) and self.ends_at - at <= ANNOUNCED_BEFORE

    def covers(self, point: Point) -> bool:
        """Whether ``point`` lies in the perimeter (even-odd rule; a town is flat enough)."""
        if self.perimeter is None:
            return True
        inside = False
        ring = self.perimeter
        for a, b in zip(ring, (*ring[1:], ring[0]), strict=True):
            if (a.lat > point.lat) != (b.lat > point.lat):
                crossing = a.lon + (point.lat - a.lat) / (b.lat - a.lat) * (b.lon - a.lon)
                inside ^= point.lon < crossing
        return inside


@dataclass(frozen=True, kw_only=True)
class Camera:
    """One fixed camera. ``bearing_deg`` from true north, ``field_of_view_deg`` 1..360,
    ``range_m`` how far it sees. ``number`` is what operators type.
    ``transcode``: its pictures are decoded and encoded again here, once, for all who see it, since
    they are of a kind that could not be shown (B-frames).
    """

    id: CameraId
    commune_id: CommuneId
    number: int
    name: str
    source: SourceKind
    point: Point
    bearing_deg: float
    field_of_view_deg: float
    range_m: float
    place_kind: PlaceKind
    main_stream_id: StreamId
    sub_stream_id: StreamId | None = None
    order_id: OrderId | None = None
    demonstration: bool = False
    disabled_at: datetime | None = None
    transcode: bool = False
    transport: Transport = Transport.AUTO

    def __post_init__(self) -> None:
        if not 1 <= self.number <= 99_999:
            raise BadCamera("a camera's number is between 1 and 99999")
        if not self.name.strip():
            raise BadCamera("a camera needs a name")
        if not 0 <= self.bearing_deg < 360:
            raise BadCamera("the bearing is between 0 and 360 degrees")
        if not 1 <= self.field_of_view_deg <= 360:
            raise BadCamera("the field of view is between 1 and 360 degrees")
        if not 1 <= self.range_m <= 2_000:
            raise BadCamera("the range is between 1 and 2000 m")

    def check_lawful(self, order: Order | None, *, profile: str, at: datetime) -> None:
        """Raise ``NoOrderInForce`` when the French profile allows no picture from it now.

        Orders last five years; places closed to the public fall under the
        data-protection act instead.
        """
        if profile != "france" and not (profile == "demonstration" and self.demonstration):
            raise NoOrderInForce(f"the profile '{profile}' is for demonstration cameras only")
        if self.place_kind is PlaceKind.CLOSED_TO_PUBLIC:
            return
        if order is None:
            raise NoOrderInForce("record the prefect's order that this camera rests on")
        if order.fictive and not (self.demonstration and profile == "demonstration"):
            raise NoOrderInForce("a fictive order is for demonstration cameras only")
        if not order.in_force(at):
            raise NoOrderInForce(
                f"order {order.number} runs from {order.starts_at:%d/%m/%Y} "
                f"to {order.ends_at:%d/%m/%Y}"
            )
        if not order.covers(self.point):
            raise NoOrderInForce(f"the camera is outside the perimeter of order {order.number}")
