"""A camera over real RTSP: a clip served, looped, by a server that is not ours.

The server is PyPI's aio-rtsp-toolkit, in a process of its own, on 127.0.0.1 at a free port. The
process holds the reading end of a pipe of ours and ends when that closes: by ``serving``'s end, or
by our death, of whatever kind.
"""

import asyncio
import logging
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar
from urllib.parse import quote

from domain.errors import Unavailable

START_LIMIT_S = 20.0  # importing PyAV on a busy machine
STOP_LIMIT_S = 5.0


class RtspServerDied(Unavailable):
    """The process that serves the demonstration's clip ended before it listened."""

    code: ClassVar[str] = "rtsp-server-died"
    title: ClassVar[str] = "The demonstration's RTSP server did not start"


@dataclass(frozen=True, slots=True)
class RtspServer:
    """A server that runs; ``pid`` is its process's."""

    port: int
    pid: int

    def url(self, clip: str) -> str:
        """Return the address of the file ``clip`` in the served folder, played for ever."""
        # As a part of the path: clients leave a query out of the requests that follow DESCRIBE.
        return f"rtsp://127.0.0.1:{self.port}/{quote(clip)}/play_count_0"


@asynccontextmanager
async def serving(folder: Path) -> AsyncIterator[RtspServer]:
    """Serve the MP4 and MKV files (H264, H265) in ``folder`` until the block ends.

    ``folder`` is absolute. Raises RtspServerDied.
    """
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "server.demo.rtsp",
        str(folder),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        cwd=Path(__file__).parents[2],  # where `server` is found, installed or not
    )
    if process.stdin is None or process.stdout is None:
        raise RtspServerDied("its process has no pipes")
    try:
        async with asyncio.timeout(START_LIMIT_S):
            line = await process.stdout.readline()
        if not line.strip().isdigit():
            raise RtspServerDied(f"its process ended with status {await process.wait()}")
        yield RtspServer(port=int(line), pid=process.pid)
    except TimeoutError as error:
        raise RtspServerDied(f"nothing was heard of it within {START_LIMIT_S:.0f} s") from error
    finally:
        process.stdin.close()
        try:
            async with asyncio.timeout(STOP_LIMIT_S):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()


async def _serve(folder: str) -> None:
    """Be the child: say the port on standard output, serve until standard input closes."""
    # Here, not above: control starts without media libraries, and only this process needs them.
    from aio_rtsp_toolkit.server import RtspServer as Server

    server = Server(folder, host="127.0.0.1", port=0)
    server.logger = logging.getLogger("rtsp")  # its own writes to standard output
    await server.start()
    # The package has no public way to ask which port it was given.
    (socket, *_) = server._server.sockets  # noqa: SLF001
    sys.stdout.write(f"{socket.getsockname()[1]}\n")
    sys.stdout.flush()
    try:
        await asyncio.to_thread(sys.stdin.read)
    finally:
        # Not `server.close()`: it waits for clients to leave, and cameras' clients never do.
        server._server.close()  # noqa: SLF001


def main() -> None:
    """Run the child process: ``python -m server.demo.rtsp FOLDER``."""
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr)
    asyncio.run(_serve(sys.argv[1]))


if __name__ == "__main__":
    main()
