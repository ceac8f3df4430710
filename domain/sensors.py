"""Sensors: a third party's detectors (sound, bin, alarm panel) whose signed reports are events.

A sensor says a kind of event, and that it happened; never more: not a sound, not a picture. Its
reports pass the same gate as a camera's pictures, and the same person confirms what they raise. In
France the tribunal of Orleans annulled sound sensors that were coupled with cameras (12 July 2024,
no. 2104478): no report turns a camera, and one that listens counts under an act with its law alone.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from domain.authorisations import Authorisation
from domain.cameras import PlaceKind
from domain.errors import Conflict, Forbidden, Invalid
from domain.events import ANOTHER_BASIS, DECREE_2023_828, EventKind
from domain.identifiers import CommuneId, SensorId
from domain.positions import Point

#: What a sensor may say. What people alone can tell of one another (a fight, a theft) is not.
REPORTABLE = (
    DECREE_2023_828 | ANOTHER_BASIS | {EventKind.DAMAGE, EventKind.ACCIDENT, EventKind.NUISANCE}
)


class SensorSort(StrEnum):
    SOUND = "sound"
    BIN = "bin"
    ALARM_PANEL = "alarm-panel"
    OTHER = "other"


class BadSensor(Invalid):
    code: ClassVar[str] = "bad-sensor"
    title: ClassVar[str] = "The sensor can't be recorded like this"


class KindNotAllowed(Forbidden):
    """The sensor's owner is told why: ``kind`` is none of the sensor's, or no act covers it now."""

    code: ClassVar[str] = "kind-not-allowed"
    title: ClassVar[str] = "This kind of event is not taken from this sensor now"

    def __init__(self, detail: str, *, kind: EventKind) -> None:
        super().__init__(detail)
        self.kind = kind


class ReportChanged(Conflict):
    """The id was used before, for a report that said something else."""

    code: ClassVar[str] = "report-changed"
    title: ClassVar[str] = "Another report had this id"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sensor:
    """``place``: an address as people say it; ``kinds``: what it may report at most."""

    id: SensorId
    commune_id: CommuneId
    name: str
    sort: SensorSort
    maker: str
    kinds: frozenset[EventKind]
    point: Point
    place: str
    created_at: datetime
    disabled_at: datetime | None = None

    def __post_init__(self) -> None:
        if not self.name.strip():
            raise BadSensor("a sensor has a name")
        if not self.kinds:
            raise BadSensor("choose at least one kind of event")
        if stranger := self.kinds - REPORTABLE:
            names = ", ".join(sorted(kind.value for kind in stranger))
            raise BadSensor(f"no sensor can tell of this: {names}")

    def act_for(
        self,
        kind: EventKind,
        acts: Iterable[Authorisation],
        *,
        suspended: Collection[EventKind] = (),
        at: datetime,
        is_demonstration: bool,
    ) -> Authorisation:
        """Give the act that allows it to report ``kind`` now; raises ``KindNotAllowed``.

        This is the gate of law. One that listens counts under an act that states its law alone,
        whatever the profile; none counts under an act for places closed to the public.
        """
        if self.disabled_at is not None:
            raise KindNotAllowed("the sensor is out of use", kind=kind)
        if kind not in self.kinds:
            raise KindNotAllowed("the sensor is not registered for this kind", kind=kind)
        if kind in suspended:
            raise KindNotAllowed("too many false alerts: the kind is suspended here", kind=kind)
        for act in acts:
            if not act.is_for(PlaceKind.PUBLIC_ROAD, is_demonstration=is_demonstration):
                continue
            if self.sort is SensorSort.SOUND and not act.law.strip():
                continue
            if act.covers_sensor(self.id, kind, at):
                return act
        raise KindNotAllowed("no authorisation in force covers this sensor and kind", kind=kind)
