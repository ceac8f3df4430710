"""Clips' manifests that are checked without the installation, as its receipts are."""

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from domain.manifests import BadManifest, Manifest


def verify(body: bytes, signature: bytes, *, public_key: str) -> Manifest:
    """What the manifest says. Raises `BadManifest` unless it is as it was signed by that key."""
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(public_key)).verify(signature, body)
    except (InvalidSignature, ValueError):
        raise BadManifest("this was not signed by that key, or was changed since") from None
    return Manifest.read(body)
