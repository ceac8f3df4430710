"""The groups of settings: what each may hold, and its default."""

import re
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    field_validator,
)

from server.edge.paths import OF_PHONES


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
    most_renditions: int = Field(
        default=16,
        ge=0,
        le=500,
        description="streams with masks that one process decodes and encodes; each wants 0.2 cores",
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
    camera_networks: tuple[IPv4Network | IPv6Network, ...] = Field(
        default=(),
        description="networks asked by ONVIF; none: any but loopback, link-local and multicast",
    )
    keep_away_s: float = Field(
        default=30.0, gt=0, le=600, description="a patrol's stream waits this long to return, s"
    )
    publisher_kbit_s: int = Field(
        default=4000,
        ge=300,
        le=100_000,
        description="the most a patrol may send, kbit/s; at four times that it is ended",
    )
    camera_kbit_s: int = Field(
        default=20_000,
        ge=500,
        le=200_000,
        description="the most a fixed camera may send, kbit/s; beyond, it is down as `too-much`",
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
        default="auto",
        pattern="^(auto|openvino|onnxruntime|ultralytics)$",
        description="what runs the model: auto, openvino, onnxruntime, or ultralytics (for .pt, on "
        "CUDA where it is)",
    )
    model: str = Field(default="nanodet-g", description="a name of `ilotier models list`")
    largest_film_mib: int = Field(
        default=2048, ge=1, le=16_384, description="a film brought to try rules on, MiB"
    )
    longest_film_s: float = Field(
        default=3600.0, gt=0, le=3600, description="the same, how long it lasts, s"
    )
    supplied_models: tuple[Path, ...] = Field(
        default=(),
        description="models of yours (.pt, .onnx), for kinds that need one: a weapon, a fall",
    )


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
    analysed_days: float = Field(
        default=365.0, gt=0, le=1096, description="minutes analysed, days after their act's end"
    )
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


def _with_port_after(url: str, more: int) -> str:
    parts = urlsplit(url)
    if not more or parts.port is None:
        return url
    host = parts.netloc.rpartition(":")[0]
    return parts._replace(netloc=f"{host}:{parts.port + more}").geturl()
