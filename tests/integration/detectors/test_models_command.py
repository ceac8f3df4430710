"""`ilotier models …` on the shipped model and on those that an operator supplies."""

import errno
import os
import re
from pathlib import Path

import onnx
import pytest
from onnx import TensorProto, helper

from detectors.bench import bench
from detectors.catalogue import model_named, path_of
from detectors.network import Engine
from detectors.protocol import DetectorFailed
from domain.errors import NotFound, Unavailable
from server import models
from server.settings import Settings
from tests.integration.detectors.test_findings import KNIFE, named

pytestmark = pytest.mark.integration


def settings(folder: Path, *supplied: Path) -> Settings:
    detection = {"engine": "onnxruntime", "supplied_models": supplied}
    return Settings.model_validate({"data_dir": folder / "data", "detection": detection})


@pytest.fixture
def supplied(tmp_path: Path) -> list[Path]:
    """One that can be used, two that recognise, one that is no network."""
    knife = named(tmp_path, {0: KNIFE}).rename(tmp_path / "knives.onnx")
    faces = named(tmp_path, {0: KNIFE, 1: "face"}).rename(tmp_path / "faces.onnx")
    (tmp_path / "torn.onnx").write_bytes(knife.read_bytes()[:1000])
    vectors = onnx.load(knife)
    vectors.graph.output.append(helper.make_tensor_value_info("feat", TensorProto.FLOAT, [1, 512]))
    onnx.save(vectors, tmp_path / "vectors.onnx")
    return [knife, faces, tmp_path / "vectors.onnx", tmp_path / "torn.onnx"]


def test_the_operator_s_models_are_listed_with_what_they_give_or_why_they_are_refused(
    tmp_path: Path, supplied: list[Path]
) -> None:
    said: list[str] = []

    models.list_all(settings(tmp_path, *supplied), said.append)

    lines = dict(zip(said[::2], said[1::2], strict=False))
    assert lines["nanodet-g    ready"].endswith("MIT (conversion)")
    assert lines["knives       ready"].endswith("gives knife, for weapon")
    assert "faces        refused (The model knows: face.)" in said
    assert "vectors      refused (The model gives more than boxes: output0, feat.)" in said
    assert any(re.match(r"torn +refused \(torn.onnx can't be loaded: .+\)", one) for one in said)


def test_verifying_names_each_model_that_may_not_be_used(
    tmp_path: Path, supplied: list[Path]
) -> None:
    said: list[str] = []
    wrong: list[str] = []

    assert not models.verify(settings(tmp_path, *supplied), said.append, wrong.append)
    assert [one.split(":")[0] for one in said] == ["nanodet-g", "knives"]
    assert [one.split(":")[0] for one in wrong] == ["faces", "vectors", "torn"]
    assert models.verify(settings(tmp_path, supplied[0]), said.append, wrong.append)


def test_what_is_exported_is_what_the_first_start_would_make(
    tmp_path: Path, supplied: list[Path]
) -> None:
    first: list[str] = []
    again: list[str] = []

    models.export("nanodet-g", settings(tmp_path), first.append)
    models.export("nanodet-g", settings(tmp_path), again.append)

    assert first == again
    sizes = [line.split(":")[0] for line in first]
    assert sizes == [f"onnxruntime {size} x {size}" for size in (416, 256, 192)]
    for line in first:
        onnx.checker.check_model(onnx.load(line.split(": ")[1]))


@pytest.mark.parametrize(
    "error", [OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)), RuntimeError("iostream error")]
)
def test_a_form_that_finds_no_room_is_refused_in_words_and_leaves_nothing_half_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def full(self: Path, data: bytes) -> int:
        raise error

    monkeypatch.setattr("detectors.forms.FULL", 2**60)  # what no disk has left
    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(DetectorFailed, match="No space left on device"):
        models.export("nanodet-g", settings(tmp_path), print)

    left = {one.name for one in (tmp_path / "data" / "ultralytics").iterdir()}
    assert left <= {"ultralytics"}  # its settings, of whoever imported it first


def test_a_bench_measures_each_size_and_a_small_picture_costs_less(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("detectors.bench.MEASURED_S", 0.0)  # the least looks suffice
    model = model_named("nanodet-g")

    ms = bench(model, path_of(model, tmp_path), engine=Engine.ONNXRUNTIME, cache=tmp_path)

    assert [*ms] == [(416, 416), (256, 256), (192, 192)]
    assert ms[416, 416] > ms[192, 192] > 0


def test_a_model_that_is_not_there_or_refused_is_not_measured(
    tmp_path: Path, supplied: list[Path]
) -> None:
    own = settings(tmp_path, *supplied)

    for name in ("faces", "vectors", "torn", "yolo26n"):
        with pytest.raises(Unavailable):
            models.measure(name, own, print)
    with pytest.raises(NotFound, match="nanodet-g"):
        models.measure("zork", own, print)
