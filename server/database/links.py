"""One-time links: the first administrator's, and a person's to choose a password."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from domain.communes import Commune
from domain.errors import Conflict, NotFound
from domain.identifiers import PersonId
from domain.people import Person
from domain.register import Action, Entry
from server.database.communes import add_commune
from server.database.people import SQL as PEOPLE
from server.database.people import add_person, read_person, store_password
from server.database.pool import Database, Transaction
from server.database.statements import load

SQL = load("sessions")

type Purpose = Literal["first-administrator", "password"]


@dataclass(frozen=True, kw_only=True)
class Link:
    """A link that can still be used; ``person`` is whose password it sets."""

    purpose: Purpose
    person: Person | None
    expires_at: datetime


class Links:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(
        self,
        *,
        token_hash: bytes,
        purpose: Purpose,
        person_id: PersonId | None,
        at: datetime,
        expires_at: datetime,
        actor: str,
    ) -> None:
        """Make a link; it takes the place of unused ones for the same purpose and person.

        Raises ``Conflict`` for a first administrator's link when somebody can already sign in.
        """
        async with self._database.transaction() as t:
            if purpose == "first-administrator" and await t.value(SQL["has_people"]):
                raise Conflict("this installation has an administrator already")
            await t.execute(SQL["drop_links"], purpose, person_id)
            await t.execute(SQL["add_link"], token_hash, purpose, person_id, at, expires_at)
            commune_id = await t.value(SQL["person_commune"], person_id) if person_id else None
            t.enter(
                Entry(
                    at=at,
                    actor=actor,
                    action=Action.CONFIGURATION_CHANGED,
                    about=f"person:{person_id}" if person_id else "installation",
                    commune_id=commune_id,
                    data={"link": purpose, "expires_at": expires_at.isoformat()},
                )
            )

    async def get(self, token_hash: bytes, *, at: datetime) -> Link | None:
        """None: unknown, used, or out of date."""
        row = await self._database.row(SQL["link"], token_hash, at)
        if row is None:
            return None
        person = None
        if row["person_id"] is not None:
            found = await self._database.row(PEOPLE["by_id"], row["person_id"])
            person = read_person(found) if found else None
        return Link(purpose=row["purpose"], person=person, expires_at=row["expires_at"])

    async def use_password(self, token_hash: bytes, password_hash: str, *, at: datetime) -> Person:
        """Set the password of the link's person; raises ``NotFound`` when it was used."""
        async with self._database.transaction() as t:
            person_id = await self._use(t, token_hash, "password", at)
            actor = f"person:{person_id}"
            await store_password(t, person_id, password_hash, actor=actor, at=at)
            row = await t.row(PEOPLE["by_id"], person_id)
        if row is None:
            raise NotFound("there is no such person")
        return read_person(row)

    async def use_first_administrator(
        self,
        token_hash: bytes,
        *,
        person: Person,
        password_hash: str,
        commune: Commune,
        at: datetime,
    ) -> Person:
        """Make the first commune and its administrator, in the transaction that uses the link."""
        actor = f"person:{person.id}"
        async with self._database.transaction() as t:
            await self._use(t, token_hash, "first-administrator", at)
            await add_commune(t, commune, actor=actor, at=at)
            await add_person(t, person, commune.id, password_hash=password_hash, actor=actor, at=at)
        return person

    async def _use(
        self, t: Transaction, token_hash: bytes, purpose: Purpose, at: datetime
    ) -> PersonId:
        row = await t.row(SQL["use_link"], token_hash, at, purpose)
        if row is None:
            raise NotFound("this link was used, or is out of date")
        return PersonId(row["person_id"])
