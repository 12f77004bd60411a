"""Discovery and the key set: they say what is true, from memory, by the issuer's own name; and what the hot paths
cost."""

from collections.abc import Callable

import pytest

from broker.installation import installation
from tests.oidc.conftest import ISSUER, Relying
from tests.worlds.client import Client
from tests.worlds.statements import Statements
from tests.worlds.world import World

Make = Callable[..., Relying]
DISCOVERY = "/op/.well-known/openid-configuration"


def test_both_addresses_give_the_same_document_and_may_be_kept(client: Client) -> None:
    openid = client.get(DISCOVERY)
    oauth = client.get("/.well-known/oauth-authorization-server/op")
    assert openid.json == oauth.json
    assert openid.headers["Cache-Control"] == "public, max-age=300"
    assert openid.json["issuer"] == ISSUER


def test_every_address_in_it_answers(client: Client) -> None:
    document = client.get(DISCOVERY).json
    for name in ("authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri", "end_session_endpoint"):
        path = document[name].removeprefix("http://localhost:8000")
        answer = client.post(path) if name == "token_endpoint" else client.get(path)
        assert answer.status_code in (200, 400, 401), name


def test_it_promises_nothing_that_is_not_there(client: Client) -> None:
    document = client.get(DISCOVERY).json
    assert document["response_types_supported"] == ["code"]
    assert document["response_modes_supported"] == ["query", "form_post"]
    assert document["grant_types_supported"] == ["authorization_code"]
    assert document["code_challenge_methods_supported"] == ["S256"]
    assert document["authorization_response_iss_parameter_supported"] is True
    assert set(document["token_endpoint_auth_methods_supported"]) == {
        "none",
        "client_secret_basic",
        "client_secret_post",
        "private_key_jwt",
    }
    for absent in (
        "introspection_endpoint",
        "revocation_endpoint",
        "registration_endpoint",
        "device_authorization_endpoint",
    ):
        assert absent not in document
    assert {"openid", "profile", "vo", "cjm_cultuurmonitor"} <= set(document["scopes_supported"])
    assert "cjm_cultuurmonitor_rol_3d" in document["claims_supported"]


def test_the_name_in_the_request_changes_nothing(client: Client) -> None:
    """OA12: metadata and redirects come from BROKER_ISSUER alone."""
    for headers in ({"Host": "evil.example"}, {"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https"}):
        assert "evil" not in client.get(DISCOVERY, headers=headers).text
        assert "evil" not in client.get("/op/v1/auth?client_id=x", headers=headers).text


def test_the_key_set_holds_public_keys_of_both_algorithms(client: Client) -> None:
    answer = client.get("/op/v1/keys")
    assert answer.headers["Cache-Control"] == "public, max-age=300"
    assert sorted(key["alg"] for key in answer.json["keys"]) == ["ES256", "RS256"]
    assert all(not {"d", "p", "q"} & set(key) for key in answer.json["keys"])


def test_discovery_and_the_key_set_ask_the_database_nothing(client: Client, statements: Statements) -> None:
    client.get("/op/v1/keys")
    with statements() as seen:
        client.get("/op/v1/keys")
        client.get(DISCOVERY)
    assert list(seen) == []


@pytest.mark.parametrize(("client_id", "proof"), [("test-public", 0), ("test-confidential", 0), ("test-jwt", 1)])
def test_what_a_code_and_a_userinfo_cost(
    world: World, client: Client, relying: Make, statements: Statements, client_id: str, proof: int
) -> None:
    """DESIGN 5: use the code, take the session, read its facts, read the rights; an assertion's jti is one more."""
    nele = world.person()
    world.grant(nele, world.organisation())
    world.sign_in(client, nele)
    app = relying(client_id)
    app.redeem(app.code())
    code = app.code()
    with statements() as seen:
        tokens = app.redeem(code).json
    assert len(seen) == 4 + proof, "\n".join(seen)
    assert len(seen.writing) == 2 + proof
    with statements() as seen:
        assert app.userinfo(tokens["access_token"]).status_code == 200
    assert len(seen) == 2, "\n".join(seen)
    assert seen.writing == []


def test_the_rights_and_the_organisation_do_not_change_what_it_costs(
    world: World, client: Client, relying: Make, statements: Statements
) -> None:
    nele = world.person()
    for name in ("Gemeente Genk", "Gemeente Hasselt"):
        world.grant(nele, world.organisation(name))
    world.sign_in(client, nele)
    app = relying("test-anybody")
    page = app.authorize()
    client.get("/op/v1/keys")  # a node knows its keys before the first code
    answer = client.submit(page, form="/hoedanigheid")
    code = answer.headers["Location"].partition("code=")[2].partition("&")[0]
    with statements() as seen:
        assert app.redeem(code).status_code == 200
    assert len(seen) == 4
    assert installation().settings.issuer == ISSUER
