"""Whatever is decided, held, lifted, and done to the clock: each picture goes at its hour."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.clocks import TOLERANCE, Belief, Clocks
from domain.identifiers import CameraId, CommuneId, HoldId, PersonId, SegmentId, StreamId
from domain.receipts import Destroyed, Receipt, Why, receipts_of
from domain.recordings import Hold, Retention, Segment, due, is_held, kept_days

PARIS = ZoneInfo("Europe/Paris")
START = datetime(2026, 10, 24, 12, tzinfo=UTC)  # the clocks of Paris go back the night after
TOWN, PERSON = CommuneId(uuid4()), PersonId(uuid4())
CAMERAS = [CameraId(uuid4()) for _ in range(2)]
NOTHING, HOUR, DAY = timedelta(0), timedelta(hours=1), timedelta(days=1)


@dataclass
class Archive:
    """A volume, in a world that has a time of its own beside the one that the host's clock says."""

    now: datetime = START
    off: timedelta = NOTHING
    boot: int = 0
    up_since: datetime = START - DAY
    decisions: list[Retention] = field(default_factory=list)
    there: list[Segment] = field(default_factory=list)
    taken: dict[SegmentId, tuple[datetime, bool]] = field(default_factory=dict)  # clock was right
    holds: list[Hold] = field(default_factory=list)
    gone: list[Destroyed] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.belief = Belief.begin(self.clocks())

    @property
    def wall(self) -> datetime:
        return self.now + self.off

    def clocks(self) -> Clocks:
        return Clocks(
            wall=self.wall,
            database=self.wall,
            boot=str(self.boot),
            steady=self.now - self.up_since,
            is_set=False,
        )

    def goes_on(self, lasts: timedelta) -> None:
        self.now += lasts

    def stops(self, lasts: timedelta) -> None:
        self.now += lasts
        self.boot, self.up_since = self.boot + 1, self.now - HOUR

    def sets_clock(self, off: timedelta) -> None:
        self.off = off

    def decides(self, days: int | None) -> None:
        decision = Retention(commune_id=TOWN, days=days, decided_at=self.wall)
        self.decisions.append(decision)
        self.there = [one.after(decision) for one in self.there]

    def records(self, camera: CameraId) -> None:
        known = self.decisions[-1].days
        if known is None:
            return
        at = self.wall.astimezone(PARIS)  # whatever the zone: an hour is an hour
        one = Segment(
            id=SegmentId(uuid4()),
            commune_id=TOWN,
            stream_id=StreamId(uuid4()),
            camera_id=camera,
            started_at=at,
            ended_at=at + timedelta(minutes=1),
            keep_days=kept_days(known, at, self.decisions),
        )
        self.there.append(one)
        self.taken[one.id] = (self.now, abs(self.off) <= TOLERANCE)

    def holds_hours(self, camera: CameraId, before: timedelta, lasts: timedelta) -> None:
        starts_at = (self.wall - before).astimezone(PARIS)
        hold = Hold(
            id=HoldId(uuid4()),
            commune_id=TOWN,
            requisition="PV 2026/118",
            sources=frozenset({camera}),
            starts_at=starts_at,
            ends_at=starts_at.astimezone(UTC) + lasts,
            placed_at=self.wall,
            placed_by=PERSON,
        )
        self.holds.append(hold)

    def lifts(self) -> None:
        self.holds = [
            one if one.lifted_at else one.lift(by=PERSON, because="restituée", at=self.wall)
            for one in self.holds
        ]

    def looks(self) -> None:
        self.belief = self.belief.look(self.clocks())
        if self.belief.doubt is not None:
            return
        assert abs(self.off) <= TOLERANCE, "a clock that is wrong was believed"
        self.there = [
            replace(one, taken_by=one.taken_by or self.wall)
            if one.started_at > self.wall + TOLERANCE
            else one
            for one in self.there
        ]
        gone = due(self.there, self.holds, now=self.wall)
        self.there = [one for one in self.there if one not in gone]
        for one in gone:
            assert not is_held(one, self.holds)
            age, was_right = self._age(one)
            assert age >= one.keep_days * DAY - 2 * TOLERANCE or not was_right
            self.gone.append(self._destroyed(one))
        for one in self.there:
            age, was_right = self._age(one)
            seen = one.taken_by is None or self.wall < one.taken_by + one.keep_days * DAY
            in_time = age < one.keep_days * DAY + 2 * TOLERANCE if was_right else seen
            assert in_time or is_held(one, self.holds)

    def _age(self, one: Segment) -> tuple[timedelta, bool]:
        taken_at, was_right = self.taken[one.id]
        return self.now - taken_at, was_right

    def _destroyed(self, one: Segment) -> Destroyed:
        return Destroyed(
            segment_id=one.id,
            started_at=one.started_at,
            ended_at=one.ended_at,
            size=one.size,
            sha256="",
            destroyed_at=self.wall,
            why=Why.RETENTION,
        )


spans = st.timedeltas(min_value=NOTHING, max_value=timedelta(days=12))
cameras = st.sampled_from(CAMERAS)
steps = st.one_of(
    st.tuples(st.just("decides"), st.one_of(st.none(), st.integers(1, 30))),
    st.tuples(st.just("records"), cameras),
    st.tuples(st.just("records"), cameras),
    st.tuples(st.just("goes_on"), spans),
    st.tuples(st.just("goes_on"), st.timedeltas(min_value=NOTHING, max_value=HOUR)),
    st.tuples(st.just("looks")),
    st.tuples(st.just("looks")),
    st.tuples(
        st.just("sets_clock"),
        st.one_of(
            st.just(NOTHING),
            st.sampled_from([HOUR, -HOUR, 30 * DAY, -30 * DAY]),
            st.timedeltas(min_value=-40 * DAY, max_value=40 * DAY),
        ),
    ),
    st.tuples(st.just("holds_hours"), cameras, spans, spans.filter(bool)),
    st.tuples(st.just("lifts")),
)


@settings(deadline=None, max_examples=300, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(steps, max_size=40), st.lists(spans, max_size=2))
def test_nothing_past_its_hour_remains_and_nothing_held_or_within_its_hours_goes(
    life: list[tuple[object, ...]], stops: list[timedelta]
) -> None:
    archive = Archive()
    for step, *said in [("decides", 10), ("records", CAMERAS[0]), *life]:
        getattr(archive, str(step))(*said)
        archive.looks()
    archive.sets_clock(NOTHING)
    archive.looks()
    for off in stops:  # a long stop, with a clock that is right: at once
        archive.stops(off)
        archive.looks()
    archive.lifts()
    archive.goes_on(31 * DAY)  # also what was dated by a clock that was ahead
    archive.looks()

    assert archive.belief.doubt is None
    assert archive.there == []
    for receipt in receipts_of(TOWN, CAMERAS[0], archive.gone):
        assert Receipt.read(receipt.canonical()).canonical() == receipt.canonical()
