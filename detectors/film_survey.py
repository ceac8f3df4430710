"""What a film is, read once from end to end without decoding a picture of it.

Somebody has brought it, so a process of its own reads it, the film its standard input: what hangs,
crashes or takes all memory there ends that process, and nothing else. It is told what was found, or
what is wrong, by a line of JSON.
"""

import ctypes
import json
import os
import resource
import signal
import sys
from datetime import timedelta
from typing import BinaryIO, NamedTuple

import av
import av.error
import av.logging
from av.container import InputContainer
from av.video.stream import VideoStream

from domain.errors import DomainError
from domain.streams import MOST_PIXELS
from domain.trials import FilmTooLarge, NoPictures, NotAFilm, WrongCodec

FORMS = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm"
# A film may be of these forms alone; others can name further files to be read.
ONLY = {"format_whitelist": FORMS, "protocol_whitelist": "", "codec_whitelist": "h264,hevc"}
CODECS = ("h264", "hevc")
MOST_MEMORY_BYTES = 1024**3
MOST_CPU_S = 60
MOST_PER_S = 240
"""Pictures a second: no camera gives more."""
PR_SET_PDEATHSIG = 1
REFUSALS: dict[str, type[DomainError]] = {
    error.code: error for error in (FilmTooLarge, NoPictures, NotAFilm, WrongCodec)
}


class Survey(NamedTuple):
    """``first_s``: the time of the first picture, by the film's own clock."""

    first_s: float
    lasts: timedelta


def opened(film: BinaryIO) -> InputContainer:
    """Raises ``NotAFilm``. Nothing else is opened, whatever the film names."""
    try:
        return av.open(film, "r", options=dict(ONLY))
    except (av.error.FFmpegError, ValueError, OverflowError) as error:
        raise NotAFilm("it is damaged, or no MP4, MOV or Matroska") from error


def pictures_of(container: InputContainer) -> VideoStream:
    """Raises ``NoPictures``, ``WrongCodec``, ``FilmTooLarge``."""
    if not container.streams.video:
        raise NoPictures("it has sound alone, or nothing")
    stream: VideoStream = container.streams.video[0]
    context = stream.codec_context
    name = getattr(context, "name", "unknown")  # there is none for what no decoder knows
    if name not in CODECS:
        raise WrongCodec(f"they are {name}")
    if context.width * context.height > MOST_PIXELS:
        raise FilmTooLarge(f"its pictures are of {context.width} by {context.height} points")
    context.options = {"max_pixels": str(MOST_PIXELS)}
    return stream


def survey(film: BinaryIO, *, longest: timedelta) -> Survey:
    """Read all of it. Raises ``NotAFilm``, ``NoPictures``, ``WrongCodec``, ``FilmTooLarge``.

    Where it breaks off it ends: what is there before can be tried on.
    """
    with opened(film) as container:
        times = _times(container, pictures_of(container), longest)
    if not times:
        raise NoPictures("none of them is there")
    lasts_s = max(times) - min(times)
    if len(times) > MOST_PER_S * (lasts_s + 1):
        raise NotAFilm("its pictures have no times, or too many have the same")
    # The last one lasts, too.
    lasts_s += lasts_s / (len(times) - 1) if len(times) > 1 else 0.0
    if lasts_s > longest.total_seconds() + 1:
        raise FilmTooLarge(_said_long(longest))
    return Survey(min(times), timedelta(seconds=lasts_s))


def _times(container: InputContainer, stream: VideoStream, longest: timedelta) -> list[float]:
    times: list[float] = []
    most = MOST_PER_S * (int(longest.total_seconds()) + 1)
    try:
        for packet in container.demux(stream):
            if packet.pts is not None and packet.size:
                times.append(float(packet.pts * packet.time_base))
            if len(times) > most:
                raise FilmTooLarge(_said_long(longest))
    except (av.error.FFmpegError, OverflowError):
        pass
    return times


def _said_long(longest: timedelta) -> str:
    return f"it lasts more than {longest // timedelta(minutes=1)} minutes"


def main() -> None:
    _confine()
    try:
        found = survey(sys.stdin.buffer, longest=timedelta(seconds=float(sys.argv[1])))
        told = {"first_s": found.first_s, "lasts_s": found.lasts.total_seconds()}
        sys.stdout.write(json.dumps(told))
    except DomainError as error:
        sys.stdout.write(json.dumps({"code": error.code, "detail": str(error)}))


def _confine() -> None:
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    os.nice(19)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a core would hold what nobody may see
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY_BYTES, MOST_MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (MOST_CPU_S, MOST_CPU_S))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    av.logging.set_level(av.logging.PANIC)


if __name__ == "__main__":
    main()
