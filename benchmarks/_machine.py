"""What a benchmark says of the machine, and what it reads from the kernel of another process."""

import os
import platform
from pathlib import Path


def machine() -> str:
    return (
        f"{os.cpu_count()} x {_cpu_model()}, Linux {platform.release()}, "
        f"Python {platform.python_version()}"
    )


def _cpu_model() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    models = (line.partition(":")[2].strip() for line in lines if "model name" in line)
    return next(models, "unknown")


def cpu_s(pid: int) -> float:
    """Seconds on a core, of all threads of a process so far."""
    tasks = Path(f"/proc/{pid}/task").iterdir()
    return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / 1e9


def resident_bytes(pid: int) -> int:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def descriptors(pid: int) -> int:
    return len(list(Path(f"/proc/{pid}/fd").iterdir()))


def pin(pid: int, core: int) -> None:
    """Keep every thread of a process to one core, where there is more than one."""
    if core < (os.cpu_count() or 1):
        for task in Path(f"/proc/{pid}/task").iterdir():
            os.sched_setaffinity(int(task.name), {core})


def unpin(pid: int) -> None:
    """Let every thread of a process run where there is room."""
    for task in Path(f"/proc/{pid}/task").iterdir():
        os.sched_setaffinity(int(task.name), range(os.cpu_count() or 1))
