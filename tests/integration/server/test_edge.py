"""An edge and the inside as processes of their own: what a phone reaches, films and sees."""

import ssl
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientError, ClientSession, TCPConnector
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription

from domain.identifiers import DeviceId
from server.commands import edge_key
from server.database.devices import Devices
from server.http.app import utc_now
from server.settings import load
from tests.component.webrtc.peers import Colour
from tests.integration.http.town import TOWN
from tests.integration.server.filmed import CUT_WITHIN_S, FilmedTown, viewer_of
from tests.integration.server.running import environment, ilotier
from tests.ports import free_port
from tests.waiting import eventually

pytestmark = [
    pytest.mark.integration,
    pytest.mark.timeout(400),  # three processes start, on a machine that does other things
]

STARTED_WITHIN_S = 120.0
DEVICE = TOWN.token("device")


@dataclass
class Phone:
    """An enrolled phone that knows the edge alone."""

    url: str
    authority: Path

    @property
    def tls(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=str(self.authority))

    async def ask(self, method: str, path: str, **said: Any) -> tuple[int, str, str] | None:
        """Status, body and Location; None while nobody listens."""
        if not self.authority.exists():
            return None
        headers = {"Authorization": f"Bearer {DEVICE}", **said.pop("headers", {})}
        try:
            async with (
                ClientSession(connector=TCPConnector(ssl=self.tls)) as session,
                session.request(method, self.url + path, headers=headers, **said) as answer,
            ):
                return answer.status, await answer.text(), answer.headers.get("Location", "")
        except ClientError:
            return None

    async def until(self, status: int, path: str = "/api/v1/mobile/me") -> str:
        """The answer, once it has this status."""

        async def found() -> str | None:
            answered = await self.ask("GET", path)
            return answered[1] if answered is not None and answered[0] == status else None

        answer = await eventually(found, limit_s=STARTED_WITHIN_S)
        assert answer is not None
        return answer

    @asynccontextmanager
    async def films(self, luma: int) -> AsyncIterator[tuple[RTCPeerConnection, str]]:
        """Its peer and its stream."""
        pc = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        pc.addTransceiver(Colour(luma), direction="sendonly")
        try:
            await pc.setLocalDescription(await pc.createOffer())
            answered = await self.ask(
                "POST",
                "/api/v1/whip?reason=officers-threatened",
                data=pc.localDescription.sdp,
                headers={"Content-Type": "application/sdp"},
            )
            assert answered is not None
            status, answer, location = answered
            assert status == 201, answer
            await pc.setRemoteDescription(RTCSessionDescription(answer, "answer"))
            yield pc, location.partition("?")[0].rpartition("/")[2]
        finally:
            await pc.close()


async def test_a_phone_that_reaches_the_edge_alone_films_and_sees_until_its_right_ends(
    filmed_town: FilmedTown, tmp_path: Path
) -> None:
    outer, dialled, plain = free_port(), free_port(), free_port()
    url = f"https://127.0.0.1:{dialled}"
    inner_env = environment(
        tmp_path,
        DATABASE_URL=filmed_town.url,
        HTTP__PORT="0",
        HTTP__PLAIN_PORT=str(plain),
        EDGE__URLS=f'["{url}"]',
    )
    edge_env = environment(
        tmp_path / "edge",
        HTTP__HOST="127.0.0.1",
        HTTP__PORT=str(outer),
        MEDIA__ICE_ADDRESSES='["127.0.0.1"]',
        EDGE__LISTEN_HOST="127.0.0.1",
        EDGE__LISTEN_PORT=str(dialled),
        EDGE__KEY=edge_key(load({"data_dir": tmp_path}), url),
    )
    phone = Phone(f"https://127.0.0.1:{outer}", tmp_path / "edge" / "tls" / "root.crt")
    operator = TOWN.token("operator")

    async with ilotier("serve", "--role", "edge", env=edge_env):
        before = await phone.until(503)
        async with (
            ilotier("serve", "--role", "control", env=inner_env),
            ilotier("serve", "--role", "media", env=inner_env),
        ):
            assert TOWN.text("device") in await phone.until(200)
            await filmed_town.shared(4, limit_s=STARTED_WITHIN_S)
            camera = filmed_town.cameras[0].main_stream_id
            watched = f"/api/v1/streams/{camera}/whep"
            async with (
                viewer_of(phone.url + watched, DEVICE, tls=phone.tls) as sees,
                phone.films(70) as (peer, stream),
                viewer_of(
                    f"http://127.0.0.1:{plain}/api/v1/streams/{stream}/whep", operator
                ) as room,
            ):
                await sees.sees()
                await room.sees()
                rows = await filmed_town.database.rows(
                    "SELECT holder FROM viewing WHERE stream_id = $1", camera
                )
                # One that stands still asks anew, the same way.
                assert {row["holder"] for row in rows} == {f"edge@127.0.0.1:{dialled}"}

                await Devices(filmed_town.database).revoke(
                    DeviceId(TOWN.id("device")), actor="system", at=utc_now()
                )
                revoked_at_s = time.monotonic()

                async def is_cut_off() -> bool:
                    return peer.connectionState in ("closed", "failed")

                await eventually(is_cut_off)
                await _all_written_down(filmed_town)
                for viewer in (sees, room):
                    assert viewer.seen_at_s - revoked_at_s <= CUT_WITHIN_S
        after = await phone.until(503)

    assert "inside-away" in before
    assert "inside-away" in after
    # The edge has made its certificate; nothing else is left there.
    assert {each.name for each in (tmp_path / "edge").iterdir()} == {"tls"}


async def _all_written_down(town: FilmedTown) -> None:
    """The phone's stream and what it watched are over, in the register too."""

    async def written() -> bool:
        opened = await town.database.row(
            "SELECT (SELECT count(*) FROM viewing WHERE device_id = $1 AND ended_at IS NULL)"
            " + (SELECT count(*) FROM patrol_stream WHERE device_id = $1 AND ended_at IS NULL)"
            " AS open",
            TOWN.id("device"),
        )
        return opened is not None and opened["open"] == 0

    await eventually(written)
