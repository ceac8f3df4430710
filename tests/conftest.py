"""What the kinds of tests share: their order, the figures that a run measured, their priority."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests.order import in_order

FIGURE = "figure"

# The tests start a hundred processes. Where the environment forbids it to keep what was compiled,
# each of them would compile all that it imports, which is most of its start.
sys.dont_write_bytecode, sys.pycache_prefix = False, str(Path(__file__).parents[1] / ".cache/pyc")
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
os.environ["PYTHONPYCACHEPREFIX"] = sys.pycache_prefix

# A rule holds or not, however long a busy machine takes for an example.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    in_order(items)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> object:
    from tests.beside import LastAlone

    return LastAlone(config, log)


@pytest.fixture
def figures(request: pytest.FixtureRequest) -> Iterator[list[str]]:
    """Lines to print at the end of the run: what was measured, beside what was promised."""
    lines: list[str] = []
    yield lines
    # With the test's report: the process that prints them may be another one.
    request.node.user_properties.extend((FIGURE, line) for line in lines)


@pytest.fixture(autouse=True)
def ordinary_priority() -> Iterator[None]:
    """A test that left the run a real-time priority would slow or stop all that come after it."""
    yield
    assert os.sched_getscheduler(0) == os.SCHED_OTHER, "see tests/priority.py"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    lines = [
        line
        for reports in terminalreporter.stats.values()
        for report in reports
        if getattr(report, "when", None) == "teardown"
        for name, line in report.user_properties
        if name == FIGURE
    ]
    if lines:
        terminalreporter.section("measured")
    for line in lines:
        terminalreporter.write_line(line)
