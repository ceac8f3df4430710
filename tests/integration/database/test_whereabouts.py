"""At which presets cameras look, from who asks them to who watches their pictures."""

from datetime import timedelta
from uuid import uuid4

from domain.identifiers import CameraId
from domain.ptz import SEEN_FOR, Looking, Whereabouts
from server.database.pool import Database
from server.database.tours import Whereabout
from server.whereabouts import PresetsSeen
from tests.integration.database.town import NOW, Town


async def test_a_camera_is_at_its_preset_until_it_is_moved_or_not_asked_any_more(
    town: Town, database: Database
) -> None:
    book, now = Whereabout(database), NOW
    turns = await town.camera(order=await town.order())
    presets = PresetsSeen(book, clock=lambda: now)
    await book.looked(turns.id, Whereabouts(Looking.AT_PRESET, "2"), at=NOW)

    await presets.read()

    assert presets.preset_in(turns.id, NOW) == "2"
    assert presets.preset_in(CameraId(uuid4()), NOW) is None
    now = NOW + SEEN_FOR
    assert presets.preset_in(turns.id, now) is None
    now = NOW + timedelta(seconds=1)
    await book.looked(turns.id, Whereabouts(Looking.MOVING), at=now)
    await presets.read()
    assert presets.preset_in(turns.id, now) is None
