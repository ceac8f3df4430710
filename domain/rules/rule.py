"""Rule: what is to be noticed on one camera, as a person has configured it (ONVIF's word)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from math import cos, radians, sin
from typing import ClassVar

from domain.authorisations import DailyHours
from domain.errors import Invalid
from domain.events import EventKind
from domain.identifiers import RuleId
from domain.lines import Line
from domain.rules.subjects import Subjects
from domain.zones import Zone

MOST_RULES = 20
"""Of one camera."""


class InvalidRule(Invalid):
    """What was configured is nothing that this kind of event can be watched by."""

    code: ClassVar[str] = "invalid-rule"
    title: ClassVar[str] = "This rule can't be used"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One kind of event, where in the picture, by which thresholds and when.

    ``bearing``: the allowed direction of movement in the picture, in degrees clockwise from
    upwards (0..360), of kinds that are about direction. ``thresholds`` by the names that the
    kind's ``RuleType`` declares; what is not there has its default. ``subjects``: of kinds that
    leave the choice; None is their default. ``preset``: the position of a camera that turns for
    which it was drawn. `domain.rules.configured` checks all that.
    """

    id: RuleId
    kind: EventKind
    name: str
    shape: Zone | Line
    bearing: float | None = None
    thresholds: Mapping[str, float] = field(default_factory=dict)
    subjects: Subjects | None = None
    hours: DailyHours | None = None
    preset: str | None = None
    in_use: bool = True

    @property
    def zone(self) -> Zone:
        """Its zone; only for kinds that are watched in one."""
        if not isinstance(self.shape, Zone):
            raise InvalidRule("This kind of event is watched in a zone.")
        return self.shape

    @property
    def line(self) -> Line:
        """Its line; only for kinds that are watched by one."""
        if not isinstance(self.shape, Line):
            raise InvalidRule("This kind of event is watched by a line.")
        return self.shape

    @property
    def direction(self) -> tuple[float, float]:
        """The allowed direction as a unit vector in picture heights, y downwards."""
        if self.bearing is None:
            raise InvalidRule("This kind of event needs a direction.")
        angle = radians(self.bearing)
        return sin(angle), -cos(angle)

    def is_due(self, at: datetime) -> bool:
        """Tell whether it is in use and ``at`` lies in its hours of operation."""
        return self.in_use and (self.hours is None or self.hours.hold(at))
