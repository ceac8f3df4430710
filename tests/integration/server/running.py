"""`ilotier …` as processes of their own, and what the system says of them."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from tests.waiting import LIMIT_S


def environment(data_dir: Path, **values: str) -> dict[str, str]:
    ours = {f"ILOTIER_{name}": value for name, value in values.items()}
    theirs = {name: value for name, value in os.environ.items() if not name.startswith("ILOTIER_")}
    quiet = {"ILOTIER_DATA_DIR": str(data_dir), "ILOTIER_MEDIA__UDP_PORT": "0"}
    return theirs | quiet | ours


@asynccontextmanager
async def ilotier(
    *arguments: str, env: Mapping[str, str]
) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "server", *arguments),
        env=dict(env),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.terminate()
        async with asyncio.timeout(LIMIT_S):
            await process.communicate()


def children_of(pid: int) -> list[int]:
    return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def command_of(pid: int) -> str:
    return Path(f"/proc/{pid}/cmdline").read_text()


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False
