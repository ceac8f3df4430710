"""Towns in a test's own database, and the shifts of their agents."""

import pytest

from server.database.pool import Database
from server.database.units import Shifts
from tests.integration.database.town import NOW, Town, found


@pytest.fixture
async def town(database: Database) -> Town:
    return await found(database)


@pytest.fixture
async def other_town(database: Database) -> Town:
    return await found(database, "Bourg-le-Lac")


@pytest.fixture
def shifts(database: Database) -> Shifts:
    return Shifts(database, clock=lambda: NOW)
