"""Why a rule is not watched at a moment: for who watches, and for who asks what is watched."""

from collections.abc import Collection, Mapping, Set
from datetime import datetime
from enum import StrEnum

from domain.events import EventKind
from domain.identifiers import AuthorisationId
from domain.rules import Rule, type_of, why_unavailable

type Acts = Mapping[EventKind, AuthorisationId]
"""The kinds that may be looked for at a moment, each with the authorisation that allows it."""


class Rests(StrEnum):
    """Why a rule is not watched at a moment."""

    OFF = "off"
    """It was taken out of use."""
    NO_ACT = "no-act"
    OFF_HOURS = "off-hours"
    OFF_PRESET = "off-preset"
    NO_MODEL = "no-model"
    NO_REFERENCE = "no-reference"
    """Nobody has had a picture taken of what its zone looks like when nothing is the matter."""
    SUSPENDED = "suspended"
    """Its kind cried wolf on this camera."""

    @property
    def is_to_be_mended(self) -> bool:
        """Whether somebody has to do something before it is watched; the others end by the hour."""
        return self in (Rests.NO_MODEL, Rests.NO_REFERENCE, Rests.SUSPENDED)


def why_rests(
    rule: Rule,
    acts: Acts,
    *,
    at: datetime,
    preset: str | None,
    labels: Set[str],
    is_referenced: bool,
    suspended: Collection[EventKind] = (),
) -> Rests | None:
    """Give why ``rule`` is not watched ``at`` that moment; None: it is.

    ``preset``: where the camera looks. ``labels``: what the models know that the operator has
    supplied. ``suspended``: of its camera.
    """
    in_its_way = (
        (not rule.in_use, Rests.OFF),
        (not rule.is_due(at), Rests.OFF_HOURS),
        (rule.kind not in acts, Rests.NO_ACT),
        (rule.kind in suspended, Rests.SUSPENDED),
        (why_unavailable(rule.kind, labels) is not None, Rests.NO_MODEL),
        (rule.preset is not None and rule.preset != preset, Rests.OFF_PRESET),
        (type_of(rule.kind).needs_reference and not is_referenced, Rests.NO_REFERENCE),
    )
    return next((why for stands, why in in_its_way if stands), None)
