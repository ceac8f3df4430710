"""Event: something that happened, of one of a closed set of kinds."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.identifiers import (
    AuthorisationId,
    CameraId,
    CommuneId,
    EventId,
    RuleId,
    SensorId,
    StillId,
)


class EventKind(StrEnum):
    """What can happen. The first eight are those of decree 2023-828, the only ones that an
    authorisation under the French profile may name. The next four are for places where another
    basis is recorded; the others are reported by people.
    """

    ABANDONED_OBJECT = "abandoned-object"
    WEAPON = "weapon"
    WRONG_WAY = "wrong-way"
    FORBIDDEN_ZONE = "forbidden-zone"
    PERSON_DOWN = "person-down"
    CROWD_MOVEMENT = "crowd-movement"
    DENSITY = "density"
    FIRE = "fire"
    LINE_CROSSING = "line-crossing"
    DUMPING = "dumping"
    OVERFULL_BIN = "overfull-bin"
    STOPPED_VEHICLE = "stopped-vehicle"
    PANIC = "panic"
    ASSAULT = "assault"
    FIGHT = "fight"
    THEFT = "theft"
    DAMAGE = "damage"
    ACCIDENT = "accident"
    MEDICAL = "medical"
    NUISANCE = "nuisance"
    SUSPICIOUS = "suspicious"
    OTHER = "other"


#: The closed list of decree 2023-828, article 3, for law 2023-380, article 10.
DECREE_2023_828 = frozenset(
    {
        EventKind.ABANDONED_OBJECT,
        EventKind.WEAPON,
        EventKind.WRONG_WAY,
        EventKind.FORBIDDEN_ZONE,
        EventKind.PERSON_DOWN,
        EventKind.CROWD_MOVEMENT,
        EventKind.DENSITY,
        EventKind.FIRE,
    }
)

#: What detection may look for under another basis alone: no list of the decree's names them.
ANOTHER_BASIS = frozenset(
    {
        EventKind.LINE_CROSSING,
        EventKind.DUMPING,
        EventKind.OVERFULL_BIN,
        EventKind.STOPPED_VEHICLE,
    }
)

#: What an operator can raise by hand from what he sees.
BY_HAND = frozenset(EventKind) - {EventKind.PANIC}


@dataclass(frozen=True, kw_only=True)
class Event:
    """What a detector's watch or a sensor reported, under which authorisation, and its evidence.

    It is of a camera, or of a sensor, which has no picture.

    ``box`` is left, top, right, bottom as shares of the picture, each 0..1.
    """

    id: EventId
    commune_id: CommuneId
    camera_id: CameraId | None
    kind: EventKind
    opened_at: datetime
    authorisation_id: AuthorisationId
    sensor_id: SensorId | None = None
    rule_id: RuleId | None = None
    still_id: StillId | None = None
    box: tuple[float, float, float, float] | None = None
    confidence: float | None = None
    closed_at: datetime | None = None
