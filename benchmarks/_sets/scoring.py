"""From what was opened and what truly happened to precision, recall and delay."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import quantiles
from typing import Any

from benchmarks._sets.play import Truth

EARLY_S = 0.35
"""A foot's place is known to some pixels only: so much too early is not false."""


@dataclass(slots=True)
class Score:
    """One kind's count over its clips."""

    told: int = 0
    missed: Counter[str] = field(default_factory=Counter)
    false: Counter[str] = field(default_factory=Counter)
    events: Counter[str] = field(default_factory=Counter)
    negatives: Counter[str] = field(default_factory=Counter)
    delays_s: list[float] = field(default_factory=list)
    took_s: list[float] = field(default_factory=list)

    def take(
        self, what: str, truths: Sequence[Truth], opened: Sequence[tuple[float, float]]
    ) -> None:
        """Count one clip: what was ``opened`` when in the picture, and how long its look took."""
        waiting = list(truths)
        (self.events if truths else self.negatives)[what] += len(truths) or 1
        for at_s, took_s in opened:
            met = next((one for one in waiting if _meets(at_s, one)), None)
            if met is None:
                self.false[what] += 1
                continue
            waiting.remove(met)
            self.told += 1
            self.delays_s.append(max(0.0, at_s - met.begins_s))
            self.took_s.append(took_s)
        if waiting:
            self.missed[what] += len(waiting)

    def figures(self, *, with_delay: bool) -> dict[str, Any]:
        n, false = self.events.total(), self.false.total()
        found: dict[str, Any] = {
            "precision": _share(self.told, self.told + false),
            "recall": _share(self.told, n),
            "n": n,
            "hard_negatives": dict(self.negatives),
            "false": dict(self.false),
            "missed": dict(self.missed),
        }
        if with_delay and self.delays_s:
            both = [d + t for d, t in zip(self.delays_s, self.took_s, strict=True)]
            found["delay_s_p50"] = percentile(both, 50)
            found["delay_s_p95"] = percentile(both, 95)
            found["of_it_look_s_p95"] = percentile(self.took_s, 95)
        return found


def _meets(at_s: float, truth: Truth) -> bool:
    return truth.begins_s - EARLY_S <= at_s <= truth.until_s


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 3) if whole else None


def percentile(values: Sequence[float], percent: int) -> float:
    """Give a percentile of values, of which there is one at least, to a thousandth."""
    if len(values) < 2:
        return round(values[0], 3)
    return round(quantiles(values, n=100, method="inclusive")[percent - 1], 3)
