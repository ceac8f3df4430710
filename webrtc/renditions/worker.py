"""The process of one rendition: units in by its standard input, pictures out by its output.

A decoder that hangs, crashes or takes all memory ends this process and nothing else. It is given
no address, no password and no file; when its media process is gone it ends.
"""

import ctypes
import gc
import os
import queue
import resource
import signal
import sys
import threading
from typing import BinaryIO

import av.logging

from webrtc.renditions.messages import (
    Kind,
    Recipe,
    message,
    messages,
    of_picture,
    unit_in,
)
from webrtc.renditions.rendering import CannotRender, Renderer

NICENESS = 5
"""Whoever watches a stream that is not rendered comes first."""
MOST_MEMORY_BYTES = 2 * 1024**3
WAITING = 32
"""Units that are read ahead; beyond, the pipe fills, and the media process drops."""
LATE_BEHIND = 6
"""With so many waiting, a picture is decoded for the next one's sake and not encoded."""
PR_SET_PDEATHSIG = 1


def main() -> None:
    _confine()
    inbox: queue.Queue[tuple[Kind, bytes] | None] = queue.Queue(WAITING)
    reading = threading.Thread(target=_read, args=(sys.stdin.buffer, inbox), daemon=True)
    reading.start()
    # Nothing but messages may get into the pipe, whatever a library prints.
    with os.fdopen(os.dup(sys.stdout.fileno()), "wb") as out:
        os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
        gc.freeze()
        _tell(out, Kind.READY)
        _serve(inbox, out)


def _confine() -> None:
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    os.nice(NICENESS)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a core would hold what nobody may see
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY_BYTES, MOST_MEMORY_BYTES))
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the media process ends us, in its own time
    av.logging.set_level(av.logging.PANIC)


def _read(stream: BinaryIO, inbox: queue.Queue[tuple[Kind, bytes] | None]) -> None:
    for one in messages(stream):
        inbox.put(one)
    inbox.put(None)


def _serve(inbox: queue.Queue[tuple[Kind, bytes] | None], out: BinaryIO) -> None:
    renderer: Renderer | None = None
    while (taken := inbox.get()) is not None:
        kind, body = taken
        if kind is Kind.RECIPE:
            recipe = Recipe.from_bytes(body)
            if renderer is None:
                renderer = Renderer(recipe)
            else:
                renderer.change(recipe)
        elif renderer is None:
            raise ValueError("a recipe comes first")
        elif kind is Kind.KEYFRAME:
            renderer.request_keyframe()
        else:
            try:
                outcome, made = renderer.take(unit_in(body), late=inbox.qsize() >= LATE_BEHIND)
            except CannotRender as refused:
                _tell(out, Kind.REFUSED, str(refused).encode())
                return
            for picture in made:
                out.write(of_picture(picture))
            _tell(out, Kind.DONE, outcome.value)


def _tell(out: BinaryIO, kind: Kind, body: bytes = b"") -> None:
    out.write(message(kind, body))
    out.flush()


if __name__ == "__main__":
    main()
