"""A camera that is moved: at once, no longer than it is held, and with the newest command alone."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from ipaddress import ip_network

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from domain.onvif import Trouble
from domain.ptz import Looking, Velocity
from server.onvif.addresses import OnvifTrouble
from server.onvif.camera import Limits
from server.onvif.heads import Heads, Who
from server.supervision import supervise
from tests.onvif_camera import PASSWORD, USER, VirtualCamera, virtual_camera
from tests.stalls import stand_still

LIMITS = Limits(networks=(ip_network("127.0.0.0/8"),), call_s=10.0)
RIGHT, STILL = Velocity(pan=0.5), Velocity()
HELD = timedelta(seconds=60)


@pytest.fixture
def camera(tmp_path_factory: pytest.TempPathFactory) -> Iterator[VirtualCamera]:
    with virtual_camera(tmp_path_factory.mktemp("camera")) as one:
        yield one


@pytest.fixture
async def heads(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Heads]:
    # A busy machine may take long to say a command: none of them is too late for that.
    monkeypatch.setattr("server.onvif.heads.DEADLINE", HELD)
    monkeypatch.setattr("server.onvif.heads.TAKEN_WITHIN_S", HELD.total_seconds())
    moving = Heads(limits=LIMITS)
    async with supervise({"heads": moving.run}, on_failure=lambda: None):
        await asyncio.sleep(0)
        yield moving


def who(camera: VirtualCamera, password: str = PASSWORD) -> Who:
    return Who(camera.address, "Profile_Main", USER, password)


async def test_it_moves_while_held_and_stops_by_itself(
    camera: VirtualCamera, heads: Heads, monkeypatch: pytest.MonkeyPatch
) -> None:
    await heads.go_to(who(camera), "none")  # connected: what follows is a held key
    camera.head.moves.clear()
    await heads.move(who(camera), RIGHT)
    await heads.move(who(camera), Velocity(pan=0.5, zoom=-0.25))

    assert camera.head.moves == [("move", 0.5, 0.0, 0.0), ("move", 0.5, 0.0, -0.25)]
    stand_still(monkeypatch, HELD.total_seconds())
    assert await asyncio.to_thread(camera.head.wait_for, "stop")
    assert [move[0] for move in camera.head.moves] == ["move", "move", "stop"]


async def test_letting_go_stops_at_once_and_no_second_time(
    camera: VirtualCamera, heads: Heads
) -> None:
    await heads.move(who(camera), RIGHT)
    await heads.move(who(camera), STILL)
    state = await heads.state(who(camera))

    assert [move[0] for move in camera.head.moves][-1:] == ["stop"]
    assert state.at.looking is not Looking.MOVING


async def test_where_it_looks_is_known_by_its_presets(camera: VirtualCamera, heads: Heads) -> None:
    await heads.turn(who(camera), 0.1, 0.0)  # elsewhere than the presets that it comes with
    await heads.keep(who(camera), "Place Nord", None)
    presets = (await heads.state(who(camera))).presets
    (preset,) = [one for one in presets if one.name == "Place Nord"]
    at_it = await heads.state(who(camera))
    await heads.turn(who(camera), 0.4, 0.0)

    assert (at_it.at.looking, at_it.at.preset) == (Looking.AT_PRESET, preset.token)
    assert await asyncio.to_thread(camera.head.wait_for, "relative")
    await heads.go_to(who(camera), preset.token)
    assert await asyncio.to_thread(camera.head.wait_for, "preset")


async def test_a_wrong_password_is_told_to_who_moves_it(
    camera: VirtualCamera, heads: Heads
) -> None:
    with pytest.raises(OnvifTrouble) as trouble:
        await heads.go_to(who(camera, "another"), "1")

    assert trouble.value.reason is Trouble.WRONG_PASSWORD
    assert camera.head.moves == []


async def test_of_commands_that_wait_the_newest_alone_is_sent(heads: Heads) -> None:
    sent: list[str] = []
    asked, go_on = asyncio.Event(), asyncio.Event()

    async def slow(request: web.Request) -> web.Response:
        body = await request.text()
        if "GetServices" in body:
            url = f"http://{request.host}/ptz"
            text = (
                "<GetServicesResponse><Service>"
                "<Namespace>http://www.onvif.org/ver20/ptz/wsdl</Namespace>"
                f"<XAddr>{url}</XAddr></Service></GetServicesResponse>"
            )
        else:
            text = "<GotoPresetResponse/>"
            sent.append(body.partition("PresetToken>")[2].partition("<")[0])
            asked.set()
            await go_on.wait()
        envelope = "http://www.w3.org/2003/05/soap-envelope"
        return web.Response(
            text=f'<e:Envelope xmlns:e="{envelope}"><e:Body>{text}</e:Body></e:Envelope>',
            content_type="application/soap+xml",
        )

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", slow)
    async with TestServer(app) as server, asyncio.TaskGroup() as group:
        one = Who(f"127.0.0.1:{server.port}", "p")
        group.create_task(heads.go_to(one, "first"))
        await asked.wait()
        for token in ("second", "third", "last"):
            group.create_task(heads.go_to(one, token))
            await asyncio.sleep(0)
        await asyncio.sleep(0)
        go_on.set()

    assert sent == ["first", "last"]
