"""Towns in a test's own database, and the shifts of their agents."""

from pathlib import Path

import pytest

from server.database.pool import Database
from server.database.recording_rules import RecordingRules
from server.database.recordings import Recordings
from server.database.units import Shifts
from server.recordings.volume import Volume
from tests.integration.database.archive import Archive
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


@pytest.fixture
async def archive(database: Database, town: Town, tmp_path: Path) -> Archive:
    return Archive(
        database,
        town,
        await town.camera(),
        RecordingRules(database),
        Recordings(database),
        Volume(tmp_path / "recordings" / str(town.commune.id)),
    )
