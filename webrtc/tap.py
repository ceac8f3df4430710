"""Encoded pictures for detect processes, over a Unix socket: the newest, never a growing backlog.

The protocol:

- The client sends lines of JSON, UTF-8, at most 64 KiB each: ``{"streams": ["<uuid>", …]}``. Each
  line replaces the list of streams it wants; an empty list stops them all. Streams that do not
  exist, or not yet, may be in it: their pictures come when they do.
- The server sends `domain.streams.Packet`s in their framed form (`Packet.to_bytes`), of these
  streams only, each stream's first one a keyframe.
- A client that reads too slowly loses pictures, not time: when a stream's share of the queue is
  full, all of it is dropped, and that stream resumes at its next keyframe.
  ``Packet.sequence_number`` counts on, so the client sees how many are missing.
- A line that is no such JSON ends the connection. Closing the socket is the only goodbye.

Whoever may open the socket may see every stream: it lies in the installation's own folder, mode
0600.
"""

import asyncio
import json
import logging
from collections import deque
from pathlib import Path
from uuid import UUID

from domain.identifiers import StreamId
from domain.streams import Packet
from webrtc.metrics import Metrics
from webrtc.relay import Relay, RelayedStream

logger = logging.getLogger(__name__)

_MAX_LINE_BYTES = 64 * 1024
_MAX_STREAMS = 1000
_MAX_PICTURES = 75
"""Waiting pictures of one stream: 3 s at 25 per second, an ordinary GOP and a half."""
_MAX_BYTES = 4 * 1024 * 1024
_LOOK_AGAIN_S = 0.5
_MAX_CLIENTS = 16


class Tap:
    """`run` serves until cancelled; without a path it only waits."""

    def __init__(self, *, relay: Relay, path: Path | None, metrics: Metrics) -> None:
        self._relay, self._path, self._metrics = relay, path, metrics
        self._clients = 0

    async def run(self) -> None:
        if self._path is None:
            await asyncio.get_running_loop().create_future()
            return
        self._path.unlink(missing_ok=True)  # left by a process that was killed
        # asyncio's server makes a task per connection and cancels none: each is given a group.
        async with asyncio.TaskGroup() as group:
            server = await asyncio.start_unix_server(
                lambda reader, writer: self._accept(group, reader, writer),
                path=self._path,
                limit=_MAX_LINE_BYTES,
            )
            self._path.chmod(0o600)
            try:
                await asyncio.get_running_loop().create_future()
            finally:
                server.close()
                self._path.unlink(missing_ok=True)

    def _accept(
        self,
        group: asyncio.TaskGroup,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        if self._clients >= _MAX_CLIENTS:
            logger.error("a tap client was refused: %d are connected", self._clients)
            writer.close()
            return
        group.create_task(self._serve(reader, writer), name="tap client")

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        client = _Client(self._relay, self._metrics)
        self._clients += 1
        self._metrics.tap_clients.inc()
        try:
            async with asyncio.TaskGroup() as group:
                tasks = [
                    group.create_task(client.read_wishes(reader)),
                    group.create_task(client.follow()),
                    group.create_task(client.send(writer)),
                ]
                await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
                for task in tasks:
                    task.cancel()
        finally:
            client.close()
            self._clients -= 1
            self._metrics.tap_clients.dec()
            writer.close()


class _Client:
    """One connection: what it wants, and what waits for it."""

    def __init__(self, relay: Relay, metrics: Metrics) -> None:
        self._relay, self._metrics = relay, metrics
        self._wanted: set[StreamId] = set()
        self._shares: dict[StreamId, _Share] = {}
        self._something = asyncio.Event()
        self._changed = asyncio.Event()

    async def read_wishes(self, reader: asyncio.StreamReader) -> None:
        """Until the client leaves, or sends what is no wish list."""
        while True:
            try:
                line = await reader.readline()
                if not line:
                    return
                self._wanted = _wish_list(line)
            except (ValueError, RecursionError, ConnectionError) as error:
                logger.warning("a tap client was let go: %s", error)
                return
            self._changed.set()

    async def follow(self) -> None:
        """Keep to the wanted streams, those included that appear later or are made anew."""
        while True:
            self._follow_once()
            try:
                async with asyncio.timeout(_LOOK_AGAIN_S):
                    await self._changed.wait()
            except TimeoutError:
                continue
            self._changed.clear()

    def _follow_once(self) -> None:
        for stream_id, share in list(self._shares.items()):
            gone = self._relay.find(stream_id) is not share.stream
            if gone or stream_id not in self._wanted:
                share.close()
                del self._shares[stream_id]
        for stream_id in self._wanted - self._shares.keys():
            stream = self._relay.find(stream_id)
            if stream is not None:
                self._shares[stream_id] = _Share(stream, self._something, self._metrics)

    async def send(self, writer: asyncio.StreamWriter) -> None:
        """Hand over what waits, each stream in its turn, as fast as the client reads."""
        try:
            while True:
                await self._something.wait()
                self._something.clear()
                while packets := [p for s in list(self._shares.values()) for p in s.next()]:
                    for packet in packets:
                        writer.write(packet.to_bytes())
                        await writer.drain()
                        self._metrics.tap_packets.inc()
        except ConnectionError:
            return

    def close(self) -> None:
        for share in self._shares.values():
            share.close()
        self._shares.clear()


class _Share:
    """One stream's pictures waiting for one client."""

    def __init__(self, stream: RelayedStream, something: asyncio.Event, metrics: Metrics) -> None:
        self.stream = stream
        self._something, self._metrics = something, metrics
        self._waiting: deque[Packet] = deque()
        self._bytes = 0
        self._needs_keyframe = True
        stream.listen(self._hear)
        stream.request_keyframe()

    def _hear(self, packet: Packet) -> None:
        if packet.is_keyframe:
            # All that waits is older than a picture that needs none of it: the newest first.
            self._drop_all()
            self._needs_keyframe = False
        elif len(self._waiting) >= _MAX_PICTURES or self._bytes > _MAX_BYTES:
            self._drop_all()
            self._needs_keyframe = True
            self.stream.request_keyframe()
        if self._needs_keyframe:
            self._metrics.tap_dropped.inc()
            return
        self._waiting.append(packet)
        self._bytes += len(packet.data)
        self._something.set()

    def _drop_all(self) -> None:
        self._metrics.tap_dropped.inc(len(self._waiting))
        self._waiting.clear()
        self._bytes = 0

    def next(self) -> list[Packet]:
        """The oldest waiting picture, or nothing."""
        if not self._waiting:
            return []
        packet = self._waiting.popleft()
        self._bytes -= len(packet.data)
        return [packet]

    def close(self) -> None:
        self.stream.unlisten(self._hear)


def _wish_list(line: bytes) -> set[StreamId]:
    """Raises `ValueError` saying what is wrong."""
    wish = json.loads(line)
    streams = wish.get("streams") if isinstance(wish, dict) else None
    if not isinstance(streams, list) or len(streams) > _MAX_STREAMS:
        raise ValueError(f"a wish is {{'streams': [at most {_MAX_STREAMS} ids]}}")
    if not all(isinstance(each, str) for each in streams):
        raise ValueError("a stream's id is a text")
    return {StreamId(UUID(each)) for each in streams}
