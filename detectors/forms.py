"""The forms in which a model's file is run: converted once for each engine and size, then kept."""

import ast
import errno
import logging
import os
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from detectors.boxes import names_of
from detectors.catalogue import Model, ModelForbidden, sha256_of
from detectors.environment import ultralytics
from detectors.nanodet import is_nanodet, resized
from detectors.network import Engine

logger = logging.getLogger(__name__)

FULL = 2**20
"""With fewer bytes left a disk is full: the smallest form has more."""


@dataclass(frozen=True, slots=True)
class Metadata:
    """What a model's file says of itself, as ultralytics writes it."""

    names: Mapping[int, str]
    task: str
    ends_itself: bool | None
    size: tuple[int, int] | None = None

    @classmethod
    def of(cls, said: Mapping[str, Any]) -> "Metadata":
        names = said.get("names")
        if isinstance(names, str):
            names = ast.literal_eval(names)
        ended, size = said.get("end2end"), said.get("imgsz")
        if isinstance(size, str):
            size = ast.literal_eval(size)
        return cls(
            names=names_of(names),
            task=str(said.get("task", "")),
            ends_itself=None if ended is None else str(ended).lower() == "true",
            size=(int(size[0]), int(size[1])) if isinstance(size, list | tuple) else None,
        )


@dataclass(frozen=True, slots=True)
class Form:
    """A file that an engine runs, for pictures of one size."""

    file: Path
    size: tuple[int, int]
    metadata: Metadata


def forms_of(model: Model, path: Path, *, engine: Engine, cache: Path) -> list[Form]:
    """Give the model at ``path`` in each of its sizes, converting what is not in ``cache``."""
    return [_form(model, path, engine, size, cache) for size in model.sizes]


def said_by_model(path: Path, cache: Path) -> Metadata:
    """Read what a model says of itself; a .pt is loaded for that, tensors only."""
    package = ultralytics(cache / "ultralytics")
    if path.suffix == ".onnx":
        _check_outputs(path)
    if path.suffix != ".pt":
        return _said_by(path)
    yolo = package.YOLO(str(path))
    return Metadata.of({"names": yolo.names, "task": yolo.task})


def _check_outputs(path: Path) -> None:
    """Raise ``ModelForbidden`` for a network that gives more than boxes, whatever it calls them.

    A second output is how vectors come out by which somebody is known again.
    """
    import onnx

    outputs = [one.name for one in onnx.load(path, load_external_data=False).graph.output]
    if len(outputs) > 1:
        raise ModelForbidden(f"The model gives more than boxes: {', '.join(outputs)}.")


def _form(model: Model, path: Path, engine: Engine, size: tuple[int, int], cache: Path) -> Form:
    if engine is Engine.ONNXRUNTIME and path.suffix == ".onnx" and size == model.sizes[0]:
        return Form(path, size, _said_by(path))
    folder = _folder(model, path, engine, size, cache)
    if not folder.is_dir():
        _make(path, engine, size, folder)
    suffix = "xml" if engine is Engine.OPENVINO else "onnx"
    file = next(folder.glob(f"*.{suffix}"))
    return Form(file, size, _said_by(folder if engine is Engine.OPENVINO else file))


def _folder(model: Model, path: Path, engine: Engine, size: tuple[int, int], cache: Path) -> Path:
    """Its name holds the file's and the converter's identity, so that none is taken for another."""
    if engine is Engine.OPENVINO:
        import openvino

        version = openvino.__version__.split("-")[0]
    else:
        import onnx

        version = onnx.__version__
    of_file = f"{model.name}-{sha256_of(path)[:16]}-{size[0]}x{size[1]}"
    return cache / f"{of_file}-{version}_{engine}_model"


def _said_by(file: Path) -> Metadata:
    from ultralytics.nn.backends.base import BaseBackend

    return Metadata.of(BaseBackend.read_metadata(file))


def _make(path: Path, engine: Engine, size: tuple[int, int], folder: Path) -> None:
    """Convert, by ultralytics or by OpenVINO itself; the folder appears whole or not at all."""
    logger.info("converting %s for %s at %d x %d, once", path.name, engine, *size)
    folder.parent.mkdir(parents=True, exist_ok=True)
    unfinished = Path(tempfile.mkdtemp(dir=folder.parent, prefix="converting-"))
    try:
        if path.suffix == ".onnx":
            _resize(path, engine, size, unfinished)
        else:
            _export(path, engine, size, unfinished)
        if not folder.is_dir():
            os.replace(unfinished, folder)
    except RuntimeError as error:
        if shutil.disk_usage(unfinished).free < FULL:  # OpenVINO says "iostream error"
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)) from error
        raise
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def _resize(path: Path, engine: Engine, size: tuple[int, int], folder: Path) -> None:
    from ultralytics.nn.backends.base import BaseBackend
    from ultralytics.utils import YAML

    network = resized(path, size) if is_nanodet(path) else path.read_bytes()
    if engine is not Engine.OPENVINO:
        (folder / "model.onnx").write_bytes(network)
        return
    import openvino

    # `read_model` rather than `convert_model`, which reports its use to Intel.
    read = openvino.Core().read_model(network)
    openvino.save_model(read, folder / "model.xml", compress_to_fp16=True)
    said: dict[str, Any] = dict(BaseBackend.read_metadata(path))
    for key in ("stride", "batch", "imgsz", "names"):
        if isinstance(said.get(key), str):
            said[key] = ast.literal_eval(said[key])
    YAML.save(folder / "metadata.yaml", said)  # type: ignore[no-untyped-call]  # half typed


def _export(path: Path, engine: Engine, size: tuple[int, int], folder: Path) -> None:
    package = ultralytics(folder.parent / "ultralytics")
    copy = Path(shutil.copy(path, folder / f"model{path.suffix}"))
    kind = "openvino" if engine is Engine.OPENVINO else "onnx"
    made = Path(package.YOLO(str(copy)).export(format=kind, imgsz=list(size)))
    copy.unlink()
    if made.is_dir():
        for file in made.iterdir():
            os.replace(file, folder / file.name)
        made.rmdir()
