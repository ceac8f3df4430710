"""People, their dated habilitations, their passwords and their sessions, for administrators."""

from collections.abc import Set
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Annotated, Literal
from uuid import UUID, uuid4

from aiohttp import web
from pydantic import Field, TypeAdapter

from domain.errors import Forbidden, NotFound
from domain.identifiers import CommuneId, GrantId, PersonId
from domain.people import Grant, Permission, Person, Role
from domain.principals import PersonPrincipal
from mobile_api.bodies import Body, Instant, Line, read_body, read_query
from mobile_api.description import Routes
from mobile_api.tokens import digest, new_token
from server.http import keys
from server.http.principal import person_of
from server.http.schemas import Answer, At, ByCommune, answer, answers, id_in

ROUTES = Routes("people")

MANAGE = Permission.MANAGE_PEOPLE
LINK_LASTS = timedelta(hours=24)


class NewGrant(Body):
    id: UUID | None = None
    commune_id: UUID
    role: Role
    act_reference: Line
    starts_at: Instant | None = None
    """None: now."""
    ends_at: Instant | None = None

    def grant(self, *, at: datetime) -> Grant:
        return Grant(
            id=GrantId(self.id or uuid4()),
            commune_id=CommuneId(self.commune_id),
            role=self.role,
            act_reference=self.act_reference,
            starts_at=self.starts_at or at,
            ends_at=self.ends_at,
        )


class NewPerson(Body):
    """``commune_id`` is who keeps the person: by default the first habilitation's, or mine."""

    id: UUID | None = None
    commune_id: UUID | None = None
    name: Line
    sign_in: Annotated[str, Field(pattern=r"^[\w.@+-]{2,80}$")]
    locale: Literal["fr", "en"] = "fr"
    habilitations: Annotated[tuple[NewGrant, ...], Field(max_length=20)] = ()


class PersonChange(Body):
    name: Line | None = None
    locale: Literal["fr", "en"] | None = None
    disabled: bool | None = None


class GrantAnswer(Answer):
    id: UUID
    commune_id: UUID
    role: Role
    act_reference: str
    starts_at: At
    ends_at: At | None
    revoked_at: At | None


class PersonAnswer(Answer):
    id: UUID
    name: str
    sign_in: str
    locale: str
    disabled_at: At | None
    habilitations: list[GrantAnswer]

    @classmethod
    def of(cls, person: Person, communes: Set[CommuneId]) -> "PersonAnswer":
        """Show ``person`` with what he holds in ``communes``; elsewhere is others' business."""
        return cls(
            id=person.id,
            name=person.name,
            sign_in=person.sign_in,
            locale=person.locale,
            disabled_at=person.disabled_at,
            habilitations=[
                GrantAnswer.model_validate(grant)
                for grant in person.grants
                if grant.commune_id in communes
            ],
        )


class PasswordLink(Answer):
    url: str
    expires_at: At


@ROUTES.get(
    "/people",
    needs=MANAGE,
    summary="The people of my communes.",
    query=ByCommune,
    answers={200: TypeAdapter(list[PersonAnswer])},
)
async def list_people(request: web.Request) -> web.Response:
    wanted = read_query(request, ByCommune).commune
    communes = await keys.communes_in(request, person_of(request), MANAGE, wanted)
    people = await request.config_dict[keys.PEOPLE].of_communes(communes)
    return answers(PersonAnswer.of(person, communes) for person in people)


@ROUTES.post(
    "/people",
    needs=MANAGE,
    summary="Add a person, with habilitations; a password is set by a link.",
    body=NewPerson,
    answers={201: PersonAnswer},
    problems=("bad-grant", "conflict"),
)
async def add_person(request: web.Request) -> web.Response:
    body, principal, at = await read_body(request, NewPerson), person_of(request), keys.now(request)
    communes = await keys.communes_in(request, principal, MANAGE)
    named = [one.commune_id for one in body.habilitations]
    keeper = body.commune_id or next(iter((*named, *sorted(communes))))
    for wanted in (*named, keeper):
        _check_mine(wanted, communes)
    if body.id is not None and (there := await _find(request, PersonId(body.id))):
        return answer(PersonAnswer.of(there, communes), status=201)
    person = Person(
        id=PersonId(body.id or uuid4()),
        name=body.name,
        sign_in=body.sign_in,
        locale=body.locale,
        grants=tuple(one.grant(at=at) for one in body.habilitations),
    )
    kept = await request.config_dict[keys.PEOPLE].add(
        person, commune_id=CommuneId(keeper), actor=principal.actor, at=at
    )
    return answer(PersonAnswer.of(kept, communes), status=201)


@ROUTES.patch(
    "/people/{person_id}",
    needs=MANAGE,
    summary="Change a person's name or language; disable or enable.",
    body=PersonChange,
    answers={200: PersonAnswer},
)
async def change_person(request: web.Request) -> web.Response:
    principal, person = await _person(request)
    body, at = await read_body(request, PersonChange), keys.now(request)
    if body.disabled is not None:
        await _check_whole_person(request, principal, person)

    def change(one: Person) -> Person:
        disabled_at = one.disabled_at
        if body.disabled is not None:
            disabled_at = (one.disabled_at or at) if body.disabled else None
        return replace(
            one,
            name=body.name or one.name,
            locale=body.locale or one.locale,
            disabled_at=disabled_at,
        )

    changed = await request.config_dict[keys.PEOPLE].change(
        person.id, change, actor=principal.actor, at=at
    )
    return await _shown(request, changed)


@ROUTES.post(
    "/people/{person_id}/password-link",
    needs=MANAGE,
    summary="Make a one-time link with which the person sets a password.",
    answers={201: PasswordLink},
)
async def make_password_link(request: web.Request) -> web.Response:
    principal, person = await _person(request)
    await _check_whole_person(request, principal, person)
    at, token = keys.now(request), new_token()
    await request.config_dict[keys.LINKS].add(
        token_hash=digest(token),
        purpose="password",
        person_id=person.id,
        at=at,
        expires_at=at + LINK_LASTS,
        actor=principal.actor,
    )
    # After the '#' nothing is sent to a server, nor kept in a proxy's log.
    url = f"{keys.public_url(request)}/#link={token}"
    return answer(PasswordLink(url=url, expires_at=at + LINK_LASTS), status=201)


@ROUTES.post(
    "/people/{person_id}/habilitations",
    needs=MANAGE,
    summary="Record a habilitation: one role in one commune, by an act.",
    body=NewGrant,
    answers={201: PersonAnswer},
    problems=("bad-grant",),
)
async def add_habilitation(request: web.Request) -> web.Response:
    principal, person = await _person(request)
    body, at = await read_body(request, NewGrant), keys.now(request)
    _check_mine(body.commune_id, await keys.communes_in(request, principal, MANAGE))
    changed = await request.config_dict[keys.PEOPLE].grant(
        person.id, body.grant(at=at), actor=principal.actor, at=at
    )
    return await _shown(request, changed, status=201)


@ROUTES.delete(
    "/people/{person_id}/habilitations/{habilitation_id}",
    needs=MANAGE,
    summary="Revoke a habilitation; it takes effect at once, on open sockets and streams too.",
    answers={200: PersonAnswer},
)
async def revoke_habilitation(request: web.Request) -> web.Response:
    principal, grant_id = person_of(request), id_in(request, "habilitation_id", GrantId)
    person = await request.config_dict[keys.ACCESS].grant_for(
        principal, id_in(request, "person_id", PersonId), grant_id, MANAGE
    )
    changed = await request.config_dict[keys.PEOPLE].revoke_grant(
        person.id, grant_id, actor=principal.actor, at=keys.now(request)
    )
    return await _shown(request, changed)


@ROUTES.delete(
    "/people/{person_id}/sessions",
    needs=MANAGE,
    summary="End all sessions of a person.",
    answers={204: None},
)
async def end_sessions(request: web.Request) -> web.Response:
    principal, person = await _person(request)
    await request.config_dict[keys.SESSIONS].revoke_all(
        person.id, actor=principal.actor, at=keys.now(request)
    )
    return web.Response(status=204)


async def _person(request: web.Request) -> tuple[PersonPrincipal, Person]:
    principal = person_of(request)
    person_id = id_in(request, "person_id", PersonId)
    person = await request.config_dict[keys.ACCESS].person_for(principal, person_id, MANAGE)
    return principal, person


async def _find(request: web.Request, person_id: PersonId) -> Person | None:
    """Give a person that is there and mine; None when there is none; raises ``NotFound``."""
    try:
        await request.config_dict[keys.PEOPLE].get(person_id)
    except NotFound:
        return None
    return await request.config_dict[keys.ACCESS].person_for(person_of(request), person_id, MANAGE)


async def _shown(request: web.Request, person: Person, *, status: int = 200) -> web.Response:
    communes = await keys.communes_in(request, person_of(request), MANAGE)
    return answer(PersonAnswer.of(person, communes), status=status)


async def _check_whole_person(
    request: web.Request, principal: PersonPrincipal, person: Person
) -> None:
    """Raise ``Forbidden`` when the person also serves, or will, where I'm not the administrator.

    Else who administers one commune could set the password of, and become, somebody of another.
    """
    mine = await keys.communes_in(request, principal, MANAGE)
    whole = await request.config_dict[keys.PEOPLE].get(person.id)
    # Not whole.roles(now): a password set today is good on the day another habilitation begins,
    # and a person who is disabled may be enabled again.
    at = keys.now(request)
    lasting = {
        grant.commune_id
        for grant in whole.grants
        if grant.revoked_at is None and (grant.ends_at is None or grant.ends_at > at)
    }
    if lasting - mine:
        raise Forbidden("this person also serves in a commune that you do not administer")


def _check_mine(commune: UUID, mine: Set[CommuneId]) -> None:
    if commune not in mine:
        raise NotFound("there is no such commune among yours")
