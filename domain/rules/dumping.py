"""Dumping: something put down by a person or from a vehicle that has gone since."""

from domain.events import EventKind
from domain.looks import Sight
from domain.rules.left_alone import Bounds, LeftAlone
from domain.rules.rule import Rule
from domain.rules.rule_type import LegalList, RuleType, Service, Shape, Threshold
from domain.rules.subjects import MOTOR_VEHICLES, PEOPLE

# A mattress against a wall is as high as who leans it there; a heap from a van is three times as
# wide as a person is high.
BOUNDS = Bounds(lowest=0.06, highest=1.3, widest=3.0)


def _watch(rule: Rule) -> LeftAlone:
    return LeftAlone(
        rule.zone,
        bringers=PEOPLE | MOTOR_VEHICLES,
        bounds=BOUNDS,
        alone_s=TYPE.threshold(rule, "alone_s"),
        near=TYPE.threshold(rule, "near"),
    )


TYPE = RuleType(
    kind=EventKind.DUMPING,
    legal_list=LegalList.CLEANLINESS,
    service=Service.CLEANING,
    shape=Shape.ZONE,
    sights=frozenset({Sight.TRACKS, Sight.LEFT_THINGS}),
    thresholds=(
        Threshold("alone_s", "s", 60.0, 10.0, 900.0),
        Threshold("near", "1", 1.5, 0.5, 5.0),
    ),
    evidence="A thing in the zone that was not there before; who brought it, or the vehicle, has "
    "gone.",
    limits="Says that something lies there, never who left it nor what it is: a bin put out for "
    "collection is shown as well. Lost: what has the colour of its ground, and what was brought by "
    "somebody whom the detector did not see.",
    watch=_watch,
)
