"""One camera of the town's: what it rests on, what was kept of it, what is watched on it."""

from datetime import date, timedelta

from domain.authorisations import Authorisation
from domain.cameras import Camera, Order, PlaceKind, SourceKind
from domain.events import EventKind
from domain.exports import Export, Kind
from domain.identifiers import (
    AuthorisationId,
    CameraId,
    ExportId,
    HoldId,
    OrderId,
    PlaybackId,
    SensorId,
    StreamId,
)
from domain.people import Role
from domain.positions import Point
from domain.profiles import Profile
from domain.recordings import Hold, Playback
from domain.sensors import Sensor, SensorSort
from server.database.authorisations import Authorisations
from server.database.cameras import Cameras
from server.database.exports import Exports
from server.database.orders import Orders
from server.database.playbacks import Playbacks
from server.database.pool import Database
from server.database.recording_rules import RecordingRules
from server.database.sensors import Sensors
from server.database.suspensions import SQL as SUSPENSIONS
from server.secrets import Vault
from tests.integration.http.town import NOW, SENSOR_SECRET, Place


async def seed_camera(
    database: Database, vault: Vault, place: Place, *, at: Point, actor: str
) -> None:
    """``at``: where it stands, and a sensor beside it."""
    camera = await _camera(database, vault, place, at=at, actor=actor)
    await _kept(database, place, camera, actor=actor)
    await _watched(database, place, camera, actor=actor)
    await _sensor(database, vault, place, at=at, actor=actor)


async def _camera(
    database: Database, vault: Vault, place: Place, *, at: Point, actor: str
) -> Camera:
    order = Order(
        id=OrderId(place.id("order")),
        commune_id=place.commune,
        number="2024-17",
        starts_at=NOW - timedelta(days=400),
        ends_at=NOW + timedelta(days=100),
    )
    await Orders(database).add(order, actor=actor, at=NOW)
    camera = Camera(
        id=CameraId(place.id("camera")),
        commune_id=place.commune,
        number=12,
        name="Place",
        source=SourceKind.RTSP,
        point=at,
        bearing_deg=90.0,
        field_of_view_deg=60.0,
        range_m=80.0,
        place_kind=PlaceKind.PUBLIC_ROAD,
        main_stream_id=StreamId(place.id("camera-stream")),
        order_id=order.id,
    )
    await Cameras(database, vault=vault).add(
        camera,
        place="place de la Mairie",
        main_url=f"rtsp://10.0.0.5/{place.commune}",
        sub_url=None,
        credentials=("admin", "camera-password"),
        actor=actor,
        at=NOW,
    )
    return camera


async def _kept(database: Database, place: Place, camera: Camera, *, actor: str) -> None:
    """A hold, a look at what it keeps, and a clip of it."""
    hold = Hold(
        id=HoldId(place.id("hold")),
        commune_id=place.commune,
        requisition="PV 2026/118",
        sources=frozenset({camera.id}),
        starts_at=NOW - timedelta(hours=3),
        ends_at=NOW - timedelta(hours=2),
        placed_at=NOW,
        placed_by=place.person(Role.SUPERVISOR),
    )
    await RecordingRules(database).place(hold, actor=actor)
    playback = Playback(
        id=PlaybackId(place.id("playback")),
        commune_id=place.commune,
        source=camera.id,
        person_id=place.person(Role.OPERATOR),
        starts_at=hold.starts_at,
        ends_at=hold.ends_at,
        opened_at=NOW,
    )
    about = f"camera:{camera.id}"
    await Playbacks(database).open([(playback, about)], motive="relecture", actor=actor)
    clip = Export(
        id=ExportId(place.id("clip")),
        kind=Kind.CLIP,
        commune_id=place.commune,
        source=camera.id,
        playback_id=playback.id,
        person_id=place.person(Role.SUPERVISOR),
        motive="remise",
        starts_at=hold.starts_at,
        ends_at=hold.ends_at,
        asked_at=NOW,
    )
    await Exports(database).add(clip, actor=actor)


async def _watched(database: Database, place: Place, camera: Camera, *, actor: str) -> None:
    """An act, and a kind that is suspended."""
    authorisation = Authorisation(
        id=AuthorisationId(place.id("authorisation")),
        commune_id=place.commune,
        profile=Profile.FRANCE,
        law="loi 2025-1",
        act_reference="arrêté 9",
        act_date=date(2024, 1, 1),
        authority="préfet",
        purpose="grand rassemblement",
        place="place de la Mairie",
        kinds=frozenset({EventKind.FORBIDDEN_ZONE}),
        camera_ids=frozenset({camera.id}),
        starts_at=NOW - timedelta(days=1),
        ends_at=NOW + timedelta(days=1),
        recorded_at=NOW,
        recorded_by=None,
    )
    await Authorisations(database).add(authorisation, actor=actor, at=NOW)
    async with database.transaction() as t:
        # Of a kind that no act names: the camera watches what it watched.
        what = (place.commune, camera.id, None, EventKind.DENSITY.value)
        at = NOW - timedelta(hours=1)
        await t.value(SUSPENSIONS["add"], place.id("suspension"), *what, at, 2, 1.0, 1.0)


async def _sensor(database: Database, vault: Vault, place: Place, *, at: Point, actor: str) -> None:
    sensor = Sensor(
        id=SensorId(place.id("sensor")),
        commune_id=place.commune,
        name="Corbeille du quai",
        sort=SensorSort.BIN,
        maker="Fictive",
        kinds=frozenset({EventKind.OVERFULL_BIN, EventKind.FIRE}),
        point=at,
        place="quai Nord",
        created_at=NOW,
    )
    sensors = Sensors(database, vault=vault)
    await sensors.add(sensor, SENSOR_SECRET, actor=actor, at=NOW)
