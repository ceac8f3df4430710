"""Films that somebody brings to a trial: taken as they come, tried on, and gone without a trace."""

import asyncio
import os
import shutil
import sys
import threading
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from domain.errors import Conflict, DomainError, NotFound, Unavailable
from domain.trials import BroughtFilm, FilmTooLarge, NoPictures, NotAFilm, YourTrialRuns
from server.detect import film_files
from server.detect import trials as module
from server.detect.trials import State, Trial, Trials
from tests.component.films import film_file, sound_file
from tests.component.test_trials import MINE, Law, Reel, asked, over, trying
from tests.component.watching import QUAY, START
from tests.waiting import eventually

SECONDS = 4


async def pieces(file: bytes, *, of: int = 1000) -> AsyncIterator[bytes]:
    for at in range(0, len(file), of):
        yield file[at : at + of]


def begins(trials: Trials, file: bytes, *, number: int = 1, **said: Any) -> Trial:
    brought = BroughtFilm(name="quai.mp4", size=len(file), motive="essai")
    return trials.begin(replace(asked(number), brought=brought, **said))


def left(folder: Path) -> list[str]:
    """What there is in the folder, and what this process holds open there without a name."""
    open_now = [os.readlink(one) for one in Path("/proc/self/fd").iterdir() if one.is_symlink()]
    return os.listdir(folder) + [one for one in open_now if one.startswith(str(folder))]


async def test_what_it_shows_is_found_at_its_stated_hour_and_the_file_is_gone(
    tmp_path: Path,
) -> None:
    file = film_file()
    async with trying(Reel(), folder=tmp_path) as trials:
        trial = begins(trials, file)
        await trials.receive(trial, pieces(file))
        assert os.listdir(tmp_path) == []  # it never has a name
        assert len(left(tmp_path)) == 1
        trials.start(trial)

        assert await over(trial) is State.DONE
        assert left(tmp_path) == []
    assert (trial.looked, trial.asked.ends_at) == (5 * SECONDS, START + timedelta(seconds=SECONDS))
    (moment,) = trial.moments.values()
    assert START < moment.opened.opened_at < START + timedelta(seconds=1)


@pytest.mark.parametrize(
    ("file", "refused"),
    [(bytes(3000), NotAFilm), (sound_file(), NoPictures), (film_file(seconds=12), FilmTooLarge)],
    ids=["zeros", "sound", "long"],
)
async def test_what_is_no_film_is_refused_and_nothing_of_it_is_left(
    tmp_path: Path, file: bytes, refused: type[DomainError]
) -> None:
    async with trying(Reel(), folder=tmp_path) as trials:
        trial = begins(trials, file)
        with pytest.raises(refused):
            await trials.receive(trial, pieces(file))

        assert left(tmp_path) == []
        with pytest.raises(NotFound):
            trials.get(trial.asked.id, QUAY, MINE)


@pytest.mark.parametrize(
    ("comes", "refused"),
    [(lambda file: file + b"more", FilmTooLarge), (lambda file: file[:-1], NotAFilm)],
    ids=["more", "less"],
)
async def test_what_comes_is_as_long_as_was_said(
    tmp_path: Path, comes: Callable[[bytes], bytes], refused: type[DomainError]
) -> None:
    file = film_file()
    async with trying(Reel(), folder=tmp_path) as trials:
        with pytest.raises(refused):
            await trials.receive(begins(trials, file), pieces(comes(file)))

        assert left(tmp_path) == []


async def test_more_than_may_be_brought_is_refused_before_it_comes(tmp_path: Path) -> None:
    async with trying(Reel(), folder=tmp_path) as trials:
        with pytest.raises(FilmTooLarge):
            begins(trials, bytes(1024**2 + 1))


async def test_who_stops_sending_or_never_starts_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(film_files, "SILENT_FOR_S", 0.0)
    monkeypatch.setattr(module, "STARTED_WITHIN_S", 0.0)
    monkeypatch.setattr(module, "TIDIED_EVERY_S", 0.01)

    async def silent() -> AsyncIterator[bytes]:
        await eventually(never)
        yield b""

    async def never() -> bool:
        return False

    async def is_empty() -> bool:
        return left(tmp_path) == []

    async with trying(Reel(), folder=tmp_path) as trials:
        with pytest.raises(Unavailable):
            await trials.receive(begins(trials, film_file()), silent())
        begins(trials, film_file(), number=2)
        await eventually(is_empty)


async def test_who_sends_a_little_at_a_time_holds_no_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(film_files, "SLOW_FOR_S", 0.0)
    monkeypatch.setattr(film_files, "LEAST_PER_S", 10**15)
    file = film_file()
    async with trying(Reel(), folder=tmp_path) as trials:
        with pytest.raises(Unavailable, match="too slowly"):
            await trials.receive(begins(trials, file), pieces(file))

        assert left(tmp_path) == []


async def test_who_brings_another_film_has_the_first_gone(tmp_path: Path) -> None:
    file = film_file()
    async with trying(Reel(), folder=tmp_path) as trials:
        mine = begins(trials, file)

        async def replaced() -> AsyncIterator[bytes]:
            yield file[:1000]
            begins(trials, file, number=2, person_id=MINE, replaces=True)
            yield file[1000:]

        with pytest.raises(YourTrialRuns):
            begins(trials, file, number=2, person_id=MINE)
        with pytest.raises(Unavailable):
            await trials.receive(mine, replaced())

        assert len(left(tmp_path)) == 1


async def test_who_cancels_while_it_is_read_is_told_and_it_is_not_tried(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = film_file()
    async with trying(Reel(), folder=tmp_path) as trials:
        mine = begins(trials, file)
        surveyed = film_files.FilmFile.surveyed

        async def cancelled(film: film_files.FilmFile) -> timedelta:
            lasts = await surveyed(film)
            trials.cancel(mine)
            return lasts

        monkeypatch.setattr(film_files.FilmFile, "surveyed", cancelled)
        with pytest.raises(Conflict):
            await trials.receive(mine, pieces(file))

        assert left(tmp_path) == []


async def test_who_cancels_has_it_gone_at_once_whatever_it_waits_for(tmp_path: Path) -> None:
    file = film_file()
    async with trying(Reel(), folder=tmp_path) as trials:
        running = trials.begin(asked(9))
        waits = begins(trials, file, number=1)
        await trials.receive(waits, pieces(file))
        trials.start(waits)
        comes = begins(trials, file, number=2)

        async def cancelled() -> AsyncIterator[bytes]:
            yield file[:1000]
            trials.cancel(comes)
            yield file[1000:]

        with pytest.raises(Unavailable):
            await trials.receive(comes, cancelled())
        trials.cancel(waits)

        assert left(tmp_path) == []
        assert waits.state is State.CANCELLED
        trials.cancel(running)


async def test_none_is_left_when_the_process_stops(tmp_path: Path) -> None:
    file = film_file()
    async with trying(Reel(), folder=tmp_path) as trials:
        await trials.receive(begins(trials, file), pieces(file))

    assert left(tmp_path) == []


async def test_what_still_comes_when_the_process_stops_is_refused_and_its_thread_ends(
    tmp_path: Path,
) -> None:
    before, file = set(threading.enumerate()), film_file()
    begun, stopped = asyncio.Event(), asyncio.Event()

    async def slow() -> AsyncIterator[bytes]:
        yield file[:1000]
        begun.set()
        await stopped.wait()
        yield file[1000:]

    async def have_ended() -> bool:
        new = set(threading.enumerate()) - before
        return not [one for one in new if one.name == "films"]

    async with asyncio.timeout(60), asyncio.TaskGroup() as group:
        async with trying(Reel(), folder=tmp_path) as trials:
            taking = group.create_task(_refused(trials, begins(trials, file), slow()))
            await begun.wait()
        stopped.set()
        assert await taking
        await eventually(have_ended)
    assert left(tmp_path) == []


async def _refused(trials: Trials, trial: Trial, comes: AsyncIterator[bytes]) -> bool:
    with pytest.raises(Unavailable):
        await trials.receive(trial, comes)
    return True


async def test_it_starts_once_and_only_when_it_has_come(tmp_path: Path) -> None:
    file = film_file()
    async with trying(Reel(), folder=tmp_path) as trials:
        trial = begins(trials, file)
        with pytest.raises(Conflict):
            trials.start(trial)
        await trials.receive(trial, pieces(file))
        with pytest.raises(Conflict):
            await trials.receive(trial, pieces(file))
        trials.start(trial)
        with pytest.raises(Conflict):
            trials.start(trial)
        await over(trial)


async def test_without_an_act_none_of_its_pictures_is_decoded(tmp_path: Path) -> None:
    law = Law()
    law.now = replace(law.now, authorisations=())
    file = film_file()
    async with trying(Reel(), law, folder=tmp_path) as trials:
        trial = begins(trials, file)
        await trials.receive(trial, pieces(file))
        trials.start(trial)
        await over(trial)

    assert (trial.state, trial.problem) == (State.FAILED, "not-authorised")
    assert (trial.looked, left(tmp_path)) == (0, [])


async def test_a_reader_that_needs_too_much_is_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = "import resource; resource.setrlimit(resource.RLIMIT_AS, (1, 1)); bytes(10**9)"
    monkeypatch.setattr(film_files, "SURVEY", (sys.executable, "-I", "-c", code))
    file = film_file()
    async with trying(Reel(), folder=tmp_path) as trials:
        with pytest.raises(NotAFilm, match="more time or memory"):
            await trials.receive(begins(trials, file), pieces(file))


async def test_the_room_of_a_film_that_comes_is_given_to_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = film_file()
    monkeypatch.setattr(film_files, "LEFT_FREE", 0)
    room = shutil.disk_usage(tmp_path)._replace(free=len(file))
    monkeypatch.setattr(shutil, "disk_usage", lambda _: room)
    async with trying(Reel(), folder=tmp_path) as trials:
        mine = begins(trials, file)
        with pytest.raises(Unavailable):
            begins(trials, file, number=2)

        await trials.receive(mine, pieces(file))
        trials.start(mine)
        begins(trials, file, number=3)
