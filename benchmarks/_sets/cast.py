"""What the sets' clips are made of: the demonstration's places and its people, drawn once."""

from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np

from server.demo import cutouts
from server.demo.cutouts import Walker, people, photograph
from server.demo.scenes import SCENES, Light, Scene
from server.demo.stage import Front, Pixels

COATS = ("cream", "olive", "red", "dark", "brown")
LIGHT_COATS = ("cream", "olive", "red")
"""The ones that the network finds at night (docs/design/detection.md)."""
NIGHT = "place"
PLACES = ("parking", "gare", "place", "avenue", "ecole")


@dataclass(frozen=True, slots=True)
class Place:
    """A scene of the demonstration without its people, at the size that is asked for."""

    picture: Pixels
    fronts: tuple[Front, ...]
    light: Light
    shadow: float
    sun: tuple[float, float]
    wet: float


@cache
def place(name: str, zoom: float) -> Place:
    """Give a scene at ``zoom`` times its size; some seconds the first time."""
    scene = _scene(name)
    picture, fronts = scene.picture, scene.fronts
    if zoom != 1.0:
        picture = _sized(picture, zoom)
        fronts = tuple(_front(one, zoom) for one in fronts)
    return Place(picture, fronts, scene.light, scene.shadow, scene.sun, scene.wet)


@cache
def walkers(zoom: float) -> dict[str, Walker]:
    """Give the demonstration's people, about as large as they are shown."""
    return {
        name: Walker(tuple(_sized(one, zoom / 2) for one in walker.phases), walker.foot_x)
        for name, walker in _people().items()
    }


@cache
def _scene(name: str) -> Scene:
    return SCENES[PLACES.index(name)]()


@cache
def _people() -> dict[str, Walker]:
    picture = cv2.imread(str(photograph()))
    if picture is None:
        raise cutouts.NoPicture("the photograph can't be read")
    return people(picture.astype(np.uint8))


def _sized(picture: Pixels, zoom: float) -> Pixels:
    smaller = cv2.resize(picture, None, fx=zoom, fy=zoom, interpolation=cv2.INTER_AREA)
    return smaller.astype(np.uint8)


def _front(front: Front, zoom: float) -> Front:
    rows = slice(round(front.rows.start * zoom), max(1, round(front.rows.stop * zoom)))
    columns = slice(round(front.columns.start * zoom), max(1, round(front.columns.stop * zoom)))
    size = (columns.stop - columns.start, rows.stop - rows.start)
    if min(size) < 1:
        return Front(front.z, slice(0, 0), slice(0, 0), np.zeros((0, 0, 1), np.float32))
    mask = cv2.resize(front.mask, size, interpolation=cv2.INTER_AREA)
    return Front(front.z, rows, columns, mask.reshape(size[1], size[0], 1))
