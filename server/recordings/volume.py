"""A commune's volume: the folder that holds its recordings, which may be a disk of its own.

Below it lies one folder a source and day: ``SOURCE/YYYY-MM-DD/HHMMSS-SEGMENT.ilr``, UTC.
"""

import ctypes
import fcntl
import os
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, date
from itertools import islice
from pathlib import Path
from uuid import UUID, uuid4

from domain.identifiers import CommuneId, SegmentId
from server.recordings.segments import SUFFIX, About

_ID = "volume.id"
_OWN = {_ID, f"{_ID}.new", "volume.lock"}  # the last: of earlier forms
_EVIDENCE = 5000  # segments that say which volume a folder is
_libc = ctypes.CDLL(None, use_errno=True)


@dataclass(frozen=True, slots=True)
class Room:
    """Bytes of the disk that a volume lies on."""

    free: int
    total: int


class NumberLost(Exception):
    """A folder with recordings whose volume's number is gone; ``segments``: some of what is in it.

    What the index says of these tells which volume it is.
    """

    def __init__(self, root: Path, segments: list[SegmentId]) -> None:
        super().__init__(f"the number of volume {root} is gone")
        self.segments = segments


class Volume:
    """One commune's folder. All of it blocks: call it in a thread."""

    def __init__(self, root: Path, *, number: UUID | None = None) -> None:
        """Make the folder what it is to be, once; ``number`` where its own was lost.

        Raises `OSError`; `NumberLost`.
        """
        self.root = root
        self.commune_id = CommuneId(UUID(root.name))
        root.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.id = _number(root) or self._take_number(number)

    def _take_number(self, number: UUID | None) -> UUID:
        """A number for good; two processes that start take the same."""
        if number is None:
            some = [segment_id for segment_id, _ in islice(self.files(), _EVIDENCE)]
            if some:
                raise NumberLost(self.root, some)
        folder = os.open(self.root, os.O_RDONLY | os.O_DIRECTORY)
        try:
            fcntl.flock(folder, fcntl.LOCK_EX)
            if taken := _number(self.root):
                return taken
            number = number or uuid4()
            aside = self.root / f"{_ID}.new"
            with aside.open("w") as file:
                file.write(str(number))
                file.flush()
                os.fsync(file.fileno())
            aside.replace(self.root / _ID)
            os.fsync(folder)
            return number
        finally:
            os.close(folder)

    def path_of(self, about: About) -> Path:
        at = about.started_at.astimezone(UTC)
        folder = self.root / str(about.source) / f"{at:%Y-%m-%d}"
        return folder / f"{at:%H%M%S}-{about.segment_id}{SUFFIX}"

    def relative(self, path: Path) -> str:
        return str(path.relative_to(self.root))

    def files(self) -> Iterator[tuple[SegmentId, Path]]:
        """The segments' files by the id in their names."""
        for path in self.root.glob(f"*/*/*{SUFFIX}"):
            if segment_id := named(path):
                yield segment_id, path

    def by_day(self, days: Collection[date] | None = None) -> Iterator[list[Path]]:
        """All files in it, a day's of all sources at a time; or those of some days alone."""
        found: dict[str, list[Path]] = {}
        if days is None:
            for folder, _, _ in os.walk(self.root):
                found.setdefault(Path(folder).name, []).append(Path(folder))
        else:
            for day in days:
                found[day.isoformat()] = [*self.root.glob(f"*/{day.isoformat()}")]
        for _, folders in sorted(found.items()):
            yield [one for folder in folders for one in _files_in(folder)]

    def room(self) -> Room:
        found = os.statvfs(self.root)
        return Room(free=found.f_bavail * found.f_frsize, total=found.f_blocks * found.f_frsize)

    def sync(self) -> None:
        """Bring all that was written to the disk: one call for all files. Raises `OSError`."""
        folder = os.open(self.root, os.O_RDONLY | os.O_DIRECTORY)
        try:
            if _libc.syncfs(folder):
                number = ctypes.get_errno()
                raise OSError(number, os.strerror(number))
        finally:
            os.close(folder)

    def remove(self, relative: str) -> bool:
        """Destroy one file; False when it was gone already. Raises `OSError`."""
        path = self.root / relative
        try:
            path.unlink()
        except FileNotFoundError:
            return False
        for folder in (path.parent, path.parent.parent):
            with suppress(OSError):  # others are in it
                folder.rmdir()
        return True

    @contextmanager
    def alone(self) -> Iterator[bool]:
        """Whether no other process of this host tidies this volume meanwhile."""
        # The folder itself: a lock file can't be opened on a disk that went read-only.
        descriptor = os.open(self.root, os.O_RDONLY | os.O_DIRECTORY)
        try:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield False
            else:
                yield True
        finally:
            os.close(descriptor)


def _files_in(folder: Path) -> list[Path]:
    with suppress(FileNotFoundError):  # it was emptied meanwhile
        return [one for one in folder.iterdir() if one.is_file() and one.name not in _OWN]
    return []


def named(path: Path) -> SegmentId | None:
    """The segment that a file's name says it is of; None: it is no name of ours."""
    with suppress(ValueError):
        if path.suffix == SUFFIX:
            return SegmentId(UUID(path.stem.partition("-")[2]))
    return None


def _number(root: Path) -> UUID | None:
    """None: it was never written, or what is written is none."""
    try:
        return UUID((root / _ID).read_text().strip())
    except (FileNotFoundError, ValueError):
        return None
