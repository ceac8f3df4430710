"""What a film is, read once from end to end without decoding a picture of it.

Somebody has brought it, so a process of its own reads it, the film its standard input: what hangs,
crashes or takes all memory there ends that process, and nothing else. It is told what was found, or
what is wrong, by a line of JSON.
"""

import json
import sys
from datetime import timedelta
from typing import BinaryIO, NamedTuple

import av
import av.error
from av.container import InputContainer
from av.video.stream import VideoStream

from detectors.confinement import confine
from domain.errors import DomainError
from domain.streams import MOST_PIXELS
from domain.trials import FilmTooLarge, NoPictures, NotAFilm, WrongCodec

FORMS = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm"
# A film may be of these forms alone; others can name further files to be read.
# What opens it decodes a picture of each stream to know it, before anybody can look at their sizes.
ONLY = {
    "format_whitelist": FORMS,
    "protocol_whitelist": "",
    "codec_whitelist": "h264,hevc",
    "max_pixels": str(MOST_PIXELS),
    "max_streams": "16",
}
CODECS = ("h264", "hevc")
MOST_MEMORY_BYTES = 1024**3
MOST_CPU_S = 60
MOST_PER_S = 240
"""Pictures a second: no camera gives more."""
MOST_AWAY_S = 1e10
"""Some three hundred years: a film may count from 1970, and a date has to come of its times."""
MOST_PACKET_BYTES = 64 * 1024**2
"""Who decodes has one in memory, without our limits: more than any picture or sound needs."""
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
    if sum(_name_of(one) in CODECS for one in container.streams.video) > 1:
        raise NotAFilm("it has more than one track of pictures")
    stream: VideoStream = container.streams.video[0]
    context, name = stream.codec_context, _name_of(stream)
    if name not in CODECS:
        raise WrongCodec(f"they are {name}")
    if context.width * context.height > MOST_PIXELS:
        raise FilmTooLarge(f"its pictures are of {context.width} by {context.height} points")
    context.options = {"max_pixels": str(MOST_PIXELS)}
    return stream


def _name_of(stream: VideoStream) -> str:
    # There is no context for what no decoder knows.
    return getattr(stream.codec_context, "name", "unknown")


def survey(film: BinaryIO, *, longest: timedelta) -> Survey:
    """Read all of it. Raises ``NotAFilm``, ``NoPictures``, ``WrongCodec``, ``FilmTooLarge``.

    Where it breaks off it ends: what is there before can be tried on.
    """
    with opened(film) as container:
        times = _times(container, pictures_of(container), longest)
    if not times:
        raise NoPictures("none of them is there")
    if max(map(abs, (min(times), max(times)))) > MOST_AWAY_S:
        raise NotAFilm("the times of its pictures are none")
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
        # Of all streams: whoever decodes has to pass over the others'.
        for read, packet in enumerate(container.demux()):
            if packet.size > MOST_PACKET_BYTES:
                raise FilmTooLarge("a picture or sound of it is larger than any can be")
            is_picture = packet.stream.index == stream.index and packet.size
            # What an edit list leaves out is only there for those after it to be built on.
            if is_picture and packet.pts is not None and not packet.is_discard:
                times.append(float(packet.pts * packet.time_base))
            if len(times) > most or read > 2 * most:
                raise FilmTooLarge(_said_long(longest))
    except MemoryError as error:  # what is larger here would be read there
        raise FilmTooLarge("reading it takes more memory than a film does") from error
    except (av.error.FFmpegError, OverflowError):
        pass
    return times


def _said_long(longest: timedelta) -> str:
    return f"it lasts more than {longest // timedelta(minutes=1)} minutes"


def main() -> None:
    confine(most_memory=MOST_MEMORY_BYTES, most_cpu_s=MOST_CPU_S)
    try:
        found = survey(sys.stdin.buffer, longest=timedelta(seconds=float(sys.argv[1])))
        told = {"first_s": found.first_s, "lasts_s": found.lasts.total_seconds()}
        sys.stdout.write(json.dumps(told))
    except DomainError as error:
        sys.stdout.write(json.dumps({"code": error.code, "detail": str(error)}))


if __name__ == "__main__":
    main()
