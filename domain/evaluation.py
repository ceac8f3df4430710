"""Evaluation: how a kind of event did on a camera, by what operators decided of its alerts."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import sqrt

from domain.alerts import DismissalReason
from domain.events import EventKind
from domain.identifiers import CameraId, SensorId

#: Dismissals that say nothing of what was detected.
SAYS_NOTHING = frozenset({DismissalReason.ALREADY_HANDLED, DismissalReason.TEST})
Z_95 = 1.959963984540054  # the normal distribution's 97.5 % quantile


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What became of the alerts of one kind; ``days`` that it was watched for."""

    raised: int
    confirmed: int
    dismissed: Mapping[DismissalReason, int]
    days: float

    @property
    def waiting(self) -> int:
        return self.raised - self.decided

    @property
    def decided(self) -> int:
        return self.confirmed + sum(self.dismissed.values())

    @property
    def share_dismissed(self) -> float | None:
        """Of what was decided."""
        return 1 - self.confirmed / self.decided if self.decided else None

    @property
    def false_alerts(self) -> int:
        return sum(count for reason, count in self.dismissed.items() if reason.was_not_real)

    @property
    def false_per_day(self) -> float | None:
        """Less than a whole day watched counts as one, as where a kind is suspended."""
        return self.false_alerts / max(self.days, 1.0) if self.days > 0 else None

    @property
    def judged(self) -> int:
        """How many decisions say something of what was detected."""
        return self.confirmed + sum(
            count for reason, count in self.dismissed.items() if reason not in SAYS_NOTHING
        )

    @property
    def precision(self) -> float | None:
        """The share of the judged that an operator confirmed: the strictest reading."""
        return self.confirmed / self.judged if self.judged else None

    @property
    def precision_interval(self) -> tuple[float, float] | None:
        """Between what the true precision lies, at 95 %."""
        return wilson(self.confirmed, self.judged) if self.judged else None

    def __add__(self, other: "Figures") -> "Figures":
        reasons = self.dismissed.keys() | other.dismissed.keys()
        return Figures(
            raised=self.raised + other.raised,
            confirmed=self.confirmed + other.confirmed,
            dismissed={
                reason: self.dismissed.get(reason, 0) + other.dismissed.get(reason, 0)
                for reason in reasons
            },
            days=self.days + other.days,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class KindFigures:
    """Of one kind of one camera or sensor."""

    source: CameraId | SensorId
    kind: EventKind
    figures: Figures


def summed(figures: Iterable[Figures]) -> Figures:
    return sum(figures, start=Figures(raised=0, confirmed=0, dismissed={}, days=0.0))


def wilson(successes: int, trials: int, *, z: float = Z_95) -> tuple[float, float]:
    """The score interval of a share (Wilson 1927): honest also for a handful, and at 0 and 1."""
    share, square = successes / trials, z * z
    middle = (share + square / (2 * trials)) / (1 + square / trials)
    half = z * sqrt(share * (1 - share) / trials + square / (4 * trials * trials))
    half /= 1 + square / trials
    low = 0.0 if successes == 0 else max(0.0, middle - half)
    high = 1.0 if successes == trials else min(1.0, middle + half)
    return low, high
