"""A process that owns an embedded PostgreSQL, for tests to use and to kill.

    python embedded_host.py DATA_DIR [NAME=VALUE]...

prints the DSN on a line of its own, and runs until its standard input ends.
"""

import asyncio
import os
import subprocess
import sys
from pathlib import Path

from server.database.embedded import PostgresDidNotStart, embedded_postgres

CHECKOUT = Path(__file__).parents[2]


def start_host(data_dir: Path, *options: str) -> tuple[subprocess.Popen[str], str]:
    """A process that owns the server in ``data_dir``, and the DSN; what it said if it refused."""
    host = subprocess.Popen(
        [sys.executable, __file__, str(data_dir), *options],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": str(CHECKOUT)},
    )
    assert host.stdout is not None
    return host, host.stdout.readline().strip()


def stop_host(host: subprocess.Popen[str]) -> None:
    """End it in good order, its server with it."""
    host.communicate(timeout=60)


async def host(data_dir: Path, options: dict[str, str]) -> None:
    def give_up() -> None:
        os._exit(70)

    try:
        async with embedded_postgres(data_dir, on_failure=give_up, options=options) as dsn:
            sys.stdout.write(f"{dsn}\n")
            sys.stdout.flush()
            reader = asyncio.StreamReader()
            await asyncio.get_running_loop().connect_read_pipe(
                lambda: asyncio.StreamReaderProtocol(reader), sys.stdin
            )
            await reader.read()
    except PostgresDidNotStart as error:
        sys.stdout.write(f"refused: {error}\n")
        sys.exit(1)


if __name__ == "__main__":
    asyncio.run(host(Path(sys.argv[1]), dict(word.split("=", 1) for word in sys.argv[2:])))
