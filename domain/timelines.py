"""Timelines: what of some hours is recorded of one source, until when, and what is missing."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from domain.recordings import SMALLEST_GAP, BadHours, Hold, Segment, is_held

LONGEST_TIMELINE = timedelta(days=31)


@dataclass(frozen=True, kw_only=True)
class Span:
    """Recorded without a hole. ``keep_until``: when the first of it goes, unless it ``is_held``."""

    starts_at: datetime
    ends_at: datetime
    keep_until: datetime
    is_held: bool


def check_hours(starts_at: datetime, ends_at: datetime) -> None:
    """Raises ``BadHours``."""
    if not timedelta(0) < ends_at - starts_at <= LONGEST_TIMELINE:
        raise BadHours("ask for at most 31 days, that end after they start")


def spans(segments: Iterable[Segment], holds: Sequence[Hold]) -> list[Span]:
    """``segments`` of one source, in order, joined where they follow each other."""
    found: list[Span] = []
    for one in segments:
        held = is_held(one, holds)
        last = found[-1] if found else None
        if (
            last is not None
            and one.started_at - last.ends_at <= SMALLEST_GAP
            and held == last.is_held
        ):
            ends_at = max(last.ends_at, one.ended_at)
            keep_until = min(last.keep_until, one.keep_until)
            found[-1] = replace(last, ends_at=ends_at, keep_until=keep_until)
        else:
            found.append(
                Span(
                    starts_at=one.started_at,
                    ends_at=one.ended_at,
                    keep_until=one.keep_until,
                    is_held=held,
                )
            )
    return found
