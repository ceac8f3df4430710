"""Which channels there are: each with its credentials, or off and saying why."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from push.addresses import Addresses
from push.channels import Channel, Off
from push.outgoing import ChannelName
from push.vapid import vapid_key
from push.web_push import WebPushChannel


@dataclass(frozen=True, kw_only=True)
class Channels:
    """``vapid_public_key`` is what a page subscribes with."""

    by_name: dict[ChannelName, Channel]
    vapid_public_key: str | None


def set_up(
    *,
    secrets: Path,
    contact: str,
    hosts: Collection[str],
    allow_loopback: bool,
    firebase_credentials: Path | None,
    firebase_endpoint: str | None,
    clock: Callable[[], datetime],
) -> Channels:
    """Build the channels; a VAPID key that is not in ``secrets`` yet is made there. Blocks."""
    key = vapid_key(secrets)
    return Channels(
        by_name={
            "web-push": WebPushChannel(
                key=key,
                contact=contact,
                addresses=Addresses(hosts=hosts, allow_loopback=allow_loopback),
                clock=clock,
            ),
            "firebase": _firebase(firebase_credentials, firebase_endpoint, clock),
        },
        vapid_public_key=key.public,
    )


def _firebase(
    credentials: Path | None, endpoint: str | None, clock: Callable[[], datetime]
) -> Channel:
    if credentials is None:
        return Off("no service account: see push.firebase_credentials")
    # Its import takes 70 MB and half a second; most installations have no such app.
    from push.firebase import BadAccount, FirebaseChannel, read_account

    try:
        account = read_account(credentials)
    except BadAccount as error:
        return Off(str(error))
    return FirebaseChannel(account=account, endpoint=endpoint, clock=clock)
