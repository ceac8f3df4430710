"""Trials: rules that are not saved yet, on pictures that were recorded, and which of those may be.

The law of a trial is that of live pictures, asked twice: of the moment when it is tried, and of
each moment that is looked back on. What no act covers then is not even decoded.
"""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar, NamedTuple

from domain.authorisations import Authorisation
from domain.errors import Conflict, Invalid
from domain.footings import Footing
from domain.rules import Rule

LONGEST_TRIAL = timedelta(hours=1)
_MINUTE = timedelta(minutes=1)
_CLOSE = timedelta(seconds=1)
_MOST_DAMAGED = 100


class TooManyTrials(Conflict):
    code: ClassVar[str] = "too-many-trials"
    title: ClassVar[str] = "Other trials are waiting"


class YourTrialRuns(Conflict):
    """One trial a person: whoever asks for another waits, stops it, or has it replaced."""

    code: ClassVar[str] = "your-trial-runs"
    title: ClassVar[str] = "A trial of yours is running already"


class NoPictures(Invalid):
    """A film without pictures that can be decoded; the text says why."""

    code: ClassVar[str] = "no-pictures"
    title: ClassVar[str] = "There are no pictures in this film"


class NotAFilm(Invalid):
    code: ClassVar[str] = "not-a-film"
    title: ClassVar[str] = "This is no film that can be read"


class WrongCodec(Invalid):
    code: ClassVar[str] = "wrong-codec"
    title: ClassVar[str] = "The pictures of this film are neither H.264 nor H.265"


class FilmTooLarge(Invalid):
    """Its file, its pictures or its length; the text says which."""

    code: ClassVar[str] = "film-too-large"
    title: ClassVar[str] = "This film is too large"


class FilmNotDecoded(Invalid):
    """What decodes it crashed, hung or took too much; the text says which."""

    code: ClassVar[str] = "film-not-decoded"
    title: ClassVar[str] = "What decodes this film has broken down on it"


class TookTooLong(Conflict):
    code: ClassVar[str] = "took-too-long"
    title: ClassVar[str] = "The trial took too long"


class Hours(NamedTuple):
    """From a moment (included) to another (excluded)."""

    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, kw_only=True)
class BroughtFilm:
    """A file that somebody brings to be tried on, as he states it, and what it was found to be.

    ``name``: as it is called where it comes from; ``motive``: why it is tried on.
    """

    name: str
    size: int
    motive: str
    sha256: str = ""


def covered_hours(
    is_covered: Callable[[datetime], bool],
    acts: Collection[Authorisation],
    rules: Iterable[Rule],
    footings: Iterable[Footing],
    *,
    starts_at: datetime,
    ends_at: datetime,
) -> list[Hours]:
    """Give the parts of some hours in which ``is_covered`` holds, in order.

    It is asked wherever it may turn: where one of ``acts`` begins or ends or another of
    ``footings`` begins, where the daily hours of one or of one of ``rules`` do, and by the minute,
    since clocks are changed with those.
    """
    turns = {starts_at}
    minute = starts_at.replace(second=0, microsecond=0) + _MINUTE
    while minute < ends_at:
        turns.add(minute)
        minute += _MINUTE
    for act in acts:
        turns.update(at for at in (act.starts_at, act.ends_at, act.revoked_at) if at is not None)
    for hours in {*(act.hours for act in acts), *(rule.hours for rule in rules)}:
        if hours is not None:
            turns.update(hours.turns(starts_at, ends_at))
    turns.update(one.since for one in footings)
    found: list[Hours] = []
    in_order = sorted(at for at in turns if starts_at <= at < ends_at)
    for begins, ends in zip(in_order, [*in_order[1:], ends_at], strict=True):
        if not is_covered(begins):
            continue
        if found and found[-1].ends_at == begins:
            found[-1] = Hours(found[-1].starts_at, ends)
        else:
            found.append(Hours(begins, ends))
    return found


def others(covered: Iterable[Hours], *, starts_at: datetime, ends_at: datetime) -> list[Hours]:
    """Give what of some hours is not among ``covered``."""
    found, since = [], starts_at
    for one in covered:
        if one.starts_at > since:
            found.append(Hours(since, one.starts_at))
        since = max(since, one.ends_at)
    if since < ends_at:
        found.append(Hours(since, ends_at))
    return found


def add_damaged(found: list[Hours], one: Hours) -> None:
    """Add hours, which come in order; those close behind the last are one with it.

    So are all beyond the hundredth: what is between them is said to be damaged, too.
    """
    if found and (one.starts_at - found[-1].ends_at < _CLOSE or len(found) >= _MOST_DAMAGED):
        found[-1] = Hours(found[-1].starts_at, max(found[-1].ends_at, one.ends_at))
    else:
        found.append(one)
