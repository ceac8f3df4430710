"""Masks: what of a camera's picture nobody is shown, and the one bare picture to draw them on."""

import base64
from typing import Annotated
from uuid import UUID

from aiohttp import web
from pydantic import Field

from domain.cameras import Camera
from domain.errors import NotFound
from domain.identifiers import CameraId
from domain.masks import MOST_MASKS, Mask, is_undecided
from domain.people import Permission
from domain.register import Action, Entry
from domain.streams import StreamOffline
from domain.zones import MOST_POINTS
from mobile_api.bodies import Body, Line, read_body, read_query
from mobile_api.description import Routes
from server.database.cameras import CameraSources
from server.database.masks import Decided, polygons_of
from server.http import keys
from server.http.inner_answers import as_told
from server.http.media import MEDIA
from server.http.principal import person_of
from server.http.rules import Corner
from server.http.schemas import Answer, At, answer, id_in

ROUTES = Routes("masks")

MANAGE, READ = Permission.MANAGE_MASKS, Permission.READ_SETUP

type Polygon = Annotated[list[Corner], Field(min_length=3, max_length=MOST_POINTS)]


class MasksBody(Body):
    """``masks``: polygons of points [x, y], shares of the picture's width and height, 0..1.

    ``after``: the version that was seen, 0 for none. Without masks and not ``by_camera``: somebody
    has looked, and there is nothing to hide.
    """

    masks: Annotated[list[Polygon], Field(max_length=MOST_MASKS)]
    by_camera: bool = False
    after: Annotated[int, Field(ge=0, le=2**31 - 1)]


class DecidedMasks(Answer):
    version: int
    masks: list[list[tuple[float, float]]]
    by_camera: bool
    decided_at: At
    decided_by: UUID
    decided_by_name: str


class CameraMasking(Answer):
    """``decisions``: the newest first, that one is in force. ``undecided``: nobody has looked."""

    decisions: list[DecidedMasks]
    undecided: bool


class ToDraw(Body):
    """Why the bare picture is looked at."""

    motive: Annotated[Line, Field(min_length=3)]


@ROUTES.get(
    "/cameras/{camera_id}/masks",
    needs=READ,
    summary="What was decided of a camera's masks, version by version.",
    answers={200: CameraMasking},
)
async def get_masks(request: web.Request) -> web.Response:
    return await _shown(request, await _camera(request, READ))


@ROUTES.put(
    "/cameras/{camera_id}/masks",
    needs=MANAGE,
    summary="Decide what of a camera's picture nobody is shown; a former version may come again.",
    body=MasksBody,
    answers={200: CameraMasking},
    problems=("invalid-mask", "masks-changed"),
)
async def decide_masks(request: web.Request) -> web.Response:
    principal, camera = person_of(request), await _camera(request, MANAGE)
    body = await read_body(request, MasksBody)
    await request.config_dict[keys.MASKS].decide(
        camera.id,
        [Mask.drawn(points) for points in body.masks],
        by_camera=body.by_camera,
        after=body.after,
        person_id=principal.person.id,
        actor=principal.actor,
        at=keys.now(request),
    )
    return await _shown(request, camera)


@ROUTES.get(
    "/cameras/{camera_id}/masks/picture",
    needs=MANAGE,
    summary="One picture without masks, to draw them on; noted in the register with its motive.",
    query=ToDraw,
    answers={200: "image/jpeg"},
    problems=("no-order-in-force", "stream-offline"),
)
async def get_bare_picture(request: web.Request) -> web.Response:
    principal, camera = person_of(request), await _camera(request, MANAGE)
    motive, now = read_query(request, ToDraw).motive, keys.now(request)
    sources = await request.config_dict[keys.CAMERAS].sources_of(camera.id)
    camera.check_lawful(sources.order, profile=sources.profile, at=now)
    if camera.disabled_at is not None:
        raise NotFound("this camera is out of use")
    jpeg = await _bare_picture(request, sources)
    # The row comes before the picture is given, and after there is one.
    await request.config_dict[keys.REGISTER].write(
        Entry(
            at=now,
            actor=principal.actor,
            action=Action.BARE_STILL_VIEWED,
            about=f"camera:{camera.id}",
            commune_id=camera.commune_id,
            motive=motive,
            data={"masks": sources.masks_version},
        )
    )
    return web.Response(body=jpeg, content_type="image/jpeg", headers={"Cache-Control": "no-store"})


async def _bare_picture(request: web.Request, sources: CameraSources) -> bytes:
    """The camera is opened once more, beside whatever runs: only masked pictures run."""
    found = await request.config_dict[MEDIA].check_camera(
        sources.main_url,
        sources.username,
        sources.password,
        transcode=sources.camera.transcode or bool(sources.masks),
    )
    with as_told():
        if not found["ok"] or found["still"] is None:
            raise StreamOffline(str(found["reason"] or "the camera gives no picture at the moment"))
        return base64.b64decode(found["still"], validate=True)


async def _camera(request: web.Request, permission: Permission) -> Camera:
    return await request.config_dict[keys.ACCESS].camera_for(
        person_of(request), id_in(request, "camera_id", CameraId), permission
    )


async def _shown(request: web.Request, camera: Camera) -> web.Response:
    decisions = await request.config_dict[keys.MASKS].of(camera.id)
    commune = await request.config_dict[keys.COMMUNES].get(camera.commune_id)
    version = decisions[0].masking.version if decisions else 0
    return answer(
        CameraMasking(
            decisions=[_decided(one) for one in decisions],
            undecided=is_undecided(version, profile=commune.profile, place_kind=camera.place_kind),
        )
    )


def _decided(one: Decided) -> DecidedMasks:
    masking = one.masking
    return DecidedMasks(
        version=masking.version,
        masks=[[(x, y) for x, y in polygon] for polygon in polygons_of(masking.masks)],
        by_camera=masking.by_camera,
        decided_at=masking.decided_at,
        decided_by=masking.decided_by,
        decided_by_name=one.by_name,
    )
