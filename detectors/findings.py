"""What models say that the operator has supplied for a kind of event: a fall, a weapon, a fire.

ultralytics loads them. They are asked where a rule in force needs it and no more than that: at the
places of people, or at the whole picture, a few times a second at most.
"""

import logging
from collections.abc import Iterator, Mapping, Sequence, Set
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Self

from detectors.boxes import CLASS, SCORE, UnknownForm, box_of
from detectors.catalogue import Model, ModelForbidden, check_task_and_names
from detectors.crops import Crop, Cutter
from detectors.executor import Worker
from detectors.forms import Metadata, said_by_model
from detectors.loading import loaded
from detectors.metrics import FINDINGS_ASKED
from detectors.network import Engine, Network
from detectors.protocol import DetectorFailed, Frame
from domain.detections import Detection
from domain.due import is_due
from domain.looks import Finding

logger = logging.getLogger(__name__)

ASKED_EVERY = timedelta(seconds=0.4)
WHOLE_EVERY = timedelta(seconds=2)
MOST_PEOPLE = 4
"""Asked about at once; who waits has his turn at the next."""
LEAST_SCORE = 0.2
SIZES = ((640, 640), (320, 320))
"""Of a .pt, which can be had in any: the whole picture, a person's place."""


@dataclass(frozen=True, slots=True)
class Supplied:
    """One model of the operator's, with those of its labels that some rule knows, in lower case."""

    name: str
    labels: frozenset[str]
    networks: Mapping[tuple[int, int], Network]
    label_of: Mapping[int, str]

    @classmethod
    async def load(
        cls,
        path: Path,
        known: Set[str],
        *,
        engine: Engine,
        cache: Path,
        worker: Worker,
        lanes: int = 1,
    ) -> Self:
        """Load the model at ``path``; ``known``: the labels that rules can use.

        Raises ``DetectorFailed`` or ``ModelForbidden``, which say what is wrong with it.
        """
        with refused_in_words(path):
            return await worker.run(partial(cls._load, path, known, engine, cache, lanes))

    @classmethod
    def _load(cls, path: Path, known: Set[str], engine: Engine, cache: Path, lanes: int) -> Self:
        said = _said(path, cache)
        model = _as_model(path, said)
        wanted_of = partial(_wanted, known=known)
        networks, label_of = loaded(model, path, wanted_of, engine=engine, cache=cache, lanes=lanes)
        by_size = {network.size: network for network in networks}
        return cls(path.stem, frozenset(label_of.values()), by_size, label_of)

    def look(self, frame: Frame, crop: Crop, *, track: int | None) -> list[Finding]:
        """Say what is in one part of ``frame``, in the calling thread."""
        FINDINGS_ASKED.inc()
        rows = self.networks[crop.size].look(frame.cut(crop.area, crop.size), LEAST_SCORE)
        return [
            Finding(
                label=self.label_of[int(row[CLASS])],
                confidence=min(1.0, float(row[SCORE])),
                box=box_of(row, frame.size),
                track=track,
            )
            for row in crop.in_picture(rows)
        ]


def examined(path: Path, known: Set[str], *, cache: Path) -> tuple[Model, frozenset[str]]:
    """Say what a supplied model is and which of ``known`` it gives, by its file's own words.

    Raises ``DetectorFailed`` or ``ModelForbidden``. Its network is not run: `Supplied.load` does.
    """
    with refused_in_words(path):
        said = _said(path, cache)
        return _as_model(path, said), frozenset(_wanted(said, known=known).values())


@contextmanager
def refused_in_words(path: Path) -> Iterator[None]:
    """Raise ``DetectorFailed``, with what the engine says, for whatever breaks in there."""
    try:
        yield
    except ModelForbidden:
        raise
    except Exception as error:  # engines raise many kinds on a broken file; each says why
        raise DetectorFailed(f"{path.name} can't be loaded: {error}") from error


def _said(path: Path, cache: Path) -> Metadata:
    if not path.is_file():
        raise UnknownForm(f"there is no file {path}")
    return said_by_model(path, cache)


def _wanted(said: Metadata, *, known: Set[str]) -> Mapping[int, str]:
    check_task_and_names(said.names, task=said.task)
    lower = {number: name.lower() for number, name in said.names.items()}
    wanted = {number: name for number, name in lower.items() if name in known}
    if not wanted:
        raise UnknownForm(f"it knows none of: {', '.join(sorted(known))}")
    return wanted


def _as_model(path: Path, said: Metadata) -> Model:
    return Model(
        name=path.stem,
        file_name=path.name,
        sha256=None,
        licence="the operator's",
        provenance="supplied by the operator",
        sizes=SIZES if path.suffix == ".pt" else (said.size or SIZES[0],),
        shipped=False,
    )


class Inquiry:
    """Asks the supplied models about one camera's pictures, at a low rate.

    ``at_people``: the labels that are asked for at people's places; others are asked for of the
    whole picture.
    """

    def __init__(self, models: Sequence[Supplied], worker: Worker, *, at_people: Set[str]) -> None:
        self._models, self._worker, self._at_people = models, worker, at_people
        self._asked_at: datetime | None = None
        self._whole_at: datetime | None = None
        self._next = 0
        self._broken: set[str] = set()
        """Models that broke on a picture: said once, or the log would hold nothing else."""

    async def ask(
        self, frame: Frame, people: Sequence[Detection], labels: Set[str]
    ) -> tuple[Finding, ...]:
        """Ask, if it is time, for ``labels``: those that rules in force need, and no others."""
        at = frame.captured_at
        models = [one for one in self._models if one.labels & labels]
        if not models or not is_due(self._asked_at, ASKED_EVERY, at):
            return ()
        self._asked_at = at
        is_whole = is_due(self._whole_at, WHOLE_EVERY, at)
        if is_whole:
            self._whole_at = at
        asked = self._in_turn(people)
        work = partial(self._ask, frame, models, asked, labels, is_whole)
        return await self._worker.run(work, begun=True)

    def _in_turn(self, people: Sequence[Detection]) -> list[Detection]:
        if len(people) <= MOST_PEOPLE:
            return [*people]
        self._next = (self._next + MOST_PEOPLE) % len(people)
        return [*people[self._next :], *people[: self._next]][:MOST_PEOPLE]

    def _ask(
        self,
        frame: Frame,
        models: Sequence[Supplied],
        people: Sequence[Detection],
        labels: Set[str],
        is_whole: bool,
    ) -> tuple[Finding, ...]:
        found: list[Finding] = []
        for model in models:
            cutter = Cutter(frame.size, [*model.networks])
            wanted = model.labels & labels
            try:
                if wanted & self._at_people:
                    for one in people:
                        crop = cutter.around([one.box])[0]
                        found += model.look(frame, crop, track=one.track)
                if is_whole and wanted - self._at_people:
                    found += model.look(frame, cutter.whole(), track=None)
            except (RuntimeError, UnknownForm):
                # An operator's model that breaks costs its own kind; the others go on.
                if model.name not in self._broken:
                    logger.exception("the model %s broke on a picture", model.name)
                self._broken.add(model.name)
        return tuple(one for one in found if one.label in labels)
