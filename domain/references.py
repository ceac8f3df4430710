"""Reference: what a zone looks like when nothing is the matter, as a person has said."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from domain.identifiers import RuleId

ASKED_FOR = timedelta(minutes=2)
"""What could not be taken for so long (no act, no picture) is asked for anew, by a person."""


class Light(StrEnum):
    """By which light it was taken; a zone is compared with both, and the nearer one counts."""

    DAY = "day"
    NIGHT = "night"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """The picture of a rule's zone and its sides, in greys (PNG), and when it was last asked for.

    It is taken from the pictures that are analysed, masks burnt in, by the process that analyses
    them and under the act that allows it. The former one serves until the new one is there.
    """

    rule_id: RuleId
    light: Light
    asked_at: datetime
    picture: bytes | None = None
    taken_at: datetime | None = None

    def is_wanted(self, at: datetime) -> bool:
        """Tell whether it is to be taken ``at`` that moment."""
        is_asked = self.taken_at is None or self.taken_at < self.asked_at
        return is_asked and self.asked_at <= at < self.asked_at + ASKED_FOR
