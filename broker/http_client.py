"""The one client for everything the broker calls: upstream providers, back-channel receivers, SMS.

Owns: which addresses may be called at all, and how long and how much we listen (threats BC1, UP8). Does not own what is
said, nor how a library that speaks `requests` goes through it (`guarded_adapter`).

An address comes from a policy, never from a visitor. https only; its host is resolved once, every answer is judged, and
the connection goes to the very address that was judged, so that a name cannot point elsewhere a moment later. No
redirects, no proxies from the environment, no compression, no body in any log. Development adds http and loopback
addresses, nothing else.
"""

import http.client
import json
import socket
import ssl
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any
from urllib.parse import urlsplit

from serving.at_once import about_to_wait

SECONDS = 3.0
LARGEST = 64 * 1024

_METADATA = {ip_address("169.254.169.254"), ip_address("100.100.100.200"), ip_address("fd00:ec2::254")}
_PRIVATE = tuple(ip_network(each) for each in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"))
_NAT64 = ip_network("64:ff9b::/96")

Address = IPv4Address | IPv6Address
Resolve = Callable[[str, int], list[str]]


class OutgoingError(Exception):
    """The call was refused by us, or failed. `code` says how; neither body nor query of the address is ever in it."""

    def __init__(self, code: str, host: str) -> None:
        super().__init__(f"{code}: {host}")
        self.code = code
        self.host = host


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: a status outside 3xx, and at most `LARGEST` bytes."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)


def resolve(host: str, port: int) -> list[str]:
    """Every address of `host`, in the order of the system's resolver (which also sets how long that may take).

    Raises:
        OSError: the name is not known.
    """
    return [str(found[4][0]) for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


@dataclass(frozen=True)
class HttpClient:
    """A guarded client. `private_network` opens RFC 1918 and unique local addresses, where a policy says so."""

    development: bool
    private_network: bool = False
    resolve: Resolve = resolve
    seconds: float = SECONDS

    def get_json(self, url: str) -> dict[str, Any]:
        """The JSON object at `url`.

        Raises:
            OutgoingError: as `send`, or `server_error` (5xx), `status` (another one than 200) or `not_json`.
        """
        answer = self.send("GET", url, {"Accept": "application/json"})
        host = urlsplit(url).hostname or ""
        if answer.status != 200:
            raise OutgoingError("server_error" if answer.status >= 500 else "status", host)
        try:
            value = json.loads(answer.body)
        except (ValueError, RecursionError) as error:
            raise OutgoingError("not_json", host) from error
        if not isinstance(value, dict):
            raise OutgoingError("not_json", host)
        return value

    def send(self, method: str, url: str, headers: Mapping[str, str], body: bytes | None = None) -> Answer:
        """Send one request and read its whole answer, within `seconds` from connecting to the last byte.

        Raises:
            OutgoingError: `address_refused`, `unknown_host`, `unreachable`, `too_slow`, `too_large`, `redirect` or
                `encoded`.
        """
        about_to_wait()
        parts = urlsplit(url)
        host = parts.hostname or ""
        if parts.scheme not in (("https", "http") if self.development else ("https",)) or not host or parts.username:
            raise OutgoingError("address_refused", host)
        try:
            port = parts.port or (443 if parts.scheme == "https" else 80)
        except ValueError as error:
            raise OutgoingError("address_refused", host) from error
        line = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection = _Connection(
            host, port, self._pinned(host, port), tls=parts.scheme == "https", timeout=self.seconds
        )
        alarm = threading.Timer(self.seconds, connection.cut)
        alarm.daemon = True
        alarm.start()
        try:
            connection.request(method, line, body=body, headers={**headers, "Accept-Encoding": "identity"})
            return _read(connection.getresponse(), host)
        except TimeoutError as error:
            raise OutgoingError("too_slow", host) from error
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise OutgoingError("too_slow" if connection.was_cut else "unreachable", host) from error
        finally:
            alarm.cancel()
            connection.close()

    def _pinned(self, host: str, port: int) -> str:
        """The address to connect to; one refused address among the answers refuses the name."""
        try:
            found = self.resolve(host, port)
        except (OSError, UnicodeError) as error:
            raise OutgoingError("unknown_host", host) from error
        if not found:
            raise OutgoingError("unknown_host", host)
        for each in found:
            if not self.allows(ip_address(each.partition("%")[0])):
                raise OutgoingError("address_refused", host)
        return found[0]

    def allows(self, address: Address) -> bool:
        """Whether this address may be called."""
        if isinstance(address, IPv6Address):
            if address.ipv4_mapped is not None:
                return self.allows(address.ipv4_mapped)
            if address.sixtofour is not None or address.teredo is not None or address in _NAT64:
                return False  # an IPv4 address in disguise
        if address in _METADATA or address.is_link_local or address.is_multicast or address.is_unspecified:
            return False
        if address.is_loopback:
            return self.development
        if any(address in network for network in _PRIVATE if network.version == address.version):
            return self.private_network
        return address.is_global


class _Connection(http.client.HTTPConnection):
    """A connection to one address already judged, speaking to the host it was resolved from."""

    def __init__(self, host: str, port: int, address: str, *, tls: bool, timeout: float) -> None:
        super().__init__(host, port, timeout=timeout)
        self.default_port = 443 if tls else 80
        self.was_cut = False
        self._address = address
        self._tls = ssl.create_default_context() if tls else None
        self._lever: socket.socket | None = None

    def connect(self) -> None:
        plain = socket.create_connection((self._address, self.port), timeout=self.timeout)
        self._lever = plain.dup()  # closes the line under TLS too, from another thread
        self.sock = self._tls.wrap_socket(plain, server_hostname=self.host) if self._tls else plain

    def cut(self) -> None:
        """Stop listening now: a socket's own time-out begins anew with every byte."""
        self.was_cut = True
        if self._lever is not None:
            try:
                self._lever.shutdown(socket.SHUT_RDWR)
            except OSError:
                return  # it was over already

    def close(self) -> None:
        super().close()
        if self._lever is not None:
            self._lever.close()
            self._lever = None


def _read(response: http.client.HTTPResponse, host: str) -> Answer:
    if 300 <= response.status < 400:
        raise OutgoingError("redirect", host)
    if response.getheader("Content-Encoding", "identity") != "identity":
        raise OutgoingError("encoded", host)
    announced = response.getheader("Content-Length", "")
    if announced.isdigit() and int(announced) > LARGEST:
        raise OutgoingError("too_large", host)
    body = response.read(LARGEST + 1)
    if len(body) > LARGEST:
        raise OutgoingError("too_large", host)
    if announced.isdigit() and len(body) < int(announced):
        raise http.client.IncompleteRead(body)
    return Answer(response.status, dict(response.getheaders()), body)
