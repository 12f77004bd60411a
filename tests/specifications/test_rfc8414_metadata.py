"""RFC 8414: the authorization server's metadata say exactly what is true. Each member is tried out here; those that OpenID
Connect adds are in `test_openid_discovery`."""

from collections.abc import Callable
from typing import Any

import pytest
from authlib.oauth2.rfc8414 import AuthorizationServerMetadata
from flask import Flask

from tests.oidc.conftest import BACK, ISSUER, SECRET, answer_of, basic
from tests.specifications.asking import object_claims, push
from tests.specifications.holder import Holder, compact, decoded
from tests.specifications.machines import KEYS, ask, ask_by, assertion
from tests.specifications.trials import DISCOVERY, Trial, catalogue, machine_catalogue, trial
from tests.worlds.client import Client
from tests.worlds.statements import Statements

__all__ = ["catalogue", "machine_catalogue", "trial"]

OAUTH = "/.well-known/oauth-authorization-server/op"


# The document itself


def test_it_is_the_same_document_at_both_addresses(client: Client) -> None:
    """Section 3: the suffix goes between the host and the path of the issuer."""
    oauth, openid = client.get(OAUTH), client.get(DISCOVERY)
    assert oauth.data == openid.data
    assert oauth.headers["Content-Type"] == "application/json"
    assert oauth.json["issuer"] == ISSUER


def test_another_client_library_finds_nothing_wrong_with_it(client: Client) -> None:
    """Authlib's own rules; on http it would stop at the addresses, which a production broker cannot have."""
    document = client.get(OAUTH).json
    secure = {
        name: value.replace("http://", "https://") if isinstance(value, str) else value
        for name, value in document.items()
    }
    AuthorizationServerMetadata(secure).validate()


@pytest.mark.parametrize("path", [OAUTH, DISCOVERY])
def test_it_may_be_kept_for_a_while_and_by_anybody(client: Client, path: str) -> None:
    first = client.get(path, headers={"Origin": "https://anywhere.example"})
    assert first.headers["Cache-Control"] == "public, max-age=300"
    assert first.headers["Access-Control-Allow-Origin"] == "*"
    again = client.get(path, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert client.get(path, headers={"If-None-Match": '"x"'}).data == first.data


def test_it_asks_the_database_nothing(client: Client, statements: Statements) -> None:
    with statements() as seen:
        for path in (OAUTH, DISCOVERY):
            assert client.get(path).status_code == 200
    assert list(seen) == []


@pytest.mark.parametrize("path", [OAUTH, DISCOVERY, "/op/v1/keys", "/op/v1/token", "/op/v1/userinfo"])
def test_the_name_in_the_request_changes_nothing(client: Client, path: str) -> None:
    """OA12: addresses come from BROKER_ISSUER alone."""
    for headers in (
        {"Host": "evil.example"},
        {"Host": "evil.example:8000", "X-Forwarded-Host": "evil.example"},
        {"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https", "X-Forwarded-Port": "666"},
        {"Forwarded": "host=evil.example;proto=https"},
        {"X-Forwarded-Prefix": "/evil", "X-Script-Name": "/evil"},
    ):
        answer = client.get(path, headers=headers)
        assert "evil" not in answer.text
        assert "evil" not in str(answer.headers)


def test_the_source_of_a_request_is_what_the_trusted_proxies_say(make_app: Callable[..., Flask]) -> None:
    """OA12: proxies by count, for the door for machines as well."""
    seen = []
    for proxies in ("0", "1"):
        app = make_app(BROKER_TRUSTED_PROXIES=proxies)

        def note(environ: Any, start_response: Any, app: Flask = app) -> Any:
            seen.append(environ["REMOTE_ADDR"])
            start_response("404 NOT FOUND", [])
            return []

        door = app.wsgi_app
        while type(door).__name__ != "MachineDoor":
            door = getattr(door, "app", None) or door._inner  # type: ignore[attr-defined]
        door._inner = note  # type: ignore[attr-defined]
        app.test_client().get("/", headers={"X-Forwarded-For": "198.51.100.7, 203.0.113.9"})
    assert seen == ["127.0.0.1", "203.0.113.9"]


# Each member


def issuer(trial: Trial) -> None:
    assert trial.claimed["issuer"] == ISSUER
    assert decoded(ask(trial.app).json["access_token"])["iss"] == ISSUER


def authorization_endpoint(trial: Trial) -> None:
    assert trial.path("authorization_endpoint") == "/op/v1/auth"
    assert trial.relying().code()


def token_endpoint(trial: Trial) -> None:
    assert trial.path("token_endpoint") == "/op/v1/token"
    assert "access_token" in trial.relying().tokens()


def jwks_uri(trial: Trial) -> None:
    assert trial.browser.get(trial.path("jwks_uri")).json["keys"]


def scopes_supported(trial: Trial) -> None:
    clients = trial.relying().browser.application.extensions["poortwachter"].catalogue.clients
    for scope in trial.claimed["scopes_supported"]:
        owner = next(each.client_id for each in clients.values() if scope in each.scopes)
        assert trial.relying(owner).authorize(scope=f"openid {scope}", prompt="consent").status_code == 200, scope
    assert answer_of(trial.relying("t-scopes").authorize(scope="openid made_up"))["error"] == "invalid_scope"


def response_types_supported(trial: Trial) -> None:
    assert trial.claimed["response_types_supported"] == ["code"]
    for other in ("token", "id_token", "code id_token", "code token", "none", "id_token token"):
        assert answer_of(trial.relying().authorize(response_type=other))["error"] == "unsupported_response_type"


def response_modes_supported(trial: Trial) -> None:
    assert trial.claimed["response_modes_supported"] == ["query", "form_post"]
    assert "code" in answer_of(trial.relying().authorize(response_mode="query"))
    assert 'name="code"' in trial.relying().authorize(response_mode="form_post").text
    for other in ("fragment", "web_message", "query.jwt", "form_post.jwt"):
        assert answer_of(trial.relying().authorize(response_mode=other))["error"] == "invalid_request"


def grant_types_supported(trial: Trial) -> None:
    known = trial.claimed["grant_types_supported"]
    for grant in known:
        assert ask(trial.app, "test-confidential", grant_type=grant).json["error"] != "unsupported_grant_type"
    for grant in (
        "password",
        "implicit",
        "urn:ietf:params:oauth:grant-type:device_code",
        "urn:ietf:params:oauth:grant-type:jwt-bearer",
        "urn:openid:params:grant-type:ciba",
    ):
        assert grant not in known
        assert ask(trial.app, "test-confidential", grant_type=grant).json["error"] == "unsupported_grant_type"


def token_endpoint_auth_methods_supported(trial: Trial) -> None:
    form = {"grant_type": "authorization_code", "code": "x", "redirect_uri": BACK}
    for method in trial.claimed["token_endpoint_auth_methods_supported"]:
        assert trial.post("token_endpoint", method, **form).json["error"] == "invalid_grant", method
    by_secret = assertion(header={"alg": "HS256"}, key=b"a-secret-of-the-tests-only-0123456789")
    assert ask_by(trial.app, by_secret).json["error"] == "invalid_client", "client_secret_jwt"


def token_endpoint_auth_signing_alg_values_supported(trial: Trial) -> None:
    assert set(trial.claimed["token_endpoint_auth_signing_alg_values_supported"]) == set(KEYS)
    for algorithm in KEYS:
        assert ask_by(trial.app, assertion(algorithm)).status_code == 200
    for other in ("RS384", "ES512", "PS512", "EdDSA", "HS256", "none"):
        assert ask_by(trial.app, assertion(header={"alg": other})).json["error"] == "invalid_client"


def ui_locales_supported(trial: Trial) -> None:
    for language in trial.claimed["ui_locales_supported"]:
        page = trial.relying("test-consent").authorize(ui_locales=language, prompt="consent")
        assert f'<html lang="{language}"' in page.text


def _at(trial: Trial, endpoint: str, methods: str, algorithms: str, **form: str) -> None:
    """Each method and each algorithm proves a client at this endpoint, and a method that is not there does not."""
    for method in trial.claimed[methods]:
        assert trial.post(endpoint, method, **form).status_code == 200, method
    if "none" not in trial.claimed[methods]:
        assert trial.post(endpoint, "none", **form).json["error"] == "invalid_client"
    for algorithm in trial.claimed[algorithms]:
        assert trial.post(endpoint, "private_key_jwt", algorithm, **form).status_code == 200, algorithm


def revocation_endpoint(trial: Trial) -> None:
    app = trial.relying()
    token = app.tokens()["access_token"]
    assert trial.post("revocation_endpoint", "client_secret_basic", token=token).status_code == 200
    assert app.userinfo(token).status_code == 401


def revocation_endpoint_auth_methods_supported(trial: Trial) -> None:
    members = ("revocation_endpoint_auth_methods_supported", "revocation_endpoint_auth_signing_alg_values_supported")
    _at(trial, "revocation_endpoint", *members, token="x")


def introspection_endpoint(trial: Trial) -> None:
    token = trial.relying().tokens()["access_token"]
    assert trial.post("introspection_endpoint", "client_secret_basic", token=token).json["active"] is True


def introspection_endpoint_auth_methods_supported(trial: Trial) -> None:
    members = (
        "introspection_endpoint_auth_methods_supported",
        "introspection_endpoint_auth_signing_alg_values_supported",
    )
    _at(trial, "introspection_endpoint", *members, token="x")


def holders_endpoint(trial: Trial) -> None:
    """Our own; what it tells stands in tests/oidc/test_holders.py. Here no policy lets a client ask."""
    answer = trial.post("holders_endpoint", "client_secret_basic", subs="a" * 40)
    assert answer.json["error"] == "unauthorized_client"


def introspection_signing_alg_values_supported(trial: Trial) -> None:
    for algorithm in trial.claimed["introspection_signing_alg_values_supported"]:
        answer = trial.app.test_client().post(
            trial.path("introspection_endpoint"),
            data={"token": "x"},
            headers={"Authorization": basic(f"t-{algorithm.lower()}", SECRET)},
        )
        assert decoded(answer.text, 0)["alg"] == algorithm


def code_challenge_methods_supported(trial: Trial) -> None:
    assert trial.claimed["code_challenge_methods_supported"] == ["S256"]
    app = trial.relying()
    assert "id_token" in app.redeem(app.code()).json
    plain = app.authorize(code_challenge=app.verifier, code_challenge_method="plain")
    assert answer_of(plain)["error"] == "invalid_request"


def pushed_authorization_request_endpoint(trial: Trial) -> None:
    assert trial.path("pushed_authorization_request_endpoint") == "/op/v1/par"
    assert push(trial.relying()).status_code == 201


def require_pushed_authorization_requests(trial: Trial) -> None:
    assert trial.claimed["require_pushed_authorization_requests"] is False
    assert trial.relying().code()


def dpop_signing_alg_values_supported(trial: Trial) -> None:
    for algorithm in trial.claimed["dpop_signing_alg_values_supported"]:
        holder = Holder("ES256" if algorithm == "ES256" else "RS256")
        proof = holder.proof(header={"alg": algorithm})
        assert ask(trial.app, "m-basic", {"DPoP": proof}).json["token_type"] == "DPoP", algorithm
    for other in ("HS256", "none", "ES384", "RS512"):
        proof = Holder().proof(header={"alg": other})
        assert ask(trial.app, "m-basic", {"DPoP": proof}).json["error"] == "invalid_dpop_proof"


def authorization_response_iss_parameter_supported(trial: Trial) -> None:
    assert trial.claimed["authorization_response_iss_parameter_supported"] is True
    assert answer_of(trial.relying().authorize())["iss"] == ISSUER
    assert answer_of(trial.relying().authorize(scope="openid made_up"))["iss"] == ISSUER


def require_signed_request_object(trial: Trial) -> None:
    assert trial.claimed["require_signed_request_object"] is False
    assert trial.relying("t-keys").code()


def request_object_signing_alg_values_supported(trial: Trial) -> None:
    """RFC 9101, 10.5."""
    app = trial.relying("t-keys")
    for algorithm in trial.claimed["request_object_signing_alg_values_supported"]:
        header = {"alg": algorithm, "kid": algorithm.lower(), "typ": "oauth-authz-req+jwt"}
        text = compact(header, object_claims(app), KEYS[algorithm].key)
        answer = app.browser.get(f"/op/v1/auth?client_id=t-keys&request={text}")
        assert "code" in answer_of(answer), algorithm
    unsigned = compact({"alg": "none", "typ": "oauth-authz-req+jwt"}, object_claims(app), None)
    assert "code" not in answer_of(app.browser.get(f"/op/v1/auth?client_id=t-keys&request={unsigned}"))


def tls_client_certificate_bound_access_tokens(trial: Trial) -> None:
    """RFC 8705 on purpose not: a certificate that a proxy tells of binds nothing and proves nobody."""
    assert trial.claimed["tls_client_certificate_bound_access_tokens"] is False
    headers = {"X-SSL-Client-Cert": "MIIB", "SSL_CLIENT_CERT": "MIIB"}
    assert "cnf" not in decoded(ask(trial.app, "m-basic", headers).json["access_token"])
    assert ask(trial.app, None, headers, client_id="m-basic").json["error"] == "invalid_client"


TRIED: dict[str, Callable[[Trial], None]] = {
    each.__name__: each
    for each in (
        issuer,
        authorization_endpoint,
        token_endpoint,
        jwks_uri,
        scopes_supported,
        response_types_supported,
        response_modes_supported,
        grant_types_supported,
        token_endpoint_auth_methods_supported,
        token_endpoint_auth_signing_alg_values_supported,
        ui_locales_supported,
        revocation_endpoint,
        revocation_endpoint_auth_methods_supported,
        introspection_endpoint,
        introspection_endpoint_auth_methods_supported,
        holders_endpoint,
        introspection_signing_alg_values_supported,
        code_challenge_methods_supported,
        pushed_authorization_request_endpoint,
        require_pushed_authorization_requests,
        dpop_signing_alg_values_supported,
        authorization_response_iss_parameter_supported,
        require_signed_request_object,
        request_object_signing_alg_values_supported,
        tls_client_certificate_bound_access_tokens,
    )
} | {
    "revocation_endpoint_auth_signing_alg_values_supported": revocation_endpoint_auth_methods_supported,
    "introspection_endpoint_auth_signing_alg_values_supported": introspection_endpoint_auth_methods_supported,
}


@pytest.mark.parametrize("member", sorted(TRIED))
def test_what_it_says_is_true(trial: Trial, member: str) -> None:
    assert member in trial.claimed
    TRIED[member](trial)
