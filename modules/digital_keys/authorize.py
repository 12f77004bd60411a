"""The page of each digital key where a test person is picked (OpenID Connect Core §3.1.2, RFC 9207).

Owns: checking what the client asks, the page, the answer to the client. Does not own codes (codes.py).
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlencode

from flask import Blueprint, abort, make_response, redirect, render_template, request
from stdnum.be import ssn
from werkzeug.wrappers import Response

from modules.digital_keys.behaviour import Behaviour
from modules.digital_keys.codes import SignIn
from modules.digital_keys.provider import Provider
from modules.digital_keys.state import provider_or_404, state

blueprint = Blueprint("authorize", __name__)

_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")


@dataclass(frozen=True)
class Asked:
    """What the client asked, once it is known who asks and where the answer may go."""

    client_id: str
    redirect_uri: str
    state: str | None
    nonce: str | None
    code_challenge: str
    claims: Mapping[str, tuple[str, ...]]
    reference: str


@blueprint.get("/<code>/authorize")
def ask(code: str) -> Response:
    """Show the page, or send the client the error that its request deserves."""
    provider, behaviour = provider_or_404(code)
    asked, error = _read_request(provider)
    if error:
        return _answer(provider, behaviour, asked, {"error": error})
    return _page(provider, {}, {}, 200)


@blueprint.post("/<code>/authorize")
def answer(code: str) -> Response:
    """Send the person back to the client: with a code, or with `access_denied` after a cancel."""
    provider, behaviour = provider_or_404(code)
    asked, error = _read_request(provider)
    if error:
        return _answer(provider, behaviour, asked, {"error": error})
    if request.form.get("answer") != "sign_in":
        return _answer(provider, behaviour, asked, {"error": "access_denied"})
    typed = {name: value.strip() for name, value in request.form.items()}
    person, errors = _chosen_person(typed)
    if errors:
        return _page(provider, typed, errors, 422)
    sign_in = SignIn(
        provider=provider.code,
        client_id=asked.client_id,
        redirect_uri=asked.redirect_uri,
        nonce=asked.nonce,
        code_challenge=asked.code_challenge,
        given_name=person["given_name"],
        family_name=person["family_name"],
        national_number=person["national_number"],
        email=person["email"] or None,
        acr=_chosen_acr(provider, typed),
        at=datetime.now(UTC),
        claims_asked=asked.claims,
    )
    return _answer(provider, behaviour, asked, {"code": state().sign_ins.issue_code(sign_in)})


def _read_request(provider: Provider) -> tuple[Asked, str | None]:
    """Who asks what. A client or address that is not registered gets no redirect: 400 on the spot. So does a reference that
    stands for nothing, or for the request of another.
    """
    given: Mapping[str, str] = request.args
    client = state().clients.get(provider.code, {}).get(given.get("client_id", ""))
    reference = given.get("request_uri", "")
    if client is not None and reference:
        pushed = state().pushed.find(reference)
        if pushed is None or (pushed.provider, pushed.client_id) != (provider.code, client.client_id):
            abort(400)
        given = pushed.parameters
    redirect_uri = given.get("redirect_uri", "")
    if client is None or redirect_uri not in client.redirect_uris:
        abort(400)
    challenge = given.get("code_challenge", "")
    asked = Asked(
        client_id=client.client_id,
        redirect_uri=redirect_uri,
        state=given.get("state"),
        nonce=given.get("nonce"),
        code_challenge=challenge,
        claims=_claims_asked(given.get("claims", "{}")),
        reference=reference,
    )
    if client.must_push and not reference:
        return asked, "invalid_request"
    if given.get("response_type") != "code":
        return asked, "unsupported_response_type"
    if "openid" not in given.get("scope", "").split():
        return asked, "invalid_scope"
    if given.get("code_challenge_method") != "S256" or not _CHALLENGE.fullmatch(challenge):
        return asked, "invalid_request"
    if given.get("prompt") == "none":
        return asked, "login_required"
    return asked, None


def _claims_asked(parameter: str) -> dict[str, tuple[str, ...]]:
    """Which claims the client asks by name, for the ID token and for userinfo (OpenID Connect Core §5.5)."""
    try:
        value = json.loads(parameter)
    except ValueError:
        return {}
    if not isinstance(value, dict):
        return {}
    return {place: tuple(value[place]) for place in ("id_token", "userinfo") if isinstance(value.get(place), dict)}


def _answer(provider: Provider, behaviour: Behaviour, asked: Asked, parameters: dict[str, str]) -> Response:
    state().pushed.forget(asked.reference)
    if asked.state is not None:
        parameters["state"] = asked.state
    if behaviour.response_issuer is not None:
        parameters["iss"] = behaviour.response_issuer or provider.issuer(state().settings.base_url)
    joined = "&" if "?" in asked.redirect_uri else "?"
    return redirect(f"{asked.redirect_uri}{joined}{urlencode(parameters)}", 303)


def _chosen_person(typed: dict[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    known = state().people.get(typed.get("person", ""))
    if known is not None:
        return {
            "given_name": known.given_name,
            "family_name": known.family_name,
            "national_number": known.national_number,
            "email": known.email or "",
        }, {}
    if typed.get("person") != "other":
        return {}, {"person": "Kies een testpersoon, of kies ‘Iemand anders’ en vul de gegevens in."}
    errors = {}
    if not typed.get("given_name"):
        errors["given_name"] = "Vul een voornaam in."
    if not typed.get("family_name"):
        errors["family_name"] = "Vul een familienaam in."
    number = ssn.compact(typed.get("national_number", ""))
    if not ssn.is_valid(number):
        errors["national_number"] = "Dit nummer klopt niet. Een rijksregisternummer of BIS-nummer heeft 11 cijfers."
    return {
        "given_name": typed.get("given_name", ""),
        "family_name": typed.get("family_name", ""),
        "national_number": number,
        "email": typed.get("email", ""),
    }, errors


def _chosen_acr(provider: Provider, typed: dict[str, str]) -> str | None:
    chosen = typed.get("acr", provider.acr_values[0])
    if chosen == "none":
        return None
    return (typed.get("acr_other") or None) if chosen == "other" else chosen


def _page(provider: Provider, typed: dict[str, str], errors: dict[str, str], status: int) -> Response:
    page = render_template(
        "digital_keys/authorize.html",
        provider=provider,
        people=list(state().people.values()),
        typed=typed,
        errors=errors,
    )
    return make_response(page, status)
