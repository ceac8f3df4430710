"""A peer that negotiates as anybody does and then sends whatever it is told to."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

from aiortc import (
    MediaStreamTrack,
    RTCConfiguration,
    RTCPeerConnection,
    RTCRtpSender,
    RTCSessionDescription,
)
from pylibsrtp import Error

_CONNECT_WITHIN_S = 60.0


class Silent(MediaStreamTrack):
    kind = "video"

    async def recv(self) -> Any:
        return await asyncio.get_running_loop().create_future()


class HostilePeer:
    """Protected packets are protected as its session's keys want it: the other end takes them."""

    def __init__(self, *, publishes: bool) -> None:
        self.pc = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self.payload_types: list[int] = []
        self.sent = 0
        if publishes:
            transceiver = self.pc.addTransceiver(Silent(), direction="sendonly")
            codecs = RTCRtpSender.getCapabilities("video").codecs
            wanted = ("video/H264", "video/rtx")
            transceiver.setCodecPreferences([each for each in codecs if each.mimeType in wanted])
        else:
            self.pc.addTransceiver("video", direction="recvonly")

    async def connect(self, signal: Callable[[bytes], Awaitable[str]]) -> None:
        await self.pc.setLocalDescription(await self.pc.createOffer())
        answer = await signal(self.pc.localDescription.sdp.encode())
        self.payload_types = [
            int(line.removeprefix("a=rtpmap:").split()[0])
            for line in answer.splitlines()
            if line.startswith("a=rtpmap:")
        ]
        await self.pc.setRemoteDescription(RTCSessionDescription(answer, "answer"))
        async with asyncio.timeout(_CONNECT_WITHIN_S):
            while self.pc.connectionState != "connected":
                if self.pc.connectionState in ("failed", "closed"):
                    raise ConnectionError("refused")
                await asyncio.sleep(0.02)
        dtls: Any = self.pc.getTransceivers()[0].receiver.transport
        pair = dtls.transport._connection._nominated[1]
        self._keys, self._address = dtls._tx_srtp, pair.remote_addr
        self._transport = pair.protocol.transport

    @property
    def is_connected(self) -> bool:
        return self.pc.connectionState == "connected"

    @property
    def remote_address(self) -> tuple[str, int]:
        return self._address  # type: ignore[no-any-return]  # aioice's pair

    def send(self, data: bytes) -> None:
        """As it is."""
        self.sent += 1
        self._transport.sendto(data, self._address)

    def send_rtp(self, packet: bytes) -> None:
        with suppress(Error, ValueError):  # what not even its sender's library takes goes as it is
            packet = self._keys.protect(packet)
        self.send(packet)

    def send_rtcp(self, packet: bytes) -> None:
        with suppress(Error, ValueError):  # as above
            packet = self._keys.protect_rtcp(packet)
        self.send(packet)

    async def close(self) -> None:
        await self.pc.close()
