"""The media role, from its settings to its running services."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager

from aiohttp import web

from domain.identifiers import StreamId
from server.clock_watch import ClockWatch
from server.database.announcements import Announcements
from server.database.authorisations import Authorisations
from server.database.bus import PgBus
from server.database.camera_clocks import CameraClocks
from server.database.cameras import Cameras
from server.database.leases import PgLeases
from server.database.onvif import OnvifCameras
from server.database.patrol_streams import PatrolStreams
from server.database.presence import Processes
from server.database.recording_clocks import RecordingClocks
from server.database.recordings import Recordings
from server.database.suspensions import Suspensions
from server.database.talks import Talks
from server.database.tours import Mobiles, Whereabout
from server.database.viewings import Viewings
from server.duty import CameraDuty, Reports
from server.intake import EventRecorder
from server.launcher import Role
from server.media import HttpNeighbours, MediaLimits, MediaService, build_app, build_outside
from server.media.keeper import Keeper, KeeperMetrics, KeeperOptions
from server.media.looking import Looker, LookMetrics
from server.media.onvif import Onvif
from server.media.reading import Readers
from server.media.recorder import Recorder
from server.media.talks import TalkRoutes
from server.media.volume_recorder import RecorderMetrics, RecorderOptions
from server.media.watched import WatchedAtEdges
from server.notices import Notices, what_counts
from server.onvif.apart import apart
from server.onvif.camera import Limits
from server.onvif.notices import SubscribedApart, Subscription
from server.rounds import Rounds
from server.runtime_dir import socket_path
from server.secrets import InstallationKey
from server.settings import Settings
from server.settings.groups import Media
from server.supervision import Service, supervise
from server.telemetry import watch_loop
from server.tls import keep_fresh
from server.wiring.callees import callees_of, edges_of
from server.wiring.certificates import certificates_of
from server.wiring.process import clock, database_of, holder_of, listen, presence_of
from webrtc.ice import IceAddresses
from webrtc.rtsp import CameraTimes
from webrtc.signalling import SessionLimits

TAP = "tap-{}.sock"


@asynccontextmanager
async def run_media(
    settings: Settings, *, on_failure: Callable[[], None], number: int = 1
) -> AsyncIterator[None]:
    """Cameras in, patrols in, viewers out, and the tap for detect."""
    holder, media = holder_of(Role.MEDIA, number), settings.media.of(number)
    key = InstallationKey.open(settings.data_dir)
    async with AsyncExitStack() as stack:
        database = await stack.enter_async_context(database_of(settings, Role.MEDIA))
        bus = PgBus(database)
        cameras = Cameras(database, vault=key.vault)
        reports = Reports(
            cameras=cameras,
            streams=PatrolStreams(database),
            viewings=(viewings := Viewings(database)),
            talks=(talks := Talks(database)),
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
                cameras=CameraTimes(
                    read_within_s=media.connect_timeout_s,
                    most_bit_per_s=media.camera_kbit_s * 1000,
                ),
                keep_away_s=media.keep_away_s,
                max_viewers=media.most_viewers,
                most_renditions=media.most_renditions,
            ),
            neighbours=HttpNeighbours(await stack.enter_async_context(callees_of(settings, key))),
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
        at_edges = WatchedAtEdges(
            service.cascade,
            holders={address.url: address.holder for address in edges_of(settings)},
            register=viewings,
        )
        recordings = Recordings(database)
        recordings_folder = settings.recording.folder or settings.data_dir / "recordings"
        reserve_bytes = settings.recording.reserve_mb * 1_000_000
        looker = Looker(
            master=key.recordings,
            host=socket.gethostname(),
            clock=clock,
            metrics=LookMetrics(service.metrics.registry),
        )
        recorder = Recorder(
            published=service.published,
            index=recordings,
            folder=recordings_folder,
            metrics=RecorderMetrics(service.metrics.registry),
            options=RecorderOptions(looker=looker, reserve_bytes=reserve_bytes),
        )
        keeper = Keeper(
            recordings,
            clocks=RecordingClocks(database),
            folder=recordings_folder,
            metrics=KeeperMetrics(service.metrics.registry),
            options=KeeperOptions(
                holder=holder,
                reserve_bytes=reserve_bytes,
                sign=key.receipts.sign,
                looker=looker,
                trouble=recorder.trouble_of,
            ),
        )
        other_loop = await stack.enter_async_context(apart())
        onvif = Onvif(
            apart=other_loop, networks=media.camera_networks, call_s=media.connect_timeout_s
        )
        limits = Limits(call_s=media.connect_timeout_s, networks=media.camera_networks)

        async def still(stream_id: StreamId) -> bytes:
            return (await service.still(stream_id)).jpeg

        notices = Notices(
            read=what_counts(
                OnvifCameras(database, vault=key.vault),
                Authorisations(database),
                Suspensions(database),
                holder=holder,
                clock=clock,
            ),
            subscribe=lambda one: SubscribedApart(
                other_loop, Subscription(one.address, one.username, one.password, limits=limits)
            ),
            still=still,
            sink=EventRecorder(database, clock=clock),
            bus=bus,
            clock=clock,
            registry=service.metrics.registry,
        )
        readers = Readers(recordings_folder, master=key.recordings, renditions=service.renditions)
        rounds = Rounds(
            known=Mobiles(database, vault=key.vault),
            cameras=onvif,
            book=Whereabout(database),
            holder=holder,
            clock=clock,
        )
        clock_watch = ClockWatch(
            known=CameraClocks(database, vault=key.vault),
            cameras=onvif,
            holder=holder,
            clock=clock,
        )
        await viewings.end_of_holder(holder, actor=f"process:{holder}", at=clock())
        await talks.end_of_holder(holder, actor=f"process:{holder}", at=clock())
        # Before the service, so that it ends after it: who watched to the end is stored too.
        await stack.enter_async_context(supervise({"reports": reports.run}, on_failure=on_failure))
        await stack.enter_async_context(
            supervise(
                {
                    "bus": bus.run,
                    "onvif": onvif.run,
                    "notices": notices.run,
                    "rounds": rounds.run,
                    "clock watch": clock_watch.run,
                    "media": service.run,
                    "watched at edges": at_edges.run,
                    "duty": duty.run,
                    "loop": watch_loop,
                    "recorder": recorder.run,
                    "keeper": keeper.run,
                    "readers": readers.run,
                },
                on_failure=on_failure,
            )
        )
        app = build_app(service, internal_token=key.internal_token)
        readers.add_to(app)
        onvif.add_to(app)
        TalkRoutes(service.talks, audio_of=Announcements(database).audio).add_to(app)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=5.0)
        await runner.setup()
        stack.push_async_callback(runner.cleanup)
        port = await listen(runner, media.listen_host, media.listen_port)
        url = media.url or f"http://{media.listen_host}:{port}"
        services = {
            "presence": presence_of(
                database,
                Role.MEDIA,
                number=number,
                url=url,
                tap_path=str(tap),
                public_url=media.public_url or "",
                health=lambda: _health(service),
            )
        }
        if media.public_url is not None:
            outside = build_outside(service, pass_key=key.pass_key)
            services |= await _listen_outside(stack, settings, media, outside)
        await stack.enter_async_context(supervise(services, on_failure=on_failure))
        yield


def _health(service: MediaService) -> dict[str, object]:
    """What is told with the process's presence: whose pictures show nothing new, or nothing."""
    return {
        "impaired": {
            str(one.stream_id): one.impaired.told()
            for one in service.camera_vitals()
            if one.impaired is not None
        }
    }


async def _listen_outside(
    stack: AsyncExitStack, settings: Settings, media: Media, app: web.Application
) -> dict[str, Service]:
    """Serve phones and browsers by HTTPS; give what keeps the certificate fresh."""
    certificates, _ = await asyncio.to_thread(certificates_of, settings)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=5.0)
    await runner.setup()
    stack.push_async_callback(runner.cleanup)
    await listen(runner, media.public_host, media.public_port, tls=certificates.context)
    return {"certificates": lambda: keep_fresh(certificates, clock=clock)}
