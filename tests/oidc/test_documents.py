"""What the documents and the hot paths cost the database: nothing, or as little as they can.

What the documents say is tried out in tests/specifications (RFC 8414, RFC 7517, OpenID Connect Discovery).
"""

from collections.abc import Callable

import pytest

from tests.oidc.conftest import Relying
from tests.worlds.client import Client
from tests.worlds.statements import Statements
from tests.worlds.world import World

Make = Callable[..., Relying]
DISCOVERY = "/op/.well-known/openid-configuration"


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
    """DESIGN 5: use the code, take the session, read its facts and rights; an assertion's jti is one more."""
    nele = world.person()
    world.grant(nele, world.organisation())
    world.sign_in(client, nele)
    app = relying(client_id)
    app.redeem(app.code())
    code = app.code()
    with statements() as seen:
        tokens = app.redeem(code).json
    assert len(seen) == 3 + proof, "\n".join(seen)
    assert len(seen.writing) == 2 + proof
    with statements() as seen:
        assert app.userinfo(tokens["access_token"]).status_code == 200
    assert len(seen) == 1, "\n".join(seen)
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
    assert len(seen) == 3
