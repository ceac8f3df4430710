"""Recordings read back by parts, as players ask; a changed one ends short of its length."""

import asyncio
import threading
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest
from aiohttp import ClientError, web
from aiohttp.test_utils import TestClient
from pytest_aiohttp.plugin import AiohttpClient

from domain.identifiers import CommuneId, SegmentId
from server.media.reading import Readers
from server.recordings.segments import About, SegmentFile
from server.recordings.volume import Volume
from tests.component.recordings.conftest import MASTER, RENDITIONS
from tests.component.recordings.test_segments import MP4, write

type Client = TestClient[web.Request, web.Application]


@pytest.fixture
def readers(tmp_path: Path) -> Readers:
    return Readers(tmp_path, master=MASTER, renditions=RENDITIONS)


@pytest.fixture
async def client(readers: Readers, aiohttp_client: AiohttpClient) -> Client:
    app = web.Application()
    readers.add_to(app)
    return await aiohttp_client(app)


@pytest.fixture
def recorded(tmp_path: Path, about: About) -> Path:
    path = Volume(tmp_path / str(about.commune_id)).path_of(about)
    write(path, about).end()
    return path


def address(tmp_path: Path, path: Path) -> str:
    return f"/recordings/{path.relative_to(tmp_path)}"


def change_a_byte(path: Path) -> None:
    with SegmentFile(path, master=MASTER) as file:
        place = file._chunks[4]
    raw = bytearray(path.read_bytes())
    raw[place.offset] ^= 1
    path.write_bytes(raw)


async def test_it_is_sent_whole_with_its_length(
    client: Client, tmp_path: Path, recorded: Path
) -> None:
    answer = await client.get(address(tmp_path, recorded))

    assert (answer.status, answer.content_type) == (200, "video/mp4")
    assert (answer.headers["Accept-Ranges"], answer.content_length) == ("bytes", len(MP4))
    assert await answer.read() == MP4


@pytest.mark.parametrize(
    ("asked", "start", "stop"),
    [
        ("bytes=0-0", 0, 1),
        ("bytes=10-99", 10, 100),
        ("bytes=50-", 50, len(MP4)),
        ("bytes=-7", len(MP4) - 7, len(MP4)),
        ("bytes=0-99999", 0, len(MP4)),
    ],
)
async def test_any_part_is_sent_alone(
    client: Client, tmp_path: Path, recorded: Path, asked: str, start: int, stop: int
) -> None:
    answer = await client.get(address(tmp_path, recorded), headers={"Range": asked})

    assert answer.status == 206
    assert answer.headers["Content-Range"] == f"bytes {start}-{stop - 1}/{len(MP4)}"
    assert await answer.read() == MP4[start:stop]


@pytest.mark.parametrize("asked", ["bytes=99999-", "bytes=x", "lines=1-2"])
async def test_a_part_that_is_not_there_is_refused(
    client: Client, tmp_path: Path, recorded: Path, asked: str
) -> None:
    answer = await client.get(address(tmp_path, recorded), headers={"Range": asked})

    assert answer.status == 416
    assert answer.headers["Content-Range"] == f"bytes */{len(MP4)}"


async def test_a_changed_recording_ends_short_of_its_length(
    client: Client, tmp_path: Path, recorded: Path
) -> None:
    change_a_byte(recorded)
    answer = await client.get(address(tmp_path, recorded))
    with pytest.raises(ClientError):
        await answer.read()


async def test_a_disk_that_hangs_holds_up_the_readers_of_no_other(
    client: Client, tmp_path: Path, recorded: Path, about: About, monkeypatch: pytest.MonkeyPatch
) -> None:
    hanging = replace(about, commune_id=CommuneId(uuid4()), segment_id=SegmentId(uuid4()))
    path = Volume(tmp_path / str(hanging.commune_id)).path_of(hanging)
    write(path, hanging).end()
    goes_on, hung = threading.Event(), threading.Semaphore(0)
    part = SegmentFile.plain

    def hang(self: SegmentFile, number: int) -> bytes:
        if self.path == path:
            hung.release()
            goes_on.wait(60)
        return part(self, number)

    monkeypatch.setattr(SegmentFile, "plain", hang)
    async with asyncio.TaskGroup() as asking:
        waiting = [asking.create_task(client.get(address(tmp_path, path))) for _ in range(40)]
        assert await asyncio.to_thread(hung.acquire, timeout=60)
        answer = await client.get(address(tmp_path, recorded))
        assert await answer.read() == MP4
        goes_on.set()

    assert {each.result().status for each in waiting} == {200}
