"""/op/v1/holders: an application asks, for itself, who of its people still has a right in it (decisions 2).

An end of a right is told at once (`event_stream`, `backchannel_logout`); what got lost on the way is found by asking. Only a client
whose policy says `asks_holders`, only of its own application, at most a hundred people at a time, named by the `sub` that it knows
them by; the answer holds that `sub`, the right and the code of the organisation, and nothing else. Who has no right and who is not
known at all are the same answer.
"""

import re
from typing import TYPE_CHECKING, Any

from authlib.oauth2.rfc6749 import InvalidRequestError, UnauthorizedClientError

from broker.access.holders_of import AT_ONCE, holders_of
from broker.database import perform
from broker.oidc.authenticate_client import TooManyRefusalsError
from broker.oidc.machine_door import MachineAnswer, MachineRequest, json_answer

if TYPE_CHECKING:
    from broker.oidc.provider import Provider

_SUB = re.compile(r"[0-9a-f]{40}", re.ASCII)


def holders(provider: "Provider", request: MachineRequest) -> MachineAnswer:
    """The rights that count now of the people in `subs`, who stand there separated by spaces; and apart those that rest, which let
    nobody in.

    Raises:
        OAuth2Error: the client did not prove itself, may not ask, asks too often, or names nobody or too many.
    """
    client = provider.authenticated_client(request, "holders").policy
    if not client.asks_holders:
        raise UnauthorizedClientError(description="The policy of this client does not let it ask.")
    _count(provider, client.client_id)
    subs = set(request.form.get("subs", "").split())
    if not subs or len(subs) > AT_ONCE or not all(map(_SUB.fullmatch, subs)):
        raise InvalidRequestError(description=f"Name from 1 to {AT_ONCE} people in subs.")
    catalogue = provider.installed.catalogue
    found = perform(holders_of, catalogue, catalogue.applications[client.application_code], subs)
    told: dict[str, list[dict[str, str]]] = {"holders": [], "resting": []}
    for each in found:
        said = {"sub": each.sub, "right": each.right, "organisation": each.organisation_code}
        told["resting" if each.resting else "holders"].append(said)
    return json_answer(told)


def metadata(provider: "Provider") -> dict[str, Any]:
    """What discovery says of it: our own word, as no specification has one. A client proves itself as at the token endpoint."""
    return {"holders_endpoint": provider.address("holders")}


def _count(provider: "Provider", client_id: str) -> None:
    """As often as one address may be refused, and no more."""
    bucket = f"holders {client_id}"
    wait = provider.refusals.hit(bucket, client=False) if provider.refusals is not None else 0
    if wait:
        raise TooManyRefusalsError(wait)
