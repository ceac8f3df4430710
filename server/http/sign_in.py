"""Signing in and out, what one may do, one's own password, links that are good once."""

import secrets
from dataclasses import replace
from datetime import timedelta
from time import monotonic
from typing import Annotated, ClassVar, Literal
from uuid import UUID, uuid4

from aiohttp import web
from pydantic import Field

from domain.addresses import share_of
from domain.communes import Commune
from domain.errors import Invalid, NotFound, TooMany, Unauthenticated
from domain.identifiers import CommuneId, GrantId, PersonId
from domain.people import Grant, Permission, Person, Role
from mobile_api.bodies import Body, Line, PointBody, read_body
from mobile_api.description import Needs, Routes
from mobile_api.keys import CLOCK
from mobile_api.tokens import digest, new_token
from server.database.sessions import Session
from server.http import keys
from server.http.attempts import Buckets, lock_after
from server.http.forwarded import address_of, is_secure
from server.http.passwords import SHORTEST_PASSWORD
from server.http.principal import COOKIE, SESSION, person_of, principal_of
from server.http.schemas import Answer, At, GeoPoint, answer

ROUTES = Routes("signing in")

#: Twenty tries at once from one address (a control room behind one router), then one in six
#: seconds; eight at once for one name, then one in twelve seconds.
BY_ADDRESS = web.AppKey("BY_ADDRESS", Buckets)
BY_NAME = web.AppKey("BY_NAME", Buckets)
LEAST_DISTINCT = 5  # different characters in a password: refuses "aaaaaaaaaaaa"


class WrongSignIn(Unauthenticated):
    code: ClassVar[str] = "wrong-sign-in"
    title: ClassVar[str] = "The name or the password is not right"


class WeakPassword(Invalid):
    code: ClassVar[str] = "weak-password"
    title: ClassVar[str] = "This password is too easy to guess"


type Secret = Annotated[str, Field(max_length=256)]
type Locale = Literal["fr", "en"]


class SignIn(Body):
    sign_in: Line
    password: Secret
    kind: Literal["page", "api"] = "page"


class NewPassword(Body):
    current: Secret
    new: Secret


class NewLocale(Body):
    locale: Locale


class FirstCommune(Body):
    name: Line
    centre: PointBody


class LinkUse(Body):
    """``sign_in``, ``name`` and ``commune`` are the first administrator's."""

    password: Secret
    sign_in: Line | None = None
    name: Line | None = None
    locale: Locale = "fr"
    commune: FirstCommune | None = None


class MePerson(Answer):
    id: UUID
    name: str
    sign_in: str
    locale: str


class MeCommuneRef(Answer):
    id: UUID
    name: str


class MeRole(Answer):
    commune: MeCommuneRef
    role: Role
    ends_at: At | None


class MeCommune(Answer):
    id: UUID
    name: str
    centre: GeoPoint
    profile: str
    timezone: str
    permissions: list[Permission]


class Me(Answer):
    person: MePerson
    roles: list[MeRole]
    communes: list[MeCommune]
    csrf_token: str
    expires_at: At
    token: str | None = None
    """Only in the answer to an API client's sign-in, this once."""


class LinkInfo(Answer):
    purpose: Literal["first-administrator", "password"]
    name: str | None
    expires_at: At


@ROUTES.post(
    "/sign-in",
    needs=Needs.PUBLIC,
    summary="Sign in, as a page (cookie) or as an API client (token).",
    body=SignIn,
    answers={200: Me},
    problems=("wrong-sign-in", "too-many"),
)
async def sign_in(request: web.Request) -> web.Response:
    """Answer an unknown name as slowly, and in the same words, as a wrong password."""
    body = await read_body(request, SignIn)
    name, address, at = body.sign_in.strip().casefold(), address_of(request), keys.now(request)
    request.config_dict[BY_ADDRESS].take(share_of(address), now=monotonic())
    request.config_dict[BY_NAME].take(name, now=monotonic())
    people = request.config_dict[keys.PEOPLE]
    found = await people.by_sign_in(name)
    if found is not None and found.locked_until is not None and found.locked_until > at:
        wait_s = int((found.locked_until - at).total_seconds()) + 1
        raise TooMany("wait before you try again", retry_after_s=wait_s)
    is_known = found is not None and found.person.disabled_at is None
    kept = found.password_hash if found is not None and is_known else None
    if await request.config_dict[keys.PASSWORDS].verify(kept, body.password) and found:
        return await begin_session(request, found.person, kind=body.kind)
    if found is None:
        await people.refused(body.sign_in, address=address, at=at)
    else:
        failures = found.failed_sign_ins + 1
        lock = lock_after(failures)
        await people.sign_in_failed(
            found.person.id,
            failures=failures,
            locked_until=at + lock if lock else None,
            address=address,
            at=at,
        )
    raise WrongSignIn("check both and try again")


@ROUTES.post("/sign-out", needs=Needs.SESSION, summary="End this session.", answers={204: None})
async def sign_out(request: web.Request) -> web.Response:
    person = person_of(request)
    await request.config_dict[keys.SESSIONS].end(
        person.session_id, actor=person.actor, at=keys.now(request)
    )
    response = web.Response(status=204)
    response.del_cookie(COOKIE, path="/")
    return response


@ROUTES.get("/me", needs=Needs.SESSION, summary="Who I am and what I may do.", answers={200: Me})
async def me(request: web.Request) -> web.Response:
    return answer(await me_of(request.app, request[SESSION]))


@ROUTES.put(
    "/me/password",
    needs=Needs.SESSION,
    summary="Change my password; my other sessions end.",
    body=NewPassword,
    answers={204: None},
    problems=("wrong-sign-in", "weak-password"),
)
async def change_password(request: web.Request) -> web.Response:
    body, principal = await read_body(request, NewPassword), person_of(request)
    person = principal.person
    request.config_dict[BY_NAME].take(person.sign_in.casefold(), now=monotonic())
    found = await request.config_dict[keys.PEOPLE].by_sign_in(person.sign_in)
    passwords = request.config_dict[keys.PASSWORDS]
    if found is None or not await passwords.verify(found.password_hash, body.current):
        raise WrongSignIn("the current password is not right")
    check_password(body.new, sign_in=person.sign_in)
    await request.config_dict[keys.PEOPLE].set_password(
        person.id,
        await passwords.hash(body.new),
        actor=principal.actor,
        at=keys.now(request),
        keep_session=principal.session_id,
    )
    return web.Response(status=204)


@ROUTES.put(
    "/me/locale",
    needs=Needs.SESSION,
    summary="Choose my language.",
    body=NewLocale,
    answers={200: Me},
)
async def change_locale(request: web.Request) -> web.Response:
    body, principal = await read_body(request, NewLocale), person_of(request)
    person = await request.config_dict[keys.PEOPLE].change(
        principal.person.id,
        lambda one: replace(one, locale=body.locale),
        actor=principal.actor,
        at=keys.now(request),
    )
    return answer(await me_of(request.app, replace(request[SESSION], person=person)))


@ROUTES.get(
    "/links/{token}",
    needs=Needs.PUBLIC,
    summary="What a one-time link is for.",
    answers={200: LinkInfo},
)
async def link(request: web.Request) -> web.Response:
    request.config_dict[BY_ADDRESS].take(share_of(address_of(request)), now=monotonic())
    found = await request.config_dict[keys.LINKS].get(
        digest(request.match_info["token"]), at=keys.now(request)
    )
    if found is None:
        raise NotFound("this link was used or is too old; ask for another")
    name = found.person.name if found.person else None
    return answer(LinkInfo(purpose=found.purpose, name=name, expires_at=found.expires_at))


@ROUTES.post(
    "/links/{token}",
    needs=Needs.PUBLIC,
    summary="Use a one-time link: set a password, or begin the installation; signs in.",
    body=LinkUse,
    answers={201: Me},
    problems=("weak-password",),
)
async def use_link(request: web.Request) -> web.Response:
    request.config_dict[BY_ADDRESS].take(share_of(address_of(request)), now=monotonic())
    body, at = await read_body(request, LinkUse), keys.now(request)
    token_hash = digest(request.match_info["token"])
    links = request.config_dict[keys.LINKS]
    found = await links.get(token_hash, at=at)
    if found is None:
        raise NotFound("this link was used or is too old; ask for another")
    passwords = request.config_dict[keys.PASSWORDS]
    if found.person is not None:
        check_password(body.password, sign_in=found.person.sign_in)
        kept = await passwords.hash(body.password)
        person = await links.use_password(token_hash, kept, at=at)
    else:
        if body.sign_in is None or body.name is None or body.commune is None:
            raise Invalid("the first administrator gives sign_in, name and commune")
        check_password(body.password, sign_in=body.sign_in)
        commune = Commune(
            id=CommuneId(uuid4()), name=body.commune.name, centre=body.commune.centre.point()
        )
        grant = Grant(
            id=GrantId(uuid4()),
            commune_id=commune.id,
            role=Role.ADMINISTRATOR,
            act_reference="first start of the installation",
            starts_at=at,
            ends_at=None,
        )
        first = Person(
            id=PersonId(uuid4()),
            name=body.name,
            sign_in=body.sign_in.strip(),
            locale=body.locale,
            grants=(grant,),
        )
        person = await links.use_first_administrator(
            token_hash,
            person=first,
            password_hash=await passwords.hash(body.password),
            commune=commune,
            at=at,
        )
    return await begin_session(request, person, kind="page", status=201)


async def begin_session(
    request: web.Request, person: Person, *, kind: Literal["page", "api"], status: int = 200
) -> web.Response:
    """Open a new session and answer with ``Me``; a page gets its cookie."""
    at, token = keys.now(request), new_token()
    lasts: timedelta = request.config_dict[keys.SESSION_LASTS]
    session = Session(
        id=uuid4(),
        person=person,
        kind=kind,
        csrf_token=secrets.token_urlsafe(24),
        expires_at=at + lasts,
    )
    await request.config_dict[keys.SESSIONS].begin(
        token_hash=digest(token),
        session_id=session.id,
        person_id=person.id,
        kind=kind,
        csrf_token=session.csrf_token,
        at=at,
        expires_at=session.expires_at,
        address=address_of(request),
    )
    shown = await me_of(request.app, session)
    if kind == "api":
        return answer(shown.model_copy(update={"token": token}), status=status)
    response = answer(shown, status=status)
    response.set_cookie(
        COOKIE,
        token,
        path="/",
        httponly=True,
        secure=is_secure(request),
        samesite="Strict",
        max_age=int(lasts.total_seconds()),
    )
    return response


async def me_of(app: web.Application, session: Session) -> Me:
    """Say who holds ``session`` and what may be done, by commune."""
    person, at = session.person, app[CLOCK]()
    may = await app[keys.ACCESS].may_see(principal_of(session))
    own = {commune for commune, _ in person.roles(at)}
    ids = own.union(*may.values())
    communes = {c.id: c for c in await app[keys.COMMUNES].list(ids)}
    roles = [
        MeRole(
            commune=MeCommuneRef(id=grant.commune_id, name=communes[grant.commune_id].name),
            role=grant.role,
            ends_at=grant.ends_at,
        )
        for grant in person.grants
        if grant.in_force(at) and grant.commune_id in communes
    ]
    shown = [
        MeCommune(
            id=commune.id,
            name=commune.name,
            centre=commune.centre,
            profile=commune.profile,
            timezone=commune.timezone,
            permissions=sorted(p for p, where in may.items() if commune.id in where),
        )
        for commune in sorted(communes.values(), key=lambda c: c.name)
    ]
    return Me(
        person=MePerson.model_validate(person),
        roles=roles,
        communes=shown,
        csrf_token=session.csrf_token,
        expires_at=session.expires_at,
    )


def check_password(password: str, *, sign_in: str) -> None:
    """Raise ``WeakPassword``: length decides, not composition (NIST SP 800-63B-4)."""
    if len(password) < SHORTEST_PASSWORD:
        raise WeakPassword(f"use at least {SHORTEST_PASSWORD} characters; a sentence is good")
    if len(set(password)) < LEAST_DISTINCT:
        raise WeakPassword("the same few characters are repeated")
    if sign_in.casefold() in password.casefold():
        raise WeakPassword("it contains the sign-in")
