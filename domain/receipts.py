"""Receipts: what was destroyed of one camera's recordings on one day, to be proved years later."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from domain.canonical import canonical, utc_text
from domain.errors import Invalid
from domain.identifiers import CommuneId, SegmentId

FORM = "ilotier-destruction-1"


class BadReceipt(Invalid):
    code: ClassVar[str] = "bad-receipt"
    title: ClassVar[str] = "This is not a receipt, or it was changed"


class Why(StrEnum):
    RETENTION = "retention"  # its hour had come
    ROOM = "room"  # the disk was full, and it was the oldest
    LOST = "lost"  # its file had gone by another hand
    VOLUME = "volume"  # lost with its volume, which an administrator declared gone


@dataclass(frozen=True, kw_only=True)
class Destroyed:
    """One segment that is no more. ``sha256``: of its file, "" where it was not known."""

    segment_id: SegmentId
    started_at: datetime
    ended_at: datetime
    size: int
    sha256: str
    destroyed_at: datetime
    why: Why


@dataclass(frozen=True, kw_only=True)
class Receipt:
    """What was destroyed of one source (a camera, or a patrol's stream) on one day, UTC."""

    commune_id: CommuneId
    source: UUID
    day: date
    destroyed: tuple[Destroyed, ...]

    def __post_init__(self) -> None:
        if any(one.destroyed_at.astimezone(UTC).date() != self.day for one in self.destroyed):
            raise BadReceipt("a receipt is about one day")

    @property
    def size(self) -> int:
        return sum(one.size for one in self.destroyed)

    def canonical(self) -> bytes:
        """The bytes that are signed."""
        said = {
            "form": FORM,
            "commune": str(self.commune_id),
            "source": str(self.source),
            "day": self.day.isoformat(),
            "count": len(self.destroyed),
            "bytes": self.size,
            "destroyed": [
                {
                    "segment": str(one.segment_id),
                    "from": utc_text(one.started_at),
                    "until": utc_text(one.ended_at),
                    "bytes": one.size,
                    "sha256": one.sha256,
                    "at": utc_text(one.destroyed_at),
                    "why": one.why.value,
                }
                for one in sorted(self.destroyed, key=lambda one: (one.started_at, one.segment_id))
            ],
        }
        return canonical(said)

    @classmethod
    def read(cls, body: bytes) -> "Receipt":
        """Read the canonical form again. Raises `BadReceipt` for anything else, however close."""
        try:
            said = json.loads(body)
            receipt = cls(
                commune_id=CommuneId(UUID(said["commune"])),
                source=UUID(said["source"]),
                day=date.fromisoformat(said["day"]),
                destroyed=tuple(_read(one) for one in said["destroyed"]),
            )
        except (ValueError, TypeError, KeyError, RecursionError) as error:
            raise BadReceipt("these bytes are no receipt") from error
        if receipt.canonical() != body:
            raise BadReceipt("the receipt is not in its canonical form")
        return receipt


def receipts_of(
    commune_id: CommuneId, source: UUID, destroyed: Iterable[Destroyed]
) -> list[Receipt]:
    """One receipt for each day on which something was destroyed, the earliest first."""
    days: dict[date, list[Destroyed]] = {}
    for one in destroyed:
        days.setdefault(one.destroyed_at.astimezone(UTC).date(), []).append(one)
    return [
        Receipt(commune_id=commune_id, source=source, day=day, destroyed=tuple(days[day]))
        for day in sorted(days)
    ]


def _read(said: Any) -> Destroyed:
    return Destroyed(
        segment_id=SegmentId(UUID(said["segment"])),
        started_at=datetime.fromisoformat(said["from"]),
        ended_at=datetime.fromisoformat(said["until"]),
        size=int(said["bytes"]),
        sha256=str(said["sha256"]),
        destroyed_at=datetime.fromisoformat(said["at"]),
        why=Why(said["why"]),
    )
