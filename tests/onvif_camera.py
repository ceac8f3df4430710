"""An ONVIF camera that is not ours: ipycam's service and its virtual head, without its encoder."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

import pytest
from ipycam.config import CameraConfig
from ipycam.http import IPCameraHTTPHandler
from ipycam.onvif import ONVIFService
from ipycam.ptz import PTZController, PTZHardwareHandler

USER, PASSWORD = "admin", "p@ss:w/rd%"


class Head(PTZHardwareHandler):  # type: ignore[misc]  # it publishes no types
    """Hears every movement, as a motor would; ``heard`` is told of each."""

    def __init__(self) -> None:
        self.moves: list[tuple[Any, ...]] = []
        self._news = threading.Condition()

    def _hear(self, *move: Any) -> None:
        with self._news:
            self.moves.append(move)
            self._news.notify_all()

    def on_continuous_move(self, pan_speed: float, tilt_speed: float, zoom_speed: float) -> None:
        self._hear("move", pan_speed, tilt_speed, zoom_speed)

    def on_stop(self) -> None:
        self._hear("stop")

    def on_relative_move(self, pan_delta: float, tilt_delta: float, zoom_delta: float) -> None:
        self._hear("relative", pan_delta, tilt_delta, zoom_delta)

    def on_goto_preset(self, token: str, pan: float, tilt: float, zoom: float) -> None:
        self._hear("preset", token)

    def wait_for(self, *what: Any, limit_s: float = 60.0) -> bool:
        """Whether a movement that begins like this is heard within the limit; for a thread."""
        with self._news:
            return self._news.wait_for(
                lambda: any(m[: len(what)] == what for m in self.moves), limit_s
            )


@dataclass
class VirtualCamera:
    address: str
    config: Any
    head: Head
    service: Any


@contextmanager
def virtual_camera(
    folder: Path,
    *,
    streams: tuple[str, str] = ("rtsp://127.0.0.1:554/main", "rtsp://x/sub"),
    is_open: bool = False,
) -> Iterator[VirtualCamera]:
    """Served on a free port of 127.0.0.1, with `USER` and `PASSWORD` unless it ``is_open``.

    ``streams``: where its large and its small pictures come from; the port of the first counts.
    """
    main, sub = (urlsplit(url) for url in streams)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)  # it keeps its presets in a file of its working directory
        config = CameraConfig(
            local_ip="127.0.0.1",
            rtsp_port=main.port,
            main_stream_name=main.path.lstrip("/"),
            sub_stream_name=sub.path.lstrip("/"),
        )
        if not is_open:
            config.set_credentials(USER, PASSWORD)
        ptz = PTZController()
        ptz.add_hardware_handler(head := Head())
        service = ONVIFService(config, ptz)
        camera = SimpleNamespace(config=config, onvif=service, ptz=ptz)
        handler = type("Handler", (IPCameraHTTPHandler,), {"camera": camera})
        server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        config.onvif_port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield VirtualCamera(f"127.0.0.1:{config.onvif_port}", config, head, service)
        finally:
            server.shutdown()
            server.server_close()
            thread.join(5)
            ptz.stop()
