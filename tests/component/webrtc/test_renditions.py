"""Renditions, in their real processes: what is burnt in, and whom a failing one takes with it."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from fractions import Fraction
from functools import cache

import av
import pytest
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame

from domain.masks import Mask
from domain.streams import TooManyRenditions
from tests.component.webrtc.peers import LIMIT_S, picture, until, workers
from tests.stalls import stand_still
from webrtc.metrics import Metrics, value
from webrtc.renditions import (
    Input,
    Recipe,
    Rendered,
    Rendition,
    RenditionEnd,
    Renditions,
    Source,
    rendition,
)
from webrtc.renditions.messages import Kind, Outcome, message, of_picture
from webrtc.renditions.rendition import RenditionTimes

STEP, HELD_BACK = 3600, 3
LUMA, MASKED = 180, 44
TOP = Mask.drawn([[0.0, 0.0], [1.0, 0.0], [1.0, 0.5], [0.0, 0.5]])
LEFT = Mask.drawn([[0.0, 0.0], [0.5, 0.0], [0.5, 1.0], [0.0, 1.0]])


@cache
def units(
    *,
    count: int = 30,
    codec: Input = Input.H264,
    b_frames: int = 0,
    form: str = "yuv420p",
    size: tuple[int, int] = (320, 240),
) -> tuple[Source, ...]:
    """A camera's pictures of one grey, in the order and form in which it sends them."""
    encoder = av.CodecContext.create({Input.H264: "libx264", Input.H265: "libx265"}[codec], "w")
    assert isinstance(encoder, VideoCodecContext)
    encoder.width, encoder.height, encoder.pix_fmt = *size, form
    encoder.time_base, encoder.framerate = Fraction(1, 25), Fraction(25)
    options = f"bframes={b_frames}:keyint=15:min-keyint=15:scenecut=0:log-level=none:pools=1"
    name = "x264-params" if codec is Input.H264 else "x265-params"
    encoder.options = {"preset": "ultrafast", name: options}
    found = []
    for number in range(count):
        frame = picture(LUMA + 10 * (number % 2), width=size[0], height=size[1])
        frame = frame.reformat(format=form)
        frame.pts = number
        found += encoder.encode(frame)
    found += encoder.encode(None)
    return tuple(Source(bytes(p), (p.pts or 0) * STEP, p.is_keyframe) for p in found)


def decoded(made: list[Rendered]) -> list[VideoFrame]:
    decoder = av.CodecContext.create("h264", "r")
    assert isinstance(decoder, VideoCodecContext)
    frames = [frame for one in made for frame in decoder.decode(av.Packet(one.data))]
    return frames + decoder.decode(None)


def luma_at(frame: VideoFrame, x: float, y: float) -> int:
    plane = frame.planes[0]
    return bytes(plane)[int(y * frame.height) * plane.line_size + int(x * frame.width)]


class Made(list[Rendered]):
    """What a rendition delivers; a list that can be waited for."""

    def __init__(self, rendition: Callable[["Made"], Rendition]) -> None:
        super().__init__()
        self._came, self._given = asyncio.Event(), 0
        self.rendition = rendition(self)

    def deliver(self, picture: Rendered) -> None:
        self.append(picture)
        self._came.set()

    async def reach(self, count: int) -> None:
        async with asyncio.timeout(LIMIT_S):
            while len(self) < count:
                self._came.clear()
                await self._came.wait()

    def is_done(self) -> bool:
        """Whether all that was given is dealt with; `of` counts anew."""
        self._given = len(self)
        return not (self.rendition._waiting or self.rendition._unanswered)

    async def of(self, given: Sequence[Source]) -> None:
        """Give units, as fast as they are dealt with: a few may be held back for B-frames."""
        for unit in given:
            self.rendition.put(unit)
            self._given += 1
            await self.reach(self._given - HELD_BACK)


@asynccontextmanager
async def rendering(
    recipe: Recipe, *, among: Renditions | None = None
) -> AsyncIterator[tuple[Made, "asyncio.Task[RenditionEnd]"]]:
    among = among or Renditions(metrics=Metrics(), most=4)
    made = Made(lambda made: among.make(recipe, deliver=made.deliver))
    task = asyncio.create_task(made.rendition.run())
    try:
        yield made, task
    finally:
        task.cancel()
        await asyncio.wait({task})


async def test_masks_are_burnt_in_and_the_rest_is_shown_at_the_cameras_own_times() -> None:
    async with rendering(Recipe(masks=(TOP,), version=3)) as (made, _):
        given = units()
        await made.of(given)
        await made.reach(len(given))

        assert [one.timestamp for one in made] == [one.timestamp for one in given]
        assert {one.version for one in made} == {3}
        assert made[0].is_keyframe
        for frame in decoded(made):
            assert abs(luma_at(frame, 0.5, 0.25) - MASKED) <= 3
            assert luma_at(frame, 0.5, 0.75) >= LUMA - 6


async def test_other_masks_come_with_a_keyframe_and_no_picture_is_without() -> None:
    async with rendering(Recipe(masks=(TOP,), version=1)) as (made, _):
        given = units(count=60)
        await made.of(given[:30])
        made.rendition.change(Recipe(masks=(LEFT,), version=2))
        made.rendition.request_keyframe()
        await made.of(given[30:])
        await made.reach(len(given))

        first = next(one for one in made if one.version == 2)
        assert first.is_keyframe
        assert [one.version for one in made] == sorted(one.version for one in made)
        for one, frame in zip(made, decoded(made), strict=True):
            hidden, seen = ((0.75, 0.2), (0.2, 0.75))[:: 1 if one.version == 1 else -1]
            assert abs(luma_at(frame, *hidden) - MASKED) <= 3
            assert luma_at(frame, *seen) >= LUMA - 6


async def test_a_keyframe_comes_when_asked_for_and_every_two_seconds() -> None:
    async with rendering(Recipe()) as (made, _):
        given = units(count=60)
        await made.of(given[:25])
        made.rendition.request_keyframe()
        made.rendition.request_keyframe()  # at once again: the same one
        await made.of(given[25:])
        await made.reach(len(given))

        keyframes = [one.timestamp // STEP for one in made if one.is_keyframe]
        assert len(keyframes) == 2
        assert keyframes[0] == 0
        assert 20 <= keyframes[1] <= 45


@pytest.mark.parametrize(
    ("codec", "b_frames", "form"),
    [
        (Input.H264, 2, "yuv420p"),
        (Input.H264, 0, "yuvj420p"),
        (Input.H265, 0, "yuv420p"),
        (Input.H265, 3, "yuv420p10le"),
    ],
)
async def test_what_cameras_send_comes_out_in_the_order_it_is_shown_in(
    codec: Input, b_frames: int, form: str
) -> None:
    async with rendering(Recipe(source=codec, masks=(TOP,))) as (made, _):
        given = units(codec=codec, b_frames=b_frames, form=form)
        await made.of(given)
        shown = sorted(one.timestamp for one in given)
        await made.reach(len(given) - (HELD_BACK if b_frames else 0))

        assert [one.timestamp for one in made] == shown[: len(made)]
        frame = decoded(made)[-1]
        assert abs(luma_at(frame, 0.5, 0.25) - MASKED) <= 3
        assert luma_at(frame, 0.5, 0.75) >= LUMA - 8


async def test_a_camera_that_changes_its_size_is_masked_in_the_new_one() -> None:
    async with rendering(Recipe(masks=(TOP,))) as (made, _):
        await made.of(units())
        await made.of(units(size=(640, 480)))
        await made.reach(60)

        frames = decoded(made)
        assert {(frame.width, frame.height) for frame in frames} == {(320, 240), (640, 480)}
        for frame in frames:
            assert abs(luma_at(frame, 0.5, 0.45) - MASKED) <= 3
            assert luma_at(frame, 0.5, 0.55) >= LUMA - 6


async def test_damage_shows_nothing_up_to_the_next_keyframe() -> None:
    metrics = Metrics()
    among = Renditions(metrics=metrics, most=1)
    async with rendering(Recipe(masks=(TOP,)), among=among) as (made, task):
        given = units(count=45)
        await made.of(given[:3])
        await made.reach(3)
        made.rendition.put(given[3]._replace(data=b"\x00\x00\x00\x01\x65" + b"no picture " * 50))
        for unit in given[4:15]:
            made.rendition.put(unit)
        await until(lambda: value(metrics.rendition_units.labels("damaged")) >= 12)
        await made.of(given[15:])
        await made.reach(33)

        assert made[3].timestamp == given[15].timestamp
        assert not task.done()


@pytest.mark.parametrize(
    ("sent", "end"),
    [(signal.SIGKILL, RenditionEnd.CRASHED), (signal.SIGSTOP, RenditionEnd.HUNG)],
)
async def test_a_decoder_that_crashes_or_hangs_ends_its_own_stream_alone(
    sent: signal.Signals, end: RenditionEnd
) -> None:
    # Up to the blow the struck one is to keep up as well, on a machine that does other things.
    times = RenditionTimes(unit_within_s=3.0)
    among = Renditions(metrics=Metrics(), most=1, times=times)
    given = units()
    async with rendering(Recipe(masks=(TOP,))) as (good, still_good):
        await good.of(given[:15])
        healthy = workers()
        async with rendering(Recipe(masks=(TOP,)), among=among) as (bad, failed):
            await bad.of(given[:15])
            (struck,) = workers() - healthy
            os.kill(struck, sent)
            for unit in given[15:]:
                bad.rendition.put(unit)

            assert await failed is end
        await good.of(given[15:])
        await good.reach(len(given))

        assert not still_good.done()
        assert workers() == healthy


async def test_a_host_that_stood_still_ends_no_rendition(monkeypatch: pytest.MonkeyPatch) -> None:
    given = units()
    async with rendering(Recipe()) as (made, ended):
        await made.of(given[:15])
        (worker,) = workers()
        os.kill(worker, signal.SIGSTOP)
        made.rendition.put(given[15])
        await until(lambda: made.rendition._unanswered)

        stand_still(monkeypatch, 60.0)

        await asyncio.wait({ended}, timeout=rendition._LOOK_EVERY_S)  # it has looked by then
        os.kill(worker, signal.SIGCONT)
        await made.of(given[16:])
        await made.reach(len(given))
        assert not ended.done()


@pytest.mark.parametrize(
    "said", [message(Kind.DONE, Outcome.TAKEN.value), message(Kind.PICTURE, b"x")]
)
async def test_a_worker_that_says_what_it_likes_ends_its_own_stream(
    said: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = f"import os; os.write(1, {said!r}); input()"
    monkeypatch.setattr(rendition, "_WORKER", (sys.executable, "-I", "-c", script))

    async with rendering(Recipe()) as (_, ended):
        assert await ended is RenditionEnd.CRASHED


async def test_the_end_of_a_worker_that_is_cut_short_in_a_picture_is_seen(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    said = of_picture(Rendered(b"", 0, True, 1))
    script = (
        "import sys\n"
        f"said = {said[:1]!r} + (8 * 1024**2).to_bytes(4) + {said[5:]!r}.ljust(8 * 1024**2)\n"
        "while True: sys.stdout.buffer.write(said)"
    )
    monkeypatch.setattr(rendition, "_WORKER", (sys.executable, "-I", "-c", script))

    async with asyncio.timeout(60), rendering(Recipe()) as (made, ended):
        await made.reach(3)
        assert not ended.done()


async def test_a_worker_that_is_behind_loses_pictures_and_nobody_waits() -> None:
    metrics = Metrics()
    among = Renditions(metrics=metrics, most=1)
    async with rendering(Recipe(masks=(TOP,)), among=among) as (made, _):
        given = units(count=45)
        await made.of(given[:15])
        (worker,) = workers()
        os.kill(worker, signal.SIGSTOP)
        behind = [unit._replace(data=unit.data + bytes(200_000)) for unit in given[15:30]]
        for unit in behind * 6:  # far more than pipe and queue hold
            made.rendition.put(unit)
        dropped = value(metrics.rendition_units.labels("dropped"))
        os.kill(worker, signal.SIGCONT)
        await until(made.is_done)
        await made.of(given[30:])
        await until(made.is_done)

        assert dropped > 0
        assert [one.timestamp for one in made[-15:]] == [one.timestamp for one in given[30:]]


async def test_one_more_than_a_process_may_render_is_refused_by_name() -> None:
    among = Renditions(metrics=Metrics(), most=1)
    async with rendering(Recipe(masks=(TOP,)), among=among) as (made, _):
        await made.of(units()[:5])

        with pytest.raises(TooManyRenditions):
            await among.make(Recipe(), deliver=made.append).run()


async def test_a_process_that_cannot_be_started_is_one_that_crashed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("webrtc.renditions.rendition._WORKER", ("/no/such/program",))
    among = Renditions(metrics=Metrics(), most=1)
    async with rendering(Recipe(), among=among) as (_, task):
        assert await task is RenditionEnd.CRASHED
    assert not among.is_full
