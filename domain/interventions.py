"""Intervention: people going. Assigned, en route, on scene, closed, each with its time."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import ClassVar, Self

from domain.errors import Conflict
from domain.events import EventKind
from domain.identifiers import AlertId, CommuneId, InterventionId, PersonId, UnitId
from domain.positions import Point


class InterventionState(StrEnum):
    CREATED = "created"
    ASSIGNED = "assigned"
    EN_ROUTE = "en-route"
    ON_SCENE = "on-scene"
    CLOSED = "closed"


class NotAssigned(Conflict):
    code: ClassVar[str] = "unit-not-assigned"
    title: ClassVar[str] = "This unit is not assigned to the intervention"


class InterventionClosed(Conflict):
    code: ClassVar[str] = "intervention-closed"
    title: ClassVar[str] = "The intervention is closed"


class BadStep(Conflict):
    code: ClassVar[str] = "bad-intervention-step"
    title: ClassVar[str] = "The unit can't go to that state from here"


@dataclass(frozen=True, kw_only=True)
class Assignment:
    """One unit's part: when it was assigned, set off, arrived and was free again.

    ``by_radio`` marks a state that the control room noted for the unit.
    """

    unit_id: UnitId
    assigned_at: datetime
    en_route_at: datetime | None = None
    on_scene_at: datetime | None = None
    cleared_at: datetime | None = None
    by_radio: bool = False

    @property
    def state(self) -> InterventionState:
        if self.cleared_at:
            return InterventionState.CLOSED
        if self.on_scene_at:
            return InterventionState.ON_SCENE
        return InterventionState.EN_ROUTE if self.en_route_at else InterventionState.ASSIGNED


@dataclass(frozen=True, kw_only=True)
class Intervention:
    id: InterventionId
    commune_id: CommuneId
    kind: EventKind
    place: str
    point: Point | None
    created_at: datetime
    alert_id: AlertId | None = None
    created_by: PersonId | None = None
    assignments: tuple[Assignment, ...] = field(default_factory=tuple)
    closed_at: datetime | None = None
    closed_by: PersonId | None = None
    report: str = ""

    @property
    def state(self) -> InterventionState:
        """The furthest state of a unit that is still on it."""
        if self.closed_at:
            return InterventionState.CLOSED
        order = list(InterventionState)
        live = [a.state for a in self.assignments if a.state is not InterventionState.CLOSED]
        return max(live, key=order.index, default=InterventionState.CREATED)

    def assign(self, unit: UnitId, *, at: datetime) -> Self:
        self._must_be_open()
        if any(a.unit_id == unit and a.cleared_at is None for a in self.assignments):
            return self
        others = tuple(a for a in self.assignments if a.unit_id != unit)
        return replace(self, assignments=(*others, Assignment(unit_id=unit, assigned_at=at)))

    def progress(
        self, unit: UnitId, to: InterventionState, *, at: datetime, by_radio: bool = False
    ) -> Self:
        """Note that ``unit`` is now ``to``; saying it twice changes nothing.

        Raises ``NotAssigned``, ``InterventionClosed`` and, for a step backwards, ``BadStep``.
        """
        self._must_be_open()
        mine = next((a for a in self.assignments if a.unit_id == unit), None)
        if mine is None:
            raise NotAssigned("the dispatcher assigns units")
        if mine.state is to:
            return self
        order = list(InterventionState)
        if order.index(to) < order.index(mine.state) or to is InterventionState.CREATED:
            raise BadStep(f"from {mine.state.value} to {to.value}")
        moved = replace(
            mine,
            by_radio=by_radio,
            en_route_at=mine.en_route_at or at,
            on_scene_at=mine.on_scene_at or (at if to is InterventionState.ON_SCENE else None),
            cleared_at=at if to is InterventionState.CLOSED else None,
        )
        return replace(self, assignments=tuple(moved if a is mine else a for a in self.assignments))

    def close(self, *, by: PersonId | None, at: datetime, report: str = "") -> Self:
        if self.closed_at:
            return self
        cleared = tuple(a if a.cleared_at else replace(a, cleared_at=at) for a in self.assignments)
        return replace(self, closed_at=at, closed_by=by, report=report, assignments=cleared)

    def has_unit(self, unit: UnitId) -> bool:
        """Whether ``unit`` is on it now: those units may watch the intervention's streams."""
        return self.closed_at is None and any(
            a.unit_id == unit and a.cleared_at is None for a in self.assignments
        )

    def _must_be_open(self) -> None:
        if self.closed_at:
            raise InterventionClosed("nothing more can be noted on it")
