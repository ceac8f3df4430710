"""A segment's file: what was written is there after any end, and any change is found and named."""

import os
import resource
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from server.recordings.segments import About, Damaged, SegmentFile, SegmentWriter, recover
from server.recordings.volume import Volume
from tests.component.recordings.conftest import MASTER, STARTED

HEAD, FRAGMENTS = b"head" * 10, [bytes([65 + n]) * (20 + 7 * n) for n in range(5)]
MP4 = HEAD + b"".join(FRAGMENTS)
on_files = settings(
    deadline=None,  # a busy machine is no failure
    max_examples=60,
    suppress_health_check=[
        HealthCheck.too_slow,
        HealthCheck.function_scoped_fixture,  # the whole file is only read
    ],
)


def write(path: Path, about: About) -> SegmentWriter:
    writer = SegmentWriter(path, about, master=MASTER)
    writer.head(HEAD)
    for number, data in enumerate(FRAGMENTS):
        newest_at = STARTED + (number + 1) * timedelta(seconds=0.4)
        writer.fragment(data, newest_at=newest_at, pictures=10)
    return writer


@pytest.fixture
def written(tmp_path: Path, about: About) -> Path:
    write(tmp_path / "whole.ilr", about).end()
    return tmp_path / "whole.ilr"


def read(path: Path) -> bytes:
    with SegmentFile(path, master=MASTER) as file:
        return b"".join(file.mp4())


def test_what_was_written_is_read_and_its_hash_is_that_of_the_file(
    tmp_path: Path, about: About
) -> None:
    said = write(tmp_path / "a.ilr", about).end()

    with SegmentFile(tmp_path / "a.ilr", master=MASTER) as file:
        assert b"".join(file.mp4()) == MP4
        assert (file.about, file.is_whole, file.mp4_size) == (about, True, len(MP4))
        assert file.check() == said
    assert said.sha256 == sha256((tmp_path / "a.ilr").read_bytes()).digest()
    assert said.ended_at == STARTED + timedelta(seconds=2)
    assert said.pictures == 50


def test_nothing_of_the_pictures_lies_open_on_the_disk(written: Path) -> None:
    raw = written.read_bytes()

    assert HEAD not in raw
    assert not any(data in raw for data in FRAGMENTS)
    assert written.stat().st_mode & 0o077 == 0


@given(start=st.integers(0, len(MP4)), length=st.integers(0, len(MP4)))
@on_files
def test_any_part_can_be_read_alone(written: Path, start: int, length: int) -> None:
    with SegmentFile(written, master=MASTER) as file:
        assert b"".join(file.mp4(start, start + length)) == MP4[start : start + length]


@given(cut=st.floats(0, 1), zeros=st.integers(0, 40))
@on_files
def test_a_torn_tail_costs_the_last_fragment_and_no_more(
    written: Path, cut: float, zeros: int
) -> None:
    """Power that fails leaves a file short, or with zeros where nothing had arrived yet."""
    raw = written.read_bytes()
    with SegmentFile(written, master=MASTER) as file:
        starts = [chunk.offset - 5 for chunk in file._chunks]
    size = starts[1] + round(cut * (len(raw) - starts[1]))
    torn = written.with_name("torn.ilr")
    torn.write_bytes(raw[:size] + bytes(zeros))
    whole = sum(size >= start for start in starts[2:])

    found = recover(torn, master=MASTER)

    if not whole:
        assert found is None
        return
    assert found is not None
    assert found[1].pictures == 10 * min(whole, 5)
    assert read(torn) == HEAD + b"".join(FRAGMENTS[: min(whole, 5)])
    assert found[1].sha256 == sha256(torn.read_bytes()).digest()
    assert recover(torn, master=MASTER) == found


@given(st.data())
@on_files
def test_a_changed_byte_is_found_wherever_it_is(written: Path, data: st.DataObject) -> None:
    raw = written.read_bytes()
    at = data.draw(st.integers(0, len(raw) - 1))
    changed = written.with_name("changed.ilr")
    changed.write_bytes(
        raw[:at] + bytes([raw[at] ^ data.draw(st.integers(1, 255))]) + raw[at + 1 :]
    )

    was = None
    with suppress(Damaged), SegmentFile(changed, master=MASTER) as file:
        was = file.check()

    # Where the length of a part was changed, what is behind it is not read: the end is missing.
    assert was is None or not was.is_whole


def test_the_changed_part_is_named(written: Path) -> None:
    with SegmentFile(written, master=MASTER) as file:
        place = file._chunks[3]
    raw = bytearray(written.read_bytes())
    raw[place.offset + 2] ^= 1
    written.write_bytes(raw)

    with SegmentFile(written, master=MASTER) as file, pytest.raises(Damaged, match="part 3 was"):
        file.check()


def test_parts_can_not_change_places(written: Path, tmp_path: Path, about: About) -> None:
    write(tmp_path / "other.ilr", about).end()
    with SegmentFile(written, master=MASTER) as file:
        one, two = file._chunks[1:3]
    raw, other = written.read_bytes(), (tmp_path / "other.ilr").read_bytes()
    first, second = (raw[p.offset - 5 : p.offset + p.size] for p in (one, two))
    swapped = raw.replace(first + second, second + first)
    from_other = raw.replace(first, other[one.offset - 5 : one.offset + one.size])

    for wrong in (swapped, from_other):
        written.write_bytes(wrong)
        with SegmentFile(written, master=MASTER) as file, pytest.raises(Damaged, match="part 1"):
            file.check()


def test_another_installations_key_opens_nothing(written: Path) -> None:
    with pytest.raises(Damaged, match="another key"):
        SegmentFile(written, master=bytes(32))


def test_a_header_that_promises_a_longer_retention_is_refused(written: Path) -> None:
    written.write_bytes(written.read_bytes().replace(b'"keep_days":10', b'"keep_days":30'))

    with pytest.raises(Damaged, match="header"):
        SegmentFile(written, master=MASTER)


def test_a_file_without_a_picture_is_none(tmp_path: Path, about: About) -> None:
    writer = SegmentWriter(tmp_path / "a.ilr", about, master=MASTER)
    writer.head(HEAD)
    writer.close()

    assert recover(tmp_path / "a.ilr", master=MASTER) is None


@pytest.mark.parametrize("raw", [b"", b"ILOTREC1", b"ILOTREC1\0\0\0\x02{}", b"\xff" * 100])
def test_what_is_no_recording_is_refused(tmp_path: Path, raw: bytes) -> None:
    (tmp_path / "a.ilr").write_bytes(raw)

    with pytest.raises(Damaged):
        recover(tmp_path / "a.ilr", master=MASTER)


def test_a_file_that_is_being_written_is_left_alone(tmp_path: Path, about: About) -> None:
    writer = write(tmp_path / "a.ilr", about)
    with pytest.raises(BlockingIOError):
        recover(tmp_path / "a.ilr", master=MASTER)
    assert read(tmp_path / "a.ilr") == MP4  # and may be read meanwhile
    writer.close()

    found = recover(tmp_path / "a.ilr", master=MASTER)
    assert found is not None
    assert not found[1].is_whole


@contextmanager
def files_at_most(size: int) -> Iterator[None]:
    """A disk that takes so much of a file: a write that passes it is done in part, then refused."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.parametrize("more", [3, 20])
def test_a_full_disk_leaves_the_fragments_before_whole(
    tmp_path: Path, about: About, more: int
) -> None:
    path = tmp_path / "a.ilr"
    writer = write(path, about)
    whole = path.stat().st_size

    with files_at_most(whole + more), pytest.raises(OSError):  # noqa: PT011 any refusal of a disk
        writer.fragment(b"x" * 500, newest_at=STARTED, pictures=1)
    writer.close()

    assert os.path.getsize(path) == whole
    assert read(path) == MP4


# Volumes


def make_volume(tmp_path: Path, about: About) -> Volume:
    return Volume(tmp_path / str(about.commune_id))


def test_a_volume_keeps_its_number_and_knows_its_files(tmp_path: Path, about: About) -> None:
    volume = make_volume(tmp_path, about)
    path = volume.path_of(about)
    write(path, about).end()

    assert make_volume(tmp_path, about).id == volume.id
    assert list(volume.files()) == [(about.segment_id, path)]
    assert list(volume.by_day([STARTED.date()])) == [[path]]
    assert list(volume.by_day([STARTED.date() + timedelta(days=1)])) == [[]]
    assert volume.room().free <= volume.room().total
    volume.sync()


def test_what_is_removed_is_gone_with_its_empty_folders(tmp_path: Path, about: About) -> None:
    volume = make_volume(tmp_path, about)
    path = volume.path_of(about)
    write(path, about).end()

    assert volume.remove(volume.relative(path))
    assert not volume.remove(volume.relative(path))
    assert not path.parent.parent.exists()


def test_one_process_at_a_time_tidies_a_volume(tmp_path: Path, about: About) -> None:
    volume = make_volume(tmp_path, about)
    with volume.alone() as first, make_volume(tmp_path, about).alone() as second:
        assert (first, second) == (True, False)
    with volume.alone() as again:
        assert again
