"""One rotation: every contestant on every path, round after round, on the same two cores.

Owns the order, the starting of all of them at once, and leaving out what cannot take part, with the reason. All run all the time;
only one is asked at any moment. A wrong answer of a peer leaves it out of that row; one of ours ends the run.
"""

import json
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path as File
from statistics import median
from typing import Any

from benchmarks.by_hand import UnsoundAnswerError
from benchmarks.contestants import BARE, Contestant
from benchmarks.contestants.ours import Ours
from benchmarks.cpu_time import cpu_seconds, family, resident_mib
from benchmarks.door import Door
from benchmarks.figures import Cell, Figures, order_of
from benchmarks.machine import Cores
from benchmarks.paths import Asked, Path, bare_visit
from benchmarks.peers_folder import FOLDER, PYTHON_PEERS, REPOSITORY, MissingPeerError
from benchmarks.programs import DidNotStartError, Programs, bare_environment, wait_until_it_answers
from benchmarks.wrk import WrongAnswerError, pay

RAW = "raw"
# What raw signing is measured beside.
_RAW_ON = {"token-es256": "sign-es256", "token-rs256": "sign-rs256"}
VALIDATION = "validation"
VALIDATORS = ("verify-kit", "verify-kit-cached", "verify-pyjwt", "verify-joserfc", "verify-python-jose", "verify-raw")
_STARTS = 5
_SMALL_STORES = 3  # how often a small store of codes is filled and emptied for one cell


@dataclass(frozen=True, slots=True)
class Pace:
    """How long a run takes."""

    rounds: int
    seconds: int


FULL = Pace(rounds=3, seconds=3)
QUICK = Pace(rounds=1, seconds=1)


@dataclass
class Run:
    """What a run found."""

    pace: Pace
    titles: dict[str, str] = field(default_factory=dict)
    cells: list[Cell] = field(default_factory=list)
    left_out: list[dict[str, str]] = field(default_factory=list)
    start_seconds: dict[str, float] = field(default_factory=dict)
    worker_mib: dict[str, float] = field(default_factory=dict)
    layers: dict[str, dict[str, dict[str, float]]] = field(default_factory=dict)  # contestant → path → layer → µs

    @property
    def figures(self) -> Figures:
        """The cells, to reckon with."""
        return Figures(self.cells)


def run(
    contestants: Sequence[Callable[[], Contestant]],
    paths: Sequence[Path],
    pace: Pace,
    *,
    in_process: bool = True,
    say: Callable[[str], None] = print,
) -> Run:
    """Measure `contestants` on `paths`.

    Raises:
        WrongAnswerError, UnsoundAnswerError, DidNotStartError: the broker itself is not as it should be.
    """
    cores = Cores.of_this_machine()
    folder = FOLDER / "run"
    shutil.rmtree(folder, ignore_errors=True)
    found = Run(pace)
    with Programs(cores.server, folder / "logs") as programs:
        doors = _open_doors(contestants, programs, folder, found, say)
        for turn in range(pace.rounds):
            for place, path in enumerate(paths):
                for name in order_of([*doors, RAW] if in_process else list(doors), turn + place):
                    _one_cell(found, doors, cores, path, name, turn)
                say(f"round {turn + 1} of {pace.rounds}: {path.title}")
            if in_process:
                for name in order_of(list(VALIDATORS), turn):
                    found.cells.append(measure_in_process(VALIDATION, name, name, turn, pace.seconds, cores.server))
        for name, door in doors.items():
            if name.startswith("ours-"):
                found.worker_mib[name] = _worker_mib(door)
    return found


def seconds_to_start(found: Run) -> None:
    """How long the broker takes from the command to its first answer: the median of a few starts, on SQLite."""
    cores = Cores.of_this_machine()
    folder = FOLDER / "starts"
    seconds = []
    for turn in range(_STARTS):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        with Programs(cores.server, folder / "logs") as programs:
            begin, url, _ = Ours("sqlite").prepared(programs, folder, _free_port())
            began = time.monotonic()
            wait_until_it_answers(begin(), url)
            if turn:  # the first one only warms the caches of the disk
                seconds.append(time.monotonic() - began)
    found.start_seconds["ours-sqlite"] = median(seconds)


def where_time_goes(found: Run) -> None:
    """The layers of each path of the broker, in a process of its own for each database."""
    for database in ("sqlite", "postgresql"):
        found.layers[f"ours-{database}"] = _told_by(
            ["-m", "benchmarks.layers", database], Cores.of_this_machine().server
        )


def measure(path: Path, door: Door, cores: Cores, seconds: int, turn: int, *, bare: bool = False) -> Cell:
    """One cell: what it takes is prepared first, then only what is asked of the path is measured."""
    stores = _SMALL_STORES if path.name == "code" and door.codes_at_once else 1
    visits, passed, cpu, database_cpu, medians, slow = 0, 0.0, 0.0, 0.0, [], []
    for _ in range(stores):
        asked = Asked(door, cores.client, seconds)
        visit = bare_visit(path) if bare else path.prepare(asked)
        before, database_before = cpu_seconds(door.program.roots), cpu_seconds(door.databases)
        paid = pay(visit, door.base, core=cores.client, seconds=seconds)
        cpu += cpu_seconds(door.program.roots) - before
        database_cpu += cpu_seconds(door.databases) - database_before
        if not bare:
            path.verify(asked, paid.last[0])
        visits += paid.visits
        passed += paid.seconds
        medians.append(paid.median_us)
        slow.append(paid.slow_us)
    return Cell(
        path=path.name,
        contestant=door.program.name,
        round=turn,
        visits=visits,
        seconds=passed,
        cpu=cpu,
        database_cpu=database_cpu,
        median_us=round(median(medians)),
        slow_us=max(slow),
    )


def measure_in_process(path: str, contestant: str, what: str, turn: int, seconds: float, core: int) -> Cell:
    """One cell that needs no server."""
    told = _told_by(["-m", "benchmarks.in_process", what, str(seconds)], core)
    return Cell(path, contestant, turn, told["visits"], told["seconds"], told["cpu"])


def _told_by(command: list[str], core: int) -> dict[str, Any]:
    done = subprocess.run(
        ["taskset", "-c", str(core), sys.executable, *command],
        env=bare_environment() | {"PYTHONPATH": str(PYTHON_PEERS)},
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise WrongAnswerError(f"{' '.join(command)} did not succeed: {done.stderr[-1500:]}")
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def _one_cell(found: Run, doors: dict[str, Door], cores: Cores, path: Path, name: str, turn: int) -> None:
    if name == RAW:
        if path.name in _RAW_ON:
            found.cells.append(
                measure_in_process(path.name, RAW, _RAW_ON[path.name], turn, found.pace.seconds, cores.server)
            )
        return
    if any(each["contestant"] == name and each["path"] == path.name for each in found.left_out):
        return
    try:
        found.cells.append(measure(path, doors[name], cores, found.pace.seconds, turn, bare=name == BARE))
    except (WrongAnswerError, UnsoundAnswerError) as error:
        if name.startswith("ours-"):
            raise
        found.left_out.append({"contestant": name, "path": path.name, "reason": str(error)[:300]})
        found.cells[:] = [cell for cell in found.cells if (cell.contestant, cell.path) != (name, path.name)]


def _open_doors(
    contestants: Sequence[Callable[[], Contestant]],
    programs: Programs,
    folder: File,
    found: Run,
    say: Callable[[str], None],
) -> dict[str, Door]:
    doors: dict[str, Door] = {}
    for make in contestants:
        contestant = make()
        found.titles[contestant.name] = contestant.title
        own = folder / contestant.name
        own.mkdir(parents=True)
        try:
            doors[contestant.name] = contestant.start(programs, own, _free_port())
        except (MissingPeerError, DidNotStartError) as error:
            if contestant.name.startswith("ours-"):
                raise
            found.left_out.append({"contestant": contestant.name, "path": "", "reason": str(error)[:300]})
        say(f"{contestant.title}: {'runs' if contestant.name in doors else 'left out'}")
    return doors


def _worker_mib(door: Door) -> float:
    """The largest process below the one that was started, after all that it has served."""
    return max(resident_mib(pid) for pid in family(door.program.roots) - set(door.program.roots))


def _free_port() -> int:
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        port: int = trial.getsockname()[1]
        return port
