"""Logs and metrics of every process: one line a thing, the request's id on each."""

import asyncio
import logging
import sys
from contextvars import ContextVar

import structlog
from prometheus_client import Gauge
from structlog.typing import EventDict, WrappedLogger

#: The id of the HTTP request being served, "" outside one. Set by server.http.problem.
REQUEST_ID: ContextVar[str] = ContextVar("REQUEST_ID", default="")

LOOP_LAG = Gauge("ilotier_loop_lag_seconds", "how late the event loop ran its last tick")

#: A tick this late is worth a line: something blocks the loop.
LAG_WORTH_A_LINE_S = 0.25


def _with_request_id(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    if request_id := REQUEST_ID.get():
        event["request_id"] = request_id
    return event


def configure_logging(*, role: str, level: str, as_json: bool) -> None:
    """Send every logger of this process to stderr, as JSON lines or for people to read."""

    def with_role(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
        event["role"] = role
        return event

    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if as_json
        # Not its default, which prints the values of variables: passwords are among them.
        else structlog.dev.ConsoleRenderer(
            colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
        )
    )
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[
            structlog.stdlib.add_log_level,
            structlog.stdlib.add_logger_name,
            structlog.stdlib.ExtraAdder(),
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _with_request_id,
            with_role,
        ],
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            *([structlog.processors.format_exc_info] if as_json else []),
            renderer,
        ],
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    # Their every-packet and every-request lines say nothing that our own do not.
    for noisy in ("aioice", "aiortc", "libav", "aiohttp.access", "httpx", "urllib3"):
        logging.getLogger(noisy).setLevel(logging.WARNING)


async def watch_loop(*, every_s: float = 0.5) -> None:
    """Measure how late the loop runs, for ever; a late tick is logged."""
    loop = asyncio.get_running_loop()
    logger = logging.getLogger(__name__)
    while True:
        due = loop.time() + every_s
        await asyncio.sleep(every_s)
        lag = max(0.0, loop.time() - due)
        LOOP_LAG.set(lag)
        if lag > LAG_WORTH_A_LINE_S:
            logger.warning("the event loop was held up", extra={"lag_s": round(lag, 3)})
