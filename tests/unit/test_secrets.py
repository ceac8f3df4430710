"""The installation's key: made once, and what is sealed with it stays shut for others."""

import stat
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import Unavailable
from server.secrets import InstallationKey, KeyUnusable, Vault

VAULT = Vault(bytes(32))


@given(secret=st.text(st.characters(exclude_categories=["Cs"])), about=st.text(max_size=20))
def test_what_is_sealed_comes_back(secret: str, about: str) -> None:
    about = about.encode("utf-8", "replace").decode()
    assert VAULT.open(VAULT.seal(secret, about=about), about=about) == secret


def test_the_same_secret_looks_different_each_time() -> None:
    assert VAULT.seal("secret", about="camera:1") != VAULT.seal("secret", about="camera:1")


def test_a_row_copied_to_another_camera_stays_shut() -> None:
    sealed = VAULT.seal("secret", about="camera:1")

    with pytest.raises(Unavailable):
        VAULT.open(sealed, about="camera:2")


def test_another_installations_key_opens_nothing() -> None:
    with pytest.raises(Unavailable):
        Vault(bytes(31) + b"\x01").open(VAULT.seal("secret", about="a"), about="a")


@given(cut=st.integers(0, 40), flipped=st.integers(0, 34))
def test_a_damaged_secret_stays_shut(cut: int, flipped: int) -> None:
    sealed = bytearray(VAULT.seal("secret", about="a"))
    sealed[flipped % len(sealed)] ^= 1

    with pytest.raises(Unavailable):
        VAULT.open(bytes(sealed), about="a")
    with pytest.raises(Unavailable):
        VAULT.open(VAULT.seal("secret", about="a")[: cut % 35], about="a")


def test_the_key_is_made_once_and_for_its_owner_only(tmp_path: Path) -> None:
    first = InstallationKey.open(tmp_path)
    file = tmp_path / "secrets" / "installation.key"

    assert InstallationKey.open(tmp_path).internal_token == first.internal_token
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert [path.name for path in file.parent.iterdir()] == ["installation.key"]


def test_starters_at_once_agree_on_one_key(tmp_path: Path) -> None:
    found: list[str] = []
    starters = [
        threading.Thread(target=lambda: found.append(InstallationKey.open(tmp_path).internal_token))
        for _ in range(8)
    ]
    for starter in starters:
        starter.start()
    for starter in starters:
        starter.join()

    assert len(found) == 8
    assert len(set(found)) == 1


def test_each_purpose_has_a_key_of_its_own(tmp_path: Path) -> None:
    key = InstallationKey.open(tmp_path)

    assert key.derived("a") != key.derived("b")
    assert len(key.derived("a")) == 32


def test_a_key_of_the_wrong_length_is_refused(tmp_path: Path) -> None:
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "installation.key").write_bytes(b"short")

    with pytest.raises(KeyUnusable):
        InstallationKey.open(tmp_path)
