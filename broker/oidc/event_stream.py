"""Security events (RFC 8417) pushed (RFC 8935) to applications that asked for them: CAEP 1.0 over SSF 1.0.

Owns the channel "event" of the outbox, what an event says, and the metadata of the transmitter. The streams stand in the
policies, so there is nothing to manage by an API: what is not offered is not in the metadata. Does not own when something
is told (`authentication.tell_applications`) nor the retries (notifications/).
"""

import json
import uuid
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy.orm import Session

from broker import clock
from broker.access.live_rights import live_rights
from broker.authentication.tell_applications import TOKEN_CLAIMS_CHANGE
from broker.authentication.verify_stream import VERIFICATION
from broker.catalogue import Client
from broker.database import db
from broker.installation import Installation
from broker.notifications.channels import HandOver
from broker.notifications.outbox_message import OutboxMessage
from broker.notifications.post import RefusedError
from broker.oidc.backchannel_logout import signed_for
from broker.oidc.call_receiver import call_receiver
from broker.oidc.event_words import words_of
from broker.oidc.kept_document import KeptDocument
from broker.oidc.machine_door import MachineAnswer, MachineRequest
from broker.oidc.rights_claim import rights_claim

if TYPE_CHECKING:
    from broker.oidc.provider import Provider

EVENT_TYPE = "secevent+jwt"
CAEP = "https://schemas.openid.net/secevent/caep/event-type/"
SSF = "https://schemas.openid.net/secevent/ssf/event-type/"
PUSH = "urn:ietf:rfc:8935"

_TAKEN = (200, 202, 204)  # RFC 8935, 2.2 says 202; a receiver that says it took it otherwise, took it
_ERRORS = (
    "invalid_request",
    "invalid_key",
    "invalid_issuer",
    "invalid_audience",
    "authentication_failed",
    "access_denied",
)
_METADATA_MAX_AGE = 300
_document = KeptDocument(_METADATA_MAX_AGE)


def prepare_event(provider: "Provider", installation: Installation, message: OutboxMessage) -> HandOver | None:
    """The security event of one message, ready to leave; None where the policy no longer asks for it."""
    client = installation.catalogue.clients.get(message.recipient or "")
    if client is None or client.events is None:
        return None
    if message.template != VERIFICATION and message.template not in client.events.requested:
        return None
    stream, facts = client.events, message.facts or {}
    claims = {
        "iss": provider.issuer,
        "aud": client.client_id,
        "iat": int(clock.now().timestamp()),
        "jti": str(message.id),
        **_what(provider, client, message.template, facts),
    }
    token = signed_for(provider, client, claims, EVENT_TYPE)
    headers = {"Content-Type": f"application/{EVENT_TYPE}", "Accept": "application/json"}
    if stream.secret:
        headers["Authorization"] = f"Bearer {stream.secret}"

    def send() -> None:
        answer = call_receiver(installation, client, stream.endpoint, headers, token, _TAKEN)
        if answer.status == 400:
            raise RefusedError(f"status_400:{_error_code(answer.body)}")

    return send


def ssf_configuration(provider: "Provider", request: MachineRequest) -> MachineAnswer:
    """The metadata of the transmitter (SSF 1.0, 7.1), exactly what is true of it. From memory; no statement."""
    return _document.answer(request, provider.issuer, lambda: ssf_metadata(provider))


def ssf_metadata(provider: "Provider") -> dict[str, Any]:
    """Its members. Who is told of whom follows from rights alone: nobody adds or removes subjects."""
    return {
        "spec_version": "1_0",
        "issuer": provider.issuer,
        "jwks_uri": provider.address("keys"),
        "delivery_methods_supported": [PUSH],
        "default_subjects": "ALL",
    }


def _what(provider: "Provider", client: Client, template: str, facts: dict[str, Any]) -> dict[str, Any]:
    if template == VERIFICATION:
        return {
            "sub_id": {"format": "opaque", "id": client.client_id},
            "events": {f"{SSF}{VERIFICATION}": {"state": facts["state"]}},
        }
    initiator, words = words_of(facts["reason"])
    event: dict[str, Any] = {
        "event_timestamp": int(datetime.fromisoformat(facts["at"]).timestamp()),
        "initiating_entity": initiator,
        "reason_admin": {"nl": words.nl, "en": words.en},
    }
    if template == TOKEN_CLAIMS_CHANGE:
        event["claims"] = _claims_now(provider, client, facts)
    return {"sub_id": _subject(provider, facts), "events": {f"{CAEP}{template}": event}}


def _subject(provider: "Provider", facts: dict[str, Any]) -> dict[str, Any]:
    """Somebody, for one organisation, in one session (SSF 1.0, 3; RFC 9493): as much of it as is meant."""
    subject: dict[str, Any] = {
        "format": "complex",
        "user": {"format": "iss_sub", "iss": provider.issuer, "sub": facts["sub"]},
    }
    for member, fact in (("tenant", "organisation_code"), ("session", "sid")):
        if fact in facts:
            subject[member] = {"format": "opaque", "id": facts[fact]}
    return subject


def _claims_now(provider: "Provider", client: Client, facts: dict[str, Any]) -> dict[str, list[str]]:
    """The claim of the application as a token would hold it at this moment; empty when nothing is left."""
    catalogue = provider.installed.catalogue
    application = catalogue.applications[client.application_code]
    person, organisation = uuid.UUID(facts["person"]), uuid.UUID(facts["organisation"])
    with Session(db.engine) as reading:
        rights = live_rights(reading, catalogue, person, application.code)
    here = [right for right in rights if right.organisation_id == organisation]
    return {application.claim: rights_claim(application, here)}


def _error_code(body: bytes) -> str:
    """The code of RFC 8935, 2.4 in an answer; whatever else stands there is not ours to keep."""
    try:
        given = json.loads(body).get("err")
    except (ValueError, AttributeError, RecursionError):
        return "none"
    return given if given in _ERRORS else "other"
