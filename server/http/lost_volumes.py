"""Volumes that are gone for good: a person says so, and their recordings are written off."""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from typing import Annotated
from uuid import UUID

from aiohttp import web
from pydantic import Field

from domain.errors import Unavailable
from domain.identifiers import CommuneId
from domain.people import Permission
from domain.principals import PersonPrincipal
from domain.volumes import Loss
from mobile_api.bodies import Body, Line, read_body
from mobile_api.description import Routes
from server.database.lost_volumes import LostVolumes
from server.database.pool import Database
from server.http import keys
from server.http.principal import person_of
from server.http.schemas import Answer, answer, id_in

ROUTES = Routes("recordings")

LOOK_EVERY_S = 60.0
NEEDS = Permission.MANAGE_COMMUNE

logger = logging.getLogger(__name__)


class LossAnswer(Answer):
    """``held``: of the ``segments``, those that a hold was to keep."""

    segments: int
    held: int


class LossBody(Body):
    """It is gone, with the recordings that were shown. ``motive``: how one knows."""

    segments: Annotated[int, Field(ge=0, lt=2**63)]
    held: Annotated[int, Field(ge=0, lt=2**63)]
    motive: Annotated[Line, Field(min_length=3)]


class WritingOff:
    """`run` writes receipts of what is gone; `wake` it when there is something new."""

    def __init__(
        self,
        volumes: LostVolumes,
        *,
        sign: Callable[[bytes], bytes],
        clock: Callable[[], datetime],
    ) -> None:
        self._volumes, self._sign, self._clock = volumes, sign, clock
        self._news = asyncio.Event()

    def wake(self) -> None:
        self._news.set()

    async def run(self) -> None:
        while True:
            self._news.clear()
            try:
                while await self._volumes.write_off(sign=self._sign, now=self._clock()):
                    pass
            except Unavailable as error:
                logger.warning("a lost volume is written off later: %s", error)
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK_EVERY_S):
                    await self._news.wait()


VOLUMES = web.AppKey("VOLUMES", LostVolumes)
WRITING_OFF = web.AppKey("WRITING_OFF", WritingOff)


def add_writing_off(
    app: web.Application,
    database: Database,
    *,
    sign: Callable[[bytes], bytes],
    clock: Callable[[], datetime],
) -> None:
    """Build what writes off; the caller keeps its ``run`` running."""
    app[VOLUMES] = LostVolumes(database)
    app[WRITING_OFF] = WritingOff(app[VOLUMES], sign=sign, clock=clock)


@ROUTES.get(
    "/communes/{commune_id}/volumes/{volume_id}/loss",
    needs=NEEDS,
    summary="What would be lost with a volume that is declared gone for good.",
    answers={200: LossAnswer},
)
async def show_loss(request: web.Request) -> web.Response:
    _, commune_id, volume = await _asked(request)
    return answer(
        LossAnswer.model_validate(await request.config_dict[VOLUMES].loss(volume, commune_id))
    )


@ROUTES.post(
    "/communes/{commune_id}/volumes/{volume_id}/loss",
    needs=NEEDS,
    summary="Declare a volume gone for good that nobody sees any more: receipts say what was lost.",
    body=LossBody,
    answers={200: LossAnswer},
    problems=("conflict", "volume-seen"),
)
async def declare_loss(request: web.Request) -> web.Response:
    principal, commune_id, volume = await _asked(request)
    body = await read_body(request, LossBody)
    shown = Loss(segments=body.segments, held=body.held)
    await request.config_dict[VOLUMES].declare(
        volume,
        commune_id,
        shown=shown,
        motive=body.motive,
        actor=principal.actor,
        at=keys.now(request),
    )
    request.config_dict[WRITING_OFF].wake()
    return answer(LossAnswer.model_validate(shown))


async def _asked(request: web.Request) -> tuple[PersonPrincipal, CommuneId, UUID]:
    principal = person_of(request)
    commune = await request.config_dict[keys.ACCESS].commune_for(
        principal, id_in(request, "commune_id", CommuneId), NEEDS
    )
    return principal, commune.id, id_in(request, "volume_id", lambda number: number)
