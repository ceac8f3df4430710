"""A browser plays what is recorded, also of a file that was cut off in the middle of a fragment."""

from base64 import b64encode
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest

from domain.identifiers import CameraId, CommuneId, SegmentId, StreamId
from domain.streams import Codec
from server.recordings.segments import GENESIS, About, SegmentFile, SegmentWriter, recover
from tests.component.webrtc.encoded import STEP, film, sound
from tests.e2e.browser import CHROMIUM, chromium
from webrtc.recording.following import Picture, Sound
from webrtc.recording.fragments import Fragments, head

pytestmark = [
    pytest.mark.integration,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="needs /usr/bin/chromium"),
]

MASTER = bytes(32)
#: To its end, muted; what it says of itself then.
PLAY = """async (base64) => {
  const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  const video = document.createElement("video");
  Object.assign(video, {muted: true, src: URL.createObjectURL(new Blob([bytes]))});
  document.body.append(video);
  await new Promise((resolve, reject) => {
    video.onended = resolve;
    video.onerror = () => reject(new Error(video.error.message));
    video.play().catch(reject);
  });
  const heard = video.webkitAudioDecodedByteCount;
  return {duration: video.duration, width: video.videoWidth, heard};
}"""


def torn(tmp_path: Path, codec: Codec) -> bytes:
    """The MP4 of a file of five fragments whose writer was killed within the last."""
    frames = film(codec)
    pictures = [
        Picture(one.data, number * STEP, one.is_keyframe, 0.0) for number, one in enumerate(frames)
    ]
    with_sound = codec is Codec.H264
    started_at = datetime(2026, 3, 1, 12, tzinfo=UTC)
    about = About(
        segment_id=SegmentId(uuid4()),
        commune_id=CommuneId(uuid4()),
        stream_id=StreamId(uuid4()),
        camera_id=None if with_sound else CameraId(uuid4()),
        started_at=started_at,
        keep_days=1,
        codec=codec,
        with_sound=with_sound,
        previous=GENESIS,
    )
    path = tmp_path / f"{codec}.ilr"
    writer = SegmentWriter(path, about, master=MASTER)
    writer.head(head(codec, pictures[0].data, with_sound=with_sound))
    fragments = Fragments(codec, pictures[0])
    for at in range(0, len(pictures), 5):
        sounds = [Sound(sound()[2 * at + n], 960 * (2 * at + n), 960) for n in range(10)]
        said = (sounds, (0, 0)) if with_sound else ([], None)
        data = fragments.fragment(pictures[at : at + 5], said[0], sound_at=said[1])
        writer.fragment(data, newest_at=started_at, pictures=5)
    writer.close()
    with path.open("r+b") as file:
        file.truncate(path.stat().st_size - 9)
    assert recover(path, master=MASTER) is not None
    with SegmentFile(path, master=MASTER) as whole:
        return b"".join(whole.mp4())


async def test_chromium_plays_every_codec_that_is_recorded(tmp_path: Path) -> None:
    async with chromium() as browser:
        page = await browser.new_page()
        for codec in (Codec.H264, Codec.VP9, Codec.AV1):
            played = await page.evaluate(PLAY, b64encode(torn(tmp_path, codec)).decode())

            assert played["width"] == 160, codec
            assert played["duration"] == pytest.approx(0.8, abs=0.05), codec
            assert bool(played["heard"]) is (codec is Codec.H264), codec
