"""Pictures of recordings: kept no longer than these, and no more of them wait than has room."""

import asyncio
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request
from pytest_aiohttp.plugin import AiohttpClient

from domain.errors import Unavailable
from domain.streams import Codec
from server.media.pictures import MOST_BYTES, MOST_WAITING_BYTES, Pictures, Playable
from server.media.reading import Readers
from server.recordings.joining import fragments_in
from server.recordings.segments import About, SegmentWriter
from server.recordings.volume import Volume
from tests.component.recordings.conftest import MASTER, RENDITIONS, STARTED
from tests.component.recordings.test_joining import recorded


def record(path: Path, about: About) -> int:
    """Write two seconds; give the place of their second keyframe."""
    head, body = recorded(Codec.H264)
    fragments = [*fragments_in([body], bytearray())]
    writer = SegmentWriter(path, about, master=MASTER)
    writer.head(head)
    for fragment in fragments:
        writer.fragment(fragment, newest_at=STARTED, pictures=10)
    writer.end()
    return len(head) + len(fragments[0])


async def test_the_thumbnail_of_a_destroyed_recording_leaves_the_memory(
    tmp_path: Path, about: About, aiohttp_client: AiohttpClient
) -> None:
    readers, app = Readers(tmp_path, master=MASTER, renditions=RENDITIONS), web.Application()
    readers.add_to(app)
    client = await aiohttp_client(app)
    path = Volume(tmp_path / str(about.commune_id)).path_of(about)
    stop = record(path, about)
    url = f"/pictures/{path.relative_to(tmp_path)}?start=0&stop={stop}&width=80"
    assert (await client.get(url)).status == 200
    await readers.forget_destroyed()
    assert readers._pictures.files == {path}

    path.unlink()
    await readers.forget_destroyed()
    assert readers._pictures.files == set()
    assert (await client.get(url)).status != 200


async def test_large_pictures_that_wait_to_be_decoded_are_bounded_in_bytes() -> None:
    begun, goes_on = asyncio.Semaphore(0), asyncio.Event()

    async def read(path: Path, start: int, stop: int) -> Playable:
        begun.release()
        await goes_on.wait()
        return Playable(b"", STARTED)

    pictures = Pictures(name=lambda request: Path(request.path), read=read)
    request = make_mocked_request("GET", f"/pictures/a?start=0&stop={MOST_BYTES}")
    waiting = [
        asyncio.create_task(pictures.send(request)) for _ in range(MOST_WAITING_BYTES // MOST_BYTES)
    ]
    for _ in waiting:
        await begun.acquire()

    with pytest.raises(Unavailable):
        await pictures.send(make_mocked_request("GET", "/pictures/a?start=0&stop=1"))
    goes_on.set()
    await asyncio.wait(waiting)
    pictures.close()
    assert all(task.exception() is not None for task in waiting)  # nothing that can be decoded
