"""Trials: rules that are being edited, on recorded pictures: what would have been an event.

The way is that of live pictures, `server.pipeline.CameraPipeline`, its gate of law included. What
comes out is kept in memory for a while and is never an event, an alert or a row.
"""

import asyncio
import logging
from collections.abc import (
    AsyncGenerator,
    AsyncIterator,
    Awaitable,
    Callable,
    Collection,
    Sequence,
    Set,
)
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from math import inf

from detectors.protocol import Frame
from domain.authorisations import NotAuthorised
from domain.errors import Conflict, DomainError, NotFound, Unavailable
from domain.identifiers import CameraId, EventId, PersonId, SegmentId, TrialId
from domain.references import Reference
from domain.trials import (
    Hours,
    TookTooLong,
    TooManyTrials,
    YourTrialRuns,
    add_damaged,
    covered_hours,
    others,
)
from domain.watching import EventClosed, EventOpened
from server.detect.film_files import FilmFile, FilmFiles
from server.detect.pictures import Pictures
from server.pipeline import EventSink, Watched
from server.trial_requests import TrialRequest

logger = logging.getLogger(__name__)

MOST_WAITING = 4
KEPT = 4
KEPT_FOR = timedelta(minutes=30)
MOST_MOMENTS = 200
MOST_STILL_BYTES = 32 * 1024 * 1024
"""Of one trial: some 200 stills of 720p."""
ASKED_AGAIN_S = 5.0
"""How often it is asked whether the acts are what they were: one may have been revoked."""
TIDIED_EVERY_S = 1.0
"""How soon what is too old is forgotten, and what was found on recordings that are destroyed."""
LIMIT_S = 3600.0
"""How long one trial may take: as long as what it looks back on."""
RECEIVED_WITHIN_S = 3600.0
STARTED_WITHIN_S = 30.0
"""Until the first byte of a film, and from its last until it is tried on."""
BEFORE = timedelta(minutes=1)
"""The first picture is built on those from a keyframe on, which lies up to some seconds earlier."""

type Clock = Callable[[], datetime]
type Replay = Callable[[Watched, AsyncIterator[Frame], EventSink], Awaitable[None]]
"""Runs pictures through a pipeline of their own until they end."""
type WatchedFor = Callable[[TrialRequest], Awaitable[Watched]]
"""The camera with the rules that are tried, and the acts that name it now; or ``NotFound``."""
type ShownOf = Callable[[Collection[SegmentId]], Awaitable[Set[SegmentId]]]
"""Which of some recordings may be shown still; or ``Unavailable``."""


class State(StrEnum):
    RECEIVING = "receiving"
    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    CANCELLED = "cancelled"
    FAILED = "failed"


@dataclass(slots=True)
class Moment:
    """An event that would have been, and its still, nothing drawn on it."""

    opened: EventOpened
    still: bytes
    closed_at: datetime | None = None


@dataclass(slots=True)
class Trial:
    """``looked_until``: the newest picture so far; ``problem``: the code of what ended it early.

    ``not_covered``: of its hours, what no act covers, and was not decoded; ``damaged``: parts whose
    pictures can't be read; ``gone``: recordings that are destroyed since, of ``destroyed`` hours.
    ``film``: what was brought, until it is over; ``heard_at``: when something was done last to have
    it, by the loop's clock.
    """

    asked: TrialRequest
    state: State = State.WAITING
    problem: str = ""
    looked_until: datetime | None = None
    looked: int = 0
    not_covered: Sequence[Hours] = ()
    damaged: list[Hours] = field(default_factory=list)
    gone: set[SegmentId] = field(default_factory=set)
    moments: dict[EventId, Moment] = field(default_factory=dict)
    has_more: bool = False
    ended_at: datetime | None = None
    task: asyncio.Task[None] | None = None
    film: FilmFile | None = None
    heard_at: float = 0.0
    still_bytes: int = 0

    @property
    def is_over(self) -> bool:
        return self.ended_at is not None

    @property
    def destroyed(self) -> list[Hours]:
        return [one.hours for one in self.asked.segments if one.segment_id in self.gone]

    def lose(self, segments: Set[SegmentId]) -> None:
        """Drop what was found on recordings that are destroyed."""
        self.gone |= segments
        lost = self.destroyed
        for event_id, moment in list(self.moments.items()):
            at = moment.opened.opened_at
            if any(hours.starts_at <= at <= hours.ends_at for hours in lost):
                self.still_bytes -= len(moment.still)
                del self.moments[event_id]

    async def opened(self, event: EventOpened, still: bytes) -> None:
        """Take the place of the database (`server.pipeline.EventSink`)."""
        is_full = self.still_bytes + len(still) > MOST_STILL_BYTES
        if is_full or len(self.moments) >= MOST_MOMENTS:
            self.has_more = True
            return
        self.still_bytes += len(still)
        self.moments[event.event_id] = Moment(event, still)

    async def closed(self, event: EventClosed) -> None:
        if (moment := self.moments.get(event.event_id)) is not None:
            moment.closed_at = event.last_seen_at

    async def referenced(self, reference: Reference) -> None:
        """None is wanted of recordings (`server.watch_list.WatchedSource.of_trial`)."""


class Trials:
    """One at a time, in the order in which they were asked for."""

    def __init__(
        self,
        *,
        pictures: Pictures,
        files: FilmFiles,
        watched_for: WatchedFor,
        shown_of: ShownOf,
        replay: Replay,
        clock: Clock,
    ) -> None:
        self._recorded, self._watched_for, self._replay = pictures, watched_for, replay
        self._files, self._shown_of = files, shown_of
        self._clock = clock
        self._known: dict[TrialId, Trial] = {}
        self._asked = asyncio.Event()

    async def run(self) -> None:
        """Run what is asked for until cancelled; then none goes on, and none waits any more."""
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._run_in_turn(), name="trials in turn")
                group.create_task(self._keep_tidy(), name="trials kept tidy")
        finally:
            for one in self._known.values():
                if not one.is_over:
                    self._end(one, State.CANCELLED)
            self._files.close()

    def begin(self, asked: TrialRequest) -> Trial:
        """Run it when those before it are over; the same once more changes nothing.

        One of a film that is brought begins with ``receive`` and ``start``.
        Of one person there is one at a time, which the next may replace.
        Raises ``YourTrialRuns``, ``TooManyTrials``, ``FilmTooLarge``, ``Unavailable``.
        """
        self._forget()
        if asked.id in self._known:
            return self.get(asked.id, asked.camera_id, asked.person_id)
        under_way = [one for one in self._known.values() if not one.is_over]
        mine = [one for one in under_way if one.asked.person_id == asked.person_id]
        if mine and not asked.replaces:
            raise YourTrialRuns("wait for it, stop it, or have it replaced")
        if len(under_way) - len(mine) >= MOST_WAITING:
            raise TooManyTrials("wait for one to end")
        trial = Trial(asked)
        if asked.brought is not None:
            trial.state, trial.film = State.RECEIVING, self._files.new(asked.brought.size)
            trial.heard_at = asyncio.get_running_loop().time()
        for one in mine:
            self.cancel(one)
        self._known[asked.id] = trial
        self._asked.set()
        return trial

    async def receive(self, trial: Trial, pieces: AsyncIterator[bytes]) -> None:
        """Take the film of a trial; it waits for ``start`` then, and for half a minute at most.

        What is refused is gone. Raises what `FilmFile` does, and ``Conflict``.
        """
        film, brought, loop = trial.film, trial.asked.brought, asyncio.get_running_loop()
        if film is None or brought is None or trial.heard_at == inf or brought.sha256:
            raise Conflict("no film is waited for, or it has come")
        trial.heard_at = inf  # it has limits of its own meanwhile
        try:
            async with asyncio.timeout(RECEIVED_WITHIN_S):
                hashed = await film.take(pieces)
                lasts = await film.surveyed()
            if trial.is_over:
                raise Conflict("it was stopped meanwhile")
        except TimeoutError as error:
            self._drop(trial)
            raise Unavailable("the film took too long to come") from error
        except BaseException:
            self._drop(trial)
            raise
        starts_at = trial.asked.starts_at
        trial.asked = replace(
            trial.asked,
            ends_at=starts_at + lasts,
            brought=replace(brought, sha256=hashed),
        )
        trial.heard_at = loop.time()

    def start(self, trial: Trial) -> None:
        """Run one whose film has come. Raises ``Conflict``."""
        brought = trial.asked.brought
        if trial.state is not State.RECEIVING or brought is None or not brought.sha256:
            raise Conflict("its film has not come, or it has started")
        trial.state = State.WAITING
        self._asked.set()

    def get(self, trial_id: TrialId, camera_id: CameraId, person_id: PersonId) -> Trial:
        """Give a trial of that camera to who asked for it. Raises ``NotFound``."""
        self._forget()
        trial = self._known.get(trial_id)
        if trial is None or not trial.asked.is_of(camera_id, person_id):
            raise NotFound("there is no such trial (any more)")
        return trial

    def cancel(self, trial: Trial) -> None:
        """Stop it; what it has found stays for a while."""
        if trial.task is not None:
            trial.task.cancel()
        # A task that is cancelled before its first step says nothing of its end.
        if trial.state in (State.WAITING, State.RECEIVING):
            self._end(trial, State.CANCELLED)

    async def _run_in_turn(self) -> None:
        while True:
            self._asked.clear()
            waiting = [one for one in self._known.values() if one.state is State.WAITING]
            if waiting:
                async with asyncio.TaskGroup() as group:
                    waiting[0].task = group.create_task(self._try(waiting[0]), name="trial")
            else:
                await self._asked.wait()

    async def _keep_tidy(self) -> None:
        """Forget what is too old, and what was found on recordings that are there no more."""
        while True:
            await asyncio.sleep(TIDIED_EVERY_S)
            self._forget()
            trials = [(one, one.asked.segment_ids) for one in self._known.values()]
            segments = frozenset().union(*(its for _, its in trials))
            if not segments:
                continue
            try:
                shown = await self._shown_of(segments)
            except Unavailable:
                continue  # nor can anybody be shown a trial meanwhile: control asks the same one
            for trial, its in trials:
                trial.lose(its - shown)

    async def _try(self, trial: Trial) -> None:
        trial.state, state = State.RUNNING, State.CANCELLED
        try:
            async with asyncio.timeout(LIMIT_S):
                await self._run(trial)
            state = State.DONE
        except TimeoutError:
            state, trial.problem = State.FAILED, TookTooLong.code
        except Exception as error:  # whatever it was, it was this trial's: live looks go on
            state, trial.problem = State.FAILED, _code_of(error)
        finally:
            self._end(trial, state)

    async def _run(self, trial: Trial) -> None:
        asked = trial.asked
        watched = await self._watched_for(asked)
        present = watched.allowed_at(self._clock()).keys()
        covered = covered_hours(
            lambda at: not present.isdisjoint(watched.acts_at(at)),
            watched.authorisations,
            watched.rules,
            watched.footings,
            starts_at=asked.starts_at - BEFORE,
            ends_at=asked.ends_at,
        )
        trial.not_covered = others(covered, starts_at=asked.starts_at, ends_at=asked.ends_at)
        async with aclosing(self._pictures(trial, watched, covered)) as frames:
            await self._replay(watched, frames, trial)

    async def _pictures(
        self, trial: Trial, watched: Watched, covered: Sequence[Hours]
    ) -> AsyncGenerator[Frame]:
        """Give the pictures, while what allowed the first of them does so still."""
        loop = asyncio.get_running_loop()
        asked_at = loop.time()
        self._check_present(watched)
        source = trial.film or self._recorded
        pictures = source.frames(trial.asked, covered=covered, masks=watched.masks)
        async with aclosing(pictures):
            async for one in pictures:
                if isinstance(one, Hours):
                    add_damaged(trial.damaged, one)
                elif one is not None:
                    trial.looked += 1
                    yield one
                    trial.looked_until = one.captured_at
                self._check_present(watched)
                if loop.time() - asked_at >= ASKED_AGAIN_S:
                    now = await self._watched_for(trial.asked)
                    if replace(now, references=watched.references) != watched:
                        raise NotAuthorised("the acts in force have changed meanwhile")
                    asked_at = loop.time()

    def _check_present(self, watched: Watched) -> None:
        if not watched.allowed_at(self._clock()):
            raise NotAuthorised("no act covers these kinds on this camera now")

    def _end(self, trial: Trial, state: State) -> None:
        trial.state, trial.ended_at, trial.task = state, self._clock(), None
        if trial.film is not None:
            trial.film.close()
            trial.film = None

    def _drop(self, trial: Trial) -> None:
        """Of one whose film did not come, or is none, nothing is left to be shown."""
        self._end(trial, State.CANCELLED)
        self._known.pop(trial.asked.id, None)

    def _forget(self) -> None:
        silent = asyncio.get_running_loop().time() - STARTED_WITHIN_S
        for one in list(self._known.values()):
            if one.state is State.RECEIVING and one.heard_at < silent:
                self._drop(one)
        over = [one for one in self._known.values() if one.ended_at is not None]
        late = self._clock() - KEPT_FOR
        for number, one in enumerate(over):
            if number < len(over) - KEPT or (one.ended_at is not None and one.ended_at < late):
                del self._known[one.asked.id]


def _code_of(error: Exception) -> str:
    """What users are told of it; a pipeline's own tasks make groups of groups."""
    first: BaseException = error
    while isinstance(first, BaseExceptionGroup):
        first = first.exceptions[0]
    if isinstance(first, DomainError):
        logger.info("a trial ended early: %s", first)
        return first.code
    logger.error("a trial failed", exc_info=error)
    return DomainError.code
