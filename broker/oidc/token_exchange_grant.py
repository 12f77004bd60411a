"""TokenExchangeGrant: an application calls another on behalf of its user (RFC 8693).

The subject token is an access token of a person for the client's own application; what comes of it is for one application that
the policy lets the client call (`may_call`), says who calls (`act`), and hangs on the same session: with that session, or the
right in it, it ends at once. Scope and time only narrow, and a chain has two links at most (threats OA7).

The person needs no right in the application that is called: what the token says is what its session says, with the rights in the
application where that began. That it may be called is the policy's word; what it lets such a caller do is its own. So a scope
of the called application never appears in it, as no client is ever granted the scope of another application.

Who may act is the policy's word alone, so there is no `may_act` in our tokens, and the actor is the client that proved itself:
an `actor_token` is refused, not ignored.
"""

import uuid
from collections.abc import Mapping
from typing import Any

from authlib.oauth2.rfc6749 import BaseGrant, InvalidRequestError, InvalidScopeError, UnauthorizedClientError
from authlib.oauth2.rfc6749.grants import TokenEndpointMixin

from broker import clock
from broker.authentication.exchange_token import exchange_token
from broker.authentication.session_facts import SessionFacts
from broker.catalogue import Application, Client
from broker.database import perform
from broker.keys.jose import JoseError, sign
from broker.oidc.access_token import AccessToken, verified_access_token
from broker.oidc.called_application import called_application
from broker.oidc.claims import person_claims, sign_in_claims
from broker.oidc.issue_tokens import ACCESS_TOKEN_TYPE

ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token"  # noqa: S105  a name
LONGEST_CHAIN = 2
_FOR_THE_CLIENT_ONLY = frozenset({"openid", "offline_access", "rrn"})  # they open nothing elsewhere


class TokenExchangeGrant(BaseGrant, TokenEndpointMixin):  # type: ignore[misc]  # Authlib has no types
    """One grant, at the token endpoint."""

    GRANT_TYPE = "urn:ietf:params:oauth:grant-type:token-exchange"

    client_policy: Client
    subject: AccessToken
    facts: SessionFacts
    called: Application
    scopes: frozenset[str]

    def validate_token_request(self) -> None:
        """Authenticate the client, read the subject token, and hold what is asked against both.

        Raises:
            OAuth2Error: the client may not, the token will not do, or more is asked than it says.
        """
        form = self.request.form
        client = self.authenticate_token_endpoint_client()
        if client.policy.authentication == "none" or not client.check_grant_type(self.GRANT_TYPE):
            raise UnauthorizedClientError(description="This client calls nobody on behalf of its users.")
        self.request.client, self.client_policy = client, client.policy
        if form.get("subject_token_type") != ACCESS_TOKEN or not form.get("subject_token"):
            raise InvalidRequestError(description="The subject_token is an access token.")
        if form.get("requested_token_type", ACCESS_TOKEN) != ACCESS_TOKEN:
            raise InvalidRequestError(description="The requested_token_type is an access token.")
        if "actor_token" in form or "actor_token_type" in form:
            raise InvalidRequestError(description="The actor is the client itself.")
        self.subject = self._subject(form["subject_token"])
        self.called = called_application(form, client.policy, self.server.installed.catalogue)
        self.scopes = self._scopes(form.get("scope"))
        self.facts = self._living(self.subject)

    def create_token_response(self) -> tuple[int, dict[str, Any], list[tuple[str, str]]]:
        """The token (RFC 8693, 2.2.1)."""
        server, facts, client = self.server, self.facts, self.client_policy
        now = int(clock.now().timestamp())
        ends = min(now + self.called.lifetimes.access_token, self.subject.expires, int(facts.ends_at.timestamp()))
        if ends <= now:
            raise _unusable()
        scope = " ".join(sorted(self.scopes))
        jkt = self.request.dpop_jkt
        token = sign(
            {
                **person_claims(facts, server.installed.catalogue, self.scopes),
                **sign_in_claims(facts),
                "iss": server.issuer,
                "iat": now,
                "exp": ends,
                "jti": str(uuid.uuid4()),
                "sid": str(facts.sid),
                "aud": self.called.code,
                "client_id": client.client_id,
                "scope": scope,
                "act": _act(client, self.subject.act),
                **({"cnf": {"jkt": jkt}} if jkt else {}),
            },
            server.ring.signing(client.signing_algorithm),
            ACCESS_TOKEN_TYPE,
        )
        answer = {
            "access_token": token,
            "issued_token_type": ACCESS_TOKEN,
            "token_type": "DPoP" if jkt else "Bearer",
            "expires_in": ends - now,
            "scope": scope,
        }
        return 200, answer, self.TOKEN_RESPONSE_HEADER

    def _subject(self, written: str) -> AccessToken:
        """A person's token for this client's own application, that went through fewer hands than it may."""
        try:
            token = verified_access_token(self.server, written)
        except JoseError as error:
            raise _unusable() from error
        if token.sid is None or self.client_policy.application_code not in token.audience:
            raise _unusable()
        if _links(token.act) >= LONGEST_CHAIN:
            raise InvalidRequestError(description="The subject_token went through too many hands.")
        if token.jkt is not None:
            self._hold_key(token)
        return token

    def _hold_key(self, token: AccessToken) -> None:
        """What was bound to a key stays bound to one, and who presents its own token proves its own key (RFC 9449)."""
        proved = self.request.dpop_jkt
        if proved is None or (token.client_id == self.client_policy.client_id and proved != token.jkt):
            raise InvalidRequestError(description="The subject_token is bound to a key; prove that you hold it.")

    def _scopes(self, asked: str | None) -> frozenset[str]:
        wanted = frozenset((asked or "").split()) or self.subject.scopes
        if not wanted <= self.subject.scopes:
            raise InvalidScopeError(description="The subject_token does not hold that scope.")
        return wanted - _FOR_THE_CLIENT_ONLY

    def _living(self, token: AccessToken) -> SessionFacts:
        assert token.sid is not None
        facts: SessionFacts | None = perform(
            exchange_token, self.server.installed, self.client_policy, token.sid, token.jti, self.called.code
        )
        if facts is None or not token.is_of(facts):
            raise _unusable()
        return facts


def _act(client: Client, before: Mapping[str, Any] | None) -> dict[str, Any]:
    """Who calls now, and for whom it does so (RFC 8693, 4.1)."""
    return {"sub": client.client_id, **({"act": before} if before is not None else {})}


def _links(act: Mapping[str, Any] | None) -> int:
    return 0 if act is None else 1 + _links(act.get("act"))


def _unusable() -> InvalidRequestError:
    """The same whatever is wrong with it (RFC 8693, 2.2.2)."""
    return InvalidRequestError(description="The subject_token cannot be used.")
