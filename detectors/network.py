"""Runs a network on a picture of its own size: OpenVINO, ONNX Runtime, or ultralytics on CUDA.

Each takes one thread a look: with two a look is no sooner done and costs more CPU time
(docs/design/detection.md). Looks run beside each other instead, ``lanes`` at a time.
"""

import importlib.util
import threading
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

import numpy as np

from detectors.boxes import OutputForm, Rows
from detectors.environment import keep_to_one_thread
from detectors.protocol import Picture

type Look = Callable[[Picture, float], Rows]
"""A picture of the network's size and the least score to what is in it; from any thread.

Raises ``RuntimeError`` when the engine breaks on it, ``UnknownForm`` when its answer is no list."""


class Engine(StrEnum):
    """What runs the network."""

    OPENVINO = "openvino"
    ONNXRUNTIME = "onnxruntime"
    ULTRALYTICS = "ultralytics"


def best_engine(model_file: Path) -> Engine:
    """OpenVINO where it is installed: a third of the CPU time; a graphics card takes .pt as is."""
    if model_file.suffix == ".pt" and has_cuda():
        return Engine.ULTRALYTICS
    has_openvino = importlib.util.find_spec("openvino") is not None
    return Engine.OPENVINO if has_openvino else Engine.ONNXRUNTIME


def has_cuda() -> bool:
    import torch

    return torch.cuda.is_available()


@dataclass(frozen=True, slots=True)
class Network:
    """A network compiled for pictures of one size, height and width in pixels."""

    size: tuple[int, int]
    look: Look

    @property
    def cost(self) -> int:
        """What a look costs, to be compared with other sizes of the same model only."""
        return self.size[0] * self.size[1]


def compiled(
    file: Path, size: tuple[int, int], form: OutputForm, *, engine: Engine, lanes: int
) -> Network:
    """Compile what `detectors.forms` made of a model for an engine."""
    if engine is Engine.OPENVINO:
        return _openvino_network(file, size, form, lanes=lanes)
    return _onnxruntime_network(file, size, form)


def _openvino_network(xml: Path, size: tuple[int, int], form: OutputForm, *, lanes: int) -> Network:
    """Compile for this processor; bf16 where it computes in that (OpenVINO's own choice).

    Pictures go in as they are, blue first and in bytes: the graph turns and scales them.
    """
    import openvino
    from openvino.preprocess import ColorFormat, PrePostProcessor

    core = openvino.Core()
    steps = PrePostProcessor(core.read_model(xml))
    steps.input().tensor().set_element_type(openvino.Type.u8).set_layout(
        openvino.Layout("NHWC")
    ).set_color_format(ColorFormat.BGR)
    steps.input().model().set_layout(openvino.Layout("NCHW"))
    steps.input().preprocess().convert_element_type(openvino.Type.f32).convert_color(
        ColorFormat.RGB
    ).scale(255.0)
    compiled = core.compile_model(
        steps.build(), "CPU", {"NUM_STREAMS": lanes, "INFERENCE_NUM_THREADS": lanes}
    )
    own = threading.local()

    def look(picture: Picture, least_score: float) -> Rows:
        if not hasattr(own, "request"):
            own.request = compiled.create_infer_request()
        own.request.infer([picture[None]], share_inputs=True)
        return form.read(own.request.get_output_tensor(0).data, least_score=least_score)

    return Network(size, look)


def _onnxruntime_network(file: Path, size: tuple[int, int], form: OutputForm) -> Network:
    """Without spinning, which takes up to twice the CPU for the same time on the clock."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    session = onnxruntime.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name

    def look(picture: Picture, least_score: float) -> Rows:
        red_first = picture[..., ::-1].transpose(2, 0, 1)[None]
        put_in = np.ascontiguousarray(red_first, np.float32) / np.float32(255)
        try:
            output = session.run(None, {name: put_in})[0]
        except Exception as error:  # its errors have no other class in common
            raise RuntimeError(f"ONNX Runtime: {error}") from error
        return form.read(output, least_score=least_score)

    return Network(size, look)


def ultralytics_network(yolo: Any, size: tuple[int, int], form: OutputForm) -> Network:
    """Have ultralytics look itself: on the graphics card if there is one."""
    keep_to_one_thread()
    device = 0 if has_cuda() else "cpu"
    turn = threading.Lock()  # ultralytics' predictor is one thing that remembers

    def look(picture: Picture, least_score: float) -> Rows:
        with turn:
            result = yolo.predict(
                picture,
                imgsz=list(size),
                rect=False,
                conf=least_score,
                classes=[*form.wanted],
                device=device,
                half=device != "cpu",
                verbose=False,
            )[0]
        return np.asarray(result.boxes.data.cpu().numpy(), np.float32)[:, :6]

    return Network(size, look)
