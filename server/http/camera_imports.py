"""Lists of cameras (CSV, GeoJSON): looked at first, taken in, taken back, taken out."""

import asyncio
import json
from typing import Annotated, Literal
from uuid import UUID

from aiohttp import web
from pydantic import Field, TypeAdapter

from domain.camera_lists import COLUMNS, Fault, Line, Verdict, read_csv, read_geojson, write_csv
from domain.communes import Commune
from domain.identifiers import CommuneId, OrderId
from domain.people import Permission
from mobile_api.bodies import Body, read_body, read_query
from mobile_api.description import Routes
from server.database.camera_imports import counted
from server.http import keys
from server.http.places import place_of
from server.http.principal import person_of
from server.http.schemas import Answer, At, answer, answers, id_in

ROUTES = Routes("camera imports")
MANAGE = Permission.MANAGE_CAMERAS
#: 5,000 lines of 300 bytes, and half as much again.
LIST_LIMIT = 2_250_000


class CameraList(Body):
    """``keep`` false: only say what would become of each line.

    ``order_id``: what those rest on that name none. A list may hold passwords: they are sealed as
    those of the form are, and never come out.
    """

    format: Literal["csv", "geojson"]
    text: Annotated[str, Field(max_length=LIST_LIMIT)]
    order_id: UUID | None = None
    keep: bool = False


class JudgedLine(Answer):
    at: int
    number: int | None
    name: str
    verdict: Verdict
    faults: list[Fault]


class ImportReport(Answer):
    """``import_id``: what it can be taken back by; null when nothing was kept."""

    import_id: UUID | None
    counts: dict[Verdict, int]
    lines: list[JudgedLine]


class ImportAnswer(Answer):
    id: UUID
    imported_by: str
    imported_at: At
    cameras: int
    undone_at: At | None
    recorded: bool


class UndoAnswer(Answer):
    removed: int
    retired: int


class ListQuery(Body):
    format: Literal["csv", "geojson"] = "csv"


@ROUTES.post(
    "/communes/{commune_id}/camera-imports",
    needs=MANAGE,
    summary="Take in a list of cameras, or first only look at what it would do, line by line.",
    body=CameraList,
    answers={200: ImportReport},
    problems=("bad-camera-list", "too-large"),
)
async def take_in(request: web.Request) -> web.Response:
    principal, commune = person_of(request), await _commune(request)
    body = await read_body(request, CameraList, limit=LIST_LIMIT)
    # 5,000 lines take some tenths of a second.
    lines = await asyncio.to_thread(_lines, body)
    imports = request.config_dict[keys.CAMERA_IMPORTS]
    order = OrderId(body.order_id) if body.order_id is not None else None
    import_id = None
    if body.keep:
        import_id, judged = await imports.take_in(
            commune.id,
            lines,
            usual_order=order,
            describe=lambda point: place_of(request, point),
            actor=principal.actor,
            at=keys.now(request),
        )
    else:
        judged = await imports.preview(commune.id, lines, usual_order=order)
    report = ImportReport(
        import_id=import_id,
        counts=counted(judged),
        lines=[
            JudgedLine(
                at=one.at,
                number=one.number,
                name=one.name[:200],
                verdict=one.verdict,
                faults=[*one.faults],
            )
            for one in judged
        ],
    )
    return answer(report)


@ROUTES.get(
    "/communes/{commune_id}/camera-imports",
    needs=MANAGE,
    summary="The lists that were taken in, and whether each can be taken back.",
    answers={200: TypeAdapter(list[ImportAnswer])},
)
async def list_imports(request: web.Request) -> web.Response:
    commune = await _commune(request)
    found = await request.config_dict[keys.CAMERA_IMPORTS].of_commune(commune.id)
    return answers(ImportAnswer.model_validate(one) for one in found)


@ROUTES.delete(
    "/communes/{commune_id}/camera-imports/{import_id}",
    needs=MANAGE,
    summary="Take a list back, as long as nothing was recorded from its cameras.",
    answers={200: UndoAnswer},
    problems=("import-recorded",),
)
async def undo(request: web.Request) -> web.Response:
    principal, commune = person_of(request), await _commune(request)
    undone = await request.config_dict[keys.CAMERA_IMPORTS].undo(
        commune.id,
        id_in(request, "import_id", lambda found: found),
        actor=principal.actor,
        at=keys.now(request),
    )
    return answer(UndoAnswer.model_validate(undone))


@ROUTES.get(
    "/communes/{commune_id}/camera-list",
    needs=MANAGE,
    summary="The commune's cameras as a list that can be taken in again; without passwords.",
    query=ListQuery,
    answers={200: "text/csv"},
)
async def take_out(request: web.Request) -> web.Response:
    commune, wanted = await _commune(request), read_query(request, ListQuery).format
    listed = await request.config_dict[keys.CAMERA_IMPORTS].listed(commune.id)
    if wanted == "csv":
        text, kind = write_csv(listed), "text/csv"
    else:
        kind = "application/geo+json"
        features = [
            {
                "type": "Feature",
                "geometry": {"type": "Point", "coordinates": [one["lon"], one["lat"]]},
                "properties": {name: one[name] for name in COLUMNS if name not in ("lon", "lat")},
            }
            for one in listed
        ]
        text = json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False)
    return web.Response(
        text=text,
        content_type=kind,
        charset="utf-8",
        headers={
            "Content-Disposition": f'attachment; filename="cameras.{wanted}"',
            "Cache-Control": "no-store",
        },
    )


def _lines(body: CameraList) -> list[Line]:
    return read_csv(body.text) if body.format == "csv" else read_geojson(body.text)


async def _commune(request: web.Request) -> Commune:
    commune_id = id_in(request, "commune_id", CommuneId)
    return await request.config_dict[keys.ACCESS].commune_for(
        person_of(request), commune_id, MANAGE
    )
