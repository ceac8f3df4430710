"""Settings: read once, frozen, every mistake reported at once and by name, before anything opens.

They come from a TOML file (``--settings FILE`` or ``ILOTIER_SETTINGS``) and from the environment
(``ILOTIER_HTTP__PORT=8443``), which wins. What a control room tunes per camera is data, not a
setting.
"""

import json
import os
import re
from collections.abc import Mapping
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from socket import gethostname
from typing import Any
from urllib.parse import urlsplit

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
)
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from server.edge.paths import OF_PHONES

PREFIX = "ILOTIER_"
SETTINGS_FILE = "ILOTIER_SETTINGS"


class SettingsRefused(Exception):
    """The settings can't be used; the text lists every reason, one a line."""


class Group(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Http(Group):
    """Where people and phones reach control."""

    host: str = Field(default="0.0.0.0", description="address of the HTTPS listener")  # noqa: S104 - phones in the street must reach it
    port: int = Field(default=8443, ge=0, le=65535, description="HTTPS port; 0: no HTTPS listener")
    plain_port: int = Field(
        default=8080, ge=0, le=65535, description="plain HTTP port, on 127.0.0.1 only; 0: none"
    )
    public_url: str | None = Field(
        default=None,
        pattern=r"^https?://[^/\s]+$",
        description="how phones reach this server, e.g. https://csu.example.org",
    )
    certificate: Path | None = Field(default=None, description="PEM chain; none: own authority")
    private_key: Path | None = Field(default=None, description="PEM key of the certificate")
    names: tuple[str, ...] = Field(
        default=(), description="host names and addresses in the own authority's certificate"
    )
    trusted_proxies: tuple[IPv4Network | IPv6Network, ...] = Field(
        default=(), description="networks whose X-Forwarded headers are believed"
    )
    media_urls: tuple[str, ...] = Field(
        default=(),
        description="media processes that pages may be sent to: each one's media.public_url",
    )
    session_hours: float = Field(default=12.0, gt=0, le=24, description="a shift's sign-in, hours")


PORTS_OF_A_PROCESS = ("listen_port", "public_port", "udp_port")

URLS_OF_A_PROCESS = ("url", "public_url")


class Media(Group):
    """Where the media processes of this host listen and what they tell peers."""

    processes: int = Field(
        default=1, ge=1, le=32, description="media processes of this host, which share its cameras"
    )
    listen_host: str = Field(default="127.0.0.1", description="inner API: control calls it")
    listen_port: int = Field(default=0, ge=0, le=65535, description="inner API; 0: any free port")
    url: str | None = Field(default=None, description="inner API as control reaches it, if other")
    public_url: str | None = Field(
        default=None,
        pattern=r"^https://[^/\s;,]+$",
        description="how phones reach this process itself; none: through control",
    )
    public_host: str = Field(default="0.0.0.0", description="address of its own HTTPS listener")  # noqa: S104 - phones in the street must reach it
    public_port: int = Field(
        default=8444, ge=0, le=65535, description="its port, used when public_url is set"
    )
    most_viewers: int = Field(
        default=500, ge=1, le=10_000, description="of one process; more watch through another"
    )
    ice_addresses: tuple[str, ...] = Field(
        default=(), description="addresses offered to peers; none: this host's own, and loopback"
    )
    announced_address: str | None = Field(
        default=None, description="public address announced to peers behind a NAT"
    )
    udp_port: int = Field(
        default=8189, ge=0, le=65535, description="UDP port of all phones and viewers; 0: any free"
    )
    connect_timeout_s: float = Field(default=5.0, gt=0, le=60, description="a camera's answer, s")
    keep_away_s: float = Field(
        default=30.0, gt=0, le=600, description="a patrol's stream waits this long to return, s"
    )
    publisher_kbit_s: int = Field(
        default=4000,
        ge=300,
        le=100_000,
        description="the most a patrol may send, kbit/s; at four times that it is ended",
    )

    def of(self, number: int) -> "Media":
        """What holds for the ``number``-th process of this host: each port that is set, one on."""
        changed: dict[str, int | str] = {
            name: port + number - 1
            for name in PORTS_OF_A_PROCESS
            if (port := getattr(self, name))  # 0 stays: any free one
        }
        for name in URLS_OF_A_PROCESS:
            if (url := getattr(self, name)) is not None:
                changed[name] = _with_port_after(url, number - 1)
        return self.model_copy(update=changed)


class Detection(Group):
    """How the detect process works; what it may look at is decided by authorisations."""

    looks_per_s: float = Field(
        default=5.0, gt=0, le=30, description="pictures per second looked at"
    )
    confidence: float = Field(default=0.35, ge=0.05, le=0.95, description="least score of a box")
    engine: str = Field(
        default="auto", pattern="^(auto|openvino|onnxruntime)$", description="inference engine"
    )
    model: str = Field(default="nanodet-g", description="a name of `ilotier models list`")


class Alerting(Group):
    lifetime_s: float = Field(
        default=900.0, gt=0, le=86_400, description="a message to a phone is of use this long, s"
    )
    repeat_after_s: float = Field(
        default=10.0, gt=0, le=600, description="rings again when nobody acknowledged, s"
    )


class Push(Group):
    """Channels to phones in a pocket. One without credentials says so; the others work."""

    firebase_credentials: Path | None = Field(default=None, description="service account, JSON")
    firebase_endpoint: str | None = Field(
        default=None, description="FCM HTTP v1 address, for a local server; none: Google's"
    )
    web_push_contact: str = Field(
        default="mailto:ilotier@localhost", description="VAPID subject: who runs this server"
    )
    web_push_hosts: tuple[str, ...] = Field(
        default=(
            "fcm.googleapis.com",
            "updates.push.services.mozilla.com",
            ".notify.windows.com",
            ".push.apple.com",
        ),
        description="hosts a subscription's endpoint may name; a leading dot: any below",
    )
    allow_loopback: bool = Field(
        default=False, description="also endpoints on 127.0.0.1: a local push service"
    )


class Retention(Group):
    """How long things are kept. The ceilings are the French profile's."""

    stills_days: float = Field(default=30.0, gt=0, le=30, description="stills (CSI L.252-5), days")
    positions_hours: float = Field(default=24.0, gt=0, le=720, description="positions, hours")
    facts_days: float = Field(default=7.0, gt=0, le=90, description="facts on the bus, days")


class Recording(Group):
    """Where recordings lie. Whether there are any is each commune's decision, not a setting."""

    folder: Path | None = Field(
        default=None, description="a folder a commune below it; none: in the data folder"
    )
    reserve_mb: int = Field(
        default=2000, ge=0, description="left free on a volume: below, the oldest go, MB"
    )


class Edge(Group):
    """Hosts in a DMZ that phones reach: inner hosts dial them, they dial nobody."""

    urls: tuple[str, ...] = Field(
        default=(),
        description="inside: the edges to dial, e.g. https://edge.dmz.example.org:8445",
    )
    key: SecretStr | None = Field(
        default=None, description="on an edge: its key, as `ilotier edge-key URL` prints it inside"
    )
    listen_host: str = Field(default="0.0.0.0", description="on an edge: where inner hosts dial")  # noqa: S104 - they come from another network
    listen_port: int = Field(
        default=8445, ge=0, le=65535, description="on an edge: the TCP port that they dial"
    )
    spare_lines: int = Field(
        default=8, ge=1, le=100, description="inside: lines to each edge that wait for a request"
    )
    most_lines: int = Field(
        default=400, ge=1, le=5000, description="inside: lines to each edge in all"
    )
    paths: tuple[str, ...] = Field(
        default=OF_PHONES, description="what may be asked through an edge; inside decides"
    )

    @field_validator("urls")
    @classmethod
    def _are_addresses(cls, urls: tuple[str, ...]) -> tuple[str, ...]:
        for url in urls:
            if not re.fullmatch(r"https://[^/\s@]+:\d{1,5}", url):
                raise ValueError(f"{url}: https://HOST:PORT is expected")
        return urls

    @field_validator("key")
    @classmethod
    def _is_a_key(cls, key: SecretStr | None) -> SecretStr | None:
        if key and not re.fullmatch(r"[0-9a-f]{64}", key.get_secret_value()):
            raise ValueError("64 hexadecimal digits are expected, from `ilotier edge-key`")
        return key


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


def _with_port_after(url: str, more: int) -> str:
    parts = urlsplit(url)
    if not more or parts.port is None:
        return url
    host = parts.netloc.rpartition(":")[0]
    return parts._replace(netloc=f"{host}:{parts.port + more}").geturl()


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
