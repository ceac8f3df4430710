"""Presence in a forbidden zone."""

from datetime import datetime, timedelta

from domain.detections import ObjectClass
from domain.events import EventKind
from domain.looks import Look, Shown, Sight
from domain.rules.rule import Rule
from domain.rules.rule_type import LegalList, RuleType, Service, Shape, Threshold

# Three looks at the same thing, 0.4 s at five looks a second: a reflection rarely lasts that long,
# and a person who crosses a zone of one metre takes longer.
LOOKS_TO_OPEN = 3
WATCHED_CLASSES = frozenset({ObjectClass.PERSON})


class ForbiddenZone:
    """Somebody is there when one track's foot point was in the zone for three looks.

    From then on any presence shows it, until nobody was there for as long as closes an event.
    """

    def __init__(self, rule: Rule) -> None:
        self._zone = rule.zone
        self._confidence = TYPE.threshold(rule, "confidence")
        self._quiet_after = timedelta(seconds=TYPE.closes_after_s)
        self._looks: dict[int | None, int] = {}
        self._present_at: datetime | None = None
        self._is_open = False

    def saw(self, look: Look) -> tuple[Shown, ...]:
        people = [
            one
            for one in look.tracks
            if one.object_class in WATCHED_CLASSES and one.confidence >= self._confidence
        ]
        inside = [one for one in people if self._zone.holds(one.box)]
        if not inside:
            self._saw_nobody({one.track for one in people}, look.at)
            return ()
        self._present_at = look.at
        if not self._is_open:
            for track in {one.track for one in inside}:
                self._looks[track] = self._looks.get(track, 0) + 1
            self._is_open = max(self._looks.values()) >= LOOKS_TO_OPEN
        return tuple(Shown.of(one) for one in inside) if self._is_open else ()

    def forget(self) -> None:
        self._looks.clear()
        self._present_at, self._is_open = None, False

    def _saw_nobody(self, elsewhere: set[int | None], at: datetime) -> None:
        # Somebody who is now seen outside has left; somebody not seen at all may have been missed.
        for track in elsewhere:
            self._looks.pop(track, None)
        if self._present_at is not None and at - self._present_at >= self._quiet_after:
            self.forget()


TYPE = RuleType(
    kind=EventKind.FORBIDDEN_ZONE,
    legal_list=LegalList.DECREE_2023_828,
    service=Service.POLICE,
    shape=Shape.ZONE,
    sights=frozenset({Sight.TRACKS}),
    thresholds=(Threshold("confidence", "1", 0.35, 0.15, 0.95),),
    evidence="A person whose feet are in the zone.",
    limits="Small, lying or straight-down people are lost; dark coats at night as well.",
    watch=ForbiddenZone,
)
