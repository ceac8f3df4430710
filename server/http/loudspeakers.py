"""The cameras' loudspeakers, as control asks the media processes that reach them."""

import json
from datetime import timedelta

from domain.cameras import Camera
from domain.errors import Unavailable
from domain.identifiers import AnnouncementId, TalkId
from domain.streams import SessionNotFound
from server.database.presence import Process, Processes
from server.http.inner_answers import as_told, object_in
from server.http.media import Media, MediaAnswer

BEGINS_WITHIN_S = 12.0  # a camera is dialled for 8 s at most, then it is negotiated
TAKEN_IN_WITHIN_S = 15.0
_JSON = {"Content-Type": "application/json"}


class Loudspeakers:
    def __init__(self, media: Media, processes: Processes) -> None:
        self._media, self._processes = media, processes

    async def speak(
        self, process: Process, camera: Camera, talk_id: TalkId, offer: bytes
    ) -> MediaAnswer:
        """Connect a browser's voice with the camera; give the answer to its offer.

        Raises ``NoLoudspeaker``, ``LoudspeakerAway`` and what an offer is refused for.
        """
        return await self._media.ask(
            "POST",
            process,
            f"/talks/{talk_id}/voice?stream={camera.main_stream_id}",
            body=offer,
            headers={"Content-Type": "application/sdp"},
            limit_s=BEGINS_WITHIN_S,
        )

    async def announce(
        self, process: Process, camera: Camera, talk_id: TalkId, said: AnnouncementId
    ) -> float:
        """Let it sound; give for how many seconds it will. Raises as ``speak``."""
        body = {"stream": str(camera.main_stream_id), "announcement": str(said)}
        answered = await self._media.ask(
            "POST",
            process,
            f"/talks/{talk_id}/announcement",
            body=json.dumps(body).encode(),
            headers=_JSON,
            limit_s=BEGINS_WITHIN_S,
        )
        told = object_in(answered.body)
        with as_told():
            return timedelta(seconds=float(told["seconds"])).total_seconds()

    async def end(self, holder: str, talk_id: TalkId) -> bool:
        """Silence it; whether it was on, and its process will tell so.

        Raises ``SessionNotFound`` when the process is gone.
        """
        process = await self._media.by_holder(holder)
        try:
            await self._media.ask("DELETE", process, f"/talks/{talk_id}")
        except SessionNotFound:
            return False
        return True

    async def take_in(self, uploaded: bytes) -> tuple[bytes, timedelta]:
        """An uploaded file as it is kept, and its length. Raises ``BadAnnouncement``."""
        processes = await self._processes.media()
        if not processes:
            raise Unavailable("no media process is there to read the file")
        answered = await self._media.ask(
            "POST",
            processes[0],
            "/announcements",
            body=uploaded,
            headers={"Content-Type": "application/octet-stream"},
            limit_s=TAKEN_IN_WITHIN_S,
        )
        with as_told():
            return answered.body, timedelta(seconds=float(answered.headers["X-Seconds"]))
