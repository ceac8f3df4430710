"""A camera of the town with a loudspeaker, for as long as it is spoken through."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import av

from tests.component.webrtc.peers import until
from tests.e2e.api import signed_in
from tests.e2e.control_room import ControlRoom
from tests.servers.rtsp_camera import RtspCamera, camera_served
from tests.town import Town

NUMBER, NAME = 877, "Kiosque"


@asynccontextmanager
async def camera_with_loudspeaker(town: Town, clip: Path) -> AsyncIterator[RtspCamera]:
    """One more, that comes by this process and shows ``clip``."""
    copied = ("commune_id", "point", "bearing_deg", "field_of_view_deg", "range_m", "order_id")
    async with camera_served(clip, loudspeaker="PCMU/8000") as camera:
        async with signed_in(town, "administrator") as api:
            other = next(one for one in await api.get("/cameras") if one["source"] == "rtsp")
            said = {name: other[name] for name in copied}
            said |= {"number": NUMBER, "name": NAME, "main_url": camera.url, "demonstration": True}
            added = await api.patiently("POST", "/cameras", said)
        try:
            yield camera
        finally:
            async with signed_in(town, "administrator") as api:
                await api.patiently("DELETE", f"/cameras/{added['id']}")


async def bring_up(desk: ControlRoom) -> None:
    """By its number to the wall, and `H` on its tile."""
    keys = desk.page.keyboard
    await keys.type(str(NUMBER))
    await desk.page.get_by_role("option").first.wait_for()
    await keys.press("Enter")
    tile = desk.part("tile").filter(has_text=NAME)
    await tile.locator('[data-phase="live"]').wait_for()
    await tile.focus()
    await keys.press("h")
    await desk.part("talk-form").wait_for()


async def hold(desk: ControlRoom, camera: RtspCamera) -> None:
    """Hold the key until something is heard there."""
    await desk.page.keyboard.down(" ")
    await desk.part("on-air", on="true").wait_for()
    await until(lambda: loudest(camera) > 1000)


def loudest(camera: RtspCamera) -> int:
    """Of what the loudspeaker has said so far, in the steps of a 16 bit sample."""
    decoder: Any = av.CodecContext.create("pcm_mulaw", "r")
    decoder.sample_rate, decoder.layout = 8000, "mono"
    heard = av.Packet(b"".join(packet[12:] for packet in list(camera.heard)))
    return max(int(abs(frame.to_ndarray()).max()) for frame in decoder.decode(heard))
