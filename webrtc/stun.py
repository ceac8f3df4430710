"""What a media process must know of a STUN message before it gives it any of its time.

A stranger's flood ends here: nothing is built, nothing is raised, nothing is answered. Messages
that name one of our sessions are parsed in full by aioice, until that session has its path: then
all that comes are the peer's checks that we are still there (RFC 7675), one after the other and
all alike, and they are answered from here.
"""

import hmac
import socket
from binascii import crc32
from struct import Struct

COOKIE = b"\x21\x12\xa4\x42"  # RFC 8489 section 5
REQUEST, RESPONSE, ERROR = 0x0001, 0x0101, 0x0111  # of the method Binding
_HEADER_BYTES = 20
_USERNAME, _INTEGRITY, _XOR_MAPPED_ADDRESS, _FINGERPRINT = 0x0006, 0x0008, 0x0020, 0x8028
_INTEGRITY_BYTES, _FINGERPRINT_BYTES = 24, 8  # with their own four of type and length
_FINGERPRINT_XOR = 0x5354554E  # RFC 8489 section 14.7
_HEADER, _ATTRIBUTE, _WORD = Struct("!HH4s12s"), Struct("!HH"), Struct("!I")
_MAX_ATTRIBUTES = 16
"""A browser's check has eight at most, and USERNAME comes among the first."""


def kind(datagram: bytearray, size: int) -> int | None:
    """The message type of the first ``size`` bytes; None if they are no STUN message."""
    if size < _HEADER_BYTES or datagram[4:8] != COOKIE:
        return None
    if (datagram[2] << 8 | datagram[3]) != size - _HEADER_BYTES:
        return None
    return datagram[0] << 8 | datagram[1]


def transaction(datagram: bytearray) -> bytes:
    return bytes(datagram[8:20])


def addressee(datagram: bytearray, size: int) -> bytes | None:
    """The user fragment a check is for: USERNAME up to its colon (RFC 8445 section 7.2.2)."""
    at = _HEADER_BYTES
    for _ in range(_MAX_ATTRIBUTES):
        if at + 4 > size:
            return None
        length = datagram[at + 2] << 8 | datagram[at + 3]
        if (datagram[at] << 8 | datagram[at + 1]) == _USERNAME:
            if at + 4 + length > size:
                return None
            return bytes(datagram[at + 4 : at + 4 + length]).partition(b":")[0]
        at += 4 + (length + 3 & ~3)
    return None


def answer(
    datagram: bytearray, size: int, *, username: bytes, key: bytes, address: tuple[str, int]
) -> bytes | None:
    """The answer to a check of ``username`` that is signed with ``key``; None: it is no such."""
    at, named = _HEADER_BYTES, False
    for _ in range(_MAX_ATTRIBUTES):
        if at + 4 > size:
            return None
        kind, length = _ATTRIBUTE.unpack_from(datagram, at)
        if kind == _INTEGRITY:
            break
        if kind == _USERNAME:
            named = bytes(datagram[at + 4 : at + 4 + length]) == username
        at += 4 + (length + 3 & ~3)
    else:
        return None
    end = at + _INTEGRITY_BYTES
    if not named or length != _INTEGRITY_BYTES - 4 or end > size:
        return None
    # What is signed is the message up to here, its length that of one which ends behind the
    # signature (RFC 8489 section 14.5).
    signed = datagram[:at]
    signed[2:4] = (end - _HEADER_BYTES).to_bytes(2)
    signature = hmac.digest(key, signed, "sha1")
    if not hmac.compare_digest(signature, bytes(datagram[at + 4 : end])):
        return None
    return _success(transaction(datagram), key, address)


def _success(transaction_id: bytes, key: bytes, address: tuple[str, int]) -> bytes:
    host, port = address
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    mask = COOKIE + transaction_id
    xored = bytes(a ^ b for a, b in zip(socket.inet_pton(family, host), mask, strict=False))
    mapped = _ATTRIBUTE.pack(_XOR_MAPPED_ADDRESS, 4 + len(xored)) + _ATTRIBUTE.pack(
        2 if family == socket.AF_INET6 else 1, port ^ int.from_bytes(COOKIE[:2])
    )
    body = mapped + xored
    header = _header(transaction_id, len(body) + _INTEGRITY_BYTES)
    signature = hmac.digest(key, header + body, "sha1")
    body += _ATTRIBUTE.pack(_INTEGRITY, len(signature)) + signature
    message = _header(transaction_id, len(body) + _FINGERPRINT_BYTES) + body
    fingerprint = _WORD.pack(crc32(message) ^ _FINGERPRINT_XOR)
    return message + _ATTRIBUTE.pack(_FINGERPRINT, len(fingerprint)) + fingerprint


def _header(transaction_id: bytes, length: int) -> bytes:
    return _HEADER.pack(RESPONSE, length, COOKIE, transaction_id)
