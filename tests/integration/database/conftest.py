"""Towns in a test's own database."""

import pytest

from server.database.pool import Database
from tests.integration.database.town import Town, found


@pytest.fixture
async def town(database: Database) -> Town:
    return await found(database)


@pytest.fixture
async def other_town(database: Database) -> Town:
    return await found(database, "Bourg-le-Lac")
