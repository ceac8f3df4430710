"""The inner HTTP API of a detect process: control alone calls it, with the internal token."""

import asyncio
from contextlib import suppress
from typing import Protocol
from uuid import UUID

from aiohttp import ClientConnectionResetError, web
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from domain.errors import NotFound
from domain.identifiers import CameraId
from server.detect.looks import Looks, Newest
from server.detect.trial_app import TRIALS
from server.detect.trial_app import routes as trial_routes
from server.detect.trials import Trials
from server.inner import TOKEN, problems, signed_in

NDJSON = "application/x-ndjson"
SILENT_S = 1.0
"""A camera without a look for so long has an empty line: by it is noticed who has gone, and by
who reads it that his right has ended."""
TAKEN_WITHIN_S = 5.0
"""Who does not take a line for so long is gone."""
LARGEST_ASKED = 4 * 1024 * 1024
"""Bytes that say what is to be tried: an hour of recordings is some thousand parts."""

LOOKS = web.AppKey("LOOKS", Looks)


class Watching(Protocol):
    def watches(self, camera_id: CameraId) -> bool:
        """Tell whether a camera's rules and acts have it watched at this moment."""
        ...


WATCHING: web.AppKey[Watching] = web.AppKey("WATCHING")

routes = web.RouteTableDef()


def build_app(
    *, looks: Looks, trials: Trials, watching: Watching, internal_token: str
) -> web.Application:
    """The app; ``trials.run()`` is the caller's to keep running beside it."""
    app = web.Application(middlewares=[problems, signed_in], client_max_size=LARGEST_ASKED)
    app[LOOKS], app[WATCHING], app[TOKEN] = looks, watching, internal_token
    app[TRIALS] = trials
    app.add_routes(routes)
    app.add_routes(trial_routes)
    return app


@routes.get("/metrics")
async def metrics(_: web.Request) -> web.Response:
    return web.Response(body=generate_latest(), headers={"Content-Type": CONTENT_TYPE_LATEST})


@routes.get("/cameras/{camera_id}/looks")
async def follow(request: web.Request) -> web.StreamResponse:
    """Looks of a camera that is watched, a line of JSON each, newest first, until the caller goes.

    It ends when the camera is watched no longer.
    """
    camera_id = _camera_in(request)
    watches = request.app[WATCHING].watches
    if not watches(camera_id):
        raise NotFound("this camera is not being watched at the moment")
    with request.app[LOOKS].follow(camera_id) as newest:
        response = web.StreamResponse(headers={"Content-Type": NDJSON})
        await response.prepare(request)
        # It has gone: that is how this ends.
        with suppress(ClientConnectionResetError, TimeoutError):
            while watches(camera_id):
                line = await _next(newest)
                async with asyncio.timeout(TAKEN_WITHIN_S):
                    await response.write(line)
            await response.write_eof()
        return response


async def _next(newest: Newest) -> bytes:
    try:
        async with asyncio.timeout(SILENT_S):
            return await newest.take()
    except TimeoutError:
        return b"\n"


def _camera_in(request: web.Request) -> CameraId:
    try:
        return CameraId(UUID(request.match_info["camera_id"]))
    except ValueError:
        raise NotFound("the camera is no UUID") from None
