"""What some browsers can't show, made H264: trouble with one stream is no other's."""

import asyncio
from uuid import uuid4

from domain.identifiers import StreamId
from tests.component.webrtc.peers import until
from webrtc.converting import Conversions
from webrtc.metrics import Metrics
from webrtc.relay import EndReason, Relay
from webrtc.renditions import Renditions
from webrtc.sending import Burst


class Watcher:
    """Is told why it ends."""

    ended: EndReason | None = None

    def deliver_video(self, burst: Burst) -> None: ...

    def deliver_audio(self, burst: Burst) -> None: ...

    def layers_changed(self) -> None: ...

    def end(self, reason: EndReason) -> None:
        self.ended = reason


async def test_who_loses_the_last_place_to_another_ends_alone() -> None:
    metrics, watcher = Metrics(), Watcher()
    relay, renditions = Relay(metrics=metrics), Renditions(metrics=metrics, most=1)
    conversions = Conversions(relay=relay, renditions=renditions, metrics=metrics)
    running = asyncio.create_task(conversions.run())
    await until(lambda: conversions._group is not None)
    conversions.of(relay.open_for_camera(StreamId(uuid4()))).subscribe(watcher)
    renditions.take_place()  # a camera with masks, before the other's process is started
    await until(lambda: watcher.ended is not None)

    assert watcher.ended is EndReason.FAILED
    assert not running.done()
    running.cancel()
    await asyncio.wait({running})
