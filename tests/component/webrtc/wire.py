"""A publisher that connects as a real peer does, and then sends the RTP a test has written."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import uuid4

from aiortc.rtcrtpparameters import RTCRtpHeaderExtensionParameters, RTCRtpParameters
from aiortc.rtp import HeaderExtensions, HeaderExtensionsMap, RtpPacket, wrap_rtx

from domain.identifiers import StreamId
from server.media import MediaService
from tests.component.webrtc.peers import Peer, until
from webrtc.relay import RelayedStream
from webrtc.viewer import ParkedTrack

KEY, DELTA = b"\x65\x88\x80", b"\x41\x9a\x80"


class Wire:
    """``stream`` is the stream it publishes on."""

    def __init__(self, peer: Peer, stream: RelayedStream) -> None:
        self.peer, self.stream = peer, stream
        answer = peer.pc.remoteDescription.sdp
        chosen = re.search(r"m=video \d+ \S+ (\d+) (\d+)", answer)
        assert chosen is not None
        self.payload_type, self.repairing = int(chosen[1]), int(chosen[2])
        self._extensions = HeaderExtensionsMap()
        self._extensions.configure(
            RTCRtpParameters(
                headerExtensions=[
                    RTCRtpHeaderExtensionParameters(id=int(number), uri=uri)
                    for number, uri in re.findall(r"a=extmap:(\d+) (\S+)", answer)
                ]
            )
        )

    def packet(
        self,
        sequence: int,
        payload: bytes,
        *,
        ssrc: int = 1,
        rid: str | None = None,
        transport: int | None = None,
    ) -> RtpPacket:
        """A whole picture, 40 ms after that of the number before."""
        packet = RtpPacket(self.payload_type, 1, sequence, 3600 * sequence, ssrc, payload)
        packet.extensions = HeaderExtensions(rtp_stream_id=rid, transport_sequence_number=transport)
        return packet

    def repair(self, packet: RtpPacket, *, ssrc: int, repaired_rid: str | None = None) -> RtpPacket:
        rtx = wrap_rtx(packet, payload_type=self.repairing, sequence_number=1, ssrc=ssrc)
        rtx.extensions = HeaderExtensions(repaired_rtp_stream_id=repaired_rid)
        return rtx

    async def send(self, *packets: RtpPacket) -> None:
        for packet in packets:
            await self.send_bytes(packet.serialize(self._extensions))

    async def send_bytes(self, data: bytes) -> None:
        await self.peer.pc.getSenders()[0].transport._send_rtp(data)


@asynccontextmanager
async def wired(
    service: MediaService, stream_id: StreamId, *, rids: tuple[str, ...] = (), fid: str = ""
) -> AsyncIterator[Wire]:
    """``fid``: two SSRCs, the second of which retransmits the first, as the offer says."""
    peer = Peer()
    peer.pc.addTransceiver(ParkedTrack("video"), direction="sendonly")
    peer.codecs("video/H264", "video/rtx")
    lines = (await peer.offer()).decode().split("\r\n")
    kept = [line for line in lines if not line.startswith(("a=ssrc", "a=msid:"))]
    added = [f"a=rid:{rid} send" for rid in rids]
    added += [f"a=simulcast:send {';'.join(rids)}"] if rids else []
    added += [f"a=ssrc-group:FID {fid}"] if fid else []
    at = next(index for index, line in enumerate(kept) if line.startswith("a=mid:"))
    kept[at:at] = added
    try:
        session = await service.publish(stream_id, uuid4(), "\r\n".join(kept).encode())
        await peer.accept(session)
        stream = service.relay.get(stream_id)
        publisher: object = session
        await until(lambda: stream.publisher is publisher)
        yield Wire(peer, stream)
    finally:
        await peer.close()


def forwarded(stream: RelayedStream, layer: int = 0) -> list[bytes]:
    """The payloads of a layer that went on to its viewers, in their order."""
    history = stream.layers[layer].history
    return [packet.payload for packet in history.since(0)]
