"""Walls: those that a control room shares, driven from any desk, and the layouts people keep."""

from collections.abc import Collection
from typing import Annotated, Literal, Self
from uuid import UUID, uuid4

from aiohttp import web
from pydantic import Field, TypeAdapter, model_validator

from domain.errors import NotFound
from domain.identifiers import CommuneId, LayoutId, WallId
from domain.people import Permission
from mobile_api.bodies import Body, Line, read_body, read_query
from mobile_api.description import Routes
from server.database.walls import Walls
from server.http import keys
from server.http.principal import person_of
from server.http.schemas import Answer, At, ByCommune, PersonRef, answer, answers, id_in

ROUTES = Routes("walls")

SLOTS = 16  # always as many, so that a smaller layout forgets nothing

type SlotNumber = Annotated[int, Field(ge=0, lt=SLOTS)]


class PictureBody(Body):
    """A camera, or a patrol's stream."""

    kind: Literal["camera", "stream"]
    id: UUID


class RotationBody(Body):
    """The cameras that take turns, each for ``dwell_s``.

    ``started_at``: since when, in ms since 1970 by the server's clock; every page that shows the
    wall works out from it whose turn it is. None: it stands.
    """

    camera_ids: Annotated[list[UUID], Field(max_length=500)]
    dwell_s: Annotated[int, Field(ge=3, le=3600)]
    started_at: Annotated[int, Field(ge=0, lt=2**53)] | None = None


class ShowsBody(Body):
    """What a wall shows: 16 slots, of which the first ``layout`` hang."""

    layout: Literal[1, 4, 9, 16]
    slots: Annotated[list[PictureBody | None], Field(min_length=SLOTS, max_length=SLOTS)]
    pinned: Annotated[list[SlotNumber], Field(max_length=SLOTS, default_factory=list)]
    isolated: SlotNumber | None = None
    rotation: RotationBody | None = None

    @model_validator(mode="after")
    def _hangs(self) -> Self:
        if self.isolated is not None and self.isolated >= self.layout:
            raise ValueError("the isolated picture is not among those that hang")
        return self


class DriveBody(Body):
    shows: ShowsBody


class NewWall(Body):
    id: UUID | None = None
    commune_id: UUID
    name: Line
    shows: ShowsBody


class LayoutBody(Body):
    name: Line
    shows: ShowsBody


class NewLayout(LayoutBody):
    id: UUID | None = None


class Picture(Answer):
    kind: Literal["camera", "stream"]
    id: UUID


class Rotation(Answer):
    camera_ids: list[UUID]
    dwell_s: int
    started_at: int | None


class Shows(Answer):
    layout: int
    slots: list[Picture | None]
    pinned: list[int]
    isolated: int | None
    rotation: Rotation | None


class WallAnswer(Answer):
    id: UUID
    commune_id: UUID
    name: str
    shows: Shows
    driven_by: PersonRef
    driven_at: At


class WallRemoved(Answer):
    """What the live socket says of a wall that is no longer there."""

    id: UUID
    removed: Literal[True] = True


class LayoutAnswer(Answer):
    id: UUID
    name: str
    shows: Shows
    saved_at: At


@ROUTES.get(
    "/walls",
    needs=Permission.VIEW_CAMERAS,
    summary="The shared walls of my control rooms: what each shows, and who drives it.",
    query=ByCommune,
    answers={200: TypeAdapter(list[WallAnswer])},
)
async def list_walls(request: web.Request) -> web.Response:
    wanted = read_query(request, ByCommune).commune
    communes = await keys.communes_in(request, person_of(request), Permission.VIEW_CAMERAS, wanted)
    return answers(await walls_in(request.config_dict[keys.WALLS], communes))


@ROUTES.post(
    "/walls",
    needs=Permission.VIEW_CAMERAS,
    summary="Add a shared wall to a control room.",
    body=NewWall,
    answers={201: WallAnswer},
)
async def add_wall(request: web.Request) -> web.Response:
    person, body = person_of(request), await read_body(request, NewWall)
    commune = await request.config_dict[keys.ACCESS].commune_for(
        person, CommuneId(body.commune_id), Permission.VIEW_CAMERAS
    )
    wall_id = WallId(body.id or uuid4())
    await request.config_dict[keys.WALLS].add(
        wall_id,
        commune_id=commune.id,
        name=body.name,
        shows=body.shows.model_dump(mode="json"),
        by=person.person.id,
        actor=person.actor,
        at=keys.now(request),
    )
    return await _shown(request, wall_id, commune.id, status=201)


@ROUTES.put(
    "/walls/{wall_id}",
    needs=Permission.VIEW_CAMERAS,
    summary="Drive a shared wall: what it shows from now on. Who said so last is shown.",
    body=DriveBody,
    answers={200: WallAnswer},
)
async def drive_wall(request: web.Request) -> web.Response:
    person = person_of(request)
    wall_id = id_in(request, "wall_id", WallId)
    commune_id = await request.config_dict[keys.ACCESS].wall_for(
        person, wall_id, Permission.VIEW_CAMERAS
    )
    body = await read_body(request, DriveBody)
    await request.config_dict[keys.WALLS].drive(
        wall_id, body.shows.model_dump(mode="json"), by=person.person.id, at=keys.now(request)
    )
    return await _shown(request, wall_id, commune_id)


@ROUTES.delete(
    "/walls/{wall_id}",
    needs=Permission.VIEW_CAMERAS,
    summary="Take a shared wall out of use.",
    answers={204: None},
)
async def remove_wall(request: web.Request) -> web.Response:
    person = person_of(request)
    wall_id = id_in(request, "wall_id", WallId)
    await request.config_dict[keys.ACCESS].wall_for(person, wall_id, Permission.VIEW_CAMERAS)
    await request.config_dict[keys.WALLS].remove(wall_id, actor=person.actor, at=keys.now(request))
    return web.Response(status=204)


@ROUTES.get(
    "/layouts",
    needs=Permission.VIEW_CAMERAS,
    summary="The walls I have named, for any desk.",
    answers={200: TypeAdapter(list[LayoutAnswer])},
)
async def list_layouts(request: web.Request) -> web.Response:
    kept = await request.config_dict[keys.WALLS].layouts(person_of(request).person.id)
    return answers(LayoutAnswer.model_validate(one) for one in kept)


@ROUTES.post(
    "/layouts",
    needs=Permission.VIEW_CAMERAS,
    summary="Keep a wall under a name.",
    body=NewLayout,
    answers={204: None},
)
async def keep_layout(request: web.Request) -> web.Response:
    body = await read_body(request, NewLayout)
    await request.config_dict[keys.WALLS].keep(
        LayoutId(body.id or uuid4()),
        body.name,
        body.shows.model_dump(mode="json"),
        of=person_of(request).person.id,
        at=keys.now(request),
    )
    return web.Response(status=204)


@ROUTES.put(
    "/layouts/{layout_id}",
    needs=Permission.VIEW_CAMERAS,
    summary="Keep another wall in the place of one I have named.",
    body=LayoutBody,
    answers={204: None},
)
async def change_layout(request: web.Request) -> web.Response:
    body = await read_body(request, LayoutBody)
    await request.config_dict[keys.WALLS].change_layout(
        id_in(request, "layout_id", LayoutId),
        body.name,
        body.shows.model_dump(mode="json"),
        of=person_of(request).person.id,
        at=keys.now(request),
    )
    return web.Response(status=204)


@ROUTES.delete(
    "/layouts/{layout_id}",
    needs=Permission.VIEW_CAMERAS,
    summary="Keep a wall no more.",
    answers={204: None},
)
async def drop_layout(request: web.Request) -> web.Response:
    layout_id = id_in(request, "layout_id", LayoutId)
    await request.config_dict[keys.WALLS].drop(layout_id, of=person_of(request).person.id)
    return web.Response(status=204)


async def walls_in(
    walls: Walls, communes: Collection[CommuneId], *, wall_id: WallId | None = None
) -> list[WallAnswer]:
    found = await walls.of_communes(communes, wall_id=wall_id)
    return [
        WallAnswer(
            id=one.id,
            commune_id=one.commune_id,
            name=one.name,
            shows=Shows.model_validate(one.shows),
            driven_by=PersonRef(id=one.driven_by, name=one.driver),
            driven_at=one.driven_at,
        )
        for one in found
    ]


async def _shown(
    request: web.Request, wall_id: WallId, commune_id: CommuneId, *, status: int = 200
) -> web.Response:
    found = await walls_in(request.config_dict[keys.WALLS], {commune_id}, wall_id=wall_id)
    if not found:
        raise NotFound("there is no such wall")
    return answer(found[0], status=status)
