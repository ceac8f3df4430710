"""An edge and the inside as processes of their own: what a phone reaches, and what it is told."""

import ssl
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientError, ClientSession, TCPConnector

from server.commands import edge_key
from server.settings import load
from tests.integration.http.town import TOWN
from tests.integration.server.filmed import FilmedTown
from tests.integration.server.running import environment, ilotier
from tests.ports import free_port
from tests.waiting import eventually

pytestmark = [
    pytest.mark.integration,
    pytest.mark.timeout(400),  # two processes start, on a machine that does other things
]


def trusting(folder: Path) -> TCPConnector:
    """A phone that has the edge's root."""
    return TCPConnector(ssl=ssl.create_default_context(cafile=str(folder / "tls" / "root.crt")))


async def test_a_phone_reaches_control_through_an_edge_that_has_no_database(
    filmed_town: FilmedTown, tmp_path: Path
) -> None:
    outer, dialled = free_port(), free_port()
    url = f"https://127.0.0.1:{dialled}"
    inner_env = environment(
        tmp_path,
        DATABASE_URL=filmed_town.url,
        HTTP__PORT="0",
        HTTP__PLAIN_PORT=str(free_port()),
        EDGE__URLS=f'["{url}"]',
    )
    edge_env = environment(
        tmp_path / "edge",
        HTTP__HOST="127.0.0.1",
        HTTP__PORT=str(outer),
        EDGE__LISTEN_HOST="127.0.0.1",
        EDGE__LISTEN_PORT=str(dialled),
        EDGE__KEY=edge_key(load({"data_dir": tmp_path}), url),
    )
    device = {"Authorization": f"Bearer {TOWN.token('device')}"}

    async with ilotier("serve", "--role", "edge", env=edge_env):
        root = tmp_path / "edge" / "tls" / "root.crt"

        async def ask(path: str) -> tuple[int, Any] | None:
            if not root.exists():
                return None
            try:
                async with (
                    ClientSession(connector=trusting(tmp_path / "edge")) as phone,
                    phone.get(f"https://127.0.0.1:{outer}{path}", headers=device) as answer,
                ):
                    return answer.status, await answer.json(content_type=None)
            except ClientError:
                return None  # it does not listen yet

        async def until(status: int) -> Any:
            async def found() -> Any:
                answered = await ask("/api/v1/mobile/me")
                return answered if answered is not None and answered[0] == status else None

            return (await eventually(found))[1]

        before = await until(503)
        async with ilotier("serve", "--role", "control", env=inner_env):
            me = await until(200)
        after = await until(503)

    assert before["type"] == after["type"] == "/problems/inside-away"
    assert me["device"]["id"] == TOWN.text("device")
    # It has made a certificate, and nothing else is there.
    assert {each.name for each in (tmp_path / "edge").iterdir()} == {"tls"}
