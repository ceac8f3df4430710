"""A volume whose number was lost, and files that the index does not know: all go at their hour."""

import shutil
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from domain.receipts import Receipt
from domain.volumes import AlarmKind, alarms
from server.database.lost_volumes import LostVolumes
from server.database.pool import Database
from server.recordings.volume import Volume
from tests.integration.database.archive import DAY, MINUTE, SIGNER, Archive
from tests.integration.database.town import ADMIN, NOW


async def volume_of(database: Database) -> UUID:
    found: UUID = await database.value("SELECT DISTINCT volume FROM recording_segment")
    return found


@pytest.mark.parametrize("left", [None, "", "garbage"])
async def test_a_volume_whose_number_is_lost_is_taken_up_again_and_purged(
    archive: Archive, left: str | None
) -> None:
    path = await archive.recorded()
    held = await archive.recorded(at=NOW + 2 * timedelta(hours=1))
    await archive.hold(at=NOW + 2 * timedelta(hours=1))
    number = archive.volume.root / "volume.id"
    number.unlink() if left is None else number.write_text(left)
    archive.now = NOW + 11 * DAY
    await archive.keeper().look()

    assert (path.exists(), held.exists()) == (False, True)
    assert Volume(archive.volume.root).id == archive.volume.id


async def test_rows_of_a_number_that_was_given_anew_follow_their_files(
    archive: Archive, database: Database
) -> None:
    path, later = await archive.recorded(), await archive.recorded(at=NOW + 5 * DAY)
    anew = uuid4()
    (archive.volume.root / "volume.id").write_text(str(anew))
    archive.now = NOW + 11 * DAY
    keeper = archive.keeper()
    await keeper.look()
    await keeper.look()

    assert (path.exists(), later.exists()) == (False, True)
    assert await volume_of(database) == anew


async def test_a_copy_under_another_name_goes_and_the_segment_stays(archive: Archive) -> None:
    path = await archive.recorded()
    other_day = path.parent.with_name("2026-01-01")
    other_day.mkdir()
    copies = [path.with_name("kept for later.bak"), other_day / path.name]
    for copy in copies:
        shutil.copy(path, copy)
    await archive.keeper().look()

    assert path.exists()
    assert not any(copy.exists() for copy in copies)


async def test_a_file_that_the_index_does_not_know_goes_at_its_hour_with_a_receipt(
    archive: Archive, database: Database
) -> None:
    """Also where nothing is recorded any more: no recorder looks through that volume."""
    path = await archive.recorded()
    moved = path.rename(path.with_name("copie.ilr"))
    await database.value("DELETE FROM recording_segment RETURNING 1")
    keeper = archive.keeper()
    await keeper.look()
    assert moved.exists()
    archive.now = NOW + 10 * DAY
    await keeper.look()
    assert not moved.exists()
    archive.now += DAY
    await keeper.look()

    day = (NOW + 10 * DAY).date()
    (signed,) = await archive.rules.receipts(archive.town.commune.id, first=day, last=day)
    assert Receipt.read(signed.body).destroyed[0].started_at == NOW


async def test_what_was_destroyed_and_comes_back_from_a_copy_of_the_disk_goes_again(
    archive: Archive, tmp_path: Path
) -> None:
    path = await archive.recorded()
    shutil.copy(path, tmp_path / "copy")
    archive.now = NOW + 10 * DAY
    await archive.keeper().look()
    path.parent.mkdir(parents=True)
    for after in (MINUTE, 2 * DAY):  # before its receipt is signed, and when its row is forgotten
        archive.now += after
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(tmp_path / "copy", path)
        keeper = archive.keeper()
        await keeper.look()
        await keeper.look()
        assert not path.exists()


async def test_a_volume_that_nobody_sees_is_missed_while_there_are_recordings_on_it(
    archive: Archive,
) -> None:
    await archive.recorded()
    await archive.keeper().look()
    archive.now += timedelta(minutes=10)
    (missed,) = await archive.rules.volumes_to_watch(at=archive.now)
    (alarm,) = alarms(missed, now=archive.now)
    assert (alarm.kind, alarm.since) == (AlarmKind.LOST, NOW)
    archive.now = NOW + 10 * DAY
    await archive.keeper().look()
    archive.now += timedelta(hours=1)

    assert await archive.rules.volumes_to_watch(at=archive.now) == []


async def test_what_is_not_ours_is_left_alone(archive: Archive) -> None:
    path = await archive.recorded()
    strange = path.with_name("notes.txt")
    strange.write_text("of somebody")
    await archive.keeper().look()

    assert strange.exists()


async def test_a_volume_that_was_declared_gone_and_comes_back_keeps_what_is_held(
    archive: Archive, database: Database
) -> None:
    path = await archive.recorded()
    held = await archive.recorded(at=NOW + 2 * timedelta(hours=1))
    await archive.hold(at=NOW + 2 * timedelta(hours=1))
    await archive.keeper().look()
    lost, commune = LostVolumes(database), archive.town.commune.id
    archive.now += timedelta(hours=1)
    for written_off in (False, True):
        shown = await lost.loss(archive.volume.id, commune)
        await lost.declare(
            archive.volume.id,
            commune,
            shown=shown,
            motive="disque muet",
            actor=ADMIN,
            at=archive.now,
        )
        while written_off and await lost.write_off(sign=SIGNER.sign, now=archive.now):
            pass
        await archive.keeper().look()
        assert not await lost.write_off(sign=SIGNER.sign, now=archive.now)
        assert shown == await lost.loss(archive.volume.id, commune)
        archive.now += timedelta(hours=1)

    archive.now = NOW + 11 * DAY
    await archive.keeper().look()
    assert (path.exists(), held.exists()) == (False, True)
