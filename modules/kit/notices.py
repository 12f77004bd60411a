"""Where the broker speaks to the application without a browser: somebody is signed out, or a right has changed.

Owns: the two addresses `/afmelden/melding` (OpenID Back-Channel Logout 1.0) and `/meldingen` (push of security events, RFC 8935,
with the events of CAEP 1.0), and their answers. Neither looks at a cookie, so neither needs a form's token. Does not own the
checks on a token (tokens.py) nor what a notice does (end_by_notice.py).
"""

import hmac
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog
from flask import Blueprint, Response, jsonify, request

from modules.kit.database import BusyError, database
from modules.kit.end_by_notice import Notice, Subject, carry_out, heard_before
from modules.kit.outgoing import BrokerUnreachableError
from modules.kit.person import NotAPersonError, read_rights
from modules.kit.state import kit
from modules.kit.tokens import EVENT_SECONDS, NOTICE_SECONDS, Claims, TokenRefusedError

log = structlog.get_logger("modules.kit")
blueprint = Blueprint("kit_notices", __name__)

EVENT_MEDIA_TYPE = "application/secevent+jwt"
SESSION_REVOKED = "https://schemas.openid.net/secevent/caep/event-type/session-revoked"
CLAIMS_CHANGED = "https://schemas.openid.net/secevent/caep/event-type/token-claims-change"
_ERRORS = {
    "issuer": "invalid_issuer",
    "audience": "invalid_audience",
    "unknown_key": "invalid_key",
    "signature": "invalid_key",
    "algorithm": "invalid_key",
}
"""RFC 8935 §2.4; whatever else is wrong is `invalid_request`."""


@blueprint.post("/afmelden/melding")
def hear_logout() -> Response:
    """Back-channel logout. A session that is not known here is no mistake: its sign-in may still be under way."""
    given = request.form.getlist("logout_token")
    if len(given) != 1:
        return _answer(400, error="invalid_request", error_description="one logout_token")
    try:
        claims = kit().verifier.logout_token(given[0])
        notice = Notice(
            id=f"logout {claims['jti']}",
            repeatable_until=_instant(claims["iat"]) + timedelta(seconds=2 * NOTICE_SECONDS),
            subject=Subject(claims.get("sid"), claims.get("sub"), None, _instant(claims["iat"])),
            ends=True,
        )
        _carry_out(notice)
    except TokenRefusedError as error:
        log.warning("logout token refused", reason=str(error))
        return _answer(400, error="invalid_request", error_description=str(error))
    except (BrokerUnreachableError, BusyError):
        return _answer(503, error="temporarily_unavailable", error_description="try again")
    return _answer(200)


@blueprint.post("/meldingen")
def hear_event() -> Response:
    """One security event. What we do not know we acknowledge: it is not for us to judge what the broker sends."""
    secret = kit().settings.events_secret
    if not secret:
        return _answer(404, err="invalid_request", description="no events are expected here")
    if not hmac.compare_digest(request.headers.get("Authorization", "").encode(), f"Bearer {secret}".encode()):
        return _answer(401, err="authentication_failed", description="another bearer")
    if request.mimetype != EVENT_MEDIA_TYPE:
        return _answer(400, err="invalid_request", description=f"expected {EVENT_MEDIA_TYPE}")
    try:
        claims = kit().verifier.event_token(request.get_data().decode("ascii", "replace"))
        for kind in (SESSION_REVOKED, CLAIMS_CHANGED):
            if kind in claims["events"]:
                _hear(claims, kind)
    except TokenRefusedError as error:
        log.warning("event refused", reason=str(error))
        return _answer(400, err=_ERRORS.get(str(error), "invalid_request"), description=str(error))
    except (BrokerUnreachableError, BusyError):
        return _answer(503, err="temporarily_unavailable", description="try again")
    return _answer(202)


def _hear(claims: Claims, kind: str) -> None:
    notice = Notice(
        id=f"{kind} {claims['jti']}",
        repeatable_until=_instant(claims["iat"]) + timedelta(seconds=EVENT_SECONDS + NOTICE_SECONDS),
        subject=_subject(claims, claims["events"][kind]),
        ends=kind == SESSION_REVOKED,
    )
    if kind == CLAIMS_CHANGED and not heard_before(database().reading(), notice.id):
        _tell(notice.subject, claims["events"][kind])  # before it is noted as heard: what fails is sent again
    _carry_out(notice)


def _tell(subject: Subject, event: Mapping[str, Any]) -> None:
    """Tell the application, where it wants to hear it. A sign-out is no change of rights: for that the hook stays silent."""
    application = kit().application
    if application.on_rights_changed is None or subject.sub is None:
        return
    left: frozenset[str] | None = None
    told = _part(event, "claims").get(application.rights_claim)
    if subject.organisation_code is not None and told is not None:
        try:
            left = read_rights(told, application.context, subject.organisation_code)
        except NotAPersonError as error:
            raise TokenRefusedError("claims") from error
    application.on_rights_changed(subject.sub, subject.organisation_code, left)


def _carry_out(notice: Notice) -> None:
    touched = database().perform(carry_out, notice)
    kit().verifier.forget(sid=notice.subject.sid, sub=notice.subject.sub)
    log.info("notice heard", ends=notice.ends, sessions=touched)


def _subject(claims: Claims, event: Mapping[str, Any]) -> Subject:
    """Whom the event is about (RFC 9493; SSF 1.0 §3): a person by issuer and subject, a session and an organisation by their id.

    Raises:
        TokenRefusedError: nobody whom we could know.
    """
    sub_id = claims.get("sub_id")
    parts = sub_id if isinstance(sub_id, dict) else {}
    if parts.get("format") != "complex":
        parts = {"user": parts}
    user = _part(parts, "user")
    sid = _text(_part(parts, "session").get("id"))
    sub = _text(user.get("sub")) if user.get("iss") == kit().broker.issuer else None
    if sid is None and sub is None:
        raise TokenRefusedError("subject")
    happened = event.get("event_timestamp")
    at = happened if type(happened) is int and happened <= claims["iat"] else claims["iat"]
    return Subject(sid, sub, _text(_part(parts, "tenant").get("id")), _instant(at))


def _part(parts: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    part = parts.get(name)
    return part if isinstance(part, dict) else {}


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and 0 < len(value) <= 255 else None


def _instant(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _answer(status: int, **body: str) -> Response:
    response = jsonify(body) if body else Response()
    response.status_code = status
    response.headers["Cache-Control"] = "no-store"
    return response
