"""TCP ports for processes that must be told theirs before they start."""

import os
import socket
from itertools import count

# Below those that the kernel gives to whoever asks for any (net.ipv4.ip_local_port_range), so that
# nobody is given one between its choice and its use; from where another run is not likely to be,
# nor the other process of this one, whose number is the next.
_CANDIDATES = count(20_000 + os.getpid() * 997 % 11_000)


def free_port() -> int:
    """One of 127.0.0.1 that nobody has; another one each time."""
    while True:
        port = next(_CANDIDATES)
        with socket.socket() as probe, socket.socket(type=socket.SOCK_DGRAM) as other:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
                other.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
