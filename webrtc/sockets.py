"""UDP sockets that share one local port: one receives, each viewer has one more to send from.

A send buffer holds what the network card has not taken yet. With one buffer for all, a burst to
eighty viewers would overflow Linux's default of 208 KiB, and one slow path would cost the others.
"""

import ctypes
import socket
import struct
from contextlib import suppress

_RECEIVE_BYTES = 4 * 1024 * 1024
"""All publishers' keyframes may come at once, and a flood on top of them."""
_SEND_BYTES = 1024 * 1024
_SO_RCVBUFFORCE, _SO_SNDBUFFORCE = 33, 32  # asm-generic/socket.h: beyond the limit, for root
_SO_ATTACH_REUSEPORT_CBPF = 51
# A classic BPF program of one instruction, "return 0": of the sockets that share a port the first
# receives everything.
_FIRST_RECEIVES = struct.pack("HBBI", 0x06, 0, 0, 0)


def open_udp(host: str, port: int) -> socket.socket:
    """A non-blocking socket bound to one address. Raises `OSError`, also if the port is taken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
    try:
        if family == socket.AF_INET6:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        sock.bind((host, port))
    except OSError:
        sock.close()
        raise
    _enlarge(sock, socket.SO_RCVBUF, _SO_RCVBUFFORCE, _RECEIVE_BYTES)
    _enlarge(sock, socket.SO_SNDBUF, _SO_SNDBUFFORCE, _SEND_BYTES)
    return sock


def _enlarge(sock: socket.socket, option: int, forced: int, size: int) -> None:
    try:
        sock.setsockopt(socket.SOL_SOCKET, forced, size)
    except OSError:
        sock.setsockopt(socket.SOL_SOCKET, option, size)  # as far as net.core allows


class SharedPort:
    """Makes sockets that send from where another receives."""

    def __init__(self, receiver: socket.socket) -> None:
        self._receiver = receiver
        self._first: socket.socket | None = None
        with suppress(OSError):
            # Bound without this option, so that a second process on this port is refused.
            receiver.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            first = self._bound()
            try:
                program = ctypes.create_string_buffer(_FIRST_RECEIVES)
                given = struct.pack("HP", 1, ctypes.addressof(program))
                receiver.setsockopt(socket.SOL_SOCKET, _SO_ATTACH_REUSEPORT_CBPF, given)
            except OSError:
                first.close()
                raise
            self._first = first

    def sender(self) -> socket.socket:
        """The caller's to close. Where the kernel can't share so, the receiver's own buffer."""
        if self._first is not None:
            with suppress(OSError):
                return self._bound()
        return self._receiver.dup()

    def close(self) -> None:
        if self._first is not None:
            self._first.close()

    def _bound(self) -> socket.socket:
        sock = socket.socket(self._receiver.family, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        try:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            if sock.family == socket.AF_INET6:
                sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            sock.bind(self._receiver.getsockname())
        except OSError:
            sock.close()
            raise
        return sock
