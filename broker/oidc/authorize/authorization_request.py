"""AuthorizationRequest: what an application asks, and the checks it must pass, in the order in which they are made.

Owns everything that can be judged without knowing who is at the door. `read_request` is the list; each check is a
function below it. Until the redirect URI is known to be the client's own, an error is shown to the person; after
that it goes to the client (RFC 6749, 4.1.2.1).
"""

import re
from dataclasses import dataclass
from urllib.parse import urlencode

from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749 import (
    InvalidClientError,
    InvalidRequestError,
    InvalidScopeError,
    UnsupportedResponseTypeError,
)
from authlib.oidc.core.errors import RequestNotSupportedError, RequestURINotSupportedError
from werkzeug.datastructures import MultiDict

from broker.catalogue import Application, Catalogue, Client

RESPONSE_MODES = ("query", "form_post")
PROMPTS = ("none", "login", "consent")
_CHALLENGE = re.compile(r"[A-Za-z0-9\-_]{43}")  # BASE64URL(SHA256(…)), RFC 7636, 4.2
_LONGEST_QUERY = 3_000

Parameters = MultiDict[str, str]


class UnmetAuthenticationRequirementsError(OAuth2Error):  # type: ignore[misc]  # Authlib has no types
    """None of the acr_values asked for exists here (OpenID Connect Core Error Code, 1.0)."""

    error = "unmet_authentication_requirements"


@dataclass(frozen=True, slots=True)
class AuthorizationRequest:
    """A request that passed every check. `level` is the least that the policy and acr_values together ask."""

    parameters: Parameters
    client: Client
    application: Application
    redirect_uri: str
    response_mode: str
    state: str | None
    scopes: frozenset[str]
    nonce: str | None
    code_challenge: str | None
    prompts: frozenset[str]
    max_age: int | None
    level: int
    login_hint: str | None

    @property
    def quiet(self) -> bool:
        """prompt=none: no page may be shown."""
        return "none" in self.prompts


def read_request(parameters: Parameters, catalogue: Catalogue) -> AuthorizationRequest:
    """The request in `parameters`, once every check has passed.

    Raises:
        OAuth2Error: the first check that failed; with a `redirect_uri` where the client may be told.
    """
    client = known_client(parameters, catalogue)
    redirect_uri = exact_redirect_uri(parameters, client)
    application = catalogue.applications[client.application_code]
    try:
        every_parameter_once(parameters)
        response_type_code(parameters)
        no_request_object(parameters)
        return AuthorizationRequest(
            parameters=parameters,
            client=client,
            application=application,
            redirect_uri=redirect_uri,
            response_mode=response_mode(parameters),
            state=parameters.get("state"),
            scopes=scopes_of_client(parameters, client),
            code_challenge=code_challenge(parameters, client),
            nonce=nonce(parameters, client),
            prompts=prompts(parameters),
            max_age=max_age(parameters),
            level=max(application.minimum_level, requested_level(parameters, catalogue)),
            login_hint=parameters.get("login_hint"),
        )
    except OAuth2Error as error:
        error.redirect_uri = redirect_uri
        raise


def known_client(parameters: Parameters, catalogue: Catalogue) -> Client:
    """`client_id` is there once and known."""
    client = catalogue.clients.get(parameters.get("client_id", ""))
    if client is None or len(parameters.getlist("client_id")) > 1:
        raise InvalidClientError(description="Unknown client_id.")
    return client


def exact_redirect_uri(parameters: Parameters, client: Client) -> str:
    """`redirect_uri` is there once, and is one of the client's, sign for sign."""
    given = parameters.getlist("redirect_uri")
    if len(given) != 1 or given[0] not in client.redirect_uris:
        raise InvalidRequestError(description="The redirect_uri is not registered for this client.")
    return given[0]


def every_parameter_once(parameters: Parameters) -> None:
    """No parameter twice (RFC 6749, 3.1), and not more than the way over the sign-in can carry."""
    if any(len(values) > 1 for _, values in parameters.lists()):
        raise InvalidRequestError(description="A parameter stands there twice.")
    if len(urlencode(list(parameters.items()))) > _LONGEST_QUERY:
        raise InvalidRequestError(description="The request is too long.")


def response_type_code(parameters: Parameters) -> None:
    """The code flow is the only one."""
    given = parameters.get("response_type")
    if not given:
        raise InvalidRequestError(description="Missing response_type.")
    if given != "code":
        raise UnsupportedResponseTypeError(given if given.isascii() and given.isalpha() else "other")


def no_request_object(parameters: Parameters) -> None:
    """Request objects are refused, not ignored: what they hold would go unread."""
    if "request" in parameters:
        raise RequestNotSupportedError
    if "request_uri" in parameters:
        raise RequestURINotSupportedError


def response_mode(parameters: Parameters) -> str:
    """query or form_post."""
    given = parameters.get("response_mode") or "query"
    if given not in RESPONSE_MODES:
        raise InvalidRequestError(description="The response_mode is query or form_post.")
    return given


def scopes_of_client(parameters: Parameters, client: Client) -> frozenset[str]:
    """`openid` is among them, and every one is this client's: another is refused at once, as ACM does."""
    scopes = frozenset((parameters.get("scope") or "").split())
    if "openid" not in scopes:
        raise InvalidScopeError(description="The scope must hold openid.")
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


def nonce(parameters: Parameters, client: Client) -> str | None:
    """Any; required where there is no PKCE, as it is then what binds the code to the browser."""
    given = parameters.get("nonce") or None
    if given is None and "code_challenge" not in parameters:
        raise InvalidRequestError(description="Missing nonce.")
    return given


def prompts(parameters: Parameters) -> frozenset[str]:
    """none, login, consent; none stands alone (OpenID Connect Core, 3.1.2.1)."""
    given = frozenset((parameters.get("prompt") or "").split())
    if not given <= set(PROMPTS):
        raise InvalidRequestError(description="The prompt is none, login or consent.")
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


def requested_level(parameters: Parameters, catalogue: Catalogue) -> int:
    """The lowest level among the acr_values (any of them will do); 0 when none is asked."""
    asked = (parameters.get("acr_values") or "").split()
    if not asked:
        return 0
    known = known_levels(catalogue)
    levels = [known[each] for each in asked if each in known]
    if not levels:
        raise UnmetAuthenticationRequirementsError(description="None of the acr_values is known here.")
    return min(levels)


def known_levels(catalogue: Catalogue) -> dict[str, int]:
    """The acr URNs that a digital key here can reach, and their levels."""
    return {
        acr: level
        for key in catalogue.identity_providers.values()
        for acr, level in key.levels.values()
        if level <= key.ceiling
    }
