"""RuleType: what each kind of event declares of itself, for law, pages and the pipeline."""

from collections.abc import Callable, Set
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from domain.detections import ObjectClass
from domain.events import EventKind
from domain.looks import Look, Shown, Sight
from domain.rules.rule import Rule
from domain.rules.subjects import PEOPLE, Subjects


class LegalList(StrEnum):
    """Which list of what may be looked for a kind belongs to."""

    DECREE_2023_828 = "decree-2023-828"
    CLEANLINESS = "cleanliness"
    """Municipal cleanliness (dumping, bins): not on the decree's list; another basis is needed."""
    TRAFFIC = "traffic"
    """Stopping and lines. In France there is no basis (Conseil d'Etat, 30 January 2026, 506370)."""


class Service(StrEnum):
    """Whom an event of a kind is for."""

    POLICE = "police"
    FIRE = "fire"
    CLEANING = "cleaning"


class Shape(StrEnum):
    """What is drawn for it."""

    ZONE = "zone"
    DIRECTED_ZONE = "directed-zone"
    """A zone with the direction in which one may move there."""
    LINE = "line"


@dataclass(frozen=True, slots=True)
class Threshold:
    """A number that a person may set; ``unit`` is a symbol: s, %, °, people,
    heights (of the thing itself in the picture), 1."""

    name: str
    unit: str
    default: float
    least: float
    most: float


class Watch(Protocol):
    """Watches one rule: told look after look, it says what shows the event now.

    Rules are pure: time is the looks' own. A watch whose rule rests is not told of looks;
    `forget` is called before it is told again.
    """

    def saw(self, look: Look) -> tuple[Shown, ...]:
        """Give the things that show that it happens, () while it does not."""
        ...

    def forget(self) -> None:
        """What was seen before says nothing about what comes: the time or the view has jumped."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleType:
    """One kind's declaration.

    ``evidence`` and ``limits`` are sentences for the person who configures it: what the event's
    still must show, and what is known not to work. ``is_experimental``: shown as such until its
    figures (`benchmarks.events`) are good. ``labels``: of the model that an operator has to supply;
    empty for kinds that need none. ``helping_labels``: of a model that is asked where there is one.
    ``spared``: sights that are not measured once there is such a model. ``subjects``: what may be
    chosen, the default first; empty where the kind itself says what it is about.
    ``closes_after_s``: so long without a sign, and it is over.
    """

    kind: EventKind
    legal_list: LegalList
    service: Service
    shape: Shape
    sights: frozenset[Sight]
    thresholds: tuple[Threshold, ...]
    evidence: str
    limits: str
    watch: Callable[[Rule], Watch]
    is_experimental: bool = False
    labels: frozenset[str] = frozenset()
    helping_labels: frozenset[str] = frozenset()
    spared: frozenset[Sight] = frozenset()
    subjects: tuple[Subjects, ...] = ()
    closes_after_s: float = 5.0

    def threshold(self, rule: Rule, name: str) -> float:
        """Give the rule's own value, or the default."""
        declared = next(one for one in self.thresholds if one.name == name)
        return rule.thresholds.get(name, declared.default)

    def classes(self, rule: Rule) -> frozenset[ObjectClass]:
        """Give what the rule looks at: its own choice, the default, or people."""
        chosen = rule.subjects or next(iter(self.subjects), None)
        return chosen.classes if chosen else PEOPLE

    def sights_with(self, labels: Set[str]) -> frozenset[Sight]:
        """Give what it has to be shown while models know ``labels``."""
        is_helped = self.helping_labels & {label.lower() for label in labels}
        return self.sights - self.spared if is_helped else self.sights

    @property
    def needs_reference(self) -> bool:
        """Tell whether its zone is compared with a picture that a person has had taken."""
        return Sight.CHANGES in self.sights

    def why_unavailable(self, labels: Set[str]) -> str | None:
        """Say why nothing can be noticed while models know but ``labels``; None: it can be."""
        if not self.labels or self.labels & {label.lower() for label in labels}:
            return None
        return f"No model is set that knows one of: {', '.join(sorted(self.labels))}."
