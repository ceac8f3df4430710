"""What a browser that is not ours makes of the publisher's side: codecs, feedback, layers."""

from typing import Any

import pytest

from tests.component.webrtc.peers import new_stream, running, until
from tests.integration.webrtc.test_chromium import (
    WATCH,
    browser,
    inbound,
    page_of,
    pytestmark,
    reported,
)
from tests.udp import dropped
from webrtc.metrics import value

__all__ = ["pytestmark"]

PUBLISH = """async ({codec, encodings}) => {
  const media = await navigator.mediaDevices.getUserMedia({video: {width: 1280}});
  const pc = window.pc = new RTCPeerConnection(), [track] = media.getTracks();
  const sender = pc.addTransceiver(track, {direction: "sendonly", sendEncodings: encodings});
  const codecs = RTCRtpSender.getCapabilities("video").codecs;
  sender.setCodecPreferences(codecs.filter((c) =>
    c.mimeType === codec || c.mimeType === "video/rtx"));
  await pc.setLocalDescription();
  const answer = await window.signal("publish", pc.localDescription.sdp);
  await pc.setRemoteDescription({type: "answer", sdp: answer});
  return answer;
}"""
SENT = """async () => {
  const reports = [...(await pc.getStats()).values()];
  const of = (type) => reports.filter((report) => report.type === type);
  return {
    outbound: of("outbound-rtp"),
    pair: of("candidate-pair").find((pair) => pair.nominated),
  };
}"""
SMALL = 1280 / 4
"""The width of the lower layer at most; a busy Chromium makes both layers smaller than wanted."""
ONE = [{"maxBitrate": 2_500_000}]
READINGS = 40  # in a row, 50 ms apart at least: a browser that goes on up has gone by then


@pytest.mark.parametrize("codec", ["video/VP9", "video/AV1"])
async def test_chromium_shows_what_chromium_films_in_newer_codecs(codec: str) -> None:
    stream = new_stream()
    async with running() as service, browser() as context:
        phone = await page_of(context, service, stream)
        await phone.evaluate(PUBLISH, {"codec": codec, "encodings": ONE})
        await until(lambda: service.relay.get(stream).is_live)
        desk = await page_of(context, service, stream)
        await desk.evaluate(WATCH.replace('["video", "audio"]', '["video"]'))
        report = await inbound(desk, 20)

        assert service.status()[0].codec == codec.split("/")[1].lower()
        assert report["frameWidth"] >= 320
        assert value(service.metrics.decodes.labels("viewer")) == 0
        assert (await service.still(stream)).jpeg.startswith(b"\xff\xd8")


def estimate(sent: dict[str, Any]) -> float:
    """The browser's own estimate of what its link takes, bit/s."""
    return float((sent.get("pair") or {}).get("availableOutgoingBitrate", 0))


async def test_chromium_lives_on_the_feedback_it_gets() -> None:
    stream = new_stream()
    async with running() as service, browser() as context:
        phone = await page_of(context, service, stream)
        answer = await phone.evaluate(PUBLISH, {"codec": "video/H264", "encodings": ONE})
        assert "transport-cc" in answer
        assert "draft-holmer-rmcat-transport-wide-cc-extensions-01" in answer

        await reported(phone, lambda now: estimate(now) > 1_500_000, script=SENT)


async def test_chromium_stays_below_the_ceiling_it_is_told() -> None:
    stream, held = new_stream(), 0

    def is_held(sent: dict[str, Any]) -> bool:
        nonlocal held
        held = held + 1 if 500_000 < estimate(sent) <= 1_000_000 else 0
        return held == READINGS

    async with running(publisher_kbit_s=1000) as service, browser() as context:
        phone = await page_of(context, service, stream)
        await phone.evaluate(PUBLISH, {"codec": "video/H264", "encodings": ONE})

        # At once or after its first probes: without REMB it goes on up, see the test before.
        await reported(phone, is_held, script=SENT)


@pytest.mark.parametrize("codec", ["video/VP8", "video/H264"])
async def test_chromium_sends_layers_and_each_is_a_track(codec: str) -> None:
    stream = new_stream()
    layers = [
        {"rid": "h", "maxBitrate": 1_500_000},
        {"rid": "l", "scaleResolutionDownBy": 4, "maxBitrate": 150_000},
    ]
    async with running() as service, browser() as context:
        phone = await page_of(context, service, stream)
        answer = await phone.evaluate(PUBLISH, {"codec": codec, "encodings": layers})
        assert "a=simulcast:recv h;l" in answer
        await until(lambda: service.relay.get(stream).is_live)
        relayed = service.relay.get(stream)
        assert len(relayed.layers) == 2
        high, low = relayed.layers
        await until(lambda: high.keyframe_start(max_age_s=60) is not None)
        await until(lambda: low.keyframe_start(max_age_s=60) is not None)
        await until(lambda: high.octets > 4 * low.octets > 0)

        def asked(sent: dict[str, Any]) -> int:
            return sum(each["pliCount"] for each in sent["outbound"] if each["rid"] == "l")

        before = asked(await phone.evaluate(SENT))
        relayed.request_keyframe(low)
        await reported(phone, lambda now: asked(now) > before, script=SENT)


async def test_a_viewer_goes_on_when_the_highest_layer_rests_and_returns() -> None:
    stream, lost_here = new_stream(), dropped()
    layers = [{"rid": "h"}, {"rid": "l", "scaleResolutionDownBy": 4}]
    rest = """(active) => {
      const [sender] = pc.getSenders(), parameters = sender.getParameters();
      parameters.encodings[0].active = active;
      return sender.setParameters(parameters);
    }"""
    async with running() as service, browser() as context:
        phone = await page_of(context, service, stream)
        await phone.evaluate(PUBLISH, {"codec": "video/VP8", "encodings": layers})
        await until(lambda: service.relay.get(stream).is_live)
        desk = await page_of(context, service, stream)
        await desk.evaluate(WATCH.replace('["video", "audio"]', '["video"]'))
        await reported(desk, lambda now: now.get("frameWidth", 0) > SMALL)
        await phone.evaluate(rest, False)
        await reported(desk, lambda now: now["frameWidth"] <= SMALL)
        await phone.evaluate(rest, True)
        report = await reported(desk, lambda now: now["frameWidth"] > SMALL)

        assert report["packetsLost"] <= dropped() - lost_here
