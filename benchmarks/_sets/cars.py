"""Vehicles for the sets: solids of a few faces, drawn in perspective, lit from above.

The shipped network takes them for cars (checked by what `benchmarks.events` finds of them); no
plate is drawn.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import cos, sin

import cv2
import numpy as np
from numpy.typing import NDArray

from server.demo.stage import Colour, Pixels, View

type Profile = tuple[tuple[float, float], ...]
"""The outline seen from the side: metres along (the front is +) and up, from the rear over the top
to the front."""
type Point = tuple[float, float, float]
"""Along, to the left, up."""

OVERSIZE = 2
DARK: Colour = (0.10, 0.10, 0.11)
GLASS: Colour = (0.36, 0.32, 0.29)


@dataclass(frozen=True, slots=True)
class Build:
    """One make of vehicle: body and cabin from the side, half its width, where its wheels are."""

    body: Profile
    cabin: Profile
    half: float
    roof_half: float
    wheels: tuple[float, float]

    @property
    def length(self) -> float:
        return self.body[-1][0] - self.body[0][0]


HATCHBACK = Build(
    body=((-1.98, 0.28), (-2.02, 0.70), (-1.9, 0.92),
          (0.95, 0.95), (1.85, 0.78), (2.0, 0.55), (1.96, 0.26)),
    cabin=((-1.88, 0.92), (-1.50, 1.40), (-0.9, 1.50), (0.0, 1.47), (0.98, 0.95)),
    half=0.86,
    roof_half=0.62,
    wheels=(-1.25, 1.3),
)  # fmt: skip
SALOON = Build(
    body=((-2.25, 0.30), (-2.28, 0.72), (-2.1, 0.94), (-1.3, 0.97),
          (0.95, 0.96), (2.05, 0.80), (2.2, 0.58), (2.15, 0.27)),
    cabin=((-1.60, 0.96), (-0.95, 1.38), (-0.3, 1.44), (0.25, 1.42), (1.05, 0.96)),
    half=0.88,
    roof_half=0.60,
    wheels=(-1.35, 1.4),
)  # fmt: skip
VAN = Build(
    body=((-2.4, 0.32), (-2.42, 0.9), (-2.38, 1.15),
          (1.2, 1.15), (2.2, 1.0), (2.35, 0.6), (2.3, 0.3)),
    cabin=((-2.38, 1.15), (-2.32, 2.05), (-2.2, 2.12), (0.7, 2.1), (1.55, 1.12)),
    half=0.95,
    roof_half=0.84,
    wheels=(-1.5, 1.55),
)  # fmt: skip
BUILDS = (HATCHBACK, SALOON, VAN)


def draw(
    frame: Pixels,
    build: Build,
    paint: Colour,
    at: tuple[float, float],
    heading: float,
    *,
    view: View,
    zoom: float,
    light: Colour,
    shadow: float,
) -> None:
    """Put a vehicle on the ground of ``frame``; ``heading``: radians from +X towards +Z.

    ``zoom``: the frame's width over the view's. A vehicle may stand partly outside of it.
    """
    pen = _Pen(frame, at, heading, view, zoom * OVERSIZE)
    corners = [(a, b, 0.0) for a in (-2.2, 2.2) for b in (-1.0, 1.0)]
    if min(pen.depth(one) for one in corners) < 1.5 or not pen.open(build):
        return
    pen.shade(build, shadow)
    _solid(pen, _Solid(build.body, build.half, build.half), paint, paint, light)
    for side in pen.visible_sides:
        pen.wheels(build, side)
    cabin = _Solid(build.cabin, build.half - 0.05, build.roof_half)
    _solid(pen, cabin, paint, GLASS, light)
    for side in pen.visible_sides:
        pen.windows(cabin, side, light)
    pen.lamps(build, light)
    pen.close()


@dataclass(frozen=True, slots=True)
class _Solid:
    """A profile drawn out to both sides, narrower at its top."""

    profile: Profile
    low: float
    high: float

    def half(self, height: float) -> float:
        base, top = self.profile[0][1], max(h for _, h in self.profile)
        return self.low + (self.high - self.low) * min(
            1.0, max(0.0, (height - base) / (top - base))
        )


def _solid(pen: "_Pen", solid: _Solid, paint: Colour, steep: Colour, light: Colour) -> None:
    half = solid.half
    strips = sorted(
        pairwise(solid.profile),
        key=lambda strip: -pen.depth(((strip[0][0] + strip[1][0]) / 2, 0.0, strip[0][1])),
    )
    for (a1, h1), (a2, h2) in strips:
        quad = [(a1, half(h1), h1), (a2, half(h2), h2), (a2, -half(h2), h2), (a1, -half(h1), h1)]
        is_steep = abs(h2 - h1) > 0.25 * abs(a2 - a1)
        pen.face(quad, steep if is_steep else paint, light, (h1 - h2, 0.0, a2 - a1))
    leans = 0.15 if solid.high < solid.low else 0.0
    pen.visible_sides = [
        side
        for side in (1, -1)
        if pen.face(
            [(a, side * half(h), h) for a, h in solid.profile], paint, light, (0.0, side, leans)
        )
    ]


class _Pen:
    """Draws on an oversize cut of the frame, which `close` lays back into it."""

    def __init__(
        self, frame: Pixels, at: tuple[float, float], heading: float, view: View, zoom: float
    ) -> None:
        self._frame, self._at, self._view, self._zoom = frame, at, view, zoom
        self._along, self._across = (cos(heading), sin(heading)), (-sin(heading), cos(heading))
        self._canvas: Pixels = np.zeros((0, 0, 3), np.uint8)
        self._cut, self._corner = self._canvas, np.zeros(2, np.int64)
        self.visible_sides: list[int] = []

    def open(self, build: Build) -> bool:
        reach = build.length / 2 + 0.6
        box = [(a, b, h) for a in (-reach, reach) for b in (-1.3, 1.3) for h in (0.0, 2.3)]
        pixels = np.array([self._pixel(one) for one in box]) / OVERSIZE
        rows, columns = self._frame.shape[0], self._frame.shape[1]
        left, right = (
            int(one) for one in np.clip((pixels[:, 0].min(), pixels[:, 0].max() + 1), 0, columns)
        )
        top, bottom = (
            int(one) for one in np.clip((pixels[:, 1].min(), pixels[:, 1].max() + 1), 0, rows)
        )
        if right - left < 2 or bottom - top < 2:
            return False
        self._cut = self._frame[top:bottom, left:right]
        self._corner = np.array((left, top)) * OVERSIZE
        self._canvas = cv2.resize(
            self._cut, None, fx=OVERSIZE, fy=OVERSIZE, interpolation=cv2.INTER_LINEAR
        ).astype(np.uint8)
        return True

    def close(self) -> None:
        tall, wide = self._cut.shape[:2]
        self._cut[:] = cv2.resize(self._canvas, (wide, tall), interpolation=cv2.INTER_AREA)

    def depth(self, point: Point) -> float:
        return self._place(point)[2]

    def shade(self, build: Build, darkness: float) -> None:
        reach = build.length / 2
        ground = [(-reach, -1.0, 0.0), (-reach, 1.0, 0.0), (reach, 1.0, 0.0), (reach, -1.0, 0.0)]
        mask = np.zeros(self._canvas.shape[:2], np.uint8)
        cv2.fillConvexPoly(mask, self._polygon(ground), 255)
        mask = cv2.GaussianBlur(mask, (0, 0), 5).astype(np.uint8)
        share = 1 - min(0.85, 2 * darkness) * mask[..., None].astype(np.float32) / 255
        self._canvas[:] = (self._canvas * share).astype(np.uint8)

    def face(self, points: Sequence[Point], colour: Colour, light: Colour, normal: Point) -> bool:
        """Fill a face if it looks at the camera; its brightness comes from where it looks."""
        length = float(np.hypot(np.hypot(*normal[:2]), normal[2]))
        a, b, up = (one / length for one in normal)
        out = (
            a * self._along[0] + b * self._across[0],
            up,
            a * self._along[1] + b * self._across[1],
        )
        middle = np.mean([self._place(one) for one in points], axis=0)
        towards = np.array((0, self._view.height, 0)) - middle
        if float(np.dot(out, towards)) <= 0:
            return False
        level = 0.62 + 0.38 * max(0.0, up) - 0.12 * max(0.0, out[0])
        cv2.fillPoly(self._canvas, [self._polygon(points)], _ink(colour, light, level), cv2.LINE_AA)
        return True

    def windows(self, cabin: _Solid, side: int, light: Colour) -> None:
        middle = np.mean(cabin.profile, axis=0)
        inner = [tuple(middle + (np.array(one) - middle) * (0.84, 0.76)) for one in cabin.profile]
        self._fill([(a, side * (cabin.half(h) + 0.01), h) for a, h in inner], GLASS, light, 0.75)
        top = max(h for _, h in inner)
        width = max(1, round(0.07 * self._scale()))
        for a in (-0.35, 0.3):
            post = [(a, side * cabin.half(h), h) for h in (cabin.profile[0][1], top)]
            start, end = (one.tolist() for one in self._polygon(post))
            cv2.line(self._canvas, start, end, _ink(DARK, light, 2.0), width, cv2.LINE_AA)

    def wheels(self, build: Build, side: int) -> None:
        turns = np.linspace(0, 2 * np.pi, 20, endpoint=False)
        for a in build.wheels:
            for radius, colour in ((0.40, (0.05,) * 3), (0.33, (0.09,) * 3), (0.20, (0.58,) * 3)):
                rim = [
                    (a + radius * cos(t), side * (build.half + 0.01), 0.33 + radius * sin(t))
                    for t in turns
                ]
                self._fill(rim, colour, (1, 1, 1), 1.0)

    def lamps(self, build: Build, light: Colour) -> None:
        front, rear = build.body[-2], build.body[1]
        for (a, h), colour, normal in (
            (front, (0.92, 0.94, 0.95), self._along),
            (rear, (0.12, 0.10, 0.72), (-self._along[0], -self._along[1])),
        ):
            place = self._place((a, 0.0, h))
            if normal[0] * -place[0] + normal[1] * -place[2] <= 0:
                continue
            for side in (-1, 1):
                lamp = [
                    (a, side * (build.half - 0.42), h),
                    (a, side * (build.half - 0.08), h),
                    (a, side * (build.half - 0.08), h + 0.16),
                    (a, side * (build.half - 0.42), h + 0.13),
                ]
                self._fill(lamp, colour, light, 1.0)

    def _fill(self, points: Sequence[Point], colour: Colour, light: Colour, level: float) -> None:
        ink = _ink(colour, light, level)
        cv2.fillPoly(self._canvas, [self._polygon(points)], ink, cv2.LINE_AA)

    def _scale(self) -> float:
        return self._view.project(self._place((0.0, 0.0, 1.0)))[2] * self._zoom

    def _place(self, point: Point) -> tuple[float, float, float]:
        a, b, h = point
        (ax, az), (bx, bz) = self._along, self._across
        return self._at[0] + a * ax + b * bx, h, self._at[1] + a * az + b * bz

    def _pixel(self, point: Point) -> tuple[float, float]:
        x, y, _ = self._view.project(self._place(point))
        return x * self._zoom, y * self._zoom

    def _polygon(self, points: Sequence[Point]) -> NDArray[np.int32]:
        pixels = np.array([self._pixel(one) for one in points]) - self._corner
        return pixels.round().astype(np.int32)


def _ink(colour: Colour, light: Colour, level: float) -> tuple[float, float, float]:
    blue, green, red = (
        min(255.0, 255 * one * lit * level) for one, lit in zip(colour, light, strict=True)
    )
    return blue, green, red
