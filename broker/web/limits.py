"""How often one source may knock: the table of limits, and where they are counted.

Owns limits by source address on the few doors that cost something, and the limit on what programs are refused. Counted in
Redis where there is one, in memory when there is none or it is down (threats rule 7: a limit may fall back, a single-use
value may not). Limits by person, address or pool are rules of access/. Off only by BROKER_RATE_LIMITS=off, in development.
"""

import time

import structlog
from flask import Flask
from flask_limiter import Limiter
from limits import RateLimitItem, parse
from limits.storage import MemoryStorage, Storage, storage_from_string
from limits.strategies import FixedWindowRateLimiter

from broker.settings import Settings
from broker.web.requests import source_address
from serving.at_once import about_to_wait

# (begin of the address, methods, limit a source). Wide enough for a town hall behind one address.
LIMITS: tuple[tuple[str, tuple[str, ...], str], ...] = (
    ("/user/aanvraag", ("POST",), "120 per 10 minutes"),
    ("/toepassingen", ("POST",), "120 per 10 minutes"),
    ("/link", ("POST",), "60 per 10 minutes"),
    ("/link", ("GET",), "300 per 10 minutes"),
    ("/aanvraag", ("POST",), "60 per 10 minutes"),
    ("/verantwoordelijke", ("POST",), "20 per hour;60 per day"),
    ("/aanmelden", ("POST",), "120 per 10 minutes"),
    ("/aanmelden", ("GET",), "600 per 10 minutes"),
)

# What programs may be refused: from one source address, and of one client that proved itself, which is refused by the hundred
# when rights end by the hundred. What succeeds is not counted: one address may be a town hall, or the proxy before every module.
REFUSALS = "300 per minute"
REFUSALS_OF_CLIENT = "3000 per minute"
_MOST_REMEMBERED = 10_000
_REDIS_LEFT_ALONE = 10.0

log = structlog.get_logger("broker.limits")


class RefusalLimit:
    """Counts refusals at the door for machines. A bucket that is full is remembered here, so that asking costs nothing."""

    def __init__(self, redis_url: str | None) -> None:
        self._from_address = parse(REFUSALS)
        self._of_client = parse(REFUSALS_OF_CLIENT)
        self._own = FixedWindowRateLimiter(MemoryStorage())
        self._shared = FixedWindowRateLimiter(_shared_storage(redis_url)) if redis_url else None
        self._shared_from = 0.0
        self._full_until: dict[str, float] = {}

    def hit(self, bucket: str, *, client: bool) -> int:
        """Count one more, of a `client` or from an address; the seconds to wait once there were too many, else 0."""
        about_to_wait()  # for Redis; and nothing is counted twice
        limit = self._of_client if client else self._from_address
        if self._within(limit, bucket):
            return 0
        if len(self._full_until) >= _MOST_REMEMBERED:
            self._full_until.clear()
        self._full_until[bucket] = time.time() + limit.get_expiry()
        return self.full(bucket)

    def full(self, bucket: str) -> int:
        """The seconds to wait where there were too many, else 0."""
        until = self._full_until.get(bucket)
        if until is None:
            return 0
        left = until - time.time()
        if left > 0:
            return int(left) + 1
        self._full_until.pop(bucket, None)
        return 0

    def _within(self, limit: RateLimitItem, bucket: str) -> bool:
        if self._shared is not None and time.time() >= self._shared_from:
            try:
                return self._shared.hit(limit, "refusals", bucket)
            except self._shared.storage.base_exceptions as error:
                self._shared_from = time.time() + _REDIS_LEFT_ALONE
                log.warning("limits_in_memory", error=type(error).__name__)
        return self._own.hit(limit, "refusals", bucket)


def _shared_storage(redis_url: str) -> Storage:
    """Redis, as `limits` calls it; one that does not answer is no reason to wait."""
    storage = storage_from_string(_storage_uri(redis_url), socket_timeout=1.0, socket_connect_timeout=1.0)
    assert isinstance(storage, Storage)
    return storage


def _storage_uri(redis_url: str) -> str:
    return f"redis+{redis_url}" if redis_url.startswith("unix:") else redis_url


def refusal_limit(settings: Settings) -> RefusalLimit | None:
    """The limit on refusals of this installation; None where limits are off."""
    return RefusalLimit(settings.redis_url) if settings.rate_limits == "on" else None


def init_limits(app: Flask, settings: Settings) -> None:
    """Put the limits on the doors of `app`; call when all of them are registered."""
    limiter = Limiter(
        source_address,
        app=app,
        enabled=settings.rate_limits == "on",
        storage_uri=_storage_uri(settings.redis_url) if settings.redis_url else "memory://",
        in_memory_fallback_enabled=settings.redis_url is not None,
        headers_enabled=True,
        strategy="moving-window",
    )
    app.extensions["poortwachter_limiter"] = limiter  # its decorators hold it weakly only
    for rule in app.url_map.iter_rules():
        for begin, methods, limit in LIMITS:
            if rule.rule.startswith(begin) and set(methods) & (rule.methods or set()):
                view = app.view_functions[rule.endpoint]
                app.view_functions[rule.endpoint] = limiter.limit(limit, methods=list(methods))(view)
