"""Cameras' clocks, asked for by ONVIF: each once an hour, one that is wrong every ten minutes."""

import asyncio
import logging
from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from domain.camera_clocks import ASKED_EVERY, CameraClock
from domain.errors import DomainError
from domain.identifiers import CameraId
from domain.onvif import ClockOffset
from server.database.camera_clocks import Timed
from server.database.columns import Clock
from server.onvif.addresses import OnvifTrouble

logger = logging.getLogger(__name__)

LOOK_EVERY_S = 30.0
#: At once; each takes up to five seconds, and nobody waits for it.
MOST = 4


class Known(Protocol):
    async def of_holder(self, holder: str) -> Sequence[Timed]: ...
    async def put(self, camera_id: CameraId, clock: CameraClock) -> None: ...


class Asking(Protocol):
    async def clock_of(self, timed: Timed) -> ClockOffset:
        """Raises ``OnvifTrouble``."""


class ClockWatch:
    """`run` until cancelled; a camera that does not answer is asked again an hour later."""

    def __init__(self, *, known: Known, cameras: Asking, holder: str, clock: Clock) -> None:
        self._known, self._cameras, self._holder, self._clock = known, cameras, holder, clock
        self._refused: dict[CameraId, datetime] = {}

    async def run(self) -> None:
        while True:
            try:
                await self.look()
            except DomainError as error:
                logger.warning("cameras' clocks wait: %s", error)
            await asyncio.sleep(LOOK_EVERY_S)

    async def look(self) -> None:
        """Ask those whose turn it is, a few of them."""
        now = self._clock()
        known = await self._known.of_holder(self._holder)
        here = {one.camera_id for one in known}
        self._refused = {one: at for one, at in self._refused.items() if one in here}
        due = [one for one in known if self._is_due(one, now)][:MOST]
        async with asyncio.TaskGroup() as group:
            for one in due:
                group.create_task(self._ask(one), name=f"clock of {one.camera_id}")

    def _is_due(self, one: Timed, now: datetime) -> bool:
        refused = self._refused.get(one.camera_id)
        if refused is not None and now < refused + ASKED_EVERY:
            return False
        return one.clock is None or now >= one.clock.ask_again_at

    async def _ask(self, one: Timed) -> None:
        try:
            offset = await self._cameras.clock_of(one)
        except OnvifTrouble as trouble:
            logger.info("camera %s does not tell its time: %s", one.camera_id, trouble)
            self._refused[one.camera_id] = self._clock()
            return
        self._refused.pop(one.camera_id, None)
        at = self._clock()
        before = one.clock
        read = before.read(offset, at) if before is not None else CameraClock.first(offset, at)
        if read.wrong_since == at:
            off_s = offset.likely.total_seconds()
            logger.warning("the clock of camera %s is off by %+.1f s", one.camera_id, off_s)
        try:
            await self._known.put(one.camera_id, read)
        except DomainError as error:
            logger.warning("the clock of camera %s is not kept: %s", one.camera_id, error)
