"""Films that somebody brings to be tried on: received, surveyed, and gone with their trial.

Such a file never has a name: it lies in the data folder's disk and ends with what holds it open, a
process that is killed included. Nobody else can open it.
"""

import asyncio
import json
import shutil
from asyncio.subprocess import Process
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing
from datetime import timedelta
from functools import partial
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any, Protocol

from aiohttp.web import RequestPayloadError

from detectors.brought_films import pictures_in
from detectors.executor import Worker
from detectors.film_process import PYTHON, kill, running
from detectors.film_survey import MOST_AWAY_S, REFUSALS, Survey
from detectors.protocol import Frame
from domain.errors import Unavailable
from domain.masks import Mask
from domain.trials import FilmTooLarge, Hours, NotAFilm
from server.recordings.disk import DiskThreads
from server.trial_requests import TrialRequest

SILENT_FOR_S = 30.0
"""A page that sends nothing for so long is gone."""
SLOW_FOR_S = 60.0
LEAST_PER_S = 32 * 1024
"""Bytes, from the first to the newest, when that time is over: a film that comes has a place."""
SURVEYED_WITHIN_S = 300.0
LEFT_FREE = 1024**3
"""Bytes of the disk, beside the film."""
MOST_SAID = 4096
SURVEY = (*PYTHON, "detectors.film_survey")


class FilmFiles:
    """``folder``: on whose disk they lie; ``worker``: where they are decoded, behind all live."""

    def __init__(
        self,
        folder: Path,
        *,
        worker: Worker,
        looks_per_s: float,
        largest: int,
        longest: timedelta,
    ) -> None:
        self.folder, self.worker = folder, worker
        self.period = timedelta(seconds=1 / looks_per_s)
        self.largest, self.longest = largest, longest
        self.disk = DiskThreads("films")
        self._to_come: dict[FilmFile, int] = {}

    def new(self, size: int) -> "FilmFile":
        """A place for ``size`` bytes. Raises ``FilmTooLarge``, ``Unavailable``."""
        if size > self.largest:
            raise FilmTooLarge(f"it has more than {self.largest // 1024**2} MiB")
        try:
            promised = size + sum(self._to_come.values())
            if shutil.disk_usage(self.folder).free < promised + LEFT_FREE:
                raise Unavailable("the server's disk has no room for this film")
            film = FilmFile(self, size)
        except OSError as error:
            raise Unavailable("the server's disk takes no film") from error
        self._to_come[film] = size
        return film

    def note(self, film: "FilmFile", *, to_come: int) -> None:
        """So many bytes of a film are not on the disk yet: no other is given their room."""
        if film in self._to_come:
            self._to_come[film] = to_come

    def forget(self, film: "FilmFile") -> None:
        self._to_come.pop(film, None)

    def close(self) -> None:
        """No film is taken any more; what is still coming is refused."""
        self.disk.close()


class _Hash(Protocol):
    def update(self, piece: bytes, /) -> None: ...


class FilmFile:
    """One of them (`server.detect.pictures.Pictures`)."""

    def __init__(self, among: FilmFiles, size: int) -> None:
        self._among, self._size = among, size
        self._file = TemporaryFile(dir=among.folder)  # noqa: SIM115 - it is open as long as its trial
        self._survey: Survey | None = None
        self._read_by: Process | None = None

    async def take(self, pieces: AsyncIterator[bytes]) -> str:
        """Keep all that comes, and give its SHA-256 in hexadecimal digits.

        Raises ``FilmTooLarge``, ``NotAFilm`` when less comes than was said, ``Unavailable``.
        """
        hashed, taken, loop = sha256(), 0, asyncio.get_running_loop()
        began_at = loop.time()
        while (piece := await _next(pieces)) is not None:
            taken += len(piece)
            if loop.time() - began_at > SLOW_FOR_S + taken / LEAST_PER_S:
                raise Unavailable("the film comes too slowly")
            if taken > self._size:
                raise FilmTooLarge("more comes than its size says")
            try:
                await self._among.disk.do(partial(self._keep, piece, hashed))
            except (OSError, ValueError) as error:  # full, or closed meanwhile
                raise Unavailable("the server's disk takes no more of this film") from error
            self._among.note(self, to_come=self._size - taken)
        if taken < self._size:
            raise NotAFilm(f"{taken} of its {self._size} bytes came")
        return hashed.hexdigest()

    async def surveyed(self) -> timedelta:
        """Have it read by a process of its own; give how long it lasts.

        Raises ``NotAFilm``, ``NoPictures``, ``WrongCodec``, ``FilmTooLarge``, ``Unavailable``.
        """
        said = await self._told()
        if (refused := REFUSALS.get(str(said.get("code")))) is not None:
            raise refused(str(said.get("detail")))
        try:
            found = Survey(float(said["first_s"]), timedelta(seconds=said["lasts_s"]))
            is_one = abs(found.first_s) <= MOST_AWAY_S and found.lasts >= timedelta(0)
        except (KeyError, TypeError, ValueError, OverflowError) as error:
            raise _unsurveyed() from error
        if not is_one or found.lasts > self._among.longest + timedelta(seconds=1):
            raise _unsurveyed()
        self._survey = found
        return found.lasts

    async def frames(
        self, asked: TrialRequest, *, covered: Sequence[Hours], masks: Sequence[Mask]
    ) -> AsyncGenerator[Frame | Hours | None]:
        if self._survey is None:
            raise NotAFilm("it was not read")
        self._file.seek(0)
        reading = pictures_in(
            self._file,
            self._survey,
            filmed_at=asked.starts_at,
            covered=covered,
            period=self._among.period,
            masks=masks,
            worker=self._among.worker,
        )
        async with aclosing(reading) as decoded:
            async for one in decoded:
                yield one

    def close(self) -> None:
        """It is gone from here on, and with it what reads it."""
        self._among.forget(self)
        self._file.close()
        if self._read_by is not None:
            kill(self._read_by)

    def _keep(self, piece: bytes, hashed: _Hash) -> None:
        self._file.write(piece)
        hashed.update(piece)

    async def _told(self) -> dict[str, Any]:
        longest_s = str(self._among.longest.total_seconds())
        try:
            self._file.flush()
            self._file.seek(0)
        except (OSError, ValueError) as error:  # closed meanwhile
            raise Unavailable("the film is not there any more") from error
        async with running((*SURVEY, longest_s), stdin=self._file) as process:
            self._read_by = process
            try:
                async with asyncio.timeout(SURVEYED_WITHIN_S):
                    said = await _all_of(process)
                return dict(json.loads(said))
            except (TimeoutError, ValueError, TypeError, RecursionError) as error:
                if self._file.closed:
                    raise Unavailable("the film is not there any more") from error
                raise _unsurveyed() from error
            finally:
                self._read_by = None


async def _all_of(process: Process) -> bytes:
    """Raises ``ValueError`` for more than a survey says."""
    if process.stdout is None:
        raise TypeError("the survey was given no pipe")
    try:
        await process.stdout.readexactly(MOST_SAID + 1)
    except asyncio.IncompleteReadError as error:
        return error.partial
    raise ValueError("it says too much")


def _unsurveyed() -> NotAFilm:
    return NotAFilm("reading it takes more time or memory than a film does")


async def _next(pieces: AsyncIterator[bytes]) -> bytes | None:
    try:
        async with asyncio.timeout(SILENT_FOR_S):
            return await anext(pieces, None)
    except (TimeoutError, OSError, RequestPayloadError) as error:
        raise Unavailable("nothing more of the film has come") from error
