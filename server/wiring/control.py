"""The control role, from its settings to its running services."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from datetime import timedelta
from pathlib import Path

from aiohttp import web

from domain.facts import AlertSent, GuidanceChanged
from domain.positions import Point
from push.courier import Courier
from push.setup import set_up
from server.bus import FellBehind
from server.database.bus import PgBus
from server.database.push_outbox import PushOutbox
from server.edge.keeping import EdgeConnections, EdgeLines
from server.http.app import Options, build_app, services
from server.http.clip_maker import ClipKeys
from server.http.doorkeeper import Doorkeeper
from server.http.ice import IceServers
from server.http.map import FoundPlace, TownMap
from server.intake import Intake
from server.launcher import Role
from server.recordings.receipts import public_key_of
from server.retention import Retention
from server.secrets import InstallationKey
from server.settings import Settings, public_url
from server.streets.basemap import TILES, read_map
from server.streets.command import map_folder
from server.streets.places import Places
from server.streets.style import TILES_URL, style
from server.supervision import Service, supervise
from server.telemetry import watch_loop
from server.tls import keep_fresh
from server.wiring.callees import callees_of, dialler_of, edges_of
from server.wiring.certificates import certificates_of
from server.wiring.process import clock, database_of, listen, presence_of


@asynccontextmanager
async def run_control(settings: Settings, *, on_failure: Callable[[], None]) -> AsyncIterator[None]:
    """The API, the pages, the live sockets, intake, push and retention."""
    key, http, push = InstallationKey.open(settings.data_dir), settings.http, settings.push
    async with AsyncExitStack() as stack:
        database = await stack.enter_async_context(database_of(settings, Role.CONTROL))
        bus = PgBus(database)
        channels = await asyncio.to_thread(
            set_up,
            secrets=settings.data_dir / "secrets",
            contact=push.web_push_contact,
            hosts=push.web_push_hosts,
            allow_loopback=push.allow_loopback,
            firebase_credentials=push.firebase_credentials,
            firebase_endpoint=push.firebase_endpoint,
            clock=clock,
        )
        courier = Courier(
            outgoing=PushOutbox(database),
            channels=channels.by_name,
            vapid_public_key=channels.vapid_public_key,
            clock=clock,
            repeat_after=timedelta(seconds=settings.alerting.repeat_after_s),
        )
        certificates, root = (
            await asyncio.to_thread(certificates_of, settings) if http.port else (None, None)
        )
        callees = await stack.enter_async_context(callees_of(settings, key))
        connections = EdgeConnections()
        app = build_app(
            database=database,
            bus=bus,
            vault=key.vault,
            push=courier,
            callees=callees,
            pass_key=key.pass_key,
            clip_keys=ClipKeys(key.recordings, key.receipts.sign),
            town_map=_town_map(settings.data_dir),
            options=Options(
                public_url=public_url(settings),
                data_dir=settings.data_dir,
                trusted_proxies=http.trusted_proxies,
                session_lasts=timedelta(hours=http.session_hours),
                alerts_ring_for=timedelta(seconds=settings.alerting.lifetime_s),
                ice_servers=IceServers(urls=settings.turn_urls, turn_secret=_turn(settings)),
                root_certificate=root,
                media_urls=http.media_urls,
                most_viewers=settings.media.most_viewers,
                edge_paths=settings.edge.paths,
                edges=edges_of(settings),
                receipts_key=public_key_of(key.receipts),
            ),
            clock=clock,
            connections=connections,
        )
        retention = Retention(
            database,
            bus,
            stills=timedelta(days=settings.retention.stills_days),
            positions=timedelta(hours=settings.retention.positions_hours),
            analysed=timedelta(days=settings.retention.analysed_days),
            facts=timedelta(days=settings.retention.facts_days),
            data_dir=settings.data_dir,
            clock=clock,
        )
        own: dict[str, Service] = {
            "bus": bus.run,
            "intake": Intake(database, bus, clock=clock).run,
            "courier": courier.run,
            "bell": _ring(bus, courier.wake),
            "retention": retention.run,
            "presence": presence_of(database, Role.CONTROL),
            "loop": watch_loop,
        }
        if certificates is not None:
            own["certificates"] = lambda: keep_fresh(certificates, clock=clock)
        await stack.enter_async_context(supervise(own | dict(services(app)), on_failure=on_failure))
        runner = web.AppRunner(app, handle_signals=False, access_log=None, shutdown_timeout=5.0)
        await runner.setup()
        stack.push_async_callback(runner.cleanup)
        if runner.server is not None:
            door = Doorkeeper(
                runner.server,
                proxies=http.trusted_proxies,
                is_kept=lambda connection: connections.through(connection) is not None,
            )
            await stack.enter_async_context(supervise({"door": door.run}, on_failure=on_failure))
        if http.plain_port:
            await listen(runner, "127.0.0.1", http.plain_port)
        if certificates is not None:
            await listen(runner, http.host, http.port, tls=certificates.context)
        if runner.server is not None and settings.edge.urls:
            lines = _lines_to_edges(settings, key, runner.server, connections)
            await stack.enter_async_context(supervise(lines, on_failure=on_failure))
        yield


def _lines_to_edges(
    settings: Settings, key: InstallationKey, server: web.Server, connections: EdgeConnections
) -> dict[str, Service]:
    """What keeps lines to each edge, on which ``server`` answers phones."""
    services: dict[str, Service] = {}
    for address in edges_of(settings):
        lines = EdgeLines(
            dialler_of(address, key),
            serve=server,
            connections=connections,
            spare=settings.edge.spare_lines,
            most=settings.edge.most_lines,
        )
        services[f"lines to {address.holder}"] = lines.run
    return services


def _town_map(data_dir: Path) -> Callable[[], TownMap | None]:
    """The town's map as it is on disk now: a rebuilt one is served without a restart."""
    folder = map_folder(data_dir)
    places = Places(folder)

    def found(text: str, limit: int) -> list[FoundPlace]:
        return [
            FoundPlace(name=place.name, point=Point(place.lon, place.lat))
            for place in places.search(text, limit)
        ]

    def now() -> TownMap | None:
        built = read_map(folder)
        if built is None:
            return None
        tiles_url = f"{TILES_URL}?v={built.version}"
        return TownMap(
            tiles=folder / TILES,
            style=lambda theme: style(theme, tiles_url=tiles_url),
            search=found,
            describe=places.describe,
        )

    return now


def _ring(bus: PgBus, wake: Callable[[], None]) -> Service:
    """A service that wakes the courier as soon as there is something to send."""

    async def listen() -> None:
        while True:
            with suppress(FellBehind), bus.follow() as facts:
                async for numbered in facts:
                    if isinstance(numbered.fact, AlertSent | GuidanceChanged):
                        wake()
            wake()

    return listen


def _turn(settings: Settings) -> str | None:
    return settings.turn_secret.get_secret_value() if settings.turn_secret else None
