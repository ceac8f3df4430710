"""Around every request: its id, its line in the log, its place in the metrics."""

import asyncio
import logging
import time
from http import HTTPStatus
from uuid import uuid4

from aiohttp import hdrs, web
from aiohttp.http_exceptions import HttpProcessingError
from aiohttp.typedefs import Handler
from prometheus_client import Histogram

from server.http.forwarded import as_seen_by_client
from server.telemetry import REQUEST_ID

logger = logging.getLogger(__name__)

LATENCY = Histogram(
    "ilotier_http_request_seconds",
    "how long a request took, by route and status class",
    ["method", "route", "status"],
)
#: The id of a request, as the client sees it: what a user reads out on the telephone.
HEADER = "X-Request-ID"
#: For the log and the metrics alone: nobody reads the answer (nginx's number for it).
CLIENT_GONE = 499


class Unreadable(logging.Filter):
    """Says in a line, not in a traceback, that somebody sent what is no HTTP.

    aiohttp answers such a request itself, 400, before any middleware runs; and reads on what is
    left of a body that could not be read.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        if isinstance(error, (HttpProcessingError, web.RequestPayloadError)):
            record.exc_info = record.exc_text = None
            record.levelno, record.levelname = logging.INFO, "INFO"
            code = error.code if isinstance(error, HttpProcessingError) else HTTPStatus.BAD_REQUEST
            record.msg, record.args = "refused what is no HTTP (%d)", (code,)
        return True


def route_of(request: web.Request) -> str:
    """Give the route as it was written, "" for none: a path may hold a secret, a route never."""
    resource = request.match_info.route.resource
    return resource.canonical if resource is not None else ""


@web.middleware
async def request_context(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Give the request an id, and write one line when it is over."""
    request_id = uuid4().hex[:16]
    reset = REQUEST_ID.set(request_id)
    began = time.perf_counter()
    status = 500
    try:
        response = await handler(as_seen_by_client(request))
        status = response.status
        if not response.prepared:  # a socket's or a file's headers may have gone already
            response.headers[HEADER] = request_id
        return response
    except web.HTTPException as error:  # a redirection; all else is a problem by now
        status = error.status
        error.headers[HEADER] = request_id
        raise
    except asyncio.CancelledError:  # nobody waits for the answer any more
        status = CLIENT_GONE
        raise
    finally:
        took = time.perf_counter() - began
        route = route_of(request)
        # A client may invent methods; the metrics don't keep each.
        method = request.method if request.method in hdrs.METH_ALL else "other"
        LATENCY.labels(method, route, f"{status // 100}xx").observe(took)
        logger.info(
            "%s %s %d",
            request.method,
            route or "(no such route)",
            status,
            extra={"took_ms": round(took * 1000, 1)},
        )
        REQUEST_ID.reset(reset)
