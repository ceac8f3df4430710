"""Running as root what refuses root: without root's powers, and with nothing widened."""

import asyncio
import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

NOBODY = 65534
NAMESPACE = ("unshare", "--user", f"--map-user={NOBODY}", f"--map-group={NOBODY}", "--")
# Where namespaces are forbidden, as in many containers: another id, which keeps one of root's
# powers, to pass the closed folders above the data. It is the weaker way.
ANOTHER_ID = (
    *("setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"),
    *("--inh-caps=-all,+dac_override", "--ambient-caps=-all,+dac_override"),
    # Without the secure bit, access(2) asks as if that power were not there.
    *("--bounding-set=-all,+dac_override", "--securebits=+no_setuid_fixup", "--"),
)
DYING_WITH_US = ("setpriv", "--no-new-privs", "--pdeathsig", "INT", "--")


class PostgresDidNotStart(RuntimeError):
    """The embedded PostgreSQL cannot run here; the text says why, for the person who started it."""


@dataclass(frozen=True, kw_only=True)
class Launch:
    """The words to put before PostgreSQL's commands, and who must own its files then."""

    words: tuple[str, ...]
    owner: int


async def find_launch() -> Launch:
    """How to run PostgreSQL here; it refuses user id 0, and files of another owner than itself.

    In a user namespace root's own id is called 65534: the server has none of root's capabilities,
    the files keep their owner, and neither the data folder nor the programs need a parent that
    others may enter.

    Raises:
        PostgresDidNotStart: we are root, and the system allows neither way out.
    """
    dying_with_us: tuple[str, ...] = ()
    if sys.platform == "linux" and shutil.which(DYING_WITH_US[0]):
        dying_with_us = DYING_WITH_US
    if os.geteuid() != 0:
        return Launch(words=dying_with_us, owner=os.geteuid())
    if await _works(*NAMESPACE):
        return Launch(words=(*NAMESPACE, *dying_with_us), owner=0)
    if await _works(*ANOTHER_ID):
        return Launch(words=(*ANOTHER_ID, *dying_with_us), owner=NOBODY)
    raise PostgresDidNotStart(
        "PostgreSQL refuses to run as root, and this system allows no way to give that up: "
        "start Ilotier as an ordinary user, or set database_url to a PostgreSQL server"
    )


def give(folder: Path, *, to: int) -> None:
    """Make ``to`` the owner of ``folder`` and what is in it, if it is there and another's is.

    The way found by `find_launch` changes when an installation moves in or out of a container.
    Only root may; an ordinary user's folder stays as it is, and PostgreSQL says what is wrong.
    """
    if os.geteuid() != 0 or not folder.exists() or folder.stat().st_uid == to:
        return
    for parent, folders, files in os.walk(folder):
        for name in (*folders, *files):
            os.chown(Path(parent, name), to, to, follow_symlinks=False)
    os.chown(folder, to, to)


async def _works(*words: str) -> bool:
    try:
        probe = await asyncio.create_subprocess_exec(
            *words, "true", stderr=asyncio.subprocess.DEVNULL
        )
    except FileNotFoundError:
        return False
    return await probe.wait() == 0
