"""Guidance: a point, a text, or both, sent to a unit; what was sent, and whether it was read."""

from datetime import timedelta
from typing import Annotated
from uuid import UUID, uuid4

from aiohttp import web
from pydantic import Field, TypeAdapter

from domain.errors import NotFound
from domain.guidance import TEXT_LIMIT, Guidance
from domain.identifiers import GuidanceId, InterventionId, UnitId
from domain.people import Permission
from mobile_api.bodies import Body, Note, PointBody, read_body, read_query
from mobile_api.description import Routes
from server.http import keys
from server.http.places import place_of
from server.http.principal import person_of
from server.http.schemas import Answer, At, GeoPoint, PersonRef, answer, answers, id_in

ROUTES = Routes("guidance")

GUIDE = Permission.GUIDE_UNITS
SHOWN = timedelta(hours=12)


class GuidanceQuery(Body):
    unit: UUID | None = None
    commune: UUID | None = None
    limit: Annotated[int, Field(ge=1, le=500)] = 200


class NewGuidance(Body):
    id: UUID | None = None
    point: PointBody | None = None
    text: Annotated[Note, Field(max_length=TEXT_LIMIT)] = ""
    intervention_id: UUID | None = None


class GuidanceAnswer(Answer):
    """Sent, arrived on the phone, read: three different times."""

    id: UUID
    commune_id: UUID
    unit_id: UUID
    call_sign: str
    intervention_id: UUID | None
    point: GeoPoint | None
    place: str
    text: str
    sent_by: PersonRef
    sent_at: At
    arrived_at: At | None
    read_at: At | None


@ROUTES.get(
    "/guidance",
    needs=GUIDE,
    summary="What was sent to units in the last 12 hours, newest first.",
    query=GuidanceQuery,
    answers={200: TypeAdapter(list[GuidanceAnswer])},
)
async def list_guidance(request: web.Request) -> web.Response:
    query = read_query(request, GuidanceQuery)
    communes = await keys.communes_in(request, person_of(request), GUIDE, query.commune)
    found = await request.config_dict[keys.SCREENS].guidance(
        communes,
        unit_id=UnitId(query.unit) if query.unit is not None else None,
        since=keys.now(request) - SHOWN,
        limit=query.limit,
    )
    return answers(GuidanceAnswer.model_validate(one) for one in found)


@ROUTES.post(
    "/units/{unit_id}/guidance",
    needs=GUIDE,
    summary="Send a unit a point, a text, or both.",
    body=NewGuidance,
    answers={201: GuidanceAnswer},
    problems=("empty-guidance",),
)
async def send_guidance(request: web.Request) -> web.Response:
    principal, access = person_of(request), request.config_dict[keys.ACCESS]
    unit = await access.unit_for(principal, id_in(request, "unit_id", UnitId), GUIDE)
    body = await read_body(request, NewGuidance)
    point = body.point.point() if body.point is not None else None
    intervention_id = None
    if body.intervention_id is not None:
        intervention = await access.intervention_for(
            principal, InterventionId(body.intervention_id), GUIDE
        )
        if intervention.commune_id != unit.commune_id:
            raise NotFound("this commune has no such intervention")
        intervention_id = intervention.id
    guidance = Guidance(
        id=GuidanceId(body.id or uuid4()),
        commune_id=unit.commune_id,
        unit_id=unit.id,
        sent_by=principal.person.id,
        sent_at=keys.now(request),
        point=point,
        place=place_of(request, point) if point is not None else "",
        text=body.text,
        intervention_id=intervention_id,
    )
    kept = await request.config_dict[keys.GUIDANCES].add(guidance, actor=principal.actor)
    found = await request.config_dict[keys.SCREENS].guidance({kept.commune_id}, ids=[kept.id])
    return answer(GuidanceAnswer.model_validate(found[0]), status=201)
