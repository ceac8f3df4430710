"""The motion gate: most of the time nothing moves, and nothing needs a detector.

It works on the luma plane at low size, straight from the decoder: converting whole pictures is what
would cost. What it says is where something moved, so that the detector is shown that alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import cv2
import numpy as np
from numpy.typing import NDArray

from detectors.protocol import Luma
from domain.detections import Box, PicturePoint

SMALL_WIDTH = 320
# Starting values, from one clip (docs/design/detection.md).
BLUR = (5, 5)
THRESHOLD = 22
SMALLEST_CONTOUR = 30
MEAN_OVER_S = 4.0
"""How long the running mean takes to believe most of what has changed."""
# Lightning, a lamp switched on, infra-red: nothing walks over four fifths of a picture at once.
LIGHT_CHANGED_SHARE = 0.8
MOST_REGIONS = 16


class Motion(StrEnum):
    """What a look at the luma says."""

    FIRST = "first"
    STILL = "still"
    MOVED = "moved"
    LIGHT_CHANGED = "light-changed"


@dataclass(frozen=True, slots=True)
class Glance:
    """One look at the luma: what it says, where something moved, and the small picture itself.

    ``small`` is the luma plane, 320 wide, unblurred: for whoever compares pictures over a longer
    time than this gate does. ``regions`` are empty but for `Motion.MOVED`.
    """

    motion: Motion
    regions: tuple[Box, ...]
    small: Luma


class MotionMeter:
    """Compares each look with the running mean of those before it, at 320 pixels of width.

    ``blind``: polygons in which nothing is looked for, such as privacy masks, whose edges flicker
    as the picture beside them is encoded anew.
    """

    def __init__(self, blind: Sequence[Sequence[PicturePoint]] = ()) -> None:
        self._blind = blind
        self._mean: NDArray[np.float32] | None = None
        self._seen: Luma | None = None
        self._shape: tuple[int, ...] = ()
        self._at: datetime | None = None

    def look(self, luma: Luma, at: datetime) -> Glance:
        """Take in the next look. A picture of another size starts again."""
        small = reduced(luma)
        smooth = cv2.GaussianBlur(small, BLUR, 0).astype(np.uint8, copy=False)
        if self._mean is None or luma.shape != self._shape:
            self._start(smooth, luma.shape, at)
            return Glance(Motion.FIRST, (), small)
        before = cv2.convertScaleAbs(self._mean).astype(np.uint8, copy=False)
        # A cloud, or a camera that opens its iris, shifts all of the picture by the same.
        shift = _median(smooth[::8, ::8].astype(np.int16) - before[::8, ::8])
        shifted = np.clip(before + np.float32(shift), 0, 255).astype(np.uint8) if shift else before
        difference = cv2.absdiff(smooth, shifted)
        changed = cv2.threshold(difference, THRESHOLD, 255, cv2.THRESH_BINARY)[1]
        if self._seen is not None:
            changed = cv2.bitwise_and(changed, self._seen)
        apart = cv2.absdiff(smooth, before) if shift else difference
        if cv2.countNonZero(cv2.threshold(apart, THRESHOLD, 1, cv2.THRESH_BINARY)[1]) > (
            LIGHT_CHANGED_SHARE * changed.size
        ):
            self._mean, self._at = smooth.astype(np.float32), at
            return Glance(Motion.LIGHT_CHANGED, (), small)
        self._learn(smooth, at)
        regions = _regions(changed.astype(np.uint8, copy=False))
        return Glance(Motion.MOVED if regions else Motion.STILL, regions, small)

    def forget(self) -> None:
        """Start again with the next look, as with the first."""
        self._mean = None

    def _start(self, smooth: NDArray[np.uint8], shape: tuple[int, ...], at: datetime) -> None:
        self._mean, self._shape, self._at = smooth.astype(np.float32), shape, at
        self._seen = _seen(self._blind, smooth.shape) if self._blind else None

    def _learn(self, smooth: NDArray[np.uint8], at: datetime) -> None:
        # A clock set back or a long pause counts as one usual look.
        passed_s = (at - self._at).total_seconds() if self._at else 0.2
        if not 0 < passed_s < MEAN_OVER_S:
            passed_s = 0.2
        self._at = at
        assert self._mean is not None  # noqa: S101 set by the first look
        cv2.accumulateWeighted(smooth, self._mean, passed_s / MEAN_OVER_S)


def reduced(plane: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Give a plane at `SMALL_WIDTH` at most, by means over areas: that lessens noise.

    OpenCV halves many times as fast as it takes means over other areas, so that comes first.
    """
    height, width = plane.shape
    while width >= 2 * SMALL_WIDTH:
        halved = cv2.resize(plane, (width // 2, height // 2), interpolation=cv2.INTER_AREA)
        plane = halved.astype(np.uint8, copy=False)
        height, width = plane.shape
    if width <= SMALL_WIDTH:
        return plane
    wanted = (SMALL_WIDTH, max(1, round(height * SMALL_WIDTH / width)))
    scaled = cv2.resize(plane, wanted, interpolation=cv2.INTER_LINEAR)
    return scaled.astype(np.uint8, copy=False)


def _median(values: NDArray[np.int16]) -> float:
    """Give what `numpy.median` gives, in half its time: that is for whatever array may come."""
    half = values.size // 2
    lower = (values.size - 1) // 2
    around = np.partition(values, (lower, half), axis=None)
    return (int(around[lower]) + int(around[half])) / 2


def _seen(blind: Sequence[Sequence[PicturePoint]], shape: tuple[int, ...]) -> Luma:
    height, width = shape
    seen = np.full((height, width), 255, np.uint8)
    for polygon in blind:
        points = np.array([(x * width, y * height) for x, y in polygon]).round().astype(np.int32)
        cv2.fillPoly(seen, [points], 0)
    # A little more than the mask: its edge is what flickers.
    return cv2.erode(seen, np.ones((5, 5), np.uint8)).astype(np.uint8, copy=False)


def _regions(changed: NDArray[np.uint8]) -> tuple[Box, ...]:
    """Give where something changed, the largest first."""
    # A 3 x 3 dilation joins the pieces that noise cuts a walker into.
    joined = cv2.dilate(changed, np.ones((3, 3), np.uint8))
    contours = cv2.findContours(joined, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)[0]
    sized = sorted(((cv2.contourArea(one), n) for n, one in enumerate(contours)), reverse=True)
    height, width = changed.shape
    found = []
    for area, number in sized[:MOST_REGIONS]:
        if area <= SMALLEST_CONTOUR:
            break
        x, y, across, down = cv2.boundingRect(contours[number])
        found.append(Box.clipped(x / width, y / height, (x + across) / width, (y + down) / height))
    return tuple(found)
