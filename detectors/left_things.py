"""Left things: what came into a camera's picture and has stood still since, without any class.

Two backgrounds at low size, a fast and a slow one: what differs from the slow one and not from the
fast one has come and stays. What has come is told from what has gone (the slow background showed a
thing there) and from light (the ground's texture is still there, brighter or darker).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from detectors.protocol import Luma
from domain.detections import Box
from domain.looks import LeftThing

FAST_S, SLOW_S = 0.8, 60.0
"""Time constants of the two backgrounds."""
LONGEST_STEP_S = 1.0
"""A pause counts as no more than this: nobody has seen that a thing stood still meanwhile."""
LEAST_DIFFERENCE = 12.0
NOISES = 5.0
"""A difference counts from so many times the picture's noise on, and from the least on."""
STILL_AFTER_S, SURE_AFTER_S = 2.0, 4.0
LOST_PER_S = 2.0
"""How fast a point that looks like the background again stops being part of a thing."""
SMALLEST, LARGEST_SHARE = 12, 0.15
"""Of a thing: points of the low size; of the whole picture."""
SCENE_CHANGED_SHARE = 0.5
MOST_THINGS = 32
ABSORBED_AFTER = timedelta(minutes=30)
SAME_OVERLAP = 0.3
GROWN_BY = 2.0
TEXTURE_KEPT = 0.6
"""From this correlation with the background on, the texture is the ground's: light, not a thing."""
GONE = 1.25
"""Edges that were so much stronger before are those of something that has gone."""
UNSETTLED_SHARE = 0.3
STILL_THERE_SHARE = 0.8
JUDGED_FOR = timedelta(seconds=6)
"""How long a new blob may turn out to be none: the fast background needs a while to settle."""
KERNEL = np.ones((3, 3), np.uint8)

type Field = NDArray[np.float32]
type Mask = NDArray[np.uint8]


class _Blob(NamedTuple):
    """A connected part of the low-size picture: its sides in points, and which points are its."""

    left: int
    top: int
    right: int
    bottom: int
    area: int
    mask: Mask

    @property
    def part(self) -> tuple[slice, slice]:
        return np.s_[self.top : self.bottom, self.left : self.right]


@dataclass(slots=True)
class _Thing:
    id: int
    blob: _Blob
    since: datetime


class LeftThings:
    """Watches one camera for left things.

    It starts again by `forget`, and by itself when the picture's size or the whole scene changes or
    time goes backwards.
    """

    def __init__(self) -> None:
        self._count = 0
        self._at: datetime | None = None
        self.forget()

    def forget(self) -> None:
        """Take what the next look shows for the scene without anything left."""
        self._begin(np.zeros((1, 1), np.uint8), None)

    def look(self, small: Luma, at: datetime) -> tuple[LeftThing, ...]:
        """Take in the next look, at low size; give what has stood still for two seconds or more."""
        now = cv2.GaussianBlur(small, (3, 3), 0).astype(np.uint8, copy=False)
        before = self._at
        if before is None or at < before or now.shape != self._fast.shape:
            self._begin(now, at)
            return ()
        step_s = min((at - before).total_seconds(), LONGEST_STEP_S)
        self._at = at
        slow = self._adjusted_background(now)
        moved = cv2.absdiff(now, cv2.convertScaleAbs(self._fast))
        least = max(LEAST_DIFFERENCE, NOISES * self._noise)
        differs = _above(cv2.absdiff(now, slow), least)
        if cv2.countNonZero(differs) > SCENE_CHANGED_SHARE * differs.size:
            self._begin(now, at)
            return ()
        self._noise += 0.1 * (1.48 * float(np.median(moved[::4, ::4])) - self._noise)
        stays = cv2.bitwise_not(_above(moved, least))
        cv2.accumulateWeighted(now, self._fast, min(1.0, step_s / FAST_S))
        is_ground = cv2.bitwise_and(cv2.bitwise_not(differs), stays)
        cv2.accumulateWeighted(now, self._slow, step_s / SLOW_S, mask=is_ground)
        # Where something moves, nothing is known of what it hides: the count stands.
        still_s = self._still_s
        np.add(still_s, step_s, out=still_s, where=cv2.bitwise_and(differs, stays) > 0)
        np.subtract(still_s, LOST_PER_S * step_s, out=still_s, where=is_ground > 0)
        np.clip(still_s, 0.0, SURE_AFTER_S, out=still_s)
        self._follow(self._blobs(), differs, at)
        height, width = now.shape
        return tuple(
            LeftThing(one.id, _box(one.blob, width, height), at - one.since) for one in self._things
        )

    def _begin(self, now: Luma, at: datetime | None) -> None:
        self._fast, self._slow = now.astype(np.float32), now.astype(np.float32)
        self._still_s: Field = np.zeros(now.shape, np.float32)
        self._noise = 0.0
        self._at = at
        self._things: list[_Thing] = []

    def _adjusted_background(self, now: Luma) -> Luma:
        """Give the slow background as bright as the whole picture is now: an iris, a cloud."""
        was = self._slow[::4, ::4]
        gain = float(np.clip(np.median((now[::4, ::4] + 1.0) / (was + 1.0)), 0.5, 2.0))
        self._slow *= gain
        return cv2.convertScaleAbs(self._slow).astype(np.uint8, copy=False)

    def _blobs(self) -> list[_Blob]:
        """Give the parts that have stood still; what is too large for a thing becomes ground."""
        still = _above(self._still_s, STILL_AFTER_S)
        if not still.any():
            return []
        count, numbers, figures, _ = cv2.connectedComponentsWithStats(cv2.dilate(still, KERNEL))
        blobs: list[_Blob] = []
        for number in sorted(range(1, count), key=lambda n: -int(figures[n, cv2.CC_STAT_AREA])):
            left, top, across, down, area = (int(n) for n in figures[number])
            part = np.s_[top : top + down, left : left + across]
            mask = np.where(numbers[part] == number, still[part], 0).astype(np.uint8)
            blob = _Blob(left, top, left + across, top + down, area, mask)
            if area > LARGEST_SHARE * still.size or len(blobs) == MOST_THINGS:
                self._absorb(blob)
            elif cv2.countNonZero(mask) >= SMALLEST:
                blobs.append(blob)
        return blobs

    def _follow(self, blobs: list[_Blob], differs: Mask, at: datetime) -> None:
        known, self._things = self._things, []
        for thing in known:
            blob = max(blobs, key=lambda one: _overlap(one, thing.blob), default=None)
            if blob is None or _overlap(blob, thing.blob) < SAME_OVERLAP:
                continue
            blobs.remove(blob)
            # What stands beside it for a while does not make it another, larger thing.
            if blob.area <= GROWN_BY * thing.blob.area or at - thing.since < JUDGED_FOR:
                thing.blob = blob
            self._things.append(thing)
        for blob in blobs:
            if self._is_unsettled(blob, differs):
                continue
            self._count += 1
            since = at - timedelta(seconds=STILL_AFTER_S)
            self._things.append(_Thing(self._count, blob, since))
        for thing in list(self._things):
            age = at - thing.since
            is_judged = age < JUDGED_FOR and self._is_there(thing.blob, differs)
            if age > ABSORBED_AFTER or (is_judged and self._is_no_thing(thing.blob)):
                self._absorb(thing.blob)
                self._things.remove(thing)

    def _is_unsettled(self, blob: _Blob, differs: Mask) -> bool:
        """Tell whether it is a part of something that has not come to rest, or not all of it."""
        around = _around(blob, 4)
        still = self._still_s[around] >= STILL_AFTER_S
        others = np.count_nonzero((differs[around] > 0) & ~still)
        return bool(others > UNSETTLED_SHARE * np.count_nonzero(still))

    def _is_there(self, blob: _Blob, differs: Mask) -> bool:
        """Tell whether most of it still differs: what goes away looks like the ground by itself."""
        there = cv2.countNonZero(cv2.bitwise_and(blob.mask, differs[blob.part]))
        return there >= STILL_THERE_SHARE * cv2.countNonZero(blob.mask)

    def _is_no_thing(self, blob: _Blob) -> bool:
        """Tell whether something has gone there, or only the light has changed."""
        part = _around(blob, 3)
        now, before = self._fast[part], self._slow[part]
        mask = np.zeros(self._fast.shape, np.uint8)
        mask[blob.part] = blob.mask
        mask = mask[part]
        if self._is_light(now, before, cv2.erode(mask, KERNEL) > 0):
            return True
        rim = cv2.morphologyEx(mask, cv2.MORPH_GRADIENT, KERNEL)
        return cv2.mean(_edges(before), rim)[0] > GONE * cv2.mean(_edges(now), rim)[0]

    def _is_light(self, now: Field, before: Field, inside: NDArray[np.bool_]) -> bool:
        if np.count_nonzero(inside) < SMALLEST:
            return False
        fine_now, fine_before = _fine(now)[inside], _fine(before)[inside]
        if float(fine_before.std()) < max(1.0, 2 * self._noise):
            return False  # a ground without texture keeps none
        return float(np.corrcoef(fine_now, fine_before)[0, 1]) > TEXTURE_KEPT

    def _absorb(self, blob: _Blob) -> None:
        mask = blob.mask > 0
        self._slow[blob.part][mask] = self._fast[blob.part][mask]
        self._still_s[blob.part][mask] = 0.0


def _above(field: NDArray[Any], least: float) -> Mask:
    return cv2.threshold(field, least, 255, cv2.THRESH_BINARY)[1].astype(np.uint8, copy=False)


def _around(blob: _Blob, margin: int) -> tuple[slice, slice]:
    top, left = max(0, blob.top - margin), max(0, blob.left - margin)
    return np.s_[top : blob.bottom + margin, left : blob.right + margin]


def _edges(field: Field) -> Field:
    across, down = cv2.Sobel(field, cv2.CV_32F, 1, 0), cv2.Sobel(field, cv2.CV_32F, 0, 1)
    return cv2.magnitude(across, down).astype(np.float32, copy=False)


def _fine(field: Field) -> Field:
    return field - cv2.blur(field, (5, 5))


def _overlap(one: _Blob, other: _Blob) -> float:
    """Give the share of the smaller of two blobs' rectangles that lies in the other."""
    across = min(one.right, other.right) - max(one.left, other.left)
    down = min(one.bottom, other.bottom) - max(one.top, other.top)
    if across <= 0 or down <= 0:
        return 0.0
    sizes = [(a.right - a.left) * (a.bottom - a.top) for a in (one, other)]
    return across * down / min(sizes)


def _box(blob: _Blob, width: int, height: int) -> Box:
    return Box(blob.left / width, blob.top / height, blob.right / width, blob.bottom / height)
