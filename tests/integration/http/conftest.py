"""The whole HTTP application on a real database with two communes; no media process."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import pytest
from aiohttp import ClientSession, web
from aiohttp.test_utils import TestClient
from argon2 import PasswordHasher
from pytest_aiohttp.plugin import AiohttpClient, AiohttpServer

from domain.positions import Point
from server.database.bus import PgBus
from server.database.leases import PgLeases
from server.database.pool import Database, connect
from server.database.presence import Processes
from server.edge.calling import Callees
from server.http.app import Options, build_app, services
from server.http.clip_maker import ClipKeys
from server.http.ice import IceServers
from server.http.map import FoundPlace, TownMap
from server.http.passwords import Passwords
from server.recordings.receipts import public_key_of
from server.secrets import InstallationKey
from server.supervision import supervise
from tests.fakes.push import FakePush
from tests.integration.conftest import dsn_of
from tests.integration.http.archive import MASTER, Archive, open_archive
from tests.integration.http.town import HOLDER, TOWN, stays
from tests.servers.media import NotedMedia, noting

#: A media process with an address of its own; none says that it is this one unless a test does.
MEDIA_HOST = "https://media2.example.org:8444"
#: As cheap as argon2 goes: these tests are not about its cost.
CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@dataclass
class Installation:
    """What a test talks to. ``client`` has no cookie and no token of its own."""

    database: Database
    app: web.Application
    client: TestClient[web.Request, web.Application]
    data_dir: Path

    async def ask(
        self, method: str, path: str, *, token: str | None = None, **said: Any
    ) -> tuple[int, Any]:
        """Ask, and give the status with the answer: JSON where it is, else bytes."""
        headers = {**said.pop("headers", {})}
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        async with self.client.request(
            method, path, headers=headers, allow_redirects=False, **said
        ) as answer:
            raw = await answer.read()
            if answer.content_type.endswith("json") and raw:
                return answer.status, await answer.json(content_type=None)
            return answer.status, raw


TURN_SECRET = "of-these-tests"
ICE_URLS = (
    "stun:turn.example.org:3478",
    "turn:turn.example.org:3478",
    "turns:turn.example.org:443?transport=tcp",
)


@pytest.fixture
async def database(postgres: str, town_template: str) -> AsyncIterator[Database]:
    name = f"test_{uuid4().hex}"
    server = await asyncpg.connect(postgres)
    try:
        await server.execute(f"CREATE DATABASE {name} TEMPLATE {town_template}")
        async with connect(dsn_of(postgres, name)) as database:
            yield database
        await server.execute(f"DROP DATABASE {name} WITH (FORCE)")
    finally:
        await server.close()


@pytest.fixture
def town_map(tmp_path: Path) -> Callable[[], TownMap | None]:
    tiles = tmp_path / "tiles.pmtiles"
    tiles.write_bytes(bytes(range(256)))
    place = FoundPlace(name="rue Haute", point=Point(3.06, 50.63))
    town = TownMap(
        tiles=tiles,
        style=lambda theme: {"version": 8, "name": theme},
        search=lambda text, limit: [place][:limit],
        describe=lambda lon, lat: "rue Haute",
    )
    return lambda: town


def _pages(folder: Path) -> Path:
    for name in ("index.html", "patrol/index.html", "assets/nothing.js"):
        file = folder / "pages" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("a page")
    return folder / "pages"


@pytest.fixture
def never_by_the_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """The seed's patrol films nothing: after two minutes its stream would end in a slow test."""
    monkeypatch.setattr("server.http.enforcement.LOOK_EVERY_S", 3600.0)
    monkeypatch.setattr("server.http.enforcement.ABANDONED_EVERY_S", 3600.0)


@pytest.fixture
def patiently(monkeypatch: pytest.MonkeyPatch) -> None:
    """A media process that answers late is one on a busy machine, unless a test says otherwise."""
    monkeypatch.setattr("server.http.media.LIMIT_S", 60.0)
    monkeypatch.setattr("server.http.stills.PATIENCE_S", 60.0)


@pytest.fixture
async def town(
    never_by_the_clock: None,
    patiently: None,
    database: Database,
    tmp_path: Path,
    town_map: Callable[[], TownMap | None],
    aiohttp_client: AiohttpClient,
) -> AsyncIterator[Installation]:
    """The application, served, with its services running."""
    bus = PgBus(database)
    async with ClientSession() as session:
        app = build_app(
            database=database,
            bus=bus,
            vault=InstallationKey.open(tmp_path).vault,
            push=FakePush(),
            callees=Callees(session, internal_token="internal"),
            pass_key=InstallationKey.open(tmp_path).pass_key,
            clip_keys=ClipKeys(MASTER, InstallationKey.open(tmp_path).receipts.sign),
            town_map=town_map,
            options=Options(
                receipts_key=public_key_of(InstallationKey.open(tmp_path).receipts),
                public_url="https://csu.example.org",
                data_dir=tmp_path,
                pages=_pages(tmp_path),
                media_urls=(MEDIA_HOST,),
                ice_servers=IceServers(urls=ICE_URLS, turn_secret=TURN_SECRET),
            ),
            passwords=Passwords(CHEAP),
        )
        # A media process that says it is there and does not answer: nothing listens on port 9.
        await Processes(database).here(HOLDER, "media", "http://127.0.0.1:9", at=stays())
        running = {**services(app), "bus": bus.run}
        async with supervise(running, on_failure=lambda: None):
            yield Installation(database, app, await aiohttp_client(app), tmp_path)


@pytest.fixture
async def archive(
    town: Installation, tmp_path: Path, aiohttp_server: AiohttpServer
) -> AsyncIterator[Archive]:
    async with open_archive(town, tmp_path / "recordings", aiohttp_server) as archive:
        yield archive


@pytest.fixture
async def media(town: Installation) -> AsyncIterator[NotedMedia]:
    """A media process that holds the town's camera."""
    async with noting() as media:
        await Processes(town.database).here(HOLDER, "media", media.url, at=stays())
        leases = PgLeases(town.database, holder=HOLDER)
        await leases.acquire(f"camera:{TOWN.text('camera')}", ttl=timedelta(minutes=5))
        yield media
