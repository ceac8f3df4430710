"""`ilotier models …`: what each model is, whether it can be used here, and what it costs."""

from collections.abc import Callable, Set
from pathlib import Path

from detectors.bench import bench
from detectors.catalogue import (
    CATALOGUE,
    Model,
    ModelDamaged,
    ModelForbidden,
    State,
    listed,
    model_named,
    verified,
)
from detectors.findings import examined, refused_in_words
from detectors.forms import forms_of
from detectors.network import Engine, best_engine
from detectors.protocol import DetectorFailed
from domain.rules import TYPES, labels_of
from server.settings import Settings, models_folder

type Say = Callable[[str], None]


def list_all(settings: Settings, say: Say) -> None:
    """`ilotier models list`: the project's models, then those that the settings name."""
    for entry in listed(models_folder(settings)):
        reason = f" ({entry.reason})" if entry.reason else ""
        say(f"{entry.model.name:12} {entry.state.value}{reason}")
        say(f"    {entry.model.provenance}; {entry.model.licence}")
    for path in settings.detection.supplied_models:
        try:
            model, labels = _supplied(path, settings)
        except (DetectorFailed, ModelForbidden) as error:
            say(f"{path.stem:12} refused ({error})")
        else:
            say(f"{model.name:12} ready")
            say(f"    {model.provenance}; licence not known here; {_used_for(labels)}")


def verify(settings: Settings, say: Say, say_wrong: Say) -> bool:
    """`ilotier models verify`: tell whether every model that is there is what it is to be."""
    folder, holds = models_folder(settings), True
    for entry in listed(folder):
        if entry.state is State.MISSING:
            continue
        try:
            say(f"{entry.model.name}: {verified(entry.model, folder)}")
        except ModelDamaged as error:
            holds = False
            say_wrong(f"{entry.model.name}: {error}")
    for path in settings.detection.supplied_models:
        try:
            say(f"{path.stem}: {path}, {_used_for(_supplied(path, settings)[1])}")
        except (DetectorFailed, ModelForbidden) as error:
            holds = False
            say_wrong(f"{path.stem}: {error}")
    return holds


def export(name: str, settings: Settings, say: Say) -> None:
    """`ilotier models export NAME`: make now what the first start would make of it."""
    model, path = _model(name, settings)
    engine = _engine(path, settings)
    if engine is Engine.ULTRALYTICS:
        say(f"{path}: ultralytics runs it as it is")
        return
    with refused_in_words(path):
        forms = forms_of(model, path, engine=engine, cache=_cache(settings))
    for form in forms:
        say(f"{engine.value} {form.size[1]} x {form.size[0]}: {form.file}")


def measure(name: str, settings: Settings, say: Say) -> None:
    """`ilotier models bench NAME`: what a look costs on this machine."""
    model, path = _model(name, settings)
    engine, looks_per_s = _engine(path, settings), settings.detection.looks_per_s
    with refused_in_words(path):
        measured = bench(model, path, engine=engine, cache=_cache(settings))
    say(f"{model.name} on {engine.value}, one core:")
    for size, ms in measured.items():
        cameras = 1000 / (ms * looks_per_s)
        say(
            f"    {size[1]} x {size[0]}: {ms:.1f} ms a look, {cameras:.1f} cameras a core where "
            f"something moves all the time ({looks_per_s:g} looks/s)"
        )
    say("Decoding comes on top; where nothing moves, the network is hardly asked.")


def _model(name: str, settings: Settings) -> tuple[Model, Path]:
    """Give the model of that name with its file, ours or the operator's; raise why it can't be."""
    for path in settings.detection.supplied_models:
        if path.stem == name and name not in {model.name for model in CATALOGUE}:
            return _supplied(path, settings)[0], path
    model = model_named(name)
    return model, verified(model, models_folder(settings))


def _supplied(path: Path, settings: Settings) -> tuple[Model, frozenset[str]]:
    return examined(path, labels_of(TYPES), cache=_cache(settings))


def _used_for(labels: Set[str]) -> str:
    kinds = sorted(kind.value for kind, one in TYPES.items() if one.labels & labels)
    return f"gives {', '.join(sorted(labels))}, for {', '.join(kinds) or 'no kind by itself'}"


def _engine(path: Path, settings: Settings) -> Engine:
    wanted = settings.detection.engine
    return best_engine(path) if wanted == "auto" else Engine(wanted)


def _cache(settings: Settings) -> Path:
    return settings.data_dir / "ultralytics"
