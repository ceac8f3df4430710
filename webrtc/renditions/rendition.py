"""A rendition as the media process has it: units in without waiting, pictures out as they are made.

The work is done in a process of its own, so that nobody else's pictures wait for it, and so that a
decoder that hangs or crashes takes its own stream with it and no other.
"""

import asyncio
import logging
import os
import struct
import sys
import time
from asyncio.subprocess import PIPE, Process
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum

from domain.streams import TooManyRenditions
from webrtc.metrics import RENDITION, Metrics
from webrtc.renditions.messages import (
    HEAD_BYTES,
    Kind,
    Outcome,
    Recipe,
    Rendered,
    Source,
    head_of,
    message,
    of_unit,
    picture_in,
)

logger = logging.getLogger(__name__)

MOST_WAITING, MOST_WAITING_BYTES = 64, 8 * 1024 * 1024
"""Units that the worker has not taken yet; beyond, all are dropped, on to the next keyframe."""
KEYFRAMES_APART_S = 0.5
_LOOK_EVERY_S = 0.5
_WORKER = (sys.executable, "-I", "-m", "webrtc.renditions.worker")
_HANDED_DOWN = ("PATH", "LD_LIBRARY_PATH")  # not our settings: they hold secrets


class RenditionEnd(StrEnum):
    """Why a rendition gives no more pictures. It never ends by itself in any other way."""

    CRASHED = "crashed"
    HUNG = "hung"
    REFUSED = "refused"  # pictures of a size that is not rendered


@dataclass(frozen=True, slots=True)
class RenditionTimes:
    start_within_s: float = 20.0
    unit_within_s: float = 5.0
    """A unit that the worker has had for so long without a word: it hangs."""


class Renditions:
    """What a media process has of them: how many at most, and what they have come to."""

    def __init__(self, *, metrics: Metrics, most: int, times: RenditionTimes | None = None) -> None:
        self.metrics, self.most = metrics, most
        self.times = times or RenditionTimes()
        self._open = 0

    def make(self, recipe: Recipe, *, deliver: Callable[[Rendered], None]) -> "Rendition":
        """A rendition, whose `run` the caller keeps running. `run` raises `TooManyRenditions`."""
        return Rendition(recipe, deliver=deliver, among=self)

    @property
    def is_full(self) -> bool:
        return self._open >= self.most

    def take_place(self) -> None:
        if self.is_full:
            raise TooManyRenditions(f"{self.most} streams are rendered by this process")
        self._open += 1
        self.metrics.renditions.set(self._open)

    def leave_place(self) -> None:
        self._open -= 1
        self.metrics.renditions.set(self._open)


class Rendition:
    """One decode and one encode of one stream, for all who see it. Its whole life is `run`."""

    def __init__(
        self, recipe: Recipe, *, deliver: Callable[[Rendered], None], among: Renditions
    ) -> None:
        self._recipe, self._deliver, self._among = recipe, deliver, among
        self._metrics, self._times = among.metrics, among.times
        self._waiting: deque[Source] = deque()
        self._waiting_bytes = 0
        self._needs_keyframe = True
        self._recipe_untold, self._keyframe_wanted = True, False
        self._something = asyncio.Event()
        self._asked_keyframe_s = float("-inf")
        self._unanswered = 0  # units that were handed over
        self._silent_s = 0.0
        self._is_ready = False

    # What its owner says

    def put(self, unit: Source) -> None:
        """Take in the next unit. Never waits: a worker that is behind loses up to a keyframe."""
        full = len(self._waiting) >= MOST_WAITING or self._waiting_bytes > MOST_WAITING_BYTES
        if full:
            self._drop(len(self._waiting))
            self._waiting.clear()
            self._waiting_bytes, self._needs_keyframe = 0, True
        if self._needs_keyframe and not unit.is_keyframe:
            self._drop(1)
            return
        self._needs_keyframe = False
        self._waiting.append(unit)
        self._waiting_bytes += len(unit.data)
        self._something.set()

    @property
    def waiting(self) -> int:
        """Units that were put and not handed over yet."""
        return len(self._waiting)

    @property
    def pending(self) -> int:
        """Units that were put and of which the worker has not told what became of them."""
        return len(self._waiting) + self._unanswered

    def request_keyframe(self) -> None:
        """The next picture is to need no other; so asked twice a second at most."""
        now_s = time.monotonic()
        if now_s - self._asked_keyframe_s >= KEYFRAMES_APART_S:
            self._asked_keyframe_s, self._keyframe_wanted = now_s, True
            self._something.set()

    def change(self, recipe: Recipe) -> None:
        """Other masks, from the next picture on, which is a keyframe. The source stays."""
        self._recipe, self._recipe_untold = recipe, True
        self._something.set()

    def _drop(self, count: int) -> None:
        self._metrics.rendition_units.labels("dropped").inc(count)

    # Its life

    async def run(self) -> RenditionEnd:
        """Until cancelled, or until the worker ends, for whatever reason: then no picture comes.

        Raises `TooManyRenditions`.
        """
        self._among.take_place()
        try:
            end = await self._work()
        finally:
            self._among.leave_place()
        self._metrics.rendition_ends.labels(end).inc()
        logger.warning("a rendition ended: %s", end)
        return end

    async def _work(self) -> RenditionEnd:
        environment = {name: os.environ[name] for name in _HANDED_DOWN if name in os.environ}
        try:
            worker = await asyncio.create_subprocess_exec(
                *_WORKER, stdin=PIPE, stdout=PIPE, env=environment, start_new_session=True
            )
        except OSError as error:  # the host has no memory, or no process, for one more
            logger.error("a rendition's process can't be started: %s", error)
            return RenditionEnd.CRASHED
        try:
            async with asyncio.TaskGroup() as group:
                working = [
                    group.create_task(self._hear(worker), name="rendition hears"),
                    group.create_task(self._tell(worker), name="rendition tells"),
                    group.create_task(self._watch(), name="rendition watches"),
                ]
                done, _ = await asyncio.wait(working, return_when=asyncio.FIRST_COMPLETED)
                for task in working:
                    task.cancel()
            return max(task.result() for task in done)  # more than "crashed", if more is known
        finally:
            await _end(worker)

    async def _tell(self, worker: Process) -> RenditionEnd:
        """Hand over what waits, as fast as the worker takes it."""
        pipe = worker.stdin
        if pipe is None:
            raise TypeError("the worker was given no pipe")
        try:
            while True:
                while words := self._next_words():
                    pipe.write(words)
                    await pipe.drain()
                await self._something.wait()
                self._something.clear()
        except ConnectionError:
            return RenditionEnd.CRASHED

    def _next_words(self) -> bytes:
        """Masks go ahead of all pictures that wait."""
        if self._recipe_untold:
            self._recipe_untold = False
            return message(Kind.RECIPE, self._recipe.to_bytes())
        if self._keyframe_wanted:
            self._keyframe_wanted = False
            return message(Kind.KEYFRAME)
        if not self._waiting:
            return b""
        unit = self._waiting.popleft()
        self._waiting_bytes -= len(unit.data)
        if not self._unanswered:
            self._silent_s = 0.0
        self._unanswered += 1
        return of_unit(unit)

    async def _hear(self, worker: Process) -> RenditionEnd:
        pipe = worker.stdout
        if pipe is None:
            raise TypeError("the worker was given no pipe")
        try:
            while True:
                kind, length = head_of(await pipe.readexactly(HEAD_BYTES))
                body = await pipe.readexactly(length)
                if kind is Kind.PICTURE:
                    self._metrics.decodes.labels(RENDITION).inc()
                    self._metrics.encodes.labels(RENDITION).inc()
                    self._deliver(picture_in(body))
                elif kind is Kind.DONE:
                    self._count(Outcome(body))
                elif kind is Kind.READY:
                    self._is_ready, self._silent_s = True, 0.0
                elif kind is Kind.REFUSED:
                    logger.warning("not rendered: %s", body.decode(errors="replace"))
                    return RenditionEnd.REFUSED
        except (asyncio.IncompleteReadError, ConnectionError, ValueError, IndexError, struct.error):
            return RenditionEnd.CRASHED  # or a camera has taken it over: it says what it likes

    def _count(self, outcome: Outcome) -> None:
        if not self._unanswered:
            raise ValueError("it tells of a unit that it was not given")
        self._unanswered -= 1
        self._silent_s = 0.0
        if outcome is not Outcome.TAKEN:
            self._metrics.rendition_units.labels(outcome.name.lower()).inc()

    async def _watch(self) -> RenditionEnd:
        """A worker that says nothing about what it was given is taken for one that hangs.

        Its silence counts as far as we listened: while this process, or its whole host, stood
        still, it may have said something, or have had no time either.
        """
        while True:
            looked_s = time.monotonic()
            await asyncio.sleep(_LOOK_EVERY_S)
            self._silent_s += min(time.monotonic() - looked_s, 1.5 * _LOOK_EVERY_S)
            limit_s = self._times.unit_within_s if self._is_ready else self._times.start_within_s
            if (self._unanswered or not self._is_ready) and self._silent_s > limit_s:
                return RenditionEnd.HUNG


async def _end(worker: Process) -> None:
    with suppress(ProcessLookupError):
        worker.kill()
    # Cut short in a picture, its pipe is not listened to: its end is behind what is in there.
    with suppress(OSError):
        while worker.stdout is not None and await worker.stdout.read(MOST_WAITING_BYTES):
            pass
    await worker.wait()
