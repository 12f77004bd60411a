"""The guarded client: what may be called, and how long we listen (threats BC1, UP8)."""

import json
import socket
import threading
import time
from collections.abc import Iterator
from ipaddress import ip_address

import pytest
import requests
from werkzeug.serving import make_server
from werkzeug.wrappers import Request, Response

from broker.guarded_adapter import GuardedAdapter
from broker.http_client import LARGEST, HttpClient, OutgoingError

PUBLIC = "93.184.215.14"


@pytest.fixture
def server() -> Iterator[str]:
    """Answers by path."""

    @Request.application
    def answer(request: Request) -> Response:
        if request.path == "/redirect":
            return Response(status=302, headers={"Location": "/json"})
        if request.path == "/large":
            return Response(b"x" * (LARGEST + 1))
        if request.path == "/endless":
            return Response(b"x" * 1024 for _ in range(1_000_000))
        if request.path == "/packed":
            return Response(b"x", headers={"Content-Encoding": "gzip"})
        if request.path == "/list":
            return Response("[]", content_type="application/json")
        if request.path == "/deep":
            return Response("[" * 60_000, content_type="application/json")
        if request.path == "/gone":
            return Response("{}", 404)
        return Response(json.dumps({"host": request.host}), content_type="application/json")

    running = make_server("127.0.0.1", 0, answer, threaded=True)
    threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    yield f"http://127.0.0.1:{running.server_port}"
    running.shutdown()
    running.server_close()


def refused(client: HttpClient, url: str) -> str:
    """The code with which the call is refused."""
    with pytest.raises(OutgoingError) as error:
        client.get_json(url)
    return error.value.code


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.9.9.9",
        "::1",
        "0.0.0.0",
        "169.254.169.254",
        "169.254.1.1",
        "fe80::1",
        "fe80::1%eth0",
        "10.0.0.1",
        "172.16.0.1",
        "192.168.1.1",
        "fd00::1",
        "fd00:ec2::254",
        "100.64.0.1",
        "100.100.100.200",
        "224.0.0.1",
        "ff02::1",
        "255.255.255.255",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "::ffff:169.254.169.254",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
        "192.0.2.1",
        "::",
    ],
)
def test_an_address_inside_is_never_called_in_production(address: str) -> None:
    """BC1: loopback, link-local, private, shared, metadata, and IPv4 in the disguise of IPv6."""
    client = HttpClient(development=False, resolve=lambda _host, _port: [address])
    assert refused(client, "https://provider.example/") == "address_refused"


def test_one_address_inside_among_many_refuses_the_name() -> None:
    """BC1: what a name answers is judged whole."""
    client = HttpClient(development=False, resolve=lambda _host, _port: [PUBLIC, "10.0.0.1"])
    assert refused(client, "https://provider.example/") == "address_refused"


def test_development_opens_loopback_and_nothing_else() -> None:
    """BC1: metadata and private addresses stay closed in development too."""
    client = HttpClient(development=True)
    assert client.allows(ip_address("127.0.0.1"))
    assert client.allows(ip_address("::1"))
    assert not client.allows(ip_address("169.254.169.254"))
    assert not client.allows(ip_address("10.0.0.1"))


def test_a_private_network_opens_only_where_the_policy_says_so() -> None:
    """BC1: private ranges, never the metadata address."""
    client = HttpClient(development=False, private_network=True)
    assert client.allows(ip_address("10.0.0.1"))
    assert client.allows(ip_address("fd00::1"))
    assert not client.allows(ip_address("fd00:ec2::254"))
    assert not client.allows(ip_address("127.0.0.1"))


@pytest.mark.parametrize(
    "url",
    [
        "http://provider.example/",
        "ftp://provider.example/",
        "file:///etc/passwd",
        "https:///nothing",
        "https://user:password@provider.example/",
        "https://provider.example:99999/",
        "gopher://provider.example/",
    ],
)
def test_only_https_to_a_plain_host_outside_development(url: str) -> None:
    """BC1: https only, no credentials in the address."""
    assert refused(HttpClient(development=False, resolve=lambda _host, _port: [PUBLIC]), url) == "address_refused"


def test_the_name_is_resolved_once_and_the_judged_address_is_called(server: str) -> None:
    """BC1: a rebinding resolver gets no second question."""
    port = server.rpartition(":")[2]
    answers = iter([["127.0.0.1"], ["10.0.0.1"]])
    client = HttpClient(development=True, resolve=lambda _host, _port: next(answers))
    assert client.get_json(f"http://rebinding.example:{port}/") == {"host": f"rebinding.example:{port}"}
    assert next(answers) == ["10.0.0.1"]


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/redirect", "redirect"),
        ("/large", "too_large"),
        ("/endless", "too_large"),
        ("/packed", "encoded"),
        ("/list", "not_json"),
        ("/deep", "not_json"),
        ("/gone", "status"),
    ],
)
def test_an_answer_that_is_not_what_was_asked_is_refused(server: str, path: str, code: str) -> None:
    """BC1, UP8: no redirect is followed, 64 kB is the end, nothing packed is unpacked."""
    assert refused(HttpClient(development=True), server + path) == code


def test_a_slow_drip_is_cut_off() -> None:
    """UP8: three seconds in all, however regularly a byte arrives."""
    listener = socket.create_server(("127.0.0.1", 0))

    def drip() -> None:
        connection, _ = listener.accept()
        try:
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
            for _ in range(1000):
                connection.sendall(b"x")
                time.sleep(0.05)
        except OSError:
            return

    threading.Thread(target=drip, daemon=True).start()
    began = time.perf_counter()
    client = HttpClient(development=True, seconds=0.5)
    assert refused(client, f"http://127.0.0.1:{listener.getsockname()[1]}/") == "too_slow"
    assert time.perf_counter() - began < 3
    listener.close()


def test_silence_is_cut_off() -> None:
    """UP8: a provider that takes the call and says nothing."""
    listener = socket.create_server(("127.0.0.1", 0))
    client = HttpClient(development=True, seconds=0.3)
    assert refused(client, f"http://127.0.0.1:{listener.getsockname()[1]}/") == "too_slow"
    listener.close()


def test_nobody_there_and_no_such_name_are_said_apart() -> None:
    """The operator's log says which."""
    closed = socket.create_server(("127.0.0.1", 0))
    port = closed.getsockname()[1]
    closed.close()
    assert refused(HttpClient(development=True), f"http://127.0.0.1:{port}/") == "unreachable"

    def unknown(_host: str, _port: int) -> list[str]:
        raise socket.gaierror

    assert refused(HttpClient(development=True, resolve=unknown), "http://nowhere.example/") == "unknown_host"


def test_a_library_that_speaks_requests_goes_through_the_same_guard(server: str) -> None:
    """BC1: Authlib's session calls nothing else."""
    session = requests.Session()
    session.trust_env = False
    session.mount("http://", GuardedAdapter(HttpClient(development=True)))
    assert session.post(f"{server}/json", data={"a": "b"}).json() == {"host": server.removeprefix("http://")}
    with pytest.raises(OutgoingError):
        session.get(f"{server}/redirect")
    session.mount("http://", GuardedAdapter(HttpClient(development=False)))
    with pytest.raises(OutgoingError):
        session.get(f"{server}/json")


def test_an_error_holds_no_path_query_or_body(server: str) -> None:
    """BC1: what may be logged is a code and a host."""
    with pytest.raises(OutgoingError) as error:
        HttpClient(development=True).get_json(f"{server}/gone?code=secret")
    assert "secret" not in str(error.value)
    assert "gone" not in str(error.value)
