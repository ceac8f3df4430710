"""The shipped model, through ultralytics, on each engine: what it finds, and what it never does."""

import os
import socket
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from detectors.catalogue import CATALOGUE, model_named
from detectors.executor import Worker
from detectors.frames import DecodedFrame
from detectors.network import Engine
from detectors.person import PersonDetector
from detectors.protocol import DetectorFailed, Picture
from domain.detections import ObjectClass
from server.demo.cutouts import photograph

pytestmark = pytest.mark.integration


def frame_of(picture: Picture) -> DecodedFrame:
    return DecodedFrame(av.VideoFrame.from_ndarray(picture, "bgr24"), datetime.now(UTC))


@pytest.fixture(scope="module")
def street() -> DecodedFrame:
    picture = cv2.imread(str(photograph()))
    assert picture is not None
    return frame_of(picture.astype(np.uint8))


def test_it_finds_the_people_and_the_bus(detector: PersonDetector, street: DecodedFrame) -> None:
    found = [one for one in detector.detect_in(street) if one.confidence >= 0.3]

    classes = sorted(one.object_class.value for one in found)
    assert classes == ["bus", "car", "person", "person", "person"]
    best = max(found, key=lambda one: one.confidence)
    assert best.object_class is ObjectClass.BUS
    assert best.confidence == pytest.approx(0.795, abs=0.02)
    assert best.box.left == pytest.approx(0.035, abs=0.02)


def test_it_names_nothing_but_the_allowed_classes(detector: PersonDetector) -> None:
    two_men_with_ties = cv2.imread(str(photograph().with_name("zidane.jpg")))
    assert two_men_with_ties is not None

    found = detector.detect_in(frame_of(two_men_with_ties.astype(np.uint8)))

    assert {one.object_class for one in found} == {ObjectClass.PERSON}


def test_it_sees_nobody_in_an_empty_picture(detector: PersonDetector) -> None:
    assert detector.detect_in(frame_of(np.full((720, 1280, 3), 127, np.uint8))) == []


async def test_a_file_that_is_no_model_is_refused_in_words(tmp_path: Path, worker: Worker) -> None:
    broken = tmp_path / "broken.onnx"
    broken.write_bytes(b"not a network")

    for engine in Engine:
        with pytest.raises(DetectorFailed, match="broken"):
            await PersonDetector.load(
                CATALOGUE[0],
                broken,
                engine=engine,
                cache=tmp_path / "cache",
                worker=worker,
                confidence=0.35,
            )
    assert not list((tmp_path / "cache").glob("converting-*"))


@pytest.mark.filterwarnings("ignore")  # torch's tracing warns dozens of times, some of it from C
async def test_the_operators_own_ultralytics_model_is_exported_once(
    tmp_path: Path, worker: Worker, cache: Path
) -> None:
    """With an untrained yolo26n: its weights can't be had here, its form can."""
    from detectors.environment import ultralytics

    package = ultralytics(cache / "ultralytics")
    untrained = tmp_path / "yolo26n.pt"
    yolo = package.YOLO("yolo26n.yaml")
    yolo.model.names = {n: "person" if n == 0 else f"other {n}" for n in yolo.model.names}
    yolo.save(untrained)

    for _ in range(2):
        detector = await PersonDetector.load(
            model_named("yolo26n"),
            untrained,
            engine=Engine.OPENVINO,
            cache=tmp_path / "cache",
            worker=worker,
            confidence=0.35,
        )
        detector.detect_in(frame_of(np.full((720, 1280, 3), 127, np.uint8)))

    exported = list((tmp_path / "cache").glob("yolo26n-*_openvino_model"))
    assert len(exported) == len(model_named("yolo26n").sizes)
    assert all((folder / "metadata.yaml").is_file() for folder in exported)


def test_loading_and_looking_ask_nothing_of_the_network(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_NETWORK, str(tmp_path)],
        capture_output=True,
        text=True,
        timeout=120,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])},
    )

    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["bus"]
    assert socket.AF_INET.name in WITHOUT_NETWORK


# A process of its own, since what is asked at import is asked once.
WITHOUT_NETWORK = """
import asyncio, socket, sys
from pathlib import Path

def refuse(*arguments, **named):
    raise SystemExit(f"asked the network: {arguments}")

socket.getaddrinfo = refuse
real_connect = socket.socket.connect
def connect(self, address):
    if self.family in (socket.AF_INET, socket.AF_INET6):
        refuse(address)
    return real_connect(self, address)
socket.socket.connect = connect

import av, cv2
from datetime import UTC, datetime
from detectors.catalogue import model_named, verified
from detectors.frames import DecodedFrame
from detectors.executor import Worker
from detectors.network import Engine
from detectors.person import PersonDetector
from server.demo.cutouts import photograph

async def main():
    folder = Path(sys.argv[1])
    model = model_named("nanodet-g")
    with Worker.of("inference") as worker:
        detector = await PersonDetector.load(model, verified(model, folder),
            engine=Engine.OPENVINO, cache=folder, worker=worker, confidence=0.35)
        picture = av.VideoFrame.from_ndarray(cv2.imread(str(photograph())), "bgr24")
        found = detector.detect_in(DecodedFrame(picture, datetime.now(UTC)))
    print(max(found, key=lambda one: one.confidence).object_class.value)
    from ultralytics import settings
    from ultralytics.utils import AUTOINSTALL, SAFE_LOAD
    from ultralytics.utils.events import events
    assert settings["sync"] is False and not AUTOINSTALL and SAFE_LOAD and not events.enabled
    assert "openvino_telemetry.main" not in sys.modules

asyncio.run(main())
"""
