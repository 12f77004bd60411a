"""The broker as a client of one provider: what is sent to it, how the broker proves itself there, and whether an answer
came at all.

Owns: client authentication (RFC 6749 2.3.1, RFC 7523), the pushed request (RFC 9126), redeeming a code, asking userinfo.
By Authlib's session, through the guarded client and no other way. Does not own what is believed of an answer (`upstream`).
"""

import base64
import re
import uuid
from collections.abc import Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qsl, quote_plus, urlencode, urlsplit

import structlog
from authlib.integrations.base_client import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from requests import HTTPError, RequestException, Response

from broker import clock
from broker.authentication.upstream_documents import Metadata
from broker.authentication.upstream_errors import ProviderAnswerError, ProviderDownError
from broker.catalogue.model import IdentityProvider
from broker.guarded_adapter import GuardedAdapter
from broker.http_client import HttpClient, OutgoingError
from broker.keys.jose import sign

_WAYS_TO_PROVE = ("client_secret_basic", "client_secret_post", "private_key_jwt", "none")
_ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_ASSERTION_SECONDS = 60
_ERROR_CODE = re.compile(r"[a-z_]{1,40}", re.ASCII)

_log = structlog.get_logger(__name__)


class ProviderClient:
    """One conversation with one provider; `redirect_uri` is the one registered there."""

    def __init__(self, provider: IdentityProvider, metadata: Metadata, http: HttpClient, redirect_uri: str) -> None:
        self._provider = provider
        self._metadata = metadata
        self._session = OAuth2Session(
            client_id=provider.client_id,
            client_secret=provider.client_secret,
            token_endpoint_auth_method=provider.authentication,
            scope=provider.scope,
            redirect_uri=redirect_uri,
            code_challenge_method="S256",
            trust_env=False,
        )
        for method in _WAYS_TO_PROVE:
            self._session.register_client_auth_method((method, self._prove_ourselves))
        adapter = GuardedAdapter(http)
        self._session.mount("https://", adapter)
        self._session.mount("http://", adapter)

    def address(self, *, state: str, verifier: str, asked: Mapping[str, str]) -> str:
        """Where to send the browser with this request; it holds no more than a reference where the request was pushed.

        Raises:
            ProviderDownError, ProviderAnswerError: the request could not be pushed.
        """
        endpoint = self._metadata.authorization_endpoint
        address, _ = self._session.create_authorization_url(endpoint, state=state, code_verifier=verifier, **asked)
        policy, pushed_at = self._provider.par, self._metadata.pushed_request_endpoint
        if policy == "never" or (policy == "when_offered" and pushed_at is None):
            return str(address)
        if pushed_at is None:
            raise ProviderAnswerError(self._provider.code, "par_not_offered")
        request, _ = self._session.create_authorization_url("", state=state, code_verifier=verifier, **asked)
        reference = self._push(pushed_at, urlsplit(request).query)
        joined = "&" if "?" in endpoint else "?"
        query = urlencode({"client_id": self._provider.client_id, "request_uri": reference})
        return f"{endpoint}{joined}{query}"

    def redeem(self, code: str, verifier: str) -> dict[str, Any]:
        """The tokens for `code`.

        Raises:
            ProviderDownError: no answer, or none in time.
            ProviderAnswerError: the provider refuses the code.
        """
        with self._answered("code_refused"):
            return dict(
                self._session.fetch_token(
                    self._metadata.token_endpoint,
                    grant_type="authorization_code",
                    code=code,
                    code_verifier=verifier,
                )
            )

    def userinfo(self, address: str, access_token: str) -> Response:
        """What userinfo answers to this token.

        Raises:
            ProviderDownError: no answer, or none in time.
            ProviderAnswerError: the provider refuses its own token.
        """
        headers = {"Authorization": f"Bearer {access_token}", "Accept": "application/json, application/jwt"}
        with self._answered("userinfo_refused"):
            answer: Response = self._session.get(address, headers=headers, withhold_token=True)
            answer.raise_for_status()
        return answer

    def _push(self, endpoint: str, request: str) -> str:
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
        proof = self._session.client_auth(self._provider.authentication)
        with self._answered("request_refused"):
            answer: Response = self._session.post(
                endpoint, data=request, headers=headers, auth=proof, withhold_token=True
            )
            answer.raise_for_status()
            reference = answer.json()["request_uri"]
        if not isinstance(reference, str) or not 0 < len(reference) <= 512:
            raise ProviderAnswerError(self._provider.code, "request_refused")
        return reference

    @contextmanager
    def _answered(self, refused: str) -> Iterator[None]:
        """What is no answer is an error with the code `refused`, or the provider is down."""
        code = self._provider.code
        try:
            yield
        except OutgoingError as error:
            _log.warning("provider_down", provider=code, reason=error.code)
            raise ProviderDownError(code, error.code) from error
        except HTTPError as error:
            if error.response is not None and error.response.status_code >= 500:
                _log.warning("provider_down", provider=code, reason="server_error")
                raise ProviderDownError(code, "server_error") from error
            _log.warning("provider_refused", provider=code, reason=refused, error=_error_code(error.response))
            raise ProviderAnswerError(code, refused) from error
        except OAuthError as error:
            _log.warning("provider_refused", provider=code, reason=refused, error=_only_a_code(error.error))
            raise ProviderAnswerError(code, refused) from error
        except (RequestException, ValueError, KeyError, TypeError, RecursionError) as error:
            raise ProviderAnswerError(code, refused) from error

    def _prove_ourselves(
        self, _client: object, _method: str, uri: str, headers: MutableMapping[str, str], body: str | None
    ) -> tuple[str, MutableMapping[str, str], str]:
        """Client authentication as the policy has it; each parameter stands in the body once."""
        provider = self._provider
        fields = dict(parse_qsl(body or "", keep_blank_values=True)) | {"client_id": provider.client_id}
        if provider.authentication == "client_secret_basic":
            # Both parts are encoded first (RFC 6749 2.3.1), which Authlib leaves out.
            pair = f"{quote_plus(provider.client_id)}:{quote_plus(provider.client_secret or '')}"
            headers["Authorization"] = "Basic " + base64.b64encode(pair.encode()).decode()
        elif provider.authentication == "client_secret_post":
            fields["client_secret"] = provider.client_secret or ""
        elif provider.authentication == "private_key_jwt":
            fields |= {"client_assertion_type": _ASSERTION_TYPE, "client_assertion": self._assertion()}
        written = urlencode(fields)
        headers["Content-Length"] = str(len(written))
        return uri, headers, written

    def _assertion(self) -> str:
        """Signed for this provider only, for a minute, once (RFC 7523)."""
        provider = self._provider
        now = int(clock.now().timestamp())
        audience = provider.issuer if provider.assertion_audience == "issuer" else self._metadata.token_endpoint
        claims = {
            "iss": provider.client_id,
            "sub": provider.client_id,
            "aud": audience,
            "jti": str(uuid.uuid4()),
            "iat": now,
            "exp": now + _ASSERTION_SECONDS,
        }
        return sign(claims, provider.signing_keys[0], "JWT")


def _error_code(answer: Response | None) -> str | None:
    """The error code in a refusal, for whoever configures the provider; nothing else that it says."""
    try:
        return _only_a_code(answer.json().get("error")) if answer is not None else None
    except (ValueError, AttributeError):
        return None


def _only_a_code(said: object) -> str | None:
    return said if isinstance(said, str) and _ERROR_CODE.fullmatch(said) else None
