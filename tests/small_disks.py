"""A file system of a test's own, in memory, that can be filled or made read-only without harm."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest


class SmallDisk:
    def __init__(self, path: Path) -> None:
        self.path = path

    def fill(self) -> Path:
        """Take all room that is left."""
        ballast = self.path / "ballast"
        with ballast.open("ab", buffering=0) as writing, suppress(OSError):
            while True:
                writing.write(bytes(4096))
        return ballast

    def remount(self, how: str) -> None:
        _mount("-o", f"remount,{how}", str(self.path))


@contextmanager
def small_disk(path: Path, *, size: str) -> Iterator[SmallDisk]:
    """Mount one at ``path``; the test is skipped where that can't be done."""
    if os.geteuid() != 0:
        pytest.skip("mounting a small file system needs root")
    path.mkdir(parents=True)
    if refused := _mount("-t", "tmpfs", "-o", f"size={size},mode=0700", "tmpfs", str(path)):
        pytest.skip(f"no file system can be mounted here: {refused}")
    try:
        yield SmallDisk(path)
    finally:
        subprocess.run(["umount", "--lazy", str(path)], check=True)  # noqa: S607 - root's PATH


def _mount(*how: str) -> str:
    """Why not; "" when it was done."""
    done = subprocess.run(["mount", *how], check=False, capture_output=True, text=True)  # noqa: S607 - root's PATH
    return done.stderr.strip() if done.returncode else ""
