"""Prefect's orders: what a camera on a public road rests on."""

from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from domain.cameras import Order
from domain.errors import NotFound
from domain.facts import CameraChanged
from domain.identifiers import CommuneId, OrderId
from domain.positions import Point
from server.database.columns import difference, plain, same_commune
from server.database.history import configured
from server.database.pool import Database, Row, Transaction
from server.database.statements import load

SQL = load("cameras")


class Orders:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, order_id: OrderId) -> Order:
        """Raises ``NotFound``."""
        return read_order(await self._database.row(SQL["order"], order_id))

    async def of_communes(self, communes: Collection[CommuneId]) -> list[Order]:
        """The one that ends first on top."""
        return [read_order(row) for row in await self._database.rows(SQL["orders_of"], [*communes])]

    async def add(self, order: Order, *, actor: str, at: datetime) -> Order:
        """The same id again gives the stored one; raises ``Conflict`` for a number recorded."""
        async with self._database.transaction() as t:
            if await t.value(SQL["add_order"], order.id, order.commune_id, *_columns(order)):
                await _changed(t, order, actor, at, {"added": plain(order)})
        return same_commune(await self.get(order.id), order.commune_id)

    async def change(
        self, order_id: OrderId, how: Callable[[Order], Order], *, actor: str, at: datetime
    ) -> Order:
        """Correct or prolong it; the cameras under it are looked at again at once."""
        async with self._database.transaction() as t:
            before = read_order(await t.row(SQL["order_locked"], order_id))
            after = how(before)
            if after != before:
                await t.execute(SQL["change_order"], order_id, *_columns(after))
                await _changed(t, after, actor, at, difference(before, after))
        return after


def read_order(row: Row | None) -> Order:
    if row is None:
        raise NotFound("there is no such order")
    ring = row["perimeter"]
    return Order(
        id=row["id"],
        commune_id=row["commune_id"],
        number=row["number"],
        starts_at=row["starts_at"],
        ends_at=row["ends_at"],
        perimeter=tuple(Point(lon, lat) for lon, lat in ring) if ring else None,
        fictive=row["fictive"],
    )


def order_in(document: Mapping[str, Any] | None) -> Order | None:
    """Read an order out of a row that carries it as one value."""
    if document is None:
        return None
    return read_order(
        {
            **document,
            "id": OrderId(UUID(document["id"])),
            "commune_id": CommuneId(UUID(document["commune_id"])),
            "starts_at": datetime.fromisoformat(document["starts_at"]),
            "ends_at": datetime.fromisoformat(document["ends_at"]),
        }
    )


def _columns(order: Order) -> tuple[object, ...]:
    ring = [[point.lon, point.lat] for point in order.perimeter] if order.perimeter else None
    return (order.number, order.starts_at, order.ends_at, ring, order.fictive)


async def _changed(
    t: Transaction, order: Order, actor: str, at: datetime, data: dict[str, object]
) -> None:
    commune_id = order.commune_id
    configured(t, "order", order.id, commune_id=commune_id, actor=actor, at=at, data=data)
    for row in await t.rows(SQL["cameras_under"], order.id):
        t.publish(CameraChanged(at=at, commune_id=commune_id, camera_id=row["id"]))
