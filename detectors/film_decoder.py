"""The process that decodes one film: asked by its standard input, answering by its output.

A film that makes its decoder hang, crash or take all memory ends this process and nothing else. It
is given the film's handle, what it may decode of it and how often, and no name, address or hour.
"""

import json
import os
import sys
from collections.abc import Iterator
from typing import BinaryIO

from detectors.confinement import confine
from detectors.film_messages import (
    LENGTH,
    NEXT,
    Kind,
    answer,
    of_hours,
    of_picture,
    read_orders,
)
from detectors.film_reading import Decoded, FilmReading
from domain.errors import DomainError
from domain.trials import Hours

MOST_MEMORY_BYTES = 2 * 1024**3
"""H265 keeps up to sixteen pictures of the largest size."""
MOST_CPU_S = 3600


def main() -> None:
    confine(most_memory=MOST_MEMORY_BYTES, most_cpu_s=MOST_CPU_S)
    # Nothing but answers may get into the pipe, whatever a library prints.
    with os.fdopen(os.dup(sys.stdout.fileno()), "wb") as out:
        os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
        with os.fdopen(int(sys.argv[1]), "rb") as film:
            _serve(film, sys.stdin.buffer, out)


def _serve(film: BinaryIO, asked: BinaryIO, out: BinaryIO) -> None:
    (length,) = LENGTH.unpack(asked.read(LENGTH.size))
    reading = FilmReading(film, **read_orders(asked.read(length)))
    steps, told = iter(reading), 0
    while asked.read(len(NEXT)) == NEXT:
        kind, body = _step(steps)
        out.write(answer(kind, reading.decoded - told, body))
        out.flush()
        told = reading.decoded
        if kind in (Kind.OVER, Kind.REFUSED):
            return


def _step(steps: Iterator[Decoded | Hours | None]) -> tuple[Kind, bytes]:
    try:
        one = next(steps)
    except StopIteration:
        return Kind.OVER, b""
    except DomainError as error:
        return Kind.REFUSED, json.dumps([error.code, str(error)]).encode()
    if one is None:
        return Kind.NOTHING, b""
    if isinstance(one, Hours):
        return Kind.DAMAGED, of_hours(one)
    return Kind.PICTURE, of_picture(one)


if __name__ == "__main__":
    main()
