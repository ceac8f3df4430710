"""Stills: single pictures as evidence of an alert, kept for a limited time."""

from dataclasses import dataclass
from datetime import datetime

from domain.identifiers import CameraId, CommuneId, StillId
from server.database.pool import Transaction
from server.database.statements import load

SQL = load("alerts")


@dataclass(frozen=True, kw_only=True)
class NewStill:
    """A picture as JPEG that is about to be stored, and when the camera took it."""

    id: StillId
    jpeg: bytes
    taken_at: datetime


@dataclass(frozen=True, kw_only=True)
class StoredStill:
    jpeg: bytes
    taken_at: datetime


async def add_still(
    t: Transaction, still: NewStill, commune_id: CommuneId, camera_id: CameraId | None
) -> None:
    """Store a picture; the same id again changes nothing."""
    await t.execute(SQL["add_still"], still.id, commune_id, camera_id, still.taken_at, still.jpeg)
