"""The detect role, from its settings to its running services."""

import socket
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager

from aiohttp import web

from detectors.catalogue import model_named, verified
from detectors.decoding import TapClient
from detectors.environment import keep_to_one_thread, ultralytics
from detectors.executor import Worker
from detectors.measures import Measures
from detectors.motion import MotionGate
from detectors.person import Engine, PersonDetector, best_engine
from detectors.tracking import CameraTracker
from server.database.bus import PgBus
from server.database.presence import Processes
from server.intake import EventRecorder
from server.launcher import Role
from server.metrics import metrics_app
from server.pipeline import DetectService
from server.settings import Settings, models_folder
from server.supervision import supervise
from server.telemetry import watch_loop
from server.watch_list import TapsOfHost, WatchedSource
from server.wiring.process import clock, database_of, listen, presence_of


@asynccontextmanager
async def run_detect(settings: Settings, *, on_failure: Callable[[], None]) -> AsyncIterator[None]:
    """Frames of authorised cameras to detections to events."""
    detection, private = settings.detection, settings.data_dir / "ultralytics"
    async with AsyncExitStack() as stack:
        database = await stack.enter_async_context(database_of(settings, Role.DETECT))
        bus = PgBus(database)
        worker = stack.enter_context(Worker.of("detect"))
        decoder = stack.enter_context(Worker.of("decode"))
        await worker.run(lambda: ultralytics(private))
        await worker.run(keep_to_one_thread)
        model = model_named(detection.model)
        detector = await PersonDetector.load(
            model,
            verified(model, models_folder(settings)),
            engine=best_engine() if detection.engine == "auto" else Engine(detection.engine),
            cache=private,
            worker=worker,
            confidence=detection.confidence,
        )
        taps = TapsOfHost(Processes(database, clock=clock), host=socket.gethostname(), clock=clock)
        tap = TapClient(taps.sockets, worker=decoder, looks_per_s=detection.looks_per_s)
        recorder = EventRecorder(database, clock=clock)
        await recorder.close_left_open()
        service = DetectService(
            watch_list=WatchedSource(database, bus, clock=clock),
            streams=tap,
            detector=detector,
            new_motion=lambda: MotionGate(decoder),
            new_tracker=lambda: CameraTracker(private, confidence=detection.confidence),
            new_measures=lambda: Measures(decoder),
            sink=recorder,
            clock=clock,
        )
        runner = web.AppRunner(metrics_app(), access_log=None)
        await runner.setup()
        stack.push_async_callback(runner.cleanup)
        host = settings.media.listen_host
        url = f"http://{host}:{await listen(runner, host, 0)}"
        await stack.enter_async_context(
            supervise(
                {
                    "bus": bus.run,
                    "tap": tap.run,
                    "detect": service.run,
                    "presence": presence_of(database, Role.DETECT, url=url),
                    "loop": watch_loop,
                },
                on_failure=on_failure,
            )
        )
        yield
