"""The real detector on the real model, loaded once for each engine."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from detectors.catalogue import model_named, verified
from detectors.executor import Worker
from detectors.network import Engine
from detectors.person import PersonDetector


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("detectors")


@pytest.fixture(scope="session")
def worker() -> Iterator[Worker]:
    with Worker.of("inference") as worker:
        yield worker


@pytest_asyncio.fixture(
    scope="session", params=[Engine.OPENVINO, Engine.ONNXRUNTIME], loop_scope="session"
)
async def detector(
    request: pytest.FixtureRequest, cache: Path, worker: Worker
) -> AsyncIterator[PersonDetector]:
    yield await load(request.param, cache, worker)


async def load(engine: Engine, cache: Path, worker: Worker) -> PersonDetector:
    model = model_named("nanodet-g")
    return await PersonDetector.load(
        model, verified(model, cache), engine=engine, cache=cache, worker=worker, confidence=0.35
    )
