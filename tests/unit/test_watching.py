"""When presence in a forbidden zone is an event, and when it is over."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import count
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from domain.detections import Box, Detection, ObjectClass
from domain.events import EventKind
from domain.identifiers import AuthorisationId, CameraId, EventId, ZoneId
from domain.watching import CameraWatch, EventClosed, EventOpened, WatchFact
from domain.zones import Zone

CAMERA, ACT = CameraId(UUID(int=1)), AuthorisationId(UUID(int=2))
LEFT, RIGHT = ZoneId(UUID(int=3)), ZoneId(UUID(int=4))
START = datetime(2026, 12, 1, 22, 0, tzinfo=UTC)
LOOK = timedelta(milliseconds=200)
ZONES = [
    Zone.drawn(LEFT, "gauche", [(0.0, 0.0), (0.4, 0.0), (0.4, 1.0), (0.0, 1.0)]),
    Zone.drawn(RIGHT, "droite", [(0.6, 0.0), (1.0, 0.0), (1.0, 1.0), (0.6, 1.0)]),
]
IN_LEFT, BETWEEN, IN_RIGHT = 0.2, 0.5, 0.8


def watch_of(zones: Sequence[Zone] = ZONES) -> CameraWatch:
    numbers = count(100)
    return CameraWatch(
        camera=CAMERA, zones=zones, new_event_id=lambda: EventId(UUID(int=next(numbers)))
    )


def someone(x: float, track: int | None = 1, what: ObjectClass = ObjectClass.PERSON) -> Detection:
    return Detection(what, 0.8, Box(x - 0.05, 0.3, x + 0.05, 0.7), track)


class Looks:
    """Looks at a camera, one every ``LOOK``, and all that its watch said."""

    def __init__(self, watch: CameraWatch) -> None:
        self.watch = watch
        self.at = START
        self.facts: list[WatchFact] = []

    def see(self, *detections: Detection, times: int = 1) -> None:
        for _ in range(times):
            self.facts += self.watch.saw(detections, at=self.at, under=ACT)
            self.at += LOOK

    @property
    def openings(self) -> list[EventOpened]:
        return [fact for fact in self.facts if isinstance(fact, EventOpened)]


def test_the_third_look_at_somebody_in_the_zone_opens_an_event() -> None:
    looks = Looks(watch_of())

    looks.see(someone(IN_LEFT), times=2)
    assert looks.facts == []
    looks.see(someone(IN_LEFT))

    assert looks.facts == [
        EventOpened(
            event_id=EventId(UUID(int=100)),
            kind=EventKind.FORBIDDEN_ZONE,
            camera_id=CAMERA,
            zone_id=LEFT,
            authorisation_id=ACT,
            opened_at=START + 2 * LOOK,
            detections=(someone(IN_LEFT),),
        )
    ]
    assert looks.watch.has_open_event


def test_somebody_who_stays_makes_one_event_and_a_quiet_spell_closes_it() -> None:
    looks = Looks(watch_of())

    looks.see(someone(IN_LEFT), times=100)
    left_at = looks.at
    looks.see(times=24)
    assert len(looks.facts) == 1
    looks.see()

    assert looks.facts[1:] == [
        EventClosed(
            event_id=looks.openings[0].event_id,
            camera_id=CAMERA,
            zone_id=LEFT,
            last_seen_at=left_at - LOOK,
        )
    ]
    assert not looks.watch.has_open_event


def test_a_missed_look_neither_delays_the_opening_nor_closes_the_event() -> None:
    looks = Looks(watch_of())

    for _ in range(3):
        looks.see(someone(IN_LEFT))
        looks.see()

    assert [type(fact) for fact in looks.facts] == [EventOpened]


def test_three_people_seen_once_each_are_no_event() -> None:
    looks = Looks(watch_of())

    for track in range(1, 4):
        looks.see(someone(IN_LEFT, track))

    assert looks.facts == []


def test_who_steps_out_again_starts_from_the_beginning() -> None:
    looks = Looks(watch_of())

    looks.see(someone(IN_LEFT), times=2)
    looks.see(someone(BETWEEN))
    looks.see(someone(IN_LEFT), times=2)

    assert looks.facts == []


def test_looks_far_apart_do_not_add_up() -> None:
    looks = Looks(watch_of())

    for _ in range(5):
        looks.see(someone(IN_LEFT, track=None), times=2)
        looks.see(times=30)

    assert looks.facts == []


def test_a_vehicle_in_the_zone_is_not_a_person() -> None:
    looks = Looks(watch_of())

    looks.see(someone(IN_LEFT, what=ObjectClass.CAR), times=10)

    assert looks.facts == []


def test_two_zones_have_an_event_each() -> None:
    looks = Looks(watch_of())

    looks.see(someone(IN_LEFT, 1), someone(IN_RIGHT, 2), times=10)

    assert {fact.zone_id for fact in looks.openings} == {LEFT, RIGHT}


def test_stopping_closes_what_is_open() -> None:
    looks = Looks(watch_of())
    looks.see(someone(IN_LEFT), times=5)

    assert [type(fact) for fact in looks.watch.stop()] == [EventClosed]
    assert looks.watch.stop() == []


def test_a_clock_set_back_keeps_the_event_and_closes_it_in_the_new_time() -> None:
    looks = Looks(watch_of())
    looks.see(someone(IN_LEFT), times=5)

    looks.at = START - timedelta(hours=1)
    looks.see(times=25)
    assert len(looks.facts) == 1
    looks.see()

    closed = looks.facts[1]
    assert isinstance(closed, EventClosed)
    assert closed.last_seen_at >= looks.openings[0].opened_at


@given(
    st.lists(
        st.tuples(
            st.lists(
                st.tuples(st.sampled_from([IN_LEFT, BETWEEN, IN_RIGHT]), st.integers(1, 3)),
                max_size=3,
            ),
            st.integers(-20, 60),
        ),
        max_size=80,
    )
)
def test_at_most_one_event_is_open_in_a_zone_and_each_is_closed_once(
    looks: list[tuple[list[tuple[float, int]], int]],
) -> None:
    watch = watch_of()
    at, open_in = START, dict[ZoneId | None, EventOpened]()

    def hear(facts: list[WatchFact]) -> None:
        for fact in facts:
            if isinstance(fact, EventOpened):
                assert fact.zone_id not in open_in
                open_in[fact.zone_id] = fact
            else:
                opened = open_in.pop(fact.zone_id)
                assert fact.event_id == opened.event_id
                assert fact.last_seen_at >= opened.opened_at

    for seen, steps in looks:
        at += steps * LOOK
        hear(watch.saw([someone(x, track) for x, track in seen], at=at, under=ACT))
        assert watch.has_open_event == bool(open_in)
    hear(watch.stop())

    assert not open_in
