"""The closed list of what detection may notice: one module a kind, pure rules over looks and time.

A kind that is not in ``TYPES`` is reported by people, or not at all. There is no kind about who a
person is, and there will not be.
"""

from collections.abc import Iterable, Mapping, Set
from dataclasses import replace
from math import isfinite

from domain.events import EventKind
from domain.lines import Line
from domain.looks import Sight
from domain.rules import (
    abandoned_object,
    crowd_movement,
    density,
    dumping,
    fire,
    forbidden_zone,
    line_crossing,
    overfull_bin,
    person_down,
    stopped_vehicle,
    weapon,
    wrong_way,
)
from domain.rules.rule import MOST_RULES, InvalidRule, Rule
from domain.rules.rule_type import (
    LegalList,
    RuleType,
    Service,
    Shape,
    Threshold,
    Watch,
)
from domain.rules.subjects import Subjects

__all__ = [
    "MOST_RULES",
    "TYPES",
    "InvalidRule",
    "LegalList",
    "Rule",
    "RuleType",
    "Service",
    "Shape",
    "Subjects",
    "Threshold",
    "Watch",
    "configured",
    "labels_at_people",
    "labels_of",
    "type_of",
    "why_unavailable",
    "why_unreferenced",
]

TYPES: Mapping[EventKind, RuleType] = {
    one.kind: one
    for one in (
        forbidden_zone.TYPE,
        wrong_way.TYPE,
        density.TYPE,
        crowd_movement.TYPE,
        person_down.TYPE,
        weapon.TYPE,
        fire.TYPE,
        abandoned_object.TYPE,
        line_crossing.TYPE,
        stopped_vehicle.TYPE,
        dumping.TYPE,
        overfull_bin.TYPE,
    )
}


def type_of(kind: EventKind) -> RuleType:
    """Give what a kind declares; raise ``InvalidRule`` for a kind that people alone report."""
    try:
        return TYPES[kind]
    except KeyError:
        raise InvalidRule(f"No rule watches for {kind.value}.") from None


def labels_of(kinds: Iterable[EventKind]) -> frozenset[str]:
    """Give what of a supplied model's labels rules of these kinds can use, in lower case."""
    return frozenset(
        label for kind in kinds for label in (type_of(kind).labels | type_of(kind).helping_labels)
    )


def labels_at_people() -> frozenset[str]:
    """Give the labels that are about what is at a person's place, not about all of a picture."""
    return labels_of(kind for kind, one in TYPES.items() if Sight.TRACKS in one.sights)


def why_unavailable(kind: EventKind, labels: Set[str]) -> str | None:
    """Say why a rule of ``kind`` can notice nothing while models know but ``labels``, or None.

    Such a rule may be kept: it rests until the operator has set a model.
    """
    return type_of(kind).why_unavailable(labels)


def why_unreferenced(kind: EventKind) -> str | None:
    """Say why a rule of ``kind`` of which there is no reference notices nothing, or None."""
    if not type_of(kind).needs_reference:
        return None
    return "No picture of its zone has been taken with which it could be compared."


def configured(rule: Rule, *, turns: bool = False) -> Rule:
    """Give ``rule`` as it is kept, or raise ``InvalidRule``: shape, direction, numbers, preset.

    ``turns``: the camera can be moved, so what is drawn on its picture belongs to one preset.
    """
    declared = type_of(rule.kind)
    if isinstance(rule.shape, Line) != (declared.shape is Shape.LINE):
        raise InvalidRule(f"This kind of event is watched by a {declared.shape.value}.")
    if (rule.bearing is None) == (declared.shape is Shape.DIRECTED_ZONE):
        raise InvalidRule("A direction belongs to the kinds that are about direction, and to all.")
    if rule.bearing is not None and not (isfinite(rule.bearing) and 0 <= rule.bearing < 360):
        raise InvalidRule("A direction lies between 0 and 360 degrees.")
    if turns and rule.preset is None:
        raise InvalidRule("This camera turns: choose the preset whose picture this was drawn on.")
    if rule.subjects is not None and rule.subjects not in declared.subjects:
        raise InvalidRule("This kind of event leaves no choice between people and vehicles.")
    for name, value in rule.thresholds.items():
        threshold = next((one for one in declared.thresholds if one.name == name), None)
        if threshold is None:
            raise InvalidRule(f"This kind of event has no threshold {name!r}.")
        if not threshold.least <= value <= threshold.most:
            bounds = f"{threshold.least:g} and {threshold.most:g} {threshold.unit}"
            raise InvalidRule(f"The threshold {name!r} lies between {bounds}.")
    return replace(rule, thresholds=dict(rule.thresholds))
