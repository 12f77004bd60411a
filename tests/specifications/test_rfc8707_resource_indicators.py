"""RFC 8707: for whom a token is to be, said by address. What is not to be had is refused, never left out in silence (2).

Which programs may call which application, and exchanging, stand with their own specifications (RFC 6749 4.4, RFC 8693).
"""

from collections.abc import Callable
from urllib.parse import urlencode

import pytest
from werkzeug.test import TestResponse

from broker.installation import installation
from broker.people.person import Person
from tests.oidc.conftest import Relying, answer_of
from tests.specifications.asking import catalogue
from tests.worlds.client import Client

__all__ = ["catalogue"]

Make = Callable[..., Relying]


def _error(response: TestResponse) -> str:
    return answer_of(response)["error"]


@pytest.mark.parametrize("resource", ["https://elsewhere.example/api", "cultuurmonitor", "", "https://cjsm.be/"])
def test_a_token_for_another_resource_is_not_to_be_had_by_code(nele: Person, relying: Make, resource: str) -> None:
    """2: refused rather than ignored, so that nobody gets a token that is of no use where they need it."""
    assert _error(relying().authorize(resource=resource)) == "invalid_target"
    assert _error(relying().authorize(prompt="none", resource=resource)) == "invalid_target"


def test_the_application_itself_may_be_named_and_so_more_than_once(nele: Person, client: Client, relying: Make) -> None:
    app = relying()
    page = installation().catalogue.applications["cultuurmonitor"].page
    assert "code" in answer_of(app.authorize(resource=page))
    pairs = [*app.request(resource=page).items(), ("resource", page)]
    assert "code" in answer_of(client.get(f"/op/v1/auth?{urlencode(pairs)}"))
    pairs = [*app.request(resource=page).items(), ("resource", "https://elsewhere.example/")]
    assert _error(client.get(f"/op/v1/auth?{urlencode(pairs)}")) == "invalid_target"
