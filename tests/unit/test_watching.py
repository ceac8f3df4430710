"""When presence in a forbidden zone is an event, and when it is over."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from itertools import count
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from domain.authorisations import DailyHours
from domain.detections import Box, Detection, ObjectClass
from domain.events import EventKind
from domain.identifiers import AuthorisationId, CameraId, EventId, RuleId
from domain.looks import Look, Shown, Sight
from domain.resting import Acts, Rests
from domain.rules import Rule
from domain.watching import CameraWatch, Doing, EventClosed, EventOpened, WatchFact
from domain.zones import Zone

CAMERA, ACT = CameraId(UUID(int=1)), AuthorisationId(UUID(int=2))
LEFT, RIGHT = RuleId(UUID(int=3)), RuleId(UUID(int=4))
ACTS = {EventKind.FORBIDDEN_ZONE: ACT}
START = datetime(2026, 12, 1, 22, 0, tzinfo=UTC)
LOOK = timedelta(milliseconds=200)


def forbidden(rule: RuleId, points: list[tuple[float, float]]) -> Rule:
    shape = Zone.drawn(points)
    return Rule(id=rule, kind=EventKind.FORBIDDEN_ZONE, name="quai", shape=shape)


RULES = [
    forbidden(LEFT, [(0.0, 0.0), (0.4, 0.0), (0.4, 1.0), (0.0, 1.0)]),
    forbidden(RIGHT, [(0.6, 0.0), (1.0, 0.0), (1.0, 1.0), (0.6, 1.0)]),
]
IN_LEFT, BETWEEN, IN_RIGHT = 0.2, 0.5, 0.8


def watch_of(rules: Sequence[Rule] = RULES) -> CameraWatch:
    numbers = count(100)
    return CameraWatch(
        camera=CAMERA, rules=rules, new_event_id=lambda: EventId(UUID(int=next(numbers)))
    )


def someone(
    x: float,
    track: int | None = 1,
    what: ObjectClass = ObjectClass.PERSON,
    confidence: float = 0.8,
) -> Detection:
    return Detection(what, confidence, Box(x - 0.05, 0.3, x + 0.05, 0.7), track)


class Looks:
    """Looks at a camera, one every ``LOOK``, and all that its watch said."""

    def __init__(self, watch: CameraWatch) -> None:
        self.watch = watch
        self.at = START
        self.facts: list[WatchFact] = []

    def see(self, *detections: Detection, times: int = 1) -> None:
        for _ in range(times):
            self.facts += self.watch.saw(Look(at=self.at, tracks=detections), ACTS)
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
            rule_id=LEFT,
            authorisation_id=ACT,
            opened_at=START + 2 * LOOK,
            shown=(Shown.of(someone(IN_LEFT)),),
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
            rule_id=LEFT,
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


def test_what_may_be_a_bollard_is_nobody_until_it_has_moved() -> None:
    looks = Looks(watch_of())

    for trembles in (0.0, 0.02, -0.02) * 20:
        looks.see(someone(IN_LEFT + trembles, confidence=0.45))
    assert looks.facts == []
    looks.see(someone(IN_LEFT - 0.15, confidence=0.45), times=3)

    assert len(looks.openings) == 1


def test_who_is_seen_faintly_and_comes_from_elsewhere_is_somebody() -> None:
    looks = Looks(watch_of())

    for x in (BETWEEN, BETWEEN - 0.05, BETWEEN - 0.1):
        looks.see(someone(x, confidence=0.4))
    looks.see(someone(BETWEEN - 0.15, confidence=0.4), times=3)

    assert len(looks.openings) == 1


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

    assert {fact.rule_id for fact in looks.openings} == {LEFT, RIGHT}


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


def test_a_rule_whose_act_or_hours_or_preset_are_over_is_told_nothing_and_its_event_ends() -> None:
    by_night = replace(RULES[0], hours=DailyHours(time(20), time(6)), preset="2")
    watch = watch_of([by_night])
    at = START

    def look(*, preset: str | None = "2", acts: Acts = ACTS) -> list[WatchFact]:
        nonlocal at
        facts: list[WatchFact] = []
        for _ in range(3):
            facts += watch.saw(Look(at=at, tracks=(someone(IN_LEFT),), preset=preset), acts)
            at += LOOK
        return facts

    def opens() -> None:
        assert [type(fact) for fact in look()] == [EventOpened]
        assert watch.resting == {}

    def rests(facts: list[WatchFact], why: Rests) -> None:
        assert [type(fact) for fact in facts] == [EventClosed]
        assert watch.resting == {by_night.id: why}

    opens()
    rests(look(acts={}), Rests.NO_ACT)
    opens()
    rests(look(preset="1"), Rests.OFF_PRESET)
    opens()
    rests(look(preset=None), Rests.OFF_PRESET)
    opens()
    at += timedelta(hours=10)
    rests(look(), Rests.OFF_HOURS)


def test_each_rule_says_what_it_is_doing_at_a_look() -> None:
    unused = replace(RULES[1], id=RuleId(UUID(int=5)), in_use=False)
    watch = watch_of([*RULES, unused])
    look = Look(at=START, tracks=(someone(IN_LEFT),))

    def said() -> list[tuple[RuleId, Doing, Rests | None]]:
        return [(one.rule.id, one.doing, one.rests) for one in watch.states(look)]

    watch.saw(look, ACTS)
    others = [(RIGHT, Doing.WATCHES, None), (unused.id, Doing.RESTS, Rests.OFF)]
    assert said() == [(LEFT, Doing.COUNTS, None), *others]

    for seen in range(2):
        watch.saw(replace(look, at=START + (seen + 1) * LOOK), ACTS)
    assert said() == [(LEFT, Doing.OPEN, None), *others]


def test_only_what_rules_in_force_ask_for_is_measured() -> None:
    watch = watch_of()

    assert watch.sights(ACTS, at=START) == {Sight.TRACKS}
    assert watch.sights({}, at=START) == frozenset()


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
    at, open_in = START, dict[RuleId | None, EventOpened]()

    def hear(facts: list[WatchFact]) -> None:
        for fact in facts:
            if isinstance(fact, EventOpened):
                assert fact.rule_id not in open_in
                open_in[fact.rule_id] = fact
            else:
                opened = open_in.pop(fact.rule_id)
                assert fact.event_id == opened.event_id
                assert fact.last_seen_at >= opened.opened_at

    for seen, steps in looks:
        at += steps * LOOK
        look = Look(at=at, tracks=tuple(someone(x, track) for x, track in seen))
        hear(watch.saw(look, ACTS))
        assert watch.has_open_event == bool(open_in)
    hear(watch.stop())

    assert not open_in
