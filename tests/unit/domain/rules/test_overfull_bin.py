"""When a bin is overfull: its zone is not as it was when empty, minute after minute."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from domain.detections import Box
from domain.events import EventKind
from domain.identifiers import AuthorisationId, CameraId, EventId, RuleId
from domain.looks import Look, Shown, Sight
from domain.resting import Rests
from domain.rules import Rule, Watch, type_of, why_unreferenced
from domain.watching import CameraWatch
from domain.zones import Zone

START = datetime(2026, 12, 1, 12, 0, tzinfo=UTC)
BIN, OTHER = RuleId(UUID(int=1)), RuleId(UUID(int=2))
RIM = Zone.drawn([(0.4, 0.4), (0.6, 0.4), (0.5, 0.6)])
SHOWN = (Shown(Box(0.4, 0.4, 0.6, 0.6)),)


def rule_with(**thresholds: float) -> Rule:
    return Rule(id=BIN, kind=EventKind.OVERFULL_BIN, name="", shape=RIM, thresholds=thresholds)


def watch_of(**thresholds: float) -> Watch:
    return type_of(EventKind.OVERFULL_BIN).watch(rule_with(**thresholds))


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


def test_without_a_reference_it_rests_and_is_measured_so_that_one_can_be_taken() -> None:
    acts = {EventKind.OVERFULL_BIN: AuthorisationId(UUID(int=8))}
    look = Look(at=START, changes={BIN: 0.9})

    def resting(*referenced: RuleId) -> dict[RuleId, Rests]:
        watch = CameraWatch(
            camera=CameraId(UUID(int=9)),
            rules=[rule_with(minutes=1.0)],
            new_event_id=lambda: EventId(UUID(int=10)),
            referenced=frozenset(referenced),
        )
        assert watch.sights(acts, at=START) == {Sight.CHANGES}
        assert watch.due(acts, at=START) == {BIN}
        assert len(watch.saw(look, acts)) == len(referenced)
        return watch.resting

    assert resting() == {BIN: Rests.NO_REFERENCE}
    assert resting(BIN) == {}
    assert why_unreferenced(EventKind.FORBIDDEN_ZONE) is None


def test_only_the_zones_of_rules_that_watch_are_compared() -> None:
    rules = [
        rule_with(),
        replace(rule_with(), id=OTHER, in_use=False),
        replace(rule_with(), id=RuleId(UUID(int=3)), preset="quay"),
    ]
    watch = CameraWatch(
        camera=CameraId(UUID(int=9)),
        rules=rules,
        new_event_id=lambda: EventId(UUID(int=10)),
    )
    acts = {EventKind.OVERFULL_BIN: AuthorisationId(UUID(int=8))}

    assert watch.due(acts, at=START) == {BIN}
    assert watch.due(acts, at=START, preset="quay") == {BIN, rules[2].id}
    assert watch.due({}, at=START) == frozenset()
