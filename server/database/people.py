"""People and their habilitations; what they sign in with, and being locked out."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from domain.errors import Conflict, NotFound
from domain.facts import AccessRevoked
from domain.identifiers import CommuneId, GrantId, PersonId
from domain.people import Grant, Person, Role
from domain.register import Action, Entry
from server.database.columns import difference, plain
from server.database.history import configured
from server.database.pool import Database, Row, Transaction
from server.database.statements import load

SQL = load("people")
LONGEST_NAME_KEPT = 100  # of a sign-in that nobody has: an attacker chooses it


@dataclass(frozen=True, kw_only=True)
class Credentials:
    """What a sign-in is checked against; ``password_hash`` None: no password was chosen yet."""

    person: Person
    password_hash: str | None
    failed_sign_ins: int
    locked_until: datetime | None


class People:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, person_id: PersonId) -> Person:
        """Raises ``NotFound``."""
        row = await self._database.row(SQL["by_id"], person_id)
        if row is None:
            raise NotFound("there is no such person")
        return read_person(row)

    async def names(self, person_ids: Collection[PersonId]) -> dict[PersonId, str]:
        """The names of some people; who is not there is left out."""
        rows = await self._database.rows(SQL["names"], [*person_ids])
        return {PersonId(row["id"]): row["name"] for row in rows}

    async def by_sign_in(self, sign_in: str) -> Credentials | None:
        row = await self._database.row(SQL["by_sign_in"], sign_in)
        if row is None:
            return None
        return Credentials(
            person=read_person(row),
            password_hash=row["password_hash"],
            failed_sign_ins=row["failed_sign_ins"],
            locked_until=row["locked_until"],
        )

    async def of_communes(self, communes: Collection[CommuneId]) -> list[Person]:
        """By name, each with the habilitations in ``communes`` only."""
        rows = await self._database.rows(SQL["of_communes"], list(communes))
        return [read_person(row, communes) for row in rows]

    async def add(
        self,
        person: Person,
        *,
        commune_id: CommuneId,
        actor: str,
        at: datetime,
        password_hash: str | None = None,
    ) -> Person:
        """Store ``person`` with its grants; ``commune_id`` is who keeps it.

        The same id again gives the stored person. Raises ``Conflict`` for a sign-in that is taken,
        or an id that another commune's person has.
        """
        async with self._database.transaction() as t:
            await add_person(t, person, commune_id, password_hash=password_hash, actor=actor, at=at)
        return await self.get(person.id)

    async def change(
        self, person_id: PersonId, how: Callable[[Person], Person], *, actor: str, at: datetime
    ) -> Person:
        """Change name, locale or ``disabled_at``; who is disabled loses all sessions at once."""
        async with self._database.transaction() as t:
            row = await _locked(t, person_id)
            before = read_person(row)
            after = how(before)
            if after == before:
                return after
            await t.execute(SQL["change"], person_id, after.name, after.locale, after.disabled_at)
            _person_changed(t, row, actor, at, difference(before, after))
            if after.disabled_at and not before.disabled_at:
                await end_sessions(t, person_id, row["commune_id"], actor=actor, at=at)
        return after

    async def set_password(
        self,
        person_id: PersonId,
        password_hash: str,
        *,
        actor: str,
        at: datetime,
        keep_session: UUID | None = None,
    ) -> None:
        """Store a new password's hash; all sessions but ``keep_session`` end."""
        async with self._database.transaction() as t:
            await store_password(
                t, person_id, password_hash, actor=actor, at=at, keep_session=keep_session
            )

    async def grant(self, person_id: PersonId, grant: Grant, *, actor: str, at: datetime) -> Person:
        """Record a habilitation; the same id again changes nothing."""
        async with self._database.transaction() as t:
            row = await _locked(t, person_id)
            if await add_grant(t, person_id, grant):
                said = {"granted": plain(grant)}
                _person_changed(t, row, actor, at, said, commune_id=grant.commune_id)
        return await self.get(person_id)

    async def revoke_grant(
        self, person_id: PersonId, grant_id: GrantId, *, actor: str, at: datetime
    ) -> Person:
        """End a habilitation; what it holds open ends now. Raises ``NotFound``."""
        async with self._database.transaction() as t:
            await _locked(t, person_id)
            row = await t.row(SQL["revoke_grant"], person_id, grant_id, at)
            if row is None:
                raise NotFound("there is no such habilitation")
            data = {"grant": str(grant_id), "role": row["role"]}
            revoked(t, person_id, row["commune_id"], actor=actor, at=at, data=data)
        return await self.get(person_id)

    async def sign_in_failed(
        self,
        person_id: PersonId,
        *,
        failures: int,
        locked_until: datetime | None,
        address: str,
        at: datetime,
    ) -> None:
        """Keep the count of refusals and the end of the lock-out; a register entry."""
        async with self._database.transaction() as t:
            commune_id = await t.value(SQL["failed"], person_id, failures, locked_until)
            data = {"address": address, "failures": failures, "locked": locked_until is not None}
            t.enter(_refusal(f"person:{person_id}", at, data, commune_id))

    async def refused(self, sign_in: str, *, address: str, at: datetime) -> None:
        """Note a sign-in under a name that nobody has."""
        data = {"address": address, "sign_in": sign_in[:LONGEST_NAME_KEPT]}
        async with self._database.transaction() as t:
            t.enter(_refusal("unknown", at, data, None))


def read_person(row: Row, communes: Collection[CommuneId] | None = None) -> Person:
    """Read a row of ``person_with_grants``; with ``communes``, only the grants in those."""
    grants = (_read_grant(one) for one in row["grants"])
    return Person(
        id=row["id"],
        name=row["name"],
        sign_in=row["sign_in"],
        locale=row["locale"],
        disabled_at=row["disabled_at"],
        grants=tuple(g for g in grants if communes is None or g.commune_id in communes),
    )


def _read_grant(document: Mapping[str, Any]) -> Grant:
    def moment(name: str) -> datetime | None:
        return datetime.fromisoformat(document[name]) if document[name] else None

    return Grant(
        id=GrantId(UUID(document["id"])),
        commune_id=CommuneId(UUID(document["commune_id"])),
        role=Role(document["role"]),
        act_reference=document["act_reference"],
        starts_at=datetime.fromisoformat(document["starts_at"]),
        ends_at=moment("ends_at"),
        revoked_at=moment("revoked_at"),
    )


async def add_person(
    t: Transaction,
    person: Person,
    commune_id: CommuneId,
    *,
    password_hash: str | None,
    actor: str,
    at: datetime,
) -> None:
    values = (commune_id, person.name, person.sign_in, person.locale, password_hash, at)
    if await t.value(SQL["add"], person.id, *values) is None:
        if (await _locked(t, person.id))["commune_id"] != commune_id:
            raise Conflict("this id is taken")
        return
    for grant in person.grants:
        await add_grant(t, person.id, grant)
    data = {"added": plain(person)}
    configured(t, "person", person.id, commune_id=commune_id, actor=actor, at=at, data=data)


async def add_grant(t: Transaction, person_id: PersonId, grant: Grant) -> bool:
    values = (grant.role.value, grant.act_reference, grant.starts_at, grant.ends_at)
    return bool(
        await t.value(
            SQL["add_grant"], grant.id, person_id, grant.commune_id, *values, grant.revoked_at
        )
    )


async def store_password(
    t: Transaction,
    person_id: PersonId,
    password_hash: str,
    *,
    actor: str,
    at: datetime,
    keep_session: UUID | None = None,
) -> None:
    commune_id = await t.value(SQL["set_password"], person_id, password_hash)
    if commune_id is None:
        raise NotFound("there is no such person")
    data = {"password": "changed"}
    configured(t, "person", person_id, commune_id=commune_id, actor=actor, at=at, data=data)
    await end_sessions(t, person_id, commune_id, actor=actor, at=at, keep_session=keep_session)


async def end_sessions(
    t: Transaction,
    person_id: PersonId,
    commune_id: CommuneId,
    *,
    actor: str,
    at: datetime,
    keep_session: UUID | None = None,
) -> None:
    """Revoke a person's sessions, and say so when there was one (or the person was disabled)."""
    ended = await t.rows(SQL["revoke_sessions"], person_id, at, keep_session)
    data = {"sessions": len(ended)}
    revoked(t, person_id, commune_id, actor=actor, at=at, data=data)


def revoked(
    t: Transaction,
    person_id: PersonId,
    commune_id: CommuneId,
    *,
    actor: str,
    at: datetime,
    data: Mapping[str, object],
) -> None:
    """Say that a right ended: register entry, and the fact at which streams and sockets end."""
    t.enter(
        Entry(
            at=at,
            actor=actor,
            action=Action.ACCESS_REVOKED,
            about=f"person:{person_id}",
            commune_id=commune_id,
            data=data,
        )
    )
    t.publish(AccessRevoked(at=at, commune_id=commune_id, person_id=person_id))


async def _locked(t: Transaction, person_id: PersonId) -> Row:
    row = await t.row(SQL["by_id_locked"], person_id)
    if row is None:
        raise NotFound("there is no such person")
    return row


def _person_changed(
    t: Transaction,
    row: Row,
    actor: str,
    at: datetime,
    data: Mapping[str, object],
    *,
    commune_id: CommuneId | None = None,
) -> None:
    where = commune_id or row["commune_id"]
    configured(t, "person", row["id"], commune_id=where, actor=actor, at=at, data=data)


def _refusal(
    actor: str, at: datetime, data: Mapping[str, object], commune_id: CommuneId | None
) -> Entry:
    return Entry(
        at=at,
        actor=actor,
        action=Action.SIGN_IN_REFUSED,
        about="sign-in",
        commune_id=commune_id,
        data=data,
    )
