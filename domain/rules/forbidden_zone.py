"""Presence in a forbidden zone."""

from datetime import datetime, timedelta
from math import hypot

from domain.detections import Detection
from domain.events import EventKind
from domain.looks import Look, Shown, Sight
from domain.rules.rule import Rule
from domain.rules.rule_type import LegalList, RuleType, Service, Shape, Threshold
from domain.rules.subjects import PEOPLE

# Three looks at the same thing, 0.4 s at five looks a second: a reflection rarely lasts that long,
# and a person who crosses a zone of one metre takes longer.
LOOKS_TO_OPEN = 3
# A bollard, a bush or a bin is taken for somebody now and then, at less confidence than this, and
# its box trembles by less than this of its height. Whoever goes there has come from elsewhere.
SURE, HAS_COME = 0.6, 0.5


class ForbiddenZone:
    """Somebody is there when one track's foot point was in the zone for three looks.

    From then on any presence shows it, until nobody was there for as long as closes an event. Who
    is not surely somebody counts once he has moved.
    """

    def __init__(self, rule: Rule) -> None:
        self._zone = rule.zone
        self._confidence = TYPE.threshold(rule, "confidence")
        self._quiet_after = timedelta(seconds=TYPE.closes_after_s)
        self._looks: dict[int | None, tuple[int, datetime]] = {}
        """How often each was seen in the zone, and when last."""
        self._first: dict[int | None, tuple[float, float]] = {}
        self._came: set[int | None] = set()
        self._present_at: datetime | None = None
        self._is_open = False

    def saw(self, look: Look) -> tuple[Shown, ...]:
        people = [
            one
            for one in look.tracks
            if one.object_class in PEOPLE and one.confidence >= self._confidence
        ]
        self._follow(people, look)
        inside = [one for one in people if one.track in self._came and self._zone.holds(one.box)]
        if not inside:
            self._saw_nobody({one.track for one in people}, look.at)
            return ()
        self._present_at = look.at
        if not self._is_open:
            self._count({one.track for one in inside}, look.at)
        return tuple(Shown.of(one) for one in inside) if self._is_open else ()

    def forget(self) -> None:
        self._first.clear()
        self._came.clear()
        self._close()

    def _follow(self, people: list[Detection], look: Look) -> None:
        for one in people:
            x, y = one.box.foot.x * look.aspect, one.box.foot.y
            began = self._first.setdefault(one.track, (x, y))
            away = hypot(x - began[0], y - began[1])
            if one.confidence >= SURE or away >= HAS_COME * (one.box.bottom - one.box.top):
                self._came.add(one.track)
        there = {one.track for one in (*look.tracks, *look.unseen)}
        self._first = {track: place for track, place in self._first.items() if track in there}
        self._came &= there

    def _count(self, tracks: set[int | None], at: datetime) -> None:
        for track in tracks:
            looks, _ = self._looks.get(track, (0, at))
            self._looks[track] = looks + 1, at
            self._is_open |= looks + 1 >= LOOKS_TO_OPEN
        # Who was not seen here for so long is not awaited any more.
        self._looks = {
            track: (looks, seen_at)
            for track, (looks, seen_at) in self._looks.items()
            if at - seen_at < self._quiet_after
        }

    def _saw_nobody(self, elsewhere: set[int | None], at: datetime) -> None:
        # Somebody who is now seen outside has left; somebody not seen at all may have been missed.
        for track in elsewhere:
            self._looks.pop(track, None)
        if self._present_at is not None and at - self._present_at >= self._quiet_after:
            self._close()

    def _close(self) -> None:
        self._looks.clear()
        self._present_at, self._is_open = None, False


TYPE = RuleType(
    kind=EventKind.FORBIDDEN_ZONE,
    legal_list=LegalList.DECREE_2023_828,
    service=Service.POLICE,
    shape=Shape.ZONE,
    sights=frozenset({Sight.TRACKS}),
    thresholds=(Threshold("confidence", "1", 0.35, 0.15, 0.95),),
    evidence="A person whose feet are in the zone.",
    limits="Small, lying or straight-down people are lost; dark coats at night as well, and who is "
    "seen faintly and does not move.",
    watch=ForbiddenZone,
)
