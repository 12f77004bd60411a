"""RFC 7523 and OpenID Connect Core 9: private_key_jwt. A client proves itself with what it signed, once, with any of the keys
of its policy or of its own address."""

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest
import structlog
import time_machine
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.serving import make_server
from werkzeug.wrappers import Response

from broker.audit import AuditEvent
from broker.authentication.single_use import SingleUseValue
from broker.catalogue import Catalogue
from tests.oidc.conftest import ISSUER, SECRET, basic
from tests.specifications.holder import Holder, compact, decoded, encoded
from tests.specifications.machines import (
    KEYS,
    ask,
    ask_by,
    assertion,
    assertion_claims,
    catalogue,
    jwk,
)
from tests.worlds.statements import Statements

__all__ = ["catalogue"]


def proves_nothing(app: Flask, text: str, reason: str | None = None) -> None:
    """invalid_client, whatever is wrong with it; the reason is a code."""
    response = ask_by(app, text)
    assert (response.status_code, response.json["error"]) == (401, "invalid_client"), response.text
    if reason:
        assert response.json["error_description"] == f"Assertion refused: {reason}."


@pytest.mark.parametrize("algorithm", sorted(KEYS))
def test_every_algorithm_that_is_promised_proves_the_client(app: Flask, algorithm: str) -> None:
    response = ask_by(app, assertion(algorithm))
    assert response.status_code == 200, response.text


def test_it_costs_one_statement(app: Flask, statements: Statements) -> None:
    """Decisions 14: the insert that can only happen once."""
    ask(app)
    with statements() as seen:
        assert ask_by(app, assertion()).status_code == 200
    assert len(seen.writing) == len(seen) == 1, "\n".join(seen)


# What it must say


@pytest.mark.parametrize("audience", [ISSUER, f"{ISSUER}/v1/token", [f"{ISSUER}/v1/token"]])
def test_it_is_for_us_by_either_of_our_names(app: Flask, audience: Any) -> None:
    assert ask_by(app, assertion(aud=audience)).status_code == 200


def test_it_may_be_for_us_by_several_of_our_names_at_once(app: Flask) -> None:
    """3: `aud` may be an array; openid-client before its sixth version sends the issuer with the endpoints."""
    assert ask_by(app, assertion(aud=[ISSUER, f"{ISSUER}/v1/token"])).status_code == 200
    proves_nothing(app, assertion(aud=[ISSUER, f"{ISSUER}/v1/token", f"{ISSUER}/v1/revoke"]), "aud_wrong")


def test_it_is_for_the_endpoint_that_was_called_too(app: Flask) -> None:
    client = app.test_client()
    form = {
        "token": "x",
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        "client_assertion": assertion(aud=f"{ISSUER}/v1/introspect"),
    }
    assert client.post("/op/v1/introspect", data=form).status_code == 200
    assert client.post("/op/v1/revoke", data=form).json["error"] == "invalid_client"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"aud": "https://elsewhere.example"}, "aud_wrong"),
        ({"aud": f"{ISSUER}/"}, "aud_wrong"),
        ({"aud": f"{ISSUER}/v1/introspect"}, "aud_wrong"),
        ({"aud": [ISSUER, "https://elsewhere.example"]}, "aud_wrong"),
        ({"aud": [ISSUER, "https://elsewhere.example"], "azp": ISSUER}, "aud_wrong"),
        ({"aud": []}, "aud_wrong"),
        ({"aud": [ISSUER, 5]}, "aud_wrong"),
        ({"aud": None}, "aud_missing"),
        ({"aud": 5}, "aud_wrong"),
        ({"iss": "m-uri"}, "iss_wrong"),
        ({"iss": None}, "iss_missing"),
        ({"jti": None}, "jti_missing"),
        ({"jti": ""}, "jti_wrong"),
        ({"jti": 5}, "jti_wrong"),
        ({"jti": "x" * 256}, "jti_wrong"),
        ({"exp": None}, "exp_missing"),
        ({"exp": "4102444800"}, "exp_wrong"),
        ({"exp": 1.5e9}, "exp_wrong"),
        ({"exp": True}, "exp_wrong"),
        ({"exp": 4102444800}, "lives_too_long"),
        ({"exp": 4102444800, "iat": None}, "lives_too_long"),
        ({"iat": 4102444800}, "iat_in_future"),
        ({"nbf": 4102444800}, "not_yet_valid"),
    ],
)
def test_what_it_says_of_itself_is_checked(app: Flask, changes: dict[str, Any], reason: str) -> None:
    proves_nothing(app, assertion(**changes), reason)


@pytest.mark.parametrize("sub", [None, 5, "nobody", "m-basic", "m-uri"])
def test_it_is_of_the_client_that_it_names(app: Flask, sub: Any) -> None:
    proves_nothing(app, assertion(sub=sub))


def test_another_client_id_beside_it_is_refused(app: Flask) -> None:
    response = ask_by(app, assertion(), client_id="m-basic")
    assert response.json["error"] == "invalid_client"
    assert ask_by(app, assertion(), client_id="m-jwt").status_code == 200


def test_it_lives_ten_minutes_at_most_and_iat_is_not_needed(app: Flask, clock: time_machine.Traveller) -> None:
    now = assertion_claims()["iat"]
    assert ask_by(app, assertion(exp=now + 600)).status_code == 200
    proves_nothing(app, assertion(iat=now, exp=now + 602), "lives_too_long")
    assert ask_by(app, assertion(iat=None)).status_code == 200
    kept = assertion()
    clock.shift(timedelta(seconds=61))
    proves_nothing(app, kept, "expired")


def test_another_kind_of_assertion_is_not_known(app: Flask) -> None:
    for kind in (None, "", "urn:ietf:params:oauth:client-assertion-type:saml2-bearer"):
        response = ask(app, None, client_assertion=assertion(), client_assertion_type=kind)
        assert (response.status_code, response.json["error"]) == (400, "invalid_request")


# Who signed it, and how


@pytest.mark.parametrize("alg", ["none", "None", "NONE", "", None, 5])
def test_nobody_signed_it(app: Flask, alg: Any) -> None:
    """alg none, in every spelling."""
    header = {"alg": alg, "kid": "es256", "typ": "JWT"}
    text = compact({name: value for name, value in header.items() if value is not None}, assertion_claims(), None)
    proves_nothing(app, text)
    proves_nothing(app, text + encoded(b"x"))


def test_a_secret_made_of_the_public_key_signs_nothing(app: Flask) -> None:
    """HS256 with our client's public key, or its modulus, as the secret."""
    public = KEYS["RS256"].key.public_key()
    for secret in (
        public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
        public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo),
        KEYS["RS256"].jwk["n"].encode(),
    ):
        for alg in ("HS256", "RS256", "PS256"):
            proves_nothing(app, assertion(header={"alg": alg, "kid": "rs256"}, key=secret))


@pytest.mark.parametrize(
    ("signed", "said", "kid"),
    [
        ("RS256", "PS256", "rs256"),
        ("PS256", "RS256", "ps256"),
        ("RS256", "PS256", "ps256"),
        ("ES256", "RS256", "es256"),
        ("RS256", "ES256", "rs256"),
        ("RS256", "RS512", "rs256"),
        ("ES256", "ES384", "es256"),
    ],
)
def test_a_key_signs_with_its_own_algorithm_only(app: Flask, signed: str, said: str, kid: str) -> None:
    proves_nothing(app, assertion(signed, header={"alg": said, "kid": kid}, key=KEYS[signed].key))


def test_the_same_kid_with_another_key_proves_nothing(app: Flask) -> None:
    for algorithm in ("ES256", "RS256", "PS256"):
        stranger = Holder("ES256" if algorithm == "ES256" else "RS256")
        proves_nothing(app, assertion(algorithm, key=stranger.key), "signature_wrong")


def test_a_key_that_it_brings_along_is_not_looked_at(app: Flask) -> None:
    """Embedded jwk, jku, x5u, x5c: the keys are those of the policy."""
    stranger = Holder()
    for header in (
        {"jwk": {**stranger.jwk, "kid": "es256"}},
        {"jwk": stranger.jwk, "kid": "mine"},
        {"jku": "http://127.0.0.1:1/keys", "kid": "mine"},
        {"jku": "http://127.0.0.1:1/keys"},
        {"x5u": "http://127.0.0.1:1/cert", "x5c": ["MIIB"]},
    ):
        proves_nothing(app, assertion(header=header, key=stranger.key))


@pytest.mark.parametrize(
    "kid",
    [None, 5, "", "unknown", "../../../../dev/null", "es256' OR '1'='1", "es256\x00", "ES256", ["es256"], {"a": 1}],
)
def test_kid_names_a_key_and_does_nothing_else(app: Flask, kid: Any) -> None:
    """kid injection."""
    proves_nothing(app, assertion(header={"kid": kid}))


@pytest.mark.parametrize("header", [{"crit": ["exp"]}, {"crit": []}, {"b64": False}, {"typ": "at+jwt"}, {"typ": 5}])
def test_an_extension_or_a_type_that_nobody_knows_is_refused(app: Flask, header: dict[str, Any]) -> None:
    proves_nothing(app, assertion(header=header))


@pytest.mark.parametrize("text", ["", ".", "..", "a.b", "a.b.c", "a.b.c.d", "é.é.é", "x" * 20_000, "eyJ9.eyJ9.AA"])
def test_rubbish_proves_nothing(app: Flask, text: str) -> None:
    proves_nothing(app, text)


def test_the_same_assertion_in_another_spelling_is_refused(app: Flask) -> None:
    text = assertion()
    for other in (f"{text}=", f"{text}==", f" {text}", f"{text}\n", text.replace(".", "=.", 1)):
        proves_nothing(app, other)


# Once


def test_it_works_once(app: Flask) -> None:
    """OA9."""
    text = assertion()
    assert ask_by(app, text).status_code == 200
    proves_nothing(app, text, "used_before")
    proves_nothing(app, assertion("RS256", jti=_jti(text)), "used_before")


def test_it_works_once_over_all_nodes(app: Flask, make_app: Callable[..., Flask]) -> None:
    """OA9: two nodes on one database."""
    other = make_app()
    text = assertion()
    assert ask_by(other, text).status_code == 200
    proves_nothing(app, text, "used_before")


def test_it_works_once_while_redis_is_stopped(app: Flask, make_app: Callable[..., Flask]) -> None:
    """OA9, rule 7: a single-use value never falls back to a memory that another node does not share."""
    nodes = [make_app(BROKER_RATE_LIMITS="on", BROKER_REDIS_URL="redis://127.0.0.1:1/0") for _ in range(2)]
    text = assertion()
    assert [ask_by(node, text).status_code for node in nodes] == [200, 401]


def test_of_many_at_the_same_moment_one_works(app: Flask, make_app: Callable[..., Flask]) -> None:
    """OA9."""
    nodes = [app, make_app()]
    for node in nodes:
        ask(node)
    text, together, statuses = assertion(), threading.Barrier(6), []

    def send(node: Flask) -> None:
        together.wait()
        statuses.append(ask_by(node, text).status_code)

    threads = [threading.Thread(target=send, args=(nodes[number % 2],)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [200, 401, 401, 401, 401, 401]


def test_one_that_proves_nothing_uses_nothing_up(app: Flask, session: Session) -> None:
    text = assertion(key=Holder().key)
    proves_nothing(app, text)
    assert session.scalar(select(func.count()).select_from(SingleUseValue)) == 0
    assert ask_by(app, assertion(jti=_jti(text))).status_code == 200


def test_two_clients_may_use_the_same_jti(app: Flask) -> None:
    assert ask_by(app, assertion(jti="one")).status_code == 200
    proves_nothing(app, assertion(jti="one"), "used_before")
    assert ask_by(app, assertion(client_id="m-jwt-too", jti="one")).status_code == 200


def test_refusals_are_audited_by_client(app: Flask, session: Session) -> None:
    proves_nothing(app, assertion(key=Holder().key))
    event = session.scalars(select(AuditEvent).where(AuditEvent.name == "oidc:client:refuse")).one()
    assert event.details == {"endpoint": "oidc.token", "client": "m-jwt", "reason": "invalid_client"}


def test_a_client_with_keys_has_no_secret(app: Flask) -> None:
    response = ask(app, None, {"Authorization": basic("m-jwt", SECRET)})
    assert response.json["error"] == "invalid_client"
    assert ask(app, None, client_id="m-jwt").json["error"] == "invalid_client"


def _jti(text: str) -> str:
    found: str = decoded(text)["jti"]
    return found


# Keys at the client's own address


@dataclass
class KeyServer:
    """Publishes what it is told, and counts how often it was asked."""

    document: Any
    status: int = 200
    asked: int = 0
    address: str = ""

    def __call__(self, environ: Any, start_response: Any) -> Any:
        self.asked += 1
        body = self.document if isinstance(self.document, bytes) else json.dumps(self.document).encode()
        return Response(body, self.status, content_type="application/jwk-set+json")(environ, start_response)


@pytest.fixture
def published() -> Iterator[KeyServer]:
    """Where `m-uri` publishes its keys."""
    served = KeyServer({"keys": [jwk("ES256"), jwk("PS256")]})
    server = make_server("127.0.0.1", 0, served, threaded=True)
    served.address = f"http://127.0.0.1:{server.port}/keys"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield served
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def fetching(
    app: Flask, make_app: Callable[..., Flask], catalogue: Catalogue, published: KeyServer
) -> Callable[..., Flask]:
    """The broker on the same database, with the address in the policy of `m-uri`."""

    def make(**policy: Any) -> Flask:
        client = replace(catalogue.clients["m-uri"], **{"jwks_uri": published.address} | policy)
        return make_app(catalogue=replace(catalogue, clients={**catalogue.clients, "m-uri": client}))

    return make


def by_uri(app: Flask, algorithm: str = "ES256", **changes: Any) -> int:
    """The status of an assertion of `m-uri`."""
    return ask_by(app, assertion(algorithm, "m-uri", **changes)).status_code


def test_keys_are_fetched_once_and_kept(fetching: Callable[..., Flask], published: KeyServer) -> None:
    app = fetching()
    assert published.asked == 0, "not before somebody needs them"
    assert [by_uri(app, each) for each in ("ES256", "PS256", "ES256")] == [200, 200, 200]
    assert published.asked == 1


def test_a_key_without_alg_signs_with_what_its_kind_can(fetching: Callable[..., Flask], published: KeyServer) -> None:
    published.document = {"keys": [{**KEYS["PS256"].jwk, "kid": "ps256"}]}
    app = fetching()
    assert by_uri(app, "PS256") == 200
    assert by_uri(app, "ES256") == 401


def test_an_unknown_key_is_fetched_for_at_most_once_a_minute(
    fetching: Callable[..., Flask], published: KeyServer, clock: time_machine.Traveller
) -> None:
    app = fetching()
    assert by_uri(app) == 200
    new = Holder()
    published.document["keys"].append({**new.jwk, "kid": "new", "alg": "ES256", "use": "sig"})
    by_new = {"header": {"kid": "new"}, "key": new.key}
    assert by_uri(app, **by_new) == 401
    assert published.asked == 1
    clock.shift(timedelta(seconds=61))
    assert by_uri(app, **by_new) == 200
    assert published.asked == 2
    for number in range(20):
        assert by_uri(app, header={"kid": f"made-up-{number}"}) == 401
    assert published.asked == 2


def test_a_key_that_was_taken_away_is_gone_within_the_hour(
    fetching: Callable[..., Flask], published: KeyServer, clock: time_machine.Traveller
) -> None:
    app = fetching()
    assert by_uri(app) == 200
    published.document = {"keys": [jwk("PS256")]}
    assert by_uri(app) == 200
    clock.shift(timedelta(hours=1, seconds=1))
    assert by_uri(app) == 401
    assert by_uri(app, "PS256") == 200


@pytest.mark.parametrize(
    ("status", "document"),
    [
        (500, {}),
        (404, {}),
        (302, {}),
        (200, b"<html>"),
        (200, {}),
        (200, {"keys": []}),
        (200, {"keys": "all of them"}),
        (200, {"keys": [5, None, {"kty": "oct", "k": "c2VjcmV0", "kid": "es256", "alg": "HS256"}]}),
        (200, b"[" * 70_000),
    ],
)
def test_when_they_cannot_be_had_the_last_good_ones_serve_for_a_day(
    fetching: Callable[..., Flask], published: KeyServer, clock: time_machine.Traveller, status: int, document: Any
) -> None:
    app = fetching()
    assert by_uri(app) == 200
    good, published.status, published.document = published.document, status, document
    clock.shift(timedelta(hours=23, minutes=59))
    assert by_uri(app) == 200
    assert published.asked == 2
    clock.shift(timedelta(minutes=2))
    assert by_uri(app) == 401
    published.status, published.document = 200, good
    clock.shift(timedelta(minutes=1))
    assert by_uri(app) == 200


def test_a_server_that_is_down_is_asked_once_a_minute(
    fetching: Callable[..., Flask], published: KeyServer, clock: time_machine.Traveller
) -> None:
    published.status = 500
    app = fetching()
    assert [by_uri(app) for _ in range(5)] == [401] * 5
    assert published.asked == 1
    clock.shift(timedelta(minutes=1))
    published.status = 200
    assert by_uri(app) == 200


def test_many_at_the_same_moment_fetch_once(fetching: Callable[..., Flask], published: KeyServer) -> None:
    app, together, statuses = fetching(), threading.Barrier(4), []

    def send() -> None:
        together.wait()
        statuses.append(by_uri(app))

    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses == [200] * 4
    assert published.asked == 1


@pytest.mark.parametrize(
    ("address", "private_network", "code"),
    [
        ("http://169.254.169.254/keys", True, "address_refused"),
        ("http://10.1.2.3/keys", False, "address_refused"),
        ("http://10.1.2.3/keys", True, "unreachable"),
    ],
)
def test_only_addresses_that_may_be_called_are_called(
    fetching: Callable[..., Flask], monkeypatch: pytest.MonkeyPatch, address: str, private_network: bool, code: str
) -> None:
    """BC1: a private range only where the policy of this client says so, and metadata of a cloud never."""

    def unreachable(_: object) -> None:
        raise OSError

    monkeypatch.setattr("broker.http_client._Connection.connect", unreachable)
    app = fetching(jwks_uri=address, private_network=private_network)
    with structlog.testing.capture_logs() as lines:
        assert by_uri(app) == 401
    (line,) = [each for each in lines if each["event"] == "client_keys_unreachable"]
    assert (line["client_id"], line["code"]) == ("m-uri", code)
