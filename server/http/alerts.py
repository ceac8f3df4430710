"""Alerts in the control room: raised by hand, decided, sent, resolved. The rules are domain's."""

from collections.abc import Callable
from typing import Annotated
from uuid import UUID, uuid4

from aiohttp import web
from pydantic import Field, TypeAdapter

from domain.alerts import Alert, AlertOrigin, AlertState, DismissalReason
from domain.errors import Conflict, Invalid, NotFound
from domain.events import BY_HAND, EventKind
from domain.identifiers import AlertId, CameraId, CommuneId, UnitId
from domain.people import Permission
from domain.principals import PersonPrincipal
from domain.units import UnitState, propose
from mobile_api.bodies import Body, Instant, Note, PointBody, read_body, read_query
from mobile_api.description import Routes
from mobile_api.schemas import picture
from server.http import keys
from server.http.alert_answers import AlertAnswer, AlertStep, Delivery, WholeAlert
from server.http.places import place_of
from server.http.principal import person_of
from server.http.schemas import Answer, answer, answers, id_in
from server.http.stills import STILLS
from server.http.units import UnitAnswer

ROUTES = Routes("alerts")

SEE, DECIDE, SEND = Permission.SEE_ALERTS, Permission.DECIDE_ALERTS, Permission.SEND_ALERTS


class AlertQuery(Body):
    commune: UUID | None = None
    state: AlertState | None = None
    since: Instant | None = None
    limit: Annotated[int, Field(ge=1, le=500)] = 200


class NewAlert(Body):
    """By hand. With ``camera_id`` its still and, without ``point``, its place are filled in."""

    id: UUID | None = None
    commune_id: UUID
    kind: EventKind
    camera_id: UUID | None = None
    point: PointBody | None = None
    note: Note = ""


class Dismissal(Body):
    """``note``: what the reason leaves unsaid; it names nobody."""

    reason: DismissalReason
    note: Note = ""


class Sending(Body):
    unit_ids: Annotated[frozenset[UUID], Field(min_length=1, max_length=50)]


class CandidateAnswer(Answer):
    unit: UnitAnswer
    state: UnitState
    distance_m: float | None
    fix_age_s: float | None


@ROUTES.get(
    "/alerts",
    needs=SEE,
    summary="Alerts, newest first.",
    query=AlertQuery,
    answers={200: TypeAdapter(list[AlertAnswer])},
)
async def list_alerts(request: web.Request) -> web.Response:
    query = read_query(request, AlertQuery)
    communes = await keys.communes_in(request, person_of(request), SEE, query.commune)
    found = await request.config_dict[keys.SCREENS].alerts(
        communes, state=query.state, since=query.since, limit=query.limit
    )
    return answers(AlertAnswer.model_validate(one) for one in found)


@ROUTES.post(
    "/alerts",
    needs=Permission.RAISE_ALERTS,
    summary="Raise an alert by hand: confirmed by its author.",
    body=NewAlert,
    answers={201: AlertAnswer},
    problems=("no-order-in-force",),
)
async def raise_alert(request: web.Request) -> web.Response:
    body, principal, at = await read_body(request, NewAlert), person_of(request), keys.now(request)
    access = request.config_dict[keys.ACCESS]
    if body.kind not in BY_HAND:
        raise Invalid(f"{body.kind.value} can't be raised by hand")
    commune_id = CommuneId(body.commune_id)
    await access.commune_for(principal, commune_id, Permission.RAISE_ALERTS)
    camera = still = None
    if body.camera_id is not None:
        camera = await access.camera_for(
            principal, CameraId(body.camera_id), Permission.VIEW_CAMERAS
        )
        if camera.commune_id != commune_id:
            raise NotFound("this commune has no such camera")
        still = await request.config_dict[STILLS].taken_now(camera)
    point = body.point.point() if body.point is not None else (camera.point if camera else None)
    if point is None:
        raise Invalid("an alert needs a place: give a camera or a point")
    alert = Alert(
        id=AlertId(body.id or uuid4()),
        commune_id=commune_id,
        kind=body.kind,
        origin=AlertOrigin.HAND,
        point=point,
        place=place_of(request, point),
        raised_at=at,
        camera_id=camera.id if camera else None,
        still_id=still.id if still else None,
        note=body.note,
        raised_by=principal.person.id,
    ).confirm(by=principal.person.id, at=at)
    kept = await request.config_dict[keys.ALERTS].add(
        alert, still=still, actor=principal.actor, at=at
    )
    return await _shown(request, kept, status=201)


@ROUTES.get(
    "/alerts/{alert_id}",
    needs=SEE,
    summary="One alert, with what was done to it and what became of its messages.",
    answers={200: WholeAlert},
)
async def get_alert(request: web.Request) -> web.Response:
    alert = await _alert(request, SEE)
    screens = request.config_dict[keys.SCREENS]
    shown = await _view(request, alert)
    return answer(
        WholeAlert(
            **dict(shown),
            history=[
                AlertStep.model_validate(one) for one in await screens.history("alert", alert.id)
            ],
            deliveries=[Delivery.model_validate(one) for one in await screens.deliveries(alert.id)],
        )
    )


@ROUTES.get(
    "/alerts/{alert_id}/still",
    needs=SEE,
    summary="The picture of an alert; noted in the register.",
    answers={200: "image/jpeg"},
)
async def get_still(request: web.Request) -> web.Response:
    alert = await _alert(request, SEE)
    return picture(await request.config_dict[STILLS].of_alert(person_of(request), alert))


@ROUTES.post(
    "/alerts/{alert_id}/handling",
    needs=DECIDE,
    summary="Say that I look at it.",
    answers={200: AlertAnswer},
    problems=("alert-already-decided",),
)
async def handle(request: web.Request) -> web.Response:
    by = person_of(request).person.id
    return await _change(request, lambda alert: alert.handle(by=by))


@ROUTES.post(
    "/alerts/{alert_id}/confirmation",
    needs=DECIDE,
    summary="Confirm: it is so.",
    answers={200: AlertAnswer},
    problems=("alert-already-decided",),
)
async def confirm(request: web.Request) -> web.Response:
    by, at = person_of(request).person.id, keys.now(request)
    return await _change(request, lambda alert: alert.confirm(by=by, at=at))


@ROUTES.post(
    "/alerts/{alert_id}/dismissal",
    needs=DECIDE,
    summary="Dismiss, with a reason.",
    body=Dismissal,
    answers={200: AlertAnswer},
    problems=("alert-already-decided",),
)
async def dismiss(request: web.Request) -> web.Response:
    by, at = person_of(request).person.id, keys.now(request)
    body = await read_body(request, Dismissal)
    return await _change(
        request, lambda alert: alert.dismiss(body.reason, note=body.note, by=by, at=at)
    )


@ROUTES.post(
    "/alerts/{alert_id}/reopening",
    needs=DECIDE,
    summary="Take a confirmation or a dismissal back, while nothing has left.",
    answers={200: AlertAnswer},
    problems=("alert-already-decided",),
)
async def reopen(request: web.Request) -> web.Response:
    return await _change(request, lambda alert: alert.reopen())


@ROUTES.get(
    "/alerts/{alert_id}/candidates",
    needs=SEND,
    summary="The units that could go, the best first.",
    answers={200: TypeAdapter(list[CandidateAnswer])},
)
async def candidates(request: web.Request) -> web.Response:
    alert = await _alert(request, SEND)
    board = await request.config_dict[keys.SCREENS].crews(alert.commune_id)
    proposed = propose(board, target=alert.point, kind=alert.kind, now=keys.now(request))
    return answers(
        CandidateAnswer(
            unit=UnitAnswer.model_validate(one.unit),
            state=one.state,
            distance_m=one.distance_m,
            fix_age_s=one.fix_age.total_seconds() if one.fix_age is not None else None,
        )
        for one in proposed
    )


@ROUTES.post(
    "/alerts/{alert_id}/sending",
    needs=SEND,
    summary="Send a confirmed alert to units; sending again adds units.",
    body=Sending,
    answers={200: AlertAnswer},
    problems=("alert-not-confirmed", "alert-already-decided", "alert-without-recipient"),
)
async def send(request: web.Request) -> web.Response:
    alert, principal = await _alert(request, SEND), person_of(request)
    unit_ids = frozenset(UnitId(one) for one in (await read_body(request, Sending)).unit_ids)
    await check_units(request, principal, unit_ids, alert.commune_id, SEND)
    sent = await request.config_dict[keys.ALERTS].send(
        alert.id,
        sorted(unit_ids),
        actor=principal.actor,
        by=principal.person.id,
        at=keys.now(request),
    )
    return await _shown(request, sent)


@ROUTES.post(
    "/alerts/{alert_id}/resolution",
    needs=SEND,
    summary="Close an alert that is dealt with.",
    answers={200: AlertAnswer},
    problems=("alert-already-decided",),
)
async def resolve(request: web.Request) -> web.Response:
    at = keys.now(request)
    return await _change(request, lambda alert: alert.resolve(at=at), permission=SEND)


async def check_units(
    request: web.Request,
    principal: PersonPrincipal,
    unit_ids: frozenset[UnitId],
    commune_id: CommuneId,
    permission: Permission,
) -> None:
    """Raise ``NotFound`` for a unit of another commune, ``Conflict`` for a disabled one."""
    for unit_id in unit_ids:
        unit = await request.config_dict[keys.ACCESS].unit_for(principal, unit_id, permission)
        if unit.commune_id != commune_id:
            raise NotFound("this commune has no such unit")
        if unit.disabled_at is not None:
            raise Conflict(f"the unit {unit.call_sign} is not in service any more")


async def _alert(request: web.Request, permission: Permission) -> Alert:
    alert_id = id_in(request, "alert_id", AlertId)
    return await request.config_dict[keys.ACCESS].alert_for(
        person_of(request), alert_id, permission
    )


async def _change(
    request: web.Request,
    how: Callable[[Alert], Alert],
    *,
    permission: Permission = DECIDE,
) -> web.Response:
    alert = await _alert(request, permission)
    changed = await request.config_dict[keys.ALERTS].change(
        alert.id, how, actor=person_of(request).actor
    )
    return await _shown(request, changed)


async def _view(request: web.Request, alert: Alert) -> AlertAnswer:
    found = await request.config_dict[keys.SCREENS].alerts({alert.commune_id}, ids=[alert.id])
    return AlertAnswer.model_validate(found[0])


async def _shown(request: web.Request, alert: Alert, *, status: int = 200) -> web.Response:
    return answer(await _view(request, alert), status=status)
