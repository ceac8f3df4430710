"""When a bin is overfull: its zone is not as it was when empty, minute after minute."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from domain.detections import Box
from domain.events import EventKind
from domain.identifiers import RuleId
from domain.looks import Look, Shown
from domain.rules import Rule, Watch, type_of
from domain.zones import Zone

START = datetime(2026, 12, 1, 12, 0, tzinfo=UTC)
BIN, OTHER = RuleId(UUID(int=1)), RuleId(UUID(int=2))
RIM = Zone.drawn([(0.4, 0.4), (0.6, 0.4), (0.5, 0.6)])
SHOWN = (Shown(Box(0.4, 0.4, 0.6, 0.6)),)


def watch_of(**thresholds: float) -> Watch:
    kind = EventKind.OVERFULL_BIN
    rule = Rule(id=BIN, kind=kind, name="", shape=RIM, thresholds=thresholds)
    return type_of(kind).watch(rule)


def minutes(watch: Watch, *shares: float, of: RuleId = BIN) -> list[bool]:
    """Tell after each minute whether it is shown; the looks between say nothing of it."""
    told = []
    for n, share in enumerate(shares):
        at = START + timedelta(minutes=n)
        shown = watch.saw(Look(at=at, changes={of: share}))
        between = watch.saw(Look(at=at + timedelta(seconds=1)))
        assert shown == between
        assert shown in ((), SHOWN)
        told.append(shown != ())
    return told


def test_three_minutes_in_a_row_are_an_overfull_bin_until_it_is_emptied() -> None:
    told = minutes(watch_of(), 0.5, 0.5, 0.5, 0.5, 0.1, 0.5)

    assert told == [False, False, True, True, False, False]


def test_a_minute_of_something_before_it_is_none() -> None:
    assert not any(minutes(watch_of(), 0.9, 0.9, 0.05, 0.9, 0.9, 0.05))


def test_another_bins_zone_says_nothing_of_this_one() -> None:
    assert not any(minutes(watch_of(), 0.9, 0.9, 0.9, of=OTHER))


def test_share_and_minutes_are_what_was_set() -> None:
    assert minutes(watch_of(changed=60.0, minutes=1.0), 0.5, 0.65) == [False, True]


def test_what_is_forgotten_is_counted_anew() -> None:
    watch = watch_of()
    assert minutes(watch, 0.9, 0.9, 0.9)[-1]
    watch.forget()

    assert minutes(watch, 0.9, 0.9, 0.9) == [False, False, True]
