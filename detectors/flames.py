"""Flames: places that have fire's colour, a core that stays, and an edge that dances.

A first form by rule, with nothing learnt. Looks are too few to see a flicker of 1 to 10 Hz as a
frequency, but it shows in each two of them: parts of a flame have become brighter and others darker
at the same time. A lamp that flashes does either as a whole, one that shines does neither, what
moves by has no core, and leaves and cloth do not shine. What dances below a lamp is its reflection.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from detectors.protocol import Picture
from domain.detections import Box
from domain.looks import Flame

LEAST_RED, LEAST_WARMTH = 175, 80
HOT_RED, HOT_WARMTH = 240, 35
"""Of red, and of red over blue, in 255ths: what shines by its own heat. A flame's middle, which is
overexposed, is less coloured; lit stone is not as bright."""
LEAST_GREEN = 0.3
"""Of red: less is a brake light's."""
WHITE = 215
"""Of grey: overexposed, as a camera sees the middle of a flame; it has no colour left."""
MEAN_OVER_S = 2.0
USUAL_OVER_S, USUAL = 60.0, 0.5
"""What has been warm for so long is lit stone, a lamp or a shop window."""
WARMER_BY, LIGHTER_BY = 55, 45
"""Than usual, in 255ths: what a fire lights up around it becomes less so."""
LONGEST_STEP_S = 1.0
"""A pause counts as no more than this."""
DANCES_BY = 22
"""Grey levels between two looks; noise and a coder's blocks are less."""
PART, CORE, DANCES = 0.12, 0.75, 0.18
"""Shares of the last looks: of a flame's points, of its core's, and of those that dance."""
SMALLEST, LARGEST_SHARE = 10, 0.3
"""Points of the low size; of the whole picture: more is a low sun."""
LEAST_CORE = 0.04
BRIGHT, OFTEN, LEAST_BRIGHT = 200, 0.3, 0.12
"""Of grey, of the last looks, of a place: what shines by itself is so bright; orange cloth and dry
leaves in the sun are not."""
FULL_DANCE, FULL_MIXED = 0.35, 0.35
"""From these shares of a place on, its dance is a flame's."""
FULL_GROWTH = 1.0
"""It has become so much larger since it was first seen: twice as large."""
WITHOUT_GROWTH = 0.7
LAMP_CORE, LAMP_DANCE = 0.25, 0.05
"""Shares of a place: from so much core, and up to so little that dances or is mixed, a lamp shines
there, steadily or up and down as a whole."""
MIRRORED_WITHIN, MIRRORED_WIDE = 1.5, 3.0
"""Of its own height, how far below a lamp its reflection begins; of the lamp's width, its own."""
MOST_PLACES = 16
SETTLES = timedelta(seconds=2)
KERNEL = np.ones((3, 3), np.uint8)

type Field = NDArray[np.float32]
type Mask = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class _Place:
    """A place where something has fire's colour; ``mixed``: how far its parts go apart."""

    left: int
    top: int
    right: int
    bottom: int
    since: datetime
    least_area: int
    mixed: float = 0.0

    def after(self, before: "_Place | None") -> "_Place":
        """Give this place, which is new, as what has become of the one that it was ``before``."""
        if before is None:
            return self
        # How large it was is only known once its first looks are taken in.
        is_new = self.since - before.since < SETTLES
        least = self.least_area if is_new else min(self.least_area, before.least_area)
        return replace(self, since=before.since, least_area=least, mixed=before.mixed)

    def mirrors(self, lamp: "_Place") -> bool:
        """Tell whether it is where wet ground would reflect ``lamp``: below it, as wide."""
        middle, gap = (lamp.left + lamp.right) / 2, self.top - lamp.bottom
        is_below = lamp.top < self.top and gap <= MIRRORED_WITHIN * (self.bottom - self.top)
        as_wide = self.right - self.left <= MIRRORED_WIDE * (lamp.right - lamp.left)
        return is_below and as_wide and self.left <= middle <= self.right

    def meets(self, other: "_Place") -> bool:
        across = min(self.right, other.right) - max(self.left, other.left)
        return across > 0 and min(self.bottom, other.bottom) > max(self.top, other.top)


class Flames:
    """Watches one camera for flames. It starts again by `forget`, and by itself when the picture's
    size changes or time goes backwards.
    """

    _at: datetime | None
    _grey: Mask
    _warm: Mask

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """What the next look shows is what was there before."""
        nothing = np.zeros((1, 1), np.uint8)
        self._begin(None, nothing, nothing, nothing)

    def look(self, small: Picture, at: datetime) -> tuple[Flame, ...]:
        """Take in the next look, at low size, in colour; give the places that may be burning."""
        grey = cv2.cvtColor(small, cv2.COLOR_BGR2GRAY).astype(np.uint8, copy=False)
        warmth = cv2.subtract(small[..., 2], small[..., 0]).astype(np.uint8, copy=False)
        coloured = _coloured(small)
        if self._at is None or at < self._at or grey.shape != self._grey.shape:
            self._begin(at, grey, warmth, coloured)
            return ()
        warmer, lighter = self._stands_out(grey, warmth)
        warm = coloured & (warmer | lighter)
        share = min((at - self._at).total_seconds(), LONGEST_STEP_S) / MEAN_OVER_S
        change = grey.astype(np.int16) - self._grey
        dances = (warm | self._warm) & _above(np.abs(change), DANCES_BY)
        white = lighter & _above(grey, WHITE)
        for mean, mask in (
            (self._is_warm, warm),
            (self._is_hot, warm | white),
            (self._is_bright, (warm & _above(grey, BRIGHT)) | white),
            (self._has_danced, dances),
        ):
            cv2.accumulateWeighted(mask, mean, share)
        self._at, self._grey, self._warm = at, grey, warm
        flames = tuple(self._judged(change, dances, share, at))
        learns = _elsewhere(flames, grey.shape)
        for usual, now in (
            (self._usual, coloured),
            (self._usual_grey, grey),
            (self._usual_warmth, warmth),
        ):
            cv2.accumulateWeighted(now, usual, share * MEAN_OVER_S / USUAL_OVER_S, mask=learns)
        return flames

    def _stands_out(self, grey: Mask, warmth: Mask) -> tuple[Mask, Mask]:
        """Give where it is warmer than usual, and where it is lighter."""
        warmer = cv2.subtract(warmth, cv2.convertScaleAbs(self._usual_warmth))
        lighter = cv2.subtract(grey, cv2.convertScaleAbs(self._usual_grey))
        return _above(warmer, WARMER_BY), _above(lighter, LIGHTER_BY)

    def _begin(self, at: datetime | None, grey: Mask, warmth: Mask, coloured: Mask) -> None:
        self._at, self._grey, self._warm = at, grey, coloured
        self._usual: Field = coloured.astype(np.float32)
        self._usual_grey: Field = grey.astype(np.float32)
        self._usual_warmth: Field = warmth.astype(np.float32)
        self._is_warm: Field = np.zeros(grey.shape, np.float32)
        self._is_hot: Field = np.zeros(grey.shape, np.float32)
        self._is_bright: Field = np.zeros(grey.shape, np.float32)
        self._has_danced: Field = np.zeros(grey.shape, np.float32)
        self._places: list[_Place] = []

    def _judged(
        self, change: NDArray[np.int16], dances: Mask, share: float, at: datetime
    ) -> list[Flame]:
        parts = _above(self._is_warm, PART) & (self._usual < USUAL).astype(np.uint8)
        known, self._places = self._places, []
        if not parts.any():
            return []
        lamps, dancing = list[_Place](), list[tuple[_Place, float]]()
        count, numbers, figures, _ = cv2.connectedComponentsWithStats(cv2.dilate(parts, KERNEL))
        largest = sorted(range(1, count), key=lambda n: -int(figures[n, cv2.CC_STAT_AREA]))
        for number in largest[:MOST_PLACES]:
            left, top, across, down, _ = (int(one) for one in figures[number])
            part = np.s_[top : top + down, left : left + across]
            inside = (numbers[part] == number) & (parts[part] > 0)
            area = int(np.count_nonzero(inside))
            if not SMALLEST <= area <= LARGEST_SHARE * parts.size:
                continue
            place = _Place(left, top, left + across, top + down, at, area)
            place = place.after(next((one for one in known if one.meets(place)), None))
            moved = inside & (dances[part] > 0)
            ups = int(np.count_nonzero(moved & (change[part] > 0)))
            downs = int(np.count_nonzero(moved)) - ups
            mixed = min(ups, downs) / max(ups, downs, 1)
            place = replace(place, mixed=place.mixed + share * (mixed - place.mixed))
            self._places.append(place)
            core = np.count_nonzero(self._is_hot[part] > CORE) / area
            dance = np.count_nonzero(inside & (self._has_danced[part] > DANCES)) / area
            bright = np.count_nonzero(self._is_bright[part] > OFTEN) / area
            if core >= LAMP_CORE and min(dance, place.mixed) <= LAMP_DANCE:
                lamps.append(place)
            elif core >= LEAST_CORE and bright >= LEAST_BRIGHT:
                dancing.append((place, _strength(place, area, dance)))
        return [
            Flame(_box(place, parts.shape), strength)
            for place, strength in dancing
            if strength > 0 and not any(place.mirrors(lamp) for lamp in lamps)
        ]


def _strength(place: _Place, area: int, dance: float) -> float:
    growth = min(1.0, (area / place.least_area - 1) / FULL_GROWTH)
    dances = min(1.0, dance / FULL_DANCE) * min(1.0, place.mixed / FULL_MIXED)
    return float(dances * (WITHOUT_GROWTH + (1 - WITHOUT_GROWTH) * growth))


def _coloured(small: Picture) -> Mask:
    """Give 1 where the colour is that of fire: red over green over blue, and bright."""
    blue, green, red = (one.astype(np.int16) for one in cv2.split(small))
    warmth = red - blue
    is_warm = (red >= LEAST_RED) & (warmth >= LEAST_WARMTH)
    is_warm |= (red >= HOT_RED) & (warmth >= HOT_WARMTH)
    is_yellow = (red >= green) & (green >= blue) & (green >= LEAST_GREEN * red)
    return (is_warm & is_yellow).astype(np.uint8)


def _elsewhere(flames: tuple[Flame, ...], shape: tuple[int, ...]) -> Mask:
    """Give 1 where nothing may be burning."""
    height, width = shape
    mask = np.ones(shape, np.uint8)
    for one in flames:
        box = one.box
        rows = slice(round(box.top * height), round(box.bottom * height))
        mask[rows, round(box.left * width) : round(box.right * width)] = 0
    return mask


def _above(field: NDArray[Any], least: float) -> Mask:
    return (field > least).astype(np.uint8)


def _box(place: _Place, shape: tuple[int, ...]) -> Box:
    height, width = shape
    return Box(place.left / width, place.top / height, place.right / width, place.bottom / height)
