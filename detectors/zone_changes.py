"""Zone changes: by how much a zone differs from the picture of its empty state, once a minute.

Compared is where light and dark lie in the small, not how light or dark it is: the sun, an iris and
a lamp change the latter. What passes by is not in the middle of ten samples of a minute. What
stands there and reaches beyond the zone on a side (a car that parks behind a bin, or one that has
gone from there) is nothing of the zone's: of such a minute nothing is said.
"""

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import cv2
import numpy as np
from numpy.typing import NDArray

from detectors.protocol import Luma
from domain.identifiers import RuleId
from domain.references import Reference
from domain.zones import Zone

LONGEST_SIDE = 96
"""Of a zone, in points: the structure of a rim, not of a wrapper."""
SAMPLE_EVERY, SAMPLES = timedelta(seconds=6), 10
REFERENCE_EVERY, REFERENCE_SAMPLES = timedelta(seconds=1), 5
WINDOW = (9, 9)
BESIDE = (0.15, 0.6)
"""From where to where the strip on each side of a zone reaches, in widths of the zone."""
REACHES_BEYOND = 0.3
"""The share of a strip that differs when what stands there is larger than what fills a bin."""
FLAT = 4.0
"""Grey levels of deviation in a window; less is noise and shows nothing."""
ALIKE = 0.5
"""The correlation of two windows from which on they show the same."""

type Field = NDArray[np.float32]


@dataclass(slots=True)
class _Samples:
    every: timedelta
    wanted: int
    taken: list[Luma] = field(default_factory=list)
    taken_at: datetime | None = None

    def is_due(self, at: datetime) -> bool:
        return self.taken_at is None or not timedelta(0) <= at - self.taken_at < self.every

    def forget(self) -> None:
        self.taken.clear()
        self.taken_at = None

    def add(self, picture: Luma, at: datetime) -> Luma | None:
        """Take in one; give the middle of all once there are enough, and begin anew."""
        if self.taken_at is not None and at < self.taken_at:
            self.taken.clear()
        if self.taken and self.taken[0].shape != picture.shape:
            self.taken.clear()
        self.taken.append(picture)
        self.taken_at = at
        if len(self.taken) < self.wanted:
            return None
        middle: Luma = np.median(np.stack(self.taken), axis=0).astype(np.uint8)
        self.taken.clear()
        return middle


class ZoneChanges:
    """The zones of one camera that are compared with references of theirs."""

    def __init__(self, zones: Mapping[RuleId, Zone], references: Iterable[Reference]) -> None:
        self._zones = zones
        self._references = [one for one in references if one.rule_id in zones]
        self._kept: dict[RuleId, list[Luma]] = {}
        for one in self._references:
            if one.picture is not None and (picture := read(one.picture)) is not None:
                self._kept.setdefault(one.rule_id, []).append(picture)
        self.forget()

    def forget(self) -> None:
        """Begin a new minute."""
        self._minutes = {rule: _Samples(SAMPLE_EVERY, SAMPLES) for rule in self._zones}
        self._takings = {
            (one.rule_id, one.light): _Samples(REFERENCE_EVERY, REFERENCE_SAMPLES)
            for one in self._references
        }

    def look(self, luma: Luma, at: datetime, rules: Set[RuleId]) -> dict[RuleId, float]:
        """Take in the next look; give the share (0..1) that differs of zones whose minute is over.

        Only those of ``rules`` are looked at; a minute of another begins anew once it is among
        them. A zone without a reference gives nothing.
        """
        found = {}
        for rule, samples in self._minutes.items():
            if rule not in rules:
                samples.forget()
                continue
            kept = self._kept.get(rule)
            if not kept or not samples.is_due(at):
                continue
            middle = samples.add(zone_picture(luma, self._zones[rule]), at)
            if middle is None:
                continue
            parts = Parts.of(middle.shape, self._zones[rule])
            shares = [share for one in kept if (share := parts.changed(middle, one)) is not None]
            if shares:
                found[rule] = min(shares)
        return found

    def take(self, luma: Luma, at: datetime, rules: Set[RuleId]) -> list[Reference]:
        """Give the references of ``rules`` that were wanted and are complete with this look."""
        taken = []
        for number, one in enumerate(self._references):
            samples = self._takings[one.rule_id, one.light]
            if one.rule_id not in rules:
                samples.forget()
                continue
            if not one.is_wanted(at) or not samples.is_due(at):
                continue
            middle = samples.add(zone_picture(luma, self._zones[one.rule_id]), at)
            if middle is not None:
                png = cv2.imencode(".png", middle)[1].tobytes()
                self._references[number] = replace(one, picture=png, taken_at=at)
                taken.append(self._references[number])
        return taken


def zone_picture(luma: Luma, zone: Zone) -> Luma:
    """Give the rectangle around ``zone`` and what is beside it, at low size, black elsewhere."""
    height, width = luma.shape
    left, top, right, bottom = _sides(zone)
    beside = BESIDE[1] * (right - left)
    rows = slice(int(top * height), max(int(top * height) + 1, round(bottom * height)))
    start, end = (min(width, max(0, round(x * width))) for x in (left - beside, right + beside))
    part = luma[rows, start : max(start + 1, end)]
    longest = max(part.shape[0], (right - left) * width)
    scale = min(1.0, LONGEST_SIDE / longest)
    size = (max(1, round(part.shape[1] * scale)), max(1, round(part.shape[0] * scale)))
    small = cv2.resize(part, size, interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)
    parts = Parts.of(small.shape, zone)
    seen = np.logical_or.reduce([parts.zone, *parts.beside])
    return np.where(seen, small, 0).astype(np.uint8)


@dataclass(frozen=True, slots=True)
class Parts:
    """Which points of a zone's picture are the zone's, and which of the strips beside it."""

    zone: NDArray[np.bool_]
    beside: tuple[NDArray[np.bool_], ...]

    @classmethod
    def of(cls, shape: tuple[int, ...], zone: Zone) -> "Parts":
        left, top, right, bottom = _sides(zone)
        wide, (near, far) = right - left, BESIDE
        start, end = max(0.0, left - far * wide), min(1.0, right + far * wide)
        height, width = shape[:2]

        def column(x: float) -> int:
            return round((min(max(x, start), end) - start) / (end - start) * (width - 1))

        points = [
            (column(x), round((y - top) / (bottom - top) * (height - 1))) for x, y in zone.points
        ]
        mask = cv2.fillPoly(np.zeros((height, width), np.uint8), [np.array(points, np.int32)], 1)
        strips = []
        for x, until in (
            (left - far * wide, left - near * wide),
            (right + near * wide, right + far * wide),
        ):
            strip = np.zeros((height, width), bool)
            strip[:, column(x) : column(until)] = True
            strips.append(strip)
        return cls(mask > 0, tuple(one for one in strips if one.any()))

    def changed(self, now: Luma, before: Luma) -> float | None:
        """Give the share (0..1) of the zone that differs.

        None when as much differs beside it: what stands there, or has gone, is not of the zone.
        """
        if any(changed_share(now, before, one) >= REACHES_BEYOND for one in self.beside):
            return None
        return changed_share(now, before, self.zone)


def changed_share(now: Luma, before: Luma, mask: NDArray[np.bool_]) -> float:
    """Give the share of the points in ``mask`` around which ``now`` shows something else."""
    height, width = now.shape
    if before.shape != now.shape:  # the camera's resolution was changed
        before = cv2.resize(before, (width, height)).astype(np.uint8, copy=False)
    a, b = now.astype(np.float32), before.astype(np.float32)
    mean_a, mean_b = cv2.blur(a, WINDOW), cv2.blur(b, WINDOW)
    spread_a = np.sqrt(np.maximum(cv2.blur(a * a, WINDOW) - mean_a**2, 0))
    spread_b = np.sqrt(np.maximum(cv2.blur(b * b, WINDOW) - mean_b**2, 0))
    together = cv2.blur(a * b, WINDOW) - mean_a * mean_b
    alike = together / np.maximum(spread_a * spread_b, FLAT * FLAT)
    # As dark as it is now, the reference would show as much less.
    shows = np.maximum(spread_a, spread_b * np.clip(mean_a / (mean_b + 1), 0.2, 1.0)) > FLAT
    inside = cv2.erode(mask.astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
    if not inside.any():
        inside = mask
    return float(np.count_nonzero(inside & shows & (alike < ALIKE)) / np.count_nonzero(inside))


def read(png: bytes) -> Luma | None:
    """Read a reference's picture; None of what is none."""
    read = cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_GRAYSCALE)
    return None if read is None else read.astype(np.uint8, copy=False)


def _sides(zone: Zone) -> tuple[float, float, float, float]:
    xs, ys = [x for x, _ in zone.points], [y for _, y in zone.points]
    return min(xs), min(ys), max(xs), max(ys)
