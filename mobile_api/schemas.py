"""What goes out to a phone, and how an answer is written. Times are UTC, points GeoJSON."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Annotated, Literal
from uuid import UUID

from aiohttp import web
from pydantic import BaseModel, BeforeValidator, ConfigDict, PlainSerializer

from domain.alerts import AlertState
from domain.errors import NotFound
from domain.events import EventKind
from domain.interventions import InterventionState
from domain.positions import Point
from domain.rules import Service
from domain.units import DeviceKind, UnitKind
from mobile_api.keys import ChannelName, Still


class Answer(BaseModel):
    """The base of what goes out: read from any object that has fields of these names."""

    model_config = ConfigDict(from_attributes=True, frozen=True)


def as_z(at: datetime) -> str:
    # RFC 3339 in UTC, milliseconds: what every page and phone can parse and subtract.
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


type At = Annotated[datetime, PlainSerializer(as_z, return_type=str, when_used="json")]


class PointAnswer(Answer):
    """A GeoJSON point (RFC 7946), WGS 84."""

    type: Literal["Point"] = "Point"
    coordinates: tuple[float, float]


def _as_geojson(value: object) -> object:
    return {"coordinates": (value.lon, value.lat)} if isinstance(value, Point) else value


type GeoPoint = Annotated[PointAnswer, BeforeValidator(_as_geojson)]


class UnitRef(Answer):
    unit_id: UUID
    call_sign: str


class MobileDevice(Answer):
    id: UUID
    name: str
    kind: DeviceKind
    push: ChannelName | None


class MobilePerson(Answer):
    id: UUID
    name: str
    locale: str


class MobileCommune(Answer):
    id: UUID
    name: str
    centre: GeoPoint
    profile: str


class MobileUnit(Answer):
    id: UUID
    commune_id: UUID
    call_sign: str
    kind: UnitKind
    armed: bool
    disabled_at: At | None


class MobileShift(Answer):
    id: UUID
    unit_id: UUID
    started_at: At
    break_since: At | None


class MobileAssignment(Answer):
    unit_id: UUID
    call_sign: str
    state: InterventionState
    assigned_at: At
    en_route_at: At | None
    on_scene_at: At | None
    cleared_at: At | None
    by_radio: bool


class MobileIntervention(Answer):
    """An intervention as the units on it see it; ``mine`` is this unit's own part."""

    id: UUID
    commune_id: UUID
    alert_id: UUID | None
    kind: EventKind
    point: GeoPoint | None
    place: str
    state: InterventionState
    mine: InterventionState | None
    created_at: At
    closed_at: At | None
    report: str
    assignments: list[MobileAssignment]


class Channel(Answer):
    """A push channel: ``reason`` says why it is off."""

    on: bool
    reason: str


class Channels(Answer):
    web_push: Channel
    firebase: Channel


class MobileMe(Answer):
    """Everything a phone's first page shows; ``sees_pictures``: this crew, on this shift."""

    device: MobileDevice
    person: MobilePerson
    commune: MobileCommune
    units: list[MobileUnit]
    sees_pictures: bool
    shift: MobileShift | None
    intervention: MobileIntervention | None
    vapid_public_key: str | None
    channels: Channels


class Osmand(Answer):
    """What is typed into Traccar Client: its server and its device identifier, a secret."""

    url: str
    id: str


class Enrolled(MobileMe):
    """The two secrets are shown this once; the server keeps hashes."""

    token: str
    osmand: Osmand


class CameraStreams(Answer):
    main: UUID
    sub: UUID | None


class MobileAlert(Answer):
    """An alert as a unit sees it.

    ``service``: whom it is for. ``mine``: this unit acknowledged it.
    """

    id: UUID
    kind: EventKind
    service: Service
    state: AlertState
    point: GeoPoint | None
    place: str
    note: str
    still: bool
    raised_at: At
    sent_at: At | None
    camera_id: UUID | None
    camera_streams: CameraStreams | None
    acknowledged_by: UnitRef | None
    acknowledged_at: At | None
    mine: bool
    declined: bool
    intervention_id: UUID | None


class Acknowledged(Answer):
    alert: MobileAlert
    intervention: MobileIntervention


class SenderRef(Answer):
    id: UUID
    name: str


class MobileGuidance(Answer):
    id: UUID
    commune_id: UUID
    unit_id: UUID
    call_sign: str
    sent_by: SenderRef
    intervention_id: UUID | None
    point: GeoPoint | None
    place: str
    text: str
    sent_at: At
    arrived_at: At | None
    read_at: At | None


class NearCamera(Answer):
    id: UUID
    number: int
    name: str
    point: GeoPoint
    bearing_deg: float
    field_of_view_deg: float
    range_m: float
    distance_m: float | None
    streams: CameraStreams
    up: bool


class RefusedFix(Answer):
    id: UUID
    code: str


class Taken(Answer):
    """``stored``: fixes that are kept now, those sent before included."""

    stored: int
    refused: list[RefusedFix]


def answer(model: BaseModel, *, status: int = 200) -> web.Response:
    """Write ``model`` as JSON."""
    return web.Response(
        status=status, body=model.model_dump_json().encode(), content_type="application/json"
    )


def answers(models: Iterable[BaseModel]) -> web.Response:
    """Write a list of models as a JSON array."""
    inner = b",".join(model.model_dump_json().encode() for model in models)
    return web.Response(body=b"[%s]" % inner, content_type="application/json")


def picture(still: Still) -> web.Response:
    """Write a picture, with when it was taken; nobody on the way may keep it."""
    headers = {"X-Captured-At": as_z(still.taken_at), "Cache-Control": "no-store"}
    return web.Response(body=still.jpeg, content_type="image/jpeg", headers=headers)


def id_in[T](request: web.Request, name: str, kind: Callable[[UUID], T]) -> T:
    """Give the id in the path; what is no UUID names nothing: raises ``NotFound``."""
    try:
        return kind(UUID(request.match_info[name]))
    except ValueError:
        raise NotFound("this is not an id") from None
