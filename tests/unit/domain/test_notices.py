"""What a camera says by itself: which of it is an event, under which act, and when it is over."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import count
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.authorisations import Authorisation
from domain.events import DECREE_2023_828, EventKind
from domain.identifiers import AuthorisationId, CameraId, CommuneId, EventId, PersonId
from domain.notices import (
    ENDS_AFTER,
    LONGEST,
    MOST_OFTEN,
    MOST_OPEN,
    OFTEN_WITHIN,
    CameraNotices,
    Dropped,
    Notice,
    kind_of,
    state_of,
)
from domain.profiles import Profile
from domain.watching import EventClosed, EventOpened, WatchFact

CAMERA = CameraId(UUID(int=1))
START = datetime(2026, 12, 1, 22, tzinfo=UTC)
ACT = Authorisation(
    id=AuthorisationId(UUID(int=10)),
    commune_id=CommuneId(UUID(int=11)),
    profile=Profile.FRANCE,
    law="Loi no 2023-380, article 10",
    act_reference="Arrêté 2026-117",
    act_date=date(2026, 11, 1),
    authority="Préfet",
    purpose="protection",
    place="quai",
    kinds=frozenset({EventKind.FORBIDDEN_ZONE, EventKind.FIRE}),
    camera_ids=frozenset({CAMERA}),
    starts_at=START,
    ends_at=START + timedelta(hours=2),
    recorded_at=START,
    recorded_by=PersonId(UUID(int=12)),
)
INSIDE = "tns1:RuleEngine/FieldDetector/ObjectsInside"


def hearing(*acts: Authorisation) -> CameraNotices:
    numbers = count(100)
    return CameraNotices(CAMERA, False, lambda: EventId(UUID(int=next(numbers))), acts)


def says(topic: str, operation: str = "Changed", rule: str = "r1", **data: str) -> Notice:
    return Notice(topic, operation, {"Rule": rule}, data)


@pytest.mark.parametrize(
    ("topic", "kind"),
    [
        ("tns1:RuleEngine/LineDetector/Crossed", EventKind.FORBIDDEN_ZONE),
        (INSIDE, EventKind.FORBIDDEN_ZONE),
        ("tns1:RuleEngine/tnsmaker:UnattendedObject", EventKind.ABANDONED_OBJECT),
        ("tns1:RuleEngine/FireDetector/Fire_Detected", EventKind.FIRE),
        ("tns1:RuleEngine/FireDetection/Alarm", EventKind.FIRE),
        ("tns1:VideoAnalytics/maker:WrongDirection", EventKind.WRONG_WAY),
        ("tns1:RuleEngine/CellMotionDetector/Motion", None),
        ("tns1:VideoSource/MotionAlarm", None),
        ("tns1:RuleEngine/FaceRecognition/Match", None),
        ("tns1:RuleEngine/LicensePlateDetector/Found", None),
        ("tns1:VideoSource/GlobalSceneChange/ImagingService", None),
        ("tns1:AudioAnalytics/Audio/DetectedSound", None),
        ("", None),
    ],
)
def test_only_kinds_that_can_be_authorised_are_heard(topic: str, kind: EventKind | None) -> None:
    assert kind_of(topic) is kind
    assert kind is None or kind in DECREE_2023_828


def test_it_opens_under_an_act_and_closes_when_the_camera_says_so() -> None:
    one = hearing(ACT)
    (opened,) = one.told(says(INSIDE, IsInside="true"), at=START)
    still = one.told(says(INSIDE, IsInside="true"), at=START + timedelta(seconds=4))
    (closed,) = one.told(says(INSIDE, IsInside="false"), at=START + timedelta(seconds=9))

    assert isinstance(opened, EventOpened)
    assert (opened.kind, opened.authorisation_id) == (EventKind.FORBIDDEN_ZONE, ACT.id)
    assert (opened.opened_at, opened.shown, opened.rule_id) == (START, (), None)
    assert still == []
    assert isinstance(closed, EventClosed)
    assert (closed.event_id, closed.last_seen_at) == (opened.event_id, START + timedelta(seconds=9))
    assert one.dropped == {Dropped.REPEATED: 1}


@pytest.mark.parametrize(
    ("acts", "at", "topic", "why"),
    [
        ((), START, INSIDE, Dropped.NO_ACT),
        ((ACT,), START - timedelta(seconds=1), INSIDE, Dropped.NO_ACT),
        ((ACT,), START + timedelta(hours=2), INSIDE, Dropped.NO_ACT),
        ((replace(ACT, revoked_at=START),), START, INSIDE, Dropped.NO_ACT),
        ((ACT,), START, "tns1:RuleEngine/WeaponDetection", Dropped.NO_ACT),
        ((ACT,), START, "tns1:VideoSource/MotionAlarm", Dropped.NO_KIND),
    ],
)
def test_without_an_act_in_force_nothing_is_heard(
    acts: tuple[Authorisation, ...], at: datetime, topic: str, why: Dropped
) -> None:
    one = hearing(*acts)

    assert one.told(says(topic, State="true"), at=at) == []
    assert one.dropped == {why: 1}


def test_what_only_happens_ends_by_itself() -> None:
    one = hearing(ACT)
    crossed = says("tns1:RuleEngine/LineDetector/Crossed", ObjectId="7")
    first = one.told(crossed, at=START)
    again = one.told(crossed, at=START + timedelta(seconds=5))
    early = one.passes(at=START + ENDS_AFTER)
    (closed,) = one.passes(at=START + timedelta(seconds=5) + ENDS_AFTER)

    assert (len(first), again, early) == (1, [], [])
    assert isinstance(closed, EventClosed)
    assert closed.last_seen_at == START + timedelta(seconds=5)


def test_a_camera_that_never_says_the_end_is_not_believed_for_ever() -> None:
    one = hearing(ACT)
    one.told(says(INSIDE, IsInside="1"), at=START)

    assert one.passes(at=START + LONGEST - timedelta(seconds=1)) == []
    assert len(one.passes(at=START + LONGEST)) == 1


def test_two_rules_are_two_events_and_both_end_when_it_is_not_heard_any_more() -> None:
    one = hearing(ACT)
    opened = one.told(says(INSIDE, rule="quai", IsInside="true"), at=START)
    opened += one.told(says(INSIDE, rule="pont", IsInside="true"), at=START)

    assert len(opened) == 2
    assert len(one.ends(at=START + timedelta(seconds=1))) == 2
    assert one.ends(at=START) == []


def test_a_camera_that_names_ever_new_rules_is_not_believed() -> None:
    hears = hearing(ACT)
    facts = [
        fact
        for number in range(3 * MOST_OPEN)
        for fact in hears.told(says(INSIDE, rule=f"r{number}", IsInside="true"), at=START)
    ]

    assert len(facts) == MOST_OPEN
    assert hears.dropped == {Dropped.TOO_MANY: 2 * MOST_OPEN}


def test_what_was_over_before_we_asked_is_no_event() -> None:
    one = hearing(ACT)

    assert one.told(says(INSIDE, "Initialized", IsInside="false"), at=START) == []
    assert len(one.told(says(INSIDE, "Initialized", IsInside="true"), at=START)) == 1
    assert state_of(says(INSIDE, Whatever="true")) is None


def test_a_camera_that_says_ever_anew_what_it_sees_raises_no_flood_and_hides_no_other_kind() -> (
    None
):
    hears, seconds = hearing(ACT), 0
    opened = list[EventOpened]()
    while seconds < OFTEN_WITHIN.total_seconds():
        for value in ("true", "false"):
            at = START + timedelta(seconds=seconds)
            facts = hears.told(says(INSIDE, IsInside=value), at=at)
            opened += [fact for fact in facts if isinstance(fact, EventOpened)]
        seconds += 2

    assert len(opened) == MOST_OFTEN
    assert hears.dropped == {Dropped.TOO_OFTEN: 300 - MOST_OFTEN}
    at = START + timedelta(seconds=seconds)
    assert len(hears.told(says("tns1:RuleEngine/FireDetection/Alarm", State="true"), at=at)) == 1
    assert len(hears.told(says(INSIDE, IsInside="true"), at=at)) == 1  # the first is forgotten


def test_an_event_ends_with_the_act_that_allows_it_however_the_camera_goes_on() -> None:
    last, end = ACT.ends_at - timedelta(seconds=5), ACT.ends_at
    one, other = hearing(ACT), hearing(ACT)
    for each in (one, other):
        each.told(says(INSIDE, IsInside="true"), at=last)
    (closed,) = one.told(says(INSIDE, IsInside="true"), at=end)
    (by_itself,) = other.passes(at=end)

    assert isinstance(closed, EventClosed)
    assert isinstance(by_itself, EventClosed)
    assert closed.last_seen_at == by_itself.last_seen_at == last
    assert one.dropped == {Dropped.NO_ACT: 1}


def test_a_clock_set_back_keeps_no_event_open_for_longer_and_silences_no_camera() -> None:
    one = hearing(ACT)
    late = START + timedelta(hours=1)
    for number in range(MOST_OFTEN):
        one.told(says(INSIDE, rule=str(number), IsInside="true"), at=late)
        one.told(says(INSIDE, rule=str(number), IsInside="false"), at=late)
    one.told(says("tns1:RuleEngine/FireDetector/Fire_Detected", State="true"), at=late)
    opened = one.told(says(INSIDE, IsInside="true"), at=START)
    closed = one.passes(at=START + LONGEST)

    assert len(opened) == 1
    assert len(closed) == 2
    assert all(isinstance(fact, EventClosed) for fact in closed)


ACTS = st.lists(
    st.builds(
        lambda begins, lasts, revoked: replace(
            ACT,
            starts_at=START + timedelta(seconds=begins),
            ends_at=START + timedelta(seconds=begins + lasts),
            revoked_at=None if revoked is None else START + timedelta(seconds=revoked),
        ),
        st.integers(0, 300),
        st.integers(1, 300),
        st.none() | st.integers(0, 600),
    ),
    max_size=3,
)


@given(ACTS, st.lists(st.tuples(st.integers(0, 700), st.sampled_from(["true", "false", "-"]))))
def test_whatever_a_camera_says_each_event_lies_within_an_act(
    acts: list[Authorisation], said: list[tuple[int, str]]
) -> None:
    """Its opening and what was heard of it last, in any order of times."""
    one = hearing(*acts)
    facts: list[WatchFact] = []
    for second, state in said:
        at = START + timedelta(seconds=second)
        if state == "-":
            facts += one.passes(at=at)
        else:
            facts += one.told(says(INSIDE, IsInside=state), at=at)
    facts += one.ends(at=START + timedelta(seconds=701))

    opened = {fact.event_id: fact for fact in facts if isinstance(fact, EventOpened)}
    closed = {fact.event_id: fact for fact in facts if isinstance(fact, EventClosed)}
    assert opened.keys() == closed.keys()
    covered = [
        (fact.kind, at)
        for fact in opened.values()
        for at in (fact.opened_at, closed[fact.event_id].last_seen_at)
    ]
    assert all(any(act.covers(CAMERA, kind, at) for act in acts) for kind, at in covered)
