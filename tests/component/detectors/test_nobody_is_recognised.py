"""No face, no plate, no appearance: neither a model, nor a class, nor a column, nor a file.

What no profile and no setting may turn on must not be there to be turned on.
"""

import re
import subprocess
import sys
from pathlib import Path

from detectors.catalogue import CATALOGUE, SHIPPED, forbidden_words
from domain.detections import Box, Detection, ObjectClass

ROOT = Path(__file__).parents[3]
PACKAGES = ("domain", "webrtc", "detectors", "push", "mobile_api", "server")
MODEL_SUFFIXES = {".onnx", ".pt", ".tflite", ".pb", ".caffemodel", ".bin", ".xml", ".engine", ".h5"}
# The words of the trade that hold such a word and mean another thing.
INNOCENT = re.compile(r"surface|interface|facade|template|replace|embedded", re.IGNORECASE)


def suspicious(texts: list[str]) -> list[str]:
    return forbidden_words([INNOCENT.sub("", text) for text in texts])


def test_the_scan_itself_finds_what_it_looks_for() -> None:
    assert suspicious(["face_embedding", "plate_number", "reid_vector", "appearance gender"])
    assert not suspicious(["surface", "template", "stage", "damage", "replaced_by"])


def test_no_class_and_no_field_of_a_detection_recognises_anybody() -> None:
    fields = [*Detection.__dataclass_fields__, *Box.__dataclass_fields__]

    assert suspicious([one.value for one in ObjectClass]) == []
    assert set(fields) == {
        "object_class", "confidence", "box", "track", "left", "top", "right", "bottom",
    }  # fmt: skip


def test_no_model_of_the_catalogue_recognises_anybody() -> None:
    texts = [f"{one.name} {one.file_name} {one.provenance}" for one in CATALOGUE]

    assert suspicious(texts) == []


def test_the_package_holds_the_catalogues_model_files_and_no_other() -> None:
    found = {
        path.relative_to(ROOT)
        for package in PACKAGES
        for path in (ROOT / package).rglob("*")
        if path.suffix.lower() in MODEL_SUFFIXES
    }

    shipped = {(SHIPPED / one.file_name).relative_to(ROOT) for one in CATALOGUE if one.shipped}
    assert found == shipped


def test_no_column_of_the_database_could_hold_such_a_thing() -> None:
    migrations = sorted((ROOT / "server/database/migrations").glob("*.sql"))
    assert migrations
    names = [
        name
        for path in migrations
        for line in path.read_text().splitlines()
        if not line.lstrip().startswith("--")
        for name in re.findall(r"^\s+(\w+)\s+[a-z]|TABLE (?:IF NOT EXISTS )?(\w+)", line)
        for name in name
        if name
    ]

    assert len(names) > 100
    assert suspicious(names) == []
    assert not any(re.search(r"\bvector\b|halfvec", path.read_text()) for path in migrations)


def test_no_code_of_ours_asks_for_features_of_a_persons_looks() -> None:
    asked = re.compile(
        r"FaceRecognizer|FaceDetector|face_recognition|insightface|with_reid\s*[:=]\s*True|\.embed\(|BOTSORT"
    )
    guilty = [
        path.relative_to(ROOT)
        for package in PACKAGES
        for path in (ROOT / package).rglob("*.py")
        if asked.search(path.read_text())
    ]

    assert guilty == []


def test_the_wheel_carries_no_other_model() -> None:
    listing = subprocess.run(
        [sys.executable, "-c", LIST_WHEEL],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    ).stdout.split()

    models = [name for name in listing if Path(name).suffix.lower() in MODEL_SUFFIXES]
    assert models == ["detectors/models/nanodet_g_fp16w.onnx"]
    # The built pages' names end in hexadecimal sums, in which any word may appear.
    ours = [name for name in listing if not name.startswith("server/http/pages/")]
    assert suspicious(ours) == []


# What hatch would put into the wheel, without building the pages for it.
LIST_WHEEL = """
from hatchling.builders.wheel import WheelBuilder
for included in WheelBuilder(".").recurse_included_files():
    print(included.distribution_path)
"""
