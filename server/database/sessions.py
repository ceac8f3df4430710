"""Sessions: who is signed in, with a page's cookie or an API client's bearer token.

A token is 256 random bits; only its SHA-256 is kept, so that a copy of the database opens nothing.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from domain.errors import NotFound
from domain.facts import AccessRevoked
from domain.identifiers import PersonId
from domain.people import Person
from domain.register import Action, Entry
from server.database.people import SQL as PEOPLE
from server.database.people import end_sessions, read_person
from server.database.pool import Database
from server.database.statements import load

SQL = load("sessions")
NOTED_EVERY = timedelta(minutes=1)  # a page asks several times a second


@dataclass(frozen=True, kw_only=True)
class Session:
    """A session in force, with its person as of now."""

    id: UUID
    person: Person
    kind: Literal["page", "api"]
    csrf_token: str
    expires_at: datetime


class Sessions:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def begin(
        self,
        *,
        token_hash: bytes,
        session_id: UUID,
        person_id: PersonId,
        kind: Literal["page", "api"],
        csrf_token: str,
        at: datetime,
        expires_at: datetime,
        address: str = "",
    ) -> None:
        """Open a session; refused sign-ins are forgotten. A register entry."""
        async with self._database.transaction() as t:
            commune_id = await t.value(PEOPLE["succeeded"], person_id)
            values = (person_id, kind, csrf_token, at, expires_at, address)
            await t.execute(SQL["begin"], token_hash, session_id, *values)
            t.enter(
                Entry(
                    at=at,
                    actor=f"person:{person_id}",
                    action=Action.SIGN_IN,
                    about=f"session:{session_id}",
                    commune_id=commune_id,
                    data={"kind": kind, "address": address},
                )
            )

    async def by_token(self, token_hash: bytes, *, at: datetime) -> Session | None:
        """None: unknown, expired, revoked, or its person disabled."""
        row = await self._database.row(SQL["by_token"], token_hash, at)
        if row is None:
            return None
        if at - row["seen_at"] > NOTED_EVERY:
            async with self._database.transaction() as t:
                await t.execute(SQL["seen"], row["session_id"], at)
        return Session(
            id=row["session_id"],
            person=read_person(row),
            kind=row["kind"],
            csrf_token=row["csrf_token"],
            expires_at=row["expires_at"],
        )

    async def is_open(self, session_id: UUID, *, at: datetime) -> bool:
        """Whether it still holds: what a live socket asks when it hears ``AccessRevoked``."""
        return bool(await self._database.value(SQL["is_open"], session_id, at))

    async def end(self, session_id: UUID, *, actor: str, at: datetime) -> None:
        """Sign out; a session that has ended stays ended."""
        async with self._database.transaction() as t:
            row = await t.row(SQL["end"], session_id, at)
            if row is None:
                return
            t.enter(
                Entry(
                    at=at,
                    actor=actor,
                    action=Action.SIGN_OUT,
                    about=f"session:{session_id}",
                    commune_id=row["commune_id"],
                    data={},
                )
            )
            t.publish(
                AccessRevoked(at=at, commune_id=row["commune_id"], person_id=row["person_id"])
            )

    async def revoke_all(self, person_id: PersonId, *, actor: str, at: datetime) -> None:
        """End every session of a person. Raises ``NotFound``."""
        async with self._database.transaction() as t:
            commune_id = await t.value(SQL["person_commune"], person_id)
            if commune_id is None:
                raise NotFound("there is no such person")
            await end_sessions(t, person_id, commune_id, actor=actor, at=at)
