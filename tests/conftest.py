"""What the kinds of tests share: the figures that a run measured, and an ordinary priority."""

import os
from collections.abc import Iterator

import pytest
from hypothesis import settings

FIGURES = pytest.StashKey[list[str]]()

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
