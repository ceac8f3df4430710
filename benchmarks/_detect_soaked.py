"""The detect process of `benchmarks.detect --soak`: all of its parts but the database.

    python -m benchmarks._detect_soaked SOCKET CAMERAS

Ends with a line on stdin, and tells how often each camera was looked at.
"""

import asyncio
import json
import os
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

from prometheus_client import REGISTRY

from benchmarks._detect_footage import FOLDER
from benchmarks._detect_models import PRIVATE, model_of
from benchmarks._detect_ours import CONFIDENCE, LOOKS_PER_S, RULE, Noted, Watching
from benchmarks._sets.looking import CAMERA, act
from detectors.decoding import TapClient
from detectors.environment import keep_to_one_thread, ultralytics
from detectors.executor import Worker
from detectors.looker import Looker
from detectors.measures import Measures
from detectors.network import best_engine
from detectors.person import PersonDetector
from detectors.tracking import CameraTracker
from domain.analysed import Analysed
from domain.identifiers import StreamId
from server.pipeline import CameraPipeline, Watched


def clock() -> datetime:
    return datetime.now(UTC)


async def main() -> None:
    socket, cameras, lanes = Path(sys.argv[1]), int(sys.argv[2]), os.cpu_count() or 1
    model, path = model_of("nanodet-g")
    today = replace(act([RULE]), starts_at=clock(), ends_at=clock() + timedelta(days=1))

    async def sockets() -> list[Path]:
        return [socket]

    with Worker.of("look", threads=lanes) as worker:
        await worker.run(lambda: ultralytics(PRIVATE))
        await worker.run(keep_to_one_thread)
        detector = await PersonDetector.load(
            model,
            path,
            engine=best_engine(path),
            cache=FOLDER,
            worker=worker,
            confidence=CONFIDENCE,
            lanes=lanes,
        )
        tap, noted, eyes = TapClient(sockets, worker=worker, looks_per_s=LOOKS_PER_S), Noted(), []
        async with asyncio.TaskGroup() as group:
            running = [group.create_task(tap.run())]
            for number in range(cameras):
                stream = StreamId(UUID(int=1000 + number))
                tracker = CameraTracker(PRIVATE, confidence=CONFIDENCE)
                eye = Watching(
                    Looker(detector=detector, tracker=tracker, worker=worker), keeps=False
                )
                eyes.append(eye)
                pipeline = CameraPipeline(
                    watched=Watched(CAMERA, stream, True, (RULE,), (today,)),
                    frames=tap.frames(stream),
                    eye=eye,
                    measures=Measures(worker),
                    sink=noted,
                    analysed=Analysed(),
                    clock=clock,
                )
                running.append(group.create_task(pipeline.run()))
            await asyncio.to_thread(sys.stdin.readline)
            for task in running:
                task.cancel()
    missed = REGISTRY.get_sample_value("ilotier_detect_frames_dropped_total", {"reason": "late"})
    told = {
        "looks": [eye.looks for eye in eyes],
        "missed": missed or 0.0,
        "events": noted.opened_events,
    }
    sys.stdout.write(json.dumps(told) + "\n")


if __name__ == "__main__":
    asyncio.run(main())
