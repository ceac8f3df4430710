"""Whether the installation works: for operators, for probes, for Prometheus."""

import asyncio
import shutil
from collections.abc import Iterable, Mapping, Sequence, Set
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit
from uuid import UUID

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from domain.addresses import is_of_this_machine
from domain.errors import Forbidden, Unavailable
from domain.events import EventKind
from domain.identifiers import CameraId, CommuneId
from domain.impairments import Impairment
from domain.outages import Down, outages
from domain.people import Permission
from domain.volumes import AlarmKind, VolumeState, alarms
from mobile_api.bodies import Body, Line, read_query
from mobile_api.description import Needs, Routes
from mobile_api.keys import CLOCK, PUSH
from server.database.health_views import CameraDownView, HealthView
from server.database.pool import Database
from server.database.rule_states import RuleState
from server.http import keys
from server.http.camera_answers import CameraTime
from server.http.media import MEDIA
from server.http.principal import person_of
from server.http.rule_states import RulesResting, measure, resting_in
from server.http.schemas import Answer, At, answer

ROUTES = Routes("health")
ROOT = Routes("health")

DATA_DIR = web.AppKey("DATA_DIR", Path)
DATABASE = web.AppKey("DATABASE", Database)
READY_LIMIT_S = 2.0

type May = Mapping[Permission, frozenset[CommuneId]]


class ProcessHealth(Answer):
    role: str
    holder: str
    up: bool
    seen_at: At
    clock_offset_ms: float | None


class CameraDown(Answer):
    id: UUID
    number: int
    name: str
    since: At
    reason: str


class CamerasOut(Answer):
    """Cameras that went down together. ``network``: what they share, for who manages cameras."""

    since: At
    cameras: list[UUID]
    network: str | None


class DatabaseHealth(Answer):
    ok: bool
    size_bytes: int | None


class DiskHealth(Answer):
    free_bytes: int
    total_bytes: int


class ChannelHealth(Answer):
    on: bool
    reason: str


class PushHealth(Answer):
    web_push: ChannelHealth
    firebase: ChannelHealth


class OrderEnding(Answer):
    id: UUID
    number: str
    ends_at: At


class WrongClock(Answer):
    """A camera whose clock is certainly off by over 100 ms."""

    id: UUID
    number: int
    name: str
    clock: CameraTime


class CameraBehind(Answer):
    """A camera that is analysed less often than it should be: there is more to do than can be."""

    id: UUID
    number: int
    name: str
    looks_per_s: float
    wanted_per_s: float


class CameraImpaired(Answer):
    """A camera whose picture comes in, and is the same for ever, or black or covered."""

    id: UUID
    number: int
    name: str
    what: Impairment
    since: At


class SuspendedDetection(Answer):
    """A kind that cried wolf on a camera, and is not looked for there."""

    camera_id: UUID
    number: int
    name: str
    kind: EventKind
    suspended_at: At


class VolumeAlarm(Answer):
    """``full_at``: when the disk will be full, where it will. ``overdue``: past their hour."""

    volume: UUID
    commune_id: UUID
    host: str
    kind: AlarmKind
    since: At
    full_at: At | None
    overdue: int


class Health(Answer):
    now: At
    processes: list[ProcessHealth]
    cameras_down: list[CameraDown]
    outages: list[CamerasOut]
    database: DatabaseHealth
    disk: DiskHealth
    push: PushHealth
    orders_ending: list[OrderEnding]
    camera_clocks: list[WrongClock]
    suspensions: list[SuspendedDetection]
    cameras_behind: list[CameraBehind]
    cameras_impaired: list[CameraImpaired]
    rules_resting: RulesResting
    recordings: list[VolumeAlarm]


class Ready(Answer):
    ok: bool


class MetricsQuery(Body):
    """``process``: a holder as `/health` names it, e.g. ``media@host/1``; none: control itself."""

    process: Line | None = None


@dataclass(frozen=True, kw_only=True)
class Readings:
    """What was read once for everybody; each is shown what is of his communes."""

    at: datetime
    view: HealthView
    disk: DiskHealth
    push: PushHealth
    volumes: list[VolumeState]
    rules: list[RuleState]
    labels: Set[str]
    """What the models know that the operator has supplied."""

    def shown_to(self, may: May) -> Health:
        communes = may.get(Permission.VIEW_CAMERAS, frozenset()) | may.get(
            Permission.READ_SETUP, frozenset()
        )
        down = [one for one in self.view.cameras_down if one.commune_id in communes]
        return Health(
            now=self.at,
            processes=[ProcessHealth.model_validate(one) for one in self.view.processes],
            cameras_down=[CameraDown.model_validate(one) for one in down],
            outages=_outages(down, managed=may.get(Permission.MANAGE_CAMERAS, frozenset())),
            database=DatabaseHealth(ok=True, size_bytes=self.view.database_size_bytes),
            disk=self.disk,
            push=self.push,
            orders_ending=_of(OrderEnding, self.view.orders_ending, communes),
            camera_clocks=_of(WrongClock, self.view.clocks_wrong, communes),
            suspensions=_of(SuspendedDetection, self.view.suspensions, communes),
            cameras_behind=_of(CameraBehind, self.view.cameras_behind, communes),
            cameras_impaired=_of(CameraImpaired, self.view.cameras_impaired, communes),
            rules_resting=resting_in(self.rules, self.labels, communes),
            recordings=[
                one
                for volume in self.volumes
                if volume.commune_id in communes
                for one in _alarms_of(volume, self.at)
            ],
        )


class _OfCommune(Protocol):
    @property
    def commune_id(self) -> UUID: ...


def _of[A: Answer](
    shown: type[A], found: Iterable[_OfCommune], communes: Set[CommuneId]
) -> list[A]:
    return [shown.model_validate(one) for one in found if one.commune_id in communes]


def _alarms_of(volume: VolumeState, at: datetime) -> list[VolumeAlarm]:
    return [
        VolumeAlarm(
            volume=volume.id,
            commune_id=volume.commune_id,
            host=volume.holder.partition("@")[2].partition("/")[0],
            kind=one.kind,
            since=one.since,
            full_at=volume.full_at,
            overdue=volume.overdue,
        )
        for one in alarms(volume, now=at)
    ]


def _outages(down: Sequence[CameraDownView], *, managed: frozenset[CommuneId]) -> list[CamerasOut]:
    commune_of = {CameraId(one.id): one.commune_id for one in down}
    found = outages(
        Down(
            camera_id=CameraId(one.id),
            host=urlsplit(one.main_url).hostname or "",
            reason=one.reason,
            since=one.since,
        )
        for one in down
    )
    return [
        CamerasOut(
            since=one.since,
            cameras=list(one.cameras),
            network=one.network if {commune_of[each] for each in one.cameras} <= managed else None,
        )
        for one in found
    ]


async def read_health(app: web.Application) -> Readings:
    """Read everything that health shows."""
    at = app[CLOCK]()
    usage = await asyncio.to_thread(shutil.disk_usage, app[DATA_DIR])
    channels = app[PUSH].channels()
    return Readings(
        at=at,
        view=await app[keys.SCREENS].health(at=at),
        disk=DiskHealth(free_bytes=usage.free, total_bytes=usage.total),
        push=PushHealth(
            web_push=ChannelHealth.model_validate(channels["web-push"]),
            firebase=ChannelHealth.model_validate(channels["firebase"]),
        ),
        volumes=await app[keys.RECORDING_RULES].volumes_to_watch(at=at),
        rules=await app[keys.RULE_STATES].of(at=at),
        labels=await app[keys.PROCESSES].labels(),
    )


@ROUTES.get(
    "/health",
    needs=Needs.SESSION,
    summary="Processes, cameras down or blind, rules that rest, database, disk, push, orders.",
    answers={200: Health},
)
async def health(request: web.Request) -> web.Response:
    may = await request.config_dict[keys.ACCESS].may_see(person_of(request))
    return answer((await read_health(request.app)).shown_to(may))


@ROOT.get(
    "/healthz",
    needs=Needs.PUBLIC,
    summary="This process answers.",
    answers={200: Ready},
)
async def healthz(_: web.Request) -> web.Response:
    return answer(Ready(ok=True))


@ROOT.get(
    "/readyz",
    needs=Needs.PUBLIC,
    summary="This process can do its work: the database answers.",
    answers={200: Ready},
    problems=("unavailable",),
)
async def readyz(request: web.Request) -> web.Response:
    try:
        async with asyncio.timeout(READY_LIMIT_S):
            await request.config_dict[DATABASE].value("SELECT 1")
    except TimeoutError:
        raise Unavailable("the database does not answer") from None
    return answer(Ready(ok=True))


@ROOT.get(
    "/metrics",
    needs=Needs.PUBLIC,
    summary="Metrics of this or another process, for a Prometheus on this machine.",
    query=MetricsQuery,
    answers={200: "text/plain"},
    problems=("forbidden", "not-found", "unavailable"),
)
async def metrics(request: web.Request) -> web.Response:
    """How many alarms, streams and sockets there are is nothing for the whole network."""
    if not is_of_this_machine(request.remote or ""):
        raise Forbidden("metrics are given on this machine only")
    holder = read_query(request, MetricsQuery).process
    if holder:
        text = await request.config_dict[MEDIA].metrics_of(holder)
    else:
        await _measure_rules(request)
        text = generate_latest()
    return web.Response(body=text, headers={"Content-Type": CONTENT_TYPE_LATEST})


async def _measure_rules(request: web.Request) -> None:
    """While the database is away the metric says nothing, and the others are given."""
    states: list[RuleState] = []
    with suppress(Unavailable, TimeoutError):
        async with asyncio.timeout(READY_LIMIT_S):
            states = await request.config_dict[keys.RULE_STATES].of(at=keys.now(request))
    measure(states)
