"""A fire that starts: what the operator's model says, or else a first form by rule."""

from collections import deque
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.detections import Box
from domain.events import EventKind
from domain.looks import Look, Shown, Sight
from domain.rules.rule import Rule
from domain.rules.rule_type import LegalList, RuleType, Service, Shape, Threshold

LABELS = frozenset({"fire", "flame", "flames", "smoke"})
GAP = timedelta(seconds=1)
"""A flame may be unseen for so long, and it is the same that burns on."""
WITHIN, LOOKS = timedelta(seconds=10), 2
"""A model is asked each two seconds; once is nothing."""
MOST_HITS, MOST_PLACES = 50, 16


@dataclass(slots=True)
class _Burning:
    box: Box
    since: datetime
    seen_at: datetime


class Fire:
    """It burns when a place has looked like flames for some seconds, or the model has said so
    twice in ten seconds, in one place."""

    def __init__(self, rule: Rule) -> None:
        self._zone = rule.zone
        self._seconds = timedelta(seconds=TYPE.threshold(rule, "seconds"))
        self._strength = TYPE.threshold(rule, "strength")
        self._confidence = TYPE.threshold(rule, "model-confidence")
        self.forget()

    def forget(self) -> None:
        self._burning: list[_Burning] = []
        self._hits: deque[tuple[datetime, Box]] = deque(maxlen=MOST_HITS)

    def saw(self, look: Look) -> tuple[Shown, ...]:
        return self._by_model(look) if look.labels & LABELS else self._by_flames(look)

    def _by_model(self, look: Look) -> tuple[Shown, ...]:
        while self._hits and look.at - self._hits[0][0] > WITHIN:
            self._hits.popleft()
        shown = []
        for finding in look.findings:
            is_meant = finding.label.lower() in LABELS and finding.confidence >= self._confidence
            if not is_meant or not self._is_inside(finding.box):
                continue
            looks = {at for at, box in self._hits if box.touches(finding.box)} | {look.at}
            self._hits.append((look.at, finding.box))
            if len(looks) >= LOOKS:
                shown.append(Shown(finding.box, finding.confidence))
        return tuple(shown)

    def _by_flames(self, look: Look) -> tuple[Shown, ...]:
        self._burning = [one for one in self._burning if look.at - one.seen_at <= GAP]
        shown = []
        for flame in look.flames:
            if flame.strength < self._strength or not self._is_inside(flame.box):
                continue
            place = next((one for one in self._burning if one.box.touches(flame.box)), None)
            if place is None:
                place = _Burning(flame.box, look.at, look.at)
                self._burning = [*self._burning, place][-MOST_PLACES:]
            place.box, place.seen_at = flame.box, look.at
            if look.at - place.since >= self._seconds:
                shown.append(Shown(flame.box))
        return tuple(shown)

    def _is_inside(self, box: Box) -> bool:
        return self._zone.holds(box)


TYPE = RuleType(
    kind=EventKind.FIRE,
    legal_list=LegalList.DECREE_2023_828,
    service=Service.FIRE,
    shape=Shape.ZONE,
    sights=frozenset({Sight.FLAMES, Sight.FINDINGS}),
    thresholds=(
        Threshold("seconds", "s", 4.0, 1.0, 60.0),
        Threshold("strength", "1", 0.5, 0.1, 1.0),
        Threshold("model-confidence", "1", 0.5, 0.2, 0.99),
    ),
    evidence="Flames at the place that is marked; with a model that knows smoke, or smoke.",
    limits="This is no fire alarm and replaces none. Without a model, smoke is not seen, nor is a "
    "fire that is hidden, farther away than its flames are large enough for, blue, or hardly "
    "brighter than what is around it; a brazier, the reflection on wet ground of a lamp out of "
    "sight, and the sun through leaves may be taken for one.",
    watch=Fire,
    is_experimental=True,
    helping_labels=LABELS,
    spared=frozenset({Sight.FLAMES}),
    closes_after_s=10.0,
)
