"""What the kinds of tests share: one running town, and the figures a run measured."""

from collections.abc import Iterator

import pytest

from tests.town import Town, running_town

FIGURES = pytest.StashKey[list[str]]()


@pytest.fixture(scope="session")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """The demonstration, running, with an installation of its own."""
    with running_town(tmp_path_factory.mktemp("demo")) as running:
        yield running


@pytest.fixture
def figures(request: pytest.FixtureRequest) -> list[str]:
    """Lines to print at the end of the run: what was measured, beside what was promised."""
    return request.config.stash.setdefault(FIGURES, [])


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    if FIGURES in config.stash:
        terminalreporter.section("measured")
        for line in config.stash[FIGURES]:
            terminalreporter.write_line(line)
