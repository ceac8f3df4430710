"""CameraWatch: when what is seen on a camera is an event, and when that event is over."""

from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from domain.events import EventKind
from domain.identifiers import AuthorisationId, CameraId, EventId, RuleId
from domain.looks import Look, Shown, Sight
from domain.resting import Acts, Rests, why_rests
from domain.rules import Rule, Watch, type_of
from domain.zones import Zone


@dataclass(frozen=True, slots=True)
class EventOpened:
    """Something began: of which kind, by which rule, and what in the picture shows it.

    ``rule_id`` is None for what a camera or a sensor reports by itself. Once its row and still are
    stored, `domain.facts.EventOpened` tells the listeners.
    """

    event_id: EventId
    kind: EventKind
    camera_id: CameraId
    rule_id: RuleId | None
    authorisation_id: AuthorisationId
    opened_at: datetime
    shown: tuple[Shown, ...]


@dataclass(frozen=True, slots=True)
class EventClosed:
    """It is over: ``last_seen_at``, never before its opening, is when it was last seen."""

    event_id: EventId
    camera_id: CameraId
    rule_id: RuleId | None
    last_seen_at: datetime


type WatchFact = EventOpened | EventClosed


class Doing(StrEnum):
    """What a rule is doing at a look."""

    RESTS = "rests"
    WATCHES = "watches"
    COUNTS = "counts"
    """Something stands in its zone, and is not an event (yet)."""
    OPEN = "open"
    """Its event is open."""


@dataclass(frozen=True, slots=True)
class RuleState:
    """A rule at a look; ``rests``: why, of one that does."""

    rule: Rule
    doing: Doing
    rests: Rests | None = None


@dataclass(slots=True)
class _OpenEvent:
    event_id: EventId
    opened_at: datetime
    last_seen_at: datetime


@dataclass(slots=True)
class _Watched:
    """One rule, its watch, and at most one event open at a time."""

    rule: Rule
    watch: Watch
    closes_after: timedelta
    open: _OpenEvent | None = None
    rests: Rests | None = None


class CameraWatch:
    """Told what is seen on one camera, look after look, says when events open and close.

    Seeing nothing is information too: it closes an event after a quiet spell. Time is the looks'
    own. When it goes backwards (a camera's clock was set), counting starts again and an open event
    stays open: it closes after a quiet spell of the new time. A rule that may not or need not be
    watched at a moment is told nothing of it, and its event ends.
    """

    def __init__(
        self,
        *,
        camera: CameraId,
        rules: Sequence[Rule],
        new_event_id: Callable[[], EventId],
        labels: Set[str] = frozenset(),
        referenced: Set[RuleId] = frozenset(),
        suspended: Set[EventKind] = frozenset(),
    ) -> None:
        """``labels``: what the models know that the operator has supplied.

        ``referenced``: the rules of which there is a reference. ``suspended``: of this camera.
        """
        self._camera = camera
        self._watched = [_watched(rule) for rule in rules]
        self._new_event_id = new_event_id
        self._labels = labels
        self._referenced = referenced
        self._suspended = suspended
        self._told_at: datetime | None = None

    @property
    def has_open_event(self) -> bool:
        """Tell whether an event is open by any rule."""
        return any(one.open for one in self._watched)

    @property
    def resting(self) -> dict[RuleId, Rests]:
        """Which rules were not watched at the last look, and why."""
        return {one.rule.id: one.rests for one in self._watched if one.rests is not None}

    def states(self, look: Look) -> list[RuleState]:
        """What each rule is doing, once it was told of ``look``."""
        return [_state(one, look) for one in self._watched]

    def sights(self, acts: Acts, *, at: datetime, preset: str | None = None) -> frozenset[Sight]:
        """What has to be measured for a look ``at`` that moment; nothing else may be.

        A rule that lacks its reference counts: who measures takes the reference.
        """
        due = self._due(acts, at, preset)
        return frozenset().union(*(type_of(one.kind).sights_with(self._labels) for one in due))

    def due(self, acts: Acts, *, at: datetime, preset: str | None = None) -> frozenset[RuleId]:
        """The rules for which that is measured."""
        return frozenset(rule.id for rule in self._due(acts, at, preset))

    def saw(self, look: Look, acts: Acts) -> list[WatchFact]:
        """Take in one look, made under ``acts``."""
        if self._told_at is not None and look.at < self._told_at:
            self._start_again(look.at)
        self._told_at = look.at
        return [fact for one in self._watched for fact in self._look(one, look, acts)]

    def stop(self) -> list[WatchFact]:
        """Close what is open: nobody looks any more, so nobody can say that it still lasts."""
        return [self._close(one, one.open) for one in self._watched if one.open]

    def _look(self, one: _Watched, look: Look, acts: Acts) -> list[WatchFact]:
        one.rests = self._rests(one.rule, acts, look.at, look.preset)
        if one.rests is not None:
            one.watch.forget()
            return [self._close(one, one.open)] if one.open else []
        shown = one.watch.saw(look)
        if not shown:
            is_over = one.open and look.at - one.open.last_seen_at >= one.closes_after
            return [self._close(one, one.open)] if one.open and is_over else []
        if one.open:
            one.open.last_seen_at = look.at
            return []
        one.open = _OpenEvent(self._new_event_id(), opened_at=look.at, last_seen_at=look.at)
        return [
            EventOpened(
                event_id=one.open.event_id,
                kind=one.rule.kind,
                camera_id=self._camera,
                rule_id=one.rule.id,
                authorisation_id=acts[one.rule.kind],
                opened_at=look.at,
                shown=shown,
            )
        ]

    def _due(self, acts: Acts, at: datetime, preset: str | None) -> list[Rule]:
        watched_or_lacking = (None, Rests.NO_REFERENCE)
        return [
            one.rule
            for one in self._watched
            if self._rests(one.rule, acts, at, preset) in watched_or_lacking
        ]

    def _rests(self, rule: Rule, acts: Acts, at: datetime, preset: str | None) -> Rests | None:
        return why_rests(
            rule,
            acts,
            at=at,
            preset=preset,
            labels=self._labels,
            is_referenced=rule.id in self._referenced,
            suspended=self._suspended,
        )

    def _close(self, one: _Watched, event: _OpenEvent) -> EventClosed:
        one.open = None
        return EventClosed(
            event_id=event.event_id,
            camera_id=self._camera,
            rule_id=one.rule.id,
            last_seen_at=max(event.opened_at, event.last_seen_at),
        )

    def _start_again(self, at: datetime) -> None:
        for one in self._watched:
            one.watch.forget()
            if one.open:
                one.open.last_seen_at = at


def _watched(rule: Rule) -> _Watched:
    declared = type_of(rule.kind)
    return _Watched(rule, declared.watch(rule), timedelta(seconds=declared.closes_after_s))


def _state(one: _Watched, look: Look) -> RuleState:
    if one.rests is not None:
        return RuleState(one.rule, Doing.RESTS, one.rests)
    if one.open:
        return RuleState(one.rule, Doing.OPEN)
    shape = one.rule.shape
    seen = (
        *(one.box for one in look.tracks),
        *(one.box for one in look.left_things),
        *(one.box for one in look.flames),
        *(one.box for one in look.findings),
    )
    is_there = isinstance(shape, Zone) and any(shape.holds(box) for box in seen)
    return RuleState(one.rule, Doing.COUNTS if is_there else Doing.WATCHES)
