"""What operators' answers say of detection: figures per camera and kind, and what is suspended."""

from datetime import datetime, timedelta
from typing import Annotated, Literal
from uuid import UUID

from aiohttp import web
from pydantic import Field, TypeAdapter

from domain.alerts import DismissalReason
from domain.errors import Invalid
from domain.evaluation import Figures, KindFigures
from domain.events import EventKind
from domain.identifiers import (
    AuthorisationId,
    CameraId,
    CommuneId,
    SensorId,
    SuspensionId,
)
from domain.people import Permission
from domain.suspensions import Suspension
from mobile_api.bodies import Body, Instant, Note, read_body, read_query
from mobile_api.description import Routes
from server.database.suspensions import Shown
from server.http import keys
from server.http.evaluation_page import evaluation_page
from server.http.principal import person_of
from server.http.schemas import Answer, At, ByCommune, PersonRef, answer, answers, id_in

ROUTES = Routes("detection")

READ = Permission.READ_SETUP
USUAL_PERIOD, LONGEST_PERIOD = timedelta(days=30), timedelta(days=366)
#: Lifted suspensions are shown for as long as figures look back.
SHOWN_BACK = LONGEST_PERIOD


class PeriodQuery(Body):
    """``until`` is now and ``since`` 30 days before it, unless given; a year at most."""

    since: Instant | None = None
    until: Instant | None = None


class SuspensionLifting(Body):
    """``motive``: why the kind is looked for again; a column of the register."""

    motive: Annotated[Note, Field(min_length=3)]


class FiguresAnswer(Answer):
    """``days``: watched under an act in force, and not suspended; ``share_dismissed``: of what was
    decided; ``false_per_day``: those dismissed as not real, a day watched.
    """

    raised: int
    waiting: int
    confirmed: int
    dismissed: dict[DismissalReason, int]
    share_dismissed: float | None
    false_alerts: int
    days: float
    false_per_day: float | None

    @classmethod
    def of(cls, one: Figures) -> "FiguresAnswer":
        return cls(
            raised=one.raised,
            waiting=one.waiting,
            confirmed=one.confirmed,
            dismissed=dict(one.dismissed),
            share_dismissed=one.share_dismissed,
            false_alerts=one.false_alerts,
            days=one.days,
            false_per_day=one.false_per_day,
        )


class KindOfSource(FiguresAnswer):
    """Of a camera, or of a sensor, which has no number."""

    camera_id: UUID | None
    sensor_id: UUID | None
    number: int | None
    name: str
    kind: EventKind


class PeriodFigures(Answer):
    """``limit``: false alerts of one kind on one camera a day; more suspend it there."""

    since: At
    until: At
    limit: float
    of_sources: list[KindOfSource]


class SuspensionAnswer(Answer):
    """``false_alerts`` in ``days`` watched, where ``per_day`` a day may be."""

    id: UUID
    commune_id: UUID
    camera_id: UUID | None
    sensor_id: UUID | None
    sensor_name: str | None
    kind: EventKind
    suspended_at: At
    false_alerts: int
    days: float
    per_day: float
    lifted_at: At | None
    lifted_by: PersonRef | None
    motive: str


@ROUTES.get(
    "/communes/{commune_id}/detection",
    needs=READ,
    summary="What operators decided of detected alerts, per source and kind, over a period.",
    query=PeriodQuery,
    answers={200: PeriodFigures},
)
async def get_figures(request: web.Request) -> web.Response:
    access = request.config_dict[keys.ACCESS]
    commune = await access.commune_for(
        person_of(request), id_in(request, "commune_id", CommuneId), READ
    )
    since, until = period_of(read_query(request, PeriodQuery), now=keys.now(request))
    found = await request.config_dict[keys.DETECTION_FIGURES].of(
        commune.id, since=since, until=until
    )
    views = await request.config_dict[keys.SCREENS].cameras({commune.id})
    cameras = {view.camera.id: view.camera for view in views}
    standings = await request.config_dict[keys.SENSORS].of_communes({commune.id})
    sensors = {one.sensor.id: one.sensor for one in standings}

    def shown(one: KindFigures) -> KindOfSource:
        camera, sensor = cameras.get(CameraId(one.source)), sensors.get(SensorId(one.source))
        named = camera or sensor
        return KindOfSource(
            **dict(FiguresAnswer.of(one.figures)),
            camera_id=camera.id if camera else None,
            sensor_id=sensor.id if sensor else None,
            number=camera.number if camera else None,
            name=named.name if named else "",
            kind=one.kind,
        )

    return answer(
        PeriodFigures(
            since=since,
            until=until,
            limit=commune.false_alerts_per_day,
            of_sources=sorted(map(shown, found), key=_in_order),
        )
    )


class EvaluationQuery(Body):
    language: Literal["fr", "en"] = "fr"


@ROUTES.get(
    "/authorisations/{authorisation_id}/evaluation",
    needs=READ,
    summary="What was analysed under an authorisation, and what came of it; noted in the register.",
    query=EvaluationQuery,
    answers={200: "text/html"},
)
async def get_evaluation(request: web.Request) -> web.Response:
    principal, access = person_of(request), request.config_dict[keys.ACCESS]
    act = await access.authorisation_for(
        principal, id_in(request, "authorisation_id", AuthorisationId), READ
    )
    language = read_query(request, EvaluationQuery).language
    commune = await request.config_dict[keys.COMMUNES].get(act.commune_id)
    evaluation = await request.config_dict[keys.EVALUATIONS].take(
        act.id, actor=principal.actor, at=keys.now(request)
    )
    page = evaluation_page(evaluation, language=language, time_zone=commune.timezone)
    return web.Response(
        text=page,
        content_type="text/html",
        charset="utf-8",
        headers={
            "Cache-Control": "no-store",
            "Content-Disposition": f'attachment; filename="evaluation-{act.id}.html"',
        },
    )


@ROUTES.get(
    "/suspensions",
    needs=READ,
    summary="Kinds of event that are suspended on a camera, and those that were in the last year.",
    query=ByCommune,
    answers={200: TypeAdapter(list[SuspensionAnswer])},
)
async def list_suspensions(request: web.Request) -> web.Response:
    wanted = read_query(request, ByCommune).commune
    communes = await keys.communes_in(request, person_of(request), READ, wanted)
    found = await request.config_dict[keys.SUSPENSIONS].of_communes(
        communes, since=keys.now(request) - SHOWN_BACK
    )
    return answers(_shown(one) for one in found)


@ROUTES.post(
    "/suspensions/{suspension_id}/lifting",
    needs=Permission.LIFT_SUSPENSIONS,
    summary="Have a suspended kind looked for again, with a motive; noted in the register.",
    body=SuspensionLifting,
    answers={200: SuspensionAnswer},
    problems=("not-suspended", "motive-missing"),
)
async def lift(request: web.Request) -> web.Response:
    principal = person_of(request)
    suspension = await request.config_dict[keys.ACCESS].suspension_for(
        principal, id_in(request, "suspension_id", SuspensionId), Permission.LIFT_SUSPENSIONS
    )
    body = await read_body(request, SuspensionLifting)
    lifted = await request.config_dict[keys.SUSPENSIONS].lift(
        suspension.id,
        by=principal.person.id,
        motive=body.motive,
        actor=principal.actor,
        at=keys.now(request),
    )
    sensor = None
    if lifted.sensor_id is not None:
        sensor = await request.config_dict[keys.SENSORS].get(lifted.sensor_id)
    return answer(
        _shown(
            Shown(
                suspension=lifted,
                lifted_by_name=principal.person.name,
                sensor_name=sensor.name if sensor else None,
            )
        )
    )


def _in_order(one: KindOfSource) -> tuple[bool, int, str, str]:
    """Cameras by number, then sensors by name."""
    return one.number is None, one.number or 0, one.name, one.kind.value


def period_of(query: PeriodQuery, *, now: datetime) -> tuple[datetime, datetime]:
    """Raises ``Invalid`` for a period that is empty or too long."""
    until = min(query.until or now, now)
    since = query.since or until - USUAL_PERIOD
    if since >= until:
        raise Invalid("the period ends before it begins")
    if until - since > LONGEST_PERIOD:
        raise Invalid("a period is a year at most")
    return since, until


def _shown(one: Shown) -> SuspensionAnswer:
    suspension: Suspension = one.suspension
    by = None
    if suspension.lifted_by is not None:
        by = PersonRef(id=suspension.lifted_by, name=one.lifted_by_name or "")
    return SuspensionAnswer(
        id=suspension.id,
        commune_id=suspension.commune_id,
        camera_id=suspension.camera_id,
        sensor_id=suspension.sensor_id,
        sensor_name=one.sensor_name,
        kind=suspension.kind,
        suspended_at=suspension.suspended_at,
        false_alerts=suspension.because.false_alerts,
        days=suspension.because.days,
        per_day=suspension.because.per_day,
        lifted_at=suspension.lifted_at,
        lifted_by=by,
        motive=suspension.motive,
    )
