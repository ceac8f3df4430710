"""A street to act in: a camera's view of a flat world in metres, and what can be put up in it.

Everything is drawn by us, twice as large as it is shown and then made smaller, so that edges are
smooth. Colours are blue, green, red, each 0..1. X runs to the right, Y up, Z away from the camera.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import cos, radians, sin
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

type Pixels = NDArray[np.uint8]
type Canvas = NDArray[Any]
"""float32; OpenCV's declarations lose the type of what they return."""
type Colour = tuple[float, float, float]
type Place = tuple[float, float, float]

WIDTH, HEIGHT = 1280, 720
OVERSIZE = 2


@dataclass(frozen=True, slots=True)
class View:
    """A fixed camera ``height`` metres over the ground, looking down by ``pitch`` degrees."""

    height: float = 3.4
    pitch: float = 11.0
    focal: float = 900.0

    def project(self, place: Place) -> tuple[float, float, float]:
        """Give the pixel (x, y) of a place and how many pixels a metre has there."""
        x, y, z = place
        down, up = sin(radians(self.pitch)), cos(radians(self.pitch))
        depth = max(0.3, z * up - (y - self.height) * down)
        rise = (y - self.height) * up + z * down
        scale = self.focal / depth
        return WIDTH / 2 + x * scale, HEIGHT / 2 - rise * scale, scale

    def ground(self) -> tuple[Canvas, Canvas]:
        """Give X and Z of the ground at each pixel of an oversize canvas; Z is inf over it."""
        u = ((np.arange(WIDTH * OVERSIZE) + 0.5) / OVERSIZE - WIDTH / 2)[None]
        v = ((np.arange(HEIGHT * OVERSIZE) + 0.5) / OVERSIZE - HEIGHT / 2)[:, None]
        down, up = sin(radians(self.pitch)), cos(radians(self.pitch))
        falls = v * up + self.focal * down
        with np.errstate(divide="ignore", invalid="ignore"):
            reach = np.where(falls > 1.0, self.height / falls, np.inf)
            z = reach * (self.focal * up - v * down)
            x = reach * u
        return x.astype(np.float32), np.broadcast_to(z, x.shape).astype(np.float32)

    def corners(self, places: Sequence[Place]) -> Canvas:
        """Give the oversize pixels of places."""
        return np.array([self.project(one)[:2] for one in places], np.float32) * OVERSIZE


@dataclass(frozen=True, slots=True)
class Front:
    """Something that can hide a walker: how far it is, where in the shown picture, and its mask."""

    z: float
    rows: slice
    columns: slice
    mask: Canvas


@dataclass(slots=True)
class Stage:
    """The picture under construction, and what of it stands before people who pass behind it."""

    view: View
    seed: int
    canvas: Canvas = field(init=False)
    fronts: list[Front] = field(init=False, default_factory=list)
    chance: np.random.Generator = field(init=False)

    def __post_init__(self) -> None:
        self.canvas = np.zeros((HEIGHT * OVERSIZE, WIDTH * OVERSIZE, 3), np.float32)
        self.chance = np.random.default_rng(self.seed)

    def sky(self, top: Colour, horizon: Colour, *, clouds: float = 0.0) -> None:
        """Fill the whole canvas from ``top`` to the horizon, with soft ``clouds`` (0..1)."""
        line = self.view.project((0, 0, 2000))[1] * OVERSIZE
        share = np.clip(np.arange(self.canvas.shape[0], dtype=np.float32) / line, 0, 1)[:, None]
        self.canvas[:] = (_colour(top) * (1 - share) + _colour(horizon) * share)[:, None]
        if clouds:
            veil = np.clip(self.noise(260, stretch=3) * 1.7 - 0.55, 0, 1)[..., None] * clouds
            self.canvas[:] = self.canvas * (1 - veil) + _colour((0.97, 0.95, 0.94)) * veil

    def floor(self, colours: Canvas, z: Canvas, *, haze: Colour, far: float) -> None:
        """Lay the ground; it fades into ``haze`` towards ``far`` metres."""
        fade = np.clip(z / far, 0, 1)[..., None] ** 2
        shown = np.isfinite(z)[..., None]
        mixed = colours * (1 - fade) + _colour(haze) * fade
        self.canvas[:] = np.where(shown, mixed, self.canvas)

    def wall(self, image: Canvas, left: Place, right: Place, height: float) -> Pixels:
        """Put up a flat picture between two places, ``height`` metres high; give its mask."""
        rows, columns = image.shape[:2]
        flat = np.array([[0, 0], [columns, 0], [columns, rows], [0, rows]], np.float32)
        over = [(x, y + height, z) for x, y, z in (left, right)]
        there = self.view.corners([*over, right, left])
        mask = self._mask()
        cv2.fillConvexPoly(mask, there.round().astype(np.int32), 255, cv2.LINE_AA)
        x, y, wide, tall = cv2.boundingRect(mask)
        if wide:
            matrix = cv2.getPerspectiveTransform(flat, there - np.array((x, y), np.float32))
            drawn = cv2.warpPerspective(image, matrix, (wide, tall), flags=cv2.INTER_AREA)
            self._lay_at(x, y, drawn, mask)
        return mask

    def shape(self, places: Sequence[Place], colour: Colour) -> None:
        """Fill a polygon of places."""
        self._lay(colour, self._polygon(places))

    def line(self, places: Sequence[Place], colour: Colour, thickness: float) -> None:
        """Draw a line of ``thickness`` metres through places."""
        self._lay(colour, self._line(places, thickness))

    def post(self, foot: Place, height: float, thickness: float, colour: Colour) -> None:
        """Put up a round post that hides who passes behind it; its left side is lighter."""
        x, y, z = foot
        mask = self._line([foot, (x, y + height, z)], thickness)
        self._lay(colour, mask)
        left = x - thickness / 4
        shine = self._line([(left, y, z), (left, y + height, z)], thickness / 4)
        blue, green, red = (min(1.0, one * 1.8 + 0.03) for one in colour)
        self._lay((blue, green, red), (shine * 0.7).astype(np.uint8))
        self.stands_before(mask, z)

    def glow(self, place: Place, colour: Colour, radius: float, strength: float) -> None:
        """Add light around a place, ``radius`` metres wide."""
        x, y, scale = self.view.project(place)
        size = radius * scale * OVERSIZE
        top, left = max(0, round(y * OVERSIZE - 3 * size)), max(0, round(x * OVERSIZE - 3 * size))
        part = self.canvas[top : top + round(6 * size), left : left + round(6 * size)]
        rows, columns = np.ogrid[: part.shape[0], : part.shape[1]]
        distance = np.hypot(columns + left - x * OVERSIZE, rows + top - y * OVERSIZE) / size
        part += (strength * np.exp(-(distance**2)))[..., None].astype(np.float32) * _colour(colour)

    def shade(self, places: Sequence[Place], darkness: float, *, soft: float) -> None:
        """Darken a polygon of the ground: a shadow, its edge blurred by ``soft`` pixels."""
        mask = self._polygon(places)
        x, y, wide, tall = cv2.boundingRect(mask)
        edge = round(3 * soft * OVERSIZE)
        rows = slice(max(0, y - edge), y + tall + edge)
        columns = slice(max(0, x - edge), x + wide + edge)
        blurred = cv2.GaussianBlur(mask[rows, columns], (0, 0), soft * OVERSIZE)
        self.canvas[rows, columns] *= (1 - darkness / 255 * blurred.astype(np.float32))[..., None]

    def crown(self, middle: Place, radius: float, dark: Colour, light: Colour, leaves: int) -> None:
        """Grow a tree's crown: ``leaves`` blots, lighter towards the upper left."""
        centre_x, centre_y, scale = self.view.project(middle)
        mask = self._mask()
        for number in range(leaves):
            angle, reach = self.chance.uniform(0, 2 * np.pi), self.chance.uniform(0, 1) ** 0.55
            lump = 1 + 0.13 * np.sin(5 * angle + self.seed) + 0.08 * np.sin(11 * angle)
            dx, dy = np.cos(angle) * reach * lump, np.sin(angle) * reach * lump * 0.85
            lit = np.clip(0.5 - 0.38 * dy - 0.25 * dx + self.chance.normal(0, 0.2), 0, 1)
            lit *= 0.3 + 0.7 * number / leaves
            at = (
                round((centre_x + dx * radius * scale) * OVERSIZE),
                round((centre_y + dy * radius * scale) * OVERSIZE),
            )
            share = self.chance.uniform(0.07, 0.13) if number < leaves / 4 else 0.045
            size = max(2, round(radius * scale * share * OVERSIZE))
            tall = max(1, round(size * self.chance.uniform(0.4, 1.0)))
            turn = self.chance.uniform(0, 180)
            colour = [float(one) for one in _colour(dark) * (1 - lit) + _colour(light) * lit]
            for target, ink in ((self.canvas, colour), (mask, [255.0])):
                cv2.ellipse(target, at, (size, tall), turn, 0, 360, ink, -1, cv2.LINE_AA)
        self.stands_before(mask, middle[2])

    def stands_before(self, mask: Pixels, z: float) -> None:
        """Note that what ``mask`` covers hides whoever is further away than ``z``."""
        small = cv2.resize(mask, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA)
        x, y, wide, tall = cv2.boundingRect(small)
        if wide:
            rows, columns = slice(y, y + tall), slice(x, x + wide)
            share = small[rows, columns, None].astype(np.float32) / 255
            self.fronts.append(Front(z, rows, columns, share))

    def noise(self, coarse: int, *, stretch: int = 1) -> Canvas:
        """Give smooth random values 0..1 over the canvas, lumps of ``coarse`` oversize pixels."""
        rows, columns = self.canvas.shape[:2]
        total = np.zeros((rows, columns), np.float32)
        for octave in (1, 2, 4):
            lump = max(2, coarse // octave)
            few = self.chance.random((rows // lump + 2, columns // (lump * stretch) + 2))
            large = cv2.resize(
                few.astype(np.float32), (columns, rows), interpolation=cv2.INTER_CUBIC
            )
            total += large / octave
        low, high = float(total.min()), float(total.max())
        return (total - low) / (high - low)

    def finished(self, *, contrast: float = 1.0) -> Pixels:
        """Give the picture in the size that is shown, darker towards its corners as lenses do."""
        small = cv2.resize(self.canvas, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA)
        rows, columns = np.ogrid[-1 : 1 : HEIGHT * 1j, -1 : 1 : WIDTH * 1j]
        small *= (1 - 0.16 * (rows**2 + columns**2)).astype(np.float32)[..., None]
        curved = (np.clip(small, 0, 1) - 0.5) * contrast + 0.5
        finished: Pixels = (np.clip(curved, 0, 1) * 255).round().astype(np.uint8)
        return finished

    def _mask(self) -> Pixels:
        return np.zeros(self.canvas.shape[:2], np.uint8)

    def _polygon(self, places: Sequence[Place]) -> Pixels:
        mask = self._mask()
        corners = self.view.corners(places).round().astype(np.int32)
        cv2.fillPoly(mask, [corners], 255, cv2.LINE_AA)
        return mask

    def _line(self, places: Sequence[Place], thickness: float) -> Pixels:
        mask = self._mask()
        corners = self.view.corners(places).round().astype(np.int32)
        scales = [self.view.project(one)[2] for one in places]
        pairs = zip(corners, corners[1:], scales, scales[1:], strict=False)
        for start, end, near, far in pairs:
            width = max(1, round(thickness * (near + far) / 2 * OVERSIZE))
            cv2.line(mask, start.tolist(), end.tolist(), 255, width, cv2.LINE_AA)
        return mask

    def _lay(self, colour: Colour, mask: Pixels) -> None:
        x, y, wide, tall = cv2.boundingRect(mask)
        if wide:
            self._lay_at(x, y, np.broadcast_to(_colour(colour), (tall, wide, 3)), mask)

    def _lay_at(self, x: int, y: int, colours: Canvas, mask: Pixels) -> None:
        tall, wide = colours.shape[:2]
        share = mask[y : y + tall, x : x + wide, None].astype(np.float32) / 255
        part = self.canvas[y : y + tall, x : x + wide]
        part[:] = part * (1 - share) + colours * share


def stripes(along: Canvas, period: float, width: float, blur: Canvas) -> Canvas:
    """Give 1 on lines ``width`` metres wide every ``period`` metres, 0 between; ``blur`` in metres.

    ``blur`` is the size of a pixel there: lines thinner than that fade instead of flickering.
    """
    turns = np.nan_to_num(along / period, nan=0.0, posinf=0.0, neginf=0.0) + 0.5
    distance = np.abs(turns % 1 - 0.5) * period
    edge = np.maximum(blur, 1e-4)
    edge = np.where(np.isfinite(edge), edge, 1e3)
    line = np.clip((width / 2 + edge / 2 - distance) / edge, 0, 1)
    return (line * np.clip(width * 2 / edge, 0, 1)).astype(np.float32)


def _colour(colour: Colour) -> Canvas:
    return np.array(colour, np.float32)
