"""Named SQL, read from ``queries/*.sql``: ``-- name: NAME``, a sentence, the statement."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

FOLDER = Path(__file__).parent / "queries"
HEADING = re.compile(r"^-- name: (?P<name>[a-z][a-z0-9_]*)\n", re.MULTILINE)


class Statements(Mapping[str, str]):
    """The statements of one file, by name. A wrong name fails where the module is imported."""

    def __init__(self, file: Path) -> None:
        text = file.read_text("utf-8")
        parts = HEADING.split(text)
        if parts[0].strip() and not all(
            line.startswith("--") for line in parts[0].strip().splitlines()
        ):
            raise ValueError(f"{file.name}: a statement without a name")
        self._statements: dict[str, str] = {}
        for name, statement in zip(parts[1::2], parts[2::2], strict=True):
            if name in self._statements:
                raise ValueError(f"{file.name}: {name} is there twice")
            if not statement.startswith("-- "):
                raise ValueError(f"{file.name}: {name} has no sentence above it")
            self._statements[name] = statement.strip().removesuffix(";")

    def __getitem__(self, name: str) -> str:
        return self._statements[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._statements)

    def __len__(self) -> int:
        return len(self._statements)


def load(name: str) -> Statements:
    """Read ``queries/NAME.sql``."""
    return Statements(FOLDER / f"{name}.sql")
