"""The models that `benchmarks.detect` compares: ours as shipped, and an untrained yolo26n for both.

A network's cost does not depend on its weights, and the trained ones can't be had offline.
"""

from dataclasses import replace
from pathlib import Path

from benchmarks._detect_footage import FOLDER
from detectors.catalogue import Model, model_named, verified
from detectors.environment import ultralytics
from detectors.forms import Metadata

PRIVATE = FOLDER / "ultralytics"
SEED = 26


def untrained() -> Path:
    """Give the file of a yolo26n made of its yaml, with the classes of COCO; made once."""
    path = FOLDER / f"yolo26n-untrained-{SEED}.pt"
    if not path.exists():
        package = ultralytics(PRIVATE)
        import torch
        from ultralytics.nn.backends.base import BaseBackend

        torch.manual_seed(SEED)
        yolo = package.YOLO("yolo26n.yaml")
        shipped = verified(model_named("nanodet-g"), FOLDER)
        yolo.model.names = dict(Metadata.of(BaseBackend.read_metadata(shipped)).names)
        yolo.save(path.with_suffix(".part.pt"))
        path.with_suffix(".part.pt").replace(path)
    return path


def model_of(name: str) -> tuple[Model, Path]:
    """Give the shipped model, or the untrained one under the name of yolo26n."""
    model = model_named(name)
    if name == "yolo26n":
        return replace(model, name="yolo26n-untrained"), untrained()
    return model, verified(model, FOLDER)
