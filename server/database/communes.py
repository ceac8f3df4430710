"""Communes, and the conventions that say what one opens to another."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from domain.authorisations import ActsWouldEnd, sum_of
from domain.communes import Commune, Convention
from domain.errors import NotFound
from domain.identifiers import CommuneId, ConventionId
from domain.people import Permission
from domain.positions import Point
from domain.profiles import Profile
from server.database.authorisations import end_now, that_would_end
from server.database.columns import difference, plain
from server.database.history import configured
from server.database.pool import Database, Row, Transaction
from server.database.statements import load

SQL = load("communes")


@dataclass(frozen=True, kw_only=True)
class ProfileSince:
    """What a commune was under from ``since`` on; the first has no reason."""

    profile: Profile
    since: datetime
    reason: str


class Communes:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, commune_id: CommuneId) -> Commune:
        """Raises ``NotFound``."""
        return read_commune(await self._database.row(SQL["by_id"], commune_id))

    async def list(self, ids: Collection[CommuneId] | None = None) -> list[Commune]:
        """By name; None: all of the installation."""
        if ids is None:
            rows = await self._database.rows(SQL["all"])
        else:
            rows = await self._database.rows(SQL["by_ids"], [*ids])
        return [read_commune(row) for row in rows]

    async def add(self, commune: Commune, *, actor: str, at: datetime) -> Commune:
        """The same id again gives the stored one; raises ``Conflict`` for a name that is taken."""
        async with self._database.transaction() as t:
            await add_commune(t, commune, actor=actor, at=at)
        return await self.get(commune.id)

    async def change(
        self, commune_id: CommuneId, how: Callable[[Commune], Commune], *, actor: str, at: datetime
    ) -> Commune:
        async with self._database.transaction() as t:
            before = read_commune(await t.row(SQL["by_id_locked"], commune_id))
            after = how(before)
            if after == before:
                return after
            await _store(t, after)
            data = difference(before, after)
            configured(
                t, "commune", commune_id, commune_id=commune_id, actor=actor, at=at, data=data
            )
        return after

    async def change_profile(
        self,
        commune_id: CommuneId,
        profile: Profile,
        *,
        reason: str,
        ending: str,
        actor: str,
        at: datetime,
    ) -> Commune:
        """Put a commune under another profile, and end the acts that it refuses.

        One transaction: there is no moment in which one of them holds and the other does. The same
        profile again changes nothing. Raises ``ActsWouldEnd`` unless ``ending`` is what stands for
        those acts.
        """
        async with self._database.transaction() as t:
            before = read_commune(await t.row(SQL["by_id_locked"], commune_id))
            after = replace(before, profile=profile.value)
            if after == before:
                return after
            refused = await that_would_end(t, commune_id, profile, at=at)
            if ending != sum_of(refused):
                raise ActsWouldEnd(refused)
            await _store(t, after)
            await t.execute(SQL["note_profile"], commune_id, at, profile.value, actor, reason)
            if refused:
                ended = [act.revoke(at=at) for act in refused]
                data = {"profile": profile.value, "reason": reason}
                await end_now(t, ended, actor=actor, at=at, data=data)
            configured(
                t,
                "commune",
                commune_id,
                commune_id=commune_id,
                actor=actor,
                at=at,
                data=difference(before, after),
                motive=reason,
            )
        return after

    async def profiles(self, commune_id: CommuneId) -> Sequence[ProfileSince]:
        """What a commune was under, the newest first."""
        return [
            ProfileSince(profile=Profile(row["profile"]), since=row["since"], reason=row["reason"])
            for row in await self._database.rows(SQL["profiles"], commune_id)
        ]


class Conventions:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, convention_id: ConventionId) -> Convention:
        """Raises ``NotFound``."""
        row = await self._database.row(SQL["convention"], convention_id)
        if row is None:
            raise NotFound("there is no such convention")
        return _read_convention(row)

    async def of(self, communes: Collection[CommuneId]) -> list[Convention]:
        """Those in which one of ``communes`` is owner or guest, newest first."""
        rows = await self._database.rows(SQL["conventions"], [*communes])
        return [_read_convention(row) for row in rows]

    async def opened_to(self, communes: Collection[CommuneId], *, at: datetime) -> list[Convention]:
        """Those in force that open something to one of ``communes``."""
        rows = await self._database.rows(SQL["opened_to"], [*communes], at)
        return [_read_convention(row) for row in rows]

    async def add(self, convention: Convention, *, actor: str, at: datetime) -> Convention:
        """Record what ``owner`` opens to ``guest``; both communes' registers say so."""
        async with self._database.transaction() as t:
            permissions = sorted(permission.value for permission in convention.permissions)
            values = (convention.act_reference, convention.starts_at, convention.ends_at)
            communes = (convention.owner, convention.guest)
            added = await t.value(
                SQL["add_convention"], convention.id, *communes, permissions, *values
            )
            if added is not None:
                data = {"added": plain(convention)}
                for commune in communes:
                    _told(t, convention.id, commune, actor, at, data)
        return await self.get(convention.id)

    async def end(self, convention_id: ConventionId, *, actor: str, at: datetime) -> None:
        """End it now; what it holds open ends with the fact this tells. Raises ``NotFound``."""
        async with self._database.transaction() as t:
            row = await t.row(SQL["end_convention"], convention_id, at)
            row = row or await t.row(SQL["drop_convention"], convention_id, at)
            if row is None:
                raise NotFound("there is no such convention")
            for commune in (row["owner_id"], row["guest_id"]):
                _told(t, convention_id, commune, actor, at, {"ended": at.isoformat()})


async def add_commune(t: Transaction, commune: Commune, *, actor: str, at: datetime) -> None:
    centre = (commune.centre.lon, commune.centre.lat)
    rules = (commune.profile, commune.timezone, commune.false_alerts_per_day)
    values = (commune.name, *centre, *rules, at)
    if await t.value(SQL["add"], commune.id, *values) is not None:
        await t.execute(SQL["note_profile"], commune.id, at, commune.profile, actor, "")
        data = {"added": plain(commune)}
        configured(t, "commune", commune.id, commune_id=commune.id, actor=actor, at=at, data=data)


async def _store(t: Transaction, commune: Commune) -> None:
    place = (commune.centre.lon, commune.centre.lat)
    rules = (commune.profile, commune.timezone, commune.false_alerts_per_day)
    await t.execute(SQL["change"], commune.id, commune.name, *place, *rules)


def read_commune(row: Row | None) -> Commune:
    if row is None:
        raise NotFound("there is no such commune")
    return Commune(
        id=row["id"],
        name=row["name"],
        centre=Point(row["lon"], row["lat"]),
        profile=row["profile"],
        timezone=row["timezone"],
        false_alerts_per_day=row["false_alerts_per_day"],
    )


def _read_convention(row: Row) -> Convention:
    return Convention(
        id=row["id"],
        owner=row["owner_id"],
        guest=row["guest_id"],
        permissions=frozenset(Permission(name) for name in row["permissions"]),
        act_reference=row["act_reference"],
        starts_at=row["starts_at"],
        ends_at=row["ends_at"],
    )


def _told(
    t: Transaction,
    convention_id: ConventionId,
    commune: CommuneId,
    actor: str,
    at: datetime,
    data: dict[str, object],
) -> None:
    configured(t, "convention", convention_id, commune_id=commune, actor=actor, at=at, data=data)
