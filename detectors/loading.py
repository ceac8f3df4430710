"""A model's file to networks that look: read, checked, converted once, compiled, tried."""

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np

from detectors.boxes import OutputForm
from detectors.catalogue import Model
from detectors.environment import keep_to_one_thread, ultralytics
from detectors.forms import Metadata, forms_of, said_by_model
from detectors.network import Engine, Network, compiled, ultralytics_network

NOTHING_SCORES_SO = 0.99


def loaded[C](
    model: Model,
    path: Path,
    wanted_of: Callable[[Metadata], Mapping[int, C]],
    *,
    engine: Engine,
    cache: Path,
    lanes: int,
) -> tuple[list[Network], Mapping[int, C]]:
    """Load ``model`` in each of its sizes; ``wanted_of`` says which classes, or refuses the model.

    Blocks, the first time for some seconds. What the engines raise on a broken file passes.
    """
    package = ultralytics(cache / "ultralytics")
    keep_to_one_thread()
    said = said_by_model(path, cache)
    wanted = wanted_of(said)
    if engine is Engine.ULTRALYTICS:
        yolo, form = package.YOLO(str(path)), OutputForm([*wanted], len(said.names))
        networks = [ultralytics_network(yolo, size, form) for size in model.sizes]
    else:
        networks = []
        for one in forms_of(model, path, engine=engine, cache=cache):
            form = OutputForm([*wanted], len(said.names), one.metadata.ends_itself)
            networks.append(compiled(one.file, one.size, form, engine=engine, lanes=lanes))
    for network in networks:  # an output that can't be read is said now, not at the first look
        network.look(np.zeros((*network.size, 3), np.uint8), NOTHING_SCORES_SO)
    return networks, wanted
