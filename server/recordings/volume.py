"""A commune's volume: the folder that holds its recordings, which may be a disk of its own.

Below it lies one folder a source and day: ``SOURCE/YYYY-MM-DD/HHMMSS-SEGMENT.ilr``, UTC.
"""

import ctypes
import errno
import fcntl
import os
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, date
from pathlib import Path
from uuid import UUID, uuid4

from domain.identifiers import CommuneId, SegmentId
from server.recordings.segments import SUFFIX, About

_ID, _LOCK = "volume.id", "volume.lock"
_libc = ctypes.CDLL(None, use_errno=True)


@dataclass(frozen=True, slots=True)
class Room:
    """Bytes of the disk that a volume lies on."""

    free: int
    total: int


class Volume:
    """One commune's folder. All of it blocks: call it in a thread."""

    def __init__(self, root: Path) -> None:
        """Make the folder what it is to be, once. Raises `OSError`."""
        self.root = root
        self.commune_id = CommuneId(UUID(root.name))
        root.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.id = _identity(root / _ID)

    def path_of(self, about: About) -> Path:
        at = about.started_at.astimezone(UTC)
        folder = self.root / str(about.source) / f"{at:%Y-%m-%d}"
        return folder / f"{at:%H%M%S}-{about.segment_id}{SUFFIX}"

    def relative(self, path: Path) -> str:
        return str(path.relative_to(self.root))

    def files(self, days: Collection[date] | None = None) -> Iterator[tuple[SegmentId, Path]]:
        """The segments' files, of some days or of all, by the id in their names."""
        for day in ["*"] if days is None else [one.isoformat() for one in days]:
            for path in self.root.glob(f"*/{day}/*{SUFFIX}"):
                with suppress(ValueError):
                    yield SegmentId(UUID(path.stem.partition("-")[2])), path

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
        descriptor = os.open(self.root / _LOCK, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield False
            else:
                yield True
        finally:
            os.close(descriptor)


def _identity(file: Path) -> UUID:
    """The volume's own number, made at first use; two processes that start make one."""
    if not file.exists():
        aside = file.with_name(f"{file.name}.{uuid4().hex}")
        aside.write_text(str(uuid4()))
        with suppress(FileExistsError):
            os.link(aside, file)
        aside.unlink()
    try:
        return UUID(file.read_text().strip())
    except ValueError as error:
        raise OSError(errno.EIO, f"{file} is not a volume's number") from error
