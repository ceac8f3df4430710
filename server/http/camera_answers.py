"""A fixed camera as it is shown: as much of it as the one who asks may know."""

from collections.abc import Set
from datetime import datetime
from uuid import UUID

from aiohttp import web

from domain.cameras import Camera, NoOrderInForce, PlaceKind, SourceKind, Transport
from domain.events import EventKind
from domain.identifiers import CameraId, CommuneId
from domain.masks import is_undecided
from domain.people import Permission
from domain.principals import Principal
from server.database.views import CameraView, MoverView, TalkerView
from server.http import keys
from server.http.schemas import Answer, At, CameraStreams, GeoPoint

MANAGE = Permission.MANAGE_CAMERAS
CAMERA_FIELDS = frozenset(Camera.__dataclass_fields__)


class CameraState(Answer):
    up: bool
    since: At
    reason: str
    codec: str | None
    clock_offset_ms: float | None


class Lawful(Answer):
    """Whether its picture may be given now, and if not, why."""

    ok: bool
    reason: str


class SuspendedKind(Answer):
    """It cried wolf: it is not looked for here until a supervisor lifts the suspension."""

    id: UUID
    kind: EventKind
    suspended_at: At
    false_alerts: int


class CameraDetection(Answer):
    """``kinds``: looked for this minute; those that are suspended are not among them."""

    authorised_until: At | None
    kinds: list[EventKind]
    suspended: list[SuspendedKind]


class Mover(Answer):
    """Who moves the camera now; free at ``free_at`` unless he moves it again."""

    id: UUID
    name: str
    rank: int
    free_at: At


class CameraTime(Answer):
    """The camera's clock minus ours, as ONVIF told at ``read_at``."""

    offset_ms: float
    uncertainty_ms: float
    read_at: At
    wrong_since: At | None
    drift_s_a_day: float | None


class Talker(Answer):
    """Who speaks through the camera now; ``announces``: by an announcement."""

    id: UUID
    name: str
    since: At
    free_at: At
    announces: bool


class CameraMasks(Answer):
    """``version`` 0: none decided. ``undecided``: somebody has yet to look (French profile)."""

    version: int
    count: int
    by_camera: bool
    undecided: bool


class CameraAnswer(Answer):
    """The last three are for who manages cameras, and left out for others.

    ``has_loudspeaker`` None: it was never asked by ONVIF, and may have one.
    """

    id: UUID
    commune_id: UUID
    number: int
    name: str
    source: SourceKind
    point: GeoPoint
    bearing_deg: float
    field_of_view_deg: float
    range_m: float
    place_kind: PlaceKind
    place: str
    order_id: UUID | None
    demonstration: bool
    transcode: bool
    transport: Transport
    disabled_at: At | None
    streams: CameraStreams
    state: CameraState | None
    lawful: Lawful
    masks: CameraMasks
    watching: int
    detection: CameraDetection
    moves: bool
    mover: Mover | None
    clock: CameraTime | None
    touring_since: At | None
    has_loudspeaker: bool | None
    talker: Talker | None
    main_url: str | None = None
    sub_url: str | None = None
    has_credentials: bool | None = None


def _is_held(by: MoverView | TalkerView | None, at: datetime) -> bool:
    return by is not None and at < by.free_at


async def cameras_seen(
    app: web.Application,
    principal: Principal,
    *,
    at: datetime,
    ids: list[CameraId] | None = None,
    commune: UUID | None = None,
) -> list[CameraAnswer]:
    """Give the cameras that ``principal`` is told of, each as much as he may know."""
    may = await app[keys.ACCESS].may_see(principal)
    manages = may.get(MANAGE, frozenset())
    communes: Set[CommuneId] = may.get(Permission.VIEW_CAMERAS, frozenset()) | may.get(
        Permission.READ_SETUP, frozenset()
    )
    if commune is not None:
        communes = {one for one in communes if one == commune}
    views = await app[keys.SCREENS].cameras(communes, ids=ids)
    return [camera_answer(view, at=at, manages=view.commune_id in manages) for view in views]


def camera_answer(view: CameraView, *, at: datetime, manages: bool) -> CameraAnswer:
    """Give a camera as it is shown; addresses only to who manages it."""
    try:
        view.camera.check_lawful(view.order, profile=view.profile, at=at)
        lawful = Lawful(ok=True, reason="")
    except NoOrderInForce as error:
        lawful = Lawful(ok=False, reason=str(error))
    camera = view.camera
    return CameraAnswer(
        **{
            name: getattr(camera, name)
            for name in CameraAnswer.model_fields
            if name in CAMERA_FIELDS
        },
        place=view.place,
        streams=CameraStreams(main=camera.main_stream_id, sub=camera.sub_stream_id),
        state=CameraState.model_validate(view.state) if view.state is not None else None,
        lawful=lawful,
        masks=CameraMasks(
            version=view.masks.version,
            count=view.masks.count,
            by_camera=view.masks.by_camera,
            undecided=is_undecided(
                view.masks.version, profile=view.profile, place_kind=camera.place_kind
            ),
        ),
        watching=view.watching,
        detection=CameraDetection(
            authorised_until=view.authorised_until,
            kinds=sorted(view.kinds),
            suspended=[SuspendedKind.model_validate(one) for one in view.suspended],
        ),
        moves=view.moves,
        mover=Mover.model_validate(view.mover) if _is_held(view.mover, at) else None,
        clock=CameraTime.model_validate(view.clock) if view.clock is not None else None,
        touring_since=view.touring_since,
        has_loudspeaker=view.has_loudspeaker,
        talker=Talker.model_validate(view.talker) if _is_held(view.talker, at) else None,
        main_url=view.main_url if manages else None,
        sub_url=view.sub_url if manages else None,
        has_credentials=view.has_credentials if manages else None,
    )
