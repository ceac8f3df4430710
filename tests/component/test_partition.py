"""The gate of law while the database is away: what nobody confirms ends, whatever the clocks do.

The list of what is watched is asked of a database that goes and comes back, by a way that may lose
the question, or keep the answer back. Acts are revoked there meanwhile. The process may stand
still, and its machine may sleep.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Sequence, Set
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import Enum

from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.looker import Seen
from detectors.measures import Measured
from detectors.protocol import Frame
from domain.analysed import Analysed
from domain.authorisations import Authorisation
from domain.errors import Unavailable
from domain.events import EventKind
from domain.facts import CameraChanged
from domain.identifiers import AuthorisationId, RuleId, StreamId
from domain.looks import Sight
from domain.rules import Rule
from server.bus import Numbered
from server.database.bus import Following
from server.detect.service import DetectService
from server.pipeline import Listed, Watched
from server.watch_list import followed
from tests.component.hours import Loop, run
from tests.component.watching import ACT, QUAY, RULE, START, Sink, Still, watched

TRUSTED_FOR_S = 120.0
LASTS_S = 900.0
"""Of each example; the last ``QUIET_S`` of it nothing is in the way any more."""
QUIET_S = 100.0
REFUSED_AFTER_S, SILENT_FOR_S = 5.0, 85.0
"""How long a read tries to connect; and how long its five queries may take at most."""
PICTURE_EVERY_S = 3.0
KINDS = frozenset({EventKind.FORBIDDEN_ZONE, EventKind.ABANDONED_OBJECT})
RULES: tuple[Rule, ...] = (RULE, replace(RULE, kind=EventKind.ABANDONED_OBJECT))


@dataclass(frozen=True)
class Gap:
    """The database can't be reached: connections are refused, or what is sent waits."""

    starts_s: float
    ends_s: float
    refuses: bool


class Trouble(Enum):
    STANDS_STILL = "the process gets no turn"
    SLEEPS = "the machine sleeps, and the time of its loop with it"
    SET_BACK = "its clock is set back"


@dataclass(frozen=True)
class Upset:
    starts_s: float
    by_s: float
    trouble: Trouble


@dataclass(frozen=True)
class Case:
    acts: tuple[Authorisation, ...]
    gaps: tuple[Gap, ...]
    upsets: tuple[Upset, ...]
    there_s: float
    back_s: float
    """How long a question and its answer are on their way."""
    tells: bool
    """Whether what changes is told by facts, too."""
    picture_waits_s: float
    look_takes_s: float


seconds = st.integers(1, int(LASTS_S - QUIET_S)).map(float)
lengths = st.sampled_from([1.0, 30.0, 100.0, 119.0, 150.0, 300.0])


@st.composite
def acts(draw: st.DrawFn) -> Authorisation:
    starts = START + timedelta(seconds=draw(st.integers(-100, 200)))
    revoked = draw(st.none() | seconds)
    return replace(
        ACT,
        id=AuthorisationId(draw(st.uuids())),
        kinds=KINDS,
        starts_at=starts,
        ends_at=starts + timedelta(seconds=draw(st.sampled_from([60, 333, 600, 5000, 5001]))),
        revoked_at=None if revoked is None else START + timedelta(seconds=revoked),
    )


def spans[T](strategy: st.SearchStrategy[T]) -> st.SearchStrategy[tuple[T, ...]]:
    return st.lists(strategy, max_size=3).map(tuple)


cases = st.builds(
    Case,
    acts=st.lists(acts(), min_size=1, max_size=2).map(tuple),
    gaps=spans(
        st.builds(
            lambda starts, lasts, refuses: Gap(
                starts, min(starts + lasts, LASTS_S - QUIET_S), refuses
            ),
            seconds,
            lengths,
            st.booleans(),
        )
    ),
    upsets=spans(st.builds(Upset, seconds, lengths, st.sampled_from(Trouble))),
    there_s=st.sampled_from([0.01, 0.01, 1.0, 20.0, 40.0]),
    back_s=st.sampled_from([0.01, 0.01, 1.0, 20.0, 40.0]),
    tells=st.booleans(),
    picture_waits_s=st.sampled_from([0.0, 0.0, 2.0, 10.0]),
    look_takes_s=st.sampled_from([0.0, 0.0, 0.7, 5.0]),
)


@dataclass(frozen=True)
class Answer:
    """What a read gave: when it was so in the database, when it came, and its acts."""

    so_at_s: float
    came_at_s: float
    acts: frozenset[AuthorisationId]


@dataclass
class World:
    """The database and the way to it, the camera, and what was looked at when."""

    case: Case
    loop: Loop
    asleep_s: float = 0.0
    set_back_s: float = 0.0
    answers: list[Answer] = field(default_factory=list)
    looks: list[tuple[float, datetime, datetime]] = field(default_factory=list)
    """When each truly began; what the clock said then, and when its picture was taken."""

    def __post_init__(self) -> None:
        self.facts = Following(100)
        for upset in self.case.upsets:
            self.loop.call_at(upset.starts_s, self._upset, upset)

    @property
    def now_s(self) -> float:
        return self.loop.time() + self.asleep_s

    def clock(self) -> datetime:
        return at(self.now_s - self.set_back_s)

    def _upset(self, upset: Upset) -> None:
        match upset.trouble:
            case Trouble.STANDS_STILL:
                self.loop.now_s += upset.by_s
            case Trouble.SLEEPS:
                self.asleep_s += upset.by_s
            case Trouble.SET_BACK:
                self.set_back_s += upset.by_s

    # The database, and the way to it.

    async def read(self) -> list[Watched]:
        asked_at = self.clock()
        try:
            async with asyncio.timeout(SILENT_FOR_S):
                await self._connect()
                await self._send(self.case.there_s)
                so_at_s = self.now_s
                there = self._running(asked_at)
                await self._send(self.case.back_s)
        except TimeoutError:
            raise Unavailable("no answer") from None
        self.answers.append(Answer(so_at_s, self.now_s, frozenset(act.id for act in there)))
        return [replace(watched(QUAY, *there), rules=RULES)] if there else []

    def _running(self, asked_at: datetime) -> tuple[Authorisation, ...]:
        return tuple(
            replace(act, revoked_at=None)
            for act in self.case.acts
            if act.ends_at > asked_at
            if act.revoked_at is None or act.revoked_at > at(self.now_s)
        )

    def _gap(self) -> Gap | None:
        return next(
            (one for one in self.case.gaps if one.starts_s <= self.now_s < one.ends_s), None
        )

    async def _connect(self) -> None:
        gap = self._gap()
        if gap is not None and gap.refuses:
            await asyncio.sleep(REFUSED_AFTER_S)
            raise Unavailable("connection refused")

    async def _send(self, takes_s: float) -> None:
        await asyncio.sleep(takes_s)
        await self._is_there()

    async def _is_there(self) -> None:
        there_at_s = self.now_s
        for gap in sorted(self.case.gaps, key=lambda one: one.starts_s):
            if gap.starts_s <= there_at_s < gap.ends_s:
                there_at_s = gap.ends_s
        await asyncio.sleep(there_at_s - self.now_s)

    @contextmanager
    def follow(self) -> Iterator[Following]:
        yield self.facts

    async def tell(self) -> None:
        """Tell of each revocation, once there is a way."""
        revoked = sorted(act.revoked_at for act in self.case.acts if act.revoked_at is not None)
        for number, when in enumerate(revoked):
            await asyncio.sleep((when - at(self.now_s)).total_seconds())
            await self._is_there()
            changed = CameraChanged(at=when, commune_id=ACT.commune_id, camera_id=QUAY)
            self.facts.tell(Numbered(number, changed))

    # The camera, and what looks at it.

    async def frames(self, stream_id: StreamId) -> AsyncGenerator[Frame]:
        while True:
            taken_at = self.clock()
            await asyncio.sleep(self.case.picture_waits_s)
            yield Still(taken_at)
            await asyncio.sleep(PICTURE_EVERY_S)

    async def look(self, frame: Frame) -> Seen:
        self._note(frame)
        await asyncio.sleep(self.case.look_takes_s)
        return Seen()

    def forget(self) -> None:
        pass

    async def take(
        self, frame: Frame, sights: frozenset[Sight], due: Set[RuleId] = frozenset()
    ) -> Measured:
        if sights:
            self._note(frame)
        return Measured()

    def _note(self, frame: Frame) -> None:
        self.looks.append((self.now_s, self.clock(), frame.captured_at))


def at(true_s: float) -> datetime:
    return START + timedelta(seconds=true_s)


async def watch(world: World) -> None:
    service = DetectService(
        watch_list=ListOf(world),
        streams=world,
        new_eye=lambda _: world,
        new_measures=lambda _: world,
        sink=Sink(),
        clock=world.clock,
        analysed=Analysed(),
    )
    with suppress(TimeoutError):
        async with asyncio.timeout(LASTS_S), asyncio.TaskGroup() as tasks:
            tasks.create_task(service.run())
            if world.case.tells:
                tasks.create_task(world.tell())


@dataclass
class ListOf:
    world: World

    def changes(self) -> AsyncIterator[Listed]:
        return followed(self.world.read, self.world, clock=self.world.clock)


@settings(max_examples=25)  # each is a quarter of an hour
@given(case=cases)
def test_nothing_is_looked_at_by_an_act_that_nobody_confirms(case: Case) -> None:
    loop = Loop()
    world = World(case, loop)
    run(loop, watch(world))

    for now_s, now, taken_at in world.looks:
        covering = {
            act.id
            for act in case.acts
            if act.starts_at <= min(now, taken_at) <= max(now, taken_at) < act.ends_at
        }
        known = newest(world.answers, now_s)
        assert any(now_s - one.so_at_s <= TRUSTED_FOR_S and one.acts & covering for one in known)
    ends = world.clock()
    quiet_since = ends - timedelta(seconds=QUIET_S - 30)
    if case.there_s + case.back_s <= 2 and any(
        act.starts_at <= quiet_since and ends < act.ends_at
        for act in case.acts
        if act.revoked_at is None
    ):
        assert world.looks[-1][0] > world.now_s - 60


def newest(answers: Sequence[Answer], now_s: float) -> list[Answer]:
    """Give the last answer that had come; of that very moment, it may be one or the other."""
    come = [one for one in answers if one.came_at_s <= now_s]
    before = [one for one in come if one.came_at_s < now_s]
    return [*come[-1:], *before[-1:]]
