"""Parts of recordings in H265 or VP8, made H264 for players that lack those: as they are asked for.

Nothing is kept. A part begins with a keyframe and a rendition takes one after the other, so that
what a camera has sent is decoded in no process but the rendition's own.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from pathlib import Path

from aiohttp import hdrs, web

from domain.errors import Invalid, NotFound, Unavailable
from domain.streams import TooManyRenditions
from server.media.pictures import MOST_BYTES, MOST_WAITING_BYTES, Playable, number_in
from server.recordings.serving import MP4
from webrtc.recording.units import NotRecordable, as_fragment, as_head, foreign_units
from webrtc.renditions import Recipe, Rendered, Renditions, Source

MADE_AT_ONCE = 2
MOST_WAITING = 32
MADE_WITHIN_S = 25.0
"""A part of six seconds takes a second or two of a core; the rendition may have to start."""
LINGERS_S = 10.0
"""A player asks for the next part within seconds; then its rendition is there."""
_AHEAD = 5
"""Units that a rendition is given at once: of more it would leave pictures out, to catch up."""
_LOOK_EVERY_S = 0.01


class H264Parts:
    """`run` owns the renditions; `send` answers one request.

    ``name``: which file a request asks for; ``read``: it, from one place to another.
    """

    def __init__(
        self,
        *,
        name: Callable[[web.Request], Path],
        read: Callable[[Path, int, int], Awaitable[Playable]],
        renditions: Renditions,
    ) -> None:
        self._name, self._read, self._renditions = name, read, renditions
        self._turns = asyncio.Semaphore(MADE_AT_ONCE)
        self._waiting = self._waiting_bytes = 0
        self._idle: list[_Maker] = []
        self._group: asyncio.TaskGroup | None = None

    async def run(self) -> None:
        """Until cancelled."""
        async with asyncio.TaskGroup() as group:
            self._group = group
            try:
                await asyncio.get_running_loop().create_future()
            finally:
                self._group = None

    async def send(self, request: web.Request) -> web.Response:
        """``?start=&stop=``: places of a part; with ``head`` what goes before parts, else it."""
        path = self._name(request)
        start, stop = number_in(request, "start"), number_in(request, "stop")
        if not 0 <= start < stop <= start + MOST_BYTES:
            raise Invalid("these places are no part of a recording")
        wants_head = "head" in request.query
        made = await self._in_turn(path, start, stop, most=1 if wants_head else None)
        try:
            body = await asyncio.to_thread(_laid_out, made, is_head=wants_head)
        except (NotRecordable, IndexError):
            raise NotFound("there is no picture that can be decoded") from None
        headers = {hdrs.CACHE_CONTROL: "no-store"}
        return web.Response(body=body, content_type=MP4, headers=headers)

    async def _in_turn(
        self, path: Path, start: int, stop: int, *, most: int | None
    ) -> list[Rendered]:
        size = stop - start
        if self._waiting >= MOST_WAITING or self._waiting_bytes + size > MOST_WAITING_BYTES:
            raise Unavailable("many recordings are being converted; try again")
        self._waiting += 1
        self._waiting_bytes += size
        try:
            async with asyncio.timeout(MADE_WITHIN_S), self._turns:
                playable = await self._read(path, start, stop)
                kind, units = await asyncio.to_thread(foreign_units, playable.mp4, most=most)
                return await self._made(Recipe(source=kind), units)
        except TimeoutError:
            raise Unavailable("the recording is not converted in time; try again") from None
        finally:
            self._waiting -= 1
            self._waiting_bytes -= size

    async def _made(self, recipe: Recipe, units: Sequence[Source]) -> list[Rendered]:
        there = [one for one in self._idle if not one.is_over and one.recipe == recipe]
        maker = there[-1] if there else self._begin(recipe)
        if there:
            self._idle.remove(maker)
        made = await maker.make(units)
        self._idle.append(maker)  # not after a failure: what it was given may still come out
        return made

    def _begin(self, recipe: Recipe) -> "_Maker":
        if self._group is None:
            raise Unavailable("the media process is starting or stopping")
        if self._renditions.is_full:
            raise TooManyRenditions(f"{self._renditions.most} streams are rendered by this process")
        maker = _Maker(self._renditions, recipe)
        self._group.create_task(self._live(maker), name="recorded parts' rendition")
        return maker

    async def _live(self, maker: "_Maker") -> None:
        try:
            await maker.run()
        finally:
            if maker in self._idle:
                self._idle.remove(maker)


class _Maker:
    """A rendition that is given one part after the other, and ends a while after the last."""

    def __init__(self, renditions: Renditions, recipe: Recipe) -> None:
        self.recipe = recipe
        self._made: list[Rendered] = []
        self._rendition = renditions.make(recipe, deliver=lambda one: self._made.append(one))
        self._over = asyncio.Event()
        self._ending = self._linger()

    @property
    def is_over(self) -> bool:
        return self._over.is_set()

    async def run(self) -> None:
        """Until it is not used any more, or its rendition ends."""
        try:
            async with asyncio.TaskGroup() as group:
                rendering = group.create_task(self._render(), name="rendition")
                unused = group.create_task(self._over.wait(), name="rendition's use")
                await asyncio.wait({rendering, unused}, return_when=asyncio.FIRST_COMPLETED)
                rendering.cancel()
                unused.cancel()
        finally:
            self._ending.cancel()
            self._over.set()

    async def make(self, units: Sequence[Source]) -> list[Rendered]:
        """All pictures of a part, the first of them a keyframe. Raises `Unavailable`."""
        self._ending.cancel()
        self._made = []
        self._rendition.change(self.recipe)  # the next picture needs none that came before
        try:
            for unit in units:
                await self._until(_AHEAD - 1)
                self._rendition.put(unit)
            await self._until(0)
        except BaseException:
            self._over.set()  # also when nobody waits any more: it ends at once
            raise
        self._ending = self._linger()
        return self._made

    async def _until(self, pending: int) -> None:
        while self._rendition.pending > pending:
            if self.is_over:
                raise Unavailable("the recording can't be converted; try again")
            await asyncio.sleep(_LOOK_EVERY_S)

    async def _render(self) -> None:
        with suppress(TooManyRenditions):  # the last place may have gone to another meanwhile
            await self._rendition.run()

    def _linger(self) -> asyncio.TimerHandle:
        """Have it end after a while, before anybody else comes to it."""
        return asyncio.get_running_loop().call_later(LINGERS_S, self._over.set)


def _laid_out(made: Sequence[Rendered], *, is_head: bool) -> bytes:
    return as_head(made[0]) if is_head else as_fragment(made)
