"""Look: all that one look at a camera's picture gives to the rules that watch it."""

from collections.abc import Mapping, Set
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Self

from domain.detections import Box, Detection
from domain.identifiers import RuleId

USUAL_ASPECT = 16 / 9


class Sight(StrEnum):
    """What a rule has to be shown; what no rule in force asks for is not measured."""

    TRACKS = "tracks"
    LEFT_THINGS = "left-things"
    CHANGES = "changes"
    FLAMES = "flames"
    FINDINGS = "findings"


@dataclass(frozen=True, slots=True)
class LeftThing:
    """Something that came into the picture and has stood still since; no class is claimed.

    ``id`` counts from 1 for each camera and run. ``still_for``: how long it has not moved.
    """

    id: int
    box: Box
    still_for: timedelta


@dataclass(frozen=True, slots=True)
class Flame:
    """A place that has the colour, the flicker and the growth of fire.

    ``strength`` 0..1: how well it agrees with the measure; nobody has calibrated it as a chance.
    """

    box: Box
    strength: float


@dataclass(frozen=True, slots=True)
class Finding:
    """What a model that the operator supplied for one kind of event says: its own ``label``."""

    label: str
    confidence: float
    box: Box
    track: int | None = None
    """The track of a person on whose place it was asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One look at a camera.

    ``tracks``: what is followed and seen now. ``unseen``: what was followed, is not seen at this
    look, and has not been seen to leave: where it was last; a network loses who lies down.
    ``changes``: by rule, the share (0..1) of its zone that differs from the picture of its empty
    state. ``aspect``: the picture's width over its height: without it shares of them are no
    distances. ``preset``: the position of a camera that turns; None while it is unknown or turns.
    ``labels``: what the models that the operator has supplied are asked for: not finding any of it
    says something then. ``timestamp``: the live picture's own, in the stream's clock (RFC 3550);
    None of a recording.
    """

    at: datetime
    timestamp: int | None = None
    tracks: tuple[Detection, ...] = ()
    unseen: tuple[Detection, ...] = ()
    left_things: tuple[LeftThing, ...] = ()
    changes: Mapping[RuleId, float] = field(default_factory=dict)
    flames: tuple[Flame, ...] = ()
    findings: tuple[Finding, ...] = ()
    aspect: float = USUAL_ASPECT
    preset: str | None = None
    labels: Set[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Shown:
    """A thing in the picture that shows an event: the box that is drawn on its still."""

    box: Box
    confidence: float | None = None
    track: int | None = None

    @classmethod
    def of(cls, seen: Detection) -> Self:
        return cls(seen.box, seen.confidence, seen.track)
