"""Requests that came through an edge: known by their line, and only phones' pass.

The edge checks paths too, but it stands where anybody can reach it: what counts is decided here,
by the connection that a request came on, which nothing written in the request can change.
"""

from typing import ClassVar

from aiohttp import web
from aiohttp.typedefs import Handler

from domain.errors import NotFound
from domain.principals import DevicePrincipal, Principal
from server.edge.keeping import EdgeConnections, EdgeLines
from server.edge.paths import passes

EDGE_CONNECTIONS = web.AppKey("EDGE_CONNECTIONS", EdgeConnections)
EDGE_PATHS = web.AppKey[tuple[str, ...]]("EDGE_PATHS")


class NotFromOutside(NotFound):
    code: ClassVar[str] = "not-from-outside"
    title: ClassVar[str] = "There is nothing at this address from outside"


def edge_of(request: web.Request) -> EdgeLines | None:
    """The lines that this request came through, None for one that came to us directly."""
    connections = request.config_dict.get(EDGE_CONNECTIONS)
    return connections.through(request.protocol) if connections is not None else None


@web.middleware
async def on_its_line(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Let the lines know that a line is in use, so that another waits for the next request."""
    lines = edge_of(request)
    if lines is None:
        return await handler(request)
    lines.begun(request.protocol)
    try:
        return await handler(request)
    finally:
        lines.ended(request.protocol)


@web.middleware
async def only_for_phones(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuse what no phone asks for, whatever the edge has let pass."""
    if edge_of(request) is not None and not passes(
        request.method, request.path, request.config_dict[EDGE_PATHS]
    ):
        raise NotFromOutside("only what patrols' phones need is reached from outside")
    return await handler(request)


def check_phone(request: web.Request, principal: Principal) -> None:
    """Raise ``NotFromOutside`` for a person's session that comes through an edge.

    Who holds an operator's cookie, taken wherever, has no use for it out there.
    """
    if edge_of(request) is not None and not isinstance(principal, DevicePrincipal):
        raise NotFromOutside("people sign in from inside; from outside phones are served alone")
