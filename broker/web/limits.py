"""How often one source may knock: the table of limits, and where they are counted.

Owns limits by source address on the few doors that cost something. Counted in Redis where there is one, in memory when
there is none or it is down (threats rule 7: a limit may fall back, a single-use value may not). Limits by person, address
or pool are rules of access/. Off only by BROKER_RATE_LIMITS=off, in development.
"""

from flask import Flask
from flask_limiter import Limiter

from broker.settings import Settings
from broker.web.requests import source_address

# (begin of the address, methods, limit a source). Wide enough for a town hall behind one address.
LIMITS: tuple[tuple[str, tuple[str, ...], str], ...] = (
    ("/user/aanvraag", ("POST",), "120 per 10 minutes"),
    ("/link", ("POST",), "60 per 10 minutes"),
    ("/link", ("GET",), "300 per 10 minutes"),
    ("/aanvraag", ("POST",), "60 per 10 minutes"),
    ("/verantwoordelijke", ("POST",), "20 per hour;60 per day"),
    ("/aanmelden", ("POST",), "120 per 10 minutes"),
    ("/aanmelden", ("GET",), "600 per 10 minutes"),
    ("/op/v1/token", ("POST",), "1200 per minute"),
)


def init_limits(app: Flask, settings: Settings) -> None:
    """Put the limits on the doors of `app`; call when all of them are registered."""
    limiter = Limiter(
        source_address,
        app=app,
        enabled=settings.rate_limits == "on",
        storage_uri=settings.redis_url or "memory://",
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
