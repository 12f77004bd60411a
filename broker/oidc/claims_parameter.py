"""ClaimsParameter: the single claims that an authorization request asks for (OpenID Connect Core, 5.5).

Owns reading and judging it. What is unknown here, or lies outside the scopes of the client's policy, is left out and never
an error (5.5, 5.5.1); what is no request at all is refused. Does not own which claims there are (`claims`).
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from authlib.oauth2.rfc6749 import InvalidRequestError

from broker.catalogue import Catalogue, Client
from broker.oidc.claims import OF_SIGN_IN, claims_of_scopes

_PLACES = ("id_token", "userinfo")
_MEMBERS = {"essential": bool, "values": list}


@dataclass(frozen=True, slots=True)
class ClaimsParameter:
    """What was asked, as far as this client may ask it.

    `subjects`: whom the answer may be about; empty where anybody will do. `acr_values`: what the sign-in should reach;
    `acr_essential`: that nothing less will do. That auth_time is essential asks nothing: it is always there.
    """

    id_token: tuple[str, ...] = ()
    userinfo: tuple[str, ...] = ()
    subjects: tuple[str, ...] = ()
    acr_values: tuple[str, ...] = ()
    acr_essential: bool = False

    @property
    def stored(self) -> dict[str, list[str]] | None:
        """As the session keeps it; None where no claim was asked for."""
        kept = {"id_token": list(self.id_token), "userinfo": list(self.userinfo)}
        return {place: names for place, names in kept.items() if names} or None


def read_claims_parameter(text: str | None, client: Client, catalogue: Catalogue) -> ClaimsParameter:
    """The parameter `claims` of an authorization request; nothing asked where it is absent.

    Raises:
        InvalidRequestError: not a JSON object of requests for claims, or one that asks for two subjects at once.
    """
    if not text:
        return ClaimsParameter()
    asked = _asked(text)
    known = claims_of_scopes(client.scopes, catalogue.applications[client.application_code]) | set(OF_SIGN_IN)
    acr = [wish["acr"] for wish in asked.values() if "acr" in wish]
    return ClaimsParameter(
        id_token=tuple(sorted(known & asked["id_token"].keys())),
        userinfo=tuple(sorted(known & asked["userinfo"].keys())),
        subjects=_subjects([wish["sub"] for wish in asked.values() if "sub" in wish]),
        acr_values=tuple(dict.fromkeys(value for each in acr for value in _values(each))),
        acr_essential=any(each.get("essential") is True for each in acr if _values(each)),
    )


def _asked(text: str) -> dict[str, dict[str, dict[str, Any]]]:
    """By place and claim, what is asked of it; every member of the form of 5.5.1."""
    try:
        given = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise _refused() from error
    if not isinstance(given, dict):
        raise _refused()
    return {place: {name: _wish(wish) for name, wish in _object(given.get(place)).items()} for place in _PLACES}


def _object(given: Any) -> dict[str, Any]:
    """An object; null asks for nothing in particular."""
    if given is not None and not isinstance(given, dict):
        raise _refused()
    return given or {}


def _wish(given: Any) -> dict[str, Any]:
    """What is asked of one claim; what we read of it is of its type."""
    wish = _object(given)
    if any(not isinstance(wish[name], kind) for name, kind in _MEMBERS.items() if name in wish):
        raise _refused()
    return wish


def _values(wish: dict[str, Any]) -> tuple[str, ...]:
    """The values that are wished for; those that are no text fit nothing here."""
    given: Iterable[Any] = wish["values"] if "values" in wish else (wish.get("value"),)
    return tuple(each for each in given if isinstance(each, str))


def _subjects(wishes: list[dict[str, Any]]) -> tuple[str, ...]:
    """Whom all of the wishes allow."""
    pinned = [_values(wish) for wish in wishes if "value" in wish or "values" in wish]
    if not pinned:
        return ()
    allowed = tuple(each for each in pinned[0] if all(each in others for others in pinned))
    if not allowed:
        raise _refused()
    return allowed


def _refused() -> InvalidRequestError:
    return InvalidRequestError(description="The claims parameter cannot be read.")
