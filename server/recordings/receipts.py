"""Receipts that are checked without the installation: a text, a signature, a public key."""

import json
from typing import NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from domain.receipts import BadReceipt, Receipt


def public_key_of(signer: Ed25519PrivateKey) -> str:
    """What is given out, once, to whoever will check receipts: 32 bytes, hex."""
    return signer.public_key().public_bytes_raw().hex()


def verify(body: bytes, signature: bytes, *, public_key: str) -> Receipt:
    """What the receipt says. Raises `BadReceipt` when it is not as it was signed by that key."""
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(public_key)).verify(signature, body)
    except (InvalidSignature, ValueError):
        raise BadReceipt("this was not signed by that key, or was changed since") from None
    return Receipt.read(body)


class Given(NamedTuple):
    """One receipt as the API gives it."""

    body: bytes
    signature: bytes


def read_given(answer: bytes) -> list[Given]:
    """The receipts of an answer of ``GET /communes/{id}/receipts``, or one of them alone.

    The key that is named beside them is not read: whoever could change a receipt could change it.
    Raises `BadReceipt`.
    """
    try:
        said = json.loads(answer)
        each = [
            Given(one["body"].encode(), bytes.fromhex(one["signature"]))
            for one in (said if isinstance(said, list) else [said])
        ]
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise BadReceipt("these are no receipts as they were given") from error
    if not each:
        raise BadReceipt("there is no receipt in it")
    return each
