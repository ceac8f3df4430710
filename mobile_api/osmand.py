"""Positions by the OsmAnd protocol, as Traccar Client sends them with the screen off.

Two forms (https://www.traccar.org/osmand/): query or form parameters, and since Traccar Client 9
JSON. Its ``id`` is this device's secret, so it travels over HTTPS only. The client keeps a fix and
sends it again until the answer is 2xx, oldest first: a fix that is refused for good (off shift, on
a break, a wrong clock) is therefore answered 200 with what was done about it, or it would hold up
all later ones. What no such client sends (no number, another's id) is a problem like elsewhere.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from math import isfinite
from typing import Annotated, Any, ClassVar
from urllib.parse import parse_qsl
from uuid import NAMESPACE_URL, uuid5

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from domain.addresses import is_of_this_machine
from domain.errors import DomainError, Forbidden, Invalid, NotFound
from domain.identifiers import AlertId
from domain.people import Permission
from domain.positions import BadPosition, Point, Position
from domain.principals import DevicePrincipal
from domain.units import NotOnShift, OnBreak
from mobile_api.alarms import raise_alarm
from mobile_api.bodies import BadJson, invalid, read_bytes
from mobile_api.description import Needs, Routes
from mobile_api.keys import CLOCK, DEVICES, Fix
from mobile_api.positions import take
from mobile_api.schemas import Answer, answer
from mobile_api.tokens import digest

logger = logging.getLogger(__name__)

PATH = "/osmand"
ROOT = Routes("osmand")

LIMIT = 16 * 1024  # bytes; a real report is under 1 KiB
METRES_PER_SECOND = 1852 / 3600  # in a knot
LONGEST_ID = 100  # characters; ours have 43
#: Smaller numbers are seconds, as Traccar reads them, greater ones milliseconds.
MILLISECONDS_FROM = 2**31 - 1


class HttpsRequired(Forbidden):
    code: ClassVar[str] = "https-required"
    title: ClassVar[str] = "Send this over HTTPS"


class Outcome(Answer):
    """What became of a report. ``code`` and ``detail`` say why it was not stored."""

    stored: bool
    alarm: bool = False
    code: str | None = None
    detail: str | None = None


@dataclass(frozen=True, kw_only=True)
class Report:
    """One report. ``position`` None: a sign of life without a place."""

    secret: str
    at: datetime
    position: Position | None
    sos: bool


class _Coords(BaseModel):
    model_config = ConfigDict(allow_inf_nan=False)

    latitude: float
    longitude: float
    accuracy: float | None = None
    speed: float | None = None
    heading: float | None = None


class _Location(BaseModel):
    timestamp: datetime
    coords: _Coords | None = None
    alarm: str | None = None
    extras: dict[str, Any] = Field(default_factory=dict)


class _Document(BaseModel):
    """The JSON form. What else a client sends (battery, activity) is not looked at."""

    device_id: Annotated[str, Field(min_length=1, max_length=LONGEST_ID)]
    location: _Location


def from_parameters(parameters: Mapping[str, str], *, received_at: datetime) -> Report:
    """Read the query or form parameters; speed is in knots. Raises ``Invalid``, ``BadPosition``."""
    secret = parameters.get("id") or parameters.get("deviceid") or ""
    if not 1 <= len(secret) <= LONGEST_ID:
        raise Invalid("the report has no id")
    sos = parameters.get("alarm") == "sos"
    try:
        at = _time(parameters.get("timestamp"), received_at=received_at)
        position = _position_of(parameters, at=at)
    except BadPosition:
        if not sos:
            raise
        # A cry for help is heard, whatever its place looks like.
        at, position = received_at, None
    return Report(secret=secret, at=at, position=position, sos=sos)


def _position_of(parameters: Mapping[str, str], *, at: datetime) -> Position | None:
    lat, lon = parameters.get("lat"), parameters.get("lon")
    if location := parameters.get("location"):
        lat, _, lon = location.partition(",")
    if not lat and not lon:
        return None
    knots = _number(parameters, "speed")
    return Position(
        point=Point(_finite(lon or ""), _finite(lat or "")),
        fixed_at=at,
        accuracy_m=_known(_number(parameters, "accuracy"), most=100_000),
        heading_deg=_known(
            _number(parameters, "bearing") or _number(parameters, "heading"), most=360
        ),
        speed_mps=_known(None if knots is None else knots * METRES_PER_SECOND, most=150),
    )


def from_json(raw: bytes) -> Report:
    """Read the JSON form; speed is in m/s, -1 is 'unknown'.

    Raises ``InvalidBody``, ``BadJson`` and ``BadPosition``.
    """
    try:
        document = _Document.model_validate_json(raw)
    except ValidationError as error:
        if any(one["type"] == "json_invalid" for one in error.errors()):
            raise BadJson("the report is not JSON") from None
        raise invalid(error) from None
    location, coords = document.location, document.location.coords
    fixed_at = location.timestamp
    if fixed_at.tzinfo is None:
        fixed_at = fixed_at.replace(tzinfo=UTC)
    sos = "sos" in (location.alarm, location.extras.get("alarm"))
    try:
        position = _position_at(coords, at=fixed_at) if coords else None
    except BadPosition:
        if not sos:
            raise
        position = None
    return Report(secret=document.device_id, at=fixed_at, position=position, sos=sos)


def _position_at(coords: _Coords, *, at: datetime) -> Position:
    return Position(
        point=Point(coords.longitude, coords.latitude),
        fixed_at=at,
        accuracy_m=_known(coords.accuracy, most=100_000),
        heading_deg=_known(coords.heading, most=360),
        speed_mps=_known(coords.speed, most=150),
    )


async def _receive(request: web.Request) -> web.Response:
    _check_transport(request)
    services, now = request.config_dict, request.config_dict[CLOCK]()
    report = await _read(request, now=now)
    principal = await services[DEVICES].by_osmand(digest(report.secret))
    if principal is None:
        raise NotFound("no device has this id; it is shown when a device is enrolled")
    if principal.device.commune_id not in principal.person.communes_with(Permission.PATROL, now):
        # As on every other route; but a 403 would make the client send it for ever.
        return _refused(principal, Forbidden("the agent's habilitation is not in force"))
    if report.sos:
        await raise_alarm(
            request,
            principal,
            alert_id=AlertId(uuid5(NAMESPACE_URL, f"sos:{principal.device.id}:{_stamp(report)}")),
            point=report.position.point if report.position else None,
            fixed_at=report.position.fixed_at if report.position else None,
        )
    if report.position is None:
        return answer(Outcome(stored=False, alarm=report.sos))
    # The protocol has no id of a fix: the same device, time and place are the same fix.
    fix_id = uuid5(NAMESPACE_URL, f"fix:{principal.device.id}:{_stamp(report)}")
    refused: DomainError | None = None
    try:
        _, late = await take(
            request, principal, [Fix(id=fix_id, position=report.position)], now=now
        )
        refused = late[0][1] if late else None
    except (NotOnShift, OnBreak) as error:
        refused = error
    if refused is not None:
        return _refused(principal, refused, alarm=report.sos)
    return answer(Outcome(stored=True, alarm=report.sos))


def _refused(
    principal: DevicePrincipal, error: DomainError, *, alarm: bool = False
) -> web.Response:
    logger.info("refused a report of %s: %s", principal.device.id, error.code)
    return answer(Outcome(stored=False, alarm=alarm, code=error.code, detail=str(error)))


_SAID: dict[str, Any] = {
    "needs": Needs.PUBLIC,  # the id in the report is the secret
    "summary": "A position from Traccar Client (OsmAnd protocol); `alarm=sos` is a panic alarm.",
    "answers": {200: Outcome},
    "problems": (HttpsRequired.code, BadPosition.code),
}
ROOT.get(PATH, **_SAID)(_receive)
ROOT.post(PATH, **_SAID)(_receive)


def _check_transport(request: web.Request) -> None:
    """Raise ``HttpsRequired`` unless the secret came encrypted, or from this very machine."""
    if not (request.secure or is_of_this_machine(request.remote or "")):
        raise HttpsRequired("the id is a secret: use the https:// address of this server")


async def _read(request: web.Request, *, now: datetime) -> Report:
    raw = await read_bytes(request, limit=LIMIT)
    if raw and request.content_type == "application/json":
        return from_json(raw)
    if request.query:
        return from_parameters(dict(request.query), received_at=now)
    try:
        pairs = parse_qsl(raw.decode("utf-8"), max_num_fields=100)
    except ValueError:
        raise Invalid("the form can't be read") from None
    return from_parameters(dict(pairs), received_at=now)


def _stamp(report: Report) -> str:
    point = report.position.point if report.position else None
    place = f"{point.lon:.7f}:{point.lat:.7f}" if point else "nowhere"
    return f"{report.at.timestamp():.3f}:{place}"


def _time(text: str | None, *, received_at: datetime) -> datetime:
    """Seconds or milliseconds since 1970, ISO 8601, or ``2026-01-31 12:00:00`` in UTC."""
    if not text:
        return received_at
    try:
        if text.isascii() and text.isdigit():
            number = int(text[:20])
            seconds = number if number < MILLISECONDS_FROM else number / 1000
            return datetime.fromtimestamp(seconds, UTC)
        at = datetime.fromisoformat(text)
    except (ValueError, OverflowError, OSError):
        raise BadPosition("the fix has no time that can be read") from None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _number(parameters: Mapping[str, str], name: str) -> float | None:
    text = parameters.get(name)
    return _finite(text) if text else None


def _finite(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = float("nan")
    if not isfinite(number):
        raise BadPosition("a value of the report is not a number")
    return number


def _known(number: float | None, *, most: float) -> float | None:
    # Negative: the phone does not know it. A wild value costs that value, not the fix: refused, it
    # would come again for ever and hold up the others.
    return number if number is not None and 0 <= number <= most else None
