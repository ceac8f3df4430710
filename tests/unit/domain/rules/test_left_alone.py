"""When a left thing is an abandoned object or dumping: brought by somebody, and alone since."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.detections import Box, Detection, ObjectClass
from domain.events import EventKind
from domain.identifiers import RuleId
from domain.looks import USUAL_ASPECT, LeftThing, Look
from domain.rules import Rule, Watch, type_of
from domain.zones import Zone

START = datetime(2026, 12, 1, 12, 0, tzinfo=UTC)
ALL = Zone.drawn([(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)])
LEFT_HALF = Zone.drawn([(0.0, 0.0), (0.4, 0.0), (0.4, 1.0), (0.0, 1.0)])
BAG = Box(0.50, 0.55, 0.53, 0.60)
MATTRESS = Box(0.48, 0.35, 0.60, 0.60)
STILL_AFTER = timedelta(seconds=2)


def rule(kind: EventKind, zone: Zone = ALL, **thresholds: float) -> Rule:
    return Rule(id=RuleId(UUID(int=1)), kind=kind, name="", shape=zone, thresholds=thresholds)


def watch_of(kind: EventKind, zone: Zone = ALL, alone_s: float = 30.0) -> Watch:
    return type_of(kind).watch(rule(kind, zone, alone_s=alone_s))


def abandoned(zone: Zone = ALL) -> Watch:
    return watch_of(EventKind.ABANDONED_OBJECT, zone)


def person(x: float, track: int = 1, y: float = 0.6) -> Detection:
    return Detection(ObjectClass.PERSON, 0.8, Box(x - 0.04, y - 0.3, x + 0.04, y), track)


def car(x: float, track: int = 9) -> Detection:
    return Detection(ObjectClass.CAR, 0.8, Box(x - 0.1, 0.4, x + 0.1, 0.6), track)


class Street:
    """Looks a fifth of a second apart, and the moments at which the watch showed something."""

    def __init__(self, watch: Watch, *, looks_per_s: int = 5, aspect: float = USUAL_ASPECT) -> None:
        self._watch, self._aspect = watch, aspect
        self._step = timedelta(seconds=1 / looks_per_s)
        self.at = START
        self.shown: list[Box] = []
        self.shown_at: datetime | None = None
        self._since: dict[int, datetime] = {}

    def goes_on(
        self,
        seconds: float,
        *tracks: Detection,
        unseen: Sequence[Detection] = (),
        things: Sequence[Box] = (),
    ) -> None:
        until = self.at + timedelta(seconds=seconds)
        while self.at < until:
            left = [
                LeftThing(id, box, self.at - self._since.setdefault(id, self.at - STILL_AFTER))
                for id, box in enumerate(things)
            ]
            look = Look(
                at=self.at,
                tracks=tracks,
                unseen=tuple(unseen),
                left_things=tuple(left),
                aspect=self._aspect,
            )
            self.shown = [one.box for one in self._watch.saw(look)]
            if self.shown and self.shown_at is None:
                self.shown_at = self.at
            self.at += self._step

    def brings_and_goes(self, thing: Box) -> None:
        self.goes_on(3, person(0.51))
        self.goes_on(1, person(0.51), things=[thing])
        self.goes_on(1, person(0.92), things=[thing])


@pytest.mark.parametrize("looks_per_s", [2, 5])
def test_a_bag_alone_for_as_long_as_was_set_is_abandoned_until_it_goes(looks_per_s: int) -> None:
    street = Street(abandoned(), looks_per_s=looks_per_s)
    street.brings_and_goes(BAG)
    left_at = street.at - timedelta(seconds=1)
    street.goes_on(28, things=[BAG])
    assert street.shown_at is None

    street.goes_on(5, things=[BAG])

    assert street.shown_at == left_at + timedelta(seconds=30)
    street.goes_on(2, person(0.51), things=[BAG])
    assert street.shown == [BAG]
    street.goes_on(2, person(0.51))
    assert street.shown == []


def test_a_bag_beside_its_owner_is_not() -> None:
    street = Street(abandoned())
    street.goes_on(3, person(0.51))
    street.goes_on(120, person(0.55), things=[BAG])

    assert street.shown_at is None


@pytest.mark.parametrize(("aspect", "is_alone"), [(USUAL_ASPECT, True), (1.0, False)])
def test_who_is_near_depends_on_how_wide_the_picture_is(aspect: float, is_alone: bool) -> None:
    street = Street(abandoned(), aspect=aspect)
    street.goes_on(3, person(0.51))
    street.goes_on(1, person(0.51), things=[BAG])
    street.goes_on(60, person(0.9), things=[BAG])

    assert bool(street.shown) is is_alone


@pytest.mark.parametrize("is_seen", [True, False])
def test_a_bag_that_the_detector_takes_for_a_person_now_and_then_is_alone(is_seen: bool) -> None:
    misread = Detection(ObjectClass.PERSON, 0.38, BAG, 17)
    street = Street(abandoned())
    street.brings_and_goes(BAG)
    street.goes_on(40, *[misread] * is_seen, unseen=[] if is_seen else [misread], things=[BAG])

    assert street.shown == [BAG]


POST = Box(0.56, 0.45, 0.58, 0.60)


@pytest.mark.parametrize("is_seen", [True, False])
@pytest.mark.parametrize("box", [BAG, POST])
def test_who_has_left_is_not_the_bag_or_the_post_to_which_his_track_has_jumped(
    is_seen: bool, box: Box
) -> None:
    jumped = Detection(ObjectClass.PERSON, 0.2, box, 1)
    street = Street(abandoned())
    street.goes_on(2, person(0.1))
    street.goes_on(1, person(0.51))
    street.goes_on(1, person(0.51), things=[BAG])
    street.goes_on(40, *[jumped] * is_seen, unseen=[] if is_seen else [jumped], things=[BAG])

    assert street.shown == [BAG]


def test_a_sack_that_was_followed_as_a_person_while_it_was_carried_is_not_one() -> None:
    sack = Box(0.49, 0.42, 0.59, 0.60)
    street = Street(watch_of(EventKind.DUMPING))
    for x in (0.3, 0.4, 0.5):
        carried = Detection(ObjectClass.PERSON, 0.45, Box(x, 0.44, x + 0.08, 0.60), 5)
        street.goes_on(1, person(x), carried)
    hidden_below = Detection(ObjectClass.PERSON, 0.6, Box(0.50, 0.30, 0.55, 0.46), 1)
    street.goes_on(2, hidden_below, unseen=[carried], things=[sack])
    street.goes_on(1, person(0.92), unseen=[carried], things=[sack])
    street.goes_on(40, unseen=[carried], things=[sack])

    assert street.shown == [sack]


def test_who_is_hardly_seen_any_more_where_he_was_seen_well_is_there() -> None:
    hardly = Detection(ObjectClass.PERSON, 0.2, person(0.56).box, 1)
    street = Street(abandoned())
    street.goes_on(2, person(0.1))
    street.goes_on(1, person(0.51))
    street.goes_on(1, person(0.55), things=[BAG])
    street.goes_on(60, hardly, things=[BAG])

    assert street.shown_at is None


def test_a_post_that_is_taken_for_a_person_is_no_company() -> None:
    post = Detection(ObjectClass.PERSON, 0.45, POST, 5)
    street = Street(abandoned())
    street.goes_on(3, person(0.51), post)
    street.goes_on(1, person(0.51), post, things=[BAG])
    street.goes_on(40, post, things=[BAG])

    assert street.shown == [BAG]


def test_an_owner_seen_faintly_who_walked_there_is_company() -> None:
    street = Street(abandoned())
    for x in (0.3, 0.4, 0.5):
        street.goes_on(1, person(x))
    faint = Detection(ObjectClass.PERSON, 0.3, person(0.55).box, 1)
    street.goes_on(60, faint, things=[BAG])

    assert street.shown_at is None


def test_an_owner_whom_the_detector_lost_and_who_stands_there_still_is_there() -> None:
    street = Street(abandoned())
    standing = Box(0.55, 0.31, 0.62, 0.59)
    street.goes_on(3, person(0.585))
    street.goes_on(120, unseen=[person(0.585)], things=[BAG, standing])

    assert street.shown_at is None


def test_a_person_who_stands_still_is_no_object() -> None:
    street = Street(abandoned())
    standing = Box(0.475, 0.31, 0.545, 0.59)
    street.goes_on(3, person(0.51))
    street.goes_on(5, person(0.51), things=[standing])
    street.goes_on(60, unseen=[person(0.51)], things=[standing])
    street.goes_on(60, things=[standing])

    assert street.shown_at is None


def test_a_bag_that_remains_of_a_person_who_stood_over_it_is() -> None:
    street = Street(abandoned())
    standing = Box(0.475, 0.31, 0.545, 0.60)
    street.goes_on(3, person(0.51))
    street.goes_on(10, person(0.51), things=[standing])
    street.goes_on(2, person(0.92), things=[BAG])
    street.goes_on(32, things=[BAG])

    assert street.shown == [BAG]


def test_what_nobody_brought_is_not() -> None:
    street = Street(abandoned())
    street.goes_on(10, person(0.9))
    street.goes_on(120, things=[BAG])

    assert street.shown_at is None


@pytest.mark.parametrize("kind", [EventKind.ABANDONED_OBJECT, EventKind.DUMPING])
def test_a_parked_car_whose_driver_leaves_is_not(kind: EventKind) -> None:
    street = Street(watch_of(kind))
    parked = Box(0.4, 0.41, 0.6, 0.6)
    street.goes_on(5, car(0.5), person(0.55), things=[parked])
    street.goes_on(60, car(0.5), things=[parked])
    street.goes_on(120, things=[parked])

    assert street.shown_at is None


def test_outside_of_the_zone_nothing_is() -> None:
    street = Street(abandoned(LEFT_HALF))
    street.brings_and_goes(BAG)
    street.goes_on(60, things=[BAG])

    assert street.shown_at is None


def test_a_mattress_is_dumped_and_no_abandoned_object() -> None:
    dumped, object_left = Street(watch_of(EventKind.DUMPING)), Street(abandoned())
    for street in (dumped, object_left):
        street.brings_and_goes(MATTRESS)
        street.goes_on(35, things=[MATTRESS])

    assert dumped.shown == [MATTRESS]
    assert object_left.shown_at is None


def test_what_a_van_leaves_is_dumped_once_it_has_gone() -> None:
    street = Street(watch_of(EventKind.DUMPING))
    heap = Box(0.62, 0.5, 0.7, 0.6)
    street.goes_on(5, car(0.5))
    street.goes_on(40, car(0.5), things=[heap])
    assert street.shown_at is None

    street.goes_on(35, things=[heap])

    assert street.shown == [heap]


def test_what_is_forgotten_is_begun_anew() -> None:
    watch = abandoned()
    street = Street(watch)
    street.brings_and_goes(BAG)
    street.goes_on(20, things=[BAG])
    watch.forget()
    street.goes_on(60, things=[BAG])

    assert street.shown_at is None


@given(
    st.lists(
        st.tuples(
            st.floats(0.1, 3.0),
            st.lists(st.floats(0.1, 0.9).map(person), max_size=3),
            st.lists(st.sampled_from([BAG, MATTRESS]), max_size=2),
        ),
        max_size=30,
    )
)
def test_nothing_is_abandoned_sooner_than_was_set(
    spells: list[tuple[float, list[Detection], list[Box]]],
) -> None:
    street = Street(abandoned(), looks_per_s=2)
    for seconds, people, things in spells:
        street.goes_on(seconds, *people, things=things)

    assert street.shown_at is None or street.shown_at - START >= timedelta(seconds=30)
