"""The index of recordings: what is wanted, kept, held, destroyed, and what the books say of it."""

import asyncio
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from domain.errors import Conflict, NotFound
from domain.identifiers import CameraId, HoldId
from domain.receipts import Receipt, Why
from domain.recordings import BadHold, HoldLifted
from server.database.pool import Database
from server.recordings.segments import Written
from server.recordings.volume import Volume
from tests.integration.database.archive import DAY, MINUTE, SIGNER, Archive
from tests.integration.database.town import ADMIN, NOW
from webrtc.metrics import value


async def entries(database: Database, *actions: str) -> list[str]:
    rows = await database.rows(
        "SELECT action FROM register WHERE action = ANY ($1::text[]) ORDER BY number", [*actions]
    )
    return [row["action"] for row in rows]


async def test_nothing_is_recorded_until_the_commune_says_how_long(archive: Archive) -> None:
    assert await archive.index.wanted() == []
    assert await archive.rules.retention(archive.town.commune.id) is None
    await archive.decide(15)

    (wanted,) = await archive.index.wanted()
    assert (wanted.stream_id, wanted.camera_id, wanted.keep_days) == (
        archive.camera.main_stream_id,
        archive.camera.id,
        15,
    )
    await archive.decide(None)
    assert await archive.index.wanted() == []


async def test_a_decision_is_in_the_register_once(archive: Archive, database: Database) -> None:
    await archive.decide(15)
    await archive.decide(15)

    rows = await database.rows("SELECT data FROM register WHERE about LIKE 'recording-retention%'")
    assert [json.loads(row["data"]) for row in rows] == [{"days": [None, 15]}]


async def test_a_camera_can_be_kept_out_for_good(archive: Archive) -> None:
    await archive.decide(15)
    await archive.rules.set_never(archive.camera.id, True, actor=ADMIN, at=NOW)
    assert await archive.index.wanted() == []
    assert await archive.rules.never_recorded(archive.town.commune.id) == {archive.camera.id}
    await archive.rules.set_never(archive.camera.id, False, actor=ADMIN, at=NOW)

    assert len(await archive.index.wanted()) == 1
    with pytest.raises(NotFound):
        await archive.rules.set_never(CameraId(uuid4()), True, actor=ADMIN, at=NOW)


async def test_a_segment_that_is_closed_stays_as_it_is_and_names_the_next_ones_chain(
    archive: Archive,
) -> None:
    about, path = archive.about(), archive.volume.root / "a"
    begun = Written(ended_at=NOW, pictures=0, size=10, sha256=bytes(32), is_whole=False)
    ended = replace(begun, pictures=9, sha256=b"1" * 32, is_whole=True)
    await archive.note(about, path, begun, closed=False)
    assert await archive.index.last_hashes([archive.camera.id]) == {}
    await archive.note(about, path, ended, closed=True)
    await archive.note(about, path, begun, closed=False)  # told late

    assert await archive.index.last_hashes([archive.camera.id]) == {archive.camera.id: b"1" * 32}
    known = await archive.index.known([about.segment_id], commune_id=about.commune_id)
    assert known[about.segment_id].is_closed


@pytest.mark.parametrize("sooner", [False, True])
async def test_what_is_past_its_hour_is_destroyed_and_the_rest_stays(
    archive: Archive, sooner: bool
) -> None:
    first = await archive.recorded()
    second = await archive.recorded(at=NOW + 2 * MINUTE)
    archive.now = NOW + 10 * DAY - timedelta(seconds=sooner)
    await archive.keeper().look()

    assert (first.exists(), second.exists()) == (sooner, True)


async def test_shortening_reaches_back_lengthening_does_not(archive: Archive) -> None:
    await archive.decide(10)
    path = await archive.recorded()
    for days in (5, 30):
        archive.now += DAY
        await archive.decide(days)
    archive.now = NOW + 5 * DAY
    await archive.keeper().look()

    assert not path.exists()


async def test_a_segment_found_on_the_disk_is_kept_no_longer_than_decided_since(
    archive: Archive,
) -> None:
    await archive.decide(30)
    archive.now = NOW + DAY
    await archive.decide(3)
    path = await archive.recorded(at=NOW, keep_days=30)  # its row is made anew, from its file
    archive.now = NOW + 3 * DAY
    await archive.keeper().look()

    assert not path.exists()


async def test_a_segment_begun_before_the_news_had_come_is_kept_as_was_decided(
    archive: Archive,
) -> None:
    await archive.decide(30)
    archive.now = NOW + DAY
    await archive.decide(3)
    path = await archive.recorded(at=NOW + DAY + 4 * MINUTE, keep_days=30)
    archive.now = NOW + 4 * DAY + 4 * MINUTE
    await archive.keeper().look()

    assert not path.exists()


async def test_what_is_held_outlives_its_hour_until_the_hold_is_lifted(
    archive: Archive, database: Database
) -> None:
    held = await archive.recorded()
    beside = await archive.recorded(at=NOW + timedelta(hours=1))
    placed = await archive.hold()
    kept = await archive.rules.held(placed)
    archive.now = NOW + 40 * DAY
    await archive.keeper().look()
    assert (held.exists(), beside.exists()) == (True, False)
    assert (kept.segments, kept.size) == (1, held.stat().st_size)

    await archive.rules.lift(
        placed.id, by=placed.placed_by, because="remise", actor=ADMIN, at=archive.now
    )
    await archive.keeper().look()

    assert not held.exists()
    assert await entries(database, "hold-placed", "hold-lifted") == ["hold-placed", "hold-lifted"]
    with pytest.raises(HoldLifted):
        await archive.rules.lift(
            placed.id, by=placed.placed_by, because="encore", actor=ADMIN, at=NOW
        )


async def test_a_hold_without_end_is_refused(archive: Archive) -> None:
    held = await archive.hold()
    endless = replace(held, id=HoldId(uuid4()), ends_at=NOW + 365 * DAY)

    with pytest.raises(BadHold, match="31 days"):
        await archive.rules.place(endless, actor=ADMIN)


async def test_a_hold_on_anothers_camera_is_refused(archive: Archive) -> None:
    with pytest.raises(BadHold, match="not this commune's"):
        await archive.hold(CameraId(uuid4()))


async def test_a_hold_placed_twice_is_one(archive: Archive, database: Database) -> None:
    placed = await archive.hold()

    assert await archive.rules.place(placed, actor=ADMIN) == placed
    longer = replace(placed, ends_at=placed.ends_at + MINUTE)
    with pytest.raises(Conflict):  # else its author would believe that more is held than is
        await archive.rules.place(longer, actor=ADMIN)
    assert await entries(database, "hold-placed") == ["hold-placed"]
    await archive.recorded()
    ((listed, held),) = await archive.rules.holds_with_what_they_keep([archive.town.commune.id])
    assert (listed, held.segments) == (placed, 1)


async def test_each_camera_and_day_has_a_receipt_that_verifies_without_us(
    archive: Archive, database: Database
) -> None:
    paths = [await archive.recorded(at=NOW + n * MINUTE) for n in (0, 3)]
    sizes = sum(path.stat().st_size for path in paths)
    archive.now = NOW + 10 * DAY + timedelta(hours=1)
    await archive.keeper().look()
    assert await entries(database, "recordings-destroyed") == []  # the day is not over
    archive.now += DAY
    await archive.keeper().look()
    await archive.keeper().look()

    day = (NOW + 10 * DAY).date()
    (signed,) = await archive.rules.receipts(archive.town.commune.id, first=day, last=day)
    SIGNER.public_key().verify(signed.signature, signed.body)
    receipt = Receipt.read(signed.body)
    assert (receipt.source, receipt.day, receipt.size) == (archive.camera.id, day, sizes)
    assert [one.why for one in receipt.destroyed] == [Why.RETENTION] * 2
    assert await entries(database, "recordings-destroyed") == ["recordings-destroyed"]
    assert await database.value("SELECT count(*) FROM recording_segment") == 0


async def test_a_file_that_went_by_another_hand_is_called_lost(archive: Archive) -> None:
    path = await archive.recorded()
    path.unlink()
    archive.now = NOW + 12 * DAY
    await archive.keeper().look()
    archive.now += DAY
    await archive.keeper().look()

    (signed,) = await archive.rules.receipts(
        archive.town.commune.id, first=NOW.date(), last=archive.now.date()
    )
    assert [one.why for one in Receipt.read(signed.body).destroyed] == [Why.LOST]


async def test_what_is_being_written_is_counted_among_what_a_hold_keeps(archive: Archive) -> None:
    about, path = archive.about(), archive.volume.root / "a"
    begun = Written(ended_at=NOW, pictures=0, size=10, sha256=bytes(32), is_whole=False)
    await archive.note(about, path, begun, closed=False)
    placed = await archive.hold(at=NOW + 2 * MINUTE)
    before = await archive.hold(at=NOW - timedelta(hours=3))

    assert (await archive.rules.held(placed)).segments == 1
    listed = await archive.rules.holds_with_what_they_keep([archive.town.commune.id])
    assert {hold.id: held.segments for hold, held in listed} == {placed.id: 1, before.id: 0}


async def test_a_full_disk_lets_the_oldest_go_and_never_what_is_held(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = await archive.recorded()
    await archive.hold()
    older = await archive.recorded(at=NOW + timedelta(hours=2))
    newer = await archive.recorded(at=NOW + timedelta(hours=3))
    room = archive.volume.room()  # others write on this disk too
    monkeypatch.setattr(Volume, "room", lambda volume: replace(room, free=0))
    archive.now = NOW + timedelta(hours=4)
    await archive.keeper(reserve_bytes=2**20).look()  # more is wanted than there is

    assert (held.exists(), older.exists(), newer.exists()) == (True, False, False)


async def test_room_is_made_of_no_more_than_is_wanted(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    older = await archive.recorded()
    newer = await archive.recorded(at=NOW + 3 * MINUTE)
    room = archive.volume.room()
    monkeypatch.setattr(Volume, "room", lambda volume: replace(room, free=999))
    await archive.keeper(reserve_bytes=1000).look()

    assert (older.exists(), newer.exists()) == (False, True)


async def test_what_can_not_be_destroyed_is_an_alarm_and_tried_again(
    archive: Archive, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = await archive.recorded()
    archive.now = NOW + 11 * DAY
    keeper = archive.keeper()

    def refuse(volume: Volume, relative: str) -> bool:
        raise OSError(30, "Read-only file system")

    with monkeypatch.context() as readonly:
        readonly.setattr(Volume, "remove", refuse)
        await keeper.look()
    row = await database.row("SELECT trouble, overdue, trouble_since FROM recording_volume")
    assert row is not None
    assert (row["trouble"], row["overdue"], row["trouble_since"]) == ("purge", 1, archive.now)
    assert (value(keeper._metrics.failing), value(keeper._metrics.overdue)) == (1, 1)

    await keeper.look()
    assert not path.exists()
    assert (value(keeper._metrics.failing), value(keeper._metrics.overdue)) == (0, 0)


async def test_folders_that_are_no_volume_of_ours_stop_nobody(archive: Archive) -> None:
    path = await archive.recorded()
    root = archive.volume.root.parent
    (root / str(uuid4())).mkdir()  # of a commune that is not here
    (root / "lost+found").mkdir()
    (broken := root / str(uuid4())).mkdir()
    (broken / "volume.id").write_text("garbage")
    archive.now = NOW + 11 * DAY
    keeper = archive.keeper()
    await keeper.look()

    assert not path.exists()
    assert value(keeper._metrics.failing) == 1


async def test_two_keepers_of_one_host_do_each_thing_once(archive: Archive) -> None:
    for n in range(5):
        await archive.recorded(at=NOW + n * MINUTE)
    archive.now = NOW + 12 * DAY
    await asyncio.gather(archive.keeper().look(), archive.keeper().look())
    archive.now += DAY
    await asyncio.gather(archive.keeper().look(), archive.keeper().look())
    await archive.keeper().look()

    signed = await archive.rules.receipts(
        archive.town.commune.id, first=NOW.date(), last=archive.now.date()
    )
    assert [len(Receipt.read(one.body).destroyed) for one in signed] == [5]


async def test_the_day_on_which_a_disk_will_be_full_is_said_early(archive: Archive) -> None:
    await archive.decide(10)
    for hours in (1, 2, 3):
        await archive.recorded(at=NOW - timedelta(hours=hours))
    size = 3 * (await archive.recorded(at=NOW - timedelta(hours=4))).stat().st_size

    async def full_at(bytes_free: int) -> datetime | None:
        return await archive.index.full_at(
            archive.volume.id, archive.town.commune.id, bytes_free=bytes_free, now=NOW
        )

    soon = await full_at(size)
    assert soon is not None
    assert NOW < soon.astimezone(UTC) < NOW + timedelta(hours=5)
    assert await full_at(size * 1_000_000) is None
