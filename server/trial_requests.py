"""What control asks a detect process to try: rules that are not saved, on recorded pictures."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter

from domain.cues import Part
from domain.identifiers import CameraId, PersonId, SegmentId, TrialId
from domain.lines import Line
from domain.rules import Rule
from domain.trials import BroughtFilm, Hours
from domain.zones import Zone

SHAPES: Mapping[str, TypeAdapter[Any]] = {"zone": TypeAdapter(Zone), "line": TypeAdapter(Line)}


@dataclass(frozen=True, kw_only=True)
class TriedSegment:
    """A recorded segment: where it lies, and the parts of it, each from a keyframe on.

    ``path`` as the media process ``holder`` serves it; before the first part lies the head.
    """

    segment_id: SegmentId
    holder: str
    path: str
    started_at: datetime
    head_size: int
    parts: tuple[Part, ...]

    @property
    def hours(self) -> Hours:
        """Of its parts."""
        ends = self.parts[-1].ends_at if self.parts else self.started_at
        return Hours(self.started_at, ends)


@dataclass(frozen=True, kw_only=True)
class TrialRequest:
    """``rules`` on what ``segments`` have of ``starts_at`` to ``ends_at``, for ``person_id``.

    Or on the film that is ``brought``; it is known how long that lasts once it has come.
    ``replaces``: it takes the place of one that runs or waits for the same person.
    """

    id: TrialId
    person_id: PersonId
    camera_id: CameraId
    rules: Sequence[Rule]
    starts_at: datetime
    ends_at: datetime
    segments: tuple[TriedSegment, ...] = ()
    brought: BroughtFilm | None = None
    replaces: bool = False

    @property
    def segment_ids(self) -> frozenset[SegmentId]:
        return frozenset(one.segment_id for one in self.segments)

    def is_of(self, camera_id: CameraId, person_id: PersonId) -> bool:
        return (self.camera_id, self.person_id) == (camera_id, person_id)

    def as_json(self) -> bytes:
        plain: dict[str, Any] = _REQUEST.dump_python(self, mode="json")
        for rule, document in zip(self.rules, plain["rules"], strict=True):
            document["drawn"] = "line" if isinstance(rule.shape, Line) else "zone"
        return _PLAIN.dump_json(plain)

    @staticmethod
    def read(text: bytes) -> "TrialRequest":
        """Raises ``ValueError`` for what is none, and what a rule refuses."""
        plain = _PLAIN.validate_json(text)
        for document in plain["rules"]:
            # Which of the two it is can't be read from its points.
            shape = SHAPES[document.pop("drawn")]
            document["shape"] = shape.validate_python(document["shape"])
        return _REQUEST.validate_python(plain)


_REQUEST = TypeAdapter(TrialRequest)
_PLAIN = TypeAdapter(dict[str, Any])
