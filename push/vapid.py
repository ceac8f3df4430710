"""VAPID: how this installation names itself to push services (RFC 8292). Its key is made once.

A subscription is bound to the key it was made with: losing the key silences every installed page
until it subscribes anew. It lies among the installation's secrets and is part of its backup.
"""

import os
from base64 import urlsafe_b64encode
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from py_vapid import Vapid02

#: Under the day that RFC 8292 section 2 allows.
TOKEN_LIFETIME = timedelta(hours=12)


class VapidKey:
    """A P-256 key that signs tokens for one push service at a time."""

    def __init__(self, pem: bytes) -> None:
        self._vapid = Vapid02.from_pem(pem)

    @property
    def public(self) -> str:
        """For ``PushManager.subscribe({applicationServerKey})``: the point, base64url."""
        point: bytes = self._vapid.public_key.public_bytes(
            serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
        )
        return urlsafe_b64encode(point).rstrip(b"=").decode()

    def authorization(self, endpoint: str, *, contact: str, now: datetime) -> str:
        """Give the ``Authorization`` header for one message to ``endpoint``.

        ``contact`` is a mailto: or https: address of who runs this server.
        """
        parts = urlsplit(endpoint)
        claims = {
            "aud": f"{parts.scheme}://{parts.netloc}",
            "exp": int((now + TOKEN_LIFETIME).timestamp()),
            "sub": contact,
        }
        header: str = self._vapid.sign(claims)["Authorization"]
        return header


def vapid_key(folder: Path) -> VapidKey:
    """Read the key from ``folder``, or make it there, readable by this user only.

    Two processes may come here at once: the one who links the file first wins. Blocks on the disk.
    """
    path = folder / "vapid.pem"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        pem = ec.generate_private_key(ec.SECP256R1()).private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        fresh = folder / f"vapid.{os.getpid()}.new"
        fresh.touch(mode=0o600)
        fresh.write_bytes(pem)
        try:
            os.link(fresh, path)
        except FileExistsError:
            pass  # the other one was first: his key it is
        finally:
            fresh.unlink()
    return VapidKey(path.read_bytes())
