"""People, sessions and one-time links: what opens, what shuts, and what is said of it."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from domain.communes import Commune
from domain.errors import Conflict, Invalid, NotFound
from domain.identifiers import CommuneId, GrantId, PersonId
from domain.people import Grant, Person, Role
from server.database.links import Links
from server.database.people import People
from server.database.pool import Database
from server.database.sessions import Sessions
from tests.integration.database.town import ADMIN, CENTRE, NOW, SECOND, Town, digest

HOUR = timedelta(hours=1)


@pytest.fixture
def people(database: Database) -> People:
    return People(database)


@pytest.fixture
def sessions(database: Database) -> Sessions:
    return Sessions(database)


@pytest.fixture
def links(database: Database) -> Links:
    return Links(database)


async def signed_in(sessions: Sessions, person: Person, cookie: str = "token") -> UUID:
    session_id = uuid4()
    await sessions.begin(
        token_hash=digest(cookie),
        session_id=session_id,
        person_id=person.id,
        kind="page",
        csrf_token="csrf",
        at=NOW,
        expires_at=NOW + HOUR,
    )
    return session_id


async def newest(database: Database) -> tuple[str, str | None]:
    """The newest register entry's action, and the newest fact's kind."""
    action = await database.value("SELECT action FROM register ORDER BY number DESC LIMIT 1")
    return action, await database.value("SELECT kind FROM outbox ORDER BY seq DESC LIMIT 1")


async def test_a_person_comes_back_with_all_habilitations(town: Town, people: People) -> None:
    person = await town.person(Role.OPERATOR, Role.SUPERVISOR)

    assert await people.get(person.id) == person
    assert {role for _, role in person.roles(NOW)} == {Role.OPERATOR, Role.SUPERVISOR}


async def test_a_sign_in_is_found_in_any_case_and_taken_in_every_case(
    town: Town, people: People
) -> None:
    person = await town.person(Role.OPERATOR)
    found = await people.by_sign_in(person.sign_in.upper())

    assert found is not None
    assert found.person == person
    twin = replace(person, id=PersonId(uuid4()), sign_in=person.sign_in.upper(), grants=())
    with pytest.raises(Conflict, match="sign-in is taken"):
        await people.add(twin, commune_id=town.commune.id, actor=ADMIN, at=NOW)


@pytest.mark.parametrize("name", ["zero\x00byte", "half a pair \ud800"])
async def test_a_name_that_can_not_be_stored_is_refused(
    town: Town, people: People, name: str
) -> None:
    person = Person(
        id=PersonId(uuid4()), name=name, sign_in="x" + uuid4().hex, locale="fr", grants=()
    )

    with pytest.raises(Invalid):
        await people.add(person, commune_id=town.commune.id, actor=ADMIN, at=NOW)


async def test_who_is_disabled_loses_every_session_at_once(
    database: Database, town: Town, people: People, sessions: Sessions
) -> None:
    person = await town.person(Role.OPERATOR)
    session_id = await signed_in(sessions, person)
    assert await sessions.by_token(digest("token"), at=NOW) is not None

    await people.change(person.id, lambda one: replace(one, disabled_at=NOW), actor=ADMIN, at=NOW)

    assert await sessions.by_token(digest("token"), at=NOW) is None
    assert not await sessions.is_open(session_id, at=NOW)
    assert await newest(database) == ("access-revoked", "access-revoked")


async def test_a_session_ends_by_itself_or_by_signing_out(
    database: Database, town: Town, sessions: Sessions
) -> None:
    person = await town.person(Role.OPERATOR)
    session_id = await signed_in(sessions, person)
    session = await sessions.by_token(digest("token"), at=NOW + 2 * SECOND)

    assert session is not None
    assert (session.id, session.person, session.kind) == (session_id, person, "page")
    assert await sessions.by_token(digest("token"), at=NOW + HOUR) is None
    assert await sessions.by_token(digest("other"), at=NOW) is None
    await sessions.end(session_id, actor=f"person:{person.id}", at=NOW)
    await sessions.end(session_id, actor=f"person:{person.id}", at=NOW)
    assert await sessions.by_token(digest("token"), at=NOW) is None
    assert await newest(database) == ("sign-out", "access-revoked")


async def test_a_new_password_ends_the_other_sessions(
    town: Town, people: People, sessions: Sessions
) -> None:
    person = await town.person(Role.OPERATOR)
    kept = await signed_in(sessions, person, "kept")
    await signed_in(sessions, person, "lost")
    await people.set_password(person.id, "new hash", actor=ADMIN, at=NOW, keep_session=kept)

    assert await sessions.by_token(digest("kept"), at=NOW) is not None
    assert await sessions.by_token(digest("lost"), at=NOW) is None
    found = await people.by_sign_in(person.sign_in)
    assert found is not None
    assert found.password_hash == "new hash"


async def test_refusals_are_counted_until_a_sign_in_or_a_new_password(
    database: Database, town: Town, people: People, sessions: Sessions
) -> None:
    person = await town.person(Role.OPERATOR)
    until = NOW + HOUR
    await people.sign_in_failed(
        person.id, failures=5, locked_until=until, address="192.0.2.1", at=NOW
    )
    locked = await people.by_sign_in(person.sign_in)
    assert locked is not None
    assert (locked.failed_sign_ins, locked.locked_until) == (5, until)
    assert (await newest(database))[0] == "sign-in-refused"

    await signed_in(sessions, person)
    free = await people.by_sign_in(person.sign_in)
    assert free is not None
    assert (free.failed_sign_ins, free.locked_until) == (0, None)


async def test_a_habilitation_ends_at_once_and_says_so(
    database: Database, town: Town, people: People
) -> None:
    person = await town.person()
    grant = Grant(
        id=GrantId(uuid4()),
        commune_id=town.commune.id,
        role=Role.AUDITOR,
        act_reference="arrêté 3",
        starts_at=NOW,
        ends_at=None,
    )
    for _ in range(2):
        granted = await people.grant(person.id, grant, actor=ADMIN, at=NOW)
    assert granted.grants == (grant,)

    revoked = await people.revoke_grant(person.id, grant.id, actor=ADMIN, at=NOW + SECOND)

    assert revoked.roles(NOW + SECOND) == set()
    assert await newest(database) == ("access-revoked", "access-revoked")
    with pytest.raises(NotFound):
        await people.revoke_grant(person.id, GrantId(uuid4()), actor=ADMIN, at=NOW)


async def test_names_are_given_without_the_rest(town: Town, people: People) -> None:
    person = await town.person(name="Claire")

    assert await people.names({person.id, PersonId(uuid4())}) == {person.id: "Claire"}


async def password_link(links: Links, person: Person, token: str) -> None:
    await links.add(
        token_hash=digest(token),
        purpose="password",
        person_id=person.id,
        at=NOW,
        expires_at=NOW + HOUR,
        actor=ADMIN,
    )


async def test_a_password_link_is_good_once_and_the_newest_only(
    town: Town, people: People, links: Links
) -> None:
    person = await town.person(Role.OPERATOR)
    await password_link(links, person, "old")
    await password_link(links, person, "new")
    assert await links.get(digest("old"), at=NOW) is None
    link = await links.get(digest("new"), at=NOW)
    assert link is not None
    assert link.person == person
    assert await links.get(digest("new"), at=NOW + HOUR) is None

    await links.use_password(digest("new"), "a hash", at=NOW)

    found = await people.by_sign_in(person.sign_in)
    assert found is not None
    assert found.password_hash == "a hash"
    with pytest.raises(NotFound):
        await links.use_password(digest("new"), "another", at=NOW)


async def first_link(links: Links, token: str) -> None:
    await links.add(
        token_hash=digest(token),
        purpose="first-administrator",
        person_id=None,
        at=NOW,
        expires_at=NOW + HOUR,
        actor=ADMIN,
    )


async def test_the_first_administrator_is_made_once_with_a_commune(
    people: People, links: Links
) -> None:
    commune = Commune(id=CommuneId(uuid4()), name="Aubeville", centre=CENTRE)
    grant = Grant(
        id=GrantId(uuid4()),
        commune_id=commune.id,
        role=Role.ADMINISTRATOR,
        act_reference="installation",
        starts_at=NOW,
        ends_at=None,
    )
    person = Person(
        id=PersonId(uuid4()), name="Claire", sign_in="claire", locale="fr", grants=(grant,)
    )
    await first_link(links, "first")
    await links.use_first_administrator(
        digest("first"), person=person, password_hash="a hash", commune=commune, at=NOW
    )

    assert await people.get(person.id) == person
    with pytest.raises(NotFound):
        await links.use_first_administrator(
            digest("first"), person=person, password_hash="x", commune=commune, at=NOW
        )
    with pytest.raises(Conflict):
        await first_link(links, "second")
