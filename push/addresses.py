"""Addresses: which endpoints a Web Push message may be sent to.

The endpoint comes from the phone. Whoever enrolled one could otherwise make this server call any
address it can reach, so hosts are an allow-list and the keys are looked at before they are kept.
"""

from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Collection, Mapping
from ipaddress import ip_address
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric import ec

from push.channels import BadPushAddress

POINT_LENGTH = 65  # bytes: an uncompressed point of P-256
AUTH_LENGTH = 16  # bytes (RFC 8291 section 3.2)


class Addresses:
    """``hosts``: allowed names; one with a leading dot allows every name below it.

    ``allow_loopback`` also allows http and https on this machine: a local push service.
    """

    def __init__(self, *, hosts: Collection[str], allow_loopback: bool) -> None:
        self._hosts = frozenset(host.lower() for host in hosts if not host.startswith("."))
        self._suffixes = tuple(host.lower() for host in hosts if host.startswith("."))
        self._allow_loopback = allow_loopback

    def check(self, address: Mapping[str, str]) -> None:
        """Raise ``BadPushAddress`` when one of endpoint, p256dh and auth can't be used."""
        self.check_endpoint(address.get("endpoint", ""))
        point = _decode(address.get("p256dh", ""), "p256dh")
        try:
            ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
        except ValueError:
            raise BadPushAddress("p256dh is not a point of P-256") from None
        if len(point) != POINT_LENGTH:
            raise BadPushAddress("p256dh is not an uncompressed point")
        if len(_decode(address.get("auth", ""), "auth")) != AUTH_LENGTH:
            raise BadPushAddress(f"auth has not {AUTH_LENGTH} bytes")

    def check_endpoint(self, endpoint: str) -> None:
        """Raise ``BadPushAddress`` unless it is https on an allowed host, without a user or port.

        A non-standard port or a user name is nothing that a push service uses.
        """
        try:
            parts = urlsplit(endpoint)
            port = parts.port
        except ValueError:
            raise BadPushAddress("the endpoint is not an address") from None
        host = (parts.hostname or "").lower()
        if parts.username is not None or parts.password is not None:
            raise BadPushAddress("the endpoint names a user")
        if not endpoint.isascii() or not endpoint.isprintable() or " " in endpoint:
            raise BadPushAddress("the endpoint holds characters that no address has")
        if self._allow_loopback and parts.scheme in ("http", "https") and _is_loopback(host):
            return
        if parts.scheme != "https":
            raise BadPushAddress("the endpoint is not https")
        if port not in (None, 443):
            raise BadPushAddress("the endpoint names a port")
        if host not in self._hosts and not host.endswith(self._suffixes or ("\0",)):
            raise BadPushAddress(f"'{host}' is not among the push services allowed here")


def _decode(text: str, name: str) -> bytes:
    try:
        return b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (Base64Error, ValueError):
        raise BadPushAddress(f"{name} is not base64url") from None


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
