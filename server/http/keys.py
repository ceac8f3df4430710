"""What the control room's handlers need; ``server.wiring`` supplies it through ``build_app``."""

from collections.abc import Callable
from datetime import datetime, timedelta

from aiohttp import web

from domain.identifiers import CommuneId
from domain.people import Permission
from domain.principals import Principal
from mobile_api.keys import CLOCK, PUBLIC_URL
from server.access import Access
from server.database.alerts import Alerts
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
from server.database.positions import Positions
from server.database.presence import Processes
from server.database.ptz import PtzLocks
from server.database.recording_clocks import RecordingClocks
from server.database.recording_rules import RecordingRules
from server.database.references import References
from server.database.register import Register
from server.database.rule_states import RuleStates
from server.database.rules import Rules
from server.database.screens import Screens
from server.database.sensors import Sensors
from server.database.sessions import Sessions
from server.database.suspensions import Suspensions
from server.database.talks import Talks
from server.database.timelines import Timelines
from server.database.tours import Tours, Whereabout
from server.database.units import Units
from server.database.viewings import Viewings
from server.database.walls import Walls
from server.http.passwords import Passwords

ACCESS = web.AppKey("ACCESS", Access)
ALERTS = web.AppKey("ALERTS", Alerts)
ANNOUNCEMENTS = web.AppKey("ANNOUNCEMENTS", Announcements)
AUTHORISATIONS = web.AppKey("AUTHORISATIONS", Authorisations)
CAMERAS = web.AppKey("CAMERAS", Cameras)
CAMERA_IMPORTS = web.AppKey("CAMERA_IMPORTS", CameraImports)
COMMUNES = web.AppKey("COMMUNES", Communes)
CONVENTIONS = web.AppKey("CONVENTIONS", Conventions)
DEVICES = web.AppKey("DEVICES", Devices)
DETECTION_FIGURES = web.AppKey("DETECTION_FIGURES", DetectionFigures)
EVALUATIONS = web.AppKey("EVALUATIONS", Evaluations)
EXPORTS = web.AppKey("EXPORTS", Exports)
GUIDANCES = web.AppKey("GUIDANCES", Guidances)
INTERVENTIONS = web.AppKey("INTERVENTIONS", Interventions)
LINKS = web.AppKey("LINKS", Links)
ONVIF = web.AppKey("ONVIF", OnvifCameras)
MASKS = web.AppKey("MASKS", Masks)
ORDERS = web.AppKey("ORDERS", Orders)
PASSWORDS = web.AppKey("PASSWORDS", Passwords)
PATROL_STREAMS = web.AppKey("PATROL_STREAMS", PatrolStreams)
PEOPLE = web.AppKey("PEOPLE", People)
PTZ_LOCKS = web.AppKey("PTZ_LOCKS", PtzLocks)
PLAYBACKS = web.AppKey("PLAYBACKS", Playbacks)
POSITIONS = web.AppKey("POSITIONS", Positions)
PROCESSES = web.AppKey("PROCESSES", Processes)
RECORDING_CLOCKS = web.AppKey("RECORDING_CLOCKS", RecordingClocks)
RECORDING_RULES = web.AppKey("RECORDING_RULES", RecordingRules)
REFERENCES = web.AppKey("REFERENCES", References)
REGISTER = web.AppKey("REGISTER", Register)
SCREENS = web.AppKey("SCREENS", Screens)
SENSORS = web.AppKey("SENSORS", Sensors)
SESSIONS = web.AppKey("SESSIONS", Sessions)
SESSION_LASTS = web.AppKey("SESSION_LASTS", timedelta)
SUSPENSIONS = web.AppKey("SUSPENSIONS", Suspensions)
TALKS = web.AppKey("TALKS", Talks)
TIMELINES = web.AppKey("TIMELINES", Timelines)
TOURS = web.AppKey("TOURS", Tours)
UNITS = web.AppKey("UNITS", Units)
VIEWINGS = web.AppKey("VIEWINGS", Viewings)
WALLS = web.AppKey("WALLS", Walls)
WHEREABOUT = web.AppKey("WHEREABOUT", Whereabout)
RULES = web.AppKey("RULES", Rules)
RULE_STATES = web.AppKey("RULE_STATES", RuleStates)
EVENTS = web.AppKey("EVENTS", Events)
#: The place as people say it; "" where the map knows none.
DESCRIBE_PLACE: web.AppKey[Callable[[float, float], str | None]] = web.AppKey("DESCRIBE_PLACE")


def now(request: web.Request) -> datetime:
    return request.config_dict[CLOCK]()


def public_url(request: web.Request) -> str:
    return request.config_dict[PUBLIC_URL]


async def communes_in(
    request: web.Request, principal: Principal, permission: Permission, wanted: object = None
) -> set[CommuneId]:
    """Give the communes whose things may be listed, or the one ``wanted`` among them."""
    communes = await request.config_dict[ACCESS].communes_for(principal, permission)
    return communes if wanted is None else {c for c in communes if c == wanted}
