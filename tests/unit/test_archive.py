"""A backup's file comes back whole, or is refused: never anything between."""

import gzip
import random
from pathlib import Path

import pytest

from server.archive import ArchiveRefused, read_archive, write_archive

CONTENT = {"rows/person": random.Random(7).randbytes(150), "keys/installation.key": bytes(32)}


@pytest.fixture
def archive(tmp_path: Path) -> bytes:
    folder, out = tmp_path / "folder", tmp_path / "town.backup"
    for name, content in CONTENT.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    write_archive(out, folder, {"schema": 1})
    return out.read_bytes()


def unpacked(content: bytes, work: Path) -> dict[str, bytes]:
    """What ``read_archive`` leaves in its folder. ``work`` is a folder that is not there yet."""
    file, folder = work / "a.backup", work / "out"
    folder.mkdir(parents=True)
    file.write_bytes(content)
    read_archive(file, folder)
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_what_is_packed_comes_back(archive: bytes, tmp_path: Path) -> None:
    assert unpacked(archive, tmp_path / "whole") == CONTENT


def test_whichever_byte_is_changed_it_is_refused_or_changes_nothing(
    archive: bytes, tmp_path: Path
) -> None:
    refused = 0
    for place in range(len(archive)):
        changed = bytearray(archive)
        changed[place] ^= 1 << place % 8
        try:
            assert unpacked(bytes(changed), tmp_path / str(place)) == CONTENT
        except ArchiveRefused:
            refused += 1

    # gzip's date, system and file name, and the last bits of its last block, say nothing.
    assert refused > 0.9 * len(archive)


def test_what_no_file_holds_may_not_be_changed_either(archive: bytes, tmp_path: Path) -> None:
    plain = bytearray(gzip.decompress(archive))
    plain[-1] ^= 1  # behind the last file
    changed = gzip.compress(plain)[:-8] + archive[-8:]

    with pytest.raises(ArchiveRefused):
        unpacked(changed, tmp_path / "changed")


def test_wherever_it_is_cut_it_is_refused(archive: bytes, tmp_path: Path) -> None:
    for length in range(len(archive)):
        with pytest.raises(ArchiveRefused):
            unpacked(archive[:length], tmp_path / str(length))
