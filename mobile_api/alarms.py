"""Alarms: an agent in danger presses once, and the control room knows. Nobody confirms it first."""

from contextlib import suppress
from datetime import datetime
from uuid import UUID, uuid4

from aiohttp import web

from domain.alerts import Alert, AlertOrigin
from domain.errors import Unavailable
from domain.events import EventKind
from domain.identifiers import AlertId
from domain.positions import CLOCK_TOLERANCE, Point
from domain.principals import DevicePrincipal
from mobile_api.bodies import Body, Instant, PointBody, read_body
from mobile_api.description import Needs, Routes
from mobile_api.keys import ALERTS, CLOCK, DEVICE, PLACES, POSITIONS
from mobile_api.schemas import MobileAlert, answer
from mobile_api.views import VIEWS

ROUTES = Routes("phones", prefix="/mobile")


class Alarm(Body):
    """``id`` is made on the phone, which sends until it is answered: one press, one alarm."""

    id: UUID | None = None
    point: PointBody | None = None
    fixed_at: Instant | None = None


@ROUTES.post(
    "/alarms",
    needs=Needs.DEVICE,
    summary="Raise a panic alarm; on shift or not, it goes to the control room at once.",
    body=Alarm,
    answers={201: MobileAlert},
    problems=("bad-position",),
)
async def panic(request: web.Request) -> web.Response:
    body = await read_body(request, Alarm)
    alert = await raise_alarm(
        request,
        request[DEVICE],
        alert_id=AlertId(body.id or uuid4()),
        point=body.point.point() if body.point else None,
        fixed_at=body.fixed_at,
    )
    view = await request.config_dict[VIEWS].alert(request[DEVICE], alert)
    return answer(view, status=201)


async def raise_alarm(
    request: web.Request,
    principal: DevicePrincipal,
    *,
    alert_id: AlertId,
    point: Point | None,
    fixed_at: datetime | None,
) -> Alert:
    """Store the alarm of ``principal`` with the best place there is; the same id twice is one.

    Without ``point``, the unit's latest fix stands in. A place that is old is marked with its time,
    so that nobody looks where the agent was an hour ago.
    """
    services, now = request.config_dict, request.config_dict[CLOCK]()
    if point is None and principal.shift is not None:
        latest = await services[POSITIONS].latest(principal.shift.unit_id)
        if latest is not None:
            point, fixed_at = latest.point, latest.fixed_at
    place = None
    if point is not None:
        # A damaged map costs the street's name, never the alarm.
        with suppress(Unavailable):
            place = services[PLACES].describe(point.lon, point.lat)
    stale = point is not None and fixed_at is not None and now - fixed_at > CLOCK_TOLERANCE
    alert = Alert(
        id=alert_id,
        commune_id=principal.device.commune_id,
        kind=EventKind.PANIC,
        origin=AlertOrigin.DEVICE,
        point=point,
        place=place or "",
        note=f"GPS {fixed_at:%Y-%m-%d %H:%M:%S %Z}" if stale else "",
        raised_at=now,
        raised_by=principal.person.id,
    )
    return await services[ALERTS].raise_alarm(
        alert, device_id=principal.device.id, actor=principal.actor
    )
