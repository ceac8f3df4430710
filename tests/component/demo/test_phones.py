"""A simulated phone keeps the contract: bodies that the API's own schemas take, no more."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from aiohttp import web
from pytest_aiohttp.plugin import AiohttpServer

from mobile_api.devices import Enrolment
from mobile_api.positions import Batch
from mobile_api.shifts import Begin
from server.demo import phones
from server.demo.patrols import Patrol
from server.demo.phones import PhoneRefused, SimulatedPhone, run_phones, simulated_phones
from server.demo.town import TOWN
from server.streets.graph import Mode, StreetGraph
from server.streets.plane import distance_m

UNIT_ID = uuid4()
POINT = [24.9500, 60.1690]
LIMIT_S = 60.0


class Control:
    """What a phone meets: the agreed routes, each body read by the real schema."""

    def __init__(self) -> None:
        self.codes = {"ABCDE-FGHIJ"}
        self.shifts: list[UUID] = []
        self.fixes: dict[UUID, tuple[float, float]] = {}
        self.arrived: list[str] = []
        self.other: list[str] = []
        self.fail_positions = 0
        self.heard = asyncio.Condition()
        self.messages: list[dict[str, object]] = []
        self.app = web.Application()
        mobile = "/api/v1/mobile"
        self.app.router.add_post(f"{mobile}/enrolment", self.enrol)
        self.app.router.add_post(f"{mobile}/shift", self.begin)
        self.app.router.add_post(f"{mobile}/positions", self.take)
        self.app.router.add_post(mobile + "/{kind:alerts|guidance}/{id}/arrival", self.arrive)
        self.app.router.add_get("/api/v1/live", self.live)
        self.app.router.add_route("*", "/{tail:.*}", self.anything)

    async def enrol(self, request: web.Request) -> web.Response:
        body = Enrolment.model_validate_json(await request.read())
        if body.code not in self.codes:
            problem = {"title": "This code is not good (any more)", "detail": "ask for another"}
            return web.json_response(problem, status=422)
        self.codes.remove(body.code)
        units = [{"id": str(UNIT_ID), "call_sign": "PM 10"}]
        return web.json_response({"token": "secret", "units": units}, status=201)

    async def begin(self, request: web.Request) -> web.Response:
        assert request.headers["Authorization"] == "Bearer secret"
        self.shifts.append(Begin.model_validate_json(await request.read()).unit_id)
        return web.json_response({})

    async def take(self, request: web.Request) -> web.Response:
        assert request.headers["Authorization"] == "Bearer secret"
        batch = Batch.model_validate_json(await request.read())
        assert batch.sent_at is not None
        async with self.heard:
            for body in batch.positions:
                point = body.fix().position.point
                self.fixes[body.id] = (point.lon, point.lat)
            self.heard.notify_all()
        if self.fail_positions:
            self.fail_positions -= 1
            return web.Response(status=503)
        return web.json_response({"stored": len(batch.positions), "refused": []})

    async def arrive(self, request: web.Request) -> web.Response:
        async with self.heard:
            self.arrived.append(request.match_info["id"])
            self.heard.notify_all()
        return web.json_response({})

    async def live(self, request: web.Request) -> web.WebSocketResponse:
        assert "bearer.secret" in request.headers["Sec-WebSocket-Protocol"]
        socket = web.WebSocketResponse(protocols=("ilotier.v1",))
        await socket.prepare(request)
        for message in self.messages:
            await socket.send_json(message)
        await socket.receive()
        return socket

    async def anything(self, request: web.Request) -> web.Response:
        self.other.append(request.path)
        return web.Response(status=404)


@pytest.fixture
def patrol(town_map: Path) -> Patrol:
    graph = StreetGraph.read(town_map, Mode.FOOT)
    return Patrol(graph, start=(24.9440, 60.1700), mode=Mode.FOOT, seed=10)


@pytest.fixture(autouse=True)
def retries_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(phones, "RETRY_S", 0.01)


def phone(patrol: Patrol, code: str = "ABCDE-FGHIJ") -> SimulatedPhone:
    return SimulatedPhone(
        patrol=patrol, call_sign="PM 10", code=code, fix_every_s=0.02, send_every_s=0.05
    )


@asynccontextmanager
async def living(
    control: Control, aiohttp_server: AiohttpServer, patrol: Patrol
) -> AsyncIterator[None]:
    server = await aiohttp_server(control.app)
    url = str(server.make_url("/"))
    task = asyncio.ensure_future(run_phones(url, [phone(patrol)]))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait({task})


async def test_a_phone_enrols_begins_its_shift_and_sends_where_it_is(
    aiohttp_server: AiohttpServer, patrol: Patrol
) -> None:
    control = Control()

    async with living(control, aiohttp_server, patrol), asyncio.timeout(LIMIT_S), control.heard:
        await control.heard.wait_for(lambda: len(control.fixes) >= 6)

    assert control.shifts == [UNIT_ID]
    assert all(distance_m(at, (24.9440, 60.1700)) < 200 for at in control.fixes.values())
    assert control.other == []


async def test_fixes_are_sent_again_until_control_has_taken_them(
    aiohttp_server: AiohttpServer, patrol: Patrol
) -> None:
    control = Control()
    control.fail_positions = 3

    async with living(control, aiohttp_server, patrol), asyncio.timeout(LIMIT_S), control.heard:
        await control.heard.wait_for(lambda: control.fail_positions == 0 and control.fixes)
        first = len(control.fixes)
        await control.heard.wait_for(lambda: len(control.fixes) > first + 3)

    assert control.fail_positions == 0


async def test_a_guided_unit_says_that_it_arrived_and_walks_there(
    aiohttp_server: AiohttpServer, patrol: Patrol
) -> None:
    control, guidance, alert = Control(), str(uuid4()), str(uuid4())
    point = {"type": "Point", "coordinates": POINT}
    sent = {"id": guidance, "point": point, "sent_at": "2026-11-21T21:00:00.000Z"}
    control.messages = [
        {"type": "snapshot", "alerts": [{"id": alert, "state": "sent"}], "guidance": []},
        {"type": "fact", "kind": "guidance-sent", "guidance": sent},
        {"type": "fact", "kind": "guidance-sent", "guidance": sent},
        {"type": "fact", "kind": "alert-acknowledged", "alert": {"id": alert, "state": "sent"}},
    ]

    async with living(control, aiohttp_server, patrol), asyncio.timeout(LIMIT_S), control.heard:
        await control.heard.wait_for(lambda: len(control.arrived) == 2)

    assert control.arrived == [alert, guidance]
    assert any(patrol.advance(1.0).speed_mps == 0 for _ in range(900))
    assert distance_m(patrol.at, (POINT[0], POINT[1])) < 60
    assert control.other == []  # nothing acknowledged, nothing read


async def test_a_guidance_without_a_point_moves_nobody(
    aiohttp_server: AiohttpServer, patrol: Patrol, monkeypatch: pytest.MonkeyPatch
) -> None:
    control, guidance = Control(), str(uuid4())
    sent = {"id": guidance, "point": None, "sent_at": "2026-11-21T21:00:00.000Z"}
    control.messages = [{"type": "snapshot", "alerts": [], "guidance": [sent]}]
    monkeypatch.setattr(Patrol, "go_to", lambda *_: pytest.fail("it moved"))

    async with living(control, aiohttp_server, patrol), asyncio.timeout(LIMIT_S), control.heard:
        await control.heard.wait_for(lambda: control.arrived == [guidance])


async def test_a_code_that_is_used_up_is_named(
    aiohttp_server: AiohttpServer, patrol: Patrol, caplog: pytest.LogCaptureFixture
) -> None:
    control = Control()
    server = await aiohttp_server(control.app)
    url = str(server.make_url("/"))

    with pytest.raises(PhoneRefused, match="code is not good"):
        await phone(patrol, "USED").run(url)
    await run_phones(url, [phone(patrol, "USED")])

    assert "a simulated phone has stopped" in caplog.text


async def test_a_unit_that_does_not_exist_is_named(
    aiohttp_server: AiohttpServer, patrol: Patrol
) -> None:
    server = await aiohttp_server(Control().app)
    lost = SimulatedPhone(patrol=patrol, call_sign="PM 99", code="ABCDE-FGHIJ")

    with pytest.raises(PhoneRefused, match="no unit PM 99"):
        await lost.run(str(server.make_url("/")))


def test_every_unit_but_the_visitors_has_a_simulated_phone(town_map: Path) -> None:
    codes = {device.name: f"code of {device.name}" for device in TOWN.devices}

    made = simulated_phones(TOWN, map_folder=town_map, codes=codes)

    assert [each.call_sign for each in made] == ["PM 10", "PM 20", "ASVP 30"]
    assert made[0].code == "code of Téléphone simulé 1"
