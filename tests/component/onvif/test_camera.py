"""A camera asked by ONVIF: one that is not ours, and answers of the sort that real ones give."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import timedelta
from ipaddress import ip_network
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from pytest_aiohttp.plugin import AiohttpClient

from domain.onvif import SelfDescription, Trouble, choose_streams
from server.http.onvif import CameraClock, Described, SearchResult
from server.media.onvif import Onvif
from server.onvif.addresses import OnvifTrouble
from server.onvif.apart import apart
from server.onvif.camera import Limits, connected
from server.onvif.discovery import Found, Group, discover
from tests.onvif_camera import PASSWORD, USER, VirtualCamera, virtual_camera

HERE = (ip_network("127.0.0.0/8"),)
LIMITS = Limits(networks=HERE, call_s=10.0)
type Answer = Callable[[str], web.Response | Awaitable[web.Response]]


@pytest.fixture(scope="module")
def camera(tmp_path_factory: pytest.TempPathFactory) -> Iterator[VirtualCamera]:
    with virtual_camera(tmp_path_factory.mktemp("camera")) as one:
        yield one


async def describe(
    address: str, *, user: str = USER, password: str = PASSWORD, limits: Limits = LIMITS
) -> SelfDescription:
    async with connected(address, user, password, limits=limits) as one:
        return await one.describe()


async def why_not(address: str, *, limits: Limits = LIMITS, password: str = PASSWORD) -> Trouble:
    with pytest.raises(OnvifTrouble) as trouble:
        await describe(address, limits=limits, password=password)
    return trouble.value.reason


async def test_a_camera_that_is_not_ours_tells_its_streams(camera: VirtualCamera) -> None:
    said = await describe(camera.address)

    main, sub = choose_streams(said.streams)
    assert main is not None
    assert sub is not None
    assert (main.token, main.codec, main.width) == ("Profile_Main", "h264", 1920)
    assert (sub.token, sub.width) == ("Profile_Sub", 640)
    assert main.url.startswith("rtsp://127.0.0.1:554/")
    assert main.url != sub.url
    assert said.has_ptz
    assert not said.has_loudspeaker
    assert said.model == "VirtualCam-1"


async def test_a_wrong_password_is_named(camera: VirtualCamera) -> None:
    assert await why_not(camera.address, password="another") is Trouble.WRONG_PASSWORD


async def test_the_clock_is_known_better_than_to_the_second_it_tells(camera: VirtualCamera) -> None:
    async with connected(camera.address, USER, PASSWORD, limits=LIMITS) as one:
        offset = await one.clock()

    # Both clocks are this host's; the uncertainty is what a second of its own leaves, and its way.
    assert offset.least <= timedelta() <= offset.most
    assert not offset.is_alarming
    assert offset.uncertainty < timedelta(seconds=1)


async def test_nothing_that_listens_is_told_from_no_answer() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound, and not listening
        port = taken.getsockname()[1]

        assert await why_not(f"127.0.0.1:{port}") is Trouble.REFUSED


async def test_a_camera_that_accepts_and_says_nothing_is_given_up() -> None:
    limits = Limits(networks=HERE, call_s=0.3)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]

        assert await why_not(f"127.0.0.1:{port}", limits=limits) is Trouble.TIMED_OUT


ENVELOPE = (
    '<e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope"><e:Body>{}</e:Body></e:Envelope>'
)
SERVICES = (
    "<GetServicesResponse><Service><Namespace>http://www.onvif.org/ver20/media/wsdl</Namespace>"
    "<XAddr>{url}</XAddr></Service></GetServicesResponse>"
)
#: Media2 alone, H265 first, an attribute where others have an element, a profile without video.
PROFILES = (
    '<GetProfilesResponse><Profiles token="p0"><Name>audio</Name></Profiles>'
    '<Profiles token="p1"><Name>4K &lt;main&gt;</Name><Configurations><VideoEncoder token="v1">'
    "<Encoding>H265</Encoding><Resolution><Width>3840</Width><Height>2160</Height></Resolution>"
    '</VideoEncoder></Configurations></Profiles><Profiles token="p2"><Name>b</Name>'
    '<Configurations><VideoEncoder token="v2"><Encoding>H264</Encoding><Resolution>'
    "<Width>1280</Width><Height>720</Height></Resolution></VideoEncoder></Configurations>"
    "</Profiles></GetProfilesResponse>"
)


def odd_camera(asked: list[str]) -> Answer:
    """Says its addresses as it knows them behind a NAT, and puts a password in them."""

    def answer(body: str) -> web.Response:
        if "GetServices" in body:
            text = SERVICES.format(url="http://192.168.1.64:8000/onvif/media2")
        elif "GetProfiles" in body:
            text = PROFILES
        elif "GetStreamUri" in body:
            token = "p1" if ">p1<" in body else "p2"
            asked.append(token)
            uri = f"rtsp://admin:12345@192.168.1.64:10554/{token}?a=1&amp;b=2"
            text = f"<GetStreamUriResponse><Uri>{uri}</Uri></GetStreamUriResponse>"
        else:
            text = "<GetDeviceInformationResponse><Model>\n X  1 </Model>"
            text += "</GetDeviceInformationResponse>"
        return web.Response(text=ENVELOPE.format(text), content_type="application/soap+xml")

    return answer


@asynccontextmanager
async def answering(answer: Answer) -> AsyncIterator[str]:
    async def handle(request: web.Request) -> web.StreamResponse:
        found = answer((await request.read()).decode())
        return found if isinstance(found, web.Response) else await found

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", handle)
    async with TestServer(app) as server:
        yield f"127.0.0.1:{server.port}"


async def test_addresses_that_a_camera_gives_are_read_as_its_own() -> None:
    asked: list[str] = []
    async with answering(odd_camera(asked)) as address:
        said = await describe(address)

    main, sub = choose_streams(said.streams)
    assert main is not None
    assert main.url == "rtsp://127.0.0.1:10554/p2?a=1&b=2"
    assert sub is None  # the only other one is H265
    assert said.model == "X 1"
    assert [stream.codec for stream in said.streams] == ["", "h265", "h264"]
    assert asked == ["p1", "p2"]


BOMB = (
    '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">'
    + "".join(f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefg", "bcdefgh", strict=True))
    + "]>"
    + ENVELOPE.format("<GetServicesResponse>&h;</GetServicesResponse>")
)
FILE = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>' + ENVELOPE.format("&a;")
FAULT = ENVELOPE.format(
    "<e:Fault><e:Code><e:Value>e:Sender</e:Value></e:Code><e:Reason><e:Text>{}</e:Text></e:Reason></e:Fault>"
)


@pytest.mark.parametrize(
    ("text", "status", "reason"),
    [
        ("<html><body>Router login</body></html>", 200, Trouble.NOT_ONVIF),
        ("", 404, Trouble.NOT_ONVIF),
        ("RTSP/1.0 400 Bad Request", 400, Trouble.NOT_ONVIF),
        (BOMB, 200, Trouble.NOT_ONVIF),
        (FILE, 200, Trouble.NOT_ONVIF),
        ("<a>" * 50_000, 200, Trouble.NOT_ONVIF),
        ("x" * 600_000, 200, Trouble.NOT_ONVIF),
        ("", 401, Trouble.WRONG_PASSWORD),
        (FAULT.format("Sender not Authorized"), 400, Trouble.WRONG_PASSWORD),
        (FAULT.format("out of memory"), 500, Trouble.FAILED),
    ],
)
async def test_answers_of_machines_that_are_no_camera(
    text: str, status: int, reason: Trouble
) -> None:
    async with answering(lambda _: web.Response(text=text, status=status)) as address:
        assert await why_not(address) is reason


async def test_an_hour_that_is_no_number_is_no_answer() -> None:
    def answer(_: str) -> web.Response:
        date = "<Date><Year>2026</Year><Month>1</Month><Day>1</Day></Date>"
        return web.Response(
            text=f"<UTCDateTime><Time><Hour>1e999</Hour></Time>{date}</UTCDateTime>"
        )

    async with answering(answer) as address, connected(address, None, None, limits=LIMITS) as one:
        with pytest.raises(OnvifTrouble):
            await one.clock()


async def test_no_redirect_is_followed() -> None:
    followed: list[str] = []

    def elsewhere(body: str) -> web.Response:
        followed.append(body)
        return web.Response(text="")

    async with answering(elsewhere) as other:

        def redirect(_: str) -> web.Response:
            return web.Response(status=307, headers={"Location": f"http://{other}/"})

        async with answering(redirect) as address:
            assert await why_not(address) is Trouble.NOT_ONVIF

    assert followed == []


async def test_a_password_is_not_given_to_who_asks_for_it_in_clear() -> None:
    heads: list[str] = []

    async def handle(request: web.Request) -> web.Response:
        heads.append(request.headers.get("Authorization", "") + (await request.text()))
        return web.Response(status=401, headers={"WWW-Authenticate": 'Basic realm="camera"'})

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", handle)
    async with TestServer(app) as server:
        assert await why_not(f"127.0.0.1:{server.port}") is Trouble.WRONG_PASSWORD

    assert heads
    assert not any(PASSWORD in said or "Basic" in said for said in heads)


async def test_an_answer_that_trickles_in_is_given_up() -> None:
    async def trickle(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        while True:
            await response.write(b" ")
            await asyncio.sleep(0.05)

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", trickle)
    async with TestServer(app) as server:
        limits = Limits(networks=HERE, call_s=0.4)
        reason = await why_not(f"127.0.0.1:{server.port}", limits=limits)

    assert reason is Trouble.TIMED_OUT


class Answering(asyncio.DatagramProtocol):
    """Answers every probe as ``answers`` say."""

    def __init__(self, answers: Callable[[str], list[bytes]]) -> None:
        self._answers = answers
        self.transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.DatagramTransport)
        self.transport = transport

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        assert self.transport is not None
        for answer in self._answers(data.decode()):
            self.transport.sendto(answer, addr)


@asynccontextmanager
async def on_the_network(answers: Callable[[str], list[bytes]]) -> AsyncIterator[Group]:
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(
        lambda: Answering(answers), local_addr=("127.0.0.1", 0)
    )
    try:
        yield Group("127.0.0.1", transport.get_extra_info("sockname")[1])
    finally:
        transport.close()


async def found_by(answers: Callable[[str], list[bytes]], *, at_least: int = 0) -> list[Found]:
    """Search, again until so many are found: a busy machine answers when a search is over."""
    async with on_the_network(answers) as group, asyncio.timeout(60.0):
        while True:
            found = await discover(["127.0.0.1"], listen_s=0.3, networks=HERE, group=group)
            if len(found) >= at_least:
                return found


async def test_a_camera_that_is_not_ours_is_found(camera: VirtualCamera) -> None:
    camera.config.name = "Place & Marché"
    match = camera.service.create_probe_match("urn:uuid:1").encode()

    found = await found_by(lambda probe: [match] if "Probe" in probe else [], at_least=1)

    assert len(found) == 1  # told three times, found once
    assert found[0].address == camera.config.onvif_url
    assert found[0].name == "Place & Marché" or found[0].name == "Place"


async def test_who_claims_to_be_elsewhere_is_not_listed(camera: VirtualCamera) -> None:
    match = camera.service.create_probe_match("urn:uuid:1")
    lies = match.replace("127.0.0.1", "169.254.169.254").encode()

    found = await found_by(lambda _: [b"\xff\xfe", b"<x/>", BOMB.encode(), lies])

    assert found == []


async def test_a_flood_of_answers_is_cut(
    camera: VirtualCamera, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.onvif.discovery.MOST_FOUND", 5)
    match = camera.service.create_probe_match("urn:uuid:1")
    many = [match.replace(camera.service.device_uuid, f"urn:{n}").encode() for n in range(20)]

    found = await found_by(lambda _: many, at_least=5)

    assert len(found) == 5


async def test_an_interface_that_is_not_ours_is_named() -> None:
    with pytest.raises(OnvifTrouble) as trouble:
        await discover(["192.0.2.1"], listen_s=0.1)

    assert trouble.value.reason is Trouble.NO_ROUTE


async def test_what_control_asks_is_answered_in_the_same_words(
    camera: VirtualCamera, aiohttp_client: AiohttpClient
) -> None:
    match = camera.service.create_probe_match("urn:uuid:1").encode()
    asked = {"address": camera.address, "username": USER, "password": PASSWORD}
    async with apart() as other, on_the_network(lambda _: [match]) as group:
        app = web.Application()
        onvif = Onvif(apart=other, networks=HERE, call_s=10.0, listen_s=1.0, group=group)
        onvif.add_to(app)
        client = await aiohttp_client(app)
        described = await (await client.post("/onvif/describe", json=asked)).json()
        refused = await (await client.post("/onvif/clock", json={**asked, "password": "x"})).json()
        here = {"interface": "127.0.0.1"}
        searched: dict[str, Any] = {}
        async with asyncio.timeout(60.0):
            while not searched.get("found"):  # as above: the answer may come too late
                searched = await (await client.post("/onvif/discover", json=here)).json()

    assert Described.model_validate(described).main == "Profile_Main"
    assert CameraClock.model_validate(refused).reason is Trouble.WRONG_PASSWORD
    assert SearchResult.model_validate(searched).found[0].address == camera.config.onvif_url
