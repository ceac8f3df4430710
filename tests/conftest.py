"""What the kinds of tests share: the figures that a run measured, and an ordinary priority."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

FIGURES = pytest.StashKey[list[str]]()

# The tests start a hundred processes. Where the environment forbids it to keep what was compiled,
# each of them would compile all that it imports, which is most of its start.
sys.dont_write_bytecode, sys.pycache_prefix = False, str(Path(__file__).parents[1] / ".cache/pyc")
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
os.environ["PYTHONPYCACHEPREFIX"] = sys.pycache_prefix

# A rule holds or not, however long a busy machine takes for an example.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


@pytest.fixture
def figures(request: pytest.FixtureRequest) -> list[str]:
    """Lines to print at the end of the run: what was measured, beside what was promised."""
    return request.config.stash.setdefault(FIGURES, [])


@pytest.fixture(autouse=True)
def ordinary_priority() -> Iterator[None]:
    """A test that left the run a real-time priority would slow or stop all that come after it."""
    yield
    assert os.sched_getscheduler(0) == os.SCHED_OTHER, "see tests/priority.py"


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    if FIGURES in config.stash:
        terminalreporter.section("measured")
        for line in config.stash[FIGURES]:
            terminalreporter.write_line(line)
