"""Sends a visit to a server with wrk on the client's core, and reads what came of it.

A `Visit` is what one visitor does: one request, or a few in order. Every answer is checked (wrk/visits.lua); one wrong answer
spoils the whole figure.
"""

import json
import secrets
import subprocess
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.programs import bare_environment

VISITORS = 8
_SCRIPT = Path(__file__).parent / "wrk" / "visits.lua"


class WrongAnswerError(Exception):
    """A server answered something else than it should. The message holds the first such answer."""


@dataclass(frozen=True, slots=True)
class Take:
    """One value that an answer must hold: found by a Lua pattern in the body, or in a header; later steps may send it as {name}."""

    name: str
    pattern: str
    header: str = ""
    equals: str = ""
    new: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """One request and what its answer must be. {name} in path, headers or body is filled in with what the visitor knows."""

    method: str
    path: str
    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: str = ""
    equals: str | None = None
    wanted: tuple[str, ...] = ()
    taken: tuple[Take, ...] = ()


@dataclass(frozen=True, slots=True)
class Visit:
    """What every visitor does, again and again. `visitors` holds what each knows at first; each visit has a {serial} of its own.

    `collect` names a value to hand back after each visit; `supply` gives each visitor values, one for every visit, under the
    name `supplied`: when they are used up the visitor stops, as it does after `at_most` visits.
    """

    steps: tuple[Step, ...]
    visitors: tuple[dict[str, str], ...] = ()
    collect: str = ""
    supplied: str = ""
    supply: tuple[tuple[str, ...], ...] = ()
    at_most: int = 0


@dataclass(frozen=True, slots=True)
class Visited:
    """What came of a visit that was paid for some seconds: how many were right, in how many seconds, with what latency."""

    visits: int
    seconds: float
    median_us: int
    slow_us: int
    last: tuple[dict[str, str], ...]
    collected: tuple[tuple[str, ...], ...]


def pay(visit: Visit, base: str, *, core: int, seconds: float, visitors: int = VISITORS) -> Visited:
    """Let `visitors` pay `visit` at `base` for `seconds`, from `core`.

    Raises:
        WrongAnswerError: at least one answer was wrong or got lost, or there was none.
    """
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        script = Path(folder) / "visit.lua"
        script.write_text(f"return {_lua(_plain(visit))}\n")
        whole = max(1, round(seconds))
        command = [
            *("taskset", "-c", str(core), "wrk", "--threads", str(visitors), "--connections", str(visitors)),
            *("--duration", f"{whole}s", "--timeout", "20s", "--script", str(_SCRIPT), base, "--", str(script)),
        ]
        done = subprocess.run(
            command, env=bare_environment(), capture_output=True, text=True, check=False, timeout=whole + 60
        )
    line = next((each for each in done.stdout.splitlines() if each.startswith("@@")), None)
    if line is None:
        raise WrongAnswerError(f"wrk did not finish: {done.stdout[-500:]} {done.stderr[-500:]}")
    return _read(json.loads(line[2:]))


def _read(told: dict[str, Any]) -> Visited:
    if told["bad"] or told["lost"] or not told["visits"]:
        raise WrongAnswerError(
            f"{told['bad']} wrong and {told['lost']} lost beside {told['visits']} right answers. {told['sample']}"
        )
    return Visited(
        visits=told["visits"],
        seconds=told["seconds"],
        median_us=told["median_us"],
        slow_us=told["slow_us"],
        last=tuple(told["last"]),
        collected=tuple(tuple(each) for each in told["collected"]),
    )


def _plain(visit: Visit) -> dict[str, Any]:
    plain: dict[str, Any] = {
        "steps": [
            {
                "method": step.method,
                "path": step.path,
                "status": step.status,
                "headers": step.headers,
                "body": step.body,
                "equals": step.equals,
                "wanted": list(step.wanted),
                "taken": [
                    {
                        "name": take.name,
                        "pattern": take.pattern,
                        "header": take.header.lower() or None,
                        "equals": take.equals or None,
                        "new": take.new,
                    }
                    for take in step.taken
                ],
            }
            for step in visit.steps
        ],
        "visitors": list(visit.visitors),
        "collect": visit.collect or None,
        "at_most": visit.at_most or None,
        "run": secrets.token_hex(6),
    }
    if visit.supply:
        plain |= {"supplied": visit.supplied, "supply": [list(each) for each in visit.supply]}
    return plain


def _lua(value: Any) -> str:
    """`value` as Lua writes it."""
    if value is None:
        return "nil"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, str):
        return '"' + "".join(_lua_sign(byte) for byte in value.encode()) + '"'
    if isinstance(value, list):
        return "{" + ",".join(_lua(each) for each in value) + "}"
    assert isinstance(value, dict)
    return "{" + ",".join(f"[{_lua(name)}]={_lua(each)}" for name, each in value.items()) + "}"


def _lua_sign(byte: int) -> str:
    sign = chr(byte)
    return sign if sign.isascii() and sign.isprintable() and sign not in '"\\' else f"\\{byte:03d}"
