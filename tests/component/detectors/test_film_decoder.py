"""What decodes a film in a process of its own: what it shows, and whatever else it may do."""

import asyncio
import signal
import struct
import tempfile
from asyncio.subprocess import PIPE
from collections.abc import Iterator
from contextlib import aclosing
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from av.video.frame import VideoFrame

from detectors import brought_films, film_process
from detectors.brought_films import pictures_in
from detectors.executor import Worker
from detectors.film_messages import HEAD, Kind, filled, of_picture, picture_in
from detectors.film_process import running
from detectors.film_reading import BEGINS, Decoded
from detectors.film_survey import Survey
from detectors.frames import DecodedFrame
from domain.masks import Mask
from domain.trials import FilmNotDecoded, Hours
from tests.component.film_readers import HOLD, is_alive, python, readers
from tests.component.films import film_file
from tests.waiting import eventually

AT = datetime(2026, 11, 29, 12, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
COVERED = [Hours(AT, AT + 3 * SECOND)]
AFTER_ORDERS = """
import struct, sys
asked, out = sys.stdin.buffer, sys.stdout.buffer
(length,) = struct.unpack("!I", asked.read(4))
asked.read(length + 1)
"""
CONFINED = """
from detectors.confinement import confine
confine(most_memory=400 * 1024**2, most_cpu_s=600)
"""
TAKES = f"""
import tempfile
try:
    bytes(2**30)
except MemoryError:
    try:
        with tempfile.TemporaryFile() as kept:
            kept.write(b"x")
    except OSError:
        raise SystemExit
out.write({HEAD.pack(Kind.OVER, 0, 0)!r})
"""


@pytest.fixture(scope="module")
def worker() -> Iterator[Worker]:
    with Worker.of("film") as one:
        yield one


async def given(worker: Worker, masks: list[Mask] | None = None) -> list[DecodedFrame]:
    with tempfile.TemporaryFile() as film:
        film.write(film_file())
        film.flush()
        film.seek(0)
        reading = pictures_in(
            film,
            Survey(0.0, 4 * SECOND),
            filmed_at=AT,
            covered=COVERED,
            period=SECOND,
            worker=worker,
            masks=masks or [],
        )
        async with aclosing(reading) as pictures:
            return [one async for one in pictures if isinstance(one, DecodedFrame)]


def says(kind: Kind, body: bytes, *, decoded: int = 1) -> str:
    return raw(HEAD.pack(kind, decoded, len(body)) + body)


def raw(answer: bytes) -> str:
    """A decoder that answers so, whatever it is asked."""
    return f"{AFTER_ORDERS}out.write({answer!r}); out.flush(); asked.read()"


def picture(after_s: float, *, width: int = 2, height: int = 2, planes: bytes = bytes(6)) -> bytes:
    return struct.pack("!qIIBBB", int(after_s * 10**6), width, height, 0, 0, 0) + planes


async def test_its_pictures_are_dated_by_us_and_masked_by_us(worker: Worker) -> None:
    shown = await given(worker, [Mask.drawn([(0.0, 0.0), (0.5, 0.0), (0.5, 1.0), (0.0, 1.0)])])

    after = [(one.captured_at - AT) / SECOND for one in shown]
    assert after == [0.0, 0.8, 1.8, 2.8]  # some come a little early
    luma = shown[2].luma()
    assert luma.shape == (90, 160)
    assert len({int(point) for point in luma[:, :80].flat}) == 1
    assert luma[40, 40] != luma[40, 150]
    assert readers() == []


@pytest.mark.parametrize(
    ("form", "same"), [("yuv420p", True), ("yuvj420p", True), ("yuv444p", False)]
)
def test_a_picture_comes_through_point_by_point(form: str, same: bool) -> None:
    frame = VideoFrame(33, 17, form)  # neither even, nor as long as a line in memory
    for number, plane in enumerate(frame.planes):
        chance = np.random.default_rng(number)
        plane.update(chance.integers(0, 256, plane.buffer_size, dtype=np.uint8).tobytes())
    frame.color_range = 2
    came = filled(picture_in(of_picture(Decoded(frame, BEGINS))))

    wanted = frame if same else frame.reformat(format="yuv420p")
    assert (came.format.name, came.color_range) == (wanted.format.name, wanted.color_range)
    assert DecodedFrame(came, AT).jpeg() == DecodedFrame(wanted, AT).jpeg()


@pytest.mark.parametrize(
    "code",
    [
        pytest.param(code, id=name)
        for name, code in {
            "ends": "raise SystemExit",
            "prints": "while True: print('n' * 1000)",
            "takes": AFTER_ORDERS + CONFINED + TAKES,
            "early": says(Kind.PICTURE, picture(-1.0)),
            "late": says(Kind.PICTURE, picture(3.0)),
            "never": says(Kind.PICTURE, picture(2.0**43)),
            "huge": says(Kind.PICTURE, picture(0.0, width=2**31, height=2**31)),
            "short": says(Kind.PICTURE, picture(0.0, planes=bytes(5))),
            "empty": says(Kind.PICTURE, b""),
            "many": says(Kind.NOTHING, b"", decoded=2**31),
            "refuses": says(Kind.REFUSED, b'["too-many-trials", ""]'),
            "refuses-deep": says(Kind.REFUSED, b"[" * 100_000),
            "no-hours": says(Kind.DAMAGED, b"\x7f" * 16),
            "kind": raw(b"\xff" + bytes(8)),
            "length": raw(bytes([Kind.PICTURE]) + bytes(4) + b"\xff" * 4),
        }.items()
    ],
)
async def test_whatever_it_does_is_told_and_it_is_gone(
    worker: Worker, monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    monkeypatch.setattr(brought_films, "DECODER", python(code))
    with pytest.raises(FilmNotDecoded):
        await given(worker)

    assert readers() == []


@pytest.mark.parametrize("code", [HOLD, f"import os\nos.fork()\n{HOLD}", f"{AFTER_ORDERS}{HOLD}"])
async def test_what_does_not_answer_is_ended_with_all_that_it_has_begun(
    worker: Worker, monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    monkeypatch.setattr(brought_films, "DECODER", python(code))
    monkeypatch.setattr(brought_films, "ANSWERED_WITHIN_S", 0.3)
    with pytest.raises(FilmNotDecoded, match="does not answer"):
        await given(worker)

    assert await eventually(_none_is_there)


async def _none_is_there() -> bool:
    return not readers()


async def test_the_end_of_one_that_has_said_too_much_is_seen(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(film_process, "ENDED_WITHIN_S", 600.0)
    async with asyncio.timeout(60):
        async with running(python("while True: print('n' * 1000)")) as process:
            said = process.stdout
            assert said is not None

            async def is_full() -> bool:
                return bool(said._paused)  # type: ignore[attr-defined]

            assert await eventually(is_full)
        assert process.returncode == -signal.SIGKILL


async def test_it_ends_with_the_process_that_asked_it_also_while_it_loops() -> None:
    loops = f"{CONFINED}print('!', flush=True)\nwhile True: pass"
    asks = f"""
import subprocess, sys, time
subprocess.Popen({python(loops)!r}, start_new_session=True)
time.sleep(600)
"""
    asking = await asyncio.create_subprocess_exec(*python(asks), stdout=PIPE)
    try:
        assert asking.stdout is not None
        assert await asking.stdout.readexactly(1) == b"!"
        (decoder,) = readers(asking.pid)
    finally:
        asking.kill()

    async def is_gone() -> bool:
        return not is_alive(decoder)

    assert await eventually(is_gone)
