"""Writes what a run found: benchmarks/results.json for programs, docs/performance.md and its picture for people.

Owns the words of the page. What stands in a row was measured in that run; nothing is copied from elsewhere.
"""

import json
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.figures import Cell, Figures
from benchmarks.layers import DATABASE_ITSELF
from benchmarks.paths import PATHS
from benchmarks.picture import drawn
from benchmarks.rotation import RAW, VALIDATION, VALIDATORS, Pace, Run
from benchmarks.targets import Reached, reached

REPOSITORY = Path(__file__).resolve().parents[1]
RESULTS = REPOSITORY / "benchmarks" / "results.json"
PAGE = REPOSITORY / "docs" / "performance.md"
PICTURE = REPOSITORY / "docs" / "pictures" / "performance.svg"
_WHY = REPOSITORY / "benchmarks" / "what_stands_in_the_way.md"

_BARE = "bare-flask"
_ORDER = (
    "ours-sqlite",
    "ours-postgresql",
    "bare-flask",
    "authlib-plain",
    "django-oauth-toolkit",
    "oidc-provider-memory",
    "oidc-provider-redis",
    "glewlwyd",
)
_HEADS = {
    "ours-sqlite": "**ours, SQLite**",
    "ours-postgresql": "**ours, PostgreSQL**",
    "bare-flask": "bare Flask view",
    "authlib-plain": "Authlib plain",
    "django-oauth-toolkit": "django-oauth-toolkit",
    "oidc-provider-memory": "oidc-provider, memory",
    "oidc-provider-redis": "oidc-provider, Redis",
    "glewlwyd": "glewlwyd",
}
_VALIDATORS = {
    "verify-kit": "**the kit**, a token it has not seen",
    "verify-kit-cached": "**the kit**, from its cache",
    "verify-pyjwt": "PyJWT",
    "verify-joserfc": "joserfc",
    "verify-python-jose": "python-jose",
    "verify-raw": "cryptography, the signature alone",
}


def write(run: Run, machine: dict[str, str], versions: dict[str, str], seconds: float) -> None:
    """Write all three."""
    RESULTS.write_text(json.dumps(as_plain(run, machine, versions, seconds), indent=1, ensure_ascii=False) + "\n")
    PICTURE.write_text(drawn(run.figures))
    PAGE.write_text(page(run, machine, versions, seconds))


def as_plain(run: Run, machine: dict[str, str], versions: dict[str, str], seconds: float) -> dict[str, object]:
    """The run as JSON has it."""
    return {
        "measured": datetime.now(UTC).strftime("%Y-%m-%d"),
        "machine": machine,
        "versions": versions,
        "pace": asdict(run.pace),
        "took_seconds": round(seconds),
        "contestants": run.titles,
        "left_out": run.left_out,
        "start_seconds": run.start_seconds,
        "worker_mib": run.worker_mib,
        "layers": run.layers,
        "targets": [asdict(each) for each in reached(run)],
        "cells": run.figures.as_plain(),
    }


def read(file: Path = RESULTS) -> tuple[Run, dict[str, str], dict[str, str], float]:
    """A run that was written before, to draw and word it anew."""
    told = json.loads(file.read_text())
    run = Run(
        pace=Pace(**told["pace"]),
        titles=told["contestants"],
        cells=[Cell(**each) for each in told["cells"]],
        left_out=told["left_out"],
        start_seconds=told["start_seconds"],
        worker_mib=told["worker_mib"],
        layers=told["layers"],
    )
    return run, told["machine"], told["versions"], told["took_seconds"]


def page(run: Run, machine: dict[str, str], versions: dict[str, str], seconds: float) -> str:
    """docs/performance.md."""
    figures = run.figures
    pace = run.pace
    parts = [
        "# How fast it is",
        "",
        "The broker beside a bare Flask view and five other providers, in one run on one machine. To repeat it:",
        "",
        "    make bench                   # about a quarter of an hour; make bench ARGS=--quick takes a few minutes",
        "",
        "It puts the peers in `var/bench`, measures, and writes this page, its picture and `benchmarks/results.json`."
        " How it measures: [benchmarks/README.md](../benchmarks/README.md).",
        "",
        "![Every path as a multiple of a bare Flask view](pictures/performance.svg)",
        "",
        "## What was to be reached",
        "",
        *_targets(reached(run)),
        "",
        "## Every path",
        "Visits per second of the server's own processor time: the median of the rounds, and how many times a bare Flask view"
        " under the same gunicorn that is. Two figures for one contestant: without and with the time of its database, where"
        " that is a program apart. A difference under a tenth is weather.",
        "",
        *_rates(figures),
        "",
        "By the clock, visits per second that passed with eight connections, everything of the server on one core:",
        "",
        *_by_the_clock(figures),
        "",
        *_left_out(run),
        "## Checking a token without asking anybody",
        "ES256 access tokens, 4,096 of them in turn (from the cache: 64), with issuer, audience and times checked:",
        "",
        *_validation(figures),
        "",
        "## Start-up and memory",
        *_start_and_memory(run),
        "",
        "## Where the time goes",
        "µs of processor time for one request of ours. What the broker itself takes was measured in one thread without a server and"
        " divided by profile over what the functions belong to; the rest is the server and the network.",
        "",
        *_layers(run),
        "",
        *_what_stands_in_the_way(),
        "## How this run was made",
        f"- {machine['cores']} cores ({machine['processor']}), {machine['memory']} of memory, {machine['system']},"
        f" Python {machine['python']}. One core for the server with its database, the other for the client.",
        f"- {pace.rounds} round{'s' if pace.rounds > 1 else ''} of {pace.seconds} s on each path for each contestant, in turns;"
        f" {round(seconds / 60)} minutes in all.",
        "- Every answer was checked by the client, and of every run one token by its signature.",
        f"- {', '.join(f'{name} {version}' for name, version in versions.items())}.",
        "- What is not alike: oidc-provider gives opaque access tokens to people (it can introspect no JWT) and its memory"
        " forgets the oldest of a thousand things; django-oauth-toolkit signs ID tokens with RS256 only; the slow hash of"
        " client secrets is off or one round in django-oauth-toolkit and glewlwyd; the peers have no rights to look up, the"
        " broker looks up on every request whether the right still holds.",
        "",
    ]
    return "\n".join(parts)


def _targets(targets: list[Reached]) -> list[str]:
    lines = ["| Target | Wanted | Reached | |", "|---|---|---|---|"]
    for each in targets:
        value = "not measured" if each.found is None else f"{_figure(each.found)} {each.unit}"
        verdict = "–" if each.reached is None else "yes" if each.reached else "no"
        title = f"{each.title} *(far goal)*" if each.far else each.title
        lines.append(f"| {title} | {each.wanted} {each.unit} | {value} | {verdict} |")
    return lines


def _rates(figures: Figures) -> list[str]:
    lines = [f"| Path | {' | '.join(_HEADS[name] for name in _ORDER)} |", "|---|" + "---|" * len(_ORDER)]
    for path in PATHS:
        cells = [_rate(figures, path.name, name) for name in _ORDER]
        lines.append(f"| {path.title} | {' | '.join(cells)} |")
    for path_name, title in (("token-es256", "ES256"), ("token-rs256", "RS256")):
        if figures.has(path_name, RAW):
            lines.append("")
            lines.append(f"Raw {title} signing by cryptography on the same core: {figures.rate(path_name, RAW):,.0f}.")
    return lines


def _rate(figures: Figures, path: str, name: str) -> str:
    if not figures.has(path, name):
        return "–"
    rate = f"{figures.rate(path, name):,.0f}"
    if figures.has_database(path, name):
        rate += f" / {figures.rate_with_database(path, name):,.0f}"
    ratio = figures.ratio(path, name, _BARE)
    return f"{rate} ({ratio:.2f}×)" if ratio is not None and name != _BARE else rate


def _by_the_clock(figures: Figures) -> list[str]:
    lines = [f"| Path | {' | '.join(_HEADS[name] for name in _ORDER)} |", "|---|" + "---|" * len(_ORDER)]
    for path in PATHS:
        cells = [
            f"{figures.rate_by_the_clock(path.name, name):,.0f}" if figures.has(path.name, name) else "–"
            for name in _ORDER
        ]
        lines.append(f"| {path.title} | {' | '.join(cells)} |")
    return lines


def _left_out(run: Run) -> list[str]:
    if not run.left_out:
        return []
    titles = {path.name: path.title for path in PATHS}
    lines = ["Left out:", ""]
    for each in run.left_out:
        where = f", {titles[each['path']]}" if each["path"] else ""
        lines.append(f"- {run.titles[each['contestant']]}{where}: {each['reason'].splitlines()[0]}")
    return [*lines, ""]


def _validation(figures: Figures) -> list[str]:
    lines = ["| With | per second of processor time | × the kit without its cache |", "|---|---|---|"]
    for name in VALIDATORS:
        if figures.has(VALIDATION, name):
            ratio = figures.ratio(VALIDATION, name, "verify-kit")
            lines.append(f"| {_VALIDATORS[name]} | {figures.rate(VALIDATION, name):,.0f} | {_figure(ratio or 0)} |")
    return lines


def _start_and_memory(run: Run) -> list[str]:
    lines = [
        f"- From `gunicorn wsgi:app` to the first answer: {seconds:.2f} s (target: under 1.5 s)."
        for seconds in run.start_seconds.values()
    ]
    memory = [
        f"{mib:.0f} MiB on {'SQLite' if name == 'ours-sqlite' else 'PostgreSQL'}"
        for name, mib in run.worker_mib.items()
    ]
    return [*lines, f"- A worker after the whole run: {', '.join(memory)} (target: under 120 MiB)."]


def _layers(run: Run) -> list[str]:
    lines = []
    for name, title in (("ours-sqlite", "On SQLite"), ("ours-postgresql", "On PostgreSQL")):
        if name in run.layers:
            lines += [f"{title}:", "", *_layers_of(run, name, run.layers[name]), ""]
    return lines


def _layers_of(run: Run, name: str, found: dict[str, dict[str, float]]) -> list[str]:
    """`PostgreSQL itself` stands last and beside the rest: it is another program, and `whole` is without it."""
    weights: dict[str, float] = {}
    for parts in found.values():
        for layer, each in parts.items():
            weights[layer] = weights.get(layer, 0.0) + each
    apart = [DATABASE_ITSELF] if DATABASE_ITSELF in weights else []
    layers = sorted(weights.keys() - set(apart), key=lambda layer: -weights[layer])
    lines = [
        f"| Path | whole | gunicorn | the broker | {' | '.join(layers + apart)} |",
        "|---|---|---|---|" + "---|" * len(layers + apart),
    ]
    sign_in = {
        layer: found.get("authorize", {}).get(layer, 0.0) + found.get("code", {}).get(layer, 0.0)
        for layer in layers + apart
    }
    for path in PATHS:
        parts = sign_in if path.name == "sign-in" else found.get(path.name, {})
        if parts and run.figures.has(path.name, name):
            whole, own = 1e6 / run.figures.rate(path.name, name), sum(parts.get(layer, 0.0) for layer in layers)
            cells = " | ".join(f"{parts.get(layer, 0.0):,.0f}" for layer in layers + apart)
            lines.append(f"| {path.title} | {whole:,.0f} | {max(whole - own, 0):,.0f} | {own:,.0f} | {cells} |")
    return lines


def _what_stands_in_the_way() -> list[str]:
    return [_WHY.read_text().strip(), ""] if _WHY.exists() else []


def _figure(value: float) -> str:
    return f"{value:.2f}" if value < 10 else f"{value:,.0f}"
