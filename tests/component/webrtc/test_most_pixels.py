"""A picture's size is said by who sends it: one that would take all memory is not decoded."""

from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
from av import logging

from detectors import decoding
from domain.identifiers import StreamId
from domain.streams import Codec, Packet
from tests.component.webrtc.encoded import film
from tests.component.webrtc.peers import make_clip
from webrtc import opening, stills
from webrtc.recording import fragments, pictures
from webrtc.track import Unit

NOW = datetime(2026, 12, 1, tzinfo=UTC)
TOO_FEW = 160 * 90 - 1


def test_neither_as_a_still(monkeypatch: pytest.MonkeyPatch) -> None:
    units = [Unit(one.data, one.is_keyframe, 0.0, 0) for one in film(Codec.H264, pictures=2)]
    assert stills._to_jpeg(Codec.H264, units) is not None
    monkeypatch.setattr(stills, "MOST_PIXELS", TOO_FEW)

    assert stills._to_jpeg(Codec.H264, units) is None


def test_nor_out_of_a_recording(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    mp4 = make_clip(tmp_path / "a.mp4", seconds=0.2).read_bytes()
    assert pictures.picture_at(mp4, ticks=None) is not None
    monkeypatch.setattr(opening, "MOST_PIXELS", TOO_FEW)

    assert pictures.picture_at(mp4, ticks=None) is None


def test_nor_to_find_out_what_is_recorded(monkeypatch: pytest.MonkeyPatch) -> None:
    keyframe = film(Codec.H264, pictures=1)[0].data
    monkeypatch.setattr(opening, "MOST_PIXELS", TOO_FEW)
    level = logging.get_level()
    logging.set_level(logging.ERROR)
    try:
        with logging.Capture(local=False) as said:
            fragments.head(Codec.H264, keyframe, with_sound=False)
    finally:
        logging.set_level(level)

    assert any("exceeds specified max pixel count" in text for _, _, text in said)


def test_nor_for_a_detector(monkeypatch: pytest.MonkeyPatch) -> None:
    packets = [
        Packet(StreamId(UUID(int=1)), Codec.H264, one.data, one.is_keyframe, NOW, n * 3600, n)
        for n, one in enumerate(film(Codec.H264, pictures=2))
    ]
    assert decoding.StreamDecoder().newest(packets) is not None
    monkeypatch.setattr(decoding, "MOST_PIXELS", TOO_FEW)

    assert decoding.StreamDecoder().newest(packets) is None
