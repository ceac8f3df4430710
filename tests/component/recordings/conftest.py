"""What lies on a disk is about a segment; these are of one camera, or of one patrol."""

from dataclasses import replace
from datetime import UTC, datetime
from uuid import uuid4

import pytest

from domain.identifiers import CameraId, CommuneId, SegmentId, StreamId
from domain.streams import Codec
from server.recordings.segments import GENESIS, About
from webrtc.metrics import Metrics
from webrtc.renditions import Renditions

STARTED = datetime(2026, 3, 1, 12, tzinfo=UTC)
MASTER = bytes(range(32))
RENDITIONS = Renditions(metrics=Metrics(), most=1)


@pytest.fixture
def about() -> About:
    return About(
        segment_id=SegmentId(uuid4()),
        commune_id=CommuneId(uuid4()),
        stream_id=StreamId(uuid4()),
        camera_id=CameraId(uuid4()),
        started_at=STARTED,
        keep_days=10,
        codec=Codec.H264,
        with_sound=False,
        previous=GENESIS,
    )


@pytest.fixture
def patrol(about: About) -> About:
    return replace(about, camera_id=None, with_sound=True)
