"""The demonstration's town begins as it is written down, and goes on as its visitors leave it."""

from dataclasses import replace
from datetime import datetime
from pathlib import Path

from domain.cameras import SourceKind
from domain.people import Role
from server.database.cameras import Cameras
from server.database.pool import Database
from server.database.rules import Rules
from server.demo.seeding import Seeder
from server.demo.town import TOWN
from tests.integration.database.town import ADMIN, NOW, VAULT

KEEPER = next(one for one in TOWN.people if Role.ADMINISTRATOR in one.roles)
SMALL = replace(TOWN, people=(KEEPER,), units=(), devices=())


async def test_what_a_visitor_drew_is_there_after_the_next_start(
    database: Database, tmp_path: Path
) -> None:
    clip = {
        SourceKind.FILE: (tmp_path / "clip.mp4").as_uri(),
        SourceKind.RTSP: "rtsp://127.0.0.1:8554/clip.mp4",
    }
    urls = {one.clip: (clip[one.source], clip[one.source]) for one in SMALL.cameras}

    async def starts(at: datetime) -> None:
        seeder = Seeder(SMALL, database, vault=VAULT, at=at)
        await seeder.seed(urls=urls, passwords={KEEPER.sign_in: "correct horse battery"})

    await starts(NOW)
    watched = SMALL.zone.camera_number
    cameras, rules = Cameras(database, vault=VAULT), Rules(database)
    (camera,) = [one.camera for one in await cameras.sources() if one.camera.number == watched]
    (own,) = await rules.of(camera.id)
    assert own.name == SMALL.zone.name

    drawn = [replace(own, name="Le quai", in_use=False)]
    for kept in (drawn, []):
        await rules.put(camera.id, kept, actor=ADMIN, at=NOW)
        # The second start is after the act's end, and makes another.
        await starts(NOW + 2 * SMALL.authorisation.ends_after)
        assert await rules.of(camera.id) == kept
