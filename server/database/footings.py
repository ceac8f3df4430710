"""Footings: written with each change of what they tell of, read for hours that are over."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Protocol

from domain.cameras import Camera, PlaceKind
from domain.footings import Footing
from domain.identifiers import CameraId, SensorId
from server.database.pool import Row, Transaction
from server.database.statements import load

SQL = load("footings")

type Source = CameraId | SensorId


class Reads(Protocol):
    async def rows(self, sql: str, *args: object) -> list[Row]: ...


async def note_footing(t: Transaction, camera: Camera, *, at: datetime) -> None:
    """Write down what a camera is from now on, in the transaction that makes it so."""
    await t.execute(SQL["note"], camera.id, at, camera.place_kind.value, camera.demonstration)


async def footings_of(
    reads: Reads, sources: Collection[Source]
) -> Mapping[Source, tuple[Footing, ...]]:
    """Of these cameras and sensors, in order; none of what is neither."""
    found: dict[Source, list[Footing]] = {}
    for row in await reads.rows(SQL["of_sources"], [*sources]):
        footing = Footing(row["since"], PlaceKind(row["place_kind"]), row["demonstration"])
        if row["is_newest"]:
            place_now = PlaceKind(row["place_kind_now"])
            footing = footing.and_now(place_now, is_demonstration=row["demonstration_now"])
        found.setdefault(row["source"], []).append(footing)
    return {source: tuple(footings) for source, footings in found.items()}
