"""Sensors: a third party's detectors, registered by a commune, and the reports that they sign."""

from dataclasses import replace
from datetime import datetime
from secrets import token_bytes
from time import monotonic
from typing import Annotated, Literal
from uuid import UUID, uuid4

from aiohttp import web
from pydantic import Field, TypeAdapter

from domain.errors import TooMany
from domain.events import EventKind
from domain.identifiers import CommuneId, SensorId
from domain.people import Permission
from domain.sensors import KindNotAllowed, ReportChanged, Sensor, SensorSort
from domain.webhooks import SECRET_BYTES, ReportNotTaken, Signed, written
from mobile_api.bodies import (
    BadJson,
    Body,
    Instant,
    InvalidBody,
    Line,
    Note,
    PointBody,
    WrongMediaType,
    body_of,
    read_body,
    read_bytes,
    read_query,
)
from mobile_api.description import Needs, Routes
from server.database.sensors import Standing
from server.http import keys
from server.http.attempts import Buckets, Tally
from server.http.forwarded import address_of
from server.http.places import place_of
from server.http.principal import person_of
from server.http.schemas import Answer, At, ByCommune, GeoPoint, answer, answers, id_in

ROUTES = Routes("sensors")

READ, MANAGE = Permission.READ_SETUP, Permission.MANAGE_CAMERAS

#: A report is a kind and a time: no sound and no picture fits in.
REPORT_LIMIT = 4 * 1024
#: Thirty reports at once, then one in two seconds: more than one panel has to say.
BY_SENSOR = web.AppKey("BY_SENSOR", Buckets)
#: What one address sends, of any sensor, before the database is asked who signs: a town's
#: collector says less, and a flood leaves the database to the others.
BY_ADDRESS = web.AppKey("BY_ADDRESS", Buckets)
#: What a sensor says beyond that is told to its owner every two seconds, and not each time.
BEYOND = web.AppKey("BEYOND", Tally)
#: The same for what one address sends that is not signed; what is signed is taken all the same.
BY_STRANGER = web.AppKey("BY_STRANGER", Buckets)

type Kinds = Annotated[frozenset[EventKind], Field(max_length=20)]
type Maker = Annotated[Note, Field(max_length=200)]


class NewSensor(Body):
    """Without ``place`` the address is read on the map."""

    id: UUID | None = None
    commune_id: UUID
    name: Line
    sort: SensorSort
    maker: Maker = ""
    kinds: Kinds
    point: PointBody
    place: Line | None = None


class SensorChange(Body):
    name: Line | None = None
    maker: Maker | None = None
    kinds: Kinds | None = None
    point: PointBody | None = None
    place: Line | None = None
    in_use: bool | None = None


class NewSecret(Body):
    """``keep_previous``: both are good for a week; else the one before ends now."""

    keep_previous: bool = True


class SensorAnswer(Answer):
    """``refused_because``: why the latest refused report was, as a problem's code."""

    id: UUID
    commune_id: UUID
    name: str
    sort: SensorSort
    maker: str
    kinds: list[EventKind]
    point: GeoPoint
    place: str
    created_at: At
    disabled_at: At | None
    taken: int
    refused: int
    reported_at: At | None
    refused_because: str
    previous_until: At | None
    reports_to: str


class SensorWithSecret(SensorAnswer):
    """``secret``: shown this once; None when the same sensor was sent again."""

    secret: str | None


class ReportData(Body):
    kind: EventKind


class Report(Body):
    """What a sensor may say, and nothing more. ``timestamp`` is its own clock's, and only told."""

    type: Literal["sensor.event"]
    timestamp: Instant | None = None
    data: ReportData


class ReportTaken(Answer):
    """The event that it became; the same report again is answered the same."""

    event_id: UUID


@ROUTES.get(
    "/sensors",
    needs=READ,
    summary="The sensors of my communes, and what became of their reports.",
    query=ByCommune,
    answers={200: TypeAdapter(list[SensorAnswer])},
)
async def list_sensors(request: web.Request) -> web.Response:
    wanted = read_query(request, ByCommune).commune
    communes = await keys.communes_in(request, person_of(request), READ, wanted)
    found = await request.config_dict[keys.SENSORS].of_communes(communes)
    return answers(SensorAnswer(**_shown(request, one)) for one in found)


@ROUTES.post(
    "/sensors",
    needs=MANAGE,
    summary="Register a third party's detector; its secret is shown this once.",
    body=NewSensor,
    answers={201: SensorWithSecret},
    problems=("bad-sensor", "bad-position", "conflict"),
)
async def add_sensor(request: web.Request) -> web.Response:
    body, principal, at = await read_body(request, NewSensor), person_of(request), keys.now(request)
    commune_id = CommuneId(body.commune_id)
    await request.config_dict[keys.ACCESS].commune_for(principal, commune_id, MANAGE)
    point = body.point.point()
    sensor = Sensor(
        id=SensorId(body.id or uuid4()),
        commune_id=commune_id,
        name=body.name,
        sort=body.sort,
        maker=body.maker,
        kinds=body.kinds,
        point=point,
        place=body.place or place_of(request, point),
        created_at=at,
    )
    sensors, secret = request.config_dict[keys.SENSORS], token_bytes(SECRET_BYTES)
    is_new = await sensors.add(sensor, secret, actor=principal.actor, at=at)
    return await _with_secret(request, sensor.id, secret if is_new else None, status=201)


@ROUTES.patch(
    "/sensors/{sensor_id}",
    needs=MANAGE,
    summary="Change a sensor, or take it out of use: from then on nothing of it is taken.",
    body=SensorChange,
    answers={200: SensorAnswer},
    problems=("bad-sensor", "bad-position", "conflict"),
)
async def change_sensor(request: web.Request) -> web.Response:
    principal, sensor = person_of(request), await _sensor(request)
    body, at = await read_body(request, SensorChange), keys.now(request)
    point = body.point.point() if body.point is not None else None

    def change(one: Sensor) -> Sensor:
        disabled_at = one.disabled_at
        if body.in_use is not None:
            disabled_at = None if body.in_use else disabled_at or at
        return replace(
            one,
            name=body.name or one.name,
            maker=one.maker if body.maker is None else body.maker,
            kinds=one.kinds if body.kinds is None else body.kinds,
            point=point or one.point,
            place=body.place or one.place,
            disabled_at=disabled_at,
        )

    sensors = request.config_dict[keys.SENSORS]
    await sensors.change(sensor.id, change, actor=principal.actor, at=at)
    return answer(SensorAnswer(**_shown(request, await sensors.standing(sensor.id))))


@ROUTES.post(
    "/sensors/{sensor_id}/secret",
    needs=MANAGE,
    summary="Give a sensor a new secret, shown this once; the one before is good for a week more.",
    body=NewSecret,
    answers={201: SensorWithSecret},
)
async def renew_secret(request: web.Request) -> web.Response:
    principal, sensor = person_of(request), await _sensor(request)
    body, secret = await read_body(request, NewSecret), token_bytes(SECRET_BYTES)
    await request.config_dict[keys.SENSORS].renew_secret(
        sensor.id,
        secret,
        keep_previous=body.keep_previous,
        actor=principal.actor,
        at=keys.now(request),
    )
    return await _with_secret(request, sensor.id, secret, status=201)


@ROUTES.post(
    "/sensors/{sensor_id}/reports",
    needs=Needs.PUBLIC,
    summary="What a sensor reports, signed (Standard Webhooks); it becomes an event under an act in"
    " force.",
    body=Report,
    answers={202: ReportTaken},
    problems=("report-not-taken", "report-changed", "kind-not-allowed", "too-many", "too-large"),
)
async def report(request: web.Request) -> web.Response:
    """A stranger learns nothing: not even whether there is such a sensor."""
    request.config_dict[BY_ADDRESS].take(address_of(request), now=monotonic())
    raw = await read_bytes(request, limit=REPORT_LIMIT)
    at, sensors = keys.now(request), request.config_dict[keys.SENSORS]  # once all of it has come
    sensor_id = await _signed(request, raw, at=at)
    try:
        request.config_dict[BY_SENSOR].take(str(sensor_id), now=monotonic())
    except TooMany as error:
        if untold := request.config_dict[BEYOND].add(str(sensor_id), now=monotonic()):
            await sensors.count_refused(sensor_id, error.code, at=at, times=untold)
        raise
    try:
        kind = body_of(request, raw, Report).data.kind
        webhook_id = request.headers["webhook-id"]
        event_id = await sensors.report(sensor_id, webhook_id, raw, kind, at=at)
    except (KindNotAllowed, ReportChanged, InvalidBody, BadJson, WrongMediaType) as error:
        await sensors.count_refused(sensor_id, error.code, at=at)
        raise
    return answer(ReportTaken(event_id=event_id), status=202)


async def _signed(request: web.Request, raw: bytes, *, at: datetime) -> SensorId:
    """Give the sensor that signed what came; raises ``ReportNotTaken``, ``TooMany``."""
    headers = request.headers
    said = Signed(
        id=headers.get("webhook-id", ""),
        timestamp=headers.get("webhook-timestamp", ""),
        signature=headers.get("webhook-signature", ""),
        body=raw,
    )
    try:
        sensor_id = SensorId(UUID(request.match_info["sensor_id"]))
    except ValueError:
        sensor_id = SensorId(UUID(int=0))
    secrets = await request.config_dict[keys.SENSORS].secrets_of(sensor_id, at=at)
    try:
        said.check(secrets or (token_bytes(SECRET_BYTES),), now=at)
    except ReportNotTaken:
        request.config_dict[BY_STRANGER].take(address_of(request), now=monotonic())
        raise
    return sensor_id


async def _sensor(request: web.Request) -> Sensor:
    return await request.config_dict[keys.ACCESS].sensor_for(
        person_of(request), id_in(request, "sensor_id", SensorId), MANAGE
    )


async def _with_secret(
    request: web.Request, sensor_id: SensorId, secret: bytes | None, *, status: int
) -> web.Response:
    standing = await request.config_dict[keys.SENSORS].standing(sensor_id)
    shown = written(secret) if secret is not None else None
    return answer(SensorWithSecret(**_shown(request, standing), secret=shown), status=status)


def _shown(request: web.Request, one: Standing) -> dict[str, object]:
    sensor = one.sensor
    return {
        "id": sensor.id,
        "commune_id": sensor.commune_id,
        "name": sensor.name,
        "sort": sensor.sort,
        "maker": sensor.maker,
        "kinds": sorted(sensor.kinds),
        "point": sensor.point,
        "place": sensor.place,
        "created_at": sensor.created_at,
        "disabled_at": sensor.disabled_at,
        "taken": one.taken,
        "refused": one.refused,
        "reported_at": one.reported_at,
        "refused_because": one.refused_because,
        "previous_until": one.previous_until,
        "reports_to": f"{keys.public_url(request)}/api/v1/sensors/{sensor.id}/reports",
    }
