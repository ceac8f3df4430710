"""In which order test files run, and which of them never run beside each other."""

import pytest

ALONE = "tests/e2e/"
#: What takes longest begins first, so that both processes end at about the same time.
ORDER = ("tests/integration/", "tests/component/", "tests/unit/", ALONE)
BROWSER = "chromium"


def in_order(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: _place(item.nodeid))


def _place(nodeid: str) -> tuple[int, bool]:
    kind = next((n for n, folder in enumerate(ORDER) if nodeid.startswith(folder)), len(ORDER))
    return kind, BROWSER not in nodeid.partition("::")[0]
