"""A backup's archive: one file with a manifest and the SHA-256 of everything in it."""

import gzip
import hashlib
import io
import json
import os
import tarfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

MANIFEST = "manifest.json"
CHUNK = 1 << 20
LONGEST_MANIFEST = 10 << 20
# What tarfile, gzip and JSON raise for bytes that were changed; a date too far off overflows.
UNREADABLE = (OSError, EOFError, ValueError, OverflowError, tarfile.TarError, zlib.error)


class ArchiveRefused(RuntimeError):
    """The file is not a whole backup of ours; the text says what is wrong with it."""


def write_archive(out: Path, folder: Path, about: Mapping[str, Any]) -> None:
    """Pack the files below ``folder`` with a manifest of ``about`` and their checksums.

    The file is readable by its owner alone: it holds the installation's keys. It is there whole,
    or not at all. Raises ``ArchiveRefused`` when ``out`` exists.
    """
    if out.exists():
        raise ArchiveRefused(f"{out} exists already")
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    sums = {path.relative_to(folder).as_posix(): _digest(path) for path in files}
    manifest = json.dumps({**about, "files": sums}, indent=1, sort_keys=True).encode()
    partial = out.with_name(f".{out.name}.partial")
    try:
        with open(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as raw:
            with tarfile.open(fileobj=raw, mode="w:gz", compresslevel=6) as archive:
                info = tarfile.TarInfo(MANIFEST)
                info.size = len(manifest)
                archive.addfile(info, io.BytesIO(manifest))
                for name in sums:
                    archive.add(folder / name, arcname=name, recursive=False)
            raw.flush()
            os.fsync(raw.fileno())
        os.link(partial, out)
    except FileExistsError as error:
        raise ArchiveRefused(f"{out} exists already") from error
    finally:
        partial.unlink(missing_ok=True)


def read_archive(file: Path, folder: Path) -> dict[str, Any]:
    """Unpack into ``folder``, compare every checksum, and give the manifest.

    Raises ``ArchiveRefused`` for anything that is cut, changed, missing or not in the manifest.
    """
    try:
        with gzip.open(file, "rb") as plain, tarfile.open(fileobj=plain, mode="r:") as archive:
            manifest = _manifest(archive)
            archive.extractall(folder, filter="data")
            while plain.read(CHUNK):
                pass  # gzip compares its own checksum, of tar's padding too, at its end alone
    except UNREADABLE as error:
        raise ArchiveRefused(f"{file} is not a whole backup: {error}") from error
    (folder / MANIFEST).unlink(missing_ok=True)
    sums: Mapping[str, str] = manifest["files"]
    there = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    if lost := sorted(set(sums) - there):
        raise ArchiveRefused(f"{file} lacks {lost[0]}")
    if strange := sorted(there - set(sums)):
        raise ArchiveRefused(f"{file} holds {strange[0]}, which its manifest does not name")
    for name, expected in sums.items():
        if _digest(folder / name) != expected:
            raise ArchiveRefused(f"{name} in {file} was changed: its checksum is wrong")
    return manifest


def _manifest(archive: tarfile.TarFile) -> dict[str, Any]:
    first = archive.next()
    if first is None or first.name != MANIFEST or first.size > LONGEST_MANIFEST:
        raise ArchiveRefused("this is not a backup of Ilotier")
    reading = archive.extractfile(first)
    manifest = json.loads(reading.read()) if reading else None
    if not isinstance(manifest, dict) or not isinstance(manifest.get("files"), dict):
        raise ArchiveRefused("the backup's manifest can't be read")
    return manifest


def _digest(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
    return digest.hexdigest()
