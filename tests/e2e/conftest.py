"""One running town for all end-to-end tests, and for no others: it takes half a core."""

from collections.abc import Iterator

import pytest

from tests.town import Town, running_town


@pytest.fixture(scope="package")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """The demonstration, running, with an installation of its own."""
    with running_town(tmp_path_factory.mktemp("demo")) as running:
        yield running
