"""Abandoned object: something that a person brought and left alone."""

from domain.events import EventKind
from domain.looks import Sight
from domain.rules.left_alone import Bounds, LeftAlone
from domain.rules.rule import Rule
from domain.rules.rule_type import LegalList, RuleType, Service, Shape, Threshold
from domain.rules.subjects import PEOPLE

# A handbag on the ground is a tenth as high as its owner, a suitcase two thirds; bags side by side
# are as wide as he is high.
BOUNDS = Bounds(lowest=0.06, highest=0.75, widest=1.2)


def _watch(rule: Rule) -> LeftAlone:
    return LeftAlone(
        rule.zone,
        bringers=PEOPLE,
        bounds=BOUNDS,
        alone_s=TYPE.threshold(rule, "alone_s"),
        near=TYPE.threshold(rule, "near"),
    )


TYPE = RuleType(
    kind=EventKind.ABANDONED_OBJECT,
    legal_list=LegalList.DECREE_2023_828,
    service=Service.POLICE,
    shape=Shape.ZONE,
    sights=frozenset({Sight.TRACKS, Sight.LEFT_THINGS}),
    thresholds=(
        Threshold("alone_s", "s", 30.0, 5.0, 600.0),
        Threshold("near", "1", 1.5, 0.5, 5.0),
    ),
    evidence="A thing on the ground of the zone that a person brought, with nobody near it.",
    limits="Lost: what is smaller than 4 of 320 points, has the colour of its ground, is hidden "
    "most of the time, or was brought by somebody whom the detector did not see.",
    watch=_watch,
)
