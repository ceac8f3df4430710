"""The edge role: what phones reach, and the door for those inside who dial. No database, no keys
but its own.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager

from aiohttp import web

from server.edge.door import Door, Shown
from server.edge.forwarding import build_app
from server.edge.pool import InnerLines
from server.http.doorkeeper import Doorkeeper
from server.media import MediaLimits, MediaService
from server.media import build_app as build_media_app
from server.media.ends import Ends
from server.settings import Settings
from server.supervision import Service, supervise
from server.telemetry import watch_loop
from server.tls import keep_fresh
from server.wiring.certificates import certificates_of
from server.wiring.process import CannotListen, clock, listen
from webrtc.ice import IceAddresses
from webrtc.signalling import SessionLimits

UNTAKEN_S = 10.0
"""A phone that nobody inside fetches is let go: its page then asks for another publication."""


@asynccontextmanager
async def run_edge(settings: Settings, *, on_failure: Callable[[], None]) -> AsyncIterator[None]:
    """Phones by HTTPS, inner hosts by lines that they dial."""
    http, edge = settings.http, settings.edge
    if edge.key is None:
        raise CannotListen("edge.key is missing: `ilotier edge-key URL` prints it inside")
    async with AsyncExitStack() as stack:
        certificates, _ = await asyncio.to_thread(certificates_of, settings)
        lines, ends = InnerLines(), Ends()
        service = MediaService(listener=ends, limits=_limits(settings))
        await stack.enter_async_context(supervise({"media": service.run}, on_failure=on_failure))
        inner_app = build_media_app(service, internal_token=None)
        inner_app.router.add_get("/watching", ends.handler(service.watching), allow_head=False)
        door = Door(
            key=bytes.fromhex(edge.key.get_secret_value()),
            lines=lines,
            calls=await _served(stack, inner_app),
            shown=await asyncio.to_thread(Shown.make),
        )
        runner = web.AppRunner(
            build_app(lines, paths=edge.paths), access_log=None, shutdown_timeout=5.0
        )
        await runner.setup()
        stack.push_async_callback(runner.cleanup)
        services: dict[str, Service] = {
            "door": door.run,
            "certificates": lambda: keep_fresh(certificates, clock=clock),
            "loop": watch_loop,
        }
        if runner.server is not None:
            services["doorkeeper"] = Doorkeeper(runner.server).run
        stack.callback(door.close)
        try:
            await door.listen(edge.listen_host, edge.listen_port)
        except OSError as error:
            where = f"{edge.listen_host} port {edge.listen_port}"
            raise CannotListen(f"can't listen at {where}: {error.strerror}") from error
        await stack.enter_async_context(supervise(services, on_failure=on_failure))
        await listen(runner, http.host, http.port, tls=certificates.context)
        yield


async def _served(stack: AsyncExitStack, app: web.Application) -> web.Server:
    """What answers on lines that inner hosts call over; it listens nowhere."""
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=5.0)
    await runner.setup()
    stack.push_async_callback(runner.cleanup)
    if runner.server is None:
        raise RuntimeError("a runner that was set up has a server")
    return runner.server


def _limits(settings: Settings) -> MediaLimits:
    media = settings.media
    announced = (media.announced_address,) if media.announced_address else ()
    addresses = IceAddresses(
        bind=media.ice_addresses, loopback=True, announced=announced, port=media.udp_port
    )
    return MediaLimits(
        sessions=SessionLimits(addresses=addresses, publisher_kbit_s=media.publisher_kbit_s),
        keep_away_s=media.keep_away_s,
        max_viewers=media.most_viewers,
        untaken_s=UNTAKEN_S,
    )
