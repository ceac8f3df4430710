"""Unit, Device and Shift: a patrol crew, its enrolled phone or body camera, and who is on duty."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import ClassVar, Self

from domain.errors import Conflict, Forbidden
from domain.events import EventKind
from domain.identifiers import CommuneId, DeviceId, PersonId, ShiftId, UnitId
from domain.positions import Point, Position
from domain.rules import Service
from domain.services import service_of


class UnitKind(StrEnum):
    POLICE = "police-municipale"
    ASVP = "asvp"
    FIRE = "sapeurs-pompiers"
    CLEANING = "proprete"

    @property
    def service(self) -> Service:
        return _SERVICES.get(self, Service.POLICE)

    @property
    def sees_pictures(self) -> bool:
        """Who is sent for another service than the police gets the kind and the place.

        The pictures of a town's cameras are for those whom its orders name, and live pictures of
        patrols for the police of their intervention (CSI R.241-11).
        """
        return self.service is Service.POLICE


_SERVICES = {UnitKind.FIRE: Service.FIRE, UnitKind.CLEANING: Service.CLEANING}


class UnitState(StrEnum):
    """What a unit is doing, as the board shows it."""

    OFF_DUTY = "off-duty"
    ON_BREAK = "on-break"
    FREE = "free"
    ASSIGNED = "assigned"
    EN_ROUTE = "en-route"
    ON_SCENE = "on-scene"


class DeviceKind(StrEnum):
    PHONE = "phone"
    BODY_CAMERA = "body-camera"


class NotOnShift(Forbidden):
    code: ClassVar[str] = "not-on-shift"
    title: ClassVar[str] = "Begin your shift first"


class CrewWithoutPictures(Forbidden):
    code: ClassVar[str] = "crew-without-pictures"
    title: ClassVar[str] = "Pictures are for the police's units"


class OnBreak(Forbidden):
    code: ClassVar[str] = "on-break"
    title: ClassVar[str] = "You are on a break"


class ShiftConflict(Conflict):
    code: ClassVar[str] = "shift-conflict"
    title: ClassVar[str] = "The shift is not in that state"


@dataclass(frozen=True, kw_only=True)
class Unit:
    """A patrol crew with its call sign. ``armed`` decides what it can be proposed for."""

    id: UnitId
    commune_id: CommuneId
    call_sign: str
    kind: UnitKind
    armed: bool
    disabled_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Device:
    """An enrolled phone or body camera, in the hands of one agent."""

    id: DeviceId
    commune_id: CommuneId
    name: str
    kind: DeviceKind
    person_id: PersonId
    enrolled_at: datetime | None = None
    revoked_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Shift:
    """Who is on duty, with which device, in which unit. Positions exist only within it.

    Nothing is located off duty or on a break: what an employer may not do to anybody.
    """

    id: ShiftId
    commune_id: CommuneId
    unit_id: UnitId
    device_id: DeviceId
    person_id: PersonId
    started_at: datetime
    break_since: datetime | None = None
    resumed_at: datetime | None = None
    ended_at: datetime | None = None

    def take_break(self, *, at: datetime) -> Self:
        self._must_run()
        return self if self.break_since else replace(self, break_since=at)

    def resume(self, *, at: datetime) -> Self:
        self._must_run()
        return replace(self, break_since=None, resumed_at=at) if self.break_since else self

    def end(self, *, at: datetime) -> Self:
        return self if self.ended_at else replace(self, ended_at=at, break_since=None)

    def check_locatable(self) -> None:
        """Raise ``NotOnShift`` or ``OnBreak`` when a position may not be taken now."""
        if self.ended_at is not None:
            raise NotOnShift("positions are taken on shift only")
        if self.break_since is not None:
            raise OnBreak("positions are not taken on a break")

    def check_covers(self, fixed_at: datetime) -> None:
        """Raise ``NotOnShift`` or ``OnBreak`` for a fix taken outside of what was worked.

        A phone without a network sends late: what it noted before the shift, or before the latest
        break ended, is not taken then either.
        """
        if fixed_at < self.started_at:
            raise NotOnShift("the fix is older than the shift")
        if self.resumed_at is not None and fixed_at < self.resumed_at:
            raise OnBreak("the fix is older than the end of the break")

    def _must_run(self) -> None:
        if self.ended_at is not None:
            raise ShiftConflict("this shift has ended")


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """A unit that could go: how far it is (metres, None: place unknown) and how old its fix is."""

    unit: Unit
    state: UnitState
    distance_m: float | None
    fix_age: timedelta | None


#: A fix older than this says nothing of where the unit is.
STALE_FIX = timedelta(minutes=2)


def propose(
    units: Iterable[tuple[Unit, UnitState, Position | None]],
    *,
    target: Point | None,
    kind: EventKind,
    now: datetime,
) -> list[Candidate]:
    """Order the units that can be sent: those of the event's service first.

    Then free before busy, fresh fixes before old ones, the nearest first.
    Off duty and on break are left out, and an unarmed unit is never proposed for a weapon.
    """
    candidates, service = [], service_of(kind)
    for unit, state, position in units:
        if state in (UnitState.OFF_DUTY, UnitState.ON_BREAK):
            continue
        if kind is EventKind.WEAPON and not unit.armed:
            continue
        age = now - position.fixed_at if position else None
        known = position is not None and target is not None
        distance = position.point.distance_m(target) if known and position and target else None
        candidates.append(Candidate(unit=unit, state=state, distance_m=distance, fix_age=age))

    def order(candidate: Candidate) -> tuple[bool, bool, bool, float, str]:
        fresh = candidate.fix_age is not None and candidate.fix_age <= STALE_FIX
        distance = candidate.distance_m if candidate.distance_m is not None else float("inf")
        return (
            candidate.unit.kind.service is not service,
            candidate.state is not UnitState.FREE,
            not fresh,
            distance,
            candidate.unit.call_sign,
        )

    return sorted(candidates, key=order)
