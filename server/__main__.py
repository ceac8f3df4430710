"""`ilotier …`: every command of the product, and the status it ends with."""

import asyncio
import json
import os
import sys
from collections.abc import Coroutine
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from domain.errors import DomainError
from server.backup import BackupRefused
from server.database.embedded import PostgresDidNotStart
from server.database.pool import DatabaseRefused
from server.launcher import EX_CONFIG, Role
from server.runtime_dir import RuntimeDirUnsafe
from server.secrets import KeyUnusable
from server.settings import (
    SETTINGS_FILE,
    Settings,
    SettingsRefused,
    describe,
    https_names,
    load,
    models_folder,
    public_url,
)
from server.telemetry import configure_logging

app = typer.Typer(
    help="The control room's link to the patrol on the beat.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
map_app = typer.Typer(help="The map of the town.", no_args_is_help=True)
models_app = typer.Typer(help="The detectors' models.", no_args_is_help=True)
register_app = typer.Typer(help="The register of viewings and changes.", no_args_is_help=True)
receipts_app = typer.Typer(help="The receipts of what was destroyed.", no_args_is_help=True)
for name, group in (
    ("map", map_app),
    ("models", models_app),
    ("register", register_app),
    ("receipts", receipts_app),
):
    app.add_typer(group, name=name)

SettingsFile = Annotated[
    Path | None, typer.Option("--settings", help="TOML file; the environment wins over it")
]


#: What ends a command with its own sentence, beside the domain's errors.
REFUSALS = (PostgresDidNotStart, DatabaseRefused, BackupRefused, KeyUnusable, RuntimeDirUnsafe)


def main() -> None:
    """Run a command; what is wrong is one clear line on stderr, never a traceback."""
    try:
        app()
    except SettingsRefused as refused:
        _stop("the settings can't be used:\n" + str(refused), EX_CONFIG)
    except DomainError as error:
        _stop(f"{error.title}: {error}", 1)
    except REFUSALS as error:
        _stop(str(error), 1)
    except KeyboardInterrupt:
        raise SystemExit(130) from None


def _stop(message: str, status: int) -> None:
    sys.stderr.write(f"ilotier: {message}\n")
    raise SystemExit(status)


def _settings(file: Path | None, *, role: str) -> Settings:
    if file is not None:
        os.environ[SETTINGS_FILE] = str(file)
    settings = load()
    configure_logging(role=role, level=settings.log_level, as_json=settings.log_json)
    return settings


def _run(work: Coroutine[None, None, int]) -> None:
    if status := asyncio.run(work):
        raise SystemExit(status)


@app.command()
def serve(
    role: Annotated[
        Role | None, typer.Option(help="run this process role alone (needs database_url)")
    ] = None,
    number: Annotated[
        int, typer.Option(min=1, help="with --role media: which of this host's, from 1")
    ] = 1,
    settings: SettingsFile = None,
) -> None:
    """Run the server: the embedded database and the processes of all roles, or one alone."""
    from server import launcher, wiring

    effective = _settings(settings, role=role or "launcher")
    if role is None:
        _run(launcher.serve_all(effective))
    elif effective.database_url is None and role is not Role.EDGE:
        _stop("a role alone needs database_url (ILOTIER_DATABASE_URL)", EX_CONFIG)
    else:
        _run(wiring.run_role(role, effective, number=number))


@app.command()
def init(settings: SettingsFile = None) -> None:
    """Print the one-time link with which the first administrator signs up."""
    from server import commands

    _run(commands.print_first_link(_settings(settings, role="init")))


@app.command("edge-key")
def show_edge_key(
    url: Annotated[str, typer.Argument(help="the edge, as edge.urls names it")],
    settings: SettingsFile = None,
) -> None:
    """Print the key of an edge, for its setting edge.key: it opens that edge and nothing else."""
    from server import commands

    typer.echo(commands.edge_key(_settings(settings, role="edge-key"), url))


@app.command("settings")
def show_settings(settings: SettingsFile = None) -> None:
    """Print every setting, its value in force and what it is for; secrets are masked."""
    for name, value, description in describe(_settings(settings, role="settings")):
        typer.echo(f"{name} = {value}\n    {description}")


@app.command()
def demo(
    port: Annotated[int, typer.Option(help="plain HTTP port on 127.0.0.1; 0: any free one")] = 8080,
    https_port: Annotated[int, typer.Option(help="HTTPS port; 0: any free one")] = 8443,
    data_dir: Annotated[
        Path | None, typer.Option(help="where the demonstration lives, kept between runs")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="print one line when ready")] = False,
    seconds: Annotated[float | None, typer.Option("--for", help="stop after so many s")] = None,
    only_prepare: Annotated[
        bool, typer.Option("--prepare", help="make map, footage and keys, then stop")
    ] = False,
) -> None:
    """Run a demonstration town: cameras, patrols, a detected alert within a minute."""
    from server.demo import command

    _run(
        command.run(
            port=port,
            https_port=https_port,
            data_dir=data_dir,
            as_json=as_json,
            seconds=seconds,
            only_prepare=only_prepare,
        )
    )


@app.command()
def backup(
    file: Annotated[Path, typer.Argument(help="the archive to write")],
    settings: SettingsFile = None,
) -> None:
    """Write the database and the installation's keys into one checked archive."""
    from server import commands

    _run(commands.back_up(_settings(settings, role="backup"), file.absolute()))


@app.command()
def restore(
    file: Annotated[Path, typer.Argument(help="an archive of `ilotier backup`")],
    replace: Annotated[bool, typer.Option(help="replace what the database holds")] = False,
    settings: SettingsFile = None,
) -> None:
    """Bring a backup back into an empty installation."""
    from server import commands

    effective = _settings(settings, role="restore")
    _run(commands.restore(effective, file.absolute(), replace=replace))


@register_app.command("verify")
def verify_register(settings: SettingsFile = None) -> None:
    """Read the whole register and say whether it holds; status 1 when it does not."""
    from server import commands

    _run(commands.verify_register(_settings(settings, role="register")))


@receipts_app.command("verify")
def verify_receipts(
    files: Annotated[
        list[Path], typer.Argument(exists=True, dir_okay=False, help="as the API gave them (JSON)")
    ],
    key: Annotated[str, typer.Option(help="the public key, kept since it was given out (hex)")],
) -> None:
    """Check receipts with their public key alone, on any machine; status 1 when one is wrong."""
    from domain.receipts import BadReceipt
    from server.recordings.receipts import read_given, verify

    wrong = False
    for file in files:
        try:
            for body, signature in read_given(file.read_bytes()):
                said = verify(body, signature, public_key=key)
                what = f"{len(said.destroyed)} recordings, {said.size} bytes"
                typer.echo(f"{file}: {said.day} {said.source}: {what} destroyed")
        except BadReceipt as error:
            wrong = True
            typer.echo(f"{file}: {error}", err=True)
    if wrong:
        raise SystemExit(1)


@receipts_app.command("key")
def show_receipts_key(settings: SettingsFile = None) -> None:
    """Print the public key that receipts are checked with: give it out once, and keep it."""
    from server import commands

    typer.echo(commands.receipts_key(_settings(settings, role="receipts")))


@app.command("tls")
def show_tls(settings: SettingsFile = None) -> None:
    """Print the root certificate, its fingerprint and the QR code that phones scan."""
    from server.tls import report

    effective = _settings(settings, role="tls")
    typer.echo(
        report(
            effective.data_dir,
            names=https_names(effective),
            url=public_url(effective),
            now=datetime.now(UTC),
        )
    )


@map_app.command("build")
def build_map(
    pbf: Annotated[Path, typer.Argument(metavar="FILE.osm.pbf", help="an OpenStreetMap extract")],
    settings: SettingsFile = None,
) -> None:
    """Build the town's basemap, its addresses and its streets from an OSM extract."""
    from server.streets.command import build

    build(pbf, data_dir=_settings(settings, role="map").data_dir, progress=typer.echo)


@models_app.command("list")
def list_models(settings: SettingsFile = None) -> None:
    """List the models, yours too: where they come from and whether each can be used here."""
    from server import models

    models.list_all(_settings(settings, role="models"), typer.echo)


@models_app.command("fetch")
def fetch_model(
    name: Annotated[str, typer.Argument(help="a name of `ilotier models list`")],
    settings: SettingsFile = None,
) -> None:
    """Fetch a model that does not come with the product; needs the internet."""
    from detectors.catalogue import fetch, model_named

    effective = _settings(settings, role="models")
    folder = models_folder(effective)
    typer.echo(fetch(model_named(name), folder, private=effective.data_dir / "ultralytics"))


@models_app.command("verify")
def verify_models(settings: SettingsFile = None) -> None:
    """Check the models that are there, yours by what they say; status 1 when one is wrong."""
    from server import models

    effective = _settings(settings, role="models")
    if not models.verify(effective, typer.echo, partial(typer.echo, err=True)):
        raise SystemExit(1)


@models_app.command("export")
def export_model(
    name: Annotated[str, typer.Argument(help="a name of `ilotier models list`")],
    settings: SettingsFile = None,
) -> None:
    """Convert a model now for what runs it here; otherwise the first start does."""
    from server import models

    models.export(name, _settings(settings, role="models"), typer.echo)


@models_app.command("bench")
def bench_model(
    name: Annotated[str, typer.Argument(help="a name of `ilotier models list`")],
    settings: SettingsFile = None,
) -> None:
    """Measure a model on this machine: milliseconds a look, cameras a core."""
    from server import models

    models.measure(name, _settings(settings, role="models"), typer.echo)


@app.command("openapi")
def print_openapi() -> None:
    """Print the API's OpenAPI 3.1 document."""
    from importlib.metadata import version

    from server.http.app import mounted
    from server.http.openapi import describe as described

    document = described(list(mounted()), version=version("ilotier"))
    typer.echo(json.dumps(document, ensure_ascii=False, indent=2))


if __name__ == "__main__":
    main()
