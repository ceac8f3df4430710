"""Models: listed with where they come from, checked by their sum, refused if they recognise."""

import zipfile
from pathlib import Path
from types import ModuleType

import pytest

from detectors import catalogue
from detectors.catalogue import (
    CATALOGUE,
    ModelDamaged,
    ModelForbidden,
    ModelUnavailable,
    State,
    allowed_classes,
    fetch,
    listed,
    model_named,
    path_of,
    verified,
)
from domain.detections import ObjectClass
from domain.errors import NotFound

YOLO = model_named("yolo26n")


def test_the_shipped_model_is_ready_and_is_what_it_claims_to_be(tmp_path: Path) -> None:
    nanodet = listed(tmp_path)[0]

    assert nanodet.model.name == "nanodet-g"
    assert nanodet.state is State.READY
    assert verified(nanodet.model, tmp_path).stat().st_size == 7_639_468


def test_a_model_that_was_never_fetched_says_how_to_get_it(tmp_path: Path) -> None:
    line = next(one for one in listed(tmp_path) if one.model is YOLO)

    assert line.state is State.MISSING
    assert "ilotier models fetch yolo26n" in line.reason


def test_every_model_names_its_licence_and_where_it_comes_from() -> None:
    assert all(model.licence and model.provenance for model in CATALOGUE)


def test_an_unknown_model_is_refused_with_the_known_names() -> None:
    with pytest.raises(NotFound, match="nanodet-g"):
        model_named("yolo99")


@pytest.fixture
def downloads(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Stand in for ultralytics' download, the only part that needs the internet."""
    asked: list[Path] = []

    def download(file: Path) -> str:
        asked.append(file)
        with zipfile.ZipFile(file, "w") as archive:
            archive.writestr("archive/data.pkl", b"weights")
        return str(file)

    module = ModuleType("ultralytics.utils.downloads")
    module.__dict__["attempt_download_asset"] = download
    monkeypatch.setitem(__import__("sys").modules, "ultralytics.utils.downloads", module)
    monkeypatch.setattr(catalogue, "ultralytics", lambda *_, **__: None)
    return asked


def test_a_fetched_model_is_kept_and_not_fetched_again(
    tmp_path: Path, downloads: list[Path]
) -> None:
    first = fetch(YOLO, tmp_path, private=tmp_path)

    assert fetch(YOLO, tmp_path, private=tmp_path) == first == path_of(YOLO, tmp_path)
    assert len(downloads) == 1
    assert next(one for one in listed(tmp_path) if one.model is YOLO).state is State.READY


def test_a_fetched_model_that_changed_since_is_refused(
    tmp_path: Path, downloads: list[Path]
) -> None:
    fetch(YOLO, tmp_path, private=tmp_path).write_bytes(b"other weights")

    with pytest.raises(ModelDamaged, match="SHA-256"):
        verified(YOLO, tmp_path)
    assert next(one for one in listed(tmp_path) if one.model is YOLO).state is State.DAMAGED


@pytest.mark.parametrize(
    ("came", "error", "said"),
    [
        (b"half", ConnectionError("no route to host"), "no route to host"),
        (b"", MemoryError("no space for 5 MB"), "no space for 5 MB"),  # ultralytics' word for it
        (b"<html>Please sign in to this network", None, "no model"),
        (None, None, "No such file"),
    ],
)
def test_what_can_t_be_fetched_says_so_and_leaves_nothing_behind(
    tmp_path: Path,
    downloads: list[Path],
    monkeypatch: pytest.MonkeyPatch,
    came: bytes | None,
    error: Exception | None,
    said: str,
) -> None:
    def fail(file: Path) -> str:
        if came is not None:
            file.write_bytes(came)
        if error is not None:
            raise error
        return str(file)

    module = __import__("sys").modules["ultralytics.utils.downloads"]
    monkeypatch.setitem(module.__dict__, "attempt_download_asset", fail)

    with pytest.raises(ModelUnavailable, match=said):
        fetch(YOLO, tmp_path, private=tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_fetch_has_left_is_not_taken_for_the_model(
    tmp_path: Path, downloads: list[Path]
) -> None:
    (tmp_path / "fetching").mkdir()
    (tmp_path / "fetching" / YOLO.file_name).write_bytes(b"half")

    assert zipfile.is_zipfile(fetch(YOLO, tmp_path, private=tmp_path))
    assert len(downloads) == 1


def test_only_listed_classes_are_ever_asked_for() -> None:
    names = {0: "person", 2: "car", 27: "tie", 78: "hair drier"}

    assert allowed_classes(names, task="detect") == {0: ObjectClass.PERSON, 2: ObjectClass.CAR}


@pytest.mark.parametrize(
    "name",
    [
        *("face", "Human Face", "license plate", "numberplate", "reid", "gender", "age"),
        *("age_group", "visage", "plaque", "LP", "ANPR", "woman", "Man", "femme", "person_re-id"),
    ],
)
def test_a_model_that_recognises_persons_or_plates_is_refused(name: str) -> None:
    with pytest.raises(ModelForbidden):
        allowed_classes({0: "person", 1: name}, task="detect")


@pytest.mark.parametrize("task", ["classify", "pose", "segment", "embed"])
def test_a_model_that_does_more_than_find_things_is_refused(task: str) -> None:
    with pytest.raises(ModelForbidden):
        allowed_classes({0: "person"}, task=task)
