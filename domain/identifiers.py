"""The typed identifiers of the trade's things: a UUID each, never interchangeable."""

from typing import NewType
from uuid import UUID

CommuneId = NewType("CommuneId", UUID)
PersonId = NewType("PersonId", UUID)
GrantId = NewType("GrantId", UUID)
ConventionId = NewType("ConventionId", UUID)
DeviceId = NewType("DeviceId", UUID)
UnitId = NewType("UnitId", UUID)
ShiftId = NewType("ShiftId", UUID)
CameraId = NewType("CameraId", UUID)
OrderId = NewType("OrderId", UUID)
ZoneId = NewType("ZoneId", UUID)
StreamId = NewType("StreamId", UUID)
ViewingId = NewType("ViewingId", UUID)
AuthorisationId = NewType("AuthorisationId", UUID)
EventId = NewType("EventId", UUID)
StillId = NewType("StillId", UUID)
AlertId = NewType("AlertId", UUID)
InterventionId = NewType("InterventionId", UUID)
GuidanceId = NewType("GuidanceId", UUID)
WallId = NewType("WallId", UUID)
LayoutId = NewType("LayoutId", UUID)
SegmentId = NewType("SegmentId", UUID)
HoldId = NewType("HoldId", UUID)
ReceiptId = NewType("ReceiptId", UUID)
FactId = NewType("FactId", UUID)
