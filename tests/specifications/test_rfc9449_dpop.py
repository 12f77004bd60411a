"""RFC 9449 (DPoP): tokens bound to a key, of which every request brings a proof."""

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from cryptography.hazmat.primitives.asymmetric import ec
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from broker import clock as broker_clock
from broker.audit import AuditEvent
from broker.authentication.single_use import SingleUseValue
from broker.keys.jose import sign
from broker.oidc.dpop import nonce_header
from broker.oidc.provider import provider
from broker.people.person import Person
from tests.oidc.conftest import ISSUER, SECRET, Relying, answer_of, basic
from tests.specifications.applications import asked_of, catalogue
from tests.specifications.holder import Holder, compact, decoded, encoded
from tests.worlds.statements import Statements

__all__ = ["catalogue"]

Make = Callable[..., Relying]


@pytest.fixture(scope="module")
def holder() -> Holder:
    """Who holds the key."""
    return Holder()


@pytest.fixture(scope="module")
def thief() -> Holder:
    """Somebody else, with a key as good."""
    return Holder()


@pytest.fixture(scope="module")
def weak() -> Holder:
    """Somebody with an RSA key."""
    return Holder("RS256")


@pytest.fixture
def bound(nele: Person, relying: Make, holder: Holder) -> str:
    """An access token bound to the key of `holder`."""
    app = relying("test-bound")
    answer = app.redeem(app.code(), holder.proof())
    assert answer.status_code == 200, answer.text
    token: str = answer.json["access_token"]
    return token


def _userinfo(
    app: Flask, token: str, proof: str | None = None, scheme: str = "DPoP", method: str = "GET"
) -> TestResponse:
    headers = {"Authorization": f"{scheme} {token}"} | ({"DPoP": proof} if proof is not None else {})
    return app.test_client().open("/op/v1/userinfo", method=method, headers=headers)


def _machine(app: Flask, proof: str | None) -> TestResponse:
    return app.test_client().post(
        "/op/v1/token",
        data={"grant_type": "client_credentials", "audience": "jaarboek"},
        headers={"Authorization": basic("test-machine", SECRET)} | ({"DPoP": proof} if proof is not None else {}),
    )


# The proof (section 4.3)


def _now() -> int:
    return int(broker_clock.now().timestamp())


def _spoilt(holder: Holder, thief: Holder, attack: str) -> str:
    """A proof that proves nothing."""
    other = "https://elsewhere.example/op/v1/token"
    match attack:
        case "no jwt":
            return "geen bewijs"
        case "two proofs":
            return f"{holder.proof()}, {holder.proof()}"
        case "another key's signature":
            return holder.proof(key=thief.key)
        case "another key in the header":
            return holder.proof(header={"jwk": thief.jwk})
        case "no key":
            return holder.proof(header={"jwk": None})
        case "kid instead of a key":
            return holder.proof(header={"jwk": None, "kid": "client-1"})
        case "private key":
            return holder.proof(header={"jwk": holder.jwk | {"d": encoded(b"1" * 32)}})
        case "symmetric key":
            return holder.proof(header={"alg": "HS256", "jwk": {"kty": "oct", "k": encoded(b"k" * 32)}})
        case "hs256 with its own key":
            header = {"typ": "dpop+jwt", "alg": "HS256", "jwk": holder.jwk}
            return compact(header, decoded(holder.proof()), holder.jwk["x"].encode())
        case "alg none":
            return compact({"typ": "dpop+jwt", "alg": "none", "jwk": holder.jwk}, decoded(holder.proof()), None)
        case "alg of another kind of key":
            return holder.proof(header={"alg": "RS256"})
        case "unknown algorithm":
            return holder.proof(header={"alg": "EdDSA"})
        case "type of an access token":
            return holder.proof(header={"typ": "at+jwt"})
        case "no type":
            return holder.proof(header={"typ": None})
        case "crit":
            return holder.proof(header={"crit": ["exp"]})
        case "curve p-384":
            return holder.proof(header={"jwk": holder.jwk | {"crv": "P-384"}})
        case "point that is not on the curve":
            return holder.proof(header={"jwk": holder.jwk | {"y": encoded(b"\1" * 32)}})
        case "short coordinate":
            return holder.proof(header={"jwk": holder.jwk | {"x": encoded(b"\1" * 31)}})
        case "padded coordinate":
            return holder.proof(header={"jwk": holder.jwk | {"x": holder.jwk["x"] + "="}})
        case "key for encryption":
            return holder.proof(header={"jwk": holder.jwk | {"use": "enc"}})
        case "key as text":
            return holder.proof(header={"jwk": "geen sleutel"})
        case "weak rsa":
            return holder.proof(
                header={"alg": "RS256", "jwk": {"kty": "RSA", "n": encoded(b"\xff" * 128), "e": "AQAB"}}
            )
        case "giant rsa":
            return holder.proof(
                header={"alg": "RS256", "jwk": {"kty": "RSA", "n": encoded(b"\xff" * 1025), "e": "AQAB"}}
            )
        case "giant exponent":
            big = encoded(b"\xff" * 256)
            return holder.proof(header={"alg": "RS256", "jwk": {"kty": "RSA", "n": big, "e": big}})
        case "htm":
            return holder.proof(htm="GET")
        case "htm in small letters":
            return holder.proof(htm="post")
        case "no htm":
            return holder.proof(htm=None)
        case "htu of another server":
            return holder.proof(htu=other)
        case "htu of another endpoint":
            return holder.proof(htu=f"{ISSUER}/v1/userinfo")
        case "htu with another port":
            return holder.proof(htu="http://localhost:8001/op/v1/token")
        case "htu with a user":
            return holder.proof(htu="http://iemand@localhost:8000/op/v1/token")
        case "htu without an origin":
            return holder.proof(htu="/op/v1/token")
        case "htu with a port that is none":
            return holder.proof(htu="http://localhost:haven/op/v1/token")
        case "htu as list":
            return holder.proof(htu=[f"{ISSUER}/v1/token"])
        case "no htu":
            return holder.proof(htu=None)
        case "no jti":
            return holder.proof(jti=None)
        case "empty jti":
            return holder.proof(jti="")
        case "long jti":
            return holder.proof(jti="x" * 300)
        case "jti that is no text":
            return holder.proof(jti=7)
        case "jti that is no character":
            return holder.proof(jti="\ud800")
        case "no iat":
            return holder.proof(iat=None)
        case "iat in text":
            return holder.proof(iat=str(_now()))
        case "old":
            return holder.proof(iat=_now() - 62)
        case "of tomorrow":
            return holder.proof(iat=_now() + 90)
        case "iat without end":
            return holder.proof(iat=10**30)
        case "iat beyond any float":
            return holder.proof(iat=10**400)
    raise AssertionError(attack)


@pytest.mark.parametrize(
    "attack",
    [
        "no jwt",
        "two proofs",
        "another key's signature",
        "another key in the header",
        "no key",
        "kid instead of a key",
        "private key",
        "symmetric key",
        "hs256 with its own key",
        "alg none",
        "alg of another kind of key",
        "unknown algorithm",
        "type of an access token",
        "no type",
        "crit",
        "curve p-384",
        "point that is not on the curve",
        "short coordinate",
        "padded coordinate",
        "key for encryption",
        "key as text",
        "weak rsa",
        "giant rsa",
        "giant exponent",
        "htm",
        "htm in small letters",
        "no htm",
        "htu of another server",
        "htu of another endpoint",
        "htu with another port",
        "htu with a user",
        "htu without an origin",
        "htu with a port that is none",
        "htu as list",
        "no htu",
        "no jti",
        "empty jti",
        "long jti",
        "jti that is no text",
        "jti that is no character",
        "no iat",
        "iat in text",
        "old",
        "of tomorrow",
        "iat without end",
        "iat beyond any float",
    ],
)
def test_a_proof_that_proves_nothing_gives_no_token(
    app: Flask, session: Session, holder: Holder, thief: Holder, attack: str
) -> None:
    """RFC 9449, 4.3 and 5: invalid_dpop_proof; written down, and nothing of the proof in it."""
    answer = _machine(app, _spoilt(holder, thief, attack))
    assert (answer.status_code, answer.json["error"]) == (400, "invalid_dpop_proof"), answer.json
    event = session.scalars(select(AuditEvent).where(AuditEvent.name == "oidc:client:refuse")).one()
    assert event.details == {"endpoint": "oidc.token", "client": "test-machine", "reason": "invalid_dpop_proof"}


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"htu": "HTTP://LOCALHOST:8000/op/v1/token"},
        {"htu": "http://localhost:8000/op/v1/token?a=b#c"},
        {"iat": 30},
        {"iat": -30},
        {"extra": "wat ook"},
        {"header": {"typ": "DPoP+JWT"}},
        {"header": {"typ": "application/dpop+jwt"}},
    ],
)
def test_a_sound_proof_binds_the_token(app: Flask, holder: Holder, changes: dict[str, Any]) -> None:
    """4.3: the query and fragment of htu are ignored, as is how scheme and host are written; 5: token_type is DPoP."""
    given = dict(changes)
    if isinstance(given.get("iat"), int):
        given["iat"] = _now() + given["iat"]
    answer = _machine(app, holder.proof(**given))
    assert (answer.status_code, answer.json["token_type"]) == (200, "DPoP"), answer.json
    assert decoded(answer.json["access_token"])["cnf"] == {"jkt": holder.jkt}


def test_every_algorithm_that_discovery_names_will_do_and_no_other(app: Flask, weak: Holder) -> None:
    found = app.test_client().get("/op/.well-known/openid-configuration").json
    named = found["dpop_signing_alg_values_supported"]
    assert set(named) == {"ES256", "RS256", "PS256"}
    for algorithm in ("RS256", "PS256"):
        assert _machine(app, weak.proof(header={"alg": algorithm})).json["token_type"] == "DPoP"
    assert _machine(app, weak.proof(header={"alg": "RS512"})).json["error"] == "invalid_dpop_proof"


# Once


def test_a_proof_is_used_once_on_whichever_node(
    app: Flask, make_app: Callable[..., Flask], holder: Holder, session: Session
) -> None:
    """OA9: in the database, which both nodes share."""
    proof = holder.proof()
    assert _machine(app, proof).status_code == 200
    again = _machine(app, proof)
    assert (again.status_code, again.json["error"]) == (400, "invalid_dpop_proof")
    assert _machine(make_app(), proof).json["error"] == "invalid_dpop_proof"
    (kept,) = session.scalars(select(SingleUseValue)).all()
    assert decoded(proof)["jti"] not in kept.digest


def test_two_keys_may_use_the_same_jti(app: Flask, holder: Holder, thief: Holder) -> None:
    """Else a stranger could use up what somebody is going to send."""
    jti = str(uuid.uuid4())
    assert _machine(app, thief.proof(jti=jti)).status_code == 200
    assert _machine(app, holder.proof(jti=jti)).status_code == 200


def test_a_proof_is_remembered_for_as_long_as_it_could_be_used(
    app: Flask, holder: Holder, session: Session, still_clock: time_machine.Traveller
) -> None:
    proof = holder.proof(iat=_now() + 55)
    assert _machine(app, proof).status_code == 200
    still_clock.shift(timedelta(seconds=110))
    assert _machine(app, proof).json["error"] == "invalid_dpop_proof"
    assert session.scalars(select(SingleUseValue)).one().expires_at.timestamp() >= decoded(proof)["iat"] + 60


def test_who_does_not_prove_itself_uses_no_proof_up(app: Flask, holder: Holder, session: Session) -> None:
    proof = holder.proof()
    body = {"grant_type": "client_credentials", "audience": "jaarboek"}
    header = {"Authorization": basic("test-machine", "wrong"), "DPoP": proof}
    assert app.test_client().post("/op/v1/token", data=body, headers=header).status_code == 401
    assert session.scalar(select(SingleUseValue)) is None
    assert _machine(app, proof).status_code == 200


# The nonce (section 8)


@pytest.mark.parametrize("nonce", [None, "", "x", 7, "é"])
def test_without_a_nonce_of_ours_one_is_given_and_nothing_is_used_up(
    app: Flask, holder: Holder, session: Session, nonce: Any
) -> None:
    answer = _machine(app, holder.proof(nonce=nonce))
    assert (answer.status_code, answer.json["error"]) == (400, "use_dpop_nonce")
    assert session.scalar(select(SingleUseValue)) is None
    assert _machine(app, holder.proof(nonce=answer.headers["DPoP-Nonce"])).status_code == 200


def test_the_code_survives_the_question_for_a_nonce(nele: Person, relying: Make, holder: Holder) -> None:
    app = relying("test-bound")
    code = app.code()
    asked = app.redeem(code, holder.proof(nonce=None))
    assert asked.json["error"] == "use_dpop_nonce"
    assert app.redeem(code, holder.proof(nonce=asked.headers["DPoP-Nonce"])).json["token_type"] == "DPoP"


def test_a_nonce_counts_for_five_to_ten_minutes(app: Flask, holder: Holder, clock: time_machine.Traveller) -> None:
    nonce = nonce_header(provider())[1]
    clock.shift(timedelta(minutes=4))
    assert _machine(app, holder.proof(nonce=nonce)).status_code == 200
    clock.shift(timedelta(minutes=7))
    assert _machine(app, holder.proof(nonce=nonce)).json["error"] == "use_dpop_nonce"


def test_a_nonce_of_one_node_counts_on_every_other_and_of_another_house_on_none(
    app: Flask, make_app: Callable[..., Flask], holder: Holder
) -> None:
    """It is a keyed hash of the time, so nobody has to keep it."""
    proof = holder.proof()
    assert _machine(make_app(), proof).status_code == 200
    stranger = make_app(BROKER_SECRET_KEYS="k2:" + encoded(b"2" * 32))
    assert _machine(stranger, holder.proof()).json["error"] == "use_dpop_nonce"


def test_every_answer_to_a_proof_brings_the_nonce_that_counts_next(
    app: Flask, holder: Holder, bound: str, clock: time_machine.Traveller
) -> None:
    clock.shift(timedelta(minutes=1))
    current = nonce_header(provider())
    assert current in list(_machine(app, holder.proof()).headers)
    assert current in list(_userinfo(app, bound, holder.proof("userinfo", "GET", bound)).headers)
    assert "DPoP-Nonce" not in _machine(app, None).headers


# At the token endpoint


def test_a_client_that_must_prove_a_key_gets_nothing_without(nele: Person, relying: Make, holder: Holder) -> None:
    """By its policy; the code is not used up by the mistake."""
    app = relying("test-bound")
    code = app.code()
    answer = app.redeem(code)
    assert (answer.status_code, answer.json["error"]) == (400, "invalid_request")
    assert app.redeem(code, holder.proof()).json["token_type"] == "DPoP"


def test_any_other_client_may(nele: Person, relying: Make, holder: Holder) -> None:
    app = relying()
    assert app.redeem(app.code()).json["token_type"] == "Bearer"
    tokens = app.redeem(app.code(), holder.proof()).json
    assert tokens["token_type"] == "DPoP"
    assert app.access_claims(tokens)["cnf"] == {"jkt": holder.jkt}
    assert "cnf" not in app.id_claims(tokens)


def test_a_code_asked_for_with_a_key_is_redeemed_with_that_key(
    nele: Person, relying: Make, holder: Holder, thief: Holder
) -> None:
    """Section 10: dpop_jkt binds the code, so that one that was stolen is worth nothing."""
    app = relying("test-public")
    stolen = app.code(dpop_jkt=holder.jkt)
    assert app.redeem(stolen, thief.proof()).json["error"] in ("invalid_grant", "invalid_dpop_proof")
    bare = app.code(dpop_jkt=holder.jkt)
    assert app.redeem(bare).json["error"] in ("invalid_grant", "invalid_dpop_proof", "invalid_request")
    assert app.redeem(app.code(dpop_jkt=holder.jkt), holder.proof()).json["token_type"] == "DPoP"


def _pushed(app: Flask, relying: Relying, proof: str | None, **changes: str) -> TestResponse:
    body = relying.request(**changes)
    return app.test_client().post("/op/v1/par", data=body, headers={"DPoP": proof} if proof else {})


def test_a_proof_with_a_pushed_request_binds_the_code(
    nele: Person, relying: Make, app: Flask, holder: Holder, thief: Holder
) -> None:
    """Section 10.1."""
    for redeemer, token_type in ((thief, None), (holder, "DPoP")):
        application = relying("test-bound")
        pushed = _pushed(app, application, holder.proof("par"))
        assert pushed.status_code == 201, pushed.text
        assert nonce_header(provider()) in list(pushed.headers)
        query = {"client_id": "test-bound", "request_uri": pushed.json["request_uri"]}
        code = answer_of(application.browser.get("/op/v1/auth", query_string=query))["code"]
        assert application.redeem(code, redeemer.proof()).json.get("token_type") == token_type


def test_a_pushed_request_names_no_other_key_than_it_proves(
    app: Flask, relying: Make, holder: Holder, thief: Holder
) -> None:
    """10.1; its proof is one for this address, and used once."""
    application = relying("test-bound")
    other = _pushed(app, application, holder.proof("par"), dpop_jkt=thief.jkt)
    assert (other.status_code, other.json["error"]) == (400, "invalid_request")
    assert _pushed(app, application, holder.proof("token")).json["error"] == "invalid_dpop_proof"
    assert _pushed(app, application, holder.proof("par", nonce=None)).json["error"] == "use_dpop_nonce"
    proof = holder.proof("par")
    assert _pushed(app, application, proof, dpop_jkt=holder.jkt).status_code == 201
    assert _pushed(app, application, proof).json["error"] == "invalid_dpop_proof"
    assert _pushed(app, application, None).status_code == 201, "the policy asks a proof of who asks a token"


def test_a_refresh_token_that_is_bound_asks_for_the_same_key(
    nele: Person, relying: Make, app: Flask, holder: Holder, thief: Holder
) -> None:
    """Section 5, for a public client, which proves itself by nothing else; the thief's try revokes nothing, and does not bring
    the token down to Bearer."""
    application = relying("test-public-refresh")
    tokens = application.redeem(application.code(), holder.proof()).json

    def refresh(token: str, proof: str | None) -> TestResponse:
        body = {"grant_type": "refresh_token", "refresh_token": token, "client_id": "test-public-refresh"}
        return app.test_client().post("/op/v1/token", data=body, headers={"DPoP": proof} if proof else {})

    assert refresh(tokens["refresh_token"], thief.proof()).json["error"] == "invalid_grant"
    assert refresh(tokens["refresh_token"], None).json["error"] == "invalid_grant"
    answer = refresh(tokens["refresh_token"], holder.proof()).json
    assert (answer["token_type"], decoded(answer["access_token"])["cnf"]) == ("DPoP", {"jkt": holder.jkt})


def test_a_machine_with_a_proof_costs_one_statement(app: Flask, holder: Holder, statements: Statements) -> None:
    """Decisions 14."""
    _machine(app, None)
    with statements() as seen:
        assert _machine(app, holder.proof()).status_code == 200
    assert len(seen) == 1, seen


# At a resource (section 7)


def test_a_bound_token_opens_userinfo_with_its_key(app: Flask, nele: Person, bound: str, holder: Holder) -> None:
    for method in ("GET", "POST"):
        answer = _userinfo(app, bound, holder.proof("userinfo", method, bound), method=method)
        assert (answer.status_code, answer.json.get("sub")) == (200, nele.sub)


def _challenge(answer: TestResponse) -> tuple[int, str, str]:
    return answer.status_code, answer.json["error"], answer.headers["WWW-Authenticate"].partition(" ")[0]


def test_a_stolen_token_is_worth_nothing_with_another_key(app: Flask, bound: str, thief: Holder) -> None:
    answer = _userinfo(app, bound, thief.proof("userinfo", "GET", bound))
    assert _challenge(answer) == (401, "invalid_token", "DPoP")


@pytest.mark.parametrize("way", ["header", "form", "header with the proof"])
def test_a_bound_token_does_not_go_down_to_bearer(app: Flask, bound: str, holder: Holder, way: str) -> None:
    """7.2: as DPoP, or not at all."""
    proof = holder.proof("userinfo", "POST" if way == "form" else "GET", bound)
    match way:
        case "header":
            answer = _userinfo(app, bound, scheme="Bearer")
        case "form":
            answer = app.test_client().post("/op/v1/userinfo", data={"access_token": bound}, headers={"DPoP": proof})
        case _:
            answer = _userinfo(app, bound, proof, scheme="Bearer")
    assert _challenge(answer) == (401, "invalid_token", "DPoP")


def test_a_token_that_is_not_bound_does_not_go_up_to_dpop(
    app: Flask, nele: Person, relying: Make, holder: Holder
) -> None:
    token = relying("test-public").tokens()["access_token"]
    answer = _userinfo(app, token, holder.proof("userinfo", "GET", token))
    assert _challenge(answer) == (401, "invalid_token", "DPoP")


def test_nobody_binds_a_bearer_token_to_their_own_key(app: Flask, nele: Person, relying: Make, thief: Holder) -> None:
    claims = decoded(relying("test-public").tokens()["access_token"]) | {"cnf": {"jkt": thief.jkt}}
    forged = compact({"alg": "ES256", "typ": "at+jwt", "kid": "x"}, claims, thief.key)
    assert _userinfo(app, forged, thief.proof("userinfo", "GET", forged)).status_code == 401


@pytest.mark.parametrize(
    "changes",
    [
        {"access_token": None},
        {"ath": ""},
        {"ath": encoded(b"\0" * 32)},
        {"ath": 1},
        {"ath": "\ud800"},
        {"htm": "POST"},
        {"htu": f"{ISSUER}/v1/token"},
    ],
)
def test_a_proof_for_something_else_opens_nothing(
    app: Flask, bound: str, holder: Holder, changes: dict[str, Any]
) -> None:
    """7: ath binds the proof to this very token."""
    given = {"access_token": bound} | changes
    answer = _userinfo(app, bound, holder.proof("userinfo", "GET", **given))
    assert _challenge(answer) == (401, "invalid_dpop_proof", "DPoP")


def test_the_proof_of_one_token_is_none_of_another(
    app: Flask, nele: Person, relying: Make, bound: str, holder: Holder
) -> None:
    application = relying("test-bound")
    other = application.redeem(application.code(), holder.proof()).json["access_token"]
    assert _userinfo(app, other, holder.proof("userinfo", "GET", bound)).json["error"] == "invalid_dpop_proof"


def test_no_proof_a_used_one_or_one_without_a_nonce(app: Flask, bound: str, holder: Holder) -> None:
    """OA9; 9: a resource gives a nonce as the token endpoint does, with 401."""
    assert _challenge(_userinfo(app, bound)) == (401, "invalid_dpop_proof", "DPoP")
    proof = holder.proof("userinfo", "GET", bound)
    assert _userinfo(app, bound, proof).status_code == 200
    assert _challenge(_userinfo(app, bound, proof)) == (401, "invalid_dpop_proof", "DPoP")
    answer = _userinfo(app, bound, holder.proof("userinfo", "GET", bound, nonce=None))
    assert _challenge(answer) == (401, "use_dpop_nonce", "DPoP")
    fresh = holder.proof("userinfo", "GET", bound, nonce=answer.headers["DPoP-Nonce"])
    assert _userinfo(app, bound, fresh).status_code == 200


def test_the_challenge_names_the_algorithms(app: Flask, bound: str) -> None:
    """7.1."""
    told = _userinfo(app, bound).headers["WWW-Authenticate"]
    assert told == 'DPoP error="invalid_dpop_proof", algs="' + told.partition('algs="')[2]
    assert "ES256" in told


def test_userinfo_asks_the_database_once_and_writes_the_proof_down(
    app: Flask, bound: str, holder: Holder, statements: Statements
) -> None:
    proof = holder.proof("userinfo", "GET", bound)
    provider().ring.signing("ES256")
    with statements() as seen:
        assert _userinfo(app, bound, proof).status_code == 200
    assert len(seen) == 2, seen


def test_introspection_tells_the_key(app: Flask, nele: Person, bound: str, holder: Holder) -> None:
    """6.2: so that whoever does not read the token can check its proof."""
    answer = asked_of(app, "test-confidential", bound).json
    assert (answer["active"], answer["token_type"], answer["cnf"]) == (True, "DPoP", {"jkt": holder.jkt})
    machine = _machine(app, holder.proof()).json["access_token"]
    assert asked_of(app, "jaarboek", machine).json["cnf"] == {"jkt": holder.jkt}


def test_a_confirmation_that_we_never_wrote_binds_to_nobody(app: Flask, nele: Person, relying: Make) -> None:
    """A key of another kind than a thumbprint is no key: such a token opens nothing, rather than everything."""
    claims = decoded(relying("test-public").tokens()["access_token"])
    token = sign(claims | {"cnf": {"x5t#S256": "x"}}, provider().ring.signing("RS256"), "at+jwt")
    assert _userinfo(app, token, scheme="Bearer").status_code == 401


def test_another_curve_than_the_one_we_take_is_no_key(app: Flask) -> None:
    """A key that nobody ever made here."""
    key = ec.generate_private_key(ec.SECP384R1())
    point = key.public_key().public_numbers()
    jwk = {"kty": "EC", "crv": "P-384", "x": encoded(point.x.to_bytes(48)), "y": encoded(point.y.to_bytes(48))}
    header = {"typ": "dpop+jwt", "alg": "ES384", "jwk": jwk}
    answer = _machine(app, f"{compact(header, {}, None)}{encoded(b'0' * 96)}")
    assert answer.json["error"] == "invalid_dpop_proof"
