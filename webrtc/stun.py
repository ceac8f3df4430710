"""What a media process must know of a STUN message before it gives it any of its time.

A stranger's flood ends here: nothing is built, nothing is raised, nothing is answered. Messages
that name one of our sessions are parsed in full by aioice.
"""

COOKIE = b"\x21\x12\xa4\x42"  # RFC 8489 section 5
REQUEST, RESPONSE, ERROR = 0x0001, 0x0101, 0x0111  # of the method Binding
_HEADER_BYTES = 20
_USERNAME = 0x0006
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
