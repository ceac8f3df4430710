"""Guidance: what an operator sends to a unit, a point and a text, and whether it was read."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import ClassVar, Self

from domain.errors import Invalid
from domain.identifiers import CommuneId, GuidanceId, InterventionId, PersonId, UnitId
from domain.positions import Point

TEXT_LIMIT = 500  # characters: what is read in one glance, with room


class EmptyGuidance(Invalid):
    code: ClassVar[str] = "empty-guidance"
    title: ClassVar[str] = "Send a point, a text, or both"


@dataclass(frozen=True, kw_only=True)
class Guidance:
    """One message to one unit. Sent, arrived on the phone, read: three different times."""

    id: GuidanceId
    commune_id: CommuneId
    unit_id: UnitId
    sent_by: PersonId
    sent_at: datetime
    point: Point | None = None
    place: str = ""
    text: str = ""
    intervention_id: InterventionId | None = None
    arrived_at: datetime | None = None
    read_at: datetime | None = None

    def __post_init__(self) -> None:
        if self.point is None and not self.text.strip():
            raise EmptyGuidance("there is neither a point nor a text")
        if len(self.text) > TEXT_LIMIT:
            raise Invalid(f"the text is longer than {TEXT_LIMIT} characters")

    def arrive(self, *, at: datetime) -> Self:
        return self if self.arrived_at else replace(self, arrived_at=at)

    def read(self, *, at: datetime) -> Self:
        if self.read_at:
            return self
        return replace(self, read_at=at, arrived_at=self.arrived_at or at)
