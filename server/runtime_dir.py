"""Where sockets lie: in the data folder, or in a short private one when that path is too long."""

import hashlib
import os
import stat
import tempfile
from pathlib import Path

SOCKET_PATH_LIMIT = 107  # bytes of sun_path, less its end (unix(7))


class RuntimeDirUnsafe(RuntimeError):
    """The short folder is there and belongs to somebody else, or others may write in it."""


def socket_path(data_dir: Path, name: str) -> Path:
    """Return where the socket ``name`` of the installation at ``data_dir`` lies.

    Every process of one user finds the same. Raises ``RuntimeDirUnsafe``.
    """
    straight = data_dir.absolute() / "run" / name
    if len(os.fsencode(straight)) <= SOCKET_PATH_LIMIT:
        straight.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        return straight
    digest = hashlib.sha256(os.fsencode(data_dir.absolute())).hexdigest()[:16]
    folder = Path(tempfile.gettempdir()) / f"ilotier-{os.getuid()}-{digest}"
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    # Anybody may make a folder of this name first: it counts only when it is ours alone.
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o077:
        raise RuntimeDirUnsafe(f"{folder} is not this user's alone")
    return folder / name
