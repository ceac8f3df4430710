"""The demonstration's footage: what cameras send, seamless, and the detector truly finds people."""

from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from uuid import UUID

import av
import cv2
import numpy as np
import pytest

from detectors.executor import Worker
from detectors.frames import DecodedFrame
from detectors.looker import Looker
from detectors.network import Engine
from detectors.tracking import CameraTracker
from domain.detections import Detection, ObjectClass
from domain.events import EventKind
from domain.identifiers import AuthorisationId, CameraId, EventId, RuleId
from domain.looks import Look
from domain.rules import Rule
from domain.watching import CameraWatch, EventClosed, EventOpened, WatchFact
from domain.zones import Zone
from server.demo.footage import FRAMES_PER_S, Clip, render_all
from server.demo.town import TOWN
from tests.integration.detectors.conftest import load

pytestmark = pytest.mark.integration

START = datetime(2026, 12, 1, tzinfo=UTC)
LOOKS_PER_S = 5
ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="session")
def clips() -> dict[str, Clip]:
    # Where the demonstration keeps them too, so that they are rendered once on a machine.
    return render_all(ROOT / ".cache/demo/footage", lambda name: None)


def frames(clip: Clip) -> list[av.VideoFrame]:
    with av.open(str(clip.path)) as container:
        return list(container.decode(video=0))


async def watched(clip: Clip, *, seconds: float, cache: Path, worker: Worker) -> list[WatchFact]:
    """Lead the looped clip through the eye and the watch."""
    detector = await load(Engine.OPENVINO, cache, worker)
    tracker = CameraTracker(cache / "ultralytics", confidence=0.35)
    eye = Looker(detector=detector, tracker=tracker, worker=worker)
    numbers = count(1)
    rule = Rule(
        id=RuleId(UUID(int=2)),
        kind=EventKind.FORBIDDEN_ZONE,
        name="cour",
        shape=Zone(clip.zone),
    )
    acts = {rule.kind: AuthorisationId(UUID(int=3))}
    watch = CameraWatch(
        camera=CameraId(UUID(int=1)),
        rules=[rule],
        new_event_id=lambda: EventId(UUID(int=next(numbers))),
    )
    facts: list[WatchFact] = []
    pictures = frames(clip)
    for number in range(0, round(seconds * FRAMES_PER_S), FRAMES_PER_S // LOOKS_PER_S):
        at = START + timedelta(seconds=number / FRAMES_PER_S)
        frame = DecodedFrame(pictures[number % len(pictures)], at)
        seen = await eye.look(frame)
        facts += watch.saw(Look(at=at, tracks=seen.tracks, unseen=seen.unseen), acts)
    return facts


async def test_each_pass_through_the_yard_is_exactly_one_event(
    clips: dict[str, Clip], cache: Path, worker: Worker
) -> None:
    yard = clips["parking"]

    facts = await watched(yard, seconds=yard.seconds + 10, cache=cache, worker=worker)

    assert [type(fact) for fact in facts] == [EventOpened, EventClosed, EventOpened]
    first, second = (fact for fact in facts if isinstance(fact, EventOpened))
    # His foot crosses the red line in the clip's eighth second.
    assert timedelta(seconds=7.9) < first.opened_at - START < timedelta(seconds=9.4)
    assert second.opened_at - first.opened_at == timedelta(seconds=yard.seconds)


@pytest.mark.parametrize("name", ["gare", "place", "avenue", "ecole"])
async def test_the_walkers_of_the_other_clips_are_found(
    name: str, clips: dict[str, Clip], cache: Path, worker: Worker
) -> None:
    detector = await load(Engine.OPENVINO, cache, worker)
    zone = Zone(clips[name].zone)
    once_a_second = frames(clips[name])[::FRAMES_PER_S]

    found = [
        [one for one in detector.detect_in(DecodedFrame(picture, START)) if is_person(one)]
        for picture in once_a_second
    ]

    assert sum(map(bool, found)) > 0.6 * len(found)  # nobody is in view all the time
    assert not any(zone.holds(one.box) for people in found for one in people)


def is_person(one: Detection) -> bool:
    return one.object_class is ObjectClass.PERSON and one.confidence >= 0.35


def test_the_town_draws_the_zone_that_the_clip_shows(clips: dict[str, Clip]) -> None:
    camera = next(one for one in TOWN.cameras if one.number == TOWN.zone.camera_number)

    assert camera.clip == "parking"
    assert set(TOWN.zone.polygon) == set(clips["parking"].zone)
    assert {one.clip for one in TOWN.cameras} <= set(clips)


def test_clips_are_what_cameras_send(clips: dict[str, Clip]) -> None:
    for clip in clips.values():
        with av.open(str(clip.path)) as container:
            stream = container.streams.video[0]
            context = stream.codec_context
            assert (context.name, context.width, context.height) == ("h264", 1280, 720)
            assert "Baseline" in str(context.profile)
            assert not context.has_b_frames
            keyframes = [p.is_keyframe for p in container.demux(stream) if p.size]
            assert len(keyframes) == clip.seconds * FRAMES_PER_S
            assert keyframes[::FRAMES_PER_S] == [True] * clip.seconds
            assert clip.path.stat().st_size * 8 / clip.seconds < 1_400_000


def test_each_clip_is_there_as_a_small_stream_as_well(clips: dict[str, Clip]) -> None:
    for clip in clips.values():
        with av.open(str(clip.small)) as container:
            context = container.streams.video[0].codec_context
            assert (context.name, context.width, context.height) == ("h264", 640, 360)
            assert not context.has_b_frames
        assert clip.small.stat().st_size * 8 / clip.seconds < 420_000


def test_clips_loop_without_a_seam(clips: dict[str, Clip]) -> None:
    for clip in clips.values():
        pictures = frames(clip)
        first, last, before = (
            cv2.GaussianBlur(pictures[n].to_ndarray(format="gray"), (0, 0), 3).astype(np.float32)
            for n in (0, -1, -2)
        )
        step, seam = np.abs(last - before).mean(), np.abs(first - last).mean()
        assert seam < 3 * step + 1.0


def test_a_second_call_renders_nothing(clips: dict[str, Clip]) -> None:
    told: list[str] = []

    assert render_all(ROOT / ".cache/demo/footage", told.append) == clips
    assert told == []
