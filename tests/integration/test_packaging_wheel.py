"""The wheel carries all that an installed Ilotier needs: pages, model, SQL."""

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[2]
PACKAGES = ("domain", "webrtc", "detectors", "push", "mobile_api", "server")
REGISTRIES = ("pypi" + ".org", "python" + "hosted", "registry." + "npmjs")


def tracked_names() -> list[str]:
    git = shutil.which("git")
    assert git, "git is part of the set-up"
    listing = subprocess.run(
        [git, "-C", str(CHECKOUT), "ls-files", "-z"], capture_output=True, check=True
    )
    return [name for name in listing.stdout.decode().split("\0") if (CHECKOUT / name).is_file()]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    """Built from a copy of the tracked files alone, as from a clean clone."""
    source = tmp_path_factory.mktemp("source")
    for name in tracked_names():
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(CHECKOUT / name, source / name)
    built = tmp_path_factory.mktemp("wheel")
    pip = [sys.executable, "-m", "pip", "wheel", "--quiet", "--disable-pip-version-check"]
    subprocess.run(
        [*pip, "--no-deps", "--no-build-isolation", "--wheel-dir", str(built), str(source)],
        check=True,
        timeout=150,
    )
    [file] = built.glob("*.whl")
    return zipfile.ZipFile(file)


def test_every_tracked_file_of_the_packages_is_in_the_wheel(wheel: zipfile.ZipFile) -> None:
    tracked = {name for name in tracked_names() if name.split("/")[0] in PACKAGES}

    assert tracked - set(wheel.namelist()) == set()
    assert any(name.startswith("server/database/queries/") for name in tracked)
    assert any(name.startswith("server/database/migrations/") for name in tracked)
    assert "detectors/models/nanodet_g_fp16w.onnx" in tracked


def test_the_wheel_holds_the_built_pages(wheel: zipfile.ZipFile) -> None:
    names = set(wheel.namelist())
    scripts = [name for name in names if name.startswith("server/http/pages/assets/")]

    assert "server/http/pages/index.html" in names
    assert "server/http/pages/patrol/index.html" in names
    assert "server/http/pages/.vite/manifest.json" in names  # what the offline page keeps
    assert any(name.endswith(".js") for name in scripts)
    assert any(name.endswith(".mjs") for name in scripts)  # the map's worker


def test_the_wheel_holds_no_build_tool_and_no_registry(wheel: zipfile.ZipFile) -> None:
    naming = [
        name
        for name in wheel.namelist()
        for registry in REGISTRIES
        if registry.encode() in wheel.read(name)
    ]

    assert not [name for name in wheel.namelist() if "node_modules" in name]
    assert naming == []


def test_the_licences_travel_with_the_wheel(wheel: zipfile.ZipFile) -> None:
    licences = {
        name.split("/licenses/")[1] for name in wheel.namelist() if ".dist-info/licenses/" in name
    }

    assert licences == {
        "LICENSE",
        "detectors/models/LICENSE-human-models.txt",
        "detectors/models/NOTICE",
    }
