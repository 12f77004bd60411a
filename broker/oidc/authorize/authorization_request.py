"""AuthorizationRequest: what an application asks, and the checks it must pass, in the order in which they are made.

Owns everything that can be judged without knowing who is at the door. `check_request` is the list; each check is a function
below it. Until the redirect URI is known to be the client's own, an error is shown to the person; after that it goes to
the client (RFC 6749, 4.1.2.1). Does not own where the parameters stand: in the address, pushed ahead, or in a signed object
(`parameters_in_force`).
"""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749 import (
    InvalidClientError,
    InvalidRequestError,
    InvalidScopeError,
    UnauthorizedClientError,
    UnsupportedResponseTypeError,
)

from broker.authentication.answer_request import OnceOnly
from broker.catalogue import Application, Catalogue, Client
from broker.oidc.authorize.id_token_hint import is_named, named_person, without_id_token
from broker.oidc.authorize.levels_asked import level_asked
from broker.oidc.authorize.parameters import Parameters, each_once
from broker.oidc.called_application import InvalidTargetError
from broker.oidc.claims_parameter import ClaimsParameter, read_claims_parameter

if TYPE_CHECKING:
    from broker.oidc.provider import Provider

RESPONSE_MODES = ("query", "form_post")
PROMPTS = ("none", "login", "consent", "select_account")
DISPLAYS = ("page", "touch")
"""Our pages fit both as they are, so `display` changes nothing. In a popup they would come as well, but cut off from the page
that opened it (Cross-Origin-Opener-Policy)."""

_CHALLENGE = re.compile(r"[A-Za-z0-9\-_]{43}")  # BASE64URL(SHA256(…)), RFC 7636, 4.2
_THUMBPRINT = _CHALLENGE  # RFC 7638; RFC 9449, 10


@dataclass(frozen=True, slots=True)
class WayBack:
    """Where and how the client hears the answer."""

    redirect_uri: str
    response_mode: str
    state: str | None


class RefusedRequestError(Exception):
    """A request that cannot be granted. `client` and `way_back` are there as far as they are known; without a way back
    nobody may be sent anywhere."""

    def __init__(self, error: OAuth2Error, client: Client | None = None, way_back: WayBack | None = None) -> None:
        super().__init__(error.error)
        self.error = error
        self.client = client
        self.way_back = way_back


@dataclass(frozen=True, slots=True)
class InForce:
    """The parameters that count. `once`: what is used up with the answer. `dpop_jkt`: the key that was proved when they
    were pushed. `arrived_at`: when the browser first brought the request, where it comes back."""

    parameters: Parameters
    once: OnceOnly | None = None
    dpop_jkt: str | None = None
    arrived_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class AuthorizationRequest:
    """A request that passed every check.

    `given` is what the browser brought, `parameters` what counts, neither with an ID token in it any more. `level` is the
    least that the policy and the request together ask; `subjects` whom the answer may be about, empty where anybody will do,
    and `named` whom the id_token_hint named, as a keyed hash.
    """

    given: Parameters
    parameters: Parameters
    client: Client
    application: Application
    way_back: WayBack
    scopes: frozenset[str]
    claims: ClaimsParameter
    nonce: str | None
    code_challenge: str | None
    dpop_jkt: str | None
    prompts: frozenset[str]
    max_age: int | None
    level: int
    login_hint: str | None
    subjects: frozenset[str]
    named: str | None
    once: OnceOnly | None
    arrived_at: datetime | None

    @property
    def quiet(self) -> bool:
        """prompt=none: no page may be shown."""
        return "none" in self.prompts

    @property
    def requested_claims(self) -> dict[str, list[str]] | None:
        """The single claims that were asked for, as the session keeps them."""
        return self.claims.stored


def known_client(given: Parameters, catalogue: Catalogue) -> Client:
    """`client_id` is there once and known.

    Raises:
        RefusedRequestError: it is not; nothing is known then.
    """
    client = catalogue.clients.get(given.get("client_id", ""))
    if client is None or len(given.getlist("client_id")) > 1:
        raise RefusedRequestError(InvalidClientError(description="Unknown client_id."))
    return client


def exact_way_back(parameters: Parameters, client: Client) -> WayBack | None:
    """The client's own redirect URI, sign for sign, with what the answer to it needs; None where it is none of its own."""
    uris = parameters.getlist("redirect_uri")
    if len(uris) != 1 or uris[0] not in client.redirect_uris:
        return None
    mode = parameters.get("response_mode", "")
    return WayBack(uris[0], mode if mode in RESPONSE_MODES else "query", parameters.get("state"))


def check_request(provider: "Provider", client: Client, given: Parameters, in_force: InForce) -> AuthorizationRequest:
    """The request of `client` in the parameters that count.

    Raises:
        RefusedRequestError: the first check that failed; with a way back where the client may be told.
    """
    catalogue = provider.installed.catalogue
    application = catalogue.applications[client.application_code]
    parameters = in_force.parameters
    way_back = exact_way_back(parameters, client)
    if way_back is None:
        refused = InvalidRequestError(description="The redirect_uri is not registered for this client.")
        raise RefusedRequestError(refused, client)
    try:
        may_ask_codes(client)
        if parameters is not given:
            each_once(parameters)
        response_type_code(parameters)
        known_response_mode(parameters)
        own_resource(parameters, application)
        claims = read_claims_parameter(parameters.get("claims"), client, catalogue)
        named = named_person(provider, client, parameters)
        return AuthorizationRequest(
            given=without_id_token(given, named if parameters is given else None),
            parameters=without_id_token(parameters, named),
            client=client,
            application=application,
            way_back=way_back,
            scopes=scopes_of_client(parameters, client),
            claims=claims,
            code_challenge=code_challenge(parameters, client),
            nonce=nonce(parameters),
            dpop_jkt=proof_key(parameters, in_force),
            prompts=prompts(parameters),
            max_age=max_age(parameters),
            level=max(
                application.minimum_level,
                level_asked(parameters.get("acr_values", ""), claims, catalogue, application),
            ),
            login_hint=parameters.get("login_hint"),
            subjects=subjects(provider, client, claims, named),
            named=named,
            once=in_force.once,
            arrived_at=in_force.arrived_at,
        )
    except OAuth2Error as error:
        raise RefusedRequestError(error, client, way_back) from error


def may_ask_codes(client: Client) -> None:
    """The policy lets this client ask people to sign in."""
    if "authorization_code" not in client.grant_types:
        raise UnauthorizedClientError(description="This client may not use the code flow.")


def response_type_code(parameters: Parameters) -> None:
    """The code flow is the only one."""
    given = parameters.get("response_type")
    if not given:
        raise InvalidRequestError(description="Missing response_type.")
    if given != "code":
        raise UnsupportedResponseTypeError(given if given.isascii() and given.isalpha() else "other")


def known_response_mode(parameters: Parameters) -> None:
    """query or form_post."""
    if (parameters.get("response_mode") or "query") not in RESPONSE_MODES:
        raise InvalidRequestError(description="The response_mode is query or form_post.")


def own_resource(parameters: Parameters, application: Application) -> None:
    """A code's tokens are for the application of its client and nothing else; whoever names another resource (RFC 8707)
    hears so, instead of getting a token that is of no use there."""
    if any(each != application.page for each in parameters.getlist("resource")):
        raise InvalidTargetError(description="A code is for the resource of its own application only.")


def scopes_of_client(parameters: Parameters, client: Client) -> frozenset[str]:
    """`openid` is among them, and every one is this client's: another is refused at once, as ACM does. offline_access
    is left out, not refused, where the client may not refresh (OpenID Connect Core, 11)."""
    scopes = frozenset((parameters.get("scope") or "").split())
    if "openid" not in scopes:
        raise InvalidScopeError(description="The scope must hold openid.")
    if "offline_access" in scopes and not ("offline_access" in client.scopes and "refresh_token" in client.grant_types):
        scopes -= {"offline_access"}
    if not scopes <= set(client.scopes):
        raise InvalidScopeError(description="A scope is not allowed for this client.")
    return scopes


def code_challenge(parameters: Parameters, client: Client) -> str | None:
    """PKCE with S256 (RFC 7636); `plain` never. Only where the policy says `pkce: optional` may it lack (decisions
    11)."""
    challenge = parameters.get("code_challenge")
    method = parameters.get("code_challenge_method")
    if challenge is None and method is None and client.pkce == "optional" and client.authentication != "none":
        return None
    if not challenge:
        raise InvalidRequestError(description="Missing code_challenge.")
    if method != "S256":
        raise InvalidRequestError(description="The code_challenge_method must be S256.")
    if not _CHALLENGE.fullmatch(challenge):
        raise InvalidRequestError(description="The code_challenge is not a SHA-256 in base64url.")
    return challenge


def nonce(parameters: Parameters) -> str | None:
    """Any; required where there is no PKCE, as it is then what binds the code to the browser."""
    given = parameters.get("nonce") or None
    if given is None and "code_challenge" not in parameters:
        raise InvalidRequestError(description="Missing nonce.")
    return given


def proof_key(parameters: Parameters, in_force: InForce) -> str | None:
    """The key to which the code is bound (RFC 9449, 10): the one named, which is also the one proved, if there is one."""
    named = parameters.get("dpop_jkt")
    if named is not None and not _THUMBPRINT.fullmatch(named):
        raise InvalidRequestError(description="The dpop_jkt is not a SHA-256 in base64url.")
    if named is not None and in_force.dpop_jkt not in (None, named):
        raise InvalidRequestError(description="The dpop_jkt is not that of the proof.")
    return named or in_force.dpop_jkt


def prompts(parameters: Parameters) -> frozenset[str]:
    """none, login, consent, select_account; none stands alone (OpenID Connect Core, 3.1.2.1)."""
    given = frozenset((parameters.get("prompt") or "").split())
    if not given <= set(PROMPTS):
        raise InvalidRequestError(description="The prompt is none, login, consent or select_account.")
    if "none" in given and len(given) > 1:
        raise InvalidRequestError(description="The prompt none stands alone.")
    return given


def max_age(parameters: Parameters) -> int | None:
    """Seconds since the sign-in, a whole number."""
    given = parameters.get("max_age")
    if given is None or given == "":
        return None
    if not (given.isascii() and given.isdigit() and len(given) <= 9):
        raise InvalidRequestError(description="The max_age is a whole number of seconds.")
    return int(given)


def subjects(provider: "Provider", client: Client, claims: ClaimsParameter, named: str | None) -> frozenset[str]:
    """Whom the claims parameter names as `sub`: the person of the id_token_hint is one of them, if both are there."""
    keys = provider.installed.keys
    if named is None or not claims.subjects:
        return frozenset(claims.subjects)
    both = frozenset(each for each in claims.subjects if is_named(keys, client, each, named))
    if not both:
        raise InvalidRequestError(description="The id_token_hint is of another person than the claims parameter asks.")
    return both
