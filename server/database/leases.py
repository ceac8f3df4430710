"""Leases on PostgreSQL: one holder per name, with an end; the server's clock decides."""

from collections.abc import Collection, Sequence
from datetime import timedelta

from server.bus import Lease
from server.database.pool import Database, Row
from server.database.statements import load

SQL = load("leases")
TTL = timedelta(seconds=10)  # a dead process's cameras are taken over within this


class PgLeases:
    """The leases that ``holder`` takes, e.g. ``media@host/1``: the same name after a restart."""

    def __init__(self, database: Database, *, holder: str) -> None:
        self._database = database
        self.holder = holder

    async def acquire(self, name: str, *, ttl: timedelta = TTL) -> Lease | None:
        async with self._database.transaction() as t:
            row = await t.row(SQL["acquire"], name, self.holder, ttl)
        return _lease(row) if row else None

    async def acquire_many(
        self, names: Collection[str], *, most: int, ttl: timedelta = TTL
    ) -> list[Lease]:
        """Take up to ``most`` of ``names`` that nobody holds; ours first, renewed."""
        async with self._database.transaction() as t:
            await t.execute(SQL["make_claimable"], list(names), self.holder)
            rows = await t.rows(SQL["claim_many"], list(names), self.holder, ttl, most)
        return [_lease(row) for row in rows]

    async def renew(self, lease: Lease, *, ttl: timedelta = TTL) -> bool:
        return bool(await self.renew_many([lease], ttl=ttl))

    async def renew_many(self, leases: Sequence[Lease], *, ttl: timedelta = TTL) -> list[Lease]:
        """Renew in one statement; give those that are still ours."""
        names = [lease.name for lease in leases]
        async with self._database.transaction() as t:
            return [_lease(row) for row in await t.rows(SQL["renew"], names, self.holder, ttl)]

    async def release(self, *leases: Lease) -> None:
        async with self._database.transaction() as t:
            await t.execute(SQL["release"], [lease.name for lease in leases], self.holder)

    async def first_end_of_others(self, prefix: str) -> timedelta | None:
        """When the first lease of somebody else's under ``prefix`` ends; None: there is none."""
        left: timedelta | None = await self._database.value(
            SQL["first_end_of_others"], prefix, self.holder
        )
        return left

    async def holder_of(self, name: str) -> str | None:
        """Who holds ``name`` now."""
        holder: str | None = await self._database.value(SQL["holder"], name)
        return holder

    async def held(self, prefix: str) -> list[Lease]:
        """All leases in force whose name begins with ``prefix``, e.g. ``camera:``."""
        return [_lease(row) for row in await self._database.rows(SQL["held"], prefix)]


def _lease(row: Row) -> Lease:
    return Lease(name=row["name"], holder=row["holder"], expires_at=row["expires_at"])
