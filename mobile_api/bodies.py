"""Bodies and queries from outside, validated: strict, nothing unknown, nothing unbounded.

``request.json()`` is never used: it takes NaN, Infinity and a key given twice.
"""

import asyncio
import json
from datetime import datetime
from typing import Annotated, ClassVar

from aiohttp import web
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from domain.errors import DomainError, Invalid
from domain.positions import Point

BODY_LIMIT = 64 * 1024  # bytes; the largest real body is 500 positions of about 110 bytes
BODY_WITHIN_S = 60.0  # the largest, a sound of 4 MiB, on a link of 600 kbit/s

EARLIEST_YEAR, LATEST_YEAR = 1900, 2200


class InvalidBody(Invalid):
    """A body or a query that does not say what it should; ``errors`` says where, all of it."""

    def __init__(self, detail: str, *, errors: list[dict[str, str]]) -> None:
        super().__init__(detail)
        self.errors = errors


class BadJson(Invalid):
    code: ClassVar[str] = "bad-json"
    title: ClassVar[str] = "The body is not JSON"


class TooLarge(DomainError):
    """More bytes than the route takes; ``limit`` says how many it takes."""

    code: ClassVar[str] = "too-large"
    title: ClassVar[str] = "The body is too large"

    def __init__(self, limit: int) -> None:
        super().__init__(f"at most {limit} bytes are taken here")
        self.limit = limit


class WrongMediaType(DomainError):
    """The body is declared to be something else; ``expected`` is what is taken."""

    code: ClassVar[str] = "wrong-media-type"
    title: ClassVar[str] = "The body is of another type"

    def __init__(self, expected: str) -> None:
        super().__init__(f"send {expected}")
        self.expected = expected


class Body(BaseModel):
    """The base of what comes in."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


def _printable(text: str) -> str:
    # A control character has no business in a name or a note; a line break does. A lone surrogate
    # is no text at all: PostgreSQL refuses it.
    if any((ord(c) < 32 and c not in "\n\t") or 0x7F <= ord(c) < 0xA0 for c in text):
        raise ValueError("control characters are not taken")
    if any(0xD800 <= ord(c) <= 0xDFFF for c in text):
        raise ValueError("this is not text")
    # Overrides of the direction make a call sign or a name read as another one's.
    if any("\u202a" <= c <= "\u202e" or "\u2066" <= c <= "\u2069" for c in text):
        raise ValueError("marks of writing direction are not taken")
    return text


def _aware(at: datetime) -> datetime:
    if at.tzinfo is None:
        raise ValueError("a time needs its offset, as in 2026-01-31T12:00:00Z")
    # A day more or less than the calendar's first and last can't be counted with.
    if not EARLIEST_YEAR <= at.year <= LATEST_YEAR:
        raise ValueError(f"the year is not between {EARLIEST_YEAR} and {LATEST_YEAR}")
    return at


type Line = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_printable)]
"""One line that must be there, 1..200 characters."""
type Note = Annotated[str, Field(max_length=2000), AfterValidator(_printable)]
"""Free text, may be empty, up to 2000 characters."""
type Instant = Annotated[datetime, AfterValidator(_aware)]


class PointBody(Body):
    """A GeoJSON point (RFC 7946): longitude, latitude, WGS 84 degrees; an altitude is dropped."""

    type: Annotated[str, Field(pattern="^Point$")] = "Point"
    coordinates: Annotated[
        list[Annotated[float, Field(allow_inf_nan=False, ge=-100_000, le=100_000)]],
        Field(min_length=2, max_length=3),
    ]

    def point(self) -> Point:
        """Give the point; raises ``BadPosition`` when it lies nowhere on Earth."""
        return Point(self.coordinates[0], self.coordinates[1])


async def read_bytes(request: web.Request, *, limit: int = BODY_LIMIT) -> bytes:
    """Give the body; raises ``TooLarge``. Counted here, whatever Content-Length claims.

    One that can't be decoded as its headers say, or that has not come in time, is no request.
    """
    if request.content_length is not None and request.content_length > limit:
        raise TooLarge(limit)
    taken = bytearray()
    try:
        async with asyncio.timeout(BODY_WITHIN_S):
            async for piece in request.content.iter_any():
                taken += piece
                if len(taken) > limit:
                    raise TooLarge(limit)
    except web.RequestPayloadError:
        raise web.HTTPBadRequest from None
    except TimeoutError:
        raise web.HTTPRequestTimeout from None
    return bytes(taken)


async def read_body[M: BaseModel](
    request: web.Request, model: type[M], *, limit: int = BODY_LIMIT
) -> M:
    """Give the body as ``model``.

    Raises ``WrongMediaType`` unless it is declared as JSON, ``TooLarge``, ``BadJson`` and
    ``InvalidBody``. An absent body counts as ``{}``.
    """
    return body_of(request, await read_bytes(request, limit=limit), model)


def body_of[M: BaseModel](request: web.Request, raw: bytes, model: type[M]) -> M:
    """Give what was read of the body as ``model``; raises as ``read_body`` does."""
    if not raw:
        raw = b"{}"
    elif request.content_type != "application/json":
        raise WrongMediaType("application/json")
    try:
        json.loads(raw.decode("utf-8"), object_pairs_hook=_no_key_twice, parse_constant=_refuse)
        return model.model_validate_json(raw)
    except ValidationError as error:
        raise invalid(error) from None
    except RecursionError:
        raise BadJson("it is nested too deeply") from None
    except ValueError as error:
        # UnicodeDecodeError and JSONDecodeError are both ValueErrors; their text names a place.
        raise BadJson(str(error)[:200]) from None


def read_query[M: BaseModel](request: web.Request, model: type[M]) -> M:
    """Give the query as ``model``: text becomes numbers and times, nothing else is forgiven.

    Raises ``InvalidBody``.
    """
    values: dict[str, str] = {}
    for name, value in request.query.items():
        if name in values:
            raise InvalidBody(
                "a parameter is given twice", errors=[{"where": f"?{name}", "what": "given twice"}]
            )
        values[name] = value
    try:
        return model.model_validate_strings(values, strict=False)
    except ValidationError as error:
        raise invalid(error, prefix="?") from None


def invalid(error: ValidationError, *, prefix: str = "/") -> InvalidBody:
    """Turn pydantic's findings into where-and-what, without echoing what was sent."""
    found = error.errors(include_url=False, include_context=False, include_input=False)
    errors = [
        {"where": prefix + "/".join(str(step) for step in one["loc"]), "what": one["msg"]}
        for one in found[:20]
    ]
    return InvalidBody("; ".join(f"{e['where']}: {e['what']}" for e in errors[:3]), errors=errors)


def _no_key_twice(pairs: list[tuple[str, object]]) -> dict[str, object]:
    seen = dict(pairs)
    if len(seen) < len(pairs):
        raise ValueError("a key is given twice")
    return seen


def _refuse(name: str) -> object:
    raise ValueError(f"{name} is not JSON")
