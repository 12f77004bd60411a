"""Whether this node lives, and whether it can serve: what a balancer asks.

Owns /health/live (the process answers) and /health/ready (and what it needs is there). Says nothing of what is in the
database beyond counts and ages.
"""

from flask import Blueprint, Response, jsonify
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from broker import clock, schema
from broker.access.catalogue_applied import is_applied
from broker.audit.seals import seconds_unsealed
from broker.database import db
from broker.installation import installation
from broker.keys.signing_keys import published_keys
from broker.notifications.outbox_message import OutboxMessage

LONGEST_OUTBOX_LAG = 15 * 60
LONGEST_SEAL_LAG = 10

blueprint = Blueprint("health", __name__, url_prefix="/health")


@blueprint.get("/live")
def live() -> Response:
    """The process answers."""
    return Response("ok\n", mimetype="text/plain")


@blueprint.get("/ready")
def ready() -> Response:
    """200 when this node can serve, else 503; which check failed stands in the document."""
    checks = _checks()
    failed = sorted(name for name, fine in checks.items() if fine is not True)
    response = jsonify(
        status="unready" if failed else "ready",
        failed=failed,
        checks=checks,
        catalogue=installation().catalogue.fingerprint,
    )
    response.status_code = 503 if failed else 200
    return response


def _checks() -> dict[str, bool]:
    checks = {"database": False}
    try:
        revision = schema.current_revision(db.session.connection())
        checks["database"] = True
        checks["migrated"] = revision == schema.newest_revision()
        if checks["migrated"]:
            checks["signing_key"] = any(key.state(clock.now()) == "signing" for key in published_keys(db.session()))
            checks["catalogue_applied"] = is_applied(db.session(), installation().catalogue)
            checks["outbox"] = outbox_lag() <= LONGEST_OUTBOX_LAG
            checks["audit_sealed"] = seconds_unsealed(db.session()) <= LONGEST_SEAL_LAG
    except SQLAlchemyError:
        checks["database"] = False
    return checks


def outbox_lag() -> float:
    """How long the oldest message that is due has been waiting, in seconds."""
    oldest = db.session.scalar(
        select(func.min(OutboxMessage.next_attempt_at)).where(OutboxMessage.status.in_(("pending", "leased")))
    )
    return max(0.0, (clock.now() - oldest).total_seconds()) if oldest else 0.0
