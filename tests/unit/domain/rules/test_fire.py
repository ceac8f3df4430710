"""When something burns: flames that stay in one place, or what the operator's model says twice."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from domain.detections import Box
from domain.events import EventKind
from domain.identifiers import AuthorisationId, CameraId, EventId, RuleId
from domain.looks import Finding, Flame, Look, Shown, Sight
from domain.rules import Rule, Watch, labels_at_people, type_of
from domain.watching import CameraWatch
from domain.zones import Zone

START = datetime(2026, 12, 1, 22, 0, tzinfo=UTC)
LEFT_HALF = Zone.drawn([(0.0, 0.0), (0.5, 0.0), (0.5, 1.0), (0.0, 1.0)])
HERE, BESIDE, OUTSIDE = (Box(x, 0.6, x + 0.05, 0.8) for x in (0.2, 0.35, 0.7))
KIND = EventKind.FIRE
RULE = Rule(id=RuleId(UUID(int=1)), kind=KIND, name="", shape=LEFT_HALF)
MODEL = frozenset({"fire", "smoke"})


def watch() -> Watch:
    return type_of(KIND).watch(RULE)


def flames(told: Watch, *boxes: Box, seconds: float, since: float = 0, strength: float = 0.8) -> (
    list[tuple[Shown, ...]]
):  # fmt: skip
    found = tuple(Flame(box, strength) for box in boxes)
    return [
        told.saw(Look(at=START + timedelta(seconds=since + n / 5), flames=found))
        for n in range(round(5 * seconds))
    ]


def by_model(told: Watch, *findings: Finding, at_s: float) -> tuple[Shown, ...]:
    at = START + timedelta(seconds=at_s)
    return told.saw(Look(at=at, findings=findings, labels=MODEL, flames=(Flame(HERE, 1.0),)))


def test_flames_that_stay_for_four_seconds_are_a_fire() -> None:
    told = flames(watch(), HERE, seconds=6)

    assert not any(told[:20])
    assert told[20:] == [(Shown(HERE),)] * 10


def test_flames_outside_faint_or_elsewhere_each_time_are_none() -> None:
    assert not any(flames(watch(), OUTSIDE, seconds=8))
    assert not any(flames(watch(), HERE, seconds=8, strength=0.3))
    jumping = watch()
    for n in range(8):
        box = Box(0.06 * n, 0.6, 0.06 * n + 0.05, 0.8)
        assert not any(flames(jumping, box, seconds=1, since=n))


def test_a_pause_of_a_second_is_bridged_and_a_longer_one_is_not() -> None:
    bridged, apart = watch(), watch()
    for told, second in ((bridged, 3.8), (apart, 4.4)):
        flames(told, HERE, seconds=3)
        shown = flames(told, HERE, seconds=1, since=second)
        assert any(shown) is (told is bridged)


def test_what_is_forgotten_burns_anew() -> None:
    told = watch()
    flames(told, HERE, seconds=3.8)
    told.forget()

    assert not any(flames(told, HERE, seconds=2, since=3.8))


def test_with_a_model_its_word_counts_and_flames_do_not() -> None:
    told, fire = watch(), Finding("Fire", 0.7, HERE)

    assert by_model(told, fire, at_s=0) == ()
    assert by_model(told, at_s=1) == ()
    assert by_model(told, fire, Finding("smoke", 0.9, BESIDE), at_s=2) == (Shown(HERE, 0.7),)
    assert by_model(told, fire, at_s=20) == ()


def test_what_a_model_says_of_other_places_unsurely_or_of_other_things_is_none() -> None:
    told = watch()
    for n, one in enumerate(
        (Finding("fire", 0.3, HERE), Finding("fire", 0.9, OUTSIDE), Finding("person", 0.9, HERE))
        * 2
    ):
        assert by_model(told, one, at_s=n) == ()


def test_with_a_model_no_flames_are_measured_and_all_of_the_picture_is_asked_about() -> None:
    def sights(labels: frozenset[str]) -> frozenset[Sight]:
        camera = CameraWatch(
            camera=CameraId(UUID(int=2)),
            rules=[RULE],
            new_event_id=lambda: EventId(UUID(int=3)),
            labels=labels,
        )
        return camera.sights({KIND: AuthorisationId(UUID(int=4))}, at=START)

    assert sights(frozenset()) == {Sight.FLAMES, Sight.FINDINGS}
    assert sights(frozenset({"Smoke"})) == {Sight.FINDINGS}
    assert not labels_at_people() & MODEL
