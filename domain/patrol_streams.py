"""Live from a patrol: the threat that justifies it, and who may watch.

CSI R.241-11: live only when the safety of officers, of goods or of persons is threatened, to the
command post and the personnel of that intervention (decree 2022-1395).
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.identifiers import CommuneId, DeviceId, InterventionId, PersonId, StreamId, UnitId


class ThreatReason(StrEnum):
    OFFICERS = "officers-threatened"
    PERSONS = "persons-threatened"
    GOODS = "goods-threatened"


@dataclass(frozen=True, kw_only=True)
class PatrolStream:
    """One live publication by a device. It ends with the agent's hand or with the intervention."""

    id: StreamId
    commune_id: CommuneId
    device_id: DeviceId
    unit_id: UnitId
    person_id: PersonId
    reason: ThreatReason
    started_at: datetime
    intervention_id: InterventionId | None = None
    received_at: datetime | None = None
    received_by: PersonId | None = None
    ended_at: datetime | None = None
