"""LeftAlone: which left things somebody brought, and which of them have been alone for long."""

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import hypot

from domain.detections import Box, Detection, ObjectClass
from domain.looks import LeftThing, Look, Shown
from domain.zones import Zone

BROUGHT_BEFORE, BROUGHT_AFTER = timedelta(seconds=6), timedelta(seconds=4)
"""Around the moment when a thing begins to stand still: somebody was near then who brought it."""
MOST_REMEMBERED = 1000
SAME_BOX = 0.4
"""From this overlap on, a still thing is the very person or vehicle that is followed there."""
SURE = 0.5
"""Who is seen less surely, and has never moved, may be a post, or the left thing itself."""
HAS_MOVED = 0.5
"""Of its height: so far from where it was first seen."""
AS_HIGH = 0.7
"""As who brought it, at least, is who stands there and is not seen surely; who sits is as well. A
sack that is carried is followed as a person now and then, or gets the track of who puts it down.
"""


@dataclass(frozen=True, slots=True)
class Bounds:
    """Of a thing, in heights of whoever brought it: what is no thing that such a one leaves."""

    lowest: float
    highest: float
    widest: float


@dataclass(slots=True)
class _Known:
    thing: LeftThing
    near_then: tuple[Box, ...] = ()
    """Who was near when it began to stand still: one of them may have brought it."""
    alone_since: datetime | None = None
    is_left: bool = False
    itself: tuple[Box, int | None] | None = None
    """Its box when it was found to be a followed person or vehicle, and that one's track."""


class LeftAlone:
    """Watches for things that one of ``bringers`` brought to the zone and left alone.

    A thing is left when no such one has been ``near`` it (in heights of that person or vehicle) for
    ``alone_s``, and from then on until it has gone.
    """

    def __init__(
        self,
        zone: Zone,
        *,
        bringers: frozenset[ObjectClass],
        bounds: Bounds,
        alone_s: float,
        near: float,
    ) -> None:
        self._zone = zone
        self._bringers = bringers
        self._bounds = bounds
        self._alone_for = timedelta(seconds=alone_s)
        self._near = near
        self.forget()

    def forget(self) -> None:
        self._known: dict[int, _Known] = {}
        self._passed: deque[tuple[datetime, Detection]] = deque(maxlen=MOST_REMEMBERED)
        self._first: dict[int, Box] = {}
        self._moved: set[int] = set()

    def saw(self, look: Look) -> tuple[Shown, ...]:
        self._notice_moves(look)
        bringers = [
            one
            for one in look.tracks
            if one.object_class in self._bringers and self._is_believed(one)
        ]
        self._remember(bringers, look.at)
        self._known = {
            thing.id: self._known.get(thing.id) or _Known(thing, self._near_then(thing, look))
            for thing in look.left_things
            if self._zone.holds(thing.box)
        }
        for thing in look.left_things:
            if known := self._known.get(thing.id):
                known.thing = thing
                self._look_at(known, look, [*bringers, *self._standing(look)])
        # Whoever bends over it later does not make it somebody's again: it has to go.
        return tuple(Shown(one.thing.box) for one in self._known.values() if one.is_left)

    def _notice_moves(self, look: Look) -> None:
        for one in look.tracks:
            if one.track is not None:
                first = self._first.setdefault(one.track, one.box)
                if _way(first, one.box, look.aspect) > HAS_MOVED * _height(first):
                    self._moved.add(one.track)
        there = {one.track for one in (*look.tracks, *look.unseen)}
        self._first = {track: box for track, box in self._first.items() if track in there}
        self._moved &= there

    def _is_believed(self, one: Detection) -> bool:
        return one.track in self._moved or one.confidence >= SURE

    def _is_company(self, one: Detection, known: _Known) -> bool:
        """Tell whether ``one`` is somebody, and not what was brought or a post beside it."""
        tallest = max(map(_height, known.near_then), default=0.0)
        is_as_high = _height(one.box) >= AS_HIGH * tallest
        return one.confidence >= SURE or (is_as_high and self._is_believed(one))

    def _remember(self, bringers: Iterable[Detection], at: datetime) -> None:
        self._passed.extend((at, one) for one in bringers)
        oldest = at - BROUGHT_BEFORE - BROUGHT_AFTER
        while self._passed and self._passed[0][0] < oldest:
            self._passed.popleft()

    def _near_then(self, thing: LeftThing, look: Look) -> tuple[Box, ...]:
        began = look.at - thing.still_for
        # Whoever puts it down is hidden by it from the knees on: the tallest box is all of him.
        tallest: dict[int | None, Box] = {}
        for passed_at, one in self._passed:
            was_then = began - BROUGHT_BEFORE <= passed_at <= began + BROUGHT_AFTER
            if was_then and _is_near(one.box, thing.box, self._near, look.aspect):
                before = tallest.get(one.track)
                if before is None or _height(before) <= _height(one.box):
                    tallest[one.track] = one.box
        return tuple(tallest.values())

    def _fits(self, thing: Box, bringer: Box, aspect: float) -> bool:
        height = _height(bringer)
        high, wide = _height(thing), (thing.right - thing.left) * aspect
        bounds = self._bounds
        return bounds.lowest <= high / height <= bounds.highest and wide / height <= bounds.widest

    def _standing(self, look: Look) -> list[Detection]:
        """Give whom the detector has lost from sight, and who is a still thing now: he is there."""
        return [
            one
            for one in look.unseen
            if one.object_class in self._bringers
            and self._is_believed(one)
            and any(one.box.overlap(thing.box) >= SAME_BOX for thing in look.left_things)
        ]

    def _look_at(self, known: _Known, look: Look, bringers: Sequence[Detection]) -> None:
        is_brought = any(
            self._fits(known.thing.box, bringer, look.aspect) for bringer in known.near_then
        )
        if not is_brought or self._is_somebody(known, look):
            known.alone_since, known.is_left = None, False
        elif any(
            self._is_company(one, known)
            and _is_near(one.box, known.thing.box, self._near, look.aspect)
            for one in bringers
        ):
            known.alone_since = None
        else:
            known.alone_since = known.alone_since or look.at
            known.is_left |= look.at - known.alone_since >= self._alone_for

    def _is_somebody(self, known: _Known, look: Look) -> bool:
        """Tell whether the still thing is a person who stands, or a vehicle that is parked."""
        box = known.thing.box
        for one in (*look.tracks, *look.unseen):
            if one.box.overlap(box) >= SAME_BOX and self._is_company(one, known):
                known.itself = box, one.track
            elif known.itself is not None and one.track == known.itself[1] is not None:
                known.itself = None  # who stood before it has gone, and it is there still
        # It is nobody any more once most of it has gone: what is left then may be a bag.
        return known.itself is not None and known.itself[0].overlap(box) >= SAME_BOX


def _height(box: Box) -> float:
    return box.bottom - box.top


def _way(one: Box, other: Box, aspect: float) -> float:
    """Give how far the foot points of two boxes are from each other, in heights of the picture."""
    return hypot((other.foot.x - one.foot.x) * aspect, other.foot.y - one.foot.y)


def _is_near(somebody: Box, thing: Box, heights: float, aspect: float) -> bool:
    """Tell whether ``thing`` lies within so many heights of ``somebody``, on the ground."""
    height = _height(somebody)
    across = max(0.0, somebody.left - thing.right, thing.left - somebody.right) * aspect
    # What is farther away is higher in the picture: depth looks shorter than width, by about half.
    along = max(0.0, abs(somebody.bottom - thing.bottom) - _height(thing) / 2) * 2
    return across <= heights * height and along <= heights * height
