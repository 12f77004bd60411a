"""Reads one OpenID client, whether it stands in the file of its application or in one of policies/clients/."""

import hashlib
import re
from collections.abc import Callable

from broker.catalogue.formats import address, both_languages, choice, client_id, code, variable
from broker.catalogue.found import Entries, Found, list_of, show
from broker.catalogue.model import Client
from broker.catalogue.public_keys import public_keys

APPLICATION = "an application"
CLIENT_ID = "a client id"
OPEN_SCOPES = ("openid", "profile", "vo", "rrn")
_DIGEST = re.compile(r"[0-9a-f]{64}", re.ASCII)
_SHORTEST_SECRET = 32
_WITH_SECRET = ("client_secret_basic", "client_secret_post")


def scope_of(application_code: str) -> str:
    """What the scope of one application is registered as, so that its clients can refer to it."""
    return f"a scope ({', '.join(OPEN_SCOPES)}, or that of {application_code})"


def client_of(application_code: str) -> Callable[[Found], Client]:
    """A reader of one client of this application."""

    def read(found: Found) -> Client:
        entries = Entries(found)
        own_id = entries.required("client_id", client_id)
        if entries.sound("client_id"):
            found.reading.define(CLIENT_ID, own_id, entries.at("client_id"))
        name = entries.required("name", both_languages(80))
        redirect_uris = entries.required("redirect_uris", list_of(address, least=1, most=20))
        post_logout_redirect_uris = entries.optional("post_logout_redirect_uris", list_of(address, most=20), ())
        start_uri = entries.required("start_uri", address)
        authentication = entries.required("authentication", choice("none", *_WITH_SECRET, "private_key_jwt"))
        digests = entries.optional("secret_sha256", list_of(_digest, least=1, most=2), ())
        value = entries.optional("secret_env", variable(_SHORTEST_SECRET), None)
        jwks = entries.optional("jwks", public_keys, None)
        scopes = entries.required("scopes", list_of(_scope_for(application_code), least=1))
        signing_algorithm = entries.optional("signing_algorithm", choice("RS256", "ES256"), "RS256")
        access = entries.optional("access", choice("right", "any_person"), "right")
        consent = entries.optional("consent", choice("none", "once"), "none")
        pkce = entries.optional("pkce", choice("required", "optional"), "required")
        if entries.sound("authentication"):
            _proof_fits(entries, authentication)
        if entries.sound("authentication", "pkce") and authentication == "none" and pkce == "optional":
            entries.mistake("pkce", "optional beside authentication none", "required")
        if entries.sound("scopes") and "openid" not in scopes:
            entries.mistake("scopes", show(" ".join(scopes)), "openid among the scopes")
        entries.close()
        return Client(
            client_id=own_id,
            application_code=application_code,
            name=name,
            redirect_uris=redirect_uris,
            post_logout_redirect_uris=post_logout_redirect_uris,
            start_uri=start_uri,
            authentication=authentication,
            secret_sha256=(hashlib.sha256(value.encode()).hexdigest(),) if value else digests,
            jwks=jwks,
            scopes=scopes,
            signing_algorithm=signing_algorithm,
            access=access,
            consent=consent,
            pkce=pkce,
        )

    return read


def _proof_fits(entries: Entries, authentication: str) -> None:
    """Exactly one proof, of the kind that the authentication needs."""
    given = [key for key in ("secret_sha256", "secret_env", "jwks") if entries.given(key)]
    if authentication in _WITH_SECRET:
        needed = ["secret_sha256", "secret_env"]
    else:
        needed = ["jwks"] if authentication == "private_key_jwt" else []
    for key in given:
        if key not in needed:
            entries.mistake(
                key, f"{key} beside authentication {authentication}", " or ".join(needed) or "no secret, no keys"
            )
    fitting = [key for key in given if key in needed]
    if len(fitting) > 1:
        entries.mistake("secret_env", "secret_env beside secret_sha256", "one of the two")
    if needed and not fitting:
        entries.mistake("authentication", f"{authentication} without a proof", f"{' or '.join(needed)} beside it")


def _digest(found: Found) -> str:
    expected = "a SHA-256 digest: 64 hexadecimal digits"
    text = found.word(expected)
    if not _DIGEST.fullmatch(text):
        raise found.bad(expected, f"{len(text)} signs")
    return text


def _scope_for(application_code: str) -> Callable[[Found], str]:
    def read(found: Found) -> str:
        scope = code(100)(found)
        if scope not in OPEN_SCOPES:
            found.reading.refer(scope_of(application_code), scope, found, owner=(APPLICATION, application_code))
        return scope

    return read
