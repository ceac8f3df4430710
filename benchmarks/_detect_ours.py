"""Ours: the detect process's parts from its socket to its events, for some cameras at once.

    python -m benchmarks._detect_ours MODEL ENGINE

A process of its own, with one thread for looks. Each line on stdin is a run, ``{"clip": …,
"cameras": …, "seconds": …}``; each on stdout says what it cost. Pictures come over a Unix socket as
from a media process, with the times of a camera, as fast as they are looked at: CPU seconds are
those of real time without the waiting. Writing to the socket is counted as ours.
"""

import asyncio
import json
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from prometheus_client import REGISTRY

from benchmarks._detect_footage import FOLDER, FPS
from benchmarks._detect_models import PRIVATE, model_of
from benchmarks._machine import resident_bytes
from benchmarks._sets.looking import CAMERA, START, act, packets
from detectors.decoding import TapClient
from detectors.environment import keep_to_one_thread, ultralytics
from detectors.executor import Worker
from detectors.looker import Looker, Seen
from detectors.measures import Measures
from detectors.network import Engine
from detectors.person import PersonDetector
from detectors.protocol import Frame
from detectors.tracking import CameraTracker
from domain.analysed import Analysed
from domain.detections import PicturePoint
from domain.events import EventKind
from domain.identifiers import RuleId, StreamId
from domain.references import Reference
from domain.rules import Rule
from domain.streams import Packet
from domain.watching import EventClosed, EventOpened
from domain.zones import Zone
from server.pipeline import CameraPipeline, Watched

LOOKS_PER_S, CONFIDENCE = 5, 0.35
CORNERS = ((0.3, 0.5), (0.7, 0.5), (0.7, 1.0), (0.3, 1.0))
RULE = Rule(
    id=RuleId(UUID(int=5)),
    kind=EventKind.FORBIDDEN_ZONE,
    name="zone",
    shape=Zone(tuple(PicturePoint(*corner) for corner in CORNERS)),
)


class Noted:
    """Where events go here: a number."""

    def __init__(self) -> None:
        self.opened_events = 0

    async def opened(self, event: EventOpened, still: bytes) -> None:
        self.opened_events += 1

    async def closed(self, event: EventClosed) -> None:
        pass

    async def referenced(self, reference: Reference) -> None:
        pass


@dataclass
class Watching:
    """An eye whose looks are noted: at which second something moved, and who was followed."""

    eye: Looker
    keeps: bool = True
    moved_at_s: list[float] = field(default_factory=list)
    followed_at_s: list[float] = field(default_factory=list)
    looked: asyncio.Event = field(default_factory=asyncio.Event)
    looks: int = 0

    async def look(self, frame: Frame) -> Seen:
        seen = await self.eye.look(frame)
        at_s = (frame.captured_at - START).total_seconds()
        if self.keeps and seen.glance is not None and seen.glance.regions:
            self.moved_at_s.append(at_s)
        if self.keeps and seen.tracks:
            self.followed_at_s.append(at_s)
        self.looks += 1
        self.looked.set()
        return seen

    def forget(self) -> None:
        self.eye.forget()


class Cameras:
    """A media process's end of the socket: all cameras' pictures, a look's worth at a time."""

    def __init__(self, clip: Path) -> None:
        self._clip = packets(clip)

    def rounds(self, streams: Sequence[StreamId], seconds: int) -> list[list[bytes]]:
        """Give what each camera sends between two looks, one list a camera, in order."""
        step, made = FPS // LOOKS_PER_S, []
        for stream in streams:
            sent = [self._sent(number, stream) for number in range(seconds * FPS)]
            made.append([b"".join(sent[n : n + step]) for n in range(0, len(sent), step)])
        return made

    def _sent(self, number: int, stream: StreamId) -> bytes:
        packet: Packet = self._clip[number % len(self._clip)]
        at = START + timedelta(seconds=number / FPS)
        return replace(packet, stream_id=stream, captured_at=at, sequence_number=number).to_bytes()


class Run:
    """One run of some cameras, from the socket on."""

    def __init__(self, detector: PersonDetector, worker: Worker, clip: Path, cameras: int) -> None:
        self._worker, self._media = worker, Cameras(clip)
        self._now = START
        self._streams = [StreamId(UUID(int=1000 + n)) for n in range(cameras)]
        self._watching = [
            Watching(
                Looker(
                    detector=detector,
                    tracker=CameraTracker(PRIVATE, confidence=CONFIDENCE),
                    worker=worker,
                )
            )
            for _ in self._streams
        ]
        self._noted = Noted()

    async def run(self, seconds: int) -> dict[str, Any]:
        rounds = self._media.rounds(self._streams, seconds)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "tap"
            connected: asyncio.Queue[asyncio.StreamWriter] = asyncio.Queue(1)
            server = await asyncio.start_unix_server(lambda _, w: connected.put_nowait(w), path)

            async def sockets() -> list[Path]:
                return [path]

            tap = TapClient(sockets, worker=self._worker, looks_per_s=LOOKS_PER_S)
            async with asyncio.TaskGroup() as group:
                running = [group.create_task(tap.run())]
                writer = await connected.get()
                running += [
                    group.create_task(self._look(tap, n)) for n in range(len(self._streams))
                ]
                await asyncio.sleep(0)
                before = self._counts()
                await self._feed(writer, rounds)
                after = self._counts()
                for task in running:
                    task.cancel()
            server.close()
        return self._told(before, after, seconds)

    async def _look(self, tap: TapClient, number: int) -> None:
        watched = Watched(CAMERA, self._streams[number], True, (RULE,), (act([RULE]),))
        await CameraPipeline(
            watched=watched,
            frames=tap.frames(self._streams[number]),
            eye=self._watching[number],
            measures=Measures(self._worker),
            sink=self._noted,
            analysed=Analysed(),
            clock=self._clock,
        ).run()

    def _clock(self) -> datetime:
        return self._now

    async def _feed(self, writer: asyncio.StreamWriter, rounds: list[list[bytes]]) -> None:
        for turn in range(len(rounds[0])):
            self._now = START + timedelta(seconds=turn / LOOKS_PER_S)
            for watching, sent in zip(self._watching, rounds, strict=True):
                watching.looked.clear()
                writer.write(sent[turn])
            await writer.drain()
            for watching in self._watching:
                async with asyncio.timeout(60):
                    await watching.looked.wait()

    def _counts(self) -> dict[str, float]:
        return {
            "cpu_s": time.process_time(),
            "crops": _value("ilotier_detect_crops_total"),
            "decoded": _value("ilotier_detect_frames_decoded_total"),
        }

    def _told(
        self, before: dict[str, float], after: dict[str, float], seconds: int
    ) -> dict[str, Any]:
        first = self._watching[0]
        return {
            **{name: after[name] - before[name] for name in after},
            "seconds": seconds,
            "cameras": len(self._streams),
            "looks": sum(one.looks for one in self._watching),
            "events": self._noted.opened_events,
            "moved_at_s": first.moved_at_s,
            "followed_at_s": first.followed_at_s,
            "resident_bytes": resident_bytes(os.getpid()),
        }


def _value(metric: str) -> float:
    return REGISTRY.get_sample_value(metric) or 0.0


async def main() -> None:
    model, path = model_of(sys.argv[1])
    with Worker.of("look") as worker:
        await worker.run(lambda: ultralytics(PRIVATE))
        await worker.run(keep_to_one_thread)
        detector = await PersonDetector.load(
            model,
            path,
            engine=Engine(sys.argv[2]),
            cache=FOLDER,
            worker=worker,
            confidence=CONFIDENCE,
        )
        while line := await asyncio.to_thread(sys.stdin.readline):
            asked = json.loads(line)
            run = Run(detector, worker, Path(asked["clip"]), asked["cameras"])
            sys.stdout.write(json.dumps(await run.run(asked["seconds"])) + "\n")
            sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(main())
