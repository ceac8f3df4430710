"""The demonstration's town: cameras, units and people on the real streets of central Helsinki.

All of it is made up except the streets. Nobody here is a person: names are those of roles. Acts are
marked FICTIF and hold for demonstration cameras only. The map it stands on is ``EXTRACT``, put into
``.cache/demo/`` by ``tools/fetch_demo_data.py``; "© OpenStreetMap contributors".
"""

from dataclasses import dataclass
from datetime import timedelta

from domain.cameras import PlaceKind, SourceKind
from domain.detections import PicturePoint
from domain.events import EventKind
from domain.people import Role
from domain.positions import Point
from domain.profiles import Profile
from domain.units import UnitKind
from server.streets.graph import Mode

EXTRACT = "helsinki.osm.pbf"
ON_PATROL = frozenset({Role.AGENT, Role.RESPONDER})


@dataclass(frozen=True, kw_only=True)
class DemoCamera:
    """A camera at the crossing of two streets, looking along the first one.

    ``clip`` names the rendered footage it shows; the one of ``SourceKind.RTSP`` gets it over RTSP.
    """

    number: int
    name: str
    streets: tuple[str, str]
    point: Point
    bearing_deg: float
    field_of_view_deg: float
    range_m: float
    clip: str
    source: SourceKind = SourceKind.FILE
    place_kind: PlaceKind = PlaceKind.PUBLIC_ROAD


@dataclass(frozen=True, kw_only=True)
class DemoZone:
    """A forbidden zone in the picture of camera ``camera_number``; points as shares, 0..1."""

    camera_number: int
    name: str
    kind: EventKind
    polygon: tuple[PicturePoint, ...]


@dataclass(frozen=True, kw_only=True)
class DemoUnit:
    """A unit. Where ``start`` is None nobody simulates it: it is for the visitor's own phone."""

    call_sign: str
    kind: UnitKind
    armed: bool
    mode: Mode
    start: Point | None
    seed: int


@dataclass(frozen=True, kw_only=True)
class DemoPerson:
    """Somebody who signs in, or holds a phone; passwords are drawn when the town is made."""

    name: str
    sign_in: str
    roles: tuple[Role, ...]
    locale: str = "fr"

    @property
    def signs_in(self) -> bool:
        """Tell whether it is at the pages of the control room; others have a phone alone."""
        return not ON_PATROL & set(self.roles)


@dataclass(frozen=True, kw_only=True)
class DemoDevice:
    """A phone in the hands of ``holder`` (a sign-in), on duty in the unit ``call_sign``."""

    name: str
    holder: str
    call_sign: str


@dataclass(frozen=True, kw_only=True)
class DemoOrder:
    """The prefect's order all cameras rest on; times are told from the day the town is made."""

    number: str
    started_before: timedelta
    ends_after: timedelta
    perimeter: tuple[Point, ...]


@dataclass(frozen=True, kw_only=True)
class DemoAuthorisation:
    """What allows detection on camera ``camera_number``, under the demonstration profile."""

    camera_number: int
    profile: Profile
    law: str
    act_reference: str
    authority: str
    purpose: str
    place: str
    kinds: frozenset[EventKind]
    ends_after: timedelta


@dataclass(frozen=True, kw_only=True)
class Town:
    """All that is written, through the real repositories, when a demonstration begins."""

    commune: str
    centre: Point
    profile: str
    timezone: str
    order: DemoOrder
    cameras: tuple[DemoCamera, ...]
    zone: DemoZone
    authorisation: DemoAuthorisation
    units: tuple[DemoUnit, ...]
    people: tuple[DemoPerson, ...]
    devices: tuple[DemoDevice, ...]
    act_reference: str  # of everybody's habilitation
    recorded_days: int

    def camera(self, number: int) -> DemoCamera:
        """Return the camera of that number. Raises KeyError."""
        return {camera.number: camera for camera in self.cameras}[number]

    def unit(self, call_sign: str) -> DemoUnit:
        """Return the unit of that call sign. Raises KeyError."""
        return {unit.call_sign: unit for unit in self.units}[call_sign]


TOWN = Town(
    commune="Démonstration",
    centre=Point(lon=24.9453, lat=60.1697),
    profile="demonstration",
    timezone="Europe/Paris",
    act_reference="FICTIF : habilitation de démonstration",
    recorded_days=1,  # five cameras write some 50 GB a day
    order=DemoOrder(
        number="FICTIF-2026-0001",
        started_before=timedelta(days=30),
        ends_after=timedelta(days=5 * 365 - 30),  # an order holds for five years (CSI L.252-4)
        perimeter=(
            Point(lon=24.9355, lat=60.1665),
            Point(lon=24.9530, lat=60.1665),
            Point(lon=24.9530, lat=60.1735),
            Point(lon=24.9355, lat=60.1735),
        ),
    ),
    cameras=(
        DemoCamera(
            number=1,
            name="Aleksanterinkatu / Mikonkatu",
            streets=("Aleksanterinkatu", "Mikonkatu"),
            point=Point(lon=24.9455496, lat=60.1688970),
            bearing_deg=89.0,
            field_of_view_deg=62.0,
            range_m=90.0,
            clip="parking",
        ),
        DemoCamera(
            number=2,
            name="Kaivokatu / Keskuskatu",
            streets=("Kaivokatu", "Keskuskatu"),
            point=Point(lon=24.9427564, lat=60.1705295),
            bearing_deg=87.0,
            field_of_view_deg=55.0,
            range_m=110.0,
            clip="gare",
            source=SourceKind.RTSP,
        ),
        DemoCamera(
            number=3,
            name="Pohjoisesplanadi / Kluuvikatu",
            streets=("Pohjoisesplanadi", "Kluuvikatu"),
            point=Point(lon=24.9475662, lat=60.1677731),
            bearing_deg=87.0,
            field_of_view_deg=70.0,
            range_m=80.0,
            clip="ecole",
        ),
        DemoCamera(
            number=4,
            name="Mannerheimintie / Simonkatu",
            streets=("Mannerheimintie", "Simonkatu"),
            point=Point(lon=24.9383917, lat=60.1697960),
            bearing_deg=142.0,
            field_of_view_deg=50.0,
            range_m=130.0,
            clip="avenue",
        ),
        DemoCamera(
            number=5,
            name="Aleksanterinkatu / Unioninkatu",
            streets=("Aleksanterinkatu", "Unioninkatu"),
            point=Point(lon=24.9510198, lat=60.1690282),
            bearing_deg=92.0,
            field_of_view_deg=80.0,
            range_m=70.0,
            clip="place",
        ),
    ),
    zone=DemoZone(
        camera_number=1,
        name="Zone interdite de démonstration",
        kind=EventKind.FORBIDDEN_ZONE,
        # The yard with the red line in the clip "parking" (server/demo/scenes.py, YARD).
        polygon=(
            PicturePoint(0.5604, 0.6289),
            PicturePoint(0.8382, 0.6289),
            PicturePoint(1.0, 0.8068),
            PicturePoint(1.0, 0.9908),
            PicturePoint(0.6192, 0.9908),
        ),
    ),
    authorisation=DemoAuthorisation(
        camera_number=1,
        profile=Profile.DEMONSTRATION,
        law="FICTIF : profil « démonstration », sans valeur juridique",
        act_reference="FICTIF-2026-0002",
        authority="Autorité de démonstration (FICTIF)",
        purpose="Montrer la chaîne complète, de la détection à l'intervention",
        place="Aleksanterinkatu / Mikonkatu",
        kinds=frozenset({EventKind.FORBIDDEN_ZONE}),
        ends_after=timedelta(days=30),
    ),
    units=(
        DemoUnit(
            call_sign="PM 10",
            kind=UnitKind.POLICE,
            armed=True,
            mode=Mode.FOOT,
            start=Point(lon=24.9440, lat=60.1700),
            seed=10,
        ),
        DemoUnit(
            call_sign="PM 20",
            kind=UnitKind.POLICE,
            armed=True,
            mode=Mode.CAR,
            start=Point(lon=24.9400, lat=60.1690),
            seed=20,
        ),
        DemoUnit(
            call_sign="ASVP 30",
            kind=UnitKind.ASVP,
            armed=False,
            mode=Mode.FOOT,
            start=Point(lon=24.9495, lat=60.1680),
            seed=30,
        ),
        DemoUnit(
            call_sign="PM 40",
            kind=UnitKind.POLICE,
            armed=True,
            mode=Mode.FOOT,
            start=None,
            seed=40,
        ),
        DemoUnit(
            call_sign="Propreté 50",
            kind=UnitKind.CLEANING,
            armed=False,
            mode=Mode.CAR,
            start=None,
            seed=50,
        ),
    ),
    people=(
        DemoPerson(name="Opérateur de démonstration", sign_in="operateur", roles=(Role.OPERATOR,)),
        DemoPerson(
            name="Répartiteur de démonstration", sign_in="repartiteur", roles=(Role.DISPATCHER,)
        ),
        DemoPerson(
            name="Superviseur de démonstration", sign_in="superviseur", roles=(Role.SUPERVISOR,)
        ),
        DemoPerson(name="Auditeur de démonstration", sign_in="auditeur", roles=(Role.AUDITOR,)),
        DemoPerson(
            name="Administrateur de démonstration",
            sign_in="administrateur",
            roles=(Role.ADMINISTRATOR,),
        ),
        DemoPerson(name="Agent de démonstration 1", sign_in="agent-1", roles=(Role.AGENT,)),
        DemoPerson(name="Agent de démonstration 2", sign_in="agent-2", roles=(Role.AGENT,)),
        DemoPerson(name="Agent de démonstration 3", sign_in="agent-3", roles=(Role.AGENT,)),
        DemoPerson(name="Agent de démonstration 4", sign_in="agent-4", roles=(Role.AGENT,)),
        DemoPerson(
            name="Intervenant de démonstration", sign_in="intervenant", roles=(Role.RESPONDER,)
        ),
    ),
    devices=(
        DemoDevice(name="Téléphone simulé 1", holder="agent-1", call_sign="PM 10"),
        DemoDevice(name="Téléphone simulé 2", holder="agent-2", call_sign="PM 20"),
        DemoDevice(name="Téléphone simulé 3", holder="agent-3", call_sign="ASVP 30"),
        DemoDevice(name="Téléphone du visiteur", holder="agent-4", call_sign="PM 40"),
    ),
)
