"""Which volume a folder is, and what becomes of what is found in it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from domain.identifiers import CommuneId
from domain.volumes import (
    AlarmKind,
    Claim,
    Fate,
    Found,
    Known,
    VolumeState,
    VolumeTrouble,
    alarms,
    fate,
    identity,
    is_past_any_hour,
)

NOW = datetime(2026, 10, 24, 12, tzinfo=UTC)
HERE, ELSEWHERE = "csu-1", "csu-2"
OURS, OTHER = uuid4(), uuid4()
MINE = Claim(volume=OURS, files=3, host=HERE, seen_at=NOW)
FOUND = Found(volume=OURS, path="a/b.ilr", original_is_there=True)
KNOWN = Known(claim=MINE, path="a/b.ilr", is_closed=True)


def test_a_folder_without_its_number_is_the_volume_that_most_of_its_files_are_of() -> None:
    fewer = Claim(volume=OTHER, files=2)

    assert identity([fewer, MINE], host=HERE, now=NOW) == OURS
    assert identity([], host=HERE, now=NOW) is None


def test_a_copy_of_a_volume_that_another_host_has_is_not_that_volume() -> None:
    copied = replace(MINE, host=ELSEWHERE)
    gone = replace(copied, seen_at=NOW - timedelta(hours=1))

    assert identity([copied], host=HERE, now=NOW) is None
    assert identity([gone], host=HERE, now=NOW) == OURS  # the disk was moved to this host
    assert identity([replace(MINE, host=None, seen_at=None)], host=HERE, now=NOW) == OURS


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (None, Fate.NOTE),
        (KNOWN, Fate.STAY),
        (replace(KNOWN, is_closed=False), Fate.NOTE),
        (replace(KNOWN, is_closed=False, is_doomed=True), Fate.STAY),
        (replace(KNOWN, is_doomed=True, is_destroyed=True), Fate.DESTROY),
        (replace(KNOWN, path="a/c.ilr"), Fate.DESTROY),
        (replace(KNOWN, claim=replace(MINE, volume=OTHER)), Fate.FOLLOW),
        (replace(KNOWN, claim=replace(MINE, volume=OTHER, host=ELSEWHERE)), Fate.STAY),
    ],
)
def test_what_is_found_is_what_the_index_and_the_disk_say(
    row: Known | None, expected: Fate
) -> None:
    assert fate(FOUND, row, host=HERE, now=NOW) is expected


def test_a_file_that_was_moved_is_followed_and_not_taken_for_a_copy() -> None:
    moved = replace(FOUND, original_is_there=False)

    assert fate(moved, replace(KNOWN, path="a/c.ilr"), host=HERE, now=NOW) is Fate.FOLLOW


def test_a_file_that_nobody_can_read_goes_when_the_longest_month_is_over() -> None:
    assert is_past_any_hour("2026-09-23", now=NOW)
    assert not is_past_any_hour("2026-09-24", now=NOW)
    assert not is_past_any_hour("lost+found", now=NOW)


WELL = VolumeState(
    id=OURS,
    commune_id=CommuneId(uuid4()),
    holder="media@csu-1/1",
    free_bytes=1,
    total_bytes=2,
    full_at=None,
    trouble=VolumeTrouble.NONE,
    trouble_since=None,
    overdue=0,
    seen_at=NOW,
)


@pytest.mark.parametrize("trouble", [one for one in VolumeTrouble if one is not VolumeTrouble.NONE])
def test_each_trouble_of_a_volume_is_an_alarm(trouble: VolumeTrouble) -> None:
    since = NOW - timedelta(hours=3)
    (alarm,) = alarms(replace(WELL, trouble=trouble, trouble_since=since), now=NOW)

    assert (alarm.kind.value, alarm.since) == (trouble.value, since)


def test_a_disk_that_fills_is_told_of_a_week_before_and_a_volume_nobody_sees_at_once() -> None:
    def kinds(volume: VolumeState) -> list[AlarmKind]:
        return [one.kind for one in alarms(volume, now=NOW)]

    assert kinds(WELL) == []
    assert kinds(replace(WELL, full_at=NOW + timedelta(days=8))) == []
    assert kinds(replace(WELL, full_at=NOW + timedelta(days=6))) == [AlarmKind.FILLING]
    assert kinds(replace(WELL, seen_at=NOW - timedelta(minutes=6))) == [AlarmKind.LOST]
