"""The detect role, from its settings to its running services."""

import logging
import os
import socket
from collections.abc import AsyncIterator, Callable, Set
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from pathlib import Path

from aiohttp import web

from detectors.catalogue import ModelForbidden, model_named, verified
from detectors.decoding import TapClient
from detectors.environment import keep_to_one_thread, ultralytics
from detectors.executor import Worker
from detectors.findings import Inquiry, Supplied
from detectors.looker import Looker
from detectors.measures import Measures
from detectors.metrics import CAMERAS_BEHIND, CAMERAS_IMPAIRED
from detectors.network import Engine, best_engine
from detectors.person import PersonDetector
from detectors.protocol import DetectorFailed, Frame
from detectors.tracking import CameraTracker
from detectors.view_check import ViewChecks
from domain.analysed import Analysed
from domain.rules import TYPES, labels_at_people, labels_of
from server.analysed import keep_storing
from server.database.bus import PgBus
from server.database.evaluations import Evaluations
from server.database.playbacks import Playbacks
from server.database.presence import Processes
from server.database.tours import Whereabout
from server.detect.app import build_app
from server.detect.film_files import FilmFiles
from server.detect.looks import Looks
from server.detect.pictures import RecordedPictures
from server.detect.service import DetectService
from server.detect.trials import Trials
from server.intake import EventRecorder
from server.launcher import Role
from server.pipeline import CameraPipeline, EventSink, Watched
from server.secrets import InstallationKey
from server.settings import Settings, models_folder
from server.settings.groups import Detection
from server.supervision import supervise
from server.telemetry import watch_loop
from server.watch_list import TapsOfHost, WatchedSource
from server.whereabouts import PresetsSeen
from server.wiring.callees import callees_of
from server.wiring.process import clock, database_of, listen, presence_of

logger = logging.getLogger(__name__)


@asynccontextmanager
async def run_detect(settings: Settings, *, on_failure: Callable[[], None]) -> AsyncIterator[None]:
    """Frames of authorised cameras to detections to events."""
    detection, private = settings.detection, settings.data_dir / "ultralytics"
    key = InstallationKey.open(settings.data_dir)
    async with AsyncExitStack() as stack:
        database = await stack.enter_async_context(database_of(settings, Role.DETECT))
        bus = PgBus(database)
        lanes = os.cpu_count() or 1
        worker = stack.enter_context(Worker.of("look", threads=lanes))
        await worker.run(lambda: ultralytics(private))
        await worker.run(keep_to_one_thread)
        model = model_named(detection.model)
        path = verified(model, models_folder(settings))

        async def models(by: Worker, lanes: int) -> tuple[PersonDetector, list[Supplied]]:
            engine = detection.engine
            detector = await PersonDetector.load(
                model,
                path,
                engine=best_engine(path) if engine == "auto" else Engine(engine),
                cache=private,
                worker=by,
                confidence=detection.confidence,
                lanes=lanes,
            )
            return detector, await _supplied(detection, cache=private, worker=by, lanes=lanes)

        detector, supplied = await models(worker, lanes)
        labels = frozenset().union(*(one.labels for one in supplied))
        processes = Processes(database, clock=clock)
        source = WatchedSource(database, bus, clock=clock)
        taps = TapsOfHost(processes, host=socket.gethostname(), clock=clock)
        tap = TapClient(taps.sockets, worker=worker, looks_per_s=detection.looks_per_s)
        recorder = EventRecorder(database, clock=clock)
        await recorder.close_left_open()
        presets = PresetsSeen(Whereabout(database), clock=clock)
        looks = Looks()
        checks = ViewChecks(clock)
        analysed, evaluations = Analysed(), Evaluations(database)
        service = DetectService(
            watch_list=source,
            streams=tap,
            new_eye=lambda watched: Looker(
                detector=detector,
                tracker=CameraTracker(private, confidence=detection.confidence),
                worker=worker,
                blind=[mask.points for mask in watched.masks],
                check=checks.of(watched.stream_id),
            ),
            new_measures=lambda watched: Measures(
                worker, rules=watched.rules, references=watched.references
            ),
            new_inquiry=lambda: Inquiry(supplied, worker, at_people=labels_at_people()),
            labels=labels,
            preset_in=presets.preset_in,
            sink=recorder,
            clock=clock,
            analysed=analysed,
            onlookers=looks,
        )
        behind = stack.enter_context(Worker.of("trial", is_last=True))
        # Those of live looks would run in threads of the engine's own, at the usual priority: with
        # one lane a look is in the thread that asks. They are loaded by the first trial.
        models_of_trials: list[tuple[PersonDetector, list[Supplied]]] = []

        async def replay(watched: Watched, frames: AsyncIterator[Frame], sink: EventSink) -> None:
            if not models_of_trials:
                models_of_trials.append(await models(behind, 1))
            detector, supplied = models_of_trials[0]
            await CameraPipeline(
                watched=watched,
                frames=frames,
                eye=Looker(
                    detector=detector,
                    tracker=CameraTracker(private, confidence=detection.confidence),
                    worker=behind,
                    blind=[mask.points for mask in watched.masks],
                ),
                measures=Measures(behind, rules=watched.rules, references=watched.references),
                inquiry=Inquiry(supplied, behind, at_people=labels_at_people()),
                labels=labels,
                sink=sink,
                clock=clock,
                present_acts=watched.allowed_at,
                analysed=analysed,  # they are analysed, and the act's evaluation says so
            ).run()

        playbacks = Playbacks(database)
        trials = Trials(
            pictures=RecordedPictures(
                callees=await stack.enter_async_context(callees_of(settings, key)),
                processes=processes,
                worker=behind,
                looks_per_s=detection.looks_per_s,
            ),
            files=FilmFiles(
                settings.data_dir,
                worker=behind,
                looks_per_s=detection.looks_per_s,
                largest=detection.largest_film_mib * 1024**2,
                longest=timedelta(seconds=detection.longest_film_s),
            ),
            watched_for=source.of_trial,
            shown_of=lambda segments: playbacks.shown_of(segments, now=clock()),
            replay=replay,
            clock=clock,
        )
        app = build_app(
            looks=looks, trials=trials, watching=service, internal_token=key.internal_token
        )
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await runner.setup()
        stack.push_async_callback(runner.cleanup)
        host = settings.media.listen_host
        url = f"http://{host}:{await listen(runner, host, 0)}"
        await stack.enter_async_context(
            supervise(
                {
                    "bus": bus.run,
                    "tap": tap.run,
                    "presets": presets.run,
                    "detect": service.run,
                    "trials": trials.run,
                    "analysed": lambda: keep_storing(analysed, evaluations),
                    "presence": presence_of(
                        database, Role.DETECT, url=url, health=lambda: _health(labels, tap, checks)
                    ),
                    "loop": watch_loop,
                },
                on_failure=on_failure,
            )
        )
        yield


def _health(labels: Set[str], tap: TapClient, checks: ViewChecks) -> dict[str, object]:
    """What is told with the process's presence: what its models know, what it falls behind with,
    whose pictures show nothing new, or nothing.
    """
    paces = tap.paces(clock())
    behind = {
        str(stream_id): [pace.looks_per_s, pace.wanted_per_s]
        for stream_id, pace in paces.items()
        if pace.is_behind
    }
    CAMERAS_BEHIND.set(len(behind))
    impaired = checks.impaired()
    CAMERAS_IMPAIRED.set(len(impaired))
    return {"labels": sorted(labels), "behind": behind, "impaired": impaired}


async def _supplied(
    detection: Detection, *, cache: Path, worker: Worker, lanes: int
) -> list[Supplied]:
    """Load the operator's models. One that can't be used costs its kinds, and says why in the log;
    people are detected all the same.
    """
    loaded = []
    for path in detection.supplied_models:
        engine = best_engine(path) if detection.engine == "auto" else Engine(detection.engine)
        try:
            one = await Supplied.load(
                path, labels_of(TYPES), engine=engine, cache=cache, worker=worker, lanes=lanes
            )
        except (DetectorFailed, ModelForbidden) as error:
            logger.error("the model %s is not used: %s", path.name, error)
            continue
        logger.info("the model %s is used for: %s", path.name, ", ".join(sorted(one.labels)))
        loaded.append(one)
    return loaded
