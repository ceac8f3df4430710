"""A weapon in somebody's hand: what the operator's own model says, again and again."""

from collections import deque
from datetime import datetime, timedelta
from math import hypot

from domain.detections import Box, ObjectClass
from domain.events import EventKind
from domain.looks import Finding, Look, Shown, Sight
from domain.rules.rule import Rule
from domain.rules.rule_type import LegalList, RuleType, Service, Shape, Threshold

LABELS = frozenset({"weapon", "gun", "handgun", "pistol", "rifle", "shotgun", "firearm", "knife"})
WITHIN = timedelta(seconds=2)
NEAR = 0.3
"""Of a person's height: as far from the box as a hand holds a thing."""
SAME_PLACE = 0.75
"""Of a person's height between two looks: what jumps further is something else each time."""
MOST_HITS = 100


class Weapon:
    """The model names a weapon at or near a person, several times within two seconds, in one place.

    One look is nothing: a telephone, an umbrella and a drill are called weapons once in a while.
    """

    def __init__(self, rule: Rule) -> None:
        self._zone = rule.zone
        self._looks = int(TYPE.threshold(rule, "looks"))
        self._confidence = TYPE.threshold(rule, "confidence")
        self._hits: deque[tuple[datetime, float, float]] = deque(maxlen=MOST_HITS)

    def saw(self, look: Look) -> tuple[Shown, ...]:
        while self._hits and look.at - self._hits[0][0] > WITHIN:
            self._hits.popleft()
        before, shown = list(self._hits), []
        for finding in look.findings:
            height = self._holder(finding, look)
            if height is None:
                continue
            x, y = _middle(finding.box, look.aspect)
            self._hits.append((look.at, x, y))
            looks = {
                at
                for at, hit_x, hit_y in before
                if hypot(x - hit_x, y - hit_y) <= SAME_PLACE * height
            }
            if len(looks) + 1 >= self._looks:
                shown.append(Shown(finding.box, finding.confidence, finding.track))
        return tuple(shown)

    def forget(self) -> None:
        self._hits.clear()

    def _holder(self, finding: Finding, look: Look) -> float | None:
        """Give the height of the nearest person in the zone who may hold it."""
        if finding.label.lower() not in LABELS or finding.confidence < self._confidence:
            return None
        near = [
            (_apart(finding.box, one.box, look.aspect), one.box.bottom - one.box.top)
            for one in (*look.tracks, *look.unseen)
            if one.object_class is ObjectClass.PERSON and self._zone.holds(one.box)
        ]
        reached = [(apart, height) for apart, height in near if apart <= NEAR * height]
        return min(reached)[1] if reached else None


def _middle(box: Box, aspect: float) -> tuple[float, float]:
    return (box.left + box.right) / 2 * aspect, (box.top + box.bottom) / 2


def _apart(one: Box, other: Box, aspect: float) -> float:
    """Give the distance between two boxes in picture heights; 0 when they touch."""
    across = max(one.left - other.right, other.left - one.right, 0.0) * aspect
    down = max(one.top - other.bottom, other.top - one.bottom, 0.0)
    return hypot(across, down)


TYPE = RuleType(
    kind=EventKind.WEAPON,
    legal_list=LegalList.DECREE_2023_828,
    service=Service.POLICE,
    shape=Shape.ZONE,
    sights=frozenset({Sight.TRACKS, Sight.FINDINGS}),
    thresholds=(
        Threshold("looks", "1", 3.0, 2.0, 10.0),
        Threshold("confidence", "1", 0.5, 0.2, 0.99),
    ),
    evidence="What the model takes for a weapon, at a person in the zone.",
    limits="Only as good as the model that you supply. The State's own evaluation found firearms "
    "uneven; telephones, umbrellas and tools are taken for weapons.",
    watch=Weapon,
    is_experimental=True,
    labels=LABELS,
)
