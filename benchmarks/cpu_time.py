"""How much processor time a program and everything it started have used, from /proc.

Steadier than the clock on the wall where a machine is shared: what others take does not count against the server.
"""

import os
from collections import defaultdict
from pathlib import Path

_TICKS_A_SECOND = os.sysconf("SC_CLK_TCK")
# Fields of /proc/<pid>/stat after the name, which is in brackets and may hold anything (proc_pid_stat(5)).
_PARENT = 1
_USED = slice(11, 15)  # in user and system mode, its own and that of children which it has waited for


def cpu_seconds(roots: tuple[int, ...]) -> float:
    """Seconds of processor time that the processes `roots` and all below them have used until now."""
    stats = _all_stats()
    ticks = sum(int(ticks) for pid in family(roots, stats) for ticks in stats[pid][_USED])
    return ticks / _TICKS_A_SECOND


def family(roots: tuple[int, ...], stats: dict[int, list[str]] | None = None) -> set[int]:
    """`roots`, where they still live, and every process below them."""
    stats = _all_stats() if stats is None else stats
    children = defaultdict(list)
    for pid, fields in stats.items():
        children[int(fields[_PARENT])].append(pid)
    found: set[int] = set()
    waiting = [root for root in roots if root in stats]
    while waiting:
        pid = waiting.pop()
        if pid not in found:
            found.add(pid)
            waiting += children[pid]
    return found


def resident_mib(pid: int) -> float:
    """Memory of one process that is in RAM, shared pages included (VmRSS)."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise ProcessLookupError(f"process {pid} has no memory")


def _all_stats() -> dict[int, list[str]]:
    found = {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            line = (entry / "stat").read_text()
        except (FileNotFoundError, ProcessLookupError):
            continue  # it ended while we looked
        found[int(entry.name)] = line.rpartition(")")[2].split()
    return found
