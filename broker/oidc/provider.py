"""Provider: Authlib's authorization server, set up for one installation, and the keys that sign for it."""

from typing import Any

from authlib.integrations.flask_oauth2 import AuthorizationServer
from authlib.integrations.flask_oauth2.requests import FlaskOAuth2Payload, FlaskOAuth2Request
from authlib.oauth2.rfc6749 import OAuth2Request
from authlib.oauth2.rfc6749.requests import BasicOAuth2Payload
from flask import Request, current_app, request
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from broker.database import db
from broker.installation import Installation, installation
from broker.keys.signing_keys import KeyRing
from broker.oidc.code_grant import CodeGrant
from broker.oidc.end_session_endpoint import EndSession
from broker.oidc.private_key_jwt import PrivateKeyJwt
from broker.oidc.registered_client import RegisteredClient

_EXTENSION = "poortwachter_oidc"
_SAFE = "https://decided.by.the.settings/"


class _RunningRequest(FlaskOAuth2Request):  # type: ignore[misc]  # Authlib has no types
    """The running request. The settings decided on TLS already; Authlib's own check knows nothing of BROKER_ENV."""

    def __init__(self, running: Request) -> None:
        OAuth2Request.__init__(self, running.method, _SAFE, headers=running.headers)
        self._request = running
        self.payload = FlaskOAuth2Payload(running)
        self.uri = running.url


class AskedRequest(OAuth2Request):  # type: ignore[misc]
    """A request by its parameters, wherever they came from: the address, or a hidden field of one of our pages."""

    def __init__(self, parameters: MultiDict[str, str]) -> None:
        super().__init__("GET", _SAFE)
        self.parameters = parameters
        self.payload = BasicOAuth2Payload(parameters)


class Provider(AuthorizationServer):  # type: ignore[misc]  # Authlib has no types
    """Clients live in the catalogue, tokens are not rows: nothing here asks the database."""

    def __init__(self, installed: Installation) -> None:
        super().__init__(query_client=self.registered_client)
        self.installed = installed
        self.issuer = installed.settings.issuer
        self.ring = KeyRing(installed.keys, lambda: Session(bind=db.engine))
        self.scopes_supported = None
        self._clients = {
            client_id: RegisteredClient(policy) for client_id, policy in installed.catalogue.clients.items()
        }
        self.register_grant(CodeGrant)
        self.register_client_auth_method(
            PrivateKeyJwt.CLIENT_AUTH_METHOD, PrivateKeyJwt((self.address("token"), self.issuer))
        )
        self.register_endpoint(EndSession)

    def registered_client(self, client_id: str) -> RegisteredClient | None:
        """The client of this id, or None."""
        return self._clients.get(client_id)

    def address(self, endpoint: str) -> str:
        """The address of one endpoint, from BROKER_ISSUER alone (threats OA12)."""
        return f"{self.issuer}/v1/{endpoint}"

    def create_oauth2_request(self, given: OAuth2Request | None) -> Any:
        """`given` where one was made out of parameters; else the running request."""
        return given if isinstance(given, OAuth2Request) else _RunningRequest(request)


def provider() -> Provider:
    """The provider of the current application, made at its first use."""
    found = current_app.extensions.get(_EXTENSION)
    if found is None:
        found = current_app.extensions.setdefault(_EXTENSION, Provider(installation()))
    assert isinstance(found, Provider)
    return found
