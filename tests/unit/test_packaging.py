"""What the repository promises to whoever clones it, read from its files."""

import hashlib
import re
import shutil
import subprocess
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[2]
ROLES = ("control", "media", "detect", "demo", "dev")
MODEL_SHA256 = "0f971ea66268e6e16634503085f9bf726dcc3d9b8275a106eb0747b90bc4d652"
# Put together here, so that this file does not hold what it looks for.
REGISTRIES = tuple(
    name.encode()
    for name in (
        "pypi" + ".org", "python" + "hosted", "registry." + "npmjs", "deb." + "debian",
        "archive." + "ubuntu", "npmmirror" + ".", "files." + "python",
    )
)  # fmt: skip
MOST_LINES = 400
# Migrations are not among them: what was released is not taken apart any more.
SOURCES = {".py", ".ts", ".tsx", ".mjs", ".js", ".css", ".html", ".sh"}
MACHINE_PATH = re.compile(rb"(?<![\w.])/(?:work|farm|root|home/\w+|tmp/bash_jobs)/[A-Za-z.]")
# Words that lock files use for an address.
ADDRESS_IN_A_LOCK = re.compile(
    rb'"resolved"|--(?:extra-)?index-url|--find-links|^-i ', re.MULTILINE
)


def tracked_files() -> list[Path]:
    git = shutil.which("git")
    assert git, "git is part of the set-up"
    listing = subprocess.run(
        [git, "-C", str(CHECKOUT), "ls-files", "-z"], capture_output=True, check=True
    )
    files = [CHECKOUT / name for name in listing.stdout.decode().split("\0") if name]
    return [file for file in files if file.is_file()]


def test_no_tracked_file_names_a_registry() -> None:
    naming = [
        f"{file.relative_to(CHECKOUT)}: {registry.decode()}"
        for file in tracked_files()
        for registry in REGISTRIES
        if registry in file.read_bytes()
    ]

    assert naming == []


def test_no_tracked_file_names_a_path_of_one_machine() -> None:
    naming = [
        f"{file.relative_to(CHECKOUT)}: {found[0].decode()}"
        for file in tracked_files()
        if (found := MACHINE_PATH.search(file.read_bytes()))
    ]

    assert naming == []


def test_what_is_caught_without_a_name_says_why_on_its_line() -> None:
    unsaid = [
        f"{file.relative_to(CHECKOUT)}: {line.strip()}"
        for file in tracked_files()
        if file.suffix == ".py"
        for line in file.read_text().splitlines()
        if re.search(r"except Exception\b(?!.*#)", line) and '"' not in line
    ]

    assert unsaid == []


def test_no_source_file_is_longer_than_the_guide_allows() -> None:
    sources = [file for file in tracked_files() if file.suffix in SOURCES]

    long = {
        str(file.relative_to(CHECKOUT)): lines
        for file in sources
        if (lines := len(file.read_text().splitlines())) > MOST_LINES
    }

    assert len(sources) > 1000
    assert long == {}


def test_no_lock_file_holds_an_address() -> None:
    locks = [*(CHECKOUT / "constraints").glob("*.txt"), CHECKOUT / "web" / "package-lock.json"]

    holding = [lock.name for lock in locks if ADDRESS_IN_A_LOCK.search(lock.read_bytes())]

    assert len(locks) == len(ROLES) + 2  # and the demonstration's data, and the pages
    assert holding == []


@pytest.mark.parametrize("role", ROLES)
def test_every_pinned_package_has_one_version_and_its_hashes(role: str) -> None:
    text = (CHECKOUT / "constraints" / f"{role}.txt").read_text().replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]

    assert lines
    for line in lines:
        assert re.match(r"[a-z0-9-]+==[\w.+]+ ", line), line
        assert "--hash=sha256:" in line, line


def test_a_host_with_several_roles_has_one_version_of_each_package() -> None:
    versions: dict[str, set[str]] = {}
    for role in ROLES:
        text = (CHECKOUT / "constraints" / f"{role}.txt").read_text()
        for name, version in re.findall(r"^([a-z0-9-]+)==([\w.+]+)", text, re.MULTILINE):
            versions.setdefault(name, set()).add(version)

    assert {name: found for name, found in versions.items() if len(found) > 1} == {}


def test_only_detection_hosts_carry_torch_and_ultralytics() -> None:
    carrying = [
        role
        for role in ROLES
        if re.search(
            r"^(torch|ultralytics|nvidia-\w+)==",
            (CHECKOUT / "constraints" / f"{role}.txt").read_text(),
            re.MULTILINE,
        )
    ]

    assert carrying == ["detect"]


def test_opencv_is_the_build_without_a_window_system() -> None:
    text = (CHECKOUT / "constraints" / "detect.txt").read_text()

    assert re.findall(r"^opencv[a-z-]*", text, re.MULTILINE) == ["opencv-python-headless"]


def test_the_model_is_the_published_one() -> None:
    models = CHECKOUT / "detectors" / "models"

    digest = hashlib.sha256((models / "nanodet_g_fp16w.onnx").read_bytes()).hexdigest()

    assert digest == MODEL_SHA256
    assert MODEL_SHA256 in (models / "NOTICE").read_text()


def test_no_other_model_is_in_the_repository() -> None:
    models = {
        file.name
        for file in tracked_files()
        if file.suffix in {".onnx", ".pt", ".tflite", ".bin", ".safetensors", ".pb"}
    }

    assert models == {"nanodet_g_fp16w.onnx"}


def test_make_help_lists_every_command_a_person_types() -> None:
    makefile = (CHECKOUT / "Makefile").read_text()
    listed = set(re.findall(r"^([a-z]+):.*## ", makefile, re.MULTILINE))

    assert listed >= {"help", "setup", "demo", "test", "unit", "check", "bench"}
