"""How the keys of one OpenID client go together: its proof, its grants, its scopes. Owns those rules, no format."""

from broker.catalogue.found import Entries, show
from broker.catalogue.model import Client

_WITH_SECRET = ("client_secret_basic", "client_secret_post")
_PROOFS = ("secret_sha256", "secret_env", "jwks", "jwks_uri")
_FOR_PEOPLE = ("redirect_uris", "start_uri", "scopes")


def check_client(entries: Entries, client: Client) -> None:
    """Record every mistake in how the keys go together; judged only where the keys themselves are sound."""
    if entries.sound("authentication", *_PROOFS):
        _proof_fits(entries, client)
    if entries.sound("authentication", "pkce") and client.authentication == "none" and client.pkce == "optional":
        entries.mistake("pkce", "optional beside authentication none", "required")
    if entries.sound("grant_types", "authentication"):
        _grants_fit(entries, client)
    if entries.sound("grant_types", "scopes"):
        _scopes_fit(entries, client)
    if entries.given("private_network") and not _calls_out(entries):
        entries.mistake("private_network", "nothing that is called", "only beside an address that we call")


def _proof_fits(entries: Entries, client: Client) -> None:
    """Exactly one proof, of the kind that the authentication needs. Keys may also be there to sign requests with."""
    given = [key for key in _PROOFS if entries.given(key)]
    signs_requests = client.require_signed_request or client.authentication == "private_key_jwt"
    needed = [*(_PROOFS[:2] if client.authentication in _WITH_SECRET else ()), *(_PROOFS[2:] if signs_requests else ())]
    for key in given:
        if key not in needed and not (key in _PROOFS[2:] and client.authentication in _WITH_SECRET):
            entries.mistake(
                key, f"{key} beside authentication {client.authentication}", " or ".join(needed) or "no secret, no keys"
            )
    for one, other in (_PROOFS[:2], _PROOFS[2:]):
        if one in given and other in given and {one, other} & set(needed):
            entries.mistake(other, f"{other} beside {one}", "one of the two")
        if {one, other} & set(needed) and not {one, other} & set(given):
            wanted = f"{one} or {other} beside it"
            entries.mistake("authentication", f"{client.authentication} without a proof", wanted)


def _grants_fit(entries: Entries, client: Client) -> None:
    people = "authorization_code" in client.grant_types
    for key in _FOR_PEOPLE:
        if people and not entries.given(key):
            entries.mistake(key, "nothing", "this key")
    if not people and entries.given("redirect_uris"):
        entries.mistake(
            "redirect_uris", "redirect_uris without authorization_code", "authorization_code in grant_types"
        )
    if "refresh_token" in client.grant_types and not people:
        entries.mistake("grant_types", "refresh_token without authorization_code", "authorization_code beside it")
    for grant in ("client_credentials", "token_exchange"):
        if grant in client.grant_types and client.authentication == "none":
            entries.mistake("grant_types", f"{grant} beside authentication none", "a client that proves itself")
    if {"client_credentials", "token_exchange"} & set(client.grant_types) and not entries.given("may_call"):
        entries.mistake("may_call", "nothing", "the applications that it may call")
    if client.asks_holders and client.authentication == "none":
        entries.mistake("asks_holders", "true beside authentication none", "a client that proves itself")
    if client.refresh_is_activity and "refresh_token" not in client.grant_types:
        entries.mistake("refresh_is_activity", "true without refresh_token", "refresh_token in grant_types")


def _scopes_fit(entries: Entries, client: Client) -> None:
    if "authorization_code" in client.grant_types and client.scopes and "openid" not in client.scopes:
        entries.mistake("scopes", show(" ".join(client.scopes)), "openid among the scopes")
    if "offline_access" in client.scopes and "refresh_token" not in client.grant_types:
        entries.mistake("scopes", "offline_access without refresh_token", "refresh_token in grant_types")


def _calls_out(entries: Entries) -> bool:
    return any(entries.given(key) for key in ("jwks_uri", "backchannel_logout_uri", "events"))
