"""The phones' routes over fakes: one town, two units, two phones."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient
from aiohttp.typedefs import Handler, Middleware

from domain.cameras import Camera, PlaceKind, SourceKind
from domain.communes import Commune
from domain.errors import Unauthenticated
from domain.identifiers import (
    CameraId,
    CommuneId,
    DeviceId,
    GrantId,
    PersonId,
    ShiftId,
    StreamId,
    UnitId,
)
from domain.people import Grant, Person, Role
from domain.positions import Point
from domain.principals import DevicePrincipal
from domain.units import Device, DeviceKind, Shift, Unit, UnitKind
from mobile_api import keys, osmand
from mobile_api.attempts import ATTEMPTS, Attempts
from mobile_api.description import Needs, Routes
from mobile_api.routes import ROUTES
from mobile_api.views import VIEWS, Views
from server.http.problem import problem_details
from tests.fakes.calls import (
    FakeAlerts,
    FakeCameras,
    FakeGuidances,
    FakeInterventions,
    FakePins,
    FakePlaces,
    FakeStills,
)
from tests.fakes.clock import FakeClock
from tests.fakes.patrols import (
    FakeAccess,
    FakeCommunes,
    FakeDevices,
    FakePeople,
    FakePositionListener,
    FakePositions,
    FakeShifts,
    FakeUnits,
)
from tests.fakes.push import FakePush
from tests.fakes.town import FakeTown

HERE = CommuneId(uuid4())
CENTRE = Point(24.94, 60.17)

type Client = TestClient[web.Request, web.Application]


@dataclass(frozen=True)
class Phone:
    """A phone in somebody's hand: asks as its device."""

    client: Client
    device_id: DeviceId
    unit_id: UnitId

    async def ask(self, method: str, path: str, json: object = None) -> tuple[int, Any]:
        """Give the status and the JSON answered (None without one)."""
        headers = {"Authorization": f"Bearer {self.device_id}"}
        url = f"/api/v1/mobile{path}"
        async with self.client.request(method, url, json=json, headers=headers) as response:
            has_json = "json" in response.content_type
            return response.status, (await response.json() if has_json else None)

    async def get(self, path: str) -> Any:
        status, answer = await self.ask("GET", path)
        assert status == 200, answer
        return answer

    async def post(self, path: str, json: object = None) -> Any:
        status, answer = await self.ask("POST", path, json)
        assert status in (200, 201, 204), answer
        return answer

    async def refused(self, method: str, path: str, json: object = None) -> tuple[int, str]:
        """Give the status and the code of the problem."""
        status, answer = await self.ask(method, path, json)
        assert status >= 400, answer
        return status, answer["type"].removeprefix("/problems/")


class World:
    """The fakes of one test, and the application over them."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        commune = Commune(id=HERE, name="Villeneuve", centre=CENTRE)
        self.town = FakeTown(commune=commune, clock=self.clock)
        self.devices = FakeDevices(self.town)
        self.push = FakePush()
        self.places = FakePlaces()
        self.seconds = timedelta(seconds=1)
        self._public: set[object] = set()

    def unit(self, call_sign: str, kind: UnitKind = UnitKind.POLICE) -> UnitId:
        unit = Unit(
            id=UnitId(uuid4()),
            commune_id=HERE,
            call_sign=call_sign,
            kind=kind,
            armed=True,
        )
        self.town.units[unit.id] = unit
        return unit.id

    def device(self, *, on_shift_in: UnitId | None = None, role: Role = Role.AGENT) -> DeviceId:
        grant = Grant(
            id=GrantId(uuid4()),
            commune_id=HERE,
            role=role,
            act_reference="AR-2026-1",
            starts_at=self.clock() - timedelta(days=30),
            ends_at=None,
        )
        person = Person(
            id=PersonId(uuid4()), name="Agent A", sign_in="a", locale="fr", grants=(grant,)
        )
        device = Device(
            id=DeviceId(uuid4()),
            commune_id=HERE,
            name="Phone",
            kind=DeviceKind.PHONE,
            person_id=person.id,
            enrolled_at=self.clock(),
        )
        self.town.people[person.id] = person.name
        self.town.devices[device.id] = DevicePrincipal(device=device, person=person)
        self.devices.pins[device.id] = "hashed:1234"
        if on_shift_in is not None:
            shift = Shift(
                id=ShiftId(uuid4()),
                commune_id=HERE,
                unit_id=on_shift_in,
                device_id=device.id,
                person_id=person.id,
                started_at=self.clock() - timedelta(hours=1),
            )
            self.town.shifts[shift.id] = shift
            self.town.devices[device.id] = DevicePrincipal(
                device=device, person=person, shift=shift
            )
        return device.id

    def camera(self, number: int, at: Point, *, up: bool = True) -> CameraId:
        camera = Camera(
            id=CameraId(uuid4()),
            commune_id=HERE,
            number=number,
            name=f"Camera {number}",
            source=SourceKind.FILE,
            point=at,
            bearing_deg=90,
            field_of_view_deg=60,
            range_m=80,
            place_kind=PlaceKind.PUBLIC_ROAD,
            main_stream_id=StreamId(uuid4()),
        )
        self.town.cameras[camera.id] = camera
        if up:
            self.town.cameras_up.add(camera.id)
        return camera.id

    def app(self) -> web.Application:
        town = self.town
        clock: Callable[[], datetime] = self.clock
        app = web.Application(middlewares=[problem_details, self._sign_in()])
        app[keys.CLOCK] = clock
        app[keys.ACCESS] = FakeAccess(town)
        app[keys.DEVICES] = self.devices
        app[keys.COMMUNES] = FakeCommunes(town)
        app[keys.PEOPLE] = FakePeople(town)
        app[keys.UNITS] = FakeUnits(town)
        app[keys.SHIFTS] = FakeShifts(town)
        app[keys.POSITIONS] = FakePositions(town)
        app[keys.POSITION_LISTENER] = FakePositionListener(town)
        app[keys.ALERTS] = FakeAlerts(town)
        app[keys.INTERVENTIONS] = FakeInterventions(town)
        app[keys.GUIDANCES] = FakeGuidances(town)
        app[keys.CAMERAS] = FakeCameras(town)
        app[keys.STILLS] = FakeStills(town)
        app[keys.PLACES] = self.places
        app[keys.PINS] = FakePins()
        app[keys.PUSH] = self.push
        app[keys.PUBLIC_URL] = "https://csu.example.org"
        app[ATTEMPTS] = Attempts()
        app[VIEWS] = Views(
            devices=app[keys.DEVICES],
            communes=app[keys.COMMUNES],
            people=app[keys.PEOPLE],
            units=app[keys.UNITS],
            alerts=app[keys.ALERTS],
            interventions=app[keys.INTERVENTIONS],
            guidances=app[keys.GUIDANCES],
            cameras=app[keys.CAMERAS],
            push=app[keys.PUSH],
            clock=clock,
        )
        for routes in ROUTES:
            self._add(app, routes, below="/api/v1")
        self._add(app, osmand.ROOT, below="")
        return app

    def _add(self, app: web.Application, routes: Routes, *, below: str) -> None:
        for route in routes:
            app.router.add_route(route.method, below + route.path, route.handler)
            if route.needs is Needs.PUBLIC:
                self._public.add(route.handler)

    def _sign_in(self) -> Middleware:
        """Stands in for the sign-in of ``server.http``: the bearer is the device's id."""

        @web.middleware
        async def sign_in(request: web.Request, handler: Handler) -> web.StreamResponse:
            if request.match_info.handler not in self._public:
                bearer = request.headers.get("Authorization", "").removeprefix("Bearer ")
                known = {str(key): value for key, value in self.town.devices.items()}
                if bearer not in known:
                    raise Unauthenticated("no device has this token")
                request[keys.DEVICE] = known[bearer]
            return await handler(request)

        return sign_in


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
async def client(
    world: World, aiohttp_client: Callable[[web.Application], Awaitable[Client]]
) -> Client:
    return await aiohttp_client(world.app())


@pytest.fixture
def phone(world: World, client: Client) -> Phone:
    """A phone on shift in ALPHA."""
    unit_id = world.unit("ALPHA")
    return Phone(client, world.device(on_shift_in=unit_id), unit_id)


@pytest.fixture
def other(world: World, client: Client) -> Phone:
    """A phone on shift in BRAVO."""
    unit_id = world.unit("BRAVO")
    return Phone(client, world.device(on_shift_in=unit_id), unit_id)


@pytest.fixture
def resting(world: World, client: Client) -> Phone:
    """A phone whose agent has not begun; its unit is CHARLIE."""
    return Phone(client, world.device(), world.unit("CHARLIE"))
