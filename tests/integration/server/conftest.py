"""A town whose cameras show a clip, in a database of its own, for processes that are started."""

from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest

from server.database.pool import connect
from server.secrets import InstallationKey
from tests.component.webrtc.peers import make_clip
from tests.integration.conftest import dsn_of
from tests.integration.server.filmed import FilmedTown


@pytest.fixture(scope="session")
def looped_clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_clip(tmp_path_factory.mktemp("looped") / "grey.mp4")


@pytest.fixture
async def filmed_town(
    postgres: str, town_template: str, looped_clip: Path, tmp_path: Path
) -> AsyncIterator[FilmedTown]:
    """Four cameras that show the clip; those of the template, which nobody reaches, are off."""
    name = f"test_{uuid4().hex}"
    server = await asyncpg.connect(postgres)
    try:
        await server.execute(f"CREATE DATABASE {name} TEMPLATE {town_template}")
        url = dsn_of(postgres, name)
        async with connect(url, most_connections=4, wait_for_s=10.0) as database:
            vault = InstallationKey.open(tmp_path).vault
            yield await FilmedTown.of(database, url, vault=vault, clip=looped_clip, cameras=4)
        await server.execute(f"DROP DATABASE {name} WITH (FORCE)")
    finally:
        await server.close()
