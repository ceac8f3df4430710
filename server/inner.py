"""What the inner HTTP APIs share: the token that processes of an installation show each other.

Errors are RFC 9457 problem details, so that control can hand them on as they are.
"""

import hmac
import json
import logging
from collections.abc import Awaitable, Callable
from http import HTTPStatus

from aiohttp import hdrs, web

from domain.errors import DomainError
from server.problems import headers_of, status_of

logger = logging.getLogger(__name__)

TOKEN = web.AppKey[str | None]("TOKEN")

_CODES = {HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "too-large"}  # as control names it
_WITHOUT_TOKEN = frozenset({"/healthz", "/metrics"})
_CARRIED_OVER = (hdrs.ALLOW, hdrs.RETRY_AFTER)

type Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@web.middleware
async def problems(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn what is raised into an answer, as control does."""
    try:
        return await handler(request)
    except DomainError as error:
        response = _problem(status_of(error), code=error.code, title=error.title, detail=str(error))
        response.headers.update(headers_of(error))
        return response
    except web.HTTPException as error:
        if error.status < 400:
            raise
        status = HTTPStatus(error.status)
        # Not all from the phrase: Python 3.13 renamed that of 413, and a code keeps its meaning.
        code = _CODES.get(status) or status.phrase.lower().replace(" ", "-")
        response = _problem(status, code=code, title=status.phrase, detail=error.reason)
        response.headers.extend({k: error.headers[k] for k in _CARRIED_OVER if k in error.headers})
        return response
    except Exception:  # one request's boundary: the next is answered
        logger.exception("unhandled error in %s %s", request.method, request.path)
        status = HTTPStatus.INTERNAL_SERVER_ERROR
        return _problem(status, code="internal", title=status.phrase, detail="")


@web.middleware
async def signed_in(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuse who does not show the internal token, where the app has one."""
    if request.app[TOKEN] is not None and request.path not in _WITHOUT_TOKEN:
        given = request.headers.get(hdrs.AUTHORIZATION, "")
        expected = f"Bearer {request.app[TOKEN]}"
        if not hmac.compare_digest(given.encode(errors="surrogateescape"), expected.encode()):
            raise web.HTTPUnauthorized(reason="the internal token is missing or wrong")
    return await handler(request)


def _problem(status: HTTPStatus, *, code: str, title: str, detail: str) -> web.Response:
    body = {"type": f"/problems/{code}", "title": title, "status": status.value, "detail": detail}
    return web.Response(
        status=status.value, text=json.dumps(body), content_type="application/problem+json"
    )
