"""Nothing past its hour remains; nothing held, or within its hours, goes."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.identifiers import (
    CameraId,
    CommuneId,
    HoldId,
    PersonId,
    PlaybackId,
    SegmentId,
    StreamId,
)
from domain.recordings import (
    BadHold,
    BadHours,
    BadRetention,
    Hold,
    HoldLifted,
    Playback,
    Retention,
    Segment,
    due,
    full_at,
    gaps,
    is_held,
    kept_days,
    to_make_room,
)

NOW = datetime(2026, 10, 24, 12, tzinfo=UTC)  # the clocks of Paris go back the night after
TOWN, OTHER_TOWN = CommuneId(uuid4()), CommuneId(uuid4())
CAMERAS = [CameraId(uuid4()) for _ in range(3)]
PERSON = PersonId(uuid4())
DAY = timedelta(days=1)


def segment(
    *,
    camera: CameraId = CAMERAS[0],
    at: datetime = NOW,
    days: int = 10,
    size: int = 1000,
    lasts: timedelta = timedelta(minutes=2),
) -> Segment:
    return Segment(
        id=SegmentId(uuid4()),
        commune_id=TOWN,
        stream_id=StreamId(uuid4()),
        camera_id=camera,
        started_at=at,
        ended_at=at + lasts,
        keep_days=days,
        size=size,
    )


def hold(
    *,
    sources: frozenset[UUID] = frozenset({CAMERAS[0]}),
    starts_at: datetime = NOW,
    ends_at: datetime = NOW + timedelta(hours=1),
) -> Hold:
    return Hold(
        id=HoldId(uuid4()),
        commune_id=TOWN,
        requisition="réquisition 2026/118",
        sources=sources,
        starts_at=starts_at,
        ends_at=ends_at,
        placed_at=NOW,
        placed_by=PERSON,
    )


# A control room's months: what it decides, records, holds and purges, in any order.


@dataclass
class Room:
    """Says again, in another way, what each picture's fate is to be."""

    now: datetime = NOW
    days: int | None = None
    there: list[Segment] = field(default_factory=list)
    allowed: dict[SegmentId, int] = field(default_factory=dict)
    holds: list[Hold] = field(default_factory=list)

    def decide(self, days: int | None) -> None:
        decision = Retention(commune_id=TOWN, days=days, decided_at=self.now)
        self.there = [one.after(decision) for one in self.there]
        self.days = days
        if days is not None:
            self.allowed = {one: min(kept, days) for one, kept in self.allowed.items()}

    def record(self, camera: CameraId) -> None:
        if self.days is not None:
            taken = segment(camera=camera, at=self.now, days=self.days)
            self.there.append(taken)
            self.allowed[taken.id] = self.days

    def place(self, camera: CameraId, since: timedelta, lasts: timedelta) -> None:
        starts_at = self.now - since
        placed = hold(sources=frozenset({camera}), starts_at=starts_at, ends_at=starts_at + lasts)
        self.holds.append(placed)

    def lift(self) -> None:
        self.holds = [
            one if one.lifted_at else one.lift(by=PERSON, because="restituée", at=self.now)
            for one in self.holds
        ]

    def purge(self) -> None:
        gone = due(self.there, self.holds, now=self.now)
        self.there = [one for one in self.there if one not in gone]
        for one in gone:
            assert self.may_go(one)
            assert not self.wanted(one)
        for one in self.there:
            assert not self.may_go(one) or self.wanted(one)

    def may_go(self, one: Segment) -> bool:
        return (self.now - one.started_at).total_seconds() >= self.allowed[one.id] * 86_400

    def wanted(self, one: Segment) -> bool:
        return any(
            held.lifted_at is None
            and one.camera_id in held.sources
            and max(one.started_at, held.starts_at) <= one.ended_at
            and max(one.started_at, held.starts_at) < held.ends_at
            for held in self.holds
        )


jumps = st.timedeltas(min_value=timedelta(hours=-3), max_value=timedelta(days=12))
steps = st.one_of(
    st.tuples(st.just("decide"), st.one_of(st.none(), st.integers(1, 30))),
    st.tuples(st.just("record"), st.sampled_from(CAMERAS)),
    st.tuples(st.just("record"), st.sampled_from(CAMERAS)),
    st.tuples(
        st.just("place"),
        st.sampled_from(CAMERAS),
        st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=40)),
        st.timedeltas(min_value=timedelta(seconds=1), max_value=timedelta(days=3)),
    ),
    st.tuples(st.just("lift")),
    st.tuples(st.just("jump"), jumps),
    st.tuples(st.just("jump"), jumps),
    st.tuples(st.just("purge")),
)


on_a_busy_machine = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


@settings(on_a_busy_machine, max_examples=300)
@given(st.lists(steps, max_size=40))
def test_whatever_is_decided_nothing_past_its_hour_stays_and_nothing_wanted_goes(
    life: list[tuple[object, ...]],
) -> None:
    room = Room()
    for step, *said in [("decide", 5), ("record", CAMERAS[0]), *life, ("purge",)]:
        if step == "jump":
            (by,) = said
            assert isinstance(by, timedelta)
            room.now += by
        else:
            getattr(room, str(step))(*said)


@on_a_busy_machine
@given(
    st.integers(1, 30),
    st.lists(st.tuples(st.integers(0, 40), st.one_of(st.none(), st.integers(1, 30)))),
)
def test_what_is_found_on_the_disk_is_kept_as_long_as_the_index_would_have(
    fixed: int, later: list[tuple[int, int | None]]
) -> None:
    decisions = [
        Retention(commune_id=TOWN, days=days, decided_at=NOW + after * DAY) for after, days in later
    ]
    taken = segment(days=fixed)
    for decision in decisions:
        taken = taken.after(decision)

    assert kept_days(fixed, NOW, decisions) == taken.keep_days


def test_what_was_begun_before_the_news_had_come_is_kept_as_was_decided() -> None:
    def decided(days: int | None, at: datetime) -> Retention:
        return Retention(commune_id=TOWN, days=days, decided_at=at)

    long_ago, shorter = decided(30, NOW - 9 * DAY), decided(3, NOW - timedelta(minutes=4))
    off = decided(None, NOW - timedelta(minutes=2))
    of_then = decided(1, NOW - 8 * DAY)

    assert kept_days(30, NOW, [long_ago, shorter]) == 3
    assert kept_days(30, NOW, [long_ago, shorter, off]) == 3
    assert kept_days(30, NOW, [long_ago]) == 30
    assert kept_days(30, NOW, [of_then, decided(30, NOW - 7 * DAY)]) == 30
    assert kept_days(3, NOW, [long_ago]) == 3
    assert kept_days(30, NOW, []) == 30


@pytest.mark.parametrize("days", [0, -1, 31, 4000])
def test_a_retention_outside_the_law_is_refused_with_the_limits(days: int) -> None:
    with pytest.raises(BadRetention, match="between 1 and 30"):
        Retention(commune_id=TOWN, days=days, decided_at=NOW)


def test_a_longer_retention_leaves_pictures_already_taken_as_they_are() -> None:
    taken = segment(days=10)

    longer = taken.after(Retention(commune_id=TOWN, days=30, decided_at=NOW))
    off = taken.after(Retention(commune_id=TOWN, days=None, decided_at=NOW))

    assert longer.keep_until == off.keep_until == NOW + 10 * DAY


def test_shortening_reaches_back_and_lengthening_again_gives_nothing_back() -> None:
    shorter = segment(days=10).after(Retention(commune_id=TOWN, days=5, decided_at=NOW))
    longer = shorter.after(Retention(commune_id=TOWN, days=20, decided_at=NOW))

    assert longer.keep_until == NOW + 5 * DAY


@pytest.mark.parametrize("month", [3, 10])
def test_a_day_has_24_hours_when_the_clocks_of_the_town_change(month: int) -> None:
    paris = ZoneInfo("Europe/Paris")
    before = datetime(2026, month, 24, 12, tzinfo=paris)
    taken = segment(at=before, days=5)

    elapsed = taken.keep_until - before.astimezone(UTC)

    assert elapsed == timedelta(hours=120)
    assert due([taken], [], now=taken.keep_until) == [taken]
    assert due([taken], [], now=taken.keep_until - timedelta(microseconds=1)) == []


def test_a_hold_keeps_its_cameras_and_hours_and_nothing_beside_them() -> None:
    asked = hold()
    kept = segment()
    other_camera = segment(camera=CAMERAS[1])
    before = segment(at=NOW - timedelta(minutes=10))
    after = segment(at=NOW + timedelta(hours=1))
    of_others = replace(segment(), commune_id=OTHER_TOWN)

    gone = due([kept, other_camera, before, after, of_others], [asked], now=NOW + 20 * DAY)

    assert gone == [other_camera, before, after, of_others]


def test_a_patrols_recording_is_held_by_its_stream() -> None:
    filmed = replace(segment(), camera_id=None)

    assert is_held(filmed, [hold(sources=frozenset({filmed.stream_id}))])
    assert not is_held(filmed, [hold()])


def test_a_lifted_hold_keeps_nothing_and_can_not_be_lifted_twice() -> None:
    lifted = hold().lift(by=PERSON, because="remise faite", at=NOW + DAY)

    assert due([segment()], [lifted], now=NOW + 20 * DAY)
    with pytest.raises(HoldLifted):
        lifted.lift(by=PERSON, because="encore", at=NOW + DAY)


def test_a_hold_names_its_requisition_its_cameras_and_an_hour_that_has_a_length() -> None:
    with pytest.raises(BadHold, match="requisition"):
        replace(hold(), requisition=" ")
    with pytest.raises(BadHold, match="camera"):
        hold(sources=frozenset())
    with pytest.raises(BadHold, match="end before"):
        hold(ends_at=NOW)
    with pytest.raises(BadHold, match="why"):
        hold().lift(by=PERSON, because="", at=NOW)


def test_a_hold_is_placed_for_hours_that_a_requisition_can_name() -> None:
    def place(starts_at: datetime, ends_at: datetime) -> Hold:
        return hold(starts_at=starts_at, ends_at=ends_at).placed()

    month = hold(starts_at=NOW - 30 * DAY, ends_at=NOW + DAY)
    assert month.placed() == month
    with pytest.raises(BadHold, match="at most 31 days"):
        place(NOW - 30 * DAY, NOW + DAY + timedelta(seconds=1))
    with pytest.raises(BadHold, match="one day from now"):
        place(NOW, NOW + DAY + timedelta(seconds=1))
    # One of before these limits is still read, and still keeps what it names.
    assert hold(starts_at=NOW - 400 * DAY, ends_at=NOW + DAY).keeps(segment())


# When the disk fills


@on_a_busy_machine
@given(
    st.lists(st.tuples(st.integers(0, 200), st.integers(1, 5000)), max_size=30),
    st.integers(-10, 60_000),
)
def test_room_is_made_of_the_oldest_and_never_of_what_is_held(
    sizes: list[tuple[int, int]], wanted: int
) -> None:
    there = [segment(at=NOW + minute * timedelta(minutes=1), size=size) for minute, size in sizes]
    holds = [hold()]

    gone = to_make_room(there, holds, bytes_wanted=wanted)

    free = [one for one in there if not is_held(one, holds)]
    stay = [one for one in free if one not in gone]
    freed = sum(one.size for one in gone)
    assert not any(is_held(one, holds) for one in gone)
    assert all(one.started_at <= other.started_at for one in gone for other in stay)
    assert freed >= wanted or not stay
    assert not gone or freed - gone[-1].size < wanted


def fills(free_days: int, *going: tuple[datetime, int], bytes_per_s: float = 1.0) -> object:
    return full_at(
        going, now=NOW, bytes_free=86_400 * free_days, bytes_per_s=bytes_per_s, keep=10 * DAY
    )


def test_a_disk_that_holds_the_whole_retention_never_fills() -> None:
    assert fills(10) is None
    assert fills(0, bytes_per_s=0.0) is None


def test_a_disk_that_is_too_small_says_when_it_will_be_full() -> None:
    assert fills(3) == NOW + 3 * DAY


def test_what_goes_by_its_hour_makes_room() -> None:
    overdue, in_time, too_late = NOW - DAY, NOW + 2 * DAY, NOW + 12 * DAY

    assert fills(3, (in_time, 86_400 * 4)) == NOW + 7 * DAY
    assert fills(3, (overdue, 86_400)) == NOW + 4 * DAY
    assert fills(3, (too_late, 86_400 * 4)) == NOW + 3 * DAY
    assert fills(3, (in_time, 86_400 * 7)) is None


# Looking back


def test_where_there_is_no_picture_is_said_and_a_change_of_files_is_no_gap() -> None:
    minute = timedelta(minutes=1)
    there = [
        segment(at=NOW - minute),  # two minutes each
        segment(at=NOW + minute + timedelta(seconds=1)),
        segment(at=NOW + 5 * minute),
    ]

    found = gaps(there, starts_at=NOW, ends_at=NOW + 10 * minute)

    assert found == [
        (NOW + 3 * minute + timedelta(seconds=1), NOW + 5 * minute),
        (NOW + 7 * minute, NOW + 10 * minute),
    ]
    assert gaps([], starts_at=NOW, ends_at=NOW + minute) == [(NOW, NOW + minute)]


def test_leave_to_look_is_one_persons_of_one_source_and_some_hours_for_a_shift() -> None:
    taken = segment()
    leave = Playback(
        id=PlaybackId(uuid4()),
        commune_id=TOWN,
        source=taken.source,
        person_id=PERSON,
        starts_at=NOW,
        ends_at=NOW + timedelta(hours=1),
        opened_at=NOW + DAY,
    )
    at = NOW + DAY + timedelta(hours=1)

    assert leave.covers(taken, by=PERSON, at=at)
    # A clock that was set back gives no leave again; two hosts' clocks may differ a little.
    assert not leave.covers(taken, by=PERSON, at=leave.opened_at - timedelta(hours=1))
    assert leave.covers(taken, by=PERSON, at=leave.opened_at - timedelta(seconds=2))
    assert not leave.covers(taken, by=PersonId(uuid4()), at=at)
    assert not leave.covers(taken, by=PERSON, at=at + timedelta(hours=11))
    assert not leave.covers(segment(camera=CAMERAS[1]), by=PERSON, at=at)
    assert not leave.covers(segment(at=NOW + timedelta(hours=1)), by=PERSON, at=at)
    for hours in (0, -1, 25):
        with pytest.raises(BadHours):
            replace(leave, ends_at=NOW + timedelta(hours=hours))
