"""How much of a core a model's looks take on this machine."""

import time
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from detectors.catalogue import Model
from detectors.forms import Metadata
from detectors.loading import loaded
from detectors.network import Engine, Network

MEASURED_S = 1.0
LEAST_LOOKS = 5
LEAST_SCORE = 0.35


def bench(model: Model, path: Path, *, engine: Engine, cache: Path) -> dict[tuple[int, int], float]:
    """Give the milliseconds of one core that a look takes, by the picture's size."""
    networks, _ = loaded(model, path, _all, engine=engine, cache=cache, lanes=1)
    return {network.size: _ms(network) for network in networks}


def _all(said: Metadata) -> Mapping[int, str]:
    return said.names


def _ms(network: Network) -> float:
    noise = np.random.default_rng(1).integers(0, 256, (*network.size, 3), np.uint8)
    network.look(noise, LEAST_SCORE)  # the first takes longer
    looks, begun, cpu = 0, time.monotonic(), time.process_time()
    while looks < LEAST_LOOKS or time.monotonic() - begun < MEASURED_S:
        network.look(noise, LEAST_SCORE)
        looks += 1
    return (time.process_time() - cpu) / looks * 1000
