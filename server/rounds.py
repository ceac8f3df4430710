"""Guard tours of ours, run; and where cameras that move look, asked again and again.

One look a second at the cameras that this process runs. A camera is asked nothing here while a
person moves it but where it looks.
"""

import asyncio
import logging
from collections.abc import Coroutine, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from domain.errors import DomainError
from domain.identifiers import CameraId
from domain.ptz import Looking, Seen, Whereabouts
from domain.tours import Going
from server.database.columns import Clock
from server.database.tours import Mobile
from server.onvif.addresses import OnvifTrouble

logger = logging.getLogger(__name__)

LOOK_EVERY_S = 1.0
#: Each camera is asked this often where it looks; thrice as often while it is on its way.
ASKED_EVERY, ASKED_ON_ITS_WAY = timedelta(seconds=6), timedelta(seconds=2)
#: A camera that does not answer where it looks is not asked for a while.
LEFT_ALONE = timedelta(seconds=30)


class Cameras(Protocol):
    """How they are asked (``server.media.onvif.Onvif``); each raises ``OnvifTrouble``."""

    async def go_to(self, mobile: Mobile, preset: str) -> None: ...
    async def where(self, mobile: Mobile) -> Whereabouts: ...


class Known(Protocol):
    async def of_holder(self, holder: str) -> Sequence[Mobile]: ...


class Book(Protocol):
    async def looked(self, camera_id: CameraId, where: Whereabouts, *, at: datetime) -> Seen: ...


class Rounds:
    """`run` until cancelled; what it asks of one camera holds up no other."""

    def __init__(
        self, *, known: Known, cameras: Cameras, book: Book, holder: str, clock: Clock
    ) -> None:
        self._known, self._cameras, self._book = known, cameras, book
        self._holder, self._clock = holder, clock
        self._going: dict[CameraId, Going] = {}
        self._ask_at: dict[CameraId, datetime] = {}
        self._busy: dict[CameraId, asyncio.Task[None]] = {}

    async def run(self) -> None:
        async with asyncio.TaskGroup() as group:
            while True:
                try:
                    self.look(group, await self._known.of_holder(self._holder))
                except DomainError as error:
                    logger.warning("guard tours wait: %s", error)
                await asyncio.sleep(LOOK_EVERY_S)

    def look(self, group: asyncio.TaskGroup, mobiles: Sequence[Mobile]) -> None:
        here = {one.camera_id for one in mobiles}
        for gone in [one for one in (*self._going, *self._ask_at) if one not in here]:
            self._going.pop(gone, None)
            self._ask_at.pop(gone, None)
        for one in mobiles:
            if one.camera_id not in self._busy and (doing := self._next(one)) is not None:
                task = group.create_task(doing, name=f"round of {one.camera_id}")
                self._busy[one.camera_id] = task
                task.add_done_callback(lambda _, camera_id=one.camera_id: self._done(camera_id))  # type: ignore[misc]

    def _done(self, camera_id: CameraId) -> None:
        self._busy.pop(camera_id, None)

    def _next(self, one: Mobile) -> Coroutine[None, None, None] | None:
        """What is to be asked of a camera now; None: nothing."""
        now = self._clock()
        tour, preset = one.tour, None
        if tour is not None and tour.running_since is not None:
            going = self._going.get(one.camera_id, Going())
            self._going[one.camera_id], preset = going.step(tour.stops, lock=one.lock, now=now)
        else:
            self._going.pop(one.camera_id, None)
        if preset is not None:
            return self._send(one, preset, now)
        if now >= self._ask_at.get(one.camera_id, now):
            return self._ask(one, now)
        return None

    async def _send(self, one: Mobile, preset: str, now: datetime) -> None:
        try:
            await self._cameras.go_to(one, preset)
            self._ask_at[one.camera_id] = now + ASKED_ON_ITS_WAY
            await self._looks(one, Whereabouts(Looking.MOVING), at=self._clock())
        except OnvifTrouble as trouble:
            logger.warning("camera %s did not go on its tour: %s", one.camera_id, trouble)
            if one.tour is not None and (going := self._going.get(one.camera_id)) is not None:
                self._going[one.camera_id] = going.refused(one.tour.stops, now=now)

    async def _ask(self, one: Mobile, now: datetime) -> None:
        try:
            where = await self._cameras.where(one)
        except OnvifTrouble as trouble:
            logger.info("camera %s does not tell where it looks: %s", one.camera_id, trouble)
            where, again = Whereabouts(Looking.UNKNOWN), LEFT_ALONE
        else:
            on_its_way = where.looking is Looking.MOVING
            again = ASKED_ON_ITS_WAY if on_its_way else ASKED_EVERY
        self._ask_at[one.camera_id] = now + again
        await self._looks(one, where, at=now)  # who has moved it since knows better

    async def _looks(self, one: Mobile, where: Whereabouts, *, at: datetime) -> None:
        try:
            await self._book.looked(one.camera_id, where, at=at)
        except DomainError as error:
            logger.warning("where camera %s looks is not kept: %s", one.camera_id, error)
