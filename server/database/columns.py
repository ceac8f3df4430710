"""Between columns and the domain's values: points, plain JSON, and the time when none is given."""

from collections.abc import Callable, Mapping, Set
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime, time
from enum import Enum
from types import UnionType
from typing import Any, Protocol
from uuid import UUID

from domain.errors import Conflict
from domain.identifiers import CommuneId
from domain.positions import Point
from server.database.pool import Row

type Clock = Callable[[], datetime]


def utc_now() -> datetime:
    return datetime.now(UTC)


def point_of(row: Row) -> Point | None:
    """The point in a row's ``lon`` and ``lat``, None where there is none."""
    return None if row["lon"] is None else Point(row["lon"], row["lat"])


def lon_lat(point: Point | None) -> tuple[float | None, float | None]:
    return (point.lon, point.lat) if point else (None, None)


def plain(value: object) -> Any:
    """Give ``value`` as JSON has it: times as text, sets sorted, dataclasses as objects."""
    if is_dataclass(value) and not isinstance(value, type):
        return {f.name: plain(getattr(value, f.name)) for f in fields(value)}
    for kind, form in FORMS:
        if isinstance(value, kind):
            return form(value)
    return value


# Enum before str, datetime before date: the first that fits is taken.
FORMS: tuple[tuple[type | UnionType, Callable[[Any], Any]], ...] = (
    (Enum, lambda value: value.value),
    (datetime, lambda value: value.astimezone(UTC).isoformat()),
    (date | time, lambda value: value.isoformat()),
    (UUID, str),
    (Mapping, lambda value: {str(name): plain(one) for name, one in value.items()}),
    (Set, lambda value: sorted(plain(one) for one in value)),
    (list | tuple, lambda value: [plain(one) for one in value]),
)


def difference(before: object, after: object) -> dict[str, Any]:
    """What two values of a dataclass differ in: each name with its old and its new value."""
    old, new = plain(before), plain(after)
    return {name: [old[name], new[name]] for name in new if old[name] != new[name]}


class OfCommune(Protocol):
    @property
    def commune_id(self) -> CommuneId: ...


def same_commune[T: OfCommune](stored: T, commune_id: CommuneId) -> T:
    """Give what is ``stored`` under a client's id; ``Conflict`` when it is another commune's."""
    if stored.commune_id != commune_id:
        raise Conflict("this id is taken")
    return stored
