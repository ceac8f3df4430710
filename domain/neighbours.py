"""Neighbours: the cameras around one, to follow somebody from picture to picture by eye."""

from collections.abc import Iterable
from dataclasses import dataclass

from domain.cameras import Camera

MOST = 8


@dataclass(frozen=True, kw_only=True)
class Neighbour:
    """``bearing_deg``: from true north, as seen from the camera that was asked about."""

    camera: Camera
    distance_m: float
    bearing_deg: float


def neighbours_of(camera: Camera, others: Iterable[Camera]) -> list[Neighbour]:
    """The nearest of ``others``, the nearest first."""
    found = [
        Neighbour(
            camera=other,
            distance_m=camera.point.distance_m(other.point),
            bearing_deg=camera.point.bearing_deg(other.point),
        )
        for other in others
        if other.id != camera.id
    ]
    return sorted(found, key=lambda one: (one.distance_m, one.camera.number))[:MOST]
