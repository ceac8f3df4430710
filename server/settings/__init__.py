"""Settings: read once, frozen, every mistake reported at once and by name, before anything opens.

They come from a TOML file (``--settings FILE`` or ``ILOTIER_SETTINGS``) and from the environment
(``ILOTIER_HTTP__PORT=8443``), which wins. What a control room tunes per camera is data, not a
setting.
"""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from socket import gethostname
from typing import Any
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from server.settings.groups import (
    PORTS_OF_A_PROCESS,
    URLS_OF_A_PROCESS,
    Alerting,
    Detection,
    Edge,
    Group,
    Http,
    Media,
    Push,
    Recording,
    Retention,
)

PREFIX = "ILOTIER_"
SETTINGS_FILE = "ILOTIER_SETTINGS"


class SettingsRefused(Exception):
    """The settings can't be used; the text lists every reason, one a line."""


class Settings(BaseSettings):
    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_nested_delimiter="__", frozen=True, extra="forbid"
    )

    data_dir: Path = Field(
        default_factory=lambda: default_data_dir(), description="keys, database, map, models"
    )
    database_url: SecretStr | None = Field(
        default=None, description="PostgreSQL >= 15; none: the embedded PostgreSQL"
    )
    log_json: bool = Field(default=False, description="log as JSON lines")
    log_level: str = Field(
        default="INFO", pattern="^(DEBUG|INFO|WARNING|ERROR)$", description="least level logged"
    )
    turn_urls: tuple[str, ...] = Field(default=(), description="STUN and TURN servers for phones")
    turn_secret: SecretStr | None = Field(
        default=None, description="shared secret of the TURN server (time-limited credentials)"
    )
    http: Http = Http()
    media: Media = Media()
    detection: Detection = Detection()
    alerting: Alerting = Alerting()
    push: Push = Push()
    retention: Retention = Retention()
    edge: Edge = Edge()
    recording: Recording = Recording()

    @field_validator("database_url")
    @classmethod
    def _is_postgresql(cls, url: SecretStr | None) -> SecretStr | None:
        # Not pydantic's PostgresDsn: it refuses an address that names a socket's folder.
        if url and not url.get_secret_value().startswith(("postgresql://", "postgres://")):
            raise ValueError("an address that begins with postgresql:// is expected")
        return url

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        file = os.environ.get(SETTINGS_FILE)
        toml = (TomlConfigSettingsSource(settings_cls, Path(file)),) if file else ()
        return (init_settings, env_settings, *toml)


def load(overrides: Mapping[str, Any] | None = None) -> Settings:
    """Read and check the settings; raises ``SettingsRefused`` with every mistake at once."""
    mistakes = [f"{name}: no such setting" for name in _strangers(os.environ)]
    if (file := os.environ.get(SETTINGS_FILE)) and not Path(file).is_file():
        raise SettingsRefused(f"{SETTINGS_FILE}: there is no file {file}")
    try:
        settings = Settings.model_validate(dict(overrides or {}))
    except ValidationError as error:
        mistakes += [
            f"{'.'.join(map(str, e['loc'])) or 'settings'}: {e['msg']}" for e in error.errors()
        ]
        raise SettingsRefused("\n".join(mistakes)) from None
    except ValueError as error:  # the TOML file or a nested value is not readable
        raise SettingsRefused("\n".join([*mistakes, str(error)])) from None
    mistakes += _contradictions(settings)
    if mistakes:
        raise SettingsRefused("\n".join(mistakes))
    return settings


def _contradictions(settings: Settings) -> list[str]:
    found = []
    http = settings.http
    if (http.certificate is None) != (http.private_key is None):
        found.append("http.certificate, http.private_key: give both or none")
    if http.port == 0 and http.plain_port == 0:
        found.append("http.port, http.plain_port: one of them must listen")
    found += _ports_of_processes(settings.media)
    if settings.turn_urls and settings.turn_secret is None:
        needs = [url for url in settings.turn_urls if url.startswith("turn")]
        found += [f"turn_secret: needed for {url}" for url in needs]
    return found


def _ports_of_processes(media: Media) -> list[str]:
    """What can't be counted up for the last process of a host that runs several."""
    more = media.processes - 1
    found = [
        f"media.{name}: {media.processes} processes take that many ports"
        for name in PORTS_OF_A_PROCESS
        if (port := getattr(media, name)) and port + more > 65535
    ]
    found += [
        f"media.{name}: name the port of the first process; the others follow"
        for name in URLS_OF_A_PROCESS
        if more and (url := getattr(media, name)) is not None and urlsplit(url).port is None
    ]
    return found


def _strangers(environ: Mapping[str, str]) -> list[str]:
    """Names that begin like ours and are not: a misspelt name must not pass in silence."""
    known = {SETTINGS_FILE}
    for name, field in Settings.model_fields.items():
        known.add(f"{PREFIX}{name}".upper())
        if isinstance(field.annotation, type) and issubclass(field.annotation, Group):
            known |= {f"{PREFIX}{name}__{f}".upper() for f in field.annotation.model_fields}
    return sorted(n for n in environ if n.startswith(PREFIX) and n.upper() not in known)


def default_data_dir() -> Path:
    """Where a service keeps its state, or a person's own data folder (XDG base directories)."""
    if os.geteuid() == 0:
        return Path("/var/lib/ilotier")
    base = os.environ.get("XDG_DATA_HOME") or str(Path.home() / ".local" / "share")
    return Path(base) / "ilotier"


def models_folder(settings: Settings) -> Path:
    """Where models lie that do not come with the product."""
    return settings.data_dir / "models"


def public_url(settings: Settings) -> str:
    """How phones reach this server, without a final slash."""
    http = settings.http
    if http.public_url:
        return http.public_url
    if http.port == 0:
        return f"http://127.0.0.1:{http.plain_port}"
    host = http.names[0] if http.names else gethostname()
    return f"https://{host}:{http.port}"


def https_names(settings: Settings) -> tuple[str, ...]:
    """The names, besides this host's own, that the own authority's certificate is for."""
    urls = (settings.http.public_url, settings.media.public_url)
    hosts = [host for url in urls if (host := urlsplit(url or "").hostname)]
    return (*settings.http.names, *hosts)


def as_environment(settings: Settings) -> dict[str, str]:
    """What a child process needs so that ``load`` gives it these settings again."""
    plain = settings.model_dump(mode="json", exclude_defaults=True)
    for name in ("turn_secret", "database_url"):
        if secret := getattr(settings, name):
            plain[name] = secret.get_secret_value()
    plain["data_dir"] = str(settings.data_dir.absolute())
    environment = {}
    for name, value in plain.items():
        if isinstance(getattr(settings, name), Group):
            for inner in value:
                inner_value = value[inner]
                if isinstance(secret := getattr(getattr(settings, name), inner), SecretStr):
                    inner_value = secret.get_secret_value()
                environment[f"{PREFIX}{name}__{inner}".upper()] = _text(inner_value)
        else:
            environment[f"{PREFIX}{name}".upper()] = _text(value)
    return environment


def _text(value: object) -> str:
    # What is not text travels as JSON, as pydantic-settings reads it.
    return value if isinstance(value, str) else json.dumps(value)


def describe(settings: Settings) -> list[tuple[str, str, str]]:
    """Every setting as (name, effective value with secrets masked, description)."""
    rows = []
    for name, field in Settings.model_fields.items():
        value = getattr(settings, name)
        if isinstance(value, Group):
            rows += [
                (f"{name}.{inner}", str(getattr(value, inner)), inner_field.description or "")
                for inner, inner_field in type(value).model_fields.items()
            ]
        else:
            rows.append((name, str(value), field.description or ""))
    return rows
