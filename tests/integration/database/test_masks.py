"""Masks: each decision is kept, noted, and told to the media process with the next look."""

from datetime import timedelta
from uuid import uuid4

import pytest

from domain.errors import NotFound
from domain.identifiers import CameraId, PersonId, SegmentId, StreamId
from domain.masks import InvalidMask, Mask, MasksChanged
from domain.people import Role
from domain.streams import Codec
from server.database.cameras import Cameras
from server.database.masks import Masks
from server.database.pool import Database
from server.database.recordings import Recordings
from server.recordings.segments import GENESIS, About, Written
from tests.integration.database.town import ADMIN, NOW, VAULT, Town

TOP = Mask.drawn([[0, 0], [1, 0], [1, 0.25], [0, 0.25]])
LEFT = Mask.drawn([[0, 0], [0.25, 0], [0.25, 1], [0, 1]])


class Deciding:
    """The masks of one camera, in the hands of one person."""

    def __init__(self, database: Database, camera_id: CameraId, person_id: PersonId) -> None:
        self.masks, self.camera_id, self.person_id = Masks(database), camera_id, person_id

    async def decide(self, *masks: Mask, after: int, by_camera: bool = False) -> int:
        who = {"person_id": self.person_id, "actor": ADMIN, "at": NOW}
        decided = await self.masks.decide(
            self.camera_id,
            masks,
            by_camera=by_camera,
            after=after,
            **who,  # type: ignore[arg-type]  # a table of three sorts
        )
        return decided.version

    async def versions(self) -> list[tuple[int, tuple[Mask, ...]]]:
        return [(d.masking.version, d.masking.masks) for d in await self.masks.of(self.camera_id)]


@pytest.fixture
async def deciding(database: Database, town: Town) -> Deciding:
    camera, person = await town.camera(), await town.person(Role.ADMINISTRATOR, name="Dumas")
    return Deciding(database, camera.id, person.id)


async def told(database: Database) -> int:
    found: int = await database.value(
        "SELECT count(*) FROM outbox WHERE kind = 'camera-changed' AND seq > 0"
    )
    return found


async def test_every_decision_is_kept_and_a_former_one_comes_again_as_a_new_one(
    database: Database, deciding: Deciding
) -> None:
    before = await told(database)
    assert await deciding.decide(TOP, after=0) == 1
    assert await deciding.decide(TOP, LEFT, after=1) == 2
    assert await deciding.decide(TOP, after=2) == 3

    assert await deciding.versions() == [(3, (TOP,)), (2, (TOP, LEFT)), (1, (TOP,))]
    assert (await deciding.masks.of(deciding.camera_id))[0].by_name == "Dumas"
    rows = await database.rows(
        "SELECT data FROM register WHERE action = 'masks-decided' ORDER BY number"
    )
    assert [str(row["data"]).count("version") for row in rows] == [1, 1, 1]
    assert await told(database) == before + 3


async def test_what_is_in_force_is_not_decided_again(
    database: Database, deciding: Deciding
) -> None:
    await deciding.decide(TOP, after=0)
    before = await told(database)

    assert await deciding.decide(TOP, after=1) == 1
    assert await told(database) == before
    assert await deciding.decide(after=1) == 2  # nothing to hide is a decision too


async def test_who_has_not_seen_what_is_in_force_decides_nothing(deciding: Deciding) -> None:
    await deciding.decide(TOP, after=0)

    with pytest.raises(MasksChanged):
        await deciding.decide(after=0)
    assert await deciding.versions() == [(1, (TOP,))]


async def test_no_camera_no_masks(database: Database, deciding: Deciding) -> None:
    deciding.camera_id = CameraId(uuid4())

    with pytest.raises(NotFound):
        await deciding.decide(TOP, after=0)


async def test_the_media_process_and_who_asks_by_the_address_are_given_what_is_in_force(
    database: Database, deciding: Deciding, town: Town
) -> None:
    cameras = Cameras(database, vault=VAULT)
    source = (await cameras.sources())[0]
    address = source.main_url
    assert (source.masks, source.masks_version) == ((), 0)
    await deciding.decide(LEFT, after=0)
    await deciding.decide(TOP, LEFT, after=1)

    source = (await cameras.sources())[0]
    assert (source.masks, source.masks_version) == ((TOP, LEFT), 2)
    assert source == await cameras.sources_of(deciding.camera_id)
    assert await deciding.masks.of_address(address) == (TOP, LEFT)
    assert await deciding.masks.of_address(address + "2") == (TOP, LEFT)
    await town.camera(31, url=address + "2")  # another channel, of a recorder say
    assert await deciding.masks.of_address(address + "2") == ()
    assert await deciding.masks.of_address(address + "3") == (TOP, LEFT)
    assert await deciding.masks.of_address("rtsp://elsewhere.example/") == ()


async def test_a_camera_that_can_be_moved_masks_itself(
    database: Database, deciding: Deciding
) -> None:
    async with database.transaction() as t:
        await t.execute(
            "INSERT INTO camera_onvif VALUES ($1, 'http://192.0.2.10', 'p', 'm', true, false, "
            "false, $2)",
            deciding.camera_id,
            NOW,
        )

    with pytest.raises(InvalidMask, match="while it turns"):
        await deciding.decide(TOP, after=0)
    assert await deciding.decide(after=0, by_camera=True) == 1


async def test_a_segment_names_the_masks_that_were_in_force_when_it_was_begun(
    database: Database, town: Town, deciding: Deciding
) -> None:
    await deciding.decide(TOP, after=0)
    await deciding.decide(LEFT, after=1)
    recordings = Recordings(database)
    for minutes in (-5, 5):
        about = About(
            segment_id=SegmentId(uuid4()),
            commune_id=town.commune.id,
            stream_id=StreamId(uuid4()),
            camera_id=deciding.camera_id,
            started_at=NOW + timedelta(minutes=minutes),
            keep_days=10,
            codec=Codec.H264,
            with_sound=False,
            previous=GENESIS,
        )
        written = Written(
            ended_at=about.started_at, pictures=1, size=1, sha256=bytes(32), is_whole=True
        )
        await recordings.note(about, volume=uuid4(), path="a", written=written, closed=False)

    rows = await database.rows("SELECT masks_version FROM recording_segment ORDER BY started_at")
    assert [row["masks_version"] for row in rows] == [None, 2]
