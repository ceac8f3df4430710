"""Which endpoints may be called: the phone proposes, the list decides."""

import os
from base64 import urlsafe_b64encode

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from push.addresses import Addresses
from push.channels import BadPushAddress

HOSTS = ["fcm.googleapis.com", ".push.apple.com"]


def base64(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


POINT = base64(
    ec.generate_private_key(ec.SECP256R1())
    .public_key()
    .public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)
)
AUTH = base64(os.urandom(16))


def address(**changes: str) -> dict[str, str]:
    endpoint = "https://fcm.googleapis.com/fcm/send/abc"
    return {"endpoint": endpoint, "p256dh": POINT, "auth": AUTH} | changes


@pytest.mark.parametrize(
    "endpoint",
    [
        "https://fcm.googleapis.com/fcm/send/abc",
        "https://FCM.googleapis.com/x",
        "https://fcm.googleapis.com:443/x",
        "https://web.push.apple.com/QABC",
    ],
)
def test_the_push_services_on_the_list_may_be_called(endpoint: str) -> None:
    Addresses(hosts=HOSTS, allow_loopback=False).check(address(endpoint=endpoint))


@pytest.mark.parametrize(
    "endpoint",
    [
        "",
        "not an address",
        "http://fcm.googleapis.com/x",
        "https://fcm.googleapis.com.evil.example/x",
        "https://evil.example/fcm.googleapis.com",
        "https://fcm.googleapis.com@evil.example/x",
        "https://user:pass@fcm.googleapis.com/x",
        "https://fcm.googleapis.com:8443/x",
        "https://push.apple.com/x",
        "https://evilpush.apple.com/x",
        "https://127.0.0.1/x",
        "https://[::1]/x",
        "https://169.254.169.254/latest/meta-data",
        "https://10.0.0.1/x",
        "file:///etc/passwd",
        "https://fcm.googleapis.com:99999/x",
        "https://fcm.googleapis.com/a\r\nHost: evil.example",
        "https://[fcm.googleapis.com/x",
    ],
)
def test_nothing_else_may_be_called(endpoint: str) -> None:
    with pytest.raises(BadPushAddress):
        Addresses(hosts=HOSTS, allow_loopback=False).check(address(endpoint=endpoint))


@pytest.mark.parametrize("host", ["127.0.0.1:9098", "localhost:9098", "[::1]:9098"])
def test_a_local_push_service_is_for_those_who_set_it(host: str) -> None:
    local = address(endpoint=f"http://{host}/push/x")
    Addresses(hosts=HOSTS, allow_loopback=True).check(local)

    with pytest.raises(BadPushAddress):
        Addresses(hosts=HOSTS, allow_loopback=False).check(local)
    with pytest.raises(BadPushAddress):
        Addresses(hosts=[], allow_loopback=True).check(address(endpoint="http://10.0.0.1/x"))


@pytest.mark.parametrize(
    "changes",
    [
        {"p256dh": ""},
        {"p256dh": "?"},
        {"p256dh": base64(b"\x04" + bytes(64))},
        {"p256dh": base64(os.urandom(64))},
        {"p256dh": POINT + "!!!"},
        {"auth": ""},
        {"auth": base64(os.urandom(15))},
        {"auth": "é"},
    ],
)
def test_keys_that_nothing_can_be_encrypted_for_are_refused(changes: dict[str, str]) -> None:
    with pytest.raises(BadPushAddress):
        Addresses(hosts=HOSTS, allow_loopback=False).check(address(**changes))
