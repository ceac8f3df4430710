"""Overfull bin: what is above its rim is not what was there when it was empty."""

from math import ceil

from domain.detections import Box
from domain.events import EventKind
from domain.looks import Look, Shown, Sight
from domain.rules.rule import Rule
from domain.rules.rule_type import LegalList, RuleType, Service, Shape, Threshold


class OverfullBin:
    """It is overfull when its zone differed from the empty state for minutes in a row."""

    def __init__(self, rule: Rule) -> None:
        self._rule = rule.id
        xs, ys = [x for x, _ in rule.zone.points], [y for _, y in rule.zone.points]
        self._shown = (Shown(Box(min(xs), min(ys), max(xs), max(ys))),)
        self._share = TYPE.threshold(rule, "changed") / 100
        self._minutes = ceil(TYPE.threshold(rule, "minutes"))
        self.forget()

    def forget(self) -> None:
        self._in_a_row = 0

    def saw(self, look: Look) -> tuple[Shown, ...]:
        # Most looks are not the end of a minute, and say nothing new; nor does a minute in which
        # something larger than a bin stood behind it.
        if (share := look.changes.get(self._rule)) is not None:
            self._in_a_row = self._in_a_row + 1 if share >= self._share else 0
        return self._shown if self._in_a_row >= self._minutes else ()


TYPE = RuleType(
    kind=EventKind.OVERFULL_BIN,
    legal_list=LegalList.CLEANLINESS,
    service=Service.CLEANING,
    shape=Shape.ZONE,
    sights=frozenset({Sight.CHANGES}),
    thresholds=(
        Threshold("changed", "%", 20.0, 5.0, 90.0),
        Threshold("minutes", "min", 3.0, 1.0, 60.0),
    ),
    evidence="A zone drawn around the bin's rim and what is above it, which does not look as it "
    "did when the bin was empty.",
    limits="Needs a picture of the empty state, by day and, if it is to work at night, by night. "
    "It says that something has changed, not what: a poster, snow or a bin turned round are shown "
    "as well. What fills the bin to its rim and not above is not seen. Nothing is told while a car "
    "parks behind it, nor while one is away that did when the picture was taken.",
    watch=OverfullBin,
    is_experimental=True,
)
