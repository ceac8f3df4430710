"""Recorded fragments become one plain MP4 that any player reads, without being encoded again."""

import io
from typing import Any

import av
import pytest

from domain.streams import Codec
from server.recordings.joining import Joining, fragments_in
from tests.component.webrtc.encoded import STEP, film, sound
from webrtc.recording.following import Picture, Sound
from webrtc.recording.fragments import Fragments, head


def recorded(
    codec: Codec, *, with_sound: bool = False, size: tuple[int, int] = (160, 90)
) -> tuple[bytes, bytes]:
    """A head, and fragments of two seconds, a keyframe in each GOP of ten."""
    frames = film(codec, pictures=50, gop=10, size=size)
    pictures = [Picture(one.data, n * STEP, one.is_keyframe, 0.0) for n, one in enumerate(frames)]
    fragments = Fragments(codec, pictures[0])
    packets = [Sound(data, 960 * n, 960) for n, data in enumerate(sound(packets=100))]
    body = b""
    for n in range(0, 50, 10):
        heard = packets[2 * n : 2 * n + 20] if with_sound else ()
        body += fragments.fragment(pictures[n : n + 10], heard, sound_at=(0, 0))
    return head(codec, pictures[0].data, with_sound=with_sound), body


def read(film: bytes, **kind: int) -> list[tuple[float, tuple[int, int]]]:
    """When each frame is shown, and its size."""
    with av.open(io.BytesIO(film), "r", format="mp4") as container:
        frames: list[Any] = [f for packet in container.demux(**kind) for f in packet.decode()]
    return [(f.time, (getattr(f, "width", 0), getattr(f, "height", 0))) for f in frames]


def join(*pieces: tuple[bytes, bytes, int]) -> tuple[bytes, Joining]:
    joining, film = Joining(), b""
    for first_bytes, body, skipped in pieces:
        film += joining.begin(first_bytes, from_ticks=skipped * 10 * STEP)
        # In parts as a network gives them.
        parts = [body[n : n + 1000] for n in range(0, len(body), 1000)]
        for number, fragment in enumerate(fragments_in(parts, bytearray())):
            if number >= skipped:
                film += joining.add(fragment)
    return film + joining.finish(), joining


@pytest.mark.parametrize("codec", [Codec.H264, Codec.VP9, Codec.AV1])
def test_pieces_of_two_segments_are_one_film_without_a_hole(codec: Codec) -> None:
    first_bytes, body = recorded(codec)
    film, joining = join((first_bytes, body, 2), (first_bytes, body, 0))

    times = [time for time, _ in read(film, video=0)]
    assert times == pytest.approx([n / 25 for n in range(80)])
    assert joining.lasts_ticks == 80 * STEP
    with av.open(io.BytesIO(film), "r", format="mp4") as container:
        assert container.duration == 3_200_000
        container.seek(2_000_000)
        packet = next(container.demux(video=0))
        assert packet.is_keyframe
        assert packet.pts == 2 * 90_000


def test_sound_stays_where_it_was_heard_and_begins_with_the_film() -> None:
    first_bytes, body = recorded(Codec.H264, with_sound=True)
    film, _ = join((first_bytes, body, 1), (first_bytes, body, 0))

    heard = [time for time, _ in read(film, audio=0)]
    assert len(heard) == 180
    assert heard[0] == pytest.approx(0.0, abs=0.03)
    assert heard[80] == pytest.approx(1.6, abs=0.03)  # of the second piece


def test_a_camera_that_changed_its_size_is_in_the_same_film() -> None:
    film, _ = join(
        (*recorded(Codec.H264), 0),
        (*recorded(Codec.H264, size=(320, 180)), 0),
    )

    sizes = [size for _, size in read(film, video=0)]
    assert (sizes[0], sizes[-1], len(sizes)) == ((160, 90), (320, 180), 100)
