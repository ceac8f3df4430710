"""Problem details (RFC 9457): what is refused becomes HTTP here, and nowhere else.

``type`` is the contract and keeps its meaning; ``title`` may be reworded. Each type has its line in
``docs/ref/problems.md``. A 500 carries nothing of the exception.
"""

import json
import logging
from collections.abc import Mapping
from datetime import datetime
from enum import Enum
from http import HTTPStatus
from uuid import UUID

from aiohttp import web
from aiohttp.typedefs import Handler

from domain.errors import DomainError
from mobile_api.bodies import TooLarge
from server.http.context import CLIENT_GONE, route_of
from server.problems import headers_of, status_of
from server.telemetry import REQUEST_ID

logger = logging.getLogger(__name__)

#: What HTTP itself refuses, before any handler of ours: code and title.
BY_STATUS: dict[int, tuple[str, str]] = {
    400: ("bad-request", "The request can't be read"),
    404: ("no-such-route", "There is nothing at this address"),
    405: ("method-not-allowed", "This can't be done at this address"),
    413: (TooLarge.code, TooLarge.title),
    417: ("bad-request", "The request can't be read"),
    500: ("internal", "Something went wrong on our side"),
}

#: Headers of an aiohttp error that the client still needs to see.
CARRIED_OVER = ("Allow", "Retry-After", "WWW-Authenticate")


def problem(
    status: int,
    *,
    code: str,
    title: str,
    detail: str = "",
    extra: Mapping[str, object] | None = None,
) -> web.Response:
    """Build the ``application/problem+json`` answer and write the line that says so."""
    document: dict[str, object] = {name: _plain(value) for name, value in (extra or {}).items()}
    document |= {
        "type": f"/problems/{code}",
        "title": title,
        "status": int(status),
        "detail": detail,
        "request_id": REQUEST_ID.get(),
    }
    response = web.Response(
        status=int(status),
        body=json.dumps(document, ensure_ascii=False).encode(),
        content_type="application/problem+json",
    )
    if status == HTTPStatus.UNAUTHORIZED:
        response.headers["WWW-Authenticate"] = 'Bearer realm="ilotier"'
    return response


def problem_of(error: DomainError) -> web.Response:
    """Give a domain error's answer; its public attributes travel as members of their own."""
    extra = {name: value for name, value in vars(error).items() if not name.startswith("_")}
    response = problem(
        status_of(error), code=error.code, title=error.title, detail=str(error), extra=extra
    )
    response.headers.update(headers_of(error))
    return response


@web.middleware
async def problem_details(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn what a handler raises into a problem; each refusal leaves a log line."""
    try:
        return await handler(request)
    except DomainError as error:
        response = problem_of(error)
        logger.info(
            "refused %s %s: %s",
            request.method,
            route_of(request),
            error.code,
            extra={"status": response.status, "detail": str(error)[:200]},
        )
        return response
    except web.HTTPException as error:
        if error.status < HTTPStatus.BAD_REQUEST:
            raise
        code, title = BY_STATUS.get(error.status, ("bad-request", error.reason))
        logger.info(
            "refused %s %s: %s",
            request.method,
            route_of(request),
            code,
            extra={"status": error.status},
        )
        response = problem(error.status, code=code, title=title)
        response.headers.extend({k: error.headers[k] for k in CARRIED_OVER if k in error.headers})
        return response
    except Exception as error:  # one request's boundary: the next is answered
        if isinstance(error, ConnectionError) and is_gone(request):
            logger.info("gone while it asked: %s %s", request.method, route_of(request))
            return web.Response(status=CLIENT_GONE)
        logger.exception("unhandled error in %s %s", request.method, route_of(request))
        code, title = BY_STATUS[500]
        return problem(HTTPStatus.INTERNAL_SERVER_ERROR, code=code, title=title)


def is_gone(request: web.Request) -> bool:
    """Tell whether nobody is there to be answered: the client left, or we are stopping."""
    return request.transport is None or request.transport.is_closing()


def _plain(value: object) -> object:
    match value:
        case Enum():
            return value.value
        case UUID():
            return str(value)
        case datetime():
            return value.isoformat()
        case Mapping():
            return {str(k): _plain(v) for k, v in value.items()}
        case list() | tuple() | set() | frozenset():
            return [_plain(one) for one in value]
        case _:
            return value
