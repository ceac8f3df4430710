"""Films whose reader breaks or is not needed any more: its trial ends, and no camera's watching."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest

from detectors import brought_films
from domain.analysed import Analysed
from domain.errors import Unavailable
from domain.trials import FilmNotDecoded, NotAFilm
from server.detect import film_files
from server.detect import trials as module
from server.detect.trials import State, Trial, Trials
from server.pipeline import CameraPipeline, Watched
from server.trial_requests import TrialRequest
from tests.component.film_readers import HOLD, python, readers
from tests.component.films import film_file
from tests.component.test_brought_trials import begins, left, pieces
from tests.component.test_trials import Law, Reel, over, trying
from tests.component.watching import SQUARE, START, Eye, NoMeasures, Sink, Still, watched
from tests.waiting import eventually

FILM = film_file()


@dataclass
class HeldLaw(Law):
    """After its first picture a trial waits until it ``goes`` on."""

    times: int = 0
    reached: asyncio.Event = field(default_factory=asyncio.Event)
    goes: asyncio.Event = field(default_factory=asyncio.Event)

    async def of(self, asked: TrialRequest) -> Watched:
        self.times += 1
        if self.times == 2:
            self.reached.set()
            await self.goes.wait()
        return await super().of(asked)


@asynccontextmanager
async def camera_beside() -> AsyncIterator[Callable[[], Coroutine[None, None, bool]]]:
    """A camera that this very process watches; give who waits for more looks at it."""
    eye = Eye(sees=lambda at: [])

    async def frames() -> AsyncIterator[Still]:
        for number in range(1_000_000):
            yield Still(START + timedelta(milliseconds=number))
            await asyncio.sleep(0.01)

    pipeline = CameraPipeline(
        watched=watched(SQUARE),
        frames=frames(),
        eye=eye,
        measures=NoMeasures(),
        sink=Sink(),
        clock=lambda: START,
        analysed=Analysed(),
    )

    async def goes_on() -> bool:
        wanted = len(eye.looked_at) + 5

        async def is_looked_at() -> bool:
            return len(eye.looked_at) >= wanted

        return await eventually(is_looked_at)

    async with asyncio.TaskGroup() as group:
        watching = group.create_task(pipeline.run())
        yield goes_on
        watching.cancel()


async def tried(trials: Trials) -> Trial:
    trial = begins(trials, FILM)
    await trials.receive(trial, pieces(FILM))
    trials.start(trial)
    return trial


async def nothing_is_left(folder: Path) -> bool:
    async def is_so() -> bool:
        return readers() == [] and left(folder) == []

    return await eventually(is_so)


@pytest.mark.parametrize("by", [signal.SIGSEGV, signal.SIGSTOP])
async def test_a_decoder_that_breaks_mid_film_ends_its_trial_and_no_camera_s_watching(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, by: signal.Signals
) -> None:
    monkeypatch.setattr(module, "ASKED_AGAIN_S", 0.0)
    law = HeldLaw()
    async with camera_beside() as goes_on, trying(Reel(), law, folder=tmp_path) as trials:
        trial = await tried(trials)
        await law.reached.wait()
        (decoder,) = readers()
        os.kill(decoder, by)
        if by is signal.SIGSTOP:
            monkeypatch.setattr(brought_films, "ANSWERED_WITHIN_S", 0.1)
        law.goes.set()

        assert await over(trial) is State.FAILED
        assert (trial.problem, trial.looked) == (FilmNotDecoded.code, 1)
        assert await nothing_is_left(tmp_path)
        assert await goes_on()


async def test_who_cancels_mid_film_leaves_neither_its_decoder_nor_the_film(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "ASKED_AGAIN_S", 0.0)
    law = HeldLaw()
    async with trying(Reel(), law, folder=tmp_path) as trials:
        trial = await tried(trials)
        await law.reached.wait()
        assert len(readers()) == 1
        trials.cancel(trial)

        assert await over(trial) is State.CANCELLED
        assert await nothing_is_left(tmp_path)


async def test_who_cancels_while_it_is_surveyed_ends_that_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(film_files, "SURVEY", python(HOLD))
    async with trying(Reel(), folder=tmp_path) as trials:
        trial = begins(trials, FILM)
        async with asyncio.TaskGroup() as group:
            receiving = group.create_task(_refused(trials, trial))
            assert await eventually(_one_reads)
            trials.cancel(trial)
            assert await receiving
        assert await nothing_is_left(tmp_path)


@pytest.mark.parametrize(
    "says",
    [
        "raise SystemExit",
        "while True: print('n' * 1000)",
        "print('{}')",
        "print('[]')",
        """print('{"first_s": NaN, "lasts_s": 1}')""",
        """print('{"first_s": 0, "lasts_s": 1e9}')""",
        """print('{"code": "not-authorised"}')""",
    ],
)
async def test_whatever_its_survey_says_is_taken_for_no_film(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, says: str
) -> None:
    monkeypatch.setattr(film_files, "SURVEY", python(says))
    async with trying(Reel(), folder=tmp_path) as trials:
        with pytest.raises(NotAFilm):
            await trials.receive(begins(trials, FILM), pieces(FILM))
        assert await nothing_is_left(tmp_path)


async def _refused(trials: Trials, trial: Trial) -> bool:
    with pytest.raises(Unavailable):
        await trials.receive(trial, pieces(FILM))
    return True


async def _one_reads() -> bool:
    return len(readers()) == 1
