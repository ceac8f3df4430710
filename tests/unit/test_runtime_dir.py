"""Sockets lie in the data folder, or in a private folder that is nobody else's."""

import tempfile
from pathlib import Path

import pytest

from server.runtime_dir import SOCKET_PATH_LIMIT, RuntimeDirUnsafe, socket_path


def test_a_socket_lies_in_the_data_folder_when_its_path_is_short(tmp_path: Path) -> None:
    data_dir = Path(tempfile.mkdtemp(prefix="i"))

    path = socket_path(data_dir, "tap.sock")

    assert path == data_dir / "run" / "tap.sock"
    assert path.parent.stat().st_mode & 0o077 == 0


def deep(folder: Path) -> Path:
    return folder / ("d" * SOCKET_PATH_LIMIT)


def test_every_process_of_a_deep_data_folder_finds_the_same_short_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))

    first, again = (socket_path(deep(tmp_path), "tap.sock") for _ in range(2))

    assert first == again
    assert first.parent.parent == tmp_path
    assert first != socket_path(deep(tmp_path / "other"), "tap.sock")


def test_a_folder_that_others_may_write_in_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    socket_path(deep(tmp_path), "tap.sock").parent.chmod(0o777)

    with pytest.raises(RuntimeDirUnsafe):
        socket_path(deep(tmp_path), "tap.sock")


def test_a_link_in_its_place_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    folder = socket_path(deep(tmp_path), "tap.sock").parent
    folder.rmdir()
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir(mode=0o700)
    folder.symlink_to(elsewhere)

    with pytest.raises(RuntimeDirUnsafe):
        socket_path(deep(tmp_path), "tap.sock")
