"""One request at a time: to sign in, to get what a path starts from, and to look at an answer as a careful client would.

Nothing that is measured goes through here.
"""

import base64
import hashlib
import http.client
import json
import secrets
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, quote, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import KeySet

from benchmarks.door import REDIRECT_URI, Door

VERIFIER = "a-verifier-of-the-benchmarks-0123456789-abcdefghijk"
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
FORM = "application/x-www-form-urlencoded"


class UnsoundAnswerError(Exception):
    """A contestant answered otherwise than it should; the message says what and how."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. `cookies` as a Cookie header would send them."""

    status: int
    headers: http.client.HTTPMessage
    body: str

    @property
    def json(self) -> dict[str, Any]:
        """The body, which must be an object."""
        try:
            read = json.loads(self.body)
        except ValueError as error:
            raise UnsoundAnswerError(f"no JSON but {self.status} {self.body[:300]}") from error
        if not isinstance(read, dict):
            raise UnsoundAnswerError(f"no JSON object but {self.body[:300]}")
        return read

    @property
    def cookies(self) -> dict[str, str]:
        """The cookies that it sets."""
        set_cookies = self.headers.get_all("Set-Cookie") or []
        pairs = (each.split(";", 1)[0].partition("=") for each in set_cookies)
        return {name: value for name, _, value in pairs}


def ask(
    base: str,
    path: str,
    *,
    form: dict[str, str] | None = None,
    send_json: Any = None,
    method: str | None = None,
    **headers: str,
) -> Answer:
    """Send one request; a keyword `content_type` is the header Content-Type."""
    parts = urlsplit(base)
    assert parts.hostname is not None
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=30)
    own = {name.replace("_", "-"): value for name, value in headers.items()}
    body = None
    if form is not None:
        body, own["Content-Type"] = urlencode(form), FORM
    if send_json is not None:
        body, own["Content-Type"] = json.dumps(send_json), "application/json"
    try:
        connection.request(method or ("GET" if body is None else "POST"), path, body, own)
        response = connection.getresponse()
        return Answer(response.status, response.headers, response.read().decode())
    finally:
        connection.close()


def cookie_header(cookies: dict[str, str]) -> str:
    """The header Cookie."""
    return "; ".join(f"{name}={value}" for name, value in cookies.items())


def authorize_path(door: Door, serial: str) -> str:
    """The authorization request; `serial` is put in as it is, as state and nonce."""
    parameters = {
        "client_id": door.code_client.client_id,
        "redirect_uri": REDIRECT_URI,
        "response_type": "code",
        "scope": door.scope,
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
    }
    asked = urlencode(parameters, quote_via=quote)
    return f"{door.addresses.authorize}?{asked}&state={serial}&nonce={serial}{door.more_for_authorize}"


def code_of(door: Door, cookie: str) -> tuple[str, int]:
    """A code for the person of `cookie`, and the status with which it came."""
    serial = secrets.token_hex(12)
    answer = ask(door.base, authorize_path(door, serial), cookie=cookie)
    found = parse_qs(urlsplit(answer.headers.get("Location", "")).query)
    if answer.status not in (302, 303) or "code" not in found or found.get("state") != [serial]:
        raise UnsoundAnswerError(
            f"no code but {answer.status} {answer.headers.get('Location')} {answer.body[:600]}\n{door.program.tail()}"
        )
    return found["code"][0], answer.status


def tokens_of(door: Door, cookie: str) -> dict[str, Any]:
    """The tokens of a whole sign-in of the person of `cookie`."""
    answer = ask(
        door.base,
        door.addresses.token,
        form={
            "grant_type": "authorization_code",
            "code": code_of(door, cookie)[0],
            "redirect_uri": REDIRECT_URI,
            "code_verifier": VERIFIER,
        },
        authorization=door.code_client.authorization,
    )
    if answer.status != 200:
        raise UnsoundAnswerError(f"no tokens but {answer.status} {answer.body[:600]}\n{door.program.tail()}")
    return answer.json


def own_token_more(door: Door, algorithm: str) -> str:
    """What this contestant wants to hear besides, as the end of a form."""
    more = door.more_for_machines.get(algorithm, "")
    return f"&{more}" if more else ""


def keys_of(door: Door, algorithm: str = "") -> KeySet:
    """The public keys of a contestant, for tokens with `algorithm`."""
    if algorithm in door.unpublished_keys:
        return door.unpublished_keys[algorithm]
    published: Any = ask(door.base, door.jwks_address_of.get(algorithm, door.addresses.jwks)).json
    return KeySet.import_key_set(published)


def checked_claims(door: Door, token: str, algorithm: str, keys: KeySet, audience: str | None = None) -> dict[str, Any]:
    """The claims of a signed token, after checking what a relying party must check.

    Raises:
        UnsoundAnswerError: one of them fails.
    """
    read = jwt.decode(token, keys, algorithms=[algorithm])
    claims: dict[str, Any] = read.claims
    now = time.time()
    audiences = claims.get("aud")
    audiences = audiences if isinstance(audiences, list) else [audiences]
    sound = (
        read.header.get("alg") == algorithm
        and claims.get("iss") == door.issuer_of.get(algorithm, door.issuer)
        and now - 60 <= claims.get("iat", 0) <= now + 5
        and claims.get("exp", 0) > now
        and (audience is None or audience in audiences)
    )
    if not sound:
        raise UnsoundAnswerError(f"a token that does not hold: {read.header} {claims}")
    return claims
