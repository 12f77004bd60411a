"""/op/v1/userinfo: the claims of a living session, read again from the database (OpenID Connect Core, 5.3).

Owns how an access token is sent to us as to any resource (RFC 6750, and RFC 9449, 7), and how we say that it will not do. Only a
person's token opens it, given to a client for its own application; not one that was exchanged, as what a client alone may learn
does not travel.
"""

from typing import TYPE_CHECKING

from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749 import InvalidRequestError

from broker.keys.jose import JoseError, sign
from broker.oidc.access_token import AccessToken, living_session, verified_access_token
from broker.oidc.claims import client_claims
from broker.oidc.dpop import (
    PROOF_ALGORITHMS,
    InvalidDPoPProofError,
    UseDPoPNonceError,
    nonce_header,
    proved_key,
)
from broker.oidc.machine_door import MachineAnswer, MachineRequest, Needs, json_answer, text_answer

if TYPE_CHECKING:
    from broker.oidc.provider import Provider

_SCHEMES = {"bearer": "Bearer", "dpop": "DPoP"}
_ALGORITHMS = f'algs="{" ".join(PROOF_ALGORITHMS)}"'


class TokenRefusedError(OAuth2Error):  # type: ignore[misc]  # Authlib has no types
    """The token opens nothing here; said in the scheme in which it came (RFC 6750, 3)."""

    def __init__(
        self,
        scheme: str,
        error: str = "invalid_token",
        status: int = 401,
        headers: tuple[tuple[str, str], ...] = (),
        description: str | None = None,
    ) -> None:
        super().__init__(error=error, status_code=status, description=description)
        self._scheme = scheme
        self._more = headers

    def get_headers(self) -> list[tuple[str, str]]:
        """With the challenge."""
        told = f'{self._scheme} error="{self.error}"'
        if self.error == "insufficient_scope":
            told += ', scope="openid"'
        if self._scheme == "DPoP":
            told += f", {_ALGORITHMS}"
        return [*super().get_headers(), ("WWW-Authenticate", told), *self._more]


def userinfo(provider: "Provider", request: MachineRequest) -> MachineAnswer:
    """The claims that the token's scopes name and its claims parameter asked for, as they are now. One statement, and one more
    for a proof of possession."""
    sent = _sent(request)
    if sent is None:
        return _challenge(provider)
    scheme, written = sent
    try:
        token = verified_access_token(provider, written)
    except JoseError as error:
        raise TokenRefusedError(scheme) from error
    _prove(provider, request, scheme, written, token)
    if token.act is not None:
        raise TokenRefusedError(scheme)
    if token.sid is None or "openid" not in token.scopes:
        raise TokenRefusedError(scheme, "insufficient_scope", 403)
    facts = living_session(provider, token)
    if facts is None:
        raise TokenRefusedError(scheme)
    client = token.client
    claims = client_claims(facts, client, provider.installed, "userinfo", token.scopes) | {"acr": facts.acr}
    nonce = (nonce_header(provider),) if token.jkt else ()
    if not client.userinfo_signing_algorithm:
        return json_answer(claims, headers=nonce)
    # Without iat and exp, so that nobody takes it for an ID token.
    signed = sign(
        claims | {"iss": provider.issuer, "aud": client.client_id},
        provider.ring.signing(client.userinfo_signing_algorithm),
        "JWT",
    )
    return text_answer(signed, "application/jwt", headers=nonce)


def needs_of_userinfo(request: MachineRequest) -> Needs:
    """It only reads, but for a proof of possession, which is used up."""
    return "operations" if "DPoP" in request.headers else "reading"


def _sent(request: MachineRequest) -> tuple[str, str] | None:
    """The scheme and the token of a request, which holds it once: in the header or in the form, never in the address."""
    authorization = request.headers.get("Authorization")
    in_form = request.form.get("access_token") if request.method == "POST" else None
    if "access_token" in request.args or (authorization is not None and in_form is not None):
        raise _badly_sent("Send the token once, in the header or in the form.")
    if in_form is not None:
        if len(request.form.getlist("access_token")) > 1:
            raise _badly_sent("A parameter stands there twice.")
        return "Bearer", in_form
    scheme, _, token = (authorization or "").partition(" ")
    known = _SCHEMES.get(scheme.lower())
    return (known, token.strip()) if known and token.strip() else None


def _prove(provider: "Provider", request: MachineRequest, scheme: str, written: str, token: AccessToken) -> None:
    """A token that is bound to a key comes with a proof of that key, and one that is not comes without (RFC 9449, 7.2)."""
    if (scheme == "DPoP") != (token.jkt is not None):
        raise TokenRefusedError("DPoP" if token.jkt else scheme)
    if token.jkt is None:
        return
    try:
        proved = proved_key(provider, request, "userinfo", written)
    except UseDPoPNonceError as error:
        raise TokenRefusedError(scheme, "use_dpop_nonce", headers=(nonce_header(provider),)) from error
    except InvalidDPoPProofError as error:
        raise TokenRefusedError(scheme, error.error) from error
    if proved is None:
        raise TokenRefusedError(scheme, InvalidDPoPProofError.error)
    if proved != token.jkt:
        raise TokenRefusedError(scheme)


def _badly_sent(sentence: str) -> TokenRefusedError:
    return TokenRefusedError("Bearer", InvalidRequestError.error, 400, description=sentence)


def _challenge(provider: "Provider") -> MachineAnswer:
    """Without credentials no error is named (RFC 6750, 3.1)."""
    told = f'Bearer realm="{provider.issuer}", DPoP {_ALGORITHMS}'
    return json_answer({}, 401, (("WWW-Authenticate", told),))
