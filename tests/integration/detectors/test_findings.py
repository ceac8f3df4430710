"""Models that an operator supplies: what they give to rules, and which are refused in words."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import av
import cv2
import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from detectors.boxes import Rows
from detectors.catalogue import ModelForbidden, model_named, verified
from detectors.executor import Worker
from detectors.findings import Inquiry, Supplied
from detectors.frames import DecodedFrame
from detectors.network import Engine, Network
from detectors.protocol import DetectorFailed, Picture
from domain.detections import Box, Detection, ObjectClass
from domain.rules import TYPES, labels_at_people, labels_of
from server.demo.cutouts import photograph

pytestmark = pytest.mark.integration

AT = datetime(2026, 12, 1, tzinfo=UTC)
KNIFE = "Knife"


def named(folder: Path, names: dict[int, str], *, task: str = "detect") -> Path:
    """The shipped network under other names: what it finds as a person is what class 0 says."""
    model = onnx.load(verified(model_named("nanodet-g"), folder))
    for entry in model.metadata_props:
        if entry.key == "names":
            entry.value = str({n: names.get(n, f"other {n}") for n in range(80)})
        if entry.key == "task":
            entry.value = task
    onnx.save(model, folder / "own.onnx")
    return folder / "own.onnx"


async def loaded(path: Path, worker: Worker) -> Supplied:
    return await Supplied.load(
        path, labels_of(TYPES), engine=Engine.ONNXRUNTIME, cache=path.parent, worker=worker
    )


def street(at: datetime = AT) -> DecodedFrame:
    picture = cv2.imread(str(photograph()))
    assert picture is not None
    return DecodedFrame(av.VideoFrame.from_ndarray(picture.astype(np.uint8), "bgr24"), at)


PEOPLE = [Detection(ObjectClass.PERSON, 0.7, Box(0.06, 0.37, 0.3, 0.84), track=7)]


async def test_it_is_asked_at_peoples_places_for_what_a_rule_in_force_needs(
    tmp_path: Path, worker: Worker
) -> None:
    own = await loaded(named(tmp_path, {0: KNIFE}), worker)
    inquiry = Inquiry([own], worker, at_people=labels_at_people())

    found = await inquiry.ask(street(), PEOPLE, {"knife", "gun"})

    assert own.labels == {"knife"}
    assert {one.label for one in found} == {"knife"}
    assert {one.track for one in found} == {7}
    best = max(found, key=lambda one: one.confidence)
    assert best.box.share_in(PEOPLE[0].box) > 0.7
    assert await inquiry.ask(street(AT + timedelta(seconds=0.2)), PEOPLE, {"knife"}) == ()
    assert await inquiry.ask(street(AT + timedelta(seconds=1)), PEOPLE, {"knife"})
    # Another kind is authorised, this one is not: the model is not even run.
    assert await inquiry.ask(street(AT + timedelta(seconds=2)), PEOPLE, {"fall"}) == ()


async def test_a_model_that_breaks_is_told_of_once_and_costs_its_own_kind(
    tmp_path: Path, worker: Worker, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(picture: Picture, least_score: float) -> Rows:
        raise RuntimeError("no memory")

    knives = await loaded(named(tmp_path, {0: KNIFE}), worker)
    falls = Supplied("falls", frozenset({"fall"}), {(64, 64): Network((64, 64), broken)}, {})
    inquiry = Inquiry([falls, knives], worker, at_people=labels_at_people())

    for n in range(3):
        frame = street(AT + timedelta(seconds=n))
        assert await inquiry.ask(frame, PEOPLE, {"knife", "fall"})
    assert caplog.messages == ["the model falls broke on a picture"]


async def test_a_model_that_knows_nothing_a_rule_needs_is_refused(
    tmp_path: Path, worker: Worker
) -> None:
    with pytest.raises(DetectorFailed, match="knows none of"):
        await loaded(named(tmp_path, {0: "teapot"}), worker)


@pytest.mark.parametrize(
    ("names", "task"), [({0: KNIFE, 1: "face"}, "detect"), ({0: KNIFE}, "embed")]
)
async def test_a_model_that_recognises_or_embeds_is_refused(
    names: dict[int, str], task: str, tmp_path: Path, worker: Worker
) -> None:
    with pytest.raises(ModelForbidden):
        await loaded(named(tmp_path, names, task=task), worker)


async def test_a_network_that_gives_a_vector_is_refused_whatever_it_says_of_itself(
    tmp_path: Path, worker: Worker
) -> None:
    mean = helper.make_node("GlobalAveragePool", ["images"], ["vector"])
    put_in, out = (
        helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)
        for name, shape in (("images", [1, 3, 64, 64]), ("vector", [1, 3, 1, 1]))
    )
    graph = helper.make_graph([mean], "vector", [put_in], [out])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    said = {"names": str({0: KNIFE}), "task": "detect", "imgsz": "[64, 64]"}
    for key, value in said.items():
        model.metadata_props.add(key=key, value=value)
    onnx.save(model, tmp_path / "vector.onnx")

    with pytest.raises(DetectorFailed, match="no list of boxes"):
        await loaded(tmp_path / "vector.onnx", worker)


@pytest.mark.parametrize("content", [b"", b"not a network", None])
async def test_a_broken_or_missing_file_is_refused_in_words(
    content: bytes | None, tmp_path: Path, worker: Worker
) -> None:
    path = tmp_path / "broken.onnx"
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(DetectorFailed, match="broken"):
        await loaded(path, worker)
