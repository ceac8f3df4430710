"""Authorisations: the recorded legal basis without which no picture is analysed."""

from collections.abc import Collection, Mapping
from datetime import date, datetime, time
from typing import Annotated
from uuid import UUID, uuid4

from aiohttp import web
from pydantic import AfterValidator, Field, TypeAdapter

from domain.authorisations import Authorisation, DailyHours
from domain.errors import Invalid, NotFound
from domain.events import EventKind
from domain.identifiers import AuthorisationId, CameraId, CommuneId, PersonId, SensorId
from domain.people import Permission
from domain.profiles import Profile
from mobile_api.bodies import Body, Instant, Note, read_body, read_query
from mobile_api.description import Routes
from server.http import keys
from server.http.principal import person_of
from server.http.schemas import Answer, At, ByCommune, PersonRef, answer, answers, id_in

ROUTES = Routes("authorisations")

RECORD = Permission.RECORD_AUTHORISATIONS


def _local(hour: time) -> time:
    if hour.tzinfo is not None:
        raise ValueError("daily hours are local: they carry no offset")
    return hour


type Text = Annotated[Note, Field(max_length=500)]
type Hour = Annotated[time, AfterValidator(_local)]


class NewAuthorisation(Body):
    """``daily_from`` (included) to ``daily_until`` (excluded), local; over midnight if it ends
    first. What is empty is refused by the profile, all of it at once.
    """

    id: UUID | None = None
    commune_id: UUID
    profile: Profile
    law: Text = ""
    authority: Text = ""
    act_reference: Text = ""
    act_date: date | None = None
    purpose: Text = ""
    place: Text = ""
    assessment: Text = ""
    kinds: Annotated[frozenset[EventKind], Field(max_length=20)]
    camera_ids: Annotated[frozenset[UUID], Field(max_length=500)] = frozenset()
    sensor_ids: Annotated[frozenset[UUID], Field(max_length=500)] = frozenset()
    starts_at: Instant
    ends_at: Instant
    daily_from: Hour | None = None
    daily_until: Hour | None = None


class AuthorisationAnswer(Answer):
    id: UUID
    commune_id: UUID
    profile: Profile
    law: str
    authority: str
    act_reference: str
    act_date: date | None
    purpose: str
    place: str
    assessment: str
    kinds: list[EventKind]
    camera_ids: list[UUID]
    sensor_ids: list[UUID]
    starts_at: At
    ends_at: At
    daily_from: time | None
    daily_until: time | None
    recorded_at: At
    recorded_by: PersonRef | None
    revoked_at: At | None
    in_force: bool


@ROUTES.get(
    "/authorisations",
    needs=Permission.READ_SETUP,
    summary="The authorisations of my communes, newest first.",
    query=ByCommune,
    answers={200: TypeAdapter(list[AuthorisationAnswer])},
)
async def list_authorisations(request: web.Request) -> web.Response:
    wanted = read_query(request, ByCommune).commune
    communes = await keys.communes_in(request, person_of(request), Permission.READ_SETUP, wanted)
    found = await request.config_dict[keys.AUTHORISATIONS].of_communes(communes)
    return answers(await _shown(request, found))


@ROUTES.post(
    "/authorisations",
    needs=RECORD,
    summary="Record an authorisation.",
    body=NewAuthorisation,
    answers={201: AuthorisationAnswer},
    problems=("authorisation-refused", "invalid-hours"),
)
async def record(request: web.Request) -> web.Response:
    body, principal, at = (
        await read_body(request, NewAuthorisation),
        person_of(request),
        keys.now(request),
    )
    access = request.config_dict[keys.ACCESS]
    commune = await access.commune_for(principal, CommuneId(body.commune_id), RECORD)
    authorisation = Authorisation(
        id=AuthorisationId(body.id or uuid4()),
        commune_id=commune.id,
        profile=body.profile,
        law=body.law,
        act_reference=body.act_reference,
        act_date=body.act_date,
        authority=body.authority,
        purpose=body.purpose,
        place=body.place,
        kinds=body.kinds,
        camera_ids=frozenset(CameraId(one) for one in body.camera_ids),
        sensor_ids=frozenset(SensorId(one) for one in body.sensor_ids),
        starts_at=body.starts_at,
        ends_at=body.ends_at,
        hours=_hours(body.daily_from, body.daily_until, commune.timezone),
        recorded_at=at,
        recorded_by=principal.person.id,
        assessment=body.assessment,
    )
    for camera_id in authorisation.camera_ids:
        camera = await access.camera_for(principal, camera_id, RECORD)
        if camera.commune_id != commune.id:
            raise NotFound("this commune has no such camera")
    for sensor_id in authorisation.sensor_ids:
        sensor = await access.sensor_for(principal, sensor_id, RECORD)
        if sensor.commune_id != commune.id:
            raise NotFound("this commune has no such sensor")
    kept = await request.config_dict[keys.AUTHORISATIONS].add(
        authorisation, actor=principal.actor, at=at
    )
    return answer((await _shown(request, [kept]))[0], status=201)


@ROUTES.post(
    "/authorisations/{authorisation_id}/revocation",
    needs=RECORD,
    summary="End an authorisation now: from here on no picture is analysed under it.",
    answers={200: AuthorisationAnswer},
)
async def revoke(request: web.Request) -> web.Response:
    principal = person_of(request)
    found = await request.config_dict[keys.ACCESS].authorisation_for(
        principal, id_in(request, "authorisation_id", AuthorisationId), RECORD
    )
    revoked = await request.config_dict[keys.AUTHORISATIONS].revoke(
        found.id, actor=principal.actor, at=keys.now(request)
    )
    return answer((await _shown(request, [revoked]))[0])


def _hours(starts: time | None, ends: time | None, time_zone: str) -> DailyHours | None:
    if starts is None and ends is None:
        return None
    if starts is None or ends is None:
        raise Invalid("give both daily_from and daily_until, or none")
    return DailyHours(starts, ends, time_zone)


async def _shown(
    request: web.Request, acts: Collection[Authorisation]
) -> list[AuthorisationAnswer]:
    people = {one.recorded_by for one in acts if one.recorded_by is not None}
    names = await request.config_dict[keys.PEOPLE].names(people)
    return [_answer(one, names, keys.now(request)) for one in acts]


def _answer(
    one: Authorisation, names: Mapping[PersonId, str], now: datetime
) -> AuthorisationAnswer:
    by = None
    if one.recorded_by is not None:
        by = PersonRef(id=one.recorded_by, name=names.get(one.recorded_by, ""))
    return AuthorisationAnswer(
        id=one.id,
        commune_id=one.commune_id,
        profile=one.profile,
        law=one.law,
        authority=one.authority,
        act_reference=one.act_reference,
        act_date=one.act_date,
        purpose=one.purpose,
        place=one.place,
        assessment=one.assessment,
        kinds=sorted(one.kinds),
        camera_ids=sorted(one.camera_ids),
        sensor_ids=sorted(one.sensor_ids),
        starts_at=one.starts_at,
        ends_at=one.ends_at,
        daily_from=one.hours.starts if one.hours else None,
        daily_until=one.hours.ends if one.hours else None,
        recorded_at=one.recorded_at,
        recorded_by=by,
        revoked_at=one.revoked_at,
        in_force=_in_force(one, now),
    )


def _in_force(one: Authorisation, at: datetime) -> bool:
    return one.revoked_at is None and one.starts_at <= at < one.ends_at
