"""One segment's file: a head, then fragments, each encrypted by itself; a torn tail costs the last.

The form, numbers big-endian: `MAGIC`; the header's length (4 bytes) and the header, JSON; then
chunks: length of what follows (4), kind (1), and the chunk encrypted with AES-256-GCM, its tag
behind it. Chunk 0 is the MP4's head; each fragment is preceded by the time of its newest picture
(microseconds since 1970, 8 bytes) and the number of its pictures (4); the last chunk, of a file
that was ended and not cut, sums up.

Each file has a key of its own, wrapped by the installation's key in its header and bound to the
rest of it. A chunk's nonce is its number and its place is authenticated with the header, so chunks
can't change places, nor files.
"""

import errno
import fcntl
import json
import os
from base64 import b64decode, b64encode
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import IntEnum
from hashlib import sha256
from pathlib import Path
from struct import Struct
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from domain.cues import Cues
from domain.identifiers import CameraId, CommuneId, SegmentId, StreamId
from domain.streams import Codec
from server.recordings.cueing import Cueing, Survey

MAGIC = b"ILOTREC1"
SUFFIX = ".ilr"
GENESIS = bytes(32)
_FORM = 1
_LENGTH, _CHUNK, _PREFIX, _PLACE = Struct(">I"), Struct(">IB"), Struct(">qI"), Struct(">QB")
_KEY_BYTES, _NONCE_BYTES, _TAG_BYTES = 32, 12, 16
_LONGEST_HEADER, _LONGEST_CHUNK = 64 * 1024, 256 * 1024 * 1024
_READ_AT_ONCE = 1024 * 1024
_EPOCH, _MICROSECOND = datetime(1970, 1, 1, tzinfo=UTC), timedelta(microseconds=1)


class Damaged(Exception):
    """A file that is not as it was written; the text names the file and the place."""


class Kind(IntEnum):
    HEAD = 0
    FRAGMENT = 1
    END = 2


@dataclass(frozen=True, kw_only=True)
class About:
    """What a segment's file says of itself, so that an index that was lost can be made again.

    ``previous``: SHA-256 of the file before it, of the same source; `GENESIS` where none was known.
    """

    segment_id: SegmentId
    commune_id: CommuneId
    stream_id: StreamId
    camera_id: CameraId | None
    started_at: datetime
    keep_days: int
    codec: Codec
    with_sound: bool
    previous: bytes

    @property
    def source(self) -> UUID:
        return self.camera_id or self.stream_id

    def as_json(self) -> dict[str, object]:
        return {
            "form": _FORM,
            "segment": str(self.segment_id),
            "commune": str(self.commune_id),
            "stream": str(self.stream_id),
            "camera": str(self.camera_id) if self.camera_id else None,
            "started_at": self.started_at.astimezone(UTC).isoformat(timespec="microseconds"),
            "keep_days": self.keep_days,
            "codec": self.codec.value,
            "with_sound": self.with_sound,
            "previous": self.previous.hex(),
        }


@dataclass(frozen=True, kw_only=True)
class Written:
    """What is in a file: ``is_whole`` when it was ended, not cut. ``sha256``: of all its bytes."""

    ended_at: datetime
    pictures: int
    size: int
    sha256: bytes
    is_whole: bool
    cues: Cues | None = None


class SegmentWriter:
    """A file that is being written. What `append` has returned from survives the process.

    The file is locked until it is closed: whoever tidies up leaves it alone.
    """

    def __init__(self, path: Path, about: About, *, master: bytes) -> None:
        """Raises `OSError`."""
        self.path, self.about = path, about
        self.ended_at = about.started_at
        self.pictures = self.size = 0
        self._hash, self._cueing = sha256(), Cueing()
        self._number = 0
        key = os.urandom(_KEY_BYTES)
        self._cipher = AESGCM(key)
        said = about.as_json()
        nonce = os.urandom(_NONCE_BYTES)
        wrapped = nonce + AESGCM(master).encrypt(nonce, key, _canonical(said))
        header = _canonical({**said, "key": b64encode(wrapped).decode()})
        self._bound_to = sha256(header).digest()
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o600)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self._write(MAGIC + _LENGTH.pack(len(header)) + header)
        except OSError:
            self.close()
            path.unlink(missing_ok=True)
            raise

    def head(self, data: bytes) -> None:
        """The MP4's first bytes; before any fragment. Raises `OSError`."""
        self._append(Kind.HEAD, data)
        self._cueing.head(data)

    def fragment(self, data: bytes, *, newest_at: datetime, pictures: int) -> None:
        """Raises `OSError`; the file then ends with the fragment before."""
        micros = (newest_at - _EPOCH) // _MICROSECOND
        self._append(Kind.FRAGMENT, _PREFIX.pack(micros, pictures) + data)
        self._cueing.fragment(data)
        self.ended_at = max(self.ended_at, newest_at)
        self.pictures += pictures

    def end(self) -> Written:
        """Sum up and close. Raises `OSError`; then the file is as if it had been cut here."""
        try:
            sum_up = {"ended_at": self.ended_at.isoformat(), "pictures": self.pictures}
            self._append(Kind.END, _canonical(sum_up))
        finally:
            self.close()
        return self.written(is_whole=True)

    def written(self, *, is_whole: bool = False) -> Written:
        return Written(
            ended_at=self.ended_at,
            pictures=self.pictures,
            size=self.size,
            sha256=self._hash.digest(),
            is_whole=is_whole,
            cues=self._cueing.cues,
        )

    def close(self) -> None:
        """Let go of the file as it is."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def _append(self, kind: Kind, plain: bytes) -> None:
        place = _PLACE.pack(self._number, kind)
        sealed = self._cipher.encrypt(_nonce(self._number), plain, self._bound_to + place)
        self._write(_CHUNK.pack(len(sealed), kind) + sealed)
        self._number += 1

    def _write(self, data: bytes) -> None:
        try:
            if os.write(self._file, data) < len(data):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        except OSError:
            os.ftruncate(self._file, self.size)
            raise
        self._hash.update(data)
        self.size += len(data)


@dataclass(frozen=True, slots=True)
class _Place:
    kind: Kind
    offset: int
    size: int  # as it lies there, with its tag


class SegmentFile:
    """A file to be read. Its MP4 is as long as `mp4_size`, and is decrypted as it is read."""

    def __init__(self, path: Path, *, master: bytes) -> None:
        """Raises `OSError`; `Damaged` when the header is not one of this installation's."""
        self.path = path
        self._file = os.open(path, os.O_RDONLY)
        try:
            self.about, self._cipher, self._bound_to, start = _read_header(self._file, path, master)
            self._chunks, self.good_size = _places(self._file, start)
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> "SegmentFile":
        return self

    def __exit__(self, *what: object) -> None:
        self.close()

    def close(self) -> None:
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    @property
    def is_whole(self) -> bool:
        return bool(self._chunks) and self._chunks[-1].kind is Kind.END

    @property
    def mp4_size(self) -> int:
        return sum(map(_mp4_bytes, self._chunks))

    def mp4(self, start: int = 0, stop: int | None = None) -> Iterator[bytes]:
        """The MP4's bytes from ``start`` to ``stop``. Raises `Damaged` at the first changed one."""
        stop = self.mp4_size if stop is None else stop
        at = 0
        for number, chunk in enumerate(self._chunks):
            size = _mp4_bytes(chunk)
            if at < stop and at + size > start and size:
                plain = self.plain(number)
                body = plain if chunk.kind is Kind.HEAD else plain[_PREFIX.size :]
                yield body[max(0, start - at) : stop - at]
            at += size

    def playable(self, start: int, stop: int) -> bytes:
        """The head, and the fragments that begin from ``start`` to ``stop``. Raises `Damaged`."""
        at, found = 0, []
        for number, chunk in enumerate(self._chunks):
            if chunk.kind is Kind.HEAD:
                found.append(self.plain(number))
            elif chunk.kind is Kind.FRAGMENT and start <= at < stop:
                found.append(self.plain(number)[_PREFIX.size :])
            at += _mp4_bytes(chunk)
        return b"".join(found)

    def plain(self, number: int) -> bytes:
        """One chunk. Raises `Damaged`."""
        chunk = self._chunks[number]
        sealed = os.pread(self._file, chunk.size, chunk.offset)
        place = _PLACE.pack(number, chunk.kind)
        try:
            return self._cipher.decrypt(_nonce(number), sealed, self._bound_to + place)
        except InvalidTag:
            raise Damaged(f"{self.path.name}: part {number} was changed") from None

    def check(self) -> Written:
        """Read all of it, and say what is in it. Raises `Damaged` naming the first wrong part."""
        return replace(self.survey(), sha256=self._sha256())

    def survey(self, so_far: Survey | None = None) -> Written:
        """The same without its hash; of one that is being written it goes on from ``so_far``."""
        so_far = so_far or Survey()
        for number in range(so_far.chunks, len(self._chunks)):
            kind, plain = self._chunks[number].kind, self.plain(number)
            if kind is Kind.HEAD:
                so_far.cueing.head(plain)
            if kind is Kind.FRAGMENT:
                micros, count = _PREFIX.unpack_from(plain)
                so_far.newest = max(so_far.newest, micros)
                so_far.pictures += count
                so_far.cueing.fragment(plain[_PREFIX.size :])
            so_far.chunks = number + 1
        return Written(
            ended_at=max(self.about.started_at, _EPOCH + so_far.newest * _MICROSECOND),
            pictures=so_far.pictures,
            size=self.good_size,
            sha256=b"",
            is_whole=self.is_whole,
            cues=so_far.cueing.cues,
        )

    def whole_until(self) -> int:
        """How many of its bytes are whole chunks that open: what is behind was torn off."""
        number = len(self._chunks)
        while number:
            try:
                self.plain(number - 1)
            except Damaged:
                number -= 1
                continue
            chunk = self._chunks[number - 1]
            return chunk.offset + chunk.size
        return 0

    def _sha256(self) -> bytes:
        found, at = sha256(), 0
        while at < self.good_size:
            data = os.pread(self._file, min(_READ_AT_ONCE, self.good_size - at), at)
            if not data:
                break
            found.update(data)
            at += len(data)
        return found.digest()


def recover(path: Path, *, master: bytes) -> tuple[About, Written] | None:
    """What a file holds whose writer is gone; its torn tail is cut off. None: not one picture.

    Raises `OSError`; `BlockingIOError` while it is being written; `Damaged`.
    """
    descriptor = os.open(path, os.O_RDWR)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        with SegmentFile(path, master=master) as file:
            good = file.whole_until()
        if good < os.fstat(descriptor).st_size:
            os.ftruncate(descriptor, good)
            os.fsync(descriptor)
        with SegmentFile(path, master=master) as file:
            written = file.check()
            return (file.about, written) if written.pictures else None
    finally:
        os.close(descriptor)


def is_recording(path: Path) -> bool:
    """Whether a file is one of ours, by its first bytes, whatever its name is. Raises `OSError`."""
    with path.open("rb") as file:
        return file.read(len(MAGIC)) == MAGIC


def _mp4_bytes(chunk: _Place) -> int:
    if chunk.kind is Kind.END:
        return 0
    prefix = _PREFIX.size if chunk.kind is Kind.FRAGMENT else 0
    return max(0, chunk.size - _TAG_BYTES - prefix)


def _nonce(number: int) -> bytes:
    return number.to_bytes(_NONCE_BYTES)  # once each, under a key of this file's own


def _canonical(said: dict[str, object]) -> bytes:
    return json.dumps(said, sort_keys=True, separators=(",", ":")).encode()


def _read_header(file: int, path: Path, master: bytes) -> tuple[About, AESGCM, bytes, int]:
    start = len(MAGIC) + _LENGTH.size
    begin = os.pread(file, start, 0)
    if len(begin) < start or not begin.startswith(MAGIC):
        raise Damaged(f"{path.name}: this is no recording")
    (length,) = _LENGTH.unpack_from(begin, len(MAGIC))
    header = os.pread(file, min(length, _LONGEST_HEADER), start)
    try:
        said = json.loads(header)
        wrapped = b64decode(said.pop("key"), validate=True)
        nonce = wrapped[:_NONCE_BYTES]
        key = AESGCM(master).decrypt(nonce, wrapped[_NONCE_BYTES:], _canonical(said))
        about = About(
            segment_id=SegmentId(UUID(said["segment"])),
            commune_id=CommuneId(UUID(said["commune"])),
            stream_id=StreamId(UUID(said["stream"])),
            camera_id=CameraId(UUID(said["camera"])) if said["camera"] else None,
            started_at=datetime.fromisoformat(said["started_at"]),
            keep_days=int(said["keep_days"]),
            codec=Codec(said["codec"]),
            with_sound=bool(said["with_sound"]),
            previous=bytes.fromhex(said["previous"]),
        )
    except InvalidTag:
        raise Damaged(f"{path.name}: the header was changed, or has another key") from None
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise Damaged(f"{path.name}: the header can't be read") from error
    return about, AESGCM(key), sha256(header).digest(), start + length


def _places(file: int, start: int) -> tuple[list[_Place], int]:
    """Where whole chunks lie, and where they end. A writer may be at work behind that."""
    size = os.fstat(file).st_size
    found: list[_Place] = []
    while start + _CHUNK.size <= size:
        length, kind = _CHUNK.unpack(os.pread(file, _CHUNK.size, start))
        offset = start + _CHUNK.size
        sound = kind in Kind and _TAG_BYTES <= length <= _LONGEST_CHUNK
        if not sound or offset + length > size:
            break
        found.append(_Place(Kind(kind), offset, length))
        start = offset + length
    return found, start
