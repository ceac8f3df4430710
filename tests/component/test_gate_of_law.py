"""The gate of law: whatever acts, clocks and lists do, nothing is looked at outside of a window."""

import asyncio
from collections.abc import AsyncGenerator, Sequence, Set
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from detectors.measures import Measured
from detectors.metrics import FRAMES_ANALYSED
from detectors.protocol import Frame
from domain.analysed import Analysed
from domain.authorisations import Authorisation, DailyHours
from domain.cameras import PlaceKind
from domain.detections import Detection
from domain.events import DECREE_2023_828, EventKind
from domain.identifiers import AuthorisationId, RuleId
from domain.lines import Line
from domain.looks import Finding, Sight
from domain.profiles import Profile
from domain.rules import TYPES, Rule, Shape, labels_of
from domain.watching import EventOpened
from server.pipeline import CameraPipeline, Watched
from tests.component.watching import ACT, QUAY, RULE, SQUARE, Eye, Sink, Still, watched

KINDS = sorted(TYPES)
TURNS_OF_CLOCKS = {
    datetime(2026, 10, 25, 1, 0, tzinfo=UTC): (2, 1),
    datetime(2027, 3, 28, 1, 0, tzinfo=UTC): (1, 2),
}
"""When clocks change in France; how many hours ahead of UTC they are before, and from then on.

Written by hand: the test knows the time of the place from elsewhere than the code does.
"""

minutes = st.integers(-240, 240).map(lambda number: timedelta(minutes=number))
of_the_night = st.integers(-120, 420).map(lambda number: time(*divmod(number % 1440, 60)))
hours = st.builds(
    lambda pair: DailyHours(*pair),
    st.lists(of_the_night, min_size=2, max_size=2, unique=True),
)


@dataclass(frozen=True)
class Case:
    """A camera with rules and acts in a night when clocks change, and when its frames came."""

    turn: datetime
    watched: Watched
    acts: tuple[Authorisation, ...]
    suspended: frozenset[EventKind]
    frames: tuple[tuple[datetime, datetime], ...]
    """Of each, when it was taken, and what the clock said when it was looked at."""

    def holds(self, daily: DailyHours | None, at: datetime) -> bool:
        if daily is None:
            return True
        before, after = TURNS_OF_CLOCKS[self.turn]
        local = (at + timedelta(hours=before if at < self.turn else after)).time()
        is_after, is_before = local >= daily.starts, local < daily.ends
        return is_after and is_before if daily.starts < daily.ends else is_after or is_before

    def allows(self, act: Authorisation, kind: EventKind, at: datetime) -> bool:
        is_for_it = {
            Profile.FRANCE: True,
            Profile.CLOSED_SITE: self.watched.place_kind is PlaceKind.CLOSED_TO_PUBLIC,
            Profile.DEMONSTRATION: self.watched.is_demonstration,
        }
        return (
            is_for_it[act.profile]
            and QUAY in act.camera_ids
            and kind in act.kinds - self.suspended
            and act.starts_at <= at < min(act.ends_at, act.revoked_at or act.ends_at)
            and self.holds(act.hours, at)
        )

    def lawful(self, at: datetime) -> frozenset[EventKind]:
        return frozenset(
            rule.kind
            for rule in self.watched.rules
            if self.holds(rule.hours, at)
            if any(self.allows(act, rule.kind, at) for act in self.acts)
        )


@st.composite
def acts(draw: st.DrawFn, turn: datetime, kinds: frozenset[EventKind]) -> Authorisation:
    named = draw(st.sampled_from([kinds, frozenset({min(kinds)}), frozenset({max(kinds)})]))
    others = [Profile.CLOSED_SITE, Profile.DEMONSTRATION]
    starts = turn + timedelta(minutes=draw(st.integers(-240, 30)))
    return replace(
        ACT,
        id=AuthorisationId(draw(st.uuids())),
        profile=draw(
            st.sampled_from([Profile.FRANCE, *others] if named <= DECREE_2023_828 else others)
        ),
        assessment="AIPD 2026-3",
        act_date=starts.date(),
        kinds=named,
        camera_ids=frozenset({draw(st.sampled_from([QUAY, QUAY, SQUARE]))}),
        starts_at=starts,
        ends_at=starts + timedelta(minutes=draw(st.integers(1, 480))),
        hours=draw(st.none() | hours),
        revoked_at=draw(st.none() | minutes.map(lambda since: turn + since)),
    )


@st.composite
def cases(draw: st.DrawFn) -> Case:
    turn = draw(st.sampled_from(sorted(TURNS_OF_CLOCKS)))
    kinds = draw(st.frozensets(st.sampled_from(KINDS), min_size=1, max_size=4))
    recorded = tuple(draw(st.lists(acts(turn, kinds), min_size=1, max_size=3)))
    suspended = draw(st.sampled_from([frozenset(), frozenset({min(kinds)})]))
    rules = tuple(rule_of(kind, draw(st.none() | hours)) for kind in sorted(kinds))
    # Most frames are looked at when they are taken; clocks that were set differ by anything.
    off = st.sampled_from([True, True, False]).flatmap(
        lambda is_right: st.just(timedelta(0)) if is_right else minutes
    )
    return Case(
        turn=turn,
        watched=replace(
            watched(QUAY),
            rules=rules,
            authorisations=recorded,
            suspended=suspended,
            is_demonstration=draw(st.booleans()),
            place_kind=draw(st.sampled_from(PlaceKind)),
        ),
        acts=recorded,
        suspended=suspended,
        frames=tuple(
            (turn + since, turn + since + set_by)
            for since, set_by in [
                *((timedelta(minutes=every), timedelta(0)) for every in range(-240, 240, 20)),
                *draw(st.lists(st.tuples(minutes, off), max_size=20)),
            ]
        ),
    )


def rule_of(kind: EventKind, daily: DailyHours | None) -> Rule:
    shape = TYPES[kind].shape
    return Rule(
        id=RuleId(UUID(int=100 + KINDS.index(kind))),
        kind=kind,
        name=kind.value,
        shape=Line.drawn([(0.2, 0.0), (0.2, 1.0)]) if shape is Shape.LINE else RULE.shape,
        bearing=90.0 if shape is Shape.DIRECTED_ZONE else None,
        hours=daily,
    )


@dataclass
class Instruments:
    """Measures and an inquiry that note what they were asked, by the picture's number."""

    number: int = -1
    measured: dict[int, frozenset[Sight]] = field(default_factory=dict)
    due: dict[int, Set[RuleId]] = field(default_factory=dict)
    inquired: dict[int, Set[str]] = field(default_factory=dict)

    async def take(
        self, frame: Frame, sights: frozenset[Sight], due: Set[RuleId] = frozenset()
    ) -> Measured:
        self.measured[self.number], self.due[self.number] = sights, due
        return Measured()

    async def ask(
        self, frame: Frame, people: Sequence[Detection], labels: Set[str]
    ) -> tuple[Finding, ...]:
        self.inquired[self.number] = labels
        return ()


def analysed(authorised: str) -> float:
    return float(FRAMES_ANALYSED.labels(authorised)._value.get())


@given(case=cases())
def test_nothing_is_looked_for_outside_of_its_kind_s_window(case: Case) -> None:
    """Over acts, revocations, daily hours, the nights of summer time, clocks, suspensions."""
    eye, sink, kept, asked = Eye(), Sink(), Analysed(), Instruments()
    clock = [case.turn]
    before, outside = analysed("yes"), analysed("no")

    async def frames() -> AsyncGenerator[Still]:
        for number, (at, clock[0]) in enumerate(case.frames):
            asked.number = number
            yield Still(at)

    asyncio.run(
        CameraPipeline(
            watched=case.watched,
            frames=frames(),
            eye=eye,
            measures=asked,
            sink=sink,
            clock=lambda: clock[0],
            analysed=kept,
            inquiry=asked,
            labels=labels_of(KINDS),
        ).run()
    )

    lawful = [case.lawful(at) & case.lawful(now) for at, now in case.frames]
    sights = [
        frozenset().union(*(TYPES[kind].sights_with(labels_of(KINDS)) for kind in kinds))
        for kinds in lawful
    ]
    assert analysed("no") == outside == 0
    assert analysed("yes") - before == sum(1 for kinds in lawful if kinds)
    assert eye.looked_at == [
        at for (at, _), seen in zip(case.frames, sights, strict=True) if Sight.TRACKS in seen
    ]
    assert asked.measured == {
        number: seen for number, seen in enumerate(sights) if seen - {Sight.TRACKS}
    }
    assert asked.due == {
        number: {rule.id for rule in case.watched.rules if rule.kind in lawful[number]}
        for number in asked.measured
    }
    assert asked.inquired == {
        number: labels_of(lawful[number])
        for number, seen in enumerate(sights)
        if Sight.FINDINGS in seen
    }
    for opened in (fact for fact in sink.facts if isinstance(fact, EventOpened)):
        act = next(one for one in case.acts if one.id == opened.authorisation_id)
        assert case.allows(act, opened.kind, opened.opened_at)
    for camera, act_id, kind, hour in kept.take():
        assert kind is not None
        act = next(one for one in case.acts if one.id == act_id)
        taken = [
            at
            for (at, _), kinds in zip(case.frames, lawful, strict=True)
            if kind in kinds and hour <= at < hour + timedelta(hours=1)
        ]
        assert any(case.allows(act, kind, at) for at in taken), camera
