"""Tuning rules: what the gate and the detector see on a camera, while somebody looks at it.

Boxes alone, no pictures; under the law that detection itself obeys, and noted with its motive.
"""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import datetime
from typing import Annotated

from aiohttp import ClientError, hdrs, web
from pydantic import Field

from domain.authorisations import NotAuthorised
from domain.cameras import Camera
from domain.errors import DomainError
from domain.identifiers import CameraId
from domain.people import Permission
from domain.register import Action, Entry
from mobile_api.bodies import Body, Line, read_query
from mobile_api.description import Routes
from server.http import keys
from server.http.detect import DETECT, NotWatched
from server.http.principal import GATE, TOKEN, person_of
from server.http.schemas import id_in

ROUTES = Routes("rules")

NDJSON = "application/x-ndjson"
ASKED_AGAIN_S = 1.0
"""How often a right is asked for again of somebody who goes on looking."""
TAKEN_WITHIN_S = 5.0
"""A page that does not take a line for so long is gone."""


class ToTune(Body):
    """``motive``: why; it is in the register before the first look."""

    motive: Annotated[Line, Field(min_length=3)]


@ROUTES.get(
    "/cameras/{camera_id}/looks",
    needs=Permission.MANAGE_ZONES,
    summary="What detection sees on a camera, as lines of JSON for as long as one listens.",
    query=ToTune,
    answers={200: NDJSON},
    problems=("not-authorised", "not-watched", "too-many"),
)
async def follow(request: web.Request) -> web.StreamResponse:
    principal = person_of(request)
    camera = await _camera(request)
    motive, now = read_query(request, ToTune).motive, keys.now(request)
    act = await _check_authorised(request, camera, at=now)
    async with request.config_dict[DETECT].looks(camera) as looks:
        await request.config_dict[keys.REGISTER].write(
            Entry(
                at=now,
                actor=principal.actor,
                action=Action.LOOKS_FOLLOWED,
                about=f"camera:{camera.id}",
                commune_id=camera.commune_id,
                motive=motive,
                data={"authorisation": act},
            )
        )
        headers = {hdrs.CONTENT_TYPE: NDJSON, hdrs.CACHE_CONTROL: "no-store"}
        response = web.StreamResponse(headers=headers)
        await response.prepare(request)
        # Whoever has gone, the page or detection: the lines end, and the page says so.
        with suppress(ClientError, TimeoutError, OSError):
            await _hand_on(request, camera.id, looks, response)
            await response.write_eof()
        return response


async def _hand_on(
    request: web.Request,
    camera_id: CameraId,
    looks: AsyncIterator[bytes],
    response: web.StreamResponse,
) -> None:
    """Hand on line by line for as long as the right lasts; the last line says what has ended."""
    loop = asyncio.get_running_loop()
    checked_at = loop.time()
    try:
        async for line in looks:
            if loop.time() - checked_at >= ASKED_AGAIN_S:
                await _check_again(request, camera_id)
                checked_at = loop.time()
            await _write(response, line)
        await _check_again(request, camera_id)
        raise NotWatched("its rules rest, or its pictures do not come")
    except DomainError as error:
        await _write(response, json.dumps({"over": error.code}).encode() + b"\n")


async def _write(response: web.StreamResponse, line: bytes) -> None:
    async with asyncio.timeout(TAKEN_WITHIN_S):
        await response.write(line)


async def _check_authorised(request: web.Request, camera: Camera, *, at: datetime) -> str:
    """Give the act by which one of the camera's rules may be watched now.

    Raises ``NotAuthorised``.
    """
    kinds = {rule.kind for rule in await request.config_dict[keys.RULES].of(camera.id)}
    act = await request.config_dict[keys.AUTHORISATIONS].allowing(camera, kinds, at=at)
    if act is not None:
        return str(act.id)
    raise NotAuthorised("no act in force covers this camera and a kind of event of its rules")


async def _check_again(request: web.Request, camera_id: CameraId) -> None:
    principal = await request.config_dict[GATE].authenticate(request[TOKEN])
    camera = await request.config_dict[keys.ACCESS].camera_for(
        principal, camera_id, Permission.MANAGE_ZONES
    )
    await _check_authorised(request, camera, at=keys.now(request))


async def _camera(request: web.Request) -> Camera:
    return await request.config_dict[keys.ACCESS].camera_for(
        person_of(request), id_in(request, "camera_id", CameraId), Permission.MANAGE_ZONES
    )
