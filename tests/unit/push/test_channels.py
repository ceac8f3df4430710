"""Which channels are set up, and what the others say."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from push.channels import Became, ChannelOff, Off
from push.firebase import BadAccount, read_account
from push.messages import PushMessage
from push.setup import set_up
from tests.servers.fcm import Fcm


def now() -> datetime:
    return datetime.now(UTC)


def statuses(tmp_path: Path, credentials: Path | None) -> dict[str, tuple[bool, str]]:
    channels = set_up(
        secrets=tmp_path / "secrets",
        contact="mailto:csu@example.org",
        hosts=["push.example.org"],
        allow_loopback=False,
        firebase_credentials=credentials,
        firebase_endpoint=None,
        clock=now,
    )
    assert channels.vapid_public_key
    return {n: (c.status.on, c.status.reason) for n, c in channels.by_name.items()}


def test_firebase_without_credentials_says_so_and_web_push_works(tmp_path: Path) -> None:
    said = statuses(tmp_path, None)

    assert said["web-push"] == (True, "")
    assert said["firebase"][0] is False
    assert "push.firebase_credentials" in said["firebase"][1]


def test_firebase_with_a_service_account_is_on(tmp_path: Path) -> None:
    account = tmp_path / "account.json"
    account.write_text(json.dumps(Fcm(url="http://127.0.0.1:1").account))

    assert statuses(tmp_path, account)["firebase"] == (True, "")


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"type": "service_account"}', "\x00"])
def test_a_file_that_is_no_service_account_is_named_and_its_content_is_not(
    tmp_path: Path, content: str
) -> None:
    account = tmp_path / "account.json"
    account.write_text(content)

    with pytest.raises(BadAccount, match=r"account\.json"):
        read_account(account)
    assert statuses(tmp_path, account)["firebase"][0] is False


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadAccount, match="nowhere"):
        read_account(tmp_path / "nowhere.json")


async def test_a_channel_that_is_off_takes_nothing() -> None:
    message = PushMessage(kind="test", id=uuid4(), at=now(), ttl=timedelta(minutes=1))
    channel = Off("not set up")
    with pytest.raises(ChannelOff, match="not set up"):
        channel.check({})
    async with channel.open():
        assert (await channel.send(message, {})).became is Became.REFUSED
