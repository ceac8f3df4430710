"""Interventions in the control room: opened, units assigned, steps noted by radio, closed."""

from typing import Annotated, Literal
from uuid import UUID, uuid4

from aiohttp import web
from pydantic import Field, TypeAdapter, computed_field

from domain.events import EventKind
from domain.identifiers import CommuneId, InterventionId, UnitId
from domain.interventions import Intervention, InterventionState
from domain.people import Permission
from domain.rules import Service
from domain.services import service_of
from mobile_api.bodies import Body, Note, PointBody, read_body, read_query
from mobile_api.description import Routes
from server.http import keys
from server.http.alerts import check_units
from server.http.places import place_of
from server.http.principal import person_of
from server.http.schemas import Answer, At, GeoPoint, answer, answers, id_in

ROUTES = Routes("interventions")

MANAGE = Permission.MANAGE_INTERVENTIONS


class InterventionQuery(Body):
    commune: UUID | None = None
    open: bool | None = None
    limit: Annotated[int, Field(ge=1, le=500)] = 200


class NewIntervention(Body):
    """One that no alert led to: a call, an order given by radio."""

    id: UUID | None = None
    commune_id: UUID
    kind: EventKind
    point: PointBody | None = None
    place: Annotated[Note, Field(max_length=200)] = ""


class UnitsBody(Body):
    unit_ids: Annotated[frozenset[UUID], Field(min_length=1, max_length=50)]


class RadioState(Body):
    state: Literal["assigned", "en-route", "on-scene", "closed"]


class Closing(Body):
    report: Note = ""


class AssignmentAnswer(Answer):
    unit_id: UUID
    call_sign: str
    state: InterventionState
    assigned_at: At
    en_route_at: At | None
    on_scene_at: At | None
    cleared_at: At | None
    by_radio: bool


class InterventionAnswer(Answer):
    id: UUID
    commune_id: UUID
    alert_id: UUID | None
    kind: EventKind
    point: GeoPoint | None
    place: str
    state: InterventionState
    created_at: At
    closed_at: At | None
    report: str
    assignments: list[AssignmentAnswer]

    @computed_field
    def service(self) -> Service:
        """Whom an event of its kind is for."""
        return service_of(self.kind)


@ROUTES.get(
    "/interventions",
    needs=MANAGE,
    summary="Interventions, newest first.",
    query=InterventionQuery,
    answers={200: TypeAdapter(list[InterventionAnswer])},
)
async def list_interventions(request: web.Request) -> web.Response:
    query = read_query(request, InterventionQuery)
    communes = await keys.communes_in(request, person_of(request), MANAGE, query.commune)
    found = await request.config_dict[keys.SCREENS].interventions(
        communes, open_only=bool(query.open), limit=query.limit
    )
    return answers(InterventionAnswer.model_validate(one) for one in found)


@ROUTES.get(
    "/interventions/{intervention_id}",
    needs=MANAGE,
    summary="One intervention.",
    answers={200: InterventionAnswer},
)
async def get_intervention(request: web.Request) -> web.Response:
    return await _shown(request, await _intervention(request))


@ROUTES.post(
    "/interventions",
    needs=MANAGE,
    summary="Open an intervention without an alert.",
    body=NewIntervention,
    answers={201: InterventionAnswer},
)
async def open_intervention(request: web.Request) -> web.Response:
    body, principal = await read_body(request, NewIntervention), person_of(request)
    commune_id = CommuneId(body.commune_id)
    await request.config_dict[keys.ACCESS].commune_for(principal, commune_id, MANAGE)
    point = body.point.point() if body.point is not None else None
    intervention = Intervention(
        id=InterventionId(body.id or uuid4()),
        commune_id=commune_id,
        kind=body.kind,
        place=body.place or (place_of(request, point) if point is not None else ""),
        point=point,
        created_at=keys.now(request),
        created_by=principal.person.id,
    )
    kept = await request.config_dict[keys.INTERVENTIONS].add(intervention, actor=principal.actor)
    return await _shown(request, kept, status=201)


@ROUTES.post(
    "/interventions/{intervention_id}/units",
    needs=MANAGE,
    summary="Assign units.",
    body=UnitsBody,
    answers={200: InterventionAnswer},
    problems=("intervention-closed",),
)
async def assign(request: web.Request) -> web.Response:
    intervention, principal, at = (
        await _intervention(request),
        person_of(request),
        keys.now(request),
    )
    unit_ids = frozenset(UnitId(one) for one in (await read_body(request, UnitsBody)).unit_ids)
    await check_units(request, principal, unit_ids, intervention.commune_id, MANAGE)

    def change(one: Intervention) -> Intervention:
        for unit_id in sorted(unit_ids):
            one = one.assign(unit_id, at=at)
        return one

    changed = await request.config_dict[keys.INTERVENTIONS].change(
        intervention.id, change, actor=principal.actor
    )
    return await _shown(request, changed)


@ROUTES.post(
    "/interventions/{intervention_id}/units/{unit_id}/state",
    needs=MANAGE,
    summary="Note what a unit said by radio.",
    body=RadioState,
    answers={200: InterventionAnswer},
    problems=("unit-not-assigned", "intervention-closed", "bad-intervention-step"),
)
async def note_by_radio(request: web.Request) -> web.Response:
    intervention, at = await _intervention(request), keys.now(request)
    unit_id = id_in(request, "unit_id", UnitId)
    to = InterventionState((await read_body(request, RadioState)).state)
    changed = await request.config_dict[keys.INTERVENTIONS].change(
        intervention.id,
        lambda one: one.progress(unit_id, to, at=at, by_radio=True),
        actor=person_of(request).actor,
    )
    return await _shown(request, changed)


@ROUTES.post(
    "/interventions/{intervention_id}/closing",
    needs=MANAGE,
    summary="Close an intervention; its live streams end with it.",
    body=Closing,
    answers={200: InterventionAnswer},
)
async def close(request: web.Request) -> web.Response:
    intervention, principal, at = (
        await _intervention(request),
        person_of(request),
        keys.now(request),
    )
    report = (await read_body(request, Closing)).report
    changed = await request.config_dict[keys.INTERVENTIONS].change(
        intervention.id,
        lambda one: one.close(by=principal.person.id, at=at, report=report),
        actor=principal.actor,
    )
    return await _shown(request, changed)


async def _intervention(request: web.Request) -> Intervention:
    intervention_id = id_in(request, "intervention_id", InterventionId)
    return await request.config_dict[keys.ACCESS].intervention_for(
        person_of(request), intervention_id, MANAGE
    )


async def _shown(
    request: web.Request, intervention: Intervention, *, status: int = 200
) -> web.Response:
    found = await request.config_dict[keys.SCREENS].interventions(
        {intervention.commune_id}, ids=[intervention.id]
    )
    return answer(InterventionAnswer.model_validate(found[0]), status=status)
