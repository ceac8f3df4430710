"""Outages: cameras that went down together, since what carries them did.

Ten cameras behind a dead switch are one thing to mend. What they have in common is their network,
and the moment.
"""

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from domain.identifiers import CameraId

TOGETHER = timedelta(seconds=60)
"""A switch that dies is noticed within a camera's time limits, one by one."""
LEAST_OF_A_NETWORK, LEAST_OF_A_HOST = 3, 2
_PREFIX = {4: 24, 6: 64}
_OF_THE_NETWORK = frozenset(
    {"no-route", "refused", "timed-out", "unknown-host", "silent", "ended", "unreachable"}
)
"""A wrong password or a codec is a camera's own trouble, whoever its neighbours are."""


@dataclass(frozen=True, kw_only=True)
class Down:
    """A camera without a picture. ``host``: of its address, without user, port or path."""

    camera_id: CameraId
    host: str
    reason: str
    since: datetime


@dataclass(frozen=True, kw_only=True)
class Outage:
    """Cameras that went down together. ``network``: what they share, a host or a prefix."""

    network: str
    since: datetime
    cameras: tuple[CameraId, ...]


def outages(down: Iterable[Down]) -> list[Outage]:
    """Give the groups, the largest first; each camera is in one at most."""
    by_host: dict[str, list[Down]] = {}
    by_network: dict[str, list[Down]] = {}
    found = []
    for one in down:
        if one.reason in _OF_THE_NETWORK and one.host:
            by_host.setdefault(one.host, []).append(one)
    for host, of_host in by_host.items():
        by_network.setdefault(network_of(host), []).extend(of_host)
    for network, of_network in by_network.items():
        for group in _together(of_network):
            hosts = {one.host for one in group}
            least = LEAST_OF_A_HOST if len(hosts) == 1 else LEAST_OF_A_NETWORK
            if len(group) >= least:
                name = hosts.pop() if len(hosts) == 1 else network
                ids = tuple(one.camera_id for one in group)
                found.append(Outage(network=name, since=group[0].since, cameras=ids))
    return sorted(found, key=lambda one: (-len(one.cameras), one.since))


def network_of(host: str) -> str:
    """Give the prefix of an address; a name stands for itself."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host.lower()
    prefix = _PREFIX[address.version]
    return str(ipaddress.ip_network(f"{address}/{prefix}", strict=False))


def _together(down: list[Down]) -> list[list[Down]]:
    """Cut where more than ``TOGETHER`` lies between one and the next."""
    ordered = sorted(down, key=lambda one: one.since)
    groups = [ordered[:1]]
    for before, after in pairwise(ordered):
        if after.since - before.since > TOGETHER:
            groups.append([])
        groups[-1].append(after)
    return groups
