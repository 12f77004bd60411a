"""RFC 7517 at /op/v1/keys: the key set, and keys that come, take over and go while everybody goes on (OA11)."""

import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy.exc import OperationalError
from werkzeug.test import TestResponse

from broker import clock as broker_clock
from broker.audit import AuditEvent
from broker.database import db, perform
from broker.installation import installation
from broker.keys.jose import Algorithm, JoseError, VerifyingKeys, kid_of, verify, verifying_keys
from broker.keys.rotate_signing_key import revoke_signing_key, rotate_signing_key
from broker.keys.signing_keys import ANNOUNCED_FOR, JWKS_MAX_AGE, REREAD_SECONDS, SKEW
from broker.oidc.provider import Provider, provider
from tests.oidc.conftest import ISSUER
from tests.specifications.machines import ask, catalogue
from tests.worlds.client import Client
from tests.worlds.statements import Statements

__all__ = ["catalogue"]

KEYS = "/op/v1/keys"
LONGEST = timedelta(minutes=5)
PUBLIC = {"ES256": {"kty", "crv", "x", "y", "kid", "use", "alg"}, "RS256": {"kty", "n", "e", "kid", "use", "alg"}}


def provider_of(app: Flask) -> Provider:
    """The provider of one node."""
    with app.app_context():
        return provider()


def rotate(algorithm: Algorithm = "ES256") -> str:
    """Announce a new key; its kid."""
    return perform(rotate_signing_key, installation().keys, algorithm, LONGEST)


def published(app: Flask) -> set[str]:
    """The kids in the key set of one node."""
    return {each["kid"] for each in app.test_client().get(KEYS).json["keys"]}


def kid_of_token(response: TestResponse) -> str | None:
    """Which key signed a token that was just given."""
    assert response.status_code == 200, response.text
    return kid_of(response.json["access_token"])


def forget(*nodes: Flask) -> None:
    """Thirty seconds went by: every node reads the table again."""
    for node in nodes:
        provider_of(node).ring.forget()


# The document


def test_the_set_holds_the_public_halves_of_both_algorithms_and_nothing_else(client: Client) -> None:
    keys = client.get(KEYS).json["keys"]
    assert sorted(each["alg"] for each in keys) == ["ES256", "RS256"]
    for each in keys:
        assert set(each) == PUBLIC[each["alg"]]
        assert each["use"] == "sig"
        assert verifying_keys({"keys": [each]}, each["alg"]).by_kid


def test_it_may_be_kept_for_five_minutes_and_by_anybody(client: Client) -> None:
    answer = client.get(KEYS, headers={"Origin": "https://anywhere.example"})
    assert answer.headers["Cache-Control"] == f"public, max-age={JWKS_MAX_AGE}"
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize("written", ["{}", "W/{}", '"another", {}', "*"])
def test_who_has_it_already_hears_so_until_it_changes(client: Client, written: str) -> None:
    tag = client.get(KEYS).headers["ETag"]
    asked = {"If-None-Match": written.format(tag)}
    again = client.get(KEYS, headers=asked)
    assert (again.status_code, again.data) == (304, b"")
    assert again.headers["ETag"] == tag
    assert again.headers["Cache-Control"] == f"public, max-age={JWKS_MAX_AGE}"
    assert client.get(KEYS, headers={"If-None-Match": '"another"'}).status_code == 200
    rotate()
    provider().ring.forget()
    assert client.get(KEYS).headers["ETag"] != tag
    assert client.get(KEYS, headers=asked).status_code == (304 if written == "*" else 200)


def test_head_says_what_get_would_say(client: Client) -> None:
    get, head = client.get(KEYS), client.head(KEYS)
    assert head.data == b""
    for name in ("ETag", "Content-Length", "Cache-Control", "Content-Type"):
        assert head.headers[name] == get.headers[name]


def test_it_asks_the_database_nothing_and_is_written_once(client: Client, statements: Statements) -> None:
    first = client.get(KEYS)
    with statements() as seen:
        assert client.get(KEYS).data == first.data
    assert list(seen) == []


# Rotation


def test_a_key_is_announced_then_signs_then_is_retired_then_gone(
    app: Flask, still_clock: time_machine.Traveller
) -> None:
    """OA11: announced for longer than the set is kept, retired for longer than a token lives."""
    old = kid_of_token(ask(app))
    new = rotate()
    forget(app)
    assert {old, new} <= published(app)
    assert kid_of_token(ask(app)) == old
    still_clock.shift(timedelta(seconds=JWKS_MAX_AGE + 59))
    assert kid_of_token(ask(app)) == old
    still_clock.shift(timedelta(seconds=2))
    assert kid_of_token(ask(app)) == new
    assert {old, new} <= published(app)
    still_clock.shift(LONGEST + SKEW - timedelta(seconds=2))
    assert old in published(app)
    still_clock.shift(timedelta(seconds=2))
    assert old not in published(app)


def test_the_other_algorithm_is_left_alone(app: Flask, clock: time_machine.Traveller) -> None:
    rsa = kid_of_token(ask(app, "m-rs256"))
    rotate("ES256")
    clock.shift(ANNOUNCED_FOR + timedelta(seconds=1))
    forget(app)
    assert kid_of_token(ask(app, "m-rs256")) == rsa


class FrozenCache:
    """An application that fetches the key set as its headers allow, and no sooner: the worst reader there may be."""

    def __init__(self, node: Flask) -> None:
        self._node = node
        self._fetched = broker_clock.now() - timedelta(days=1)
        self._keys: dict[str, VerifyingKeys] = {}
        self._lock = threading.Lock()

    def claims(self, token: str, algorithm: Algorithm) -> dict[str, Any]:
        """The claims of a token, verified with what it kept."""
        with self._lock:
            if broker_clock.now() - self._fetched >= timedelta(seconds=JWKS_MAX_AGE):
                jwks = self._node.test_client().get(KEYS).json
                self._keys = {each: verifying_keys(jwks, each) for each in ("RS256", "ES256")}
                self._fetched = broker_clock.now()
            keys = self._keys[algorithm]
        return verify(token, keys=keys, algorithm=algorithm, issuer=ISSUER, audience="cultuurmonitor", typ="at+jwt")


def test_rotation_under_load_loses_no_request(
    app: Flask, make_app: Callable[..., Flask], clock: time_machine.Traveller
) -> None:
    """OA11: two nodes give tokens all the while, two applications verify them with a key set as old as it may be, each
    token as long as it lives; both algorithms are rotated twice. Not one is lost."""
    nodes = [app, make_app()]
    readers = [FrozenCache(nodes[1]), FrozenCache(nodes[0])]
    kept: list[tuple[str, Algorithm, float]] = []
    signers: Counter[str] = Counter()

    def round_of(number: int) -> None:
        node, algorithm = nodes[number % 2], ("ES256", "RS256")[number // 2 % 2]
        token = ask(node, "m-basic" if algorithm == "ES256" else "m-rs256").json["access_token"]
        for reader in readers:
            reader.claims(token, algorithm)
        signers[kid_of(token) or ""] += 1
        kept.append((token, algorithm, broker_clock.now().timestamp() + 300))

    with ThreadPoolExecutor(4) as pool:
        for step in range(90):
            if step in (10, 50):
                for algorithm in ("ES256", "RS256"):
                    rotate(algorithm)
            if step % 2:  # the nodes read again at different moments
                forget(nodes[step // 2 % 2])
            list(pool.map(round_of, range(4)))
            for token, algorithm, until in list(kept):
                if broker_clock.now().timestamp() < until - 1:
                    readers[step % 2].claims(token, algorithm)
                else:
                    kept.remove((token, algorithm, until))
            clock.shift(timedelta(seconds=17))
    assert len(signers) == 6, "three keys of each algorithm signed"
    assert sum(signers.values()) == 360


def test_a_node_that_did_not_hear_of_a_rotation_does_not_sign_with_a_retired_key(
    app: Flask, make_app: Callable[..., Flask], clock: time_machine.Traveller
) -> None:
    """OA11: what a node knows is at most half a minute old, and a key is announced for six minutes."""
    assert timedelta(seconds=REREAD_SECONDS) < ANNOUNCED_FOR
    other = make_app()
    old = kid_of_token(ask(other))
    new = rotate()
    forget(app, other)
    assert {kid_of_token(ask(app)), kid_of_token(ask(other))} == {old}
    clock.shift(ANNOUNCED_FOR + timedelta(seconds=1))
    assert {kid_of_token(ask(app)), kid_of_token(ask(other))} == {new}, "at the moment itself, without being told"


def test_a_node_that_cannot_read_its_keys_again_gives_no_tokens(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """OA11: it says that it cannot, rather than sign with what it remembers."""
    ask(app)
    ring = provider().ring
    ring.forget()

    def unreadable() -> None:
        raise OperationalError("", {}, Exception("gone"))

    monkeypatch.setattr(ring, "_open_session", unreadable)
    response = ask(app)
    assert (response.status_code, response.json["error"]) == (503, "temporarily_unavailable")
    assert response.headers["Retry-After"]


# keys revoke


def test_a_key_that_leaked_is_gone_at_once_and_another_signs(
    app: Flask, make_app: Callable[..., Flask], clock: time_machine.Traveller
) -> None:
    """OA11: within half a minute on every node; what it signed is worth nothing."""
    other = make_app()
    token = ask(app).json["access_token"]
    leaked = kid_of(token)
    assert leaked is not None
    assert kid_of_token(ask(other)) == leaked
    successor = perform(revoke_signing_key, installation().keys, leaked)
    forget(app, other)
    for node in (app, other):
        assert kid_of_token(ask(node)) == successor
        assert published(node) & {leaked, successor} == {successor}
        with pytest.raises(JoseError, match="kid_unknown"):
            verify(
                token,
                keys=provider_of(node).ring.verifying("ES256"),
                algorithm="ES256",
                issuer=ISSUER,
                audience="cultuurmonitor",
                typ="at+jwt",
            )
    names = [each.name for each in db.session.query(AuditEvent).all()]
    assert "keys:signing_key:revoke" in names


def test_an_announced_key_takes_the_place_of_one_that_leaked(app: Flask) -> None:
    leaked = kid_of_token(ask(app))
    announced = rotate()
    assert leaked is not None
    assert perform(revoke_signing_key, installation().keys, leaked) == announced
    forget(app)
    assert kid_of_token(ask(app)) == announced
