"""Figures for Prometheus: how many requests, how fast, and what waits in the outbox.

Owns /metrics, open only to who holds BROKER_METRICS_TOKEN; without that setting it does not exist. No label names a person,
an organisation or an address.
"""

import hmac
import os
import time

from flask import Blueprint, Flask, Response, abort, g, request
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    REGISTRY,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
)
from prometheus_client.multiprocess import MultiProcessCollector
from sqlalchemy import func, select

from broker.audit.seals import seconds_unsealed
from broker.database import db
from broker.installation import installation
from broker.notifications.outbox_message import OutboxMessage
from broker.web.health import outbox_lag

REQUESTS = Counter("poortwachter_requests", "Requests answered.", ["endpoint", "method", "status"])
SECONDS = Histogram(
    "poortwachter_request_seconds",
    "How long a request took.",
    ["endpoint"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5),
)
OUTBOX = Gauge("poortwachter_outbox_messages", "Messages in the outbox.", ["status"], multiprocess_mode="mostrecent")
OUTBOX_LAG = Gauge(
    "poortwachter_outbox_lag_seconds", "How long the oldest due message waits.", multiprocess_mode="mostrecent"
)
SEAL_LAG = Gauge(
    "poortwachter_audit_unsealed_seconds", "How long the oldest unsealed event waits.", multiprocess_mode="mostrecent"
)

# A method is whatever a caller writes; only these are told apart, so that nobody can fill the memory with others.
_METHODS = frozenset({"GET", "HEAD", "POST", "OPTIONS", "PUT", "PATCH", "DELETE"})
_series: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}

blueprint = Blueprint("metrics", __name__)


def init_metrics(app: Flask) -> None:
    """Count every request of `app`."""

    def begin() -> None:
        g.measured_from = time.perf_counter()

    def count(response: Response) -> Response:
        seconds = time.perf_counter() - g.measured_from if "measured_from" in g else 0.0
        observe(request.endpoint or "none", request.method, response.status_code, seconds)
        return response

    app.before_request(begin)
    app.after_request(count)


def observe(endpoint: str, method: str, status: int, seconds: float) -> None:
    """Count one answer, of a page or of the door for machines."""
    key = (endpoint, method if method in _METHODS else "other", status)
    found = _series.get(key)
    if found is None:
        found = _series[key] = (REQUESTS.labels(*key[:2], str(status)), SECONDS.labels(endpoint))
    found[0].inc()
    found[1].observe(seconds)


@blueprint.get("/metrics")
def metrics() -> Response:
    """All figures of this node, to the bearer of the token."""
    token = installation().settings.metrics_token
    if token is None:
        abort(404)
    if not hmac.compare_digest(request.headers.get("Authorization", "").encode(), f"Bearer {token}".encode()):
        return Response("a bearer token is needed\n", 401, {"WWW-Authenticate": "Bearer"}, mimetype="text/plain")
    for status, number in db.session.execute(select(OutboxMessage.status, func.count()).group_by(OutboxMessage.status)):
        OUTBOX.labels(status).set(number)
    OUTBOX_LAG.set(outbox_lag())
    SEAL_LAG.set(seconds_unsealed(db.session()))
    return Response(generate_latest(_registry()), content_type=CONTENT_TYPE_LATEST)


def _registry() -> CollectorRegistry:
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return REGISTRY
    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return registry
