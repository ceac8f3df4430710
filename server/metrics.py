"""A process's own metrics on an inner address, for control to hand on."""

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest


def metrics_app() -> web.Application:
    """An app with `/metrics` alone, for a process that has no other HTTP to serve."""
    app = web.Application()
    app.router.add_get("/metrics", _metrics, allow_head=False)
    return app


async def _metrics(_: web.Request) -> web.Response:
    return web.Response(body=generate_latest(), headers={"Content-Type": CONTENT_TYPE_LATEST})
