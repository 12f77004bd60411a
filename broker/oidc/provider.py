"""Provider: Authlib's authorization server, set up for one installation, and the keys that sign for it."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749 import AuthorizationServer, InvalidRequestError, OAuth2Request, UnsupportedGrantTypeError
from authlib.oauth2.rfc6749.requests import BasicOAuth2Payload
from flask import current_app
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from broker.database import Reading
from broker.http_client import HttpClient
from broker.installation import Installation
from broker.keys.signing_keys import JWKS_MAX_AGE, KeyRing
from broker.oidc.access_token import VerifiedTokens
from broker.oidc.authenticate_client import ClientProof
from broker.oidc.client_credentials_grant import ClientCredentialsGrant
from broker.oidc.client_keys import ClientKeys
from broker.oidc.code_grant import CodeGrant
from broker.oidc.end_session_endpoint import EndSession
from broker.oidc.kept_document import KeptDocument
from broker.oidc.machine_door import MachineAnswer, MachineRequest, Refusals, json_answer, refusal, text_answer
from broker.oidc.refresh_grant import RefreshGrant
from broker.oidc.registered_client import RegisteredClient
from broker.oidc.token_exchange_grant import TokenExchangeGrant

_EXTENSION = "poortwachter_oidc"
_METADATA_MAX_AGE = 300
_OF_THE_DOOR = frozenset({("Content-Type", "application/json"), ("Cache-Control", "no-store")})
_SAFE = "https://decided.by.the.settings/"


class AskedRequest(OAuth2Request):  # type: ignore[misc]  # Authlib has no types
    """A request by its parameters, wherever they came from: the address, or a hidden field of one of our pages."""

    def __init__(self, parameters: MultiDict[str, str]) -> None:
        super().__init__("GET", _SAFE)
        self.parameters = parameters
        self.payload = BasicOAuth2Payload(parameters)


class Provider(AuthorizationServer):  # type: ignore[misc]  # Authlib has no types
    """Clients live in the catalogue, tokens are not rows: nothing here asks the database.

    Knows neither Flask nor a running request: a request is handed in, an answer handed back. `reading` is how single
    statements are asked. `refusals` counts what was refused, or is None where nothing is limited. `public_origins`: the origins
    of the redirect URIs of public clients.
    """

    def __init__(
        self,
        installed: Installation,
        open_session: Callable[[], Session],
        reading: Reading,
        refusals: Refusals | None = None,
    ) -> None:
        super().__init__()
        self.installed = installed
        self.issuer = installed.settings.issuer
        self.ring = KeyRing(installed.keys, open_session)
        self.reading = reading
        self.refusals = refusals
        self._clients = {
            client_id: RegisteredClient(policy) for client_id, policy in installed.catalogue.clients.items()
        }
        self.public_origins = frozenset(
            f"{parts.scheme}://{parts.netloc}"
            for client in installed.catalogue.clients.values()
            if client.authentication == "none"
            for parts in map(urlsplit, client.redirect_uris)
            if parts.netloc
        )
        self.metadata = KeptDocument(_METADATA_MAX_AGE)
        self.key_set = KeptDocument(JWKS_MAX_AGE)
        self.client_keys = ClientKeys(
            lambda client: HttpClient(installed.settings.development, private_network=client.private_network)
        )
        self._proof = ClientProof(self)
        self.verified_tokens = VerifiedTokens()
        self._grants: dict[str, Any] = {}
        self.register_grant(CodeGrant)
        self.register_grant(ClientCredentialsGrant)
        self.register_grant(RefreshGrant)
        self.register_grant(TokenExchangeGrant)
        self.register_endpoint(EndSession)

    def installed_in(self, app: Any) -> None:
        """Make it the provider of `app`."""
        app.extensions[_EXTENSION] = self

    def registered_client(self, client_id: str) -> RegisteredClient | None:
        """The client of this id, or None."""
        return self._clients.get(client_id)

    @property
    def grant_types(self) -> list[str]:
        """What the token endpoint takes as grant_type."""
        return list(self._grants)

    def address(self, endpoint: str) -> str:
        """The address of one endpoint, from BROKER_ISSUER alone (threats OA12)."""
        return f"{self.issuer}/v1/{endpoint}"

    def authenticated_client(self, request: MachineRequest, endpoint: str) -> RegisteredClient:
        """The client that sent `request`, once it has proved itself in the one way of its policy.

        `endpoint` is the last part of the address that was called: token, introspect, revoke or par. Needs the database
        only where the proof is an assertion.

        Raises:
            OAuth2Error: it proved nothing; a parameter stands twice or in the address; or too much of what it asked was
                refused of late.
        """
        return self._proof.of(request, endpoint)

    def answer_token_request(self, request: MachineRequest) -> MachineAnswer:
        """The answer of the grant that `request` names (RFC 6749, 3.2).

        Raises:
            OAuth2Error: no such grant, or the grant refuses.
        """
        grant = self.get_token_grant(request)
        grant.validate_token_request()
        return self.handle_response(*grant.create_token_response())

    # What Authlib asks of an authorization server

    def register_grant(self, grant_cls: Any, extensions: Any = None) -> None:
        """Take the grant up, at the token endpoint by its name."""
        super().register_grant(grant_cls, extensions)
        self._grants[grant_cls.GRANT_TYPE] = grant_cls

    def get_token_grant(self, request: MachineRequest) -> Any:
        """The grant that `request` names, at work on it.

        Raises:
            OAuth2Error: there is none of that name, which is not repeated.
        """
        named = request.form.get("grant_type", "")
        if not named:
            raise InvalidRequestError(description="Missing grant_type.")
        grant = self._grants.get(named)
        if grant is None:
            raise OAuth2Error(error=UnsupportedGrantTypeError.error, description="This grant_type is not known here.")
        return grant(request, self)

    def query_client(self, client_id: str) -> RegisteredClient | None:
        """The client of this id, or None."""
        return self._clients.get(client_id)

    def authenticate_client(self, request: MachineRequest, _methods: list[str], endpoint: str = "token") -> Any:
        """Whatever list a grant of Authlib's brings, a client proves itself in the way of its policy."""
        return self._proof.of(request, endpoint)

    def create_oauth2_request(self, request: OAuth2Request) -> OAuth2Request:
        """`request`: it was made as one."""
        return request

    def handle_response(self, status: int, body: Any, headers: list[tuple[str, str]]) -> MachineAnswer:
        """What a grant or endpoint of Authlib's answers, as one of ours."""
        more = tuple(each for each in headers if each not in _OF_THE_DOOR)
        if isinstance(body, str):
            return text_answer(body, "text/plain; charset=utf-8", status, more)
        return json_answer(body, status, more)

    def handle_error_response(self, _request: OAuth2Request, error: OAuth2Error) -> MachineAnswer:
        """An error as JSON."""
        return refusal(error)

    def send_signal(self, *_about: Any, **_more: Any) -> None:
        """Nobody listens: what must happen with an event happens in its operation."""


def provider() -> Provider:
    """The provider of the current application."""
    found = current_app.extensions[_EXTENSION]
    assert isinstance(found, Provider)
    return found
