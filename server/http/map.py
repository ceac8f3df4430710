"""The town's map: its style, its tiles, its names, all from this server."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from aiohttp import web
from pydantic import Field, TypeAdapter

from domain.errors import Unavailable
from domain.positions import Point
from mobile_api.bodies import Body, read_query
from mobile_api.description import Needs, Routes
from server.http.schemas import Answer, GeoPoint, answer, answers

ROUTES = Routes("map")

PLACES_SHOWN = 10


@dataclass(frozen=True, kw_only=True)
class FoundPlace:
    """A place that answers to a name."""

    name: str
    point: Point


@dataclass(frozen=True, kw_only=True)
class TownMap:
    """What ``server.streets`` gives of a built map. ``tiles`` is a PMTiles file.

    ``style`` gives the MapLibre style of a theme; ``search`` and ``describe`` don't wait.
    """

    tiles: Path
    style: Callable[[Literal["day", "night"]], dict[str, Any]]
    search: Callable[[str, int], Sequence[FoundPlace]]
    describe: Callable[[float, float], str | None]


#: Gives the map that is built now, None before `ilotier map build` was run.
TOWN_MAP: web.AppKey[Callable[[], TownMap | None]] = web.AppKey("TOWN_MAP")


class StyleQuery(Body):
    theme: Literal["day", "night"] = "day"


class PlacesQuery(Body):
    q: Annotated[str, Field(min_length=1, max_length=200)]


class PlaceQuery(Body):
    lon: Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)]
    lat: Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False)]


class PlaceFound(Answer):
    name: str
    point: GeoPoint


class PlaceName(Answer):
    name: str | None


@ROUTES.get(
    "/map/style.json",
    needs=Needs.SESSION_OR_DEVICE,
    summary="The map's style for MapLibre.",
    query=StyleQuery,
    answers={200: TypeAdapter(dict[str, Any])},
    problems=("unavailable",),
)
async def style(request: web.Request) -> web.Response:
    theme = read_query(request, StyleQuery).theme
    return web.Response(
        body=json.dumps(_map(request).style(theme), ensure_ascii=False).encode(),
        content_type="application/json",
    )


@ROUTES.get(
    "/map/tiles.pmtiles",
    needs=Needs.SESSION_OR_DEVICE,
    summary="The map's tiles (PMTiles), read in ranges.",
    answers={200: "application/vnd.pmtiles", 206: "application/vnd.pmtiles"},
    problems=("unavailable",),
)
async def tiles(request: web.Request) -> web.StreamResponse:
    # A strong ETag and a new ?v= for each build: a page never mixes two maps.
    return web.FileResponse(
        _map(request).tiles,
        headers={"Content-Type": "application/vnd.pmtiles", "Cache-Control": "private, no-cache"},
    )


@ROUTES.get(
    "/map/places",
    needs=Needs.SESSION_OR_DEVICE,
    summary="Places that answer to a name, the best first.",
    query=PlacesQuery,
    answers={200: TypeAdapter(list[PlaceFound])},
)
async def places(request: web.Request) -> web.Response:
    found = _map(request).search(read_query(request, PlacesQuery).q, PLACES_SHOWN)
    return answers(PlaceFound.model_validate(place) for place in found)


@ROUTES.get(
    "/map/place",
    needs=Needs.SESSION_OR_DEVICE,
    summary="What people call a point.",
    query=PlaceQuery,
    answers={200: PlaceName},
)
async def place(request: web.Request) -> web.Response:
    query = read_query(request, PlaceQuery)
    return answer(PlaceName(name=_map(request).describe(query.lon, query.lat)))


def _map(request: web.Request) -> TownMap:
    town = request.config_dict[TOWN_MAP]()
    if town is None or not town.tiles.is_file():
        raise Unavailable("the map is not built: run `ilotier map build FILE.osm.pbf`")
    return town
