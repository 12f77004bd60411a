"""Reads one OpenID client, whether it stands in the file of its application or in one of policies/clients/.

Owns its keys and their formats; how they go together is `client_fits`.
"""

import hashlib
import re
from collections.abc import Callable

from broker.catalogue.client_fits import check_client
from broker.catalogue.formats import address, both_languages, choice, client_id, code, truth, variable
from broker.catalogue.found import Entries, Found, list_of
from broker.catalogue.model import Client, EventStream
from broker.catalogue.public_keys import public_keys
from broker.keys.jose import ALGORITHMS

APPLICATION = "an application"
CLIENT_ID = "a client id"
OPEN_SCOPES = ("openid", "profile", "email", "phone", "vo", "rrn", "offline_access")
GRANT_TYPES = ("authorization_code", "refresh_token", "client_credentials", "token_exchange")
EVENTS = ("session-revoked", "token-claims-change")
_DIGEST = re.compile(r"[0-9a-f]{64}", re.ASCII)
_SHORTEST_SECRET = 32
_AUTHENTICATION = ("none", "client_secret_basic", "client_secret_post", "private_key_jwt")


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
        value = entries.optional("secret_env", variable(_SHORTEST_SECRET), None)
        digests = entries.optional("secret_sha256", list_of(_digest, least=1, most=2), ())
        signing = choice(*ALGORITHMS)
        client = Client(
            client_id=own_id,
            application_code=application_code,
            name=entries.required("name", both_languages(80)),
            grant_types=entries.optional(
                "grant_types", list_of(choice(*GRANT_TYPES), least=1), ("authorization_code",)
            ),
            redirect_uris=entries.optional("redirect_uris", list_of(address, least=1, most=20), ()),
            post_logout_redirect_uris=entries.optional("post_logout_redirect_uris", list_of(address, most=20), ()),
            start_uri=entries.optional("start_uri", address, ""),
            authentication=entries.required("authentication", choice(*_AUTHENTICATION)),
            secret_sha256=(hashlib.sha256(value.encode()).hexdigest(),) if value else digests,
            jwks=entries.optional("jwks", public_keys, None),
            jwks_uri=entries.optional("jwks_uri", address, ""),
            private_network=entries.optional("private_network", truth, False),
            scopes=entries.optional("scopes", list_of(_scope_for(application_code), least=1), ()),
            signing_algorithm=entries.optional("signing_algorithm", signing, "RS256"),
            userinfo_signing_algorithm=entries.optional("userinfo_signing_algorithm", signing, ""),
            introspection_signing_algorithm=entries.optional("introspection_signing_algorithm", signing, ""),
            access=entries.optional("access", choice("right", "any_person"), "right"),
            consent=entries.optional("consent", choice("none", "once"), "none"),
            pkce=entries.optional("pkce", choice("required", "optional"), "required"),
            require_par=entries.optional("require_par", truth, False),
            require_dpop=entries.optional("require_dpop", truth, False),
            require_signed_request=entries.optional("require_signed_request", truth, False),
            backchannel_logout_uri=entries.optional("backchannel_logout_uri", address, ""),
            events=entries.optional("events", _events, None),
            may_call=entries.optional("may_call", list_of(_application, most=20), ()),
            refresh_is_activity=entries.optional("refresh_is_activity", truth, False),
            asks_holders=entries.optional("asks_holders", truth, False),
        )
        check_client(entries, client)
        entries.close()
        return client

    return read


def _events(found: Found) -> EventStream:
    entries = Entries(found)
    stream = EventStream(
        endpoint=entries.required("endpoint", address),
        requested=entries.required("requested", list_of(choice(*EVENTS), least=1)),
        secret=entries.optional("secret_env", variable(_SHORTEST_SECRET), None),
    )
    entries.close()
    return stream


def _application(found: Found) -> str:
    named = code(40)(found)
    found.reading.refer(APPLICATION, named, found)
    return named


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
