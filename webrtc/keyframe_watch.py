"""KeyframeWatch: shows a camera's keyframes, as they came, to the judge of frozen and blinded."""

from datetime import datetime

from domain.impairments import Impaired
from domain.packet_judge import PacketJudge
from domain.streams import Codec
from webrtc import h264, h265


class KeyframeWatch:
    """Of one camera, for as long as its source is the same; a few microseconds a keyframe."""

    def __init__(self) -> None:
        self._judge = PacketJudge()
        self._sets: list[bytes] = []

    @property
    def impaired(self) -> Impaired | None:
        return self._judge.impaired

    def took(self, codec: Codec, payloads: list[bytes], at: datetime) -> None:
        module = h265 if codec is Codec.H265 else h264
        sets = module.sets_in(payloads)
        if sets != self._sets:
            # Another size of picture, another codec: sizes of before say nothing of it.
            self._judge, self._sets = PacketJudge(), sets
        self._judge.keyframe(module.slice_bytes(payloads), at)
