"""`ilotier demo`: a town that runs, with everything a visitor needs printed once it is ready."""

import asyncio
import json
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

from domain.cameras import SourceKind
from domain.errors import Unavailable
from server.database.cameras import Cameras
from server.database.pool import Database, connect
from server.database.presence import Processes
from server.demo.footage import Clip, render_all
from server.demo.phones import run_phones, simulated_phones
from server.demo.rtsp import RtspServer, serving
from server.demo.seeding import Seeded, Seeder, kept_passwords
from server.demo.town import EXTRACT, TOWN
from server.launcher import EX_SOFTWARE, INNER_ROLES, run_roles, with_database
from server.secrets import InstallationKey
from server.settings import Settings, load
from server.streets.basemap import read_map
from server.streets.command import build, map_folder
from server.telemetry import configure_logging
from server.tls import local_addresses, own_certificates, qr_text

READY_WITHIN_S = 120.0  # the first start converts the model; a second one needs some seconds
ASK_AGAIN_S = 0.25
VISITORS_PHONE = "Téléphone du visiteur"
FOOTAGE = "footage"

type Say = Callable[[str], None]


class DemoRefused(Exception):
    """The demonstration can't start; the text is one line that says what to do."""


async def run(
    *,
    port: int,
    https_port: int,
    data_dir: Path | None,
    as_json: bool,
    seconds: float | None,
    only_prepare: bool,
) -> int:
    """Prepare what is missing, run the town until told to stop; return the exit status."""
    assets = assets_folder()
    data_dir = (data_dir or assets / "town").absolute()
    data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    say: Say = lambda line: print(line, file=sys.stderr, flush=True)  # noqa: E731, T201 - a command's progress
    try:
        clips = await asyncio.to_thread(_prepare, assets, data_dir, say)
        if only_prepare:
            return 0
        settings = _settings(data_dir, port=_free(port), https_port=_free(https_port))
    except DemoRefused as refused:
        say(f"ilotier: {refused}")
        return 1
    configure_logging(role="demo", level=settings.log_level, as_json=settings.log_json)
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with (
        with_database(settings, on_failure=stop.set) as ready,
        serving(assets / FOOTAGE) as rtsp,
    ):
        urls = {
            name: _urls(clip, rtsp if name == _clip_over_rtsp() else None)
            for name, clip in clips.items()
        }
        dsn = ready.database_url.get_secret_value() if ready.database_url else ""
        async with connect(dsn, name="ilotier demo") as database:
            seeder = Seeder(
                TOWN,
                database,
                vault=InstallationKey.open(data_dir).vault,
                at=datetime.now(UTC),
            )
            passwords = kept_passwords(data_dir / "sign-ins.json", TOWN)
            seeded = await seeder.seed(urls=urls, passwords=passwords)
            async with _town(ready, seeded, stop=stop) as status:
                if await _is_ready(database, seeded, data_dir, stop=stop):
                    _welcome(ready, seeded, as_json=as_json, say=say)
                await _stopped(stop, seconds)
                stop.set()
            return status()


def _urls(clip: Clip, rtsp: RtspServer | None) -> tuple[str, str]:
    """Where a camera's large and small pictures come from."""
    if rtsp is None:
        return clip.path.as_uri(), clip.small.as_uri()
    return rtsp.url(clip.path.name), rtsp.url(clip.small.name)


def assets_folder() -> Path:
    """Where footage and map are kept: the checkout's cache, or the user's."""
    checkout = Path(__file__).parents[2]
    if (checkout / "pyproject.toml").is_file():
        return checkout / ".cache" / "demo"
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "ilotier" / "demo"


def _prepare(assets: Path, data_dir: Path, say: Say) -> dict[str, Clip]:
    """Make what the town stands on: its map, its footage, its authority. Blocks."""
    extract = assets / EXTRACT
    if read_map(map_folder(data_dir)) is None:
        if not extract.is_file():
            raise DemoRefused(f"{extract} is missing; `make demo` fetches it")
        say("Building the map…")
        build(extract, data_dir=data_dir, progress=say)
    clips = render_all(assets / FOOTAGE, lambda name: say(f"Footage: {name}"))
    own_certificates(data_dir, names=(), now=datetime.now(UTC))
    return clips


def _settings(data_dir: Path, *, port: int, https_port: int) -> Settings:
    wanted = {
        "data_dir": data_dir,
        "http": {"plain_port": port, "port": https_port},
        # No firewall stands before a demonstration, and another may run beside it.
        # Its cameras are clips of this machine: it asks no others.
        "media": {"udp_port": 0, "camera_networks": ["127.0.0.0/8"]},
    }
    # A line for each request would bury what the visitor is to read.
    quiet = {} if "ILOTIER_LOG_LEVEL" in os.environ else {"log_level": "WARNING"}
    return load(wanted | quiet)


def _free(port: int) -> int:
    """Return ``port``, or a free one for 0. Raises ``DemoRefused`` when it is taken."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise DemoRefused(
                f"port {port} is taken; choose others with --port and --https-port"
            ) from error
        found: int = probe.getsockname()[1]
        return found


def _clip_over_rtsp() -> str:
    return next(camera.clip for camera in TOWN.cameras if camera.source is SourceKind.RTSP)


@asynccontextmanager
async def _town(
    settings: Settings, seeded: Seeded, *, stop: asyncio.Event
) -> AsyncIterator[Callable[[], int]]:
    """Run the roles and the simulated phones until the block ends; gives the exit status."""
    status = 0
    plain = f"http://127.0.0.1:{settings.http.plain_port}"

    async def roles() -> None:
        nonlocal status
        status = await run_roles(settings, INNER_ROLES, stop=stop)
        stop.set()

    async def phones() -> None:
        folder = map_folder(settings.data_dir)
        simulated = await asyncio.to_thread(
            simulated_phones, TOWN, map_folder=folder, codes=seeded.codes
        )
        await run_phones(plain, simulated)

    async with asyncio.TaskGroup() as group:
        running = group.create_task(roles(), name="roles")
        walking = group.create_task(phones(), name="phones")
        try:
            yield lambda: status if running.done() else EX_SOFTWARE
        finally:
            stop.set()
            walking.cancel()
            await asyncio.wait({running})


async def _is_ready(
    database: Database, seeded: Seeded, data_dir: Path, *, stop: asyncio.Event
) -> bool:
    """Wait until every process is there and every camera shows its picture."""
    processes = Processes(database)
    cameras = Cameras(database, vault=InstallationKey.open(data_dir).vault)
    started = datetime.now(UTC)
    try:
        async with asyncio.timeout(READY_WITHIN_S):
            while not stop.is_set():
                try:
                    roles = {p.role for p in await processes.all() if p.seen_at >= started}
                    up = await cameras.up(seeded.camera_ids)
                except Unavailable:
                    roles, up = set(), set()
                if roles == {role.value for role in INNER_ROLES} and up == seeded.camera_ids:
                    return True
                await asyncio.sleep(ASK_AGAIN_S)
    except TimeoutError:
        print("ilotier: the town is not complete yet, see above", file=sys.stderr)  # noqa: T201 - a command's word
    return not stop.is_set()


async def _stopped(stop: asyncio.Event, seconds: float | None) -> None:
    try:
        async with asyncio.timeout(seconds):
            await stop.wait()
    except TimeoutError:
        return


def _welcome(settings: Settings, seeded: Seeded, *, as_json: bool, say: Say) -> None:
    http, code = settings.http, seeded.codes[VISITORS_PHONE]
    plain = f"http://127.0.0.1:{http.plain_port}"
    outside = [f"https://{_host(a)}:{http.port}" for a in local_addresses() if not _is_loopback(a)]
    root = settings.data_dir / "tls" / "root.crt"
    if as_json:
        document: Mapping[str, object] = {
            "url": plain,
            "sign_ins": seeded.sign_ins,
            "enrolment_code": code,
            "https_urls": outside,
            "root_certificate": str(root),
        }
        print(json.dumps(document), flush=True)  # noqa: T201 - the line that was asked for
        return
    say(f"\nThe control room:  {plain}/")
    for role, who in seeded.sign_ins.items():
        say(f"  {role:14} {who['name']:16} {who['password']}")
    say(f"\nA phone, in a second window:  {plain}/patrol/#code={quote(code)}")
    say(f"  enrolment code {code}; choose any PIN")
    if outside:
        say(f"\nA real phone on the same network installs the root of {outside[0]}/root.crt,")
        say(f"then open {outside[0]}/patrol/#code={quote(code)}\n")
        say(qr_text(f"{outside[0]}/root.crt"))
    say("\nPictures, acts and people of this town are fictitious (FICTIF). Ctrl-C stops it.")


def _host(address: str) -> str:
    return f"[{address}]" if ":" in address else address


def _is_loopback(address: str) -> bool:
    return address.startswith("127.") or address == "::1"
