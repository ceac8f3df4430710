"""Each process role from its settings to its running services: the one place that knows them all.

A builder imports its role's packages inside, so that control loads no model and detect no WebRTC.
"""

import asyncio
import logging
import signal
import socket
import ssl
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from aiohttp import ClientSession, web

from domain.facts import AlertSent, GuidanceChanged
from domain.positions import Point
from server.bus import FellBehind
from server.database.bus import PgBus
from server.database.pool import Database, DatabaseRefused, connect
from server.database.presence import Processes
from server.launcher import EX_CONFIG, EX_SOFTWARE, Role
from server.metrics import metrics_app
from server.presence import Presence
from server.runtime_dir import socket_path
from server.secrets import InstallationKey
from server.settings import Media, Settings, https_names, models_folder, public_url
from server.supervision import Service, supervise
from server.telemetry import watch_loop

if TYPE_CHECKING:
    from server.http.map import TownMap
    from server.http.roots import RootCertificate
    from server.tls import Certificates

logger = logging.getLogger(__name__)

TAP = "tap-{}.sock"


class Build(Protocol):
    """What makes a role's services run until its block ends."""

    def __call__(
        self, settings: Settings, *, on_failure: Callable[[], None]
    ) -> AbstractAsyncContextManager[None]: ...


def clock() -> datetime:
    """The one clock of the product; whatever decides by time is handed it."""
    return datetime.now(UTC)


def holder_of(role: Role, number: int = 1) -> str:
    """A process's name in leases: the same after a restart, so that it takes its own again."""
    return f"{role.value}@{socket.gethostname()}/{number}"


async def run_role(role: Role, settings: Settings, *, number: int = 1) -> int:
    """Run the ``number``-th process of a role until told to stop; return its exit status."""
    stop = asyncio.Event()
    status = 0

    def fail() -> None:
        nonlocal status
        status = EX_SOFTWARE
        stop.set()

    builders: dict[Role, Build] = {
        Role.CONTROL: run_control,
        Role.MEDIA: partial(run_media, number=number),
        Role.DETECT: run_detect,
    }
    build = builders[role]
    try:
        async with build(settings, on_failure=fail):
            # Only now: who is told to stop while starting up owes nothing to anybody, and ends at
            # once, even in the middle of a model that takes half a minute to load.
            loop = asyncio.get_running_loop()
            for number in (signal.SIGTERM, signal.SIGINT):
                loop.add_signal_handler(number, stop.set)
            logger.info("ready")
            await stop.wait()
    except CannotListen as error:
        sys.stderr.write(f"ilotier: {error}\n")
        return EX_CONFIG
    return status


class CannotListen(Exception):
    """An address is taken, or not ours; the text says which."""


@asynccontextmanager
async def run_control(settings: Settings, *, on_failure: Callable[[], None]) -> AsyncIterator[None]:
    """The API, the pages, the live sockets, intake, push and retention."""
    from push.courier import Courier
    from push.setup import set_up
    from server.database.push_outbox import PushOutbox
    from server.http.app import Options, build_app, services
    from server.http.doorkeeper import Doorkeeper
    from server.http.ice import IceServers
    from server.intake import Intake
    from server.retention import Retention
    from server.tls import keep_fresh

    key, http, push = InstallationKey.open(settings.data_dir), settings.http, settings.push
    async with AsyncExitStack() as stack:
        database = await stack.enter_async_context(_database(settings, Role.CONTROL))
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
            await asyncio.to_thread(_certificates, settings) if http.port else (None, None)
        )
        session = await stack.enter_async_context(ClientSession())
        app = build_app(
            database=database,
            bus=bus,
            vault=key.vault,
            push=courier,
            media_session=session,
            internal_token=key.internal_token,
            pass_key=key.pass_key,
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
            ),
            clock=clock,
        )
        retention = Retention(
            database,
            bus,
            stills=timedelta(days=settings.retention.stills_days),
            positions=timedelta(hours=settings.retention.positions_hours),
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
            "presence": _presence(database, Role.CONTROL),
            "loop": watch_loop,
        }
        if certificates is not None:
            own["certificates"] = lambda: keep_fresh(certificates, clock=clock)
        await stack.enter_async_context(supervise(own | dict(services(app)), on_failure=on_failure))
        runner = web.AppRunner(app, handle_signals=False, access_log=None, shutdown_timeout=5.0)
        await runner.setup()
        stack.push_async_callback(runner.cleanup)
        if runner.server is not None:
            door = Doorkeeper(runner.server, proxies=http.trusted_proxies)
            await stack.enter_async_context(supervise({"door": door.run}, on_failure=on_failure))
        if http.plain_port:
            await _listen(runner, "127.0.0.1", http.plain_port)
        if certificates is not None:
            await _listen(runner, http.host, http.port, tls=certificates.context)
        yield


def _certificates(settings: Settings) -> "tuple[Certificates, RootCertificate | None]":
    """An HTTPS listener's certificate, and the root that phones install when it is our own."""
    from server.http.roots import RootCertificate
    from server.tls import FileCertificates, own_certificates
    from server.tls.command import open_authority

    http, names = settings.http, https_names(settings)
    if http.certificate is not None and http.private_key is not None:
        return FileCertificates(http.certificate, http.private_key, now=clock()), None
    authority = open_authority(settings.data_dir, names=names, now=clock())
    root = RootCertificate(der=authority.root_der(), profile=authority.mobileconfig())
    return own_certificates(settings.data_dir, names=names, now=clock()), root


def _town_map(data_dir: Path) -> "Callable[[], TownMap | None]":
    """The town's map as it is on disk now: a rebuilt one is served without a restart."""
    from server.http.map import FoundPlace, TownMap
    from server.streets.basemap import TILES, read_map
    from server.streets.command import map_folder
    from server.streets.places import Places
    from server.streets.style import TILES_URL, style

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


@asynccontextmanager
async def run_media(
    settings: Settings, *, on_failure: Callable[[], None], number: int = 1
) -> AsyncIterator[None]:
    """Cameras in, patrols in, viewers out, and the tap for detect."""
    from server.database.cameras import Cameras
    from server.database.leases import PgLeases
    from server.database.patrol_streams import PatrolStreams
    from server.database.viewings import Viewings
    from server.duty import CameraDuty, Reports
    from server.media import (
        HttpNeighbours,
        MediaLimits,
        MediaService,
        build_app,
        build_outside,
    )
    from webrtc.ice import IceAddresses
    from webrtc.rtsp import CameraTimes
    from webrtc.signalling import SessionLimits

    holder, media = holder_of(Role.MEDIA, number), settings.media.of(number)
    key = InstallationKey.open(settings.data_dir)
    async with AsyncExitStack() as stack:
        database = await stack.enter_async_context(_database(settings, Role.MEDIA))
        bus = PgBus(database)
        cameras = Cameras(database, vault=key.vault)
        reports = Reports(
            cameras=cameras,
            streams=PatrolStreams(database),
            viewings=(viewings := Viewings(database)),
            actor=f"process:{holder}",
        )
        tap = socket_path(settings.data_dir, TAP.format(number))
        service = MediaService(
            listener=reports,
            tap_path=tap,
            limits=MediaLimits(
                sessions=SessionLimits(
                    addresses=IceAddresses(
                        bind=media.ice_addresses,
                        loopback=True,
                        announced=(media.announced_address,) if media.announced_address else (),
                        port=media.udp_port,
                    ),
                    publisher_kbit_s=media.publisher_kbit_s,
                ),
                cameras=CameraTimes(read_within_s=media.connect_timeout_s),
                keep_away_s=media.keep_away_s,
                max_viewers=media.most_viewers,
            ),
            neighbours=HttpNeighbours(
                await stack.enter_async_context(ClientSession()), internal_token=key.internal_token
            ),
        )
        duty = CameraDuty(
            service=service,
            cameras=cameras,
            leases=PgLeases(database, holder=holder),
            processes=Processes(database, clock=clock),
            bus=bus,
            reports=reports,
            clock=clock,
        )
        await viewings.end_of_holder(holder, actor=f"process:{holder}", at=clock())
        # Before the service, so that it ends after it: who watched to the end is stored too.
        await stack.enter_async_context(supervise({"reports": reports.run}, on_failure=on_failure))
        await stack.enter_async_context(
            supervise(
                {
                    "bus": bus.run,
                    "media": service.run,
                    "duty": duty.run,
                    "loop": watch_loop,
                },
                on_failure=on_failure,
            )
        )
        app = build_app(service, internal_token=key.internal_token)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=5.0)
        await runner.setup()
        stack.push_async_callback(runner.cleanup)
        port = await _listen(runner, media.listen_host, media.listen_port)
        url = media.url or f"http://{media.listen_host}:{port}"
        services = {
            "presence": _presence(
                database,
                Role.MEDIA,
                number=number,
                url=url,
                tap_path=str(tap),
                public_url=media.public_url or "",
            )
        }
        if media.public_url is not None:
            outside = build_outside(service, pass_key=key.pass_key)
            services |= await _listen_outside(stack, settings, media, outside)
        await stack.enter_async_context(supervise(services, on_failure=on_failure))
        yield


async def _listen_outside(
    stack: AsyncExitStack, settings: Settings, media: Media, app: web.Application
) -> dict[str, Service]:
    """Serve phones and browsers by HTTPS; give what keeps the certificate fresh."""
    from server.tls import keep_fresh

    certificates, _ = await asyncio.to_thread(_certificates, settings)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=5.0)
    await runner.setup()
    stack.push_async_callback(runner.cleanup)
    await _listen(runner, media.public_host, media.public_port, tls=certificates.context)
    return {"certificates": lambda: keep_fresh(certificates, clock=clock)}


@asynccontextmanager
async def run_detect(settings: Settings, *, on_failure: Callable[[], None]) -> AsyncIterator[None]:
    """Frames of authorised cameras to detections to events."""
    from detectors.catalogue import model_named, verified
    from detectors.decoding import TapClient
    from detectors.environment import keep_to_one_thread, ultralytics
    from detectors.executor import Worker
    from detectors.motion import MotionGate
    from detectors.person import Engine, PersonDetector, best_engine
    from detectors.tracking import CameraTracker
    from server.intake import EventRecorder
    from server.pipeline import DetectService
    from server.watch_list import TapsOfHost, WatchedSource

    detection, private = settings.detection, settings.data_dir / "ultralytics"
    async with AsyncExitStack() as stack:
        database = await stack.enter_async_context(_database(settings, Role.DETECT))
        bus = PgBus(database)
        worker = stack.enter_context(Worker.of("detect"))
        decoder = stack.enter_context(Worker.of("decode"))
        await worker.run(lambda: ultralytics(private))
        await worker.run(keep_to_one_thread)
        model = model_named(detection.model)
        detector = await PersonDetector.load(
            model,
            verified(model, models_folder(settings)),
            engine=best_engine() if detection.engine == "auto" else Engine(detection.engine),
            cache=private,
            worker=worker,
            confidence=detection.confidence,
        )
        taps = TapsOfHost(Processes(database, clock=clock), host=socket.gethostname(), clock=clock)
        tap = TapClient(taps.sockets, worker=decoder, looks_per_s=detection.looks_per_s)
        recorder = EventRecorder(database, clock=clock)
        await recorder.close_left_open()
        service = DetectService(
            watch_list=WatchedSource(database, bus, clock=clock),
            streams=tap,
            detector=detector,
            new_motion=lambda: MotionGate(decoder),
            new_tracker=lambda: CameraTracker(private, confidence=detection.confidence),
            sink=recorder,
            clock=clock,
        )
        runner = web.AppRunner(metrics_app(), access_log=None)
        await runner.setup()
        stack.push_async_callback(runner.cleanup)
        host = settings.media.listen_host
        url = f"http://{host}:{await _listen(runner, host, 0)}"
        await stack.enter_async_context(
            supervise(
                {
                    "bus": bus.run,
                    "tap": tap.run,
                    "detect": service.run,
                    "presence": _presence(database, Role.DETECT, url=url),
                    "loop": watch_loop,
                },
                on_failure=on_failure,
            )
        )
        yield


@asynccontextmanager
async def _database(settings: Settings, role: Role) -> AsyncIterator[Database]:
    if settings.database_url is None:
        raise DatabaseRefused("no database: set database_url (ILOTIER_DATABASE_URL)")
    dsn = settings.database_url.get_secret_value()
    async with connect(dsn, name=f"ilotier {role.value}") as database:
        yield database


def _presence(
    database: Database,
    role: Role,
    *,
    number: int = 1,
    url: str = "",
    tap_path: str = "",
    public_url: str = "",
) -> Service:
    presence = Presence(
        database,
        holder=holder_of(role, number),
        role=role.value,
        url=url,
        tap_path=tap_path,
        public_url=public_url,
        clock=clock,
    )
    return presence.run


async def _listen(
    runner: web.AppRunner, host: str, port: int, *, tls: ssl.SSLContext | None = None
) -> int:
    """Listen at an address; return the port. Raises ``CannotListen``."""
    site = web.TCPSite(runner, host, port, ssl_context=tls)
    try:
        await site.start()
    except OSError as error:
        raise CannotListen(f"can't listen at {host} port {port}: {error.strerror}") from error
    found: int = runner.addresses[-1][1]
    return found
