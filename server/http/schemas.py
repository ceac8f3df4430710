"""What the control room's bodies and answers have in common; the rest is as for the phones."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from domain.positions import Point
from mobile_api.bodies import Body
from mobile_api.schemas import (
    Answer,
    At,
    CameraStreams,
    GeoPoint,
    UnitRef,
    answer,
    answers,
    as_z,
    id_in,
    picture,
)

__all__ = [
    "Answer",
    "At",
    "ByCommune",
    "CameraStreams",
    "Degrees",
    "GeoPoint",
    "PersonRef",
    "PolygonAnswer",
    "PolygonBody",
    "UnitRef",
    "answer",
    "answers",
    "as_z",
    "id_in",
    "picture",
]

type Degrees = Annotated[float, Field(allow_inf_nan=False, ge=-1e6, le=1e6)]
"""An angle or a coordinate as it is sent; whether there is such a one is the domain's to say."""


class PersonRef(Answer):
    id: UUID
    name: str


class ByCommune(Body):
    """A list may be limited to one commune; without it, all that may be seen."""

    commune: UUID | None = None


class PolygonBody(Body):
    """A GeoJSON polygon (RFC 7946) of one ring, closed or not."""

    type: Literal["Polygon"]
    coordinates: Annotated[
        list[
            Annotated[
                list[Annotated[list[Degrees], Field(min_length=2, max_length=2)]],
                Field(min_length=3, max_length=500),
            ]
        ],
        Field(min_length=1, max_length=1),
    ]

    def ring(self) -> tuple[Point, ...]:
        """Give the corners, the last one not repeated; raises ``BadPosition``."""
        corners = [Point(lon, lat) for lon, lat in self.coordinates[0]]
        return tuple(corners[:-1] if corners[0] == corners[-1] else corners)


class PolygonAnswer(Answer):
    type: Literal["Polygon"] = "Polygon"
    coordinates: list[list[tuple[float, float]]]

    @classmethod
    def of(cls, ring: tuple[Point, ...]) -> "PolygonAnswer":
        return cls(coordinates=[[(p.lon, p.lat) for p in (*ring, ring[0])]])
