"""What every route says of itself: who may ask, what goes in, what comes out.

The router, the sign-in middleware, the OpenAPI document and the access-matrix test all read the
same table, so none of them can know a route that the others do not.
"""

from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Required, TypedDict, Unpack

from aiohttp import web
from pydantic import BaseModel, TypeAdapter

from domain.people import Permission

type Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

#: A pydantic model or any type that pydantic can describe; text names a media type that is no
#: JSON ("image/jpeg"); None: no content.
type Shape = type[BaseModel] | TypeAdapter[Any] | str | None


class Needs(StrEnum):
    """Who may ask, where no single permission says it."""

    PUBLIC = "public"
    SESSION = "session"
    """Any person who is signed in; what is given back depends on what he may see."""
    DEVICE = "device"
    """An enrolled device whose agent holds a grant in force."""
    SESSION_OR_DEVICE = "session-or-device"


@dataclass(frozen=True, kw_only=True)
class Route:
    """One route. ``path`` is as aiohttp writes it, below ``/api/v1``: ``/alerts/{alert_id}``.

    A ``Permission`` in ``needs`` is held in at least one commune before the handler runs; that
    the one object asked for belongs to such a commune is the access function's business.
    """

    method: str
    path: str
    handler: Handler
    needs: Needs | Permission
    summary: str
    query: type[BaseModel] | None = None
    body: Shape = None
    answers: Mapping[int, Shape] = field(default_factory=dict)
    problems: tuple[str, ...] = ()
    """Codes of the problems that are particular to this route."""
    tag: str = ""


class Said(TypedDict, total=False):
    """What a handler's decorator says: the fields of ``Route`` that the decorator can't know."""

    needs: Required[Needs | Permission]
    summary: Required[str]
    query: type[BaseModel]
    body: Shape
    answers: Required[Mapping[int, Shape]]
    problems: tuple[str, ...]


class Routes:
    """The routes of one module: ``routes.post("/alarms", needs=…, …)`` decorates a handler."""

    def __init__(self, tag: str, *, prefix: str = "") -> None:
        self._tag = tag
        self._prefix = prefix
        self._routes: list[Route] = []

    def __iter__(self) -> Iterator[Route]:
        return iter(self._routes)

    def get(self, path: str, **said: Unpack[Said]) -> Callable[[Handler], Handler]:
        return self._add("GET", path, said)

    def post(self, path: str, **said: Unpack[Said]) -> Callable[[Handler], Handler]:
        return self._add("POST", path, said)

    def put(self, path: str, **said: Unpack[Said]) -> Callable[[Handler], Handler]:
        return self._add("PUT", path, said)

    def patch(self, path: str, **said: Unpack[Said]) -> Callable[[Handler], Handler]:
        return self._add("PATCH", path, said)

    def delete(self, path: str, **said: Unpack[Said]) -> Callable[[Handler], Handler]:
        return self._add("DELETE", path, said)

    def options(self, path: str, **said: Unpack[Said]) -> Callable[[Handler], Handler]:
        return self._add("OPTIONS", path, said)

    def _add(self, method: str, path: str, said: Said) -> Callable[[Handler], Handler]:
        def register(handler: Handler) -> Handler:
            whole = self._prefix + path
            self._routes.append(
                Route(method=method, path=whole, handler=handler, tag=self._tag, **said)
            )
            return handler

        return register
