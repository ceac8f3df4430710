"""Trials without recordings: one at a time, stopped at once, bounded, and each on its own."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from tempfile import gettempdir
from uuid import UUID

import pytest

from detectors.executor import Worker
from detectors.protocol import Frame
from domain.analysed import Analysed
from domain.errors import NotFound, Unavailable
from domain.events import EventKind
from domain.identifiers import PersonId, RuleId, SegmentId, TrialId
from domain.masks import Mask
from domain.trials import Hours, TooManyTrials, YourTrialRuns
from server.detect import trials as module
from server.detect.film_files import FilmFiles
from server.detect.trials import MOST_WAITING, State, Trial, Trials
from server.pipeline import CameraPipeline, EventSink, Watched
from server.supervision import supervise
from server.trial_requests import TrialRequest
from tests.component.watching import ACT, LOOK, QUAY, RULE, START, Eye, NoMeasures, Still, watched
from tests.waiting import eventually

MINE = PersonId(UUID(int=50))


def asked(number: int = 1) -> TrialRequest:
    """Each is asked by somebody else, the first by me."""
    return TrialRequest(
        id=TrialId(UUID(int=number)),
        person_id=PersonId(UUID(int=MINE.int + number - 1)),
        camera_id=QUAY,
        rules=(RULE,),
        starts_at=START,
        ends_at=START + timedelta(minutes=10),
    )


@dataclass
class Reel:
    """Some pictures, and then nothing for ever, until it is closed; or what it breaks on."""

    pictures: int = 5
    ends: bool = False
    breaks_on: Exception | None = None
    given: asyncio.Event = field(default_factory=asyncio.Event)
    closed: int = 0
    open_now: int = 0

    async def frames(
        self, asked: TrialRequest, *, covered: Sequence[Hours], masks: Sequence[Mask]
    ) -> AsyncGenerator[Frame | Hours]:
        self.open_now += 1
        assert self.open_now == 1
        try:
            for number in range(self.pictures):
                yield Still(START + number * LOOK)
            if self.breaks_on is not None:
                raise self.breaks_on
            self.given.set()
            if not self.ends:
                await asyncio.Event().wait()
        finally:
            self.closed += 1
            self.open_now -= 1


@dataclass
class Law:
    """What the camera's acts are, the first time they are asked for, and ``then``."""

    now: Watched = field(default_factory=watched)
    then: Watched | None = None

    async def of(self, asked: TrialRequest) -> Watched:
        told, self.now = self.now, self.then or self.now
        return told


@asynccontextmanager
async def trying(
    reel: Reel, law: Law | None = None, *, folder: Path | None = None
) -> AsyncIterator[Trials]:
    async def replay(watched: Watched, frames: AsyncIterator[Frame], sink: EventSink) -> None:
        await CameraPipeline(
            watched=watched,
            frames=frames,
            eye=Eye(),
            measures=NoMeasures(),
            sink=sink,
            clock=lambda: START,
            analysed=Analysed(),
        ).run()

    law = law or Law()

    async def shown_of(segments: Collection[SegmentId]) -> frozenset[SegmentId]:
        return frozenset(segments)

    with Worker.of("trial") as worker:
        trials = Trials(
            pictures=reel,
            files=FilmFiles(
                folder or Path(gettempdir()),
                worker=worker,
                looks_per_s=5.0,
                largest=1024**2,
                longest=timedelta(seconds=10),
            ),
            watched_for=law.of,
            shown_of=shown_of,
            replay=replay,
            clock=lambda: START,
        )
        async with supervise({"trials": trials.run}, on_failure=lambda: pytest.fail("it died")):
            yield trials


async def over(trial: Trial) -> State:
    async def look() -> bool:
        return trial.is_over

    await eventually(look)
    return trial.state


async def test_who_cancels_stops_it_keeps_what_it_found_and_lets_the_next_begin() -> None:
    reel = Reel()
    async with trying(reel) as trials:
        first, second = trials.begin(asked(1)), trials.begin(asked(2))
        await reel.given.wait()
        assert second.state is State.WAITING
        trials.cancel(first)

        assert await over(first) is State.CANCELLED
        assert (reel.closed, len(first.moments)) == (1, 1)
        await eventually(lambda: _is(second, State.RUNNING))
        trials.cancel(second)


async def test_who_cancels_in_the_loop_turn_in_which_it_begins_stops_it_too() -> None:
    reel = Reel()
    async with trying(reel) as trials, asyncio.timeout(60):
        trial = trials.begin(asked(1))
        for _ in range(100):
            if trial.task is not None:
                break
            await asyncio.sleep(0)  # a turn at a time: its task has not had its first
        assert trial.task is not None
        trials.cancel(trial)
        assert trial.state is State.CANCELLED
        second = trials.begin(asked(2))
        await reel.given.wait()

        assert (trial.looked, second.state) == (0, State.RUNNING)


async def _is(trial: Trial, state: State) -> bool:
    return trial.state is state


async def test_none_goes_on_when_the_process_stops() -> None:
    reel = Reel()
    async with trying(reel) as trials:
        both = [trials.begin(asked(number)) for number in (1, 2)]
        await reel.given.wait()

    assert [one.state for one in both] == [State.CANCELLED] * 2
    assert reel.closed == 1


@pytest.mark.parametrize(
    ("error", "problem"),
    [(Unavailable("no host"), "unavailable"), (RuntimeError("a bug"), "refused")],
)
async def test_what_breaks_one_is_told_and_the_next_runs(error: Exception, problem: str) -> None:
    reel = Reel(breaks_on=error, ends=True)
    async with trying(reel) as trials:
        first = trials.begin(asked(1))
        assert (await over(first), first.problem) == (State.FAILED, problem)
        reel.breaks_on = None
        second = trials.begin(asked(2))
        assert (await over(second), second.problem) == (State.DONE, "")


async def test_an_act_that_is_revoked_meanwhile_ends_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "ASKED_AGAIN_S", 0.0)
    law = Law(then=replace(watched(), authorisations=()))
    async with trying(Reel(), law) as trials:
        trial = trials.begin(asked())

        assert (await over(trial), trial.problem) == (State.FAILED, "not-authorised")
        assert trial.looked == 1


async def test_without_an_act_now_no_picture_is_asked_for() -> None:
    law = Law(watched(QUAY, replace(ACT, starts_at=START + timedelta(minutes=1))))
    reel = Reel()
    async with trying(reel, law) as trials:
        trial = trials.begin(asked())

        assert (await over(trial), trial.problem) == (State.FAILED, "not-authorised")
        assert (reel.closed, trial.looked) == (0, 0)


async def test_hours_that_are_covered_for_what_is_not_now_are_left_out() -> None:
    ended = replace(ACT, ends_at=START + timedelta(minutes=1))
    later = replace(
        ACT,
        kinds=frozenset({EventKind.ABANDONED_OBJECT}),
        starts_at=START + timedelta(minutes=5),
    )
    other = replace(RULE, id=RuleId(UUID(int=8)), kind=EventKind.ABANDONED_OBJECT)
    law = Law(replace(watched(), rules=(RULE, other), authorisations=(ended, later)))
    async with trying(Reel(ends=True), law) as trials:
        trial = trials.begin(asked())
        await over(trial)

    assert trial.not_covered == [Hours(ended.ends_at, trial.asked.ends_at)]


async def test_few_wait_and_the_same_twice_is_one() -> None:
    async with trying(Reel()) as trials:
        first = trials.begin(asked(1))
        assert trials.begin(asked(1)) is first
        for number in range(2, MOST_WAITING + 1):
            trials.begin(asked(number))
        with pytest.raises(TooManyTrials):
            trials.begin(asked(9))


async def test_one_person_has_one_trial_at_a_time_which_the_next_may_replace() -> None:
    reel = Reel()
    async with trying(reel) as trials:
        first, another = trials.begin(asked(1)), trials.begin(asked(9))
        second = replace(asked(2), person_id=MINE)
        await reel.given.wait()
        with pytest.raises(YourTrialRuns):
            trials.begin(second)
        instead = trials.begin(replace(second, replaces=True))

        assert await over(first) is State.CANCELLED
        assert not another.is_over
        trials.cancel(another)
        await eventually(lambda: _is(instead, State.RUNNING))
        trials.cancel(instead)
        await over(instead)
        trials.begin(replace(asked(3), person_id=MINE))


async def test_who_replaces_his_own_needs_no_further_place() -> None:
    async with trying(Reel()) as trials:
        for number in range(1, MOST_WAITING + 1):
            trials.begin(asked(number))

        trials.begin(replace(asked(9), person_id=MINE, replaces=True))
        with pytest.raises(TooManyTrials):
            trials.begin(asked(10))


async def test_it_is_shown_to_who_asked_and_forgotten_when_others_came_after(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "KEPT", 1)
    async with trying(Reel(ends=True)) as trials:
        first = trials.begin(asked(1))
        await over(first)
        with pytest.raises(NotFound):
            trials.get(first.asked.id, QUAY, PersonId(UUID(int=51)))
        second = trials.begin(asked(2))
        await over(second)

        with pytest.raises(NotFound):
            trials.get(first.asked.id, QUAY, MINE)
        assert trials.get(second.asked.id, QUAY, second.asked.person_id) is second


async def test_moments_are_bounded_and_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_MOMENTS", 0)
    async with trying(Reel(ends=True)) as trials:
        trial = trials.begin(asked())
        await over(trial)

    assert (trial.moments, trial.has_more) == ({}, True)
