"""What a fixed camera costs: taken in over RTSP, recorded, and watched by some.

    python -m benchmarks.cameras [--json] [--quick] [--soak [MINUTES]]

100 cameras of 720p15, 1 Mbit/s, keyframe every 2 s, over RTSP/TCP on the loopback. One generator
replays one film to all of them (`benchmarks._rtsp_source` says how), in a process of its own; its
CPU, and that of the viewers in this process, is told apart. The media process is the real service
and the real recorder; three windows: taken in; taken in and recorded; and with 20 cameras watched
over WHEP, one viewer each. CPU is the run time of all its threads, per 15 pictures a second of a
camera that came, so that a busy machine that shows fewer does not look cheap.

Base, in the same run: the same cameras taken in by FFmpeg's demuxer with a thread each.

Lost is what the recorder could not record, what cameras' connections dropped, and gaps at the
viewers. `--soak [MINUTES]`: recorded and watched for ten minutes, or so many; memory is told at
each fifth of it.
"""

import asyncio
import os
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import av

from benchmarks._command import options, tell
from benchmarks._machine import cpu_s, machine, resident_bytes, unpin
from benchmarks._media import Media, media_process
from benchmarks._peers import Receiver, close_all, use_address
from benchmarks.recorder import FPS, film
from server.media.recorder import PLAN_EVERY_S
from webrtc import h264

CAMERAS, WATCHED = 100, 20
_FILM_S = 4
_SETTLE_S = 1.5
_AT_ONCE = 2
"""Viewers that connect side by side: so many turns a media process gives at a time."""
_SOAK_MINUTES = 10.0


class Source:
    """The process that is all the cameras."""

    def __init__(self, pid: int, port: int) -> None:
        self.pid, self._port = pid, port

    def urls(self) -> dict[str, str]:
        """Addresses by the ids of their streams."""
        return {str(uuid4()): f"rtsp://127.0.0.1:{self._port}/{n}" for n in range(CAMERAS)}


@asynccontextmanager
async def source_of(clip: Path) -> AsyncIterator[Source]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "benchmarks._rtsp_source", str(clip), str(FPS)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdin is not None  # noqa: S101 asked for above
    assert process.stdout is not None  # noqa: S101 asked for above
    try:
        yield Source(process.pid, int(await process.stdout.readline()))
    finally:
        process.stdin.close()
        await process.wait()


async def take_in(media: Media, source: Source) -> list[UUID]:
    """All cameras, each live when this returns."""
    unpin(media.pid)
    urls = source.urls()
    async with media.http.post(f"{media.url}/cameras", json={"cameras": urls}) as response:
        response.raise_for_status()
    async with asyncio.timeout(120):
        while True:
            live = [one["id"] for one in await media.streams() if one["state"] == "live"]
            if len(live) == CAMERAS:
                break
            await asyncio.sleep(0.2)
    await asyncio.sleep(_SETTLE_S)
    return [UUID(one) for one in urls]


async def record(media: Media) -> None:
    async with media.http.post(f"{media.url}/record") as response:
        response.raise_for_status()
    await asyncio.sleep(_SETTLE_S + PLAN_EVERY_S)


async def watch(media: Media, streams: list[UUID]) -> list[Receiver]:
    """One viewer for each of these."""
    found: list[Receiver] = []
    for at in range(0, len(streams), _AT_ONCE):
        async with asyncio.TaskGroup() as group:
            for stream in streams[at : at + _AT_ONCE]:
                found.append(Receiver())
                group.create_task(found[-1].connect(media, stream=stream))
    await asyncio.sleep(_SETTLE_S)
    return found


async def window(media: Media, source: Source, seconds: float) -> dict[str, float]:
    """What the process took of a core, in all and per camera that showed all its pictures."""
    loop, received = asyncio.get_running_loop(), "ilotier_media_packets_received_total"
    packets, feeding, began_s = await media.metric(received), cpu_s(source.pid), loop.time()
    cores = await media.share_of_core(seconds)
    took_s = loop.time() - began_s
    packets_per_s = (await media.metric(received) - packets) / took_s
    return {
        "cores": cores,
        "packets_per_s": packets_per_s,
        "source_cores": (cpu_s(source.pid) - feeding) / took_s,
    }


def shown(found: dict[str, float], packets_per_s: float) -> dict[str, Any]:
    whole = found["packets_per_s"] / packets_per_s
    return {
        "cpu_cores": round(found["cores"], 3),
        "core_per_camera": round(found["cores"] / CAMERAS / max(0.01, min(1.0, whole)), 5),
        "of_pictures": round(whole, 3),
        "source_cores": round(found["source_cores"], 3),
    }


async def measure(clip: Path, folder: Path, seconds: float) -> dict[str, Any]:
    wanted = packets_of(clip)
    result: dict[str, Any] = {}
    async with source_of(clip) as source, media_process("benchmarks._ffmpeg_cameras") as media:
        await take_in(media, source)
        result["base_ffmpeg"] = shown(await window(media, source, seconds), wanted)
        result["base_ffmpeg"]["memory_mb"] = megabytes(media)
    async with (
        source_of(clip) as source,
        media_process("benchmarks._cameras", str(folder)) as media,
    ):
        streams = await take_in(media, source)
        result["taken_in"] = shown(await window(media, source, seconds), wanted)
        result["taken_in"]["memory_mb"] = megabytes(media)
        await record(media)
        result["recorded"] = shown(await window(media, source, seconds), wanted)
        receivers = await watch(media, streams[:WATCHED])
        joining = sum(receiver.restart() for receiver in receivers)
        found = shown(await window(media, source, seconds), wanted)
        result |= found | {"memory_mb": megabytes(media)} | await losses(media)
        result["viewer_gaps"] = sum(receiver.gaps for receiver in receivers)
        result["viewer_gaps_while_joining"] = joining
        await close_all(receivers)
    result["core_per_viewer"] = round(
        max(0.0, result["cpu_cores"] - result["recorded"]["cpu_cores"]) / WATCHED, 5
    )
    result["ratio_to_ffmpeg"] = round(
        result["taken_in"]["core_per_camera"] / result["base_ffmpeg"]["core_per_camera"], 3
    )
    return result


def packets_of(clip: Path) -> float:
    """RTP packets a second of all cameras together, in the size in which they are relayed."""
    with av.open(str(clip)) as container:
        film = [h264.packetise(bytes(p)) for p in container.demux(video=0) if p.size]
    return sum(map(len, film)) * FPS / len(film) * CAMERAS


def megabytes(media: Media) -> int:
    return round(resident_bytes(media.pid) / 2**20)


async def losses(media: Media) -> dict[str, int]:
    return {
        "lost_fragments": round(await media.metric("ilotier_recorder_lost_total")),
        "camera_drops": round(
            await media.metric("ilotier_media_packets_dropped_total")
            + await media.metric("ilotier_media_camera_failures_total")
        ),
    }


async def soak(clip: Path, folder: Path, minutes: float) -> dict[str, Any]:
    async with (
        source_of(clip) as source,
        media_process("benchmarks._cameras", str(folder)) as media,
    ):
        streams = await take_in(media, source)
        await record(media)
        receivers = await watch(media, streams[:WATCHED])
        wanted, memory, windows = packets_of(clip), [megabytes(media)], []
        for _ in range(5):
            windows.append(shown(await window(media, source, minutes * 60 / 5), wanted))
            memory.append(megabytes(media))
        found = await losses(media)
        gaps = sum(receiver.gaps for receiver in receivers)
        await close_all(receivers)
    return {
        "soak_minutes": minutes,
        "soak_memory_mb": memory,
        "soak_cores": [one["cpu_cores"] for one in windows],
        "soak_of_pictures": [one["of_pictures"] for one in windows],
        "viewer_gaps": gaps,
        **found,
    }


async def run(seconds: float, *, soak_minutes: float | None) -> dict[str, Any]:
    use_address()
    said = {"benchmark": "cameras", "machine": machine(), "load": round(os.getloadavg()[0], 1)}
    with tempfile.TemporaryDirectory() as name:
        folder, clip = Path(name), Path(name) / "clip.h264"
        await asyncio.to_thread(film, clip, _FILM_S)
        if soak_minutes is None:
            found = await measure(clip, folder, seconds)
        else:
            found = await soak(clip, folder, soak_minutes)
    return said | {"cameras": CAMERAS, "watched": WATCHED, "window_s": seconds} | found


def main() -> int:
    parser = options(__doc__)
    parser.add_argument(
        "--soak", nargs="?", type=float, const=_SOAK_MINUTES, help="minutes; memory must stay flat"
    )
    given = parser.parse_args()
    result = asyncio.run(run(4.0 if given.quick else 20.0, soak_minutes=given.soak))
    tell(result, as_json=given.json)
    return 1 if result["lost_fragments"] else 0


if __name__ == "__main__":
    sys.exit(main())
