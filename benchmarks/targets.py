"""What was to be reached, and whether it was: each target is a ratio of two figures, or a plain one."""

from collections.abc import Callable
from dataclasses import dataclass

from benchmarks.rotation import RAW, VALIDATION, Run

_BARE = "bare-flask"
_IN_MEMORY = "oidc-provider-memory"
_ON_REDIS = "oidc-provider-redis"
_DATABASES = (("SQLite", "ours-sqlite"), ("PostgreSQL", "ours-postgresql"))


@dataclass(frozen=True, slots=True)
class Reached:
    """One target. `far`: a goal beyond the target. `found` is None where one of the two figures lacks."""

    title: str
    unit: str
    wanted: str
    found: float | None
    reached: bool | None
    far: bool = False


def reached(run: Run) -> list[Reached]:
    """Every target, in the order in which they were set."""
    figures = run.figures
    ratio = figures.ratio
    found: list[Reached] = []

    def on_both(title: str, path: str, other: str, least: float, *, far: bool = False, ahead: bool = True) -> None:
        for database, ours in _DATABASES:
            value = ratio(path, ours, other)
            wanted = "> 1" if ahead else f"≥ {least}"
            found.append(_judged(f"{title} · {database}", "×", wanted, value, lambda each: each >= least, far=far))

    on_both("token ES256 beside oidc-provider in memory", "token-es256", _IN_MEMORY, 1)
    on_both("token RS256 beside raw signing", "token-rs256", RAW, 0.6, ahead=False)
    for path in ("introspection", "userinfo"):
        on_both(f"{path} beside oidc-provider on Redis", path, _ON_REDIS, 1)
        on_both(f"{path} beside oidc-provider in memory", path, _IN_MEMORY, 1, far=True)
    for path, title in (("discovery", "discovery"), ("jwks", "JWKS")):
        on_both(f"{title} beside a bare Flask view", path, _BARE, 0.9, ahead=False)
    on_both("sign-in beside oidc-provider on Redis", "sign-in", _ON_REDIS, 1)
    for other, title in (("verify-pyjwt", "PyJWT"), ("verify-joserfc", "joserfc")):
        value = ratio(VALIDATION, "verify-kit", other)
        found.append(_judged(f"validation in the kit beside {title}", "×", "> 1", value, lambda each: each > 1))
    value = ratio(VALIDATION, "verify-kit-cached", "verify-kit")
    found.append(
        _judged("validation from the kit's cache beside without it", "×", "≥ 20", value, lambda each: each >= 20)
    )
    for name, seconds in run.start_seconds.items():
        title = f"start-up · {'SQLite' if name == 'ours-sqlite' else 'PostgreSQL'}"
        found.append(_judged(title, "s", "< 1.5", seconds, lambda each: each < 1.5))
    for name, mib in run.worker_mib.items():
        title = f"a worker after the whole run · {'SQLite' if name == 'ours-sqlite' else 'PostgreSQL'}"
        found.append(_judged(title, "MiB", "< 120", mib, lambda each: each < 120))
    return found


def _judged(
    title: str, unit: str, wanted: str, value: float | None, holds: Callable[[float], bool], *, far: bool = False
) -> Reached:
    return Reached(title, unit, wanted, value, None if value is None else holds(value), far)
