"""Communes of the installation, and the conventions by which one opens things to another."""

from dataclasses import replace
from typing import Annotated, Literal
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from aiohttp import web
from pydantic import Field, TypeAdapter

from domain.communes import Commune, Convention
from domain.errors import Forbidden, Invalid, NotFound
from domain.identifiers import CommuneId, ConventionId, GrantId
from domain.people import Grant, Permission, Role
from domain.principals import PersonPrincipal
from domain.profiles import Profile
from mobile_api.bodies import Body, Instant, Line, PointBody, read_body
from mobile_api.description import Needs, Routes
from server.http import keys
from server.http.principal import person_of
from server.http.schemas import Answer, At, GeoPoint, answer, answers, id_in

ROUTES = Routes("communes")

DEMONSTRATIONS_ARE_APART = "demonstrations are made with `ilotier demo`"

type TimeZone = Annotated[str, Field(min_length=1, max_length=64)]
type OfCommunes = Literal[Profile.FRANCE, Profile.DEMONSTRATION]
type FalseAlerts = Annotated[float, Field(ge=0, le=100, allow_inf_nan=False)]


class NewCommune(Body):
    id: UUID | None = None
    name: Line
    centre: PointBody
    profile: OfCommunes = Profile.FRANCE
    timezone: TimeZone = "Europe/Paris"


class CommuneChange(Body):
    """``false_alerts_per_day``: more of them suspend a kind of event on the camera."""

    name: Line | None = None
    centre: PointBody | None = None
    timezone: TimeZone | None = None
    false_alerts_per_day: FalseAlerts | None = None


class NewConvention(Body):
    """``guest_id``: the commune to whose people ``permissions`` are opened."""

    id: UUID | None = None
    guest_id: UUID
    permissions: Annotated[frozenset[Permission], Field(min_length=1)]
    act_reference: Line
    starts_at: Instant
    ends_at: Instant


class CommuneAnswer(Answer):
    id: UUID
    name: str
    centre: GeoPoint
    profile: str
    timezone: str
    false_alerts_per_day: float


class ConventionAnswer(Answer):
    id: UUID
    owner_id: UUID
    guest_id: UUID
    permissions: list[Permission]
    act_reference: str
    starts_at: At
    ends_at: At

    @classmethod
    def of(cls, convention: Convention) -> "ConventionAnswer":
        return cls(
            id=convention.id,
            owner_id=convention.owner,
            guest_id=convention.guest,
            permissions=sorted(convention.permissions),
            act_reference=convention.act_reference,
            starts_at=convention.starts_at,
            ends_at=convention.ends_at,
        )


@ROUTES.get(
    "/communes",
    needs=Needs.SESSION,
    summary="The communes in which I may do something.",
    answers={200: TypeAdapter(list[CommuneAnswer])},
)
async def list_communes(request: web.Request) -> web.Response:
    may = await request.config_dict[keys.ACCESS].may_see(person_of(request))
    communes = await request.config_dict[keys.COMMUNES].list(set[CommuneId]().union(*may.values()))
    return answers(CommuneAnswer.model_validate(c) for c in communes)


@ROUTES.post(
    "/communes",
    needs=Permission.MANAGE_COMMUNE,
    summary="Add a commune; who adds it is its first administrator.",
    body=NewCommune,
    answers={201: CommuneAnswer},
)
async def add_commune(request: web.Request) -> web.Response:
    body, principal, at = (
        await read_body(request, NewCommune),
        person_of(request),
        keys.now(request),
    )
    _check_zone(body.timezone)
    if body.profile is Profile.DEMONSTRATION:
        await check_demonstrates(request, principal)
    commune = Commune(
        id=CommuneId(body.id or uuid4()),
        name=body.name,
        centre=body.centre.point(),
        profile=body.profile.value,
        timezone=body.timezone,
    )
    communes = request.config_dict[keys.COMMUNES]
    if body.id is not None and (there := await communes.list({commune.id})):
        # Sent twice: the same answer, if it is the sender's own.
        await request.config_dict[keys.ACCESS].commune_for(
            principal, commune.id, Permission.MANAGE_COMMUNE
        )
        return answer(CommuneAnswer.model_validate(there[0]), status=201)
    kept = await communes.add(commune, actor=principal.actor, at=at)
    grant = Grant(
        id=GrantId(uuid4()),
        commune_id=commune.id,
        role=Role.ADMINISTRATOR,
        act_reference="creation of the commune",
        starts_at=at,
        ends_at=None,
    )
    await request.config_dict[keys.PEOPLE].grant(
        principal.person.id, grant, actor=principal.actor, at=at
    )
    return answer(CommuneAnswer.model_validate(kept), status=201)


@ROUTES.patch(
    "/communes/{commune_id}",
    needs=Permission.MANAGE_COMMUNE,
    summary="Change a commune's name, centre, time zone, or its limit of false alerts.",
    body=CommuneChange,
    answers={200: CommuneAnswer},
)
async def change_commune(request: web.Request) -> web.Response:
    principal = person_of(request)
    commune = await request.config_dict[keys.ACCESS].commune_for(
        principal, id_in(request, "commune_id", CommuneId), Permission.MANAGE_COMMUNE
    )
    body = await read_body(request, CommuneChange)
    if body.timezone is not None:
        _check_zone(body.timezone)
    centre = body.centre.point() if body.centre is not None else None
    rate = body.false_alerts_per_day

    def change(one: Commune) -> Commune:
        return replace(
            one,
            name=body.name or one.name,
            centre=centre or one.centre,
            timezone=body.timezone or one.timezone,
            false_alerts_per_day=one.false_alerts_per_day if rate is None else rate,
        )

    changed = await request.config_dict[keys.COMMUNES].change(
        commune.id, change, actor=principal.actor, at=keys.now(request)
    )
    return answer(CommuneAnswer.model_validate(changed))


@ROUTES.get(
    "/communes/{commune_id}/conventions",
    needs=Permission.MANAGE_COMMUNE,
    summary="The conventions in which a commune is owner or guest.",
    answers={200: TypeAdapter(list[ConventionAnswer])},
)
async def list_conventions(request: web.Request) -> web.Response:
    commune = await request.config_dict[keys.ACCESS].commune_for(
        person_of(request), id_in(request, "commune_id", CommuneId), Permission.MANAGE_COMMUNE
    )
    found = await request.config_dict[keys.CONVENTIONS].of({commune.id})
    return answers(ConventionAnswer.of(one) for one in found)


@ROUTES.post(
    "/communes/{commune_id}/conventions",
    needs=Permission.MANAGE_COMMUNE,
    summary="Record a convention by which this commune opens things to another.",
    body=NewConvention,
    answers={201: ConventionAnswer},
    problems=("bad-convention",),
)
async def add_convention(request: web.Request) -> web.Response:
    principal = person_of(request)
    commune = await request.config_dict[keys.ACCESS].commune_for(
        principal, id_in(request, "commune_id", CommuneId), Permission.MANAGE_COMMUNE
    )
    body = await read_body(request, NewConvention)
    guest = CommuneId(body.guest_id)
    if not await request.config_dict[keys.COMMUNES].list({guest}):
        raise NotFound("the guest is no commune of this installation")
    convention = Convention(
        id=ConventionId(body.id or uuid4()),
        owner=commune.id,
        guest=guest,
        permissions=body.permissions,
        act_reference=body.act_reference,
        starts_at=body.starts_at,
        ends_at=body.ends_at,
    )
    kept = await request.config_dict[keys.CONVENTIONS].add(
        convention, actor=principal.actor, at=keys.now(request)
    )
    return answer(ConventionAnswer.of(kept), status=201)


@ROUTES.delete(
    "/conventions/{convention_id}",
    needs=Permission.MANAGE_COMMUNE,
    summary="End a convention now.",
    answers={204: None},
)
async def end_convention(request: web.Request) -> web.Response:
    principal = person_of(request)
    convention = await request.config_dict[keys.ACCESS].convention_for(
        principal, id_in(request, "convention_id", ConventionId), Permission.MANAGE_COMMUNE
    )
    await request.config_dict[keys.CONVENTIONS].end(
        convention.id, actor=principal.actor, at=keys.now(request)
    )
    return web.Response(status=204)


async def check_demonstrates(request: web.Request, principal: PersonPrincipal) -> None:
    """Raise ``Forbidden`` unless this installation was begun as a demonstration.

    There, files of this machine and fictional acts are taken: not beside real towns.
    """
    mine = await keys.communes_in(request, principal, Permission.MANAGE_COMMUNE)
    communes = await request.config_dict[keys.COMMUNES].list(mine)
    if all(one.profile != "demonstration" for one in communes):
        raise Forbidden(DEMONSTRATIONS_ARE_APART)


def _check_zone(name: str) -> None:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise Invalid("this time zone does not exist") from None
