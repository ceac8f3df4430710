"""What this machine itself loses: it is slow, and no fault of who sends."""

from pathlib import Path


def dropped() -> int:
    """Datagrams that found their receiver's buffer full, since the machine was started."""
    names, values = (
        line.split()
        for line in Path("/proc/net/snmp").read_text().splitlines()
        if line.startswith("Udp:")
    )
    return int(values[names.index("RcvbufErrors")])
