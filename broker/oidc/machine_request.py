"""MachineRequest and MachineAnswer: what comes in at the door for machines, and what goes back.

Owns reading a request only as far as it is asked for, and the way from an error to JSON (RFC 6749, 5.2). Knows no framework:
Authlib's grants read the same object. Does not own the door (`machine_door`) nor the body (`machine_body`).
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any

from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749 import InvalidRequestError, OAuth2Request
from authlib.oauth2.rfc6749.requests import OAuth2Payload

from broker.oidc.machine_body import BadBodyError, Parameters, read_body, read_parameters

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

Headers = tuple[tuple[str, str], ...]

_REPEATABLE = frozenset({"audience", "resource"})  # RFC 8693, 2.1, and RFC 8707, 2
_JSON = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False)
_OF_THE_DOOR = ("Content-Type", "Cache-Control", "Pragma")


class _Payload(OAuth2Payload):  # type: ignore[misc]  # Authlib has no types
    """What Authlib's grants read: the parameters in the body."""

    def __init__(self, request: "MachineRequest") -> None:
        self._request = request

    @property
    def data(self) -> Parameters:
        return self._request.form

    @property
    def datalist(self) -> dict[str, list[str]]:
        return dict(self._request.form.lists())


class _Headers(Mapping[str, str]):
    """The headers of a request, whatever the case of their names; read out of WSGI's only when they are asked."""

    def __init__(self, environ: "WSGIEnvironment") -> None:
        self._environ = environ

    def __getitem__(self, name: str) -> str:
        value: str = self._environ[_wsgi_name(name)]
        return value

    def get(self, name: str, default: Any = None) -> Any:  # Mapping's own goes by way of a KeyError
        return self._environ.get(_wsgi_name(name), default)

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and _wsgi_name(name) in self._environ

    def __iter__(self) -> Iterator[str]:
        return (name[5:].replace("_", "-").title() for name in self._environ if name.startswith("HTTP_"))

    def __len__(self) -> int:
        return sum(1 for _ in self)


@cache
def _wsgi_name(name: str) -> str:
    key = name.upper().replace("-", "_")
    return key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}"


class MachineRequest(OAuth2Request):  # type: ignore[misc]  # Authlib has no types
    """One request of a program, as Authlib's grants read it too. `form` and `args` are read once, when they are asked.

    `bucket` is what its refusals are counted under: the source address, or the client once it has proved itself.
    `says_it_is`: a client that exists, whether or not it could prove itself. `dpop_jkt`: the key that the sender proved to
    hold (RFC 9449).
    """

    client: Any = None
    auth_method: str | None = None
    user: Any = None
    authorization_code: Any = None
    refresh_token: Any = None
    credential: Any = None
    uri = ""
    dpop_jkt: str | None = None
    says_it_is: str | None = None
    _body = None
    _scope: str | None = None

    def __init__(self, environ: "WSGIEnvironment", request_id: str) -> None:
        # Not Authlib's own: it asks the environment about TLS, which the settings of the broker decided on.
        self.method: str = environ["REQUEST_METHOD"]
        self.path: str = environ["PATH_INFO"]
        self.headers = _Headers(environ)
        self.source_address: str = environ.get("REMOTE_ADDR") or "0.0.0.0"  # noqa: S104  to write down, not to listen on
        self.request_id = request_id
        self.bucket = self.source_address
        self.payload = _Payload(self)
        self._environ = environ

    @cached_property
    def args(self) -> Parameters:
        """The parameters in the address.

        Raises:
            InvalidRequestError: they cannot be read.
        """
        return self._read(self._environ.get("QUERY_STRING", "").encode("latin-1"))

    @cached_property
    def form(self) -> Parameters:
        """The parameters in the body, which is a form of at most 64 kB.

        Raises:
            InvalidRequestError: it is something else, or too long.
        """
        try:
            body = read_body(self._environ)
        except BadBodyError as error:
            raise InvalidRequestError(status_code=error.status, description=error.sentence) from error
        return self._read(body)

    def require_once(self) -> None:
        """Every parameter stands in the body, and there once; `audience` and `resource` may be several.

        Raises:
            InvalidRequestError: one stands in the address, or twice.
        """
        if self._environ.get("QUERY_STRING"):
            raise InvalidRequestError(description="Send each thing once, in the body.")
        if self.form.repeated - _REPEATABLE:
            raise InvalidRequestError(description="A parameter stands there twice.")

    @staticmethod
    def _read(raw: bytes) -> Parameters:
        try:
            return read_parameters(raw)
        except BadBodyError as error:
            raise InvalidRequestError(status_code=error.status, description=error.sentence) from error


@dataclass(frozen=True, slots=True)
class MachineAnswer:
    """What goes back. `refused` is the code of the error, where it is one, and `reason` its sentence, for the log."""

    status: int
    body: bytes
    headers: Headers = ()
    refused: str = ""
    reason: str = ""


def json_answer(value: object, status: int = 200, headers: Headers = ()) -> MachineAnswer:
    """`value` as JSON."""
    return MachineAnswer(status, _JSON.encode(value).encode(), (("Content-Type", "application/json"), *headers))


def text_answer(body: str, content_type: str, status: int = 200, headers: Headers = ()) -> MachineAnswer:
    """A text of this media type, such as a signed answer."""
    return MachineAnswer(status, body.encode(), (("Content-Type", content_type), *headers))


def refusal(error: OAuth2Error) -> MachineAnswer:
    """An error as RFC 6749, 5.2 has it; never a redirect, wherever the error may have come from."""
    description = error.get_error_description()
    told = {"error": error.error} | ({"error_description": description} if description else {})
    kept = tuple(each for each in error.get_headers() if each[0] not in _OF_THE_DOOR)
    return replace(json_answer(told, error.status_code, kept), refused=error.error, reason=description or "")
