"""The control process's one HTTP origin: every route, what it needs, and what guards it."""

from collections.abc import Callable, Coroutine, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib.metadata import version
from pathlib import Path

from aiohttp import web
from aiohttp.log import server_logger

from domain.addresses import Network
from mobile_api import keys as mobile
from mobile_api.bodies import BODY_LIMIT
from mobile_api.description import Route, Routes
from mobile_api.osmand import ROOT as OSMAND
from mobile_api.routes import ROUTES as MOBILE_ROUTES
from server.access import Access
from server.bus import Bus
from server.database.alerts import RINGS_FOR, Alerts
from server.database.announcements import Announcements
from server.database.authorisations import Authorisations
from server.database.camera_imports import CameraImports
from server.database.cameras import Cameras
from server.database.communes import Communes, Conventions
from server.database.devices import Devices
from server.database.evaluations import Evaluations
from server.database.events import Events
from server.database.exports import Exports
from server.database.figures import DetectionFigures
from server.database.guidance import Guidances
from server.database.interventions import Interventions
from server.database.links import Links
from server.database.masks import Masks
from server.database.onvif import OnvifCameras
from server.database.orders import Orders
from server.database.patrol_streams import PatrolStreams
from server.database.people import People
from server.database.playbacks import Playbacks
from server.database.pool import Database
from server.database.positions import Positions
from server.database.presence import Processes
from server.database.ptz import PtzLocks
from server.database.recording_clocks import RecordingClocks
from server.database.recording_rules import RecordingRules
from server.database.references import References
from server.database.register import Register
from server.database.rule_states import RuleStates
from server.database.rules import Rules
from server.database.screens import Screens as ScreenQueries
from server.database.sensors import Sensors
from server.database.sessions import Sessions
from server.database.suspensions import Suspensions
from server.database.talks import Talks
from server.database.timelines import Timelines
from server.database.tours import Tours, Whereabout
from server.database.units import Units
from server.database.viewings import Viewings
from server.database.walls import Walls
from server.edge.calling import Callees
from server.edge.dialling import EdgeAddress
from server.edge.keeping import EdgeConnections
from server.edge.paths import OF_PHONES
from server.http import (
    alerts,
    authorisations,
    camera_imports,
    cameras,
    clips,
    communes,
    detection,
    devices,
    guidance,
    health,
    interventions,
    keys,
    live,
    lost_volumes,
    map,
    masks,
    onvif,
    openapi,
    orders,
    pages,
    people,
    pictures,
    playback,
    profiles,
    ptz,
    publications,
    recordings,
    references,
    register,
    roots,
    rule_states,
    rules,
    sensors,
    sign_in,
    streams,
    talks,
    timeline,
    tours,
    trials,
    tuning,
    units,
    viewings,
    walls,
)
from server.http.archive import ARCHIVE, Archive
from server.http.attempts import Buckets, Tally
from server.http.clip_maker import ClipKeys
from server.http.context import Unreadable, request_context
from server.http.detect import DETECT, DetectProcesses
from server.http.edges import WatchingAtEdge
from server.http.enforcement import Enforcement
from server.http.forwarded import TRUSTED_PROXIES
from server.http.ice import ICE_SERVERS, IceServers
from server.http.live import HUB, LiveHub
from server.http.loudspeakers import Loudspeakers
from server.http.map import TOWN_MAP, TownMap
from server.http.media import MEDIA, Media
from server.http.passwords import Passwords
from server.http.phones import add_phones
from server.http.principal import GATE, PUBLIC_ORIGIN, ROUTE_TABLE, Gate, who_asks
from server.http.problem import problem_details
from server.http.roots import ROOT_CERTIFICATE, RootCertificate
from server.http.screens import Screens
from server.http.stills import STILLS, Stills
from server.http.through_edge import EDGE_CONNECTIONS, EDGE_PATHS, on_its_line, only_for_phones
from server.http.trial_calls import TRIAL_PROCESSES, TrialProcesses
from server.secrets import PassKey, Vault

type Service = Callable[[], Coroutine[None, None, None]]

API: tuple[Routes, ...] = (
    sign_in.ROUTES,
    communes.ROUTES,
    profiles.ROUTES,
    people.ROUTES,
    units.ROUTES,
    devices.ROUTES,
    orders.ROUTES,
    cameras.ROUTES,
    camera_imports.ROUTES,
    onvif.ROUTES,
    ptz.ROUTES,
    tours.ROUTES,
    talks.ROUTES,
    masks.ROUTES,
    authorisations.ROUTES,
    detection.ROUTES,
    sensors.ROUTES,
    alerts.ROUTES,
    interventions.ROUTES,
    guidance.ROUTES,
    streams.ROUTES,
    publications.ROUTES,
    viewings.ROUTES,
    walls.ROUTES,
    live.ROUTES,
    map.ROUTES,
    health.ROUTES,
    recordings.ROUTES,
    references.ROUTES,
    rule_states.ROUTES,
    rules.ROUTES,
    lost_volumes.ROUTES,
    tuning.ROUTES,
    trials.ROUTES,
    playback.ROUTES,
    timeline.ROUTES,
    pictures.ROUTES,
    clips.ROUTES,
    register.ROUTES,
    openapi.ROUTES,
    *MOBILE_ROUTES,
)
ROOT: tuple[Routes, ...] = (health.ROOT, roots.ROOT, OSMAND)

ENFORCEMENT = web.AppKey("ENFORCEMENT", Enforcement)


def utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, kw_only=True)
class Options:
    """What the settings say of HTTP."""

    public_url: str
    """How phones reach this server, "https://csu.example.org", without a final slash."""
    data_dir: Path
    trusted_proxies: Sequence[Network] = ()
    session_lasts: timedelta = timedelta(hours=12)
    alerts_ring_for: timedelta = RINGS_FOR
    ice_servers: IceServers = field(default_factory=IceServers)
    root_certificate: RootCertificate | None = None
    media_urls: Sequence[str] = ()
    """Media processes with an address of their own, which pages may be sent to."""
    most_viewers: int = 500
    """Of one media process; those beyond watch through another."""
    edges: Sequence[EdgeAddress] = ()
    edge_paths: tuple[str, ...] = OF_PHONES
    """What may be asked through an edge."""
    receipts_key: str = ""
    """What the receipts of destroyed recordings are checked with, hex."""
    pages: Path | None = None
    """None: the pages that were built into the package."""


def build_app(
    *,
    database: Database,
    bus: Bus,
    vault: Vault,
    push: mobile.Push,
    callees: Callees,
    pass_key: PassKey,
    clip_keys: ClipKeys,
    town_map: Callable[[], TownMap | None],
    options: Options,
    clock: Callable[[], datetime] = utc_now,
    passwords: Passwords | None = None,
    connections: EdgeConnections | None = None,
) -> web.Application:
    """Build the control room's and the phones' API and pages.

    The caller keeps ``services(app)`` running beside it.
    """
    app = web.Application(
        middlewares=[on_its_line, request_context, problem_details, only_for_phones, who_asks],
        client_max_size=BODY_LIMIT,
    )
    app[EDGE_CONNECTIONS], app[EDGE_PATHS] = connections or EdgeConnections(), options.edge_paths
    app[mobile.CLOCK] = clock
    app[mobile.PUBLIC_URL] = app[PUBLIC_ORIGIN] = options.public_url
    app[TRUSTED_PROXIES] = options.trusted_proxies
    app[keys.SESSION_LASTS] = options.session_lasts
    app[keys.PASSWORDS] = passwords or Passwords()
    app[sign_in.BY_ADDRESS] = Buckets(size=20, per_s=1 / 6)
    app[sign_in.BY_NAME] = Buckets(size=8, per_s=1 / 12)
    app[sensors.BY_SENSOR] = Buckets(size=30, per_s=1 / 2)
    app[sensors.BY_ADDRESS] = Buckets(size=100, per_s=20)
    app[sensors.BEYOND] = Tally(every_s=2.0)
    app[sensors.BY_STRANGER] = Buckets(size=30, per_s=1 / 2)
    app[ICE_SERVERS] = options.ice_servers
    app[ROOT_CERTIFICATE] = options.root_certificate
    app[pages.PAGES] = options.pages or pages.built_pages()
    app[health.DATA_DIR] = app[register.HEADS_FOLDER] = options.data_dir
    app[health.DATABASE] = database
    app[recordings.RECEIPTS_KEY] = options.receipts_key
    app[TOWN_MAP] = town_map
    app[keys.DESCRIBE_PLACE] = lambda lon, lat: (
        town.describe(lon, lat) if (town := town_map()) is not None else None
    )
    _add_repositories(app, database, vault, options.alerts_ring_for, clock)
    add_phones(app, database, push, clock)
    app[MEDIA] = Media(
        callees=callees,
        processes=app[keys.PROCESSES],
        pass_key=pass_key,
        sent_to=options.media_urls,
        edges=options.edges,
        most_viewers=options.most_viewers,
    )
    app[talks.LOUDSPEAKERS] = Loudspeakers(app[MEDIA], app[keys.PROCESSES])
    app[DETECT] = DetectProcesses(callees=callees, processes=app[keys.PROCESSES], media=app[MEDIA])
    app[TRIAL_PROCESSES] = TrialProcesses(callees=callees, processes=app[keys.PROCESSES])
    app[ARCHIVE] = Archive(
        callees=callees, processes=app[keys.PROCESSES], playbacks=app[keys.PLAYBACKS]
    )
    clips.add_maker(app, clip_keys, data_dir=options.data_dir, clock=clock)
    lost_volumes.add_writing_off(app, database, sign=clip_keys.sign, clock=clock)
    app[pages.POLICY] = pages.policy(options.media_urls)
    _add_live(app, bus, clock)
    _add_routes(app)
    app.on_response_prepare.append(pages.add_headers)
    app.on_shutdown.append(_say_goodbye)
    # A logger of the process's own, so that only the first application adds it.
    if not any(isinstance(one, Unreadable) for one in server_logger.filters):
        server_logger.addFilter(Unreadable())
    return app


def services(app: web.Application) -> Mapping[str, Service]:
    """Give what must run beside the app, by name, for ``server.supervision``."""
    own: dict[str, Service] = {"live hub": app[HUB].run, "enforcement": app[ENFORCEMENT].run}
    own |= {"clips": app[clips.MAKER].run, "lost volumes": app[lost_volumes.WRITING_OFF].run}
    for edge in app[MEDIA].edges:
        watching = WatchingAtEdge(
            edge, media=app[MEDIA], viewings=app[keys.VIEWINGS], clock=app[mobile.CLOCK]
        )
        own[f"watching at {edge.holder}"] = watching.run
    return own


def mounted() -> Iterator[tuple[str, Route]]:
    """Give every described route with its prefix; the pages are no part of the API."""
    for prefix, all_routes in ((openapi.PREFIX, API), ("", ROOT)):
        for routes in all_routes:
            for route in routes:
                yield prefix, route


def _add_repositories(
    app: web.Application,
    database: Database,
    vault: Vault,
    alerts_ring_for: timedelta,
    clock: Callable[[], datetime],
) -> None:
    app[keys.ACCESS] = Access(database, clock=clock)
    app[keys.ALERTS] = Alerts(database, clock=clock, rings_for=alerts_ring_for)
    app[keys.ANNOUNCEMENTS], app[keys.TALKS] = Announcements(database), Talks(database)
    app[keys.AUTHORISATIONS] = Authorisations(database)
    app[keys.CAMERAS] = Cameras(database, vault=vault)
    app[keys.CAMERA_IMPORTS] = CameraImports(database, vault=vault)
    app[keys.COMMUNES] = Communes(database)
    app[keys.CONVENTIONS] = Conventions(database)
    app[keys.DEVICES] = Devices(database)
    app[keys.DETECTION_FIGURES] = DetectionFigures(database)
    app[keys.EVALUATIONS] = Evaluations(database)
    app[keys.EXPORTS] = Exports(database)
    app[keys.GUIDANCES] = Guidances(database, clock=clock)
    app[keys.INTERVENTIONS] = Interventions(database, clock=clock)
    app[keys.LINKS] = Links(database)
    app[keys.PROCESSES] = Processes(database, clock=clock)
    app[keys.ONVIF] = OnvifCameras(database, vault=vault)
    app[keys.MASKS] = Masks(database)
    app[keys.ORDERS] = Orders(database)
    app[keys.PATROL_STREAMS] = PatrolStreams(database)
    app[keys.PEOPLE] = People(database)
    app[keys.PLAYBACKS] = Playbacks(database)
    app[keys.POSITIONS] = Positions(database)
    app[keys.PTZ_LOCKS] = PtzLocks(database)
    app[keys.RECORDING_CLOCKS] = RecordingClocks(database)
    app[keys.RECORDING_RULES] = RecordingRules(database)
    app[keys.REFERENCES] = References(database)
    app[keys.REGISTER] = Register(database)
    app[keys.SCREENS] = ScreenQueries(database, clock=clock)
    app[keys.SENSORS] = Sensors(database, vault=vault)
    app[keys.SESSIONS] = Sessions(database)
    app[keys.SUSPENSIONS] = Suspensions(database)
    app[keys.TIMELINES] = Timelines(database)
    app[keys.TOURS], app[keys.WHEREABOUT] = Tours(database), Whereabout(database)
    app[keys.UNITS] = Units(database)
    app[keys.VIEWINGS] = Viewings(database)
    app[keys.WALLS] = Walls(database)
    app[keys.RULES], app[keys.EVENTS] = Rules(database), Events(database)
    app[keys.RULE_STATES] = RuleStates(database, clock=clock)
    app[GATE] = Gate(
        sessions=app[keys.SESSIONS],
        devices=app[keys.DEVICES],
        access=app[keys.ACCESS],
        clock=clock,
    )


def _add_live(
    app: web.Application,
    bus: Bus,
    clock: Callable[[], datetime],
) -> None:
    app[STILLS] = app[mobile.STILLS] = Stills(
        media=app[MEDIA], alerts=app[keys.ALERTS], register=app[keys.REGISTER], clock=clock
    )
    app[HUB] = app[mobile.POSITION_LISTENER] = LiveHub(bus=bus, screens=Screens(app), clock=clock)
    app[ENFORCEMENT] = Enforcement(
        bus=bus,
        access=app[keys.ACCESS],
        viewings=app[keys.VIEWINGS],
        sessions=app[keys.SESSIONS],
        devices=app[keys.DEVICES],
        people=app[keys.PEOPLE],
        patrol_streams=app[keys.PATROL_STREAMS],
        talks=app[keys.TALKS],
        loudspeakers=app[talks.LOUDSPEAKERS],
        media=app[MEDIA],
        clock=clock,
    )


def _add_routes(app: web.Application) -> None:
    app[openapi.DOCUMENT] = lambda: _document()
    served: Iterable[tuple[str, Route]] = [*mounted(), *(("", page) for page in pages.ROUTES)]
    for prefix, route in served:
        # Not add_get: that would answer HEAD too, by running the handler.
        app.router.add_route(route.method, prefix + route.path, route.handler)
    app[ROUTE_TABLE] = {route.handler: route for _, route in served}


@cache
def _document() -> bytes:
    return openapi.as_bytes(openapi.describe(mounted(), version=version("ilotier")))


async def _say_goodbye(app: web.Application) -> None:
    app[HUB].say_goodbye()
