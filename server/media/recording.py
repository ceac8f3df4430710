"""One stream's recording: what has come is written, in segments of some minutes. All of it blocks.

A segment begins with a keyframe. It ends at the first keyframe after its time is over, when the
pictures' form changes, when the clock was set, or when nothing has come for a while.
"""

import logging
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from uuid import UUID, uuid4

from domain.identifiers import SegmentId
from server.database.recordings import Wanted
from server.recordings.segments import GENESIS, About, SegmentWriter, Written
from server.recordings.volume import Volume
from webrtc.recording.following import Picture, Taken
from webrtc.recording.fragments import Fragments, NotRecordable, head, signature

logger = logging.getLogger(__name__)

SEGMENT_S = 300.0
SHORTEST_FIRST = 0.2
"""Of a segment, at least: a camera's first one is shorter, each by another share."""
IDLE_S = 10.0
"""After so long without a picture the segment is ended: its end is known, and it is chained."""
CLOCK_SET_S = 2.0
"""Pictures whose clock and whose times differ by more are in segments of their own."""


@dataclass(frozen=True, slots=True)
class Note:
    """What the index is to know of a segment; ``closed``: its file changes no more."""

    about: About
    path: str
    written: Written
    closed: bool


class Recording:
    """`write` what was taken of one stream; ``notes`` gets what the index is to know.

    ``chain``: the hash of each source's newest closed file, shared by all of a volume.
    ``first_s``: how long the first segment is, where it is not as long as the others.
    """

    def __init__(
        self,
        wanted: Wanted,
        volume: Volume,
        *,
        master: bytes,
        chain: dict[UUID, bytes],
        notes: list[Note],
        segment_s: float = SEGMENT_S,
        first_s: float | None = None,
    ) -> None:
        self.wanted = wanted
        self._volume, self._master, self._notes = volume, master, notes
        self._segment_s, self._lasts_s = segment_s, segment_s if first_s is None else first_s
        self._chain = chain
        self._file: SegmentWriter | None = None
        self._fragments: Fragments | None = None
        self._first: Picture | None = None
        self._signature = b""
        self._newest_s = 0.0
        self._refused = ""

    @property
    def is_open(self) -> bool:
        return self._file is not None

    def write(self, taken: Taken) -> int:
        """Write what came; give how many bytes. Raises `OSError`: the segment is then over."""
        before = self._size()
        written = 0
        pending: list[Picture] = []
        for picture in taken.pictures:
            if picture.is_keyframe:  # a fragment begins with it: players begin there
                is_over = self._is_over(taken, picture)
                written += self._flush(taken, pending, before, until=picture if is_over else None)
                pending, before = [], self._size()
                if is_over:
                    before = 0
                    self.end()
            if self._file is None and not (picture.is_keyframe and self._begin(taken, picture)):
                continue
            pending.append(picture)
        return written + self._flush(taken, pending, before)

    def _flush(
        self, taken: Taken, pictures: list[Picture], before: int, *, until: Picture | None = None
    ) -> int:
        if self._file is None or self._fragments is None or not pictures:
            return 0
        data = self._fragments.fragment(
            pictures,
            taken.sounds,
            sound_at=taken.sound_at,
            until=until.timestamp if until else None,
        )
        self._newest_s = max(picture.at_s for picture in pictures)
        newest_at = datetime.fromtimestamp(self._newest_s, UTC)
        try:
            self._file.fragment(data, newest_at=newest_at, pictures=len(pictures))
        except OSError:
            self.abandon()
            raise
        return self._size() - before

    def _size(self) -> int:
        return self._file.size if self._file else 0

    def _is_over(self, taken: Taken, picture: Picture) -> bool:
        first = self._first
        if self._file is None or first is None:
            return False
        clock_moved_s = (picture.at_s - first.at_s) - (picture.timestamp - first.timestamp) / 90_000
        return (
            picture.timestamp - first.timestamp >= self._lasts_s * 90_000
            or abs(clock_moved_s) > CLOCK_SET_S
            or self._file.about.codec is not taken.codec
            or self._file.about.keep_days != self.wanted.keep_days
            or signature(taken.codec, picture.data) != self._signature
        )

    def _begin(self, taken: Taken, picture: Picture) -> bool:
        """Begin a file with this keyframe; False when MP4 can't hold what it is."""
        with_sound = self.wanted.with_sound and taken.sound_at is not None
        try:
            first_bytes = head(taken.codec, picture.data, with_sound=with_sound)
            self._signature = signature(taken.codec, picture.data)
        except NotRecordable as error:
            if str(error) != self._refused:
                self._refused = str(error)
                logger.error("stream %s is not recorded: %s", self.wanted.stream_id, error)
            return False
        self._refused = ""
        about = About(
            segment_id=SegmentId(uuid4()),
            commune_id=self.wanted.commune_id,
            stream_id=self.wanted.stream_id,
            camera_id=self.wanted.camera_id,
            started_at=datetime.fromtimestamp(picture.at_s, UTC),
            keep_days=self.wanted.keep_days,
            codec=taken.codec,
            with_sound=with_sound,
            previous=self._chain.get(self.wanted.source, GENESIS),
        )
        path = self._volume.path_of(about)
        self._file = SegmentWriter(path, about, master=self._master)
        try:
            self._file.head(first_bytes)
        except OSError:
            self.abandon()
            raise
        self._first, self._fragments = picture, Fragments(taken.codec, picture)
        self._newest_s = picture.at_s
        self._tell(self._file, self._file.written(), closed=False)
        return True

    def end_if_idle(self, now_s: float) -> None:
        """Raises `OSError`."""
        if self._file is not None and now_s - self._newest_s > IDLE_S:
            self.end()

    def end(self) -> None:
        """Close the segment, if one is open. Raises `OSError`."""
        file, self._file = self._file, None
        if file is None:
            return
        self._lasts_s = self._segment_s
        try:
            written = file.end()
        except OSError:
            self.abandon(file)
            raise
        self._chain[file.about.source] = written.sha256
        self._tell(file, written, closed=True)

    def abandon(self, file: SegmentWriter | None = None) -> None:
        """The disk does not take more of it: what it has is whole, and is all there will be."""
        file = file or self._file
        self._file = None
        if file is None:
            return
        file.close()
        written = file.written()
        self._chain[file.about.source] = written.sha256
        self._tell(file, written, closed=bool(written.pictures))

    def _tell(self, file: SegmentWriter, written: Written, *, closed: bool) -> None:
        path = self._volume.relative(file.path)
        self._notes.append(Note(file.about, path, written, closed))

    def change(self, keep_days: int) -> None:
        """A new retention is for the next segment."""
        self.wanted = replace(self.wanted, keep_days=keep_days)


def first_of(source: UUID, segment_s: float) -> float:
    """How long a source's first segment is.

    A hundred cameras come with their process, all at once; if their files ended together too, one
    turn would begin a hundred, and everybody's pictures would wait for it.
    """
    share = int.from_bytes(source.bytes[-4:]) / 2**32
    return segment_s * (SHORTEST_FIRST + (1 - SHORTEST_FIRST) * share)
