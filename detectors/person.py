"""Finds people and vehicles in a frame with a network that ultralytics loads."""

import ast
import importlib.util
import logging
import os
import shutil
import tempfile
from collections.abc import Sequence
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Any, Self

from detectors.catalogue import Model, allowed_classes, sha256_of
from detectors.environment import keep_to_one_thread, ultralytics
from detectors.executor import Worker
from detectors.metrics import INFERENCE_SECONDS
from detectors.protocol import DetectorFailed, Frame, Picture
from domain.detections import Box, Detection

logger = logging.getLogger(__name__)

# Boxes below the wanted confidence, down to this, still keep a track alive that better ones began.
KEEPS_A_TRACK = 0.15
OVERLAP_OF_ONE_THING = 0.5


class Engine(StrEnum):
    """What runs the network."""

    OPENVINO = "openvino"
    ONNXRUNTIME = "onnxruntime"


def best_engine() -> Engine:
    """OpenVINO where it is installed: a third of the CPU time (docs/design/detection.md)."""
    has_openvino = importlib.util.find_spec("openvino") is not None
    return Engine.OPENVINO if has_openvino else Engine.ONNXRUNTIME


class PersonDetector:
    """The detector. One instance serves all cameras: it remembers nothing from frame to frame."""

    def __init__(self, yolo: Any, model: Model, worker: Worker, confidence: float) -> None:
        self._yolo = yolo
        self._worker = worker
        self._confidence = confidence
        self._size = list(model.input_size)
        self._classes = allowed_classes(yolo.names, task=yolo.task)

    @classmethod
    async def load(
        cls,
        model: Model,
        path: Path,
        *,
        engine: Engine,
        cache: Path,
        worker: Worker,
        confidence: float,
    ) -> Self:
        """Load ``model`` from its verified ``path``; the first time takes some seconds more.

        ``cache`` keeps what is made once: the model in OpenVINO's form, ultralytics' settings.
        Raises ``DetectorFailed`` or ``ModelForbidden``.
        """

        try:
            yolo = await worker.run(partial(_load, model, path, engine, cache))
        except (RuntimeError, OSError, ValueError, TypeError, ImportError) as error:
            raise DetectorFailed(f"{path.name} can't be loaded: {error}") from error
        return cls(yolo, model, worker, confidence)

    async def detect(self, frame: Frame) -> Sequence[Detection]:
        """Say what is in ``frame``: allowed classes only. Raises ``DetectorFailed``."""
        return await self._worker.run(lambda: self.detect_in(frame.bgr()))

    def detect_in(self, picture: Picture) -> list[Detection]:
        """Do the same for a picture, in the calling thread."""
        try:
            with INFERENCE_SECONDS.time():
                result = self._yolo.predict(
                    picture,
                    imgsz=self._size,
                    rect=False,
                    conf=min(KEEPS_A_TRACK, self._confidence),
                    iou=OVERLAP_OF_ONE_THING,
                    classes=list(self._classes),
                    verbose=False,
                )[0]
        except RuntimeError as error:  # torch's, OpenVINO's and OpenCV's errors are RuntimeErrors
            raise DetectorFailed(f"the detector broke on a frame: {error}") from error
        boxes = result.boxes.cpu().numpy()
        return [
            Detection(self._classes[int(number)], float(score), _box(sides))
            for sides, score, number in zip(boxes.xyxyn, boxes.conf, boxes.cls, strict=True)
            if int(number) in self._classes
        ]


def _box(sides: Sequence[float]) -> Box:
    left, top, right, bottom = (min(1.0, max(0.0, float(side))) for side in sides)
    return Box(min(left, right), min(top, bottom), right, bottom)


def _load(model: Model, path: Path, engine: Engine, cache: Path) -> Any:
    package = ultralytics(cache / "ultralytics")
    keep_to_one_thread()
    if engine is Engine.OPENVINO:
        folder = _openvino_form(model, path, cache)
        yolo = package.YOLO(str(folder), task="detect")
        _warm_up(yolo, model)
        _use_one_openvino_thread(yolo, next(folder.glob("*.xml")))
    elif path.suffix == ".onnx":
        yolo = package.YOLO(str(path), task="detect")
        _warm_up(yolo, model)
        _use_one_onnxruntime_thread(yolo, path)
    else:
        yolo = package.YOLO(str(path), task="detect")
    _warm_up(yolo, model)
    return yolo


def _warm_up(yolo: Any, model: Model) -> None:
    import numpy as np

    size = list(model.input_size)
    yolo.predict(np.zeros((*size, 3), np.uint8), imgsz=size, rect=False, verbose=False)


def _openvino_form(model: Model, path: Path, cache: Path) -> Path:
    """Give the folder with the model in OpenVINO's form, converting it the first time.

    Its name holds the model's and OpenVINO's identity, so that neither is ever confused with
    another; it appears whole or not at all.
    """
    import openvino

    version = openvino.__version__.split("-")[0]
    folder = cache / f"{model.name}-{sha256_of(path)[:16]}-{version}_openvino_model"
    if folder.is_dir():
        return folder
    logger.info("converting %s for OpenVINO, once", path.name)
    cache.mkdir(parents=True, exist_ok=True)
    unfinished = Path(tempfile.mkdtemp(dir=cache, prefix="converting-"))
    try:
        if path.suffix == ".onnx":
            _convert(path, unfinished)
        else:
            _export(model, path, unfinished)
        if not folder.is_dir():
            os.replace(unfinished, folder)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    return folder


def _convert(path: Path, folder: Path) -> None:
    import openvino
    from ultralytics.nn.backends.base import BaseBackend
    from ultralytics.utils import YAML

    # `read_model` rather than `convert_model`, which reports its use to Intel.
    network = openvino.Core().read_model(path)
    openvino.save_model(network, folder / "model.xml", compress_to_fp16=True)
    metadata: dict[str, Any] = dict(BaseBackend.read_metadata(path))
    for key in ("stride", "batch", "imgsz", "names"):
        if isinstance(metadata.get(key), str):
            metadata[key] = ast.literal_eval(metadata[key])
    YAML.save(folder / "metadata.yaml", metadata)  # type: ignore[no-untyped-call]  # half typed


def _export(model: Model, path: Path, folder: Path) -> None:
    package = ultralytics(folder.parent / "ultralytics")
    copy = Path(shutil.copy(path, folder / f"model{path.suffix}"))
    made = Path(package.YOLO(str(copy)).export(format="openvino", imgsz=list(model.input_size)))
    for file in made.iterdir():
        os.replace(file, folder / file.name)
    made.rmdir()
    copy.unlink()


# ultralytics offers no way to say how many threads its engines use, and both take every core: a
# camera's look would be no sooner done and cost up to twice the CPU. So the compiled network is
# replaced after loading.


def _use_one_openvino_thread(yolo: Any, xml: Path) -> None:
    import openvino

    settings = {"PERFORMANCE_HINT": "LATENCY", "INFERENCE_NUM_THREADS": 1}
    yolo.predictor.model.backend.ov_compiled_model = openvino.Core().compile_model(
        str(xml), "CPU", settings
    )


def _use_one_onnxruntime_thread(yolo: Any, path: Path) -> None:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    yolo.predictor.model.backend.session = onnxruntime.InferenceSession(
        str(path), options, providers=["CPUExecutionProvider"]
    )
