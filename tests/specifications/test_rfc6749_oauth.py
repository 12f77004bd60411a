"""RFC 6749 at the token endpoint: what a client may send, how it proves itself, and a token for itself (4.4).

The code is in `test_rfc7636_pkce`, refreshing in `test_openid_core_refresh`, assertions in `test_rfc7523_client_assertions`.
"""

import base64
import json
from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from urllib.parse import quote

import pytest
import structlog
import time_machine
from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from broker.audit import AuditEvent, AuditSource
from broker.keys.jose import Algorithm, verify
from broker.oidc.machine_body import LONGEST_BODY, MOST_PARAMETERS
from broker.oidc.machine_endpoints import ENDPOINTS
from broker.oidc.provider import Provider, provider
from tests.oidc.conftest import BACK, ISSUER, SECRET, basic
from tests.specifications.holder import Holder, decoded
from tests.specifications.machines import ODD_SECRET, OLD_SECRET, ask, catalogue
from tests.worlds.client import Client
from tests.worlds.statements import Statements

__all__ = ["catalogue"]

TOKEN = "/op/v1/token"
FORM = "application/x-www-form-urlencoded"
REFUSED_A_MINUTE = 300


def provider_of(app: Flask) -> Provider:
    """The provider of one node."""
    with app.app_context():
        return provider()


def refused(response: TestResponse, status: int, error: str) -> None:
    """An error as section 5.2 has it: its code, not kept, no cookie."""
    assert (response.status_code, response.json["error"]) == (status, error), response.text
    assert response.headers["Content-Type"] == "application/json"
    assert response.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in response.headers


# 2.3 Client authentication


@pytest.mark.parametrize(
    "authorization",
    [
        basic("m-basic", "wrong"),
        basic("m-basic", ""),
        basic("nobody", SECRET),
        basic("m-jwt", SECRET),
        basic("m-post", SECRET),
        basic("m-public", ""),
        "Basic !",
        "Basic " + base64.b64encode(b"m-basic").decode(),
        "Basic " + base64.b64encode(b"\xff\xfe:\xff").decode(),
        f"Bearer {SECRET}",
        "",
    ],
)
def test_whoever_does_not_prove_himself_hears_the_same(app: Flask, authorization: str) -> None:
    response = ask(app, None, {"Authorization": authorization})
    refused(response, 401, "invalid_client")
    assert response.json["error_description"] == "The client did not prove itself."
    assert response.headers["WWW-Authenticate"].startswith("Basic")


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"client_id": "m-basic"},
        {"client_id": "m-basic", "client_secret": SECRET},
        {"client_id": "m-post"},
        {"client_id": "m-post", "client_secret": ""},
        {"client_id": "m-post", "client_secret": "wrong"},
        {"client_secret": SECRET},
        {"client_id": "nobody", "client_secret": SECRET},
    ],
)
def test_each_client_proves_itself_in_its_own_way_only(app: Flask, form: dict[str, str]) -> None:
    refused(ask(app, None, **form), 401, "invalid_client")


def test_two_proofs_at_once_are_refused(app: Flask) -> None:
    """Section 2.3: one method a request."""
    refused(ask(app, "m-basic", client_secret=SECRET), 400, "invalid_request")
    refused(ask(app, "m-basic", client_id="m-post", client_secret=SECRET), 400, "invalid_request")
    refused(ask(app, "m-basic", client_assertion="a.b.c"), 400, "invalid_request")
    refused(ask(app, None, client_id="m-post", client_secret=SECRET, client_assertion="a.b.c"), 400, "invalid_request")


def test_another_client_id_beside_the_header_is_refused(app: Flask) -> None:
    refused(ask(app, "m-basic", client_id="m-post"), 401, "invalid_client")
    assert ask(app, "m-basic", client_id="m-basic").status_code == 200


def test_a_secret_is_good_by_header_or_by_form_as_the_policy_says(app: Flask) -> None:
    assert ask(app, "m-basic").status_code == 200
    assert ask(app, None, client_id="m-post", client_secret=SECRET).status_code == 200


def test_while_a_secret_is_being_replaced_both_are_good(app: Flask) -> None:
    """Decisions 19."""
    for secret in (SECRET, OLD_SECRET):
        assert ask(app, None, {"Authorization": basic("m-rotating", secret)}).status_code == 200
    refused(ask(app, None, {"Authorization": basic("m-rotating", SECRET + OLD_SECRET)}), 401, "invalid_client")


def test_id_and_secret_come_written_as_in_a_form(app: Flask) -> None:
    """Section 2.3.1, appendix B."""
    written = basic(quote("m-odd"), quote(ODD_SECRET, safe=""))
    assert ask(app, None, {"Authorization": written}).status_code == 200


# 3.2 What may be sent


@pytest.mark.parametrize("method", ["get", "put", "delete", "patch", "head"])
def test_another_method_than_post_is_not_allowed(app: Flask, method: str) -> None:
    response = getattr(app.test_client(), method)(TOKEN)
    assert response.status_code == 405
    assert response.headers["Allow"] == "POST, OPTIONS"


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b'{"grant_type": "client_credentials"}', "application/json"),
        (b"grant_type=client_credentials", "text/plain"),
        (b"grant_type=client_credentials", ""),
        (
            b'--x\r\nContent-Disposition: form-data; name="grant_type"\r\n\r\nx\r\n--x--',
            "multipart/form-data; boundary=x",
        ),
    ],
)
def test_a_body_of_another_kind_is_refused(app: Flask, body: bytes, content_type: str) -> None:
    headers = {"Authorization": basic("m-basic", SECRET)}
    response = app.test_client().post(TOKEN, data=body, content_type=content_type, headers=headers)
    refused(response, 400, "invalid_request")


def test_a_form_may_say_its_character_set(app: Flask) -> None:
    headers = {"Authorization": basic("m-basic", SECRET)}
    for content_type in (f"{FORM}; charset=UTF-8", FORM.upper()):
        response = app.test_client().post(
            TOKEN, data=b"grant_type=client_credentials", content_type=content_type, headers=headers
        )
        assert response.status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        b"grant_type=client_credentials&grant_type=client_credentials",
        b"grant_type=client_credentials&client_id=m-basic&client_id=m-post",
        b"grant_type=client_credentials&scope=&scope=",
        b"grant_type=client_credentials&anything=a&anything=b",
    ],
)
def test_a_parameter_that_stands_there_twice_is_refused(app: Flask, body: bytes) -> None:
    headers = {"Authorization": basic("m-basic", SECRET)}
    refused(app.test_client().post(TOKEN, data=body, content_type=FORM, headers=headers), 400, "invalid_request")


def test_nothing_may_stand_in_the_address(app: Flask) -> None:
    headers = {"Authorization": basic("m-basic", SECRET)}
    response = app.test_client().post(
        f"{TOKEN}?audience=cultuurmonitor", data={"grant_type": "client_credentials"}, headers=headers
    )
    refused(response, 400, "invalid_request")


@pytest.mark.parametrize("body", [b"grant_type=%ff%fe", b"grant_type=\xff", b"a=1&" * (MOST_PARAMETERS + 1)])
def test_parameters_that_cannot_be_read_are_refused(app: Flask, body: bytes) -> None:
    headers = {"Authorization": basic("m-basic", SECRET)}
    refused(app.test_client().post(TOKEN, data=body, content_type=FORM, headers=headers), 400, "invalid_request")


def test_a_body_that_is_too_long_is_not_parsed(app: Flask) -> None:
    """SR8: 64 kB, whether its length is told or not."""
    body = b"grant_type=client_credentials&x=" + b"y" * LONGEST_BODY
    headers = {"Authorization": basic("m-basic", SECRET)}
    refused(app.test_client().post(TOKEN, data=body, content_type=FORM, headers=headers), 413, "invalid_request")
    chunked = {"wsgi.input": BytesIO(body), "wsgi.input_terminated": True, "CONTENT_LENGTH": "", "CONTENT_TYPE": FORM}
    response = app.test_client().post(TOKEN, headers=headers, environ_overrides=chunked)
    refused(response, 413, "invalid_request")
    chunked["wsgi.input"] = BytesIO(b"grant_type=client_credentials")
    assert app.test_client().post(TOKEN, headers=headers, environ_overrides=chunked).status_code == 200


@pytest.mark.parametrize("grant_type", ["password", "implicit", "urn:made:up", "<b>é</b>", "authorization_code "])
def test_a_grant_that_nobody_knows_is_refused_and_not_repeated(app: Flask, grant_type: str) -> None:
    response = ask(app, "m-basic", grant_type=grant_type)
    refused(response, 400, "unsupported_grant_type")
    assert grant_type not in response.text


@pytest.mark.parametrize("grant_type", [None, ""])
def test_a_request_that_names_no_grant_lacks_something(app: Flask, grant_type: str | None) -> None:
    """5.2: a required parameter is missing; and one without a value is as one that was left out (3.2)."""
    refused(ask(app, "m-basic", grant_type=grant_type), 400, "invalid_request")


def test_a_grant_that_is_not_the_clients_own_is_refused(app: Flask) -> None:
    refused(ask(app, "m-basic", grant_type="authorization_code", code="x"), 400, "unauthorized_client")
    refused(ask(app, "m-basic", grant_type="refresh_token", refresh_token="x"), 400, "unauthorized_client")
    refused(ask(app, "test-confidential"), 400, "unauthorized_client")


def test_a_public_client_gets_no_token_for_itself(app: Flask) -> None:
    """Section 4.4: confidential clients only, even where a policy would say so."""
    refused(ask(app, None, client_id="m-public"), 400, "unauthorized_client")


# 4.4 A token for the client itself


@pytest.mark.parametrize(("client_id", "algorithm"), [("m-basic", "ES256"), ("m-rs256", "RS256")])
def test_a_client_gets_a_token_of_its_own(app: Flask, client_id: str, algorithm: Algorithm) -> None:
    """OA8: `sub` is the id of the client, and nothing in it is about a person."""
    response = ask(app, client_id)
    assert response.status_code == 200
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["Pragma"] == "no-cache"
    assert set(response.json) == {"access_token", "token_type", "expires_in"}
    assert (response.json["token_type"], response.json["expires_in"]) == ("Bearer", 300)
    claims = verify(
        response.json["access_token"],
        keys=app.test_client().get("/op/v1/keys").json,
        algorithm=algorithm,
        issuer=ISSUER,
        audience="cultuurmonitor",
        typ="at+jwt",
        required=("jti",),
    )
    assert set(claims) == {"iss", "aud", "sub", "client_id", "iat", "exp", "jti"}
    assert (claims["aud"], claims["sub"], claims["client_id"]) == ("cultuurmonitor", client_id, client_id)
    assert claims["exp"] - claims["iat"] == 300
    assert decoded(ask(app, client_id).json["access_token"])["jti"] != claims["jti"]


def test_it_opens_nothing_that_is_for_people(app: Flask) -> None:
    """OA8."""
    token = ask(app, "m-basic").json["access_token"]
    answer = app.test_client().get("/op/v1/userinfo", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code in (401, 403)
    assert "sub" not in answer.json


def test_it_has_no_scopes(app: Flask) -> None:
    for scope in ("openid", "vo", "cjm_cultuurmonitor", "x"):
        refused(ask(app, "m-basic", scope=scope), 400, "invalid_scope")
    assert ask(app, "m-basic", scope="").status_code == 200


def test_it_is_for_one_of_the_applications_that_the_policy_lets_it_call(app: Flask) -> None:
    assert decoded(ask(app, "m-several", audience="jaarboek").json["access_token"])["aud"] == "jaarboek"
    assert decoded(ask(app, "m-several", audience="cultuurmonitor").json["access_token"])["aud"] == "cultuurmonitor"
    by_address = ask(app, "m-several", resource="https://jaarboek.example/over")
    assert decoded(by_address.json["access_token"])["aud"] == "jaarboek"
    refused(ask(app, "m-several"), 400, "invalid_request")
    refused(ask(app, "m-several", audience=["jaarboek", "cultuurmonitor"]), 400, "invalid_target")
    for wrong in ({"audience": "archief"}, {"audience": ""}, {"resource": "https://elsewhere.example"}):
        refused(ask(app, "m-several", **wrong), 400, "invalid_target")
    refused(ask(app, "m-basic", audience="jaarboek"), 400, "invalid_target")


def test_a_key_that_it_proves_is_in_it(app: Flask) -> None:
    """RFC 9449: the token is bound; where the policy requires it, there is none without."""
    holder = Holder()
    response = ask(app, "m-basic", {"DPoP": holder.proof()})
    assert response.json["token_type"] == "DPoP"
    assert decoded(response.json["access_token"])["cnf"] == {"jkt": holder.jkt}
    refused(ask(app, "m-bound"), 400, "invalid_request")
    assert ask(app, "m-bound", {"DPoP": holder.proof()}).json["token_type"] == "DPoP"


def test_it_costs_no_statement(app: Flask, statements: Statements) -> None:
    """Decisions 14: none with a secret, one with a proof that works once."""
    ask(app, "m-basic")
    with statements() as seen:
        assert ask(app, "m-basic").status_code == 200
        assert ask(app, None, client_id="m-post", client_secret=SECRET).status_code == 200
    assert list(seen) == []
    with statements() as seen:
        assert ask(app, "m-basic", {"DPoP": Holder().proof()}).status_code == 200
    assert len(seen) == 1, "\n".join(seen)


def test_nothing_of_a_success_is_logged_or_audited(
    app: Flask, session: Session, capsys: pytest.CaptureFixture[str]
) -> None:
    """Decisions 14: such tokens are counted."""
    before = len(session.scalars(select(AuditEvent)).all())
    capsys.readouterr()
    for _ in range(3):
        ask(app, "m-basic")
    assert capsys.readouterr().err == ""
    assert len(session.scalars(select(AuditEvent)).all()) == before


# What is refused


def test_a_refused_client_is_audited_with_its_id_if_there_is_such_a_client(app: Flask, session: Session) -> None:
    """Decisions 14. Nothing that was sent is in it."""
    ask(app, None, {"Authorization": basic("m-basic", "wrong-secret-0123456789")})
    ask(app, None, {"Authorization": basic("somebody-else", SECRET)})
    ask(app, "test-confidential")
    ask(app, "m-several", audience="archief")
    ask(app, "m-basic", scope="x")
    events = session.scalars(select(AuditEvent).where(AuditEvent.name == "oidc:client:refuse")).all()
    assert sorted((each.details["reason"], each.details["client"] or "") for each in events) == [
        ("invalid_client", ""),
        ("invalid_client", "m-basic"),
        ("invalid_target", "m-several"),
        ("unauthorized_client", "test-confidential"),
    ]
    assert {(each.actor_kind, each.details["endpoint"]) for each in events} == {("application", "oidc.token")}
    assert all(each.request_id for each in events)
    assert len(session.scalars(select(AuditSource)).all()) >= len(events)


def test_a_refusal_is_one_line_in_the_log_without_what_was_sent(make_app: Callable[..., Flask]) -> None:
    app = make_app(BROKER_LOG_LEVEL="info")
    with structlog.testing.capture_logs() as lines:
        response = ask(app, None, {"Authorization": basic("m-basic", "wrong-secret-0123456789")})
    (line,) = [each for each in lines if each["event"] == "refused"]
    assert (line["endpoint"], line["status"], line["code"]) == ("oidc.token", 401, "invalid_client")
    assert line["request_id"] == response.headers["X-Request-ID"]
    assert "wrong-secret" not in json.dumps(lines)


def test_the_code_of_the_proxy_is_taken_over_and_rubbish_is_not(app: Flask) -> None:
    assert ask(app, "m-basic", {"X-Request-ID": "abcdefgh-1234"}).headers["X-Request-ID"] == "abcdefgh-1234"
    for rubbish in ("kort", "x" * 40, "a b c d e f g h", "<script>1234</script>"):
        given = ask(app, "m-basic", {"X-Request-ID": rubbish}).headers["X-Request-ID"]
        assert given != rubbish
        assert len(given) == 32


@pytest.fixture
def limited(app: Flask, make_app: Callable[..., Flask]) -> Flask:
    """The broker on the same database, with its limits on."""
    return make_app(BROKER_RATE_LIMITS="on")


def test_too_many_refusals_hold_back_whoever_makes_them_and_nobody_else(limited: Flask, session: Session) -> None:
    """One address may be a town hall, or the proxy before every module: what succeeds is never held up by it."""
    for _ in range(REFUSED_A_MINUTE):
        ask(limited, None, {"Authorization": basic("nobody", SECRET)})
    audited = len(session.scalars(select(AuditEvent)).all())
    session.rollback()
    response = ask(limited, None, {"Authorization": basic("nobody", SECRET)})
    assert response.status_code == 429
    assert 0 < int(response.headers["Retry-After"]) <= 61
    by_code = {"grant_type": "authorization_code", "code": "x", "redirect_uri": BACK}
    assert ask(limited, None, client_id="test-public", **by_code).status_code == 429
    assert len(session.scalars(select(AuditEvent)).all()) == audited, "nothing is written any more"
    assert ask(limited, "m-basic").status_code == 200, "who proves itself is not held up by its neighbours"
    elsewhere = limited.test_client().post(
        TOKEN,
        data={"grant_type": "client_credentials"},
        headers={"Authorization": basic("nobody", SECRET)},
        environ_overrides={"REMOTE_ADDR": "203.0.113.10"},
    )
    assert elsewhere.status_code == 401


def test_a_client_that_is_refused_too_often_waits_by_itself(limited: Flask, clock: time_machine.Traveller) -> None:
    """Ten times as often as an address: rights end by the hundred, and then its users are refused by the hundred."""
    limits = provider_of(limited).refusals
    assert limits is not None
    for _ in range(10 * REFUSED_A_MINUTE - 1):
        limits.hit("client m-basic", client=True)
    assert ask(limited, "m-basic", audience="archief").status_code == 400
    assert ask(limited, "m-basic").status_code == 200
    assert ask(limited, "m-basic", audience="archief").status_code == 429
    assert ask(limited, "m-basic").status_code == 429
    assert ask(limited, "m-rs256").status_code == 200
    clock.shift(timedelta(seconds=62))
    assert ask(limited, "m-basic").status_code == 200


@pytest.mark.usefixtures("app")
def test_when_redis_is_down_refusals_are_counted_in_memory(make_app: Callable[..., Flask]) -> None:
    """Rule 7 of the threats: a limit may fall back."""
    limited = make_app(BROKER_RATE_LIMITS="on", BROKER_REDIS_URL="redis://127.0.0.1:1/0")
    stranger = {"Authorization": basic("nobody", SECRET)}
    statuses = {ask(limited, None, stranger).status_code for _ in range(REFUSED_A_MINUTE + 1)}
    assert statuses == {401, 429}


def test_that_a_token_is_over_is_said_however_often(limited: Flask) -> None:
    """An application ends its session by that answer; 429 would let it go on."""
    spoilt = {"Authorization": "Bearer spoilt"}
    statuses = {
        limited.test_client().get("/op/v1/userinfo", headers=spoilt).status_code for _ in range(REFUSED_A_MINUTE + 2)
    }
    assert statuses == {401}


def test_a_database_that_is_away_stops_only_what_needs_it(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    ask(app, "m-basic")

    def away(*_: object, **__: object) -> None:
        raise OperationalError("", {}, Exception("gone"))

    monkeypatch.setattr("broker.oidc.code_grant.perform_on_connection", away)
    monkeypatch.setattr("broker.oidc.machine_door.perform", away)
    assert ask(app, "m-basic").status_code == 200
    refused(ask(app, None, {"Authorization": basic("nobody", SECRET)}), 401, "invalid_client")
    form = {"grant_type": "authorization_code", "code": "x", "redirect_uri": BACK}
    response = ask(app, "test-confidential", **form)
    refused(response, 503, "temporarily_unavailable")
    assert response.headers["Retry-After"] == "5"


def test_a_mistake_of_ours_is_json_without_a_word_of_it(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("a secret of ours")

    monkeypatch.setattr(provider(), "get_token_grant", broken)
    response = ask(app)
    refused(response, 500, "server_error")
    assert "secret of ours" not in response.text


# Around it


def test_the_script_of_a_public_client_may_read_the_answer_and_no_other(app: Flask, client: Client) -> None:
    """CORS: the origin of a redirect URI of a public client, exactly."""
    own = ask(app, "m-basic", {"Origin": "http://localhost:8001"})
    assert own.headers["Access-Control-Allow-Origin"] == "http://localhost:8001"
    assert own.headers["Vary"] == "Origin"
    assert "Access-Control-Allow-Credentials" not in own.headers
    for origin in ("http://localhost:8003", "http://localhost:8001.evil.example", "null", "http://LOCALHOST:8001"):
        assert "Access-Control-Allow-Origin" not in ask(app, "m-basic", {"Origin": origin}).headers
    preflight = client.options(
        TOKEN, headers={"Origin": "http://localhost:8001", "Access-Control-Request-Method": "POST"}
    )
    assert preflight.status_code == 204
    assert "POST" in preflight.headers["Access-Control-Allow-Methods"]
    assert "DPoP" in preflight.headers["Access-Control-Allow-Headers"]
    assert preflight.headers["Content-Length"] == "0" if "Content-Length" in preflight.headers else True


@pytest.mark.parametrize("path", sorted(ENDPOINTS))
def test_what_is_public_is_for_every_script_and_the_rest_for_who_needs_it(app: Flask, path: str) -> None:
    """CORS over all doors: anybody reads documents, public clients what they call, and nobody else's script anything."""
    method = "GET" if ENDPOINTS[path].takes("GET") else "POST"
    answers = {
        origin: app.test_client().open(path, method=method, headers={"Origin": origin}).headers
        for origin in ("http://localhost:8001", "https://evil.example")
    }
    allowed = {origin: headers.get("Access-Control-Allow-Origin") for origin, headers in answers.items()}
    if ".well-known" in path or path.endswith("/keys"):
        assert set(allowed.values()) == {"*"}
    elif path.endswith(("/introspect", "/holders")):  # for servers only
        assert set(allowed.values()) == {None}
    else:
        assert allowed == {"http://localhost:8001": "http://localhost:8001", "https://evil.example": None}


@pytest.mark.parametrize("path", sorted(ENDPOINTS))
def test_every_door_for_machines_answers_any_method_without_a_page(app: Flask, path: str) -> None:
    for method in ("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PROPFIND"):
        response = app.test_client().open(path, method=method)
        assert response.status_code < 500, (method, response.text)
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert response.headers["X-Request-ID"]
        assert "Cache-Control" in response.headers
        assert "Set-Cookie" not in response.headers
        assert not response.headers.get("Content-Type", "").startswith("text/html")
        if method in ("HEAD", "OPTIONS"):
            assert response.data == b""
