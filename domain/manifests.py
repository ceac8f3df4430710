"""Manifests: what a clip was made of, by whom and why, to be checked years later without us."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from domain.canonical import canonical, utc_text
from domain.errors import Invalid
from domain.identifiers import CommuneId, ExportId, PersonId, SegmentId
from domain.streams import Codec

FORM = "ilotier-clip-1"
FEW_OPEN = frozenset({Codec.VP8})
"""In MP4: FFmpeg, and what is made of it, does; browsers and most other players do not."""


class BadManifest(Invalid):
    code: ClassVar[str] = "bad-manifest"
    title: ClassVar[str] = "This is not a clip's manifest, or it was changed"


@dataclass(frozen=True, kw_only=True)
class Piece:
    """What a clip has of one segment: from a keyframe on, at ``position_s`` of the film.

    ``sha256``: of the segment's file as it lies on its volume, "" while that was being written.
    """

    segment_id: SegmentId
    starts_at: datetime
    ends_at: datetime
    position_s: float
    sha256: str


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """``asked_from`` and ``asked_until``: what was wanted; the pieces say what there is.

    ``cut_at``: the camera's codec changed, and what was recorded from then on is not in the clip.
    ``damaged``: recorded, and not in it since the disk gave other bytes, or none. ``codec``: where
    few players open it, as it says in ``FEW_OPEN``. What is not so is not named in the text, as
    before there was such a thing.
    """

    clip_id: ExportId
    commune_id: CommuneId
    source: UUID
    asked_from: datetime
    asked_until: datetime
    asked_at: datetime
    person_id: PersonId
    person: str
    motive: str
    made_at: datetime
    destroy_by: datetime
    pieces: tuple[Piece, ...]
    gaps: tuple[tuple[datetime, datetime], ...]
    cut_at: datetime | None = None
    damaged: tuple[tuple[datetime, datetime], ...] = ()
    codec: Codec | None = None
    size: int
    sha256: str

    def canonical(self) -> bytes:
        """The bytes that are signed."""
        said: dict[str, Any] = {
            "form": FORM,
            "clip": str(self.clip_id),
            "commune": str(self.commune_id),
            "source": str(self.source),
            "asked": {
                "from": utc_text(self.asked_from),
                "until": utc_text(self.asked_until),
                "at": utc_text(self.asked_at),
                "by": {"id": str(self.person_id), "name": self.person},
                "because": self.motive,
            },
            "made_at": utc_text(self.made_at),
            "destroy_by": utc_text(self.destroy_by),
            "pieces": [
                {
                    "segment": str(one.segment_id),
                    "from": utc_text(one.starts_at),
                    "until": utc_text(one.ends_at),
                    "position_s": one.position_s,
                    "sha256": one.sha256,
                }
                for one in self.pieces
            ],
            "gaps": _said(self.gaps),
            "file": {"bytes": self.size, "sha256": self.sha256},
        }
        if self.cut_at is not None:
            said["cut_at"] = utc_text(self.cut_at)
        if self.damaged:
            said["damaged"] = _said(self.damaged)
        if self.codec is not None:
            said["codec"] = self.codec.value
        return canonical(said)

    @classmethod
    def read(cls, body: bytes) -> "Manifest":
        """Read the canonical form again. Raises `BadManifest` for anything else, however close."""
        try:
            said = json.loads(body)
            asked = said["asked"]
            manifest = cls(
                clip_id=ExportId(UUID(said["clip"])),
                commune_id=CommuneId(UUID(said["commune"])),
                source=UUID(said["source"]),
                asked_from=datetime.fromisoformat(asked["from"]),
                asked_until=datetime.fromisoformat(asked["until"]),
                asked_at=datetime.fromisoformat(asked["at"]),
                person_id=PersonId(UUID(asked["by"]["id"])),
                person=str(asked["by"]["name"]),
                motive=str(asked["because"]),
                made_at=datetime.fromisoformat(said["made_at"]),
                destroy_by=datetime.fromisoformat(said["destroy_by"]),
                pieces=tuple(_piece(one) for one in said["pieces"]),
                gaps=_read(said["gaps"]),
                cut_at=datetime.fromisoformat(said["cut_at"]) if "cut_at" in said else None,
                damaged=_read(said.get("damaged", ())),
                codec=Codec(said["codec"]) if "codec" in said else None,
                size=int(said["file"]["bytes"]),
                sha256=str(said["file"]["sha256"]),
            )
        except (ValueError, TypeError, KeyError, RecursionError) as error:
            raise BadManifest("these bytes are no manifest") from error
        if manifest.canonical() != body:
            raise BadManifest("the manifest is not in its canonical form")
        return manifest


def _said(spans: tuple[tuple[datetime, datetime], ...]) -> list[list[str]]:
    return [[utc_text(since), utc_text(until)] for since, until in spans]


def _read(said: Any) -> tuple[tuple[datetime, datetime], ...]:
    return tuple(
        (datetime.fromisoformat(since), datetime.fromisoformat(until)) for since, until in said
    )


def _piece(said: Any) -> Piece:
    return Piece(
        segment_id=SegmentId(UUID(said["segment"])),
        starts_at=datetime.fromisoformat(said["from"]),
        ends_at=datetime.fromisoformat(said["until"]),
        position_s=float(said["position_s"]),
        sha256=str(said["sha256"]),
    )
