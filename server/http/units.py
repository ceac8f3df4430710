"""Units: kept by administrators, seen live on the board, their tracks registered."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Annotated
from uuid import UUID, uuid4

from aiohttp import web
from pydantic import Field, TypeAdapter

from domain.identifiers import CommuneId, UnitId
from domain.people import Permission
from domain.register import Action, Entry
from domain.units import Unit, UnitKind, UnitState
from mobile_api.bodies import Body, Instant, Line, read_body, read_query
from mobile_api.description import Needs, Routes
from server.http import keys
from server.http.principal import person_of
from server.http.schemas import Answer, At, ByCommune, GeoPoint, answer, answers, id_in

ROUTES = Routes("units")

MANAGE = Permission.MANAGE_UNITS
LONGEST_TRACK = timedelta(hours=24)


class NewUnit(Body):
    id: UUID | None = None
    commune_id: UUID
    call_sign: Annotated[Line, Field(max_length=40)]
    kind: UnitKind
    armed: bool


class UnitChange(Body):
    call_sign: Annotated[Line, Field(max_length=40)] | None = None
    kind: UnitKind | None = None
    armed: bool | None = None
    disabled: bool | None = None


class Since(Body):
    since: Instant | None = None


class UnitAnswer(Answer):
    id: UUID
    commune_id: UUID
    call_sign: str
    kind: UnitKind
    armed: bool
    disabled_at: At | None


class PositionAnswer(Answer):
    point: GeoPoint
    accuracy_m: float | None
    heading_deg: float | None
    speed_mps: float | None
    fixed_at: At


class LiveShift(Answer):
    id: UUID
    person_name: str
    device_id: UUID
    started_at: At
    break_since: At | None


class UnitLive(Answer):
    """A unit as the board shows it now."""

    id: UUID
    commune_id: UUID
    call_sign: str
    kind: UnitKind
    armed: bool
    state: UnitState
    shift: LiveShift | None
    position: PositionAnswer | None
    intervention_id: UUID | None


class Track(Answer):
    unit_id: UUID
    positions: list[PositionAnswer]


@ROUTES.get(
    "/units",
    needs=Needs.SESSION,
    summary="The units of the communes whose units I may see or whose set-up I may read.",
    query=ByCommune,
    answers={200: TypeAdapter(list[UnitAnswer])},
)
async def list_units(request: web.Request) -> web.Response:
    wanted, principal = read_query(request, ByCommune).commune, person_of(request)
    communes = await keys.communes_in(request, principal, Permission.READ_SETUP, wanted)
    communes |= await keys.communes_in(request, principal, Permission.SEE_UNITS, wanted)
    found = await request.config_dict[keys.UNITS].of_communes(communes)
    return answers(UnitAnswer.model_validate(unit) for unit in found)


@ROUTES.post(
    "/units",
    needs=MANAGE,
    summary="Add a unit.",
    body=NewUnit,
    answers={201: UnitAnswer},
    problems=("conflict",),
)
async def add_unit(request: web.Request) -> web.Response:
    body, principal = await read_body(request, NewUnit), person_of(request)
    commune_id = CommuneId(body.commune_id)
    await request.config_dict[keys.ACCESS].commune_for(principal, commune_id, MANAGE)
    unit = Unit(
        id=UnitId(body.id or uuid4()),
        commune_id=commune_id,
        call_sign=body.call_sign,
        kind=body.kind,
        armed=body.armed,
    )
    kept = await request.config_dict[keys.UNITS].add(
        unit, actor=principal.actor, at=keys.now(request)
    )
    return answer(UnitAnswer.model_validate(kept), status=201)


@ROUTES.patch(
    "/units/{unit_id}",
    needs=MANAGE,
    summary="Change a unit; a disabled one can't begin a shift.",
    body=UnitChange,
    answers={200: UnitAnswer},
    problems=("conflict",),
)
async def change_unit(request: web.Request) -> web.Response:
    principal = person_of(request)
    unit = await request.config_dict[keys.ACCESS].unit_for(
        principal, id_in(request, "unit_id", UnitId), MANAGE
    )
    body, at = await read_body(request, UnitChange), keys.now(request)

    def change(one: Unit) -> Unit:
        disabled_at = one.disabled_at
        if body.disabled is not None:
            disabled_at = (one.disabled_at or at) if body.disabled else None
        return replace(
            one,
            call_sign=body.call_sign or one.call_sign,
            kind=body.kind or one.kind,
            armed=one.armed if body.armed is None else body.armed,
            disabled_at=disabled_at,
        )

    changed = await request.config_dict[keys.UNITS].change(
        unit.id, change, actor=principal.actor, at=at
    )
    return answer(UnitAnswer.model_validate(changed))


@ROUTES.get(
    "/units/board",
    needs=Permission.SEE_UNITS,
    summary="What each unit is doing, where it is, and how old that is.",
    query=ByCommune,
    answers={200: TypeAdapter(list[UnitLive])},
)
async def board(request: web.Request) -> web.Response:
    wanted = read_query(request, ByCommune).commune
    communes = await keys.communes_in(request, person_of(request), Permission.SEE_UNITS, wanted)
    found = await request.config_dict[keys.SCREENS].units(communes)
    return answers(UnitLive.model_validate(unit) for unit in found)


@ROUTES.get(
    "/units/{unit_id}/track",
    needs=Permission.SEE_UNITS,
    summary="Where a unit has been, at most 24 hours back; noted in the register.",
    query=Since,
    answers={200: Track},
)
async def track(request: web.Request) -> web.Response:
    principal, at = person_of(request), keys.now(request)
    unit = await request.config_dict[keys.ACCESS].unit_for(
        principal, id_in(request, "unit_id", UnitId), Permission.SEE_UNITS
    )
    since = max(read_query(request, Since).since or at - LONGEST_TRACK, at - LONGEST_TRACK)
    await _note_track(request, unit, actor=principal.actor, at=at, since=since)
    positions = await request.config_dict[keys.POSITIONS].track(unit.id, since, at)
    shown = [PositionAnswer.model_validate(position) for position in positions]
    return answer(Track(unit_id=unit.id, positions=shown))


async def _note_track(
    request: web.Request, unit: Unit, *, actor: str, at: datetime, since: datetime
) -> None:
    await request.config_dict[keys.REGISTER].write(
        Entry(
            at=at,
            actor=actor,
            action=Action.TRACK_VIEWED,
            about=f"unit:{unit.id}",
            commune_id=unit.commune_id,
            data={"since": since.isoformat()},
        )
    )
