"""What the control room's API has in common: points, people, ids, and how an answer is written."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Annotated, Literal
from uuid import UUID

from aiohttp import web
from pydantic import BaseModel, BeforeValidator, ConfigDict, PlainSerializer

from domain.errors import NotFound
from domain.positions import Point
from mobile_api.bodies import Body


class Answer(BaseModel):
    """The base of what goes out: read from any object that has fields of these names."""

    model_config = ConfigDict(from_attributes=True, frozen=True)


def _utc(at: datetime) -> str:
    # RFC 3339 in UTC, milliseconds: what every page and phone can parse and subtract.
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


type At = Annotated[datetime, PlainSerializer(_utc, return_type=str, when_used="json")]


class PointAnswer(Answer):
    """A GeoJSON point (RFC 7946), WGS 84."""

    type: Literal["Point"] = "Point"
    coordinates: tuple[float, float]


def _as_geojson(value: object) -> object:
    return {"coordinates": (value.lon, value.lat)} if isinstance(value, Point) else value


type GeoPoint = Annotated[PointAnswer, BeforeValidator(_as_geojson)]


class PersonRef(Answer):
    id: UUID
    name: str


class UnitRef(Answer):
    unit_id: UUID
    call_sign: str


class ByCommune(Body):
    """A list may be limited to one commune; without it, all that may be seen."""

    commune: UUID | None = None


def answer(model: BaseModel, *, status: int = 200) -> web.Response:
    """Write ``model`` as JSON."""
    return web.Response(
        status=status, body=model.model_dump_json().encode(), content_type="application/json"
    )


def answers(models: Iterable[BaseModel]) -> web.Response:
    """Write a list of models as a JSON array."""
    inner = b",".join(model.model_dump_json().encode() for model in models)
    return web.Response(body=b"[%s]" % inner, content_type="application/json")


def id_in[T](request: web.Request, name: str, kind: Callable[[UUID], T]) -> T:
    """Give the id in the path; what is no UUID names nothing: raises ``NotFound``."""
    try:
        return kind(UUID(request.match_info[name]))
    except ValueError:
        raise NotFound("this is not an id") from None
