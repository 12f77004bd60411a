"""The machine of a run: which core serves, which one asks, and how the machine is described in plain words."""

import os
import platform
import re
from dataclasses import dataclass
from pathlib import Path


class UnfitMachineError(Exception):
    """Here nothing can be measured. The message says what is missing."""


@dataclass(frozen=True, slots=True)
class Cores:
    """One core for the server and its database, one for the client."""

    server: int
    client: int

    @classmethod
    def of_this_machine(cls) -> "Cores":
        """The first two that we may use.

        Raises:
            UnfitMachineError: there is but one.
        """
        allowed = sorted(os.sched_getaffinity(0))
        if len(allowed) < 2:
            raise UnfitMachineError("Two cores are needed: one for the server, one for the client.")
        return cls(allowed[0], allowed[1])


def in_plain_words() -> dict[str, str]:
    """What a reader needs to know of this machine; no name by which it could be found."""
    cpu = Path("/proc/cpuinfo").read_text()
    model = re.search(r"^model name\s*:\s*(.+)$", cpu, re.MULTILINE)
    memory = re.search(r"^MemTotal:\s+(\d+)", Path("/proc/meminfo").read_text(), re.MULTILINE)
    return {
        "processor": " ".join(model[1].split()) if model else "unknown",
        "cores": str(len(os.sched_getaffinity(0))),
        "memory": f"{round(int(memory[1]) / 1024**2)} GiB" if memory else "unknown",
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
    }
