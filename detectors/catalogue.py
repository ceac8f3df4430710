"""Which models there are, where each comes from, and whether its file is what it claims to be."""

import hashlib
import re
import shutil
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import ClassVar

from detectors.environment import ultralytics
from domain.detections import ObjectClass
from domain.errors import NotFound, Unavailable

SHIPPED = Path(__file__).parent / "models"

# What no installation may load, by any name a model's author could give it: nothing that tells one
# person from another (law 2023-380, article 10: no biometric data, no identification), in English
# or French. "hair drier" and "license" are words of other things.
FORBIDDEN = re.compile(
    r"face|facial|visage|plate|plaque|immat|\ba?lpr?\b|\banpr\b|\bre[ -]?id\b|reid|embed|gender"
    r"|ethni|\brace\b|[eé]motion|\b[aâ]ge\b|\bsexe?\b|female|femme|\b(?:wo)?m[ae]n\b|\bmale\b|\bhomme"
    r"|gait|iris|clothing|v[eê]tement|biom[eé]tr",
    re.IGNORECASE,
)


class ModelUnavailable(Unavailable):
    """The model is not on this machine; the text says why and what would bring it."""

    code: ClassVar[str] = "model-unavailable"
    title: ClassVar[str] = "This detection model is not available"


class ModelDamaged(Unavailable):
    """The model's file is not the one that was shipped or fetched."""

    code: ClassVar[str] = "model-damaged"
    title: ClassVar[str] = "The detection model's file is damaged"


class ModelForbidden(Unavailable):
    """The model recognises persons or plates; no profile and no setting allows that."""

    code: ClassVar[str] = "model-forbidden"
    title: ClassVar[str] = "This model recognises what may not be recognised"


class State(StrEnum):
    READY = "ready"
    MISSING = "missing"
    DAMAGED = "damaged"


@dataclass(frozen=True, slots=True)
class Model:
    """One model: its file, its provenance, and how ultralytics is to be asked.

    ``sha256`` is None for a file that this project has never seen: then the sum of what was fetched
    is kept beside it and holds from then on. ``sizes``: of the pictures that it is shown, height
    and width in pixels, that for whole pictures first; a small crop costs less.
    """

    name: str
    file_name: str
    sha256: str | None
    licence: str
    provenance: str
    sizes: tuple[tuple[int, int], ...]
    shipped: bool


CATALOGUE = (
    Model(
        name="nanodet-g",
        file_name="nanodet_g_fp16w.onnx",
        sha256="0f971ea66268e6e16634503085f9bf726dcc3d9b8275a106eb0747b90bc4d652",
        licence="Apache-2.0 (NanoDet), MIT (conversion)",
        provenance="NanoDet-g by the NanoDet authors, converted by Vladimir Mandic; shipped",
        sizes=((416, 416), (256, 256), (192, 192)),
        shipped=True,
    ),
    Model(
        name="yolo26n",
        file_name="yolo26n.pt",
        sha256=None,
        licence="AGPL-3.0",
        provenance="Ultralytics' release assets, fetched by ultralytics when asked to",
        sizes=((384, 640), (256, 256)),
        shipped=False,
    ),
)


@dataclass(frozen=True, slots=True)
class Listed:
    """A line of `ilotier models list`; ``reason`` says why it is not ready, "" when it is."""

    model: Model
    state: State
    reason: str


def model_named(name: str) -> Model:
    """Give the model of that name; raise ``NotFound``."""
    for model in CATALOGUE:
        if model.name == name:
            return model
    known = ", ".join(model.name for model in CATALOGUE)
    raise NotFound(f"There is no model {name!r}; there are: {known}.")


def listed(folder: Path) -> list[Listed]:
    """List all models with their state; ``folder`` is where fetched ones lie."""
    return [_listed(model, folder) for model in CATALOGUE]


def path_of(model: Model, folder: Path) -> Path:
    """Where the model's file lies, or would."""
    return (SHIPPED if model.shipped else folder) / model.file_name


def verified(model: Model, folder: Path) -> Path:
    """Give the path of a file that is what it claims to be.

    Raises ``ModelUnavailable`` when it is not there and ``ModelDamaged`` when it is another.
    """
    path = path_of(model, folder)
    if not path.is_file():
        how = (
            "reinstall the package" if model.shipped else f"run `ilotier models fetch {model.name}`"
        )
        raise ModelUnavailable(f"The file of {model.name} is not here; {how}.")
    expected = model.sha256 or _kept_sum(path)
    if (found := sha256_of(path)) != expected:
        raise ModelDamaged(
            f"{path.name} has SHA-256 {found}, expected {expected or 'one on record'}."
        )
    return path


def fetch(model: Model, folder: Path, *, private: Path) -> Path:
    """Bring the model to this machine if it is not, and give its verified path.

    Asks the internet, by way of ultralytics; blocks for as long as that takes. Raises
    ``ModelUnavailable`` when it can't be had.
    """
    path = path_of(model, folder)
    if model.shipped or path.exists():
        return verified(model, folder)
    unfinished = folder / "fetching" / model.file_name
    try:
        ultralytics(private, online=True)
        from ultralytics.utils.downloads import attempt_download_asset

        shutil.rmtree(unfinished.parent, ignore_errors=True)  # of one that was killed
        unfinished.parent.mkdir(parents=True)
        attempt_download_asset(unfinished)
        _check_whole(unfinished)
        _keep_sum(path, sha256_of(unfinished))
        unfinished.replace(path)
    except (OSError, MemoryError) as error:  # the network's, the disk's; ultralytics' of a full one
        _sum_file(path).unlink(missing_ok=True)
        raise ModelUnavailable(f"{model.name} could not be fetched: {error}") from error
    finally:
        shutil.rmtree(unfinished.parent, ignore_errors=True)
    return path


def _check_whole(file: Path) -> None:
    """Raise ``OSError`` unless what came is a model as torch writes it, a zip, whole.

    Its sum holds from then on: a page of the network's door keeper is not what it is to be.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            torn = archive.testzip()
    except zipfile.BadZipFile:
        raise OSError("what came is no model") from None
    if torn is not None:
        raise OSError("what came is damaged")


def allowed_classes(names: Mapping[int, str], *, task: str) -> dict[int, ObjectClass]:
    """Give those of a model's classes that may be looked for, by their number in the model.

    Raises ``ModelForbidden`` for a model that does more than find things, or that knows a class by
    which a person or a vehicle could be recognised, whether or not it would be asked for it.
    """
    check_task_and_names(names, task=task)
    known = {one.value: one for one in ObjectClass}
    return {number: known[name] for number, name in names.items() if name in known}


def check_task_and_names(names: Mapping[int, str], *, task: str) -> None:
    """Raise ``ModelForbidden`` for a model that recognises, or does anything but find things."""
    if task != "detect":
        raise ModelForbidden(f"The model does {task!r}; only detection is allowed.")
    if forbidden := forbidden_words(names.values()):
        raise ModelForbidden(f"The model knows: {', '.join(forbidden)}.")


def forbidden_words(texts: Iterable[str]) -> list[str]:
    """Give those of ``texts`` that name something by which a person or vehicle is recognised."""
    return [text for text in texts if FORBIDDEN.search(text.replace("_", " "))]


def sha256_of(path: Path) -> str:
    """Give the file's SHA-256, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _listed(model: Model, folder: Path) -> Listed:
    try:
        verified(model, folder)
    except ModelUnavailable as error:
        return Listed(model, State.MISSING, str(error))
    except ModelDamaged as error:
        return Listed(model, State.DAMAGED, str(error))
    return Listed(model, State.READY, "")


def _sum_file(path: Path) -> Path:
    return path.with_name(path.name + ".sha256")


def _kept_sum(path: Path) -> str | None:
    file = _sum_file(path)
    return file.read_text().strip() if file.is_file() else None


def _keep_sum(path: Path, value: str) -> None:
    _sum_file(path).write_text(value + "\n")
