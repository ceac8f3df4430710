"""What a media process with an address of its own serves to phones and browsers: sessions to begin.

Control has authorised each, noted it, and sent its client here (307) with a pass. Everything else
(candidates, the end) goes to control, as the answer's Location says. A page may ask from one
origin only: the one that control has seen.
"""

import logging
import time
from collections.abc import Awaitable, Callable

from aiohttp import hdrs, web

from domain.errors import DomainError, Forbidden
from server.inner import problems
from server.media.app import FRAGMENT, SDP, body_of, new_uuid
from server.media.expected import Expected
from server.media.service import MediaService
from server.secrets import PassKey
from webrtc.offers import MAX_OFFER_BYTES

logger = logging.getLogger(__name__)

SERVICE = web.AppKey("SERVICE", MediaService)
PASS_KEY = web.AppKey("PASS_KEY", PassKey)
#: What a page may send along; a browser that does not drop the page's credentials at the
#: redirection asks for them, and they are not read here.
ALLOWED_HEADERS = "Content-Type, Authorization, X-CSRF-Token"
EXPOSED_HEADERS = "Location, ETag, Link, Accept-Patch"

type Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

routes = web.RouteTableDef()


def build_outside(service: MediaService, *, pass_key: PassKey) -> web.Application:
    """The app for the outer listener; it gives nothing without a pass."""
    app = web.Application(middlewares=[_from_one_origin, problems], client_max_size=MAX_OFFER_BYTES)
    app[SERVICE] = service
    app[PASS_KEY] = pass_key
    app.add_routes(routes)
    return app


@web.middleware
async def _from_one_origin(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Let the page read the answer, refusals too, if it is the one that was sent here."""
    origin = request.headers.get(hdrs.ORIGIN, "")
    try:
        allowed = bool(origin) and _expected(request).origin == origin
    except DomainError:
        allowed = False
    response = await handler(request)
    response.headers.update(
        {
            hdrs.VARY: hdrs.ORIGIN,
            hdrs.CACHE_CONTROL: "no-store",
            "Referrer-Policy": "no-referrer",
            "X-Content-Type-Options": "nosniff",
        }
    )
    if allowed:
        response.headers[hdrs.ACCESS_CONTROL_ALLOW_ORIGIN] = origin
        response.headers[hdrs.ACCESS_CONTROL_EXPOSE_HEADERS] = EXPOSED_HEADERS
    return response


def _expected(request: web.Request) -> Expected:
    """Raises ``Forbidden`` without the session's pass, and ``SessionNotFound``."""
    session_id = new_uuid(request.match_info.get("session_id", ""))
    given = request.query.get("pass", "")
    if not request.app[PASS_KEY].holds(given, session_id, now_s=time.time()):
        raise Forbidden("the pass is missing, wrong or too old; ask for the session again")
    return request.app[SERVICE].expectations.get(session_id)


@routes.options("/sessions/{session_id}")
async def preflight(request: web.Request) -> web.Response:
    """A browser asks before it sends an offer to another origin (Fetch, CORS)."""
    _expected(request)
    return web.Response(
        status=204,
        headers={
            hdrs.ACCESS_CONTROL_ALLOW_METHODS: hdrs.METH_POST,
            hdrs.ACCESS_CONTROL_ALLOW_HEADERS: ALLOWED_HEADERS,
        },
    )


@routes.post("/sessions/{session_id}")
async def begin(request: web.Request) -> web.Response:
    """WHIP or WHEP, as the session was allowed: an offer in, an answer out. Once."""
    body = await body_of(request, SDP)
    expected, service = _expected(request), request.app[SERVICE]
    if request.headers.get(hdrs.ORIGIN, "") not in ("", expected.origin):
        raise Forbidden("another page asks than the one that was sent here")
    session = await service.begin(expected, body)
    response = web.Response(status=201, text=session.answer.result(), content_type=SDP)
    response.headers.extend(expected.headers)
    response.headers.update({hdrs.ETAG: session.etag, "Accept-Patch": FRAGMENT})
    return response
