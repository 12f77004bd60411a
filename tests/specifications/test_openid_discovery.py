"""OpenID Connect Discovery 1.0: what it adds to the metadata of RFC 8414, each member tried out; and nothing is promised that no
trial knows."""

from collections.abc import Callable
from urllib.parse import quote

import pytest
from authlib.oidc.discovery import OpenIDProviderMetadata
from sqlalchemy import select

from broker.database import db
from broker.notifications.outbox_message import OutboxMessage
from tests.oidc.conftest import ISSUER, answer_of
from tests.specifications import test_rfc8414_metadata
from tests.specifications.holder import decoded
from tests.specifications.trials import DISCOVERY, Trial, catalogue, machine_catalogue, trial
from tests.worlds.client import Client

__all__ = ["catalogue", "machine_catalogue", "trial"]

NEVER_BOTH = {"vo_email", "email", "email_verified", "phone_number", "phone_number_verified", "rrn", "nonce"}
"""Claims that are there only for somebody who proved or has them, or only where they were sent along."""


def test_the_document_stands_where_the_issuer_says(client: Client) -> None:
    """Section 4.1: the issuer with /.well-known/openid-configuration behind it; section 4.3: `issuer` is that very address."""
    assert f"{ISSUER}/.well-known/openid-configuration" == f"http://localhost:8000{DISCOVERY}"
    assert client.get(DISCOVERY).json["issuer"] == ISSUER
    assert client.get("/.well-known/openid-configuration").status_code == 404


def test_another_client_library_finds_nothing_wrong_with_it(client: Client) -> None:
    """Authlib's own rules; on http it would stop at the addresses, which a production broker cannot have."""
    secure = {
        name: value.replace("http://", "https://") if isinstance(value, str) else value
        for name, value in client.get(DISCOVERY).json.items()
    }
    OpenIDProviderMetadata(secure).validate()


def test_every_member_is_tried_and_none_is_missing(client: Client) -> None:
    assert set(client.get(DISCOVERY).json) == set(TRIED) | set(test_rfc8414_metadata.TRIED)


@pytest.mark.parametrize(
    "absent",
    [
        "registration_endpoint",
        "device_authorization_endpoint",
        "backchannel_authentication_endpoint",
        "mtls_endpoint_aliases",
        "check_session_iframe",
        "id_token_encryption_alg_values_supported",
        "userinfo_encryption_alg_values_supported",
        "request_object_encryption_alg_values_supported",
        "op_policy_uri",
    ],
)
def test_what_is_not_here_is_not_named(client: Client, absent: str) -> None:
    assert absent not in client.get(DISCOVERY).json


def test_no_list_is_empty_and_none_says_a_thing_twice(client: Client) -> None:
    """RFC 8414, 2: claims with zero elements are left out."""
    for name, value in client.get(DISCOVERY).json.items():
        if isinstance(value, list):
            assert value, name
            assert len(set(value)) == len(value), name


# Each member


def userinfo_endpoint(trial: Trial) -> None:
    assert trial.path("userinfo_endpoint") == "/op/v1/userinfo"
    app = trial.relying()
    assert app.userinfo(app.tokens()["access_token"]).json["sub"] == trial.person.sub


def userinfo_signing_alg_values_supported(trial: Trial) -> None:
    for algorithm in trial.claimed["userinfo_signing_alg_values_supported"]:
        app = trial.relying(f"t-{algorithm.lower()}")
        answer = app.userinfo(app.tokens()["access_token"])
        assert answer.headers["Content-Type"] == "application/jwt"
        assert decoded(answer.text, 0)["alg"] == algorithm


def id_token_signing_alg_values_supported(trial: Trial) -> None:
    """Section 3 asks for RS256."""
    assert "RS256" in trial.claimed["id_token_signing_alg_values_supported"]
    for algorithm in trial.claimed["id_token_signing_alg_values_supported"]:
        token = trial.relying(f"t-{algorithm.lower()}").tokens()["id_token"]
        assert decoded(token, 0)["alg"] == algorithm


def subject_types_supported(trial: Trial) -> None:
    assert trial.claimed["subject_types_supported"] == ["public"]
    subjects = {
        decoded(trial.relying(each).tokens()["id_token"])["sub"] for each in ("test-confidential", "test-public")
    }
    assert subjects == {trial.person.sub}


def acr_values_supported(trial: Trial) -> None:
    for level in trial.claimed["acr_values_supported"]:
        answer = answer_of(trial.relying().authorize(acr_values=level, prompt="none"))
        assert answer.get("error") != "unmet_authentication_requirements", level
    answer = answer_of(trial.relying().authorize(acr_values="urn:be:vlaanderen:authmech:made-up"))
    assert answer["error"] == "unmet_authentication_requirements"


def prompt_values_supported(trial: Trial) -> None:
    """Initiating User Registration, 1.0, 4.1; OpenID Connect Core, 3.1.2.1."""
    for prompt in trial.claimed["prompt_values_supported"]:
        assert answer_of(trial.relying().authorize(prompt=prompt)).get("error") != "invalid_request", prompt
    assert answer_of(trial.relying().authorize(prompt="create"))["error"] == "invalid_request"


def display_values_supported(trial: Trial) -> None:
    for display in trial.claimed["display_values_supported"]:
        assert trial.relying().code(display=display)


def claims_supported(trial: Trial) -> None:
    """Every claim that a client ever gets is listed, and every one that is listed can be had."""
    app = trial.relying("t-scopes")
    page = app.authorize(scope="openid profile email phone vo rrn cjm_cultuurmonitor")
    tokens = app.redeem(answer_of(page)["code"]).json
    seen = set(decoded(tokens["id_token"])) | set(app.userinfo(tokens["access_token"]).json)
    listed = set(trial.claimed["claims_supported"])
    assert seen <= listed, seen - listed
    assert listed - seen <= NEVER_BOTH, listed - seen


def claim_types_supported(trial: Trial) -> None:
    assert trial.claimed["claim_types_supported"] == ["normal"]
    app = trial.relying("t-scopes")
    answer = app.userinfo(app.tokens()["access_token"]).json
    assert not {"_claim_names", "_claim_sources"} & set(answer)


def claims_parameter_supported(trial: Trial) -> None:
    assert trial.claimed["claims_parameter_supported"] is True
    app = trial.relying()
    wanted = '{"id_token":{"family_name":null}}'
    code = answer_of(app.authorize(scope="openid cjm_cultuurmonitor", claims=wanted))["code"]
    with_it = decoded(app.redeem(code).json["id_token"])
    code = answer_of(app.authorize(scope="openid cjm_cultuurmonitor"))["code"]
    without = decoded(app.redeem(code).json["id_token"])
    assert "family_name" not in without
    assert "family_name" in with_it
    assert answer_of(app.authorize(claims="{"))["error"] == "invalid_request"


def request_parameter_supported(trial: Trial) -> None:
    assert trial.claimed["request_parameter_supported"] is True
    test_rfc8414_metadata.request_object_signing_alg_values_supported(trial)


def request_uri_parameter_supported(trial: Trial) -> None:
    """Only references that we gave out ourselves (RFC 9126) are looked up."""
    assert trial.claimed["request_uri_parameter_supported"] is False
    answer = trial.relying().authorize(request_uri=quote("https://localhost:8001/request"))
    assert "code" not in answer_of(answer)


def end_session_endpoint(trial: Trial) -> None:
    assert trial.path("end_session_endpoint") == "/op/v1/logout"
    app = trial.relying()
    hint = app.tokens()["id_token"]
    assert trial.browser.get(f"/op/v1/logout?id_token_hint={hint}").status_code in (200, 303)
    assert answer_of(app.authorize(prompt="none"))["error"] == "login_required"


def backchannel_logout_supported(trial: Trial) -> None:
    """An application with an address for it is told that a session ended, and which one; the others are not."""
    assert trial.claimed["backchannel_logout_supported"] is True
    assert trial.claimed["backchannel_logout_session_supported"] is True
    session = decoded(trial.relying("t-told").tokens()["id_token"])["sid"]
    hint = trial.relying().tokens()["id_token"]
    trial.browser.get(f"/op/v1/logout?id_token_hint={hint}")
    (message,) = db.session.scalars(select(OutboxMessage).where(OutboxMessage.channel == "logout"))
    assert message.recipient == "t-told"
    assert (message.facts or {})["sid"] == session


TRIED: dict[str, Callable[[Trial], None]] = {
    each.__name__: each
    for each in (
        userinfo_endpoint,
        userinfo_signing_alg_values_supported,
        id_token_signing_alg_values_supported,
        subject_types_supported,
        acr_values_supported,
        prompt_values_supported,
        display_values_supported,
        claims_supported,
        claim_types_supported,
        claims_parameter_supported,
        request_parameter_supported,
        request_uri_parameter_supported,
        end_session_endpoint,
        backchannel_logout_supported,
    )
} | {"backchannel_logout_session_supported": backchannel_logout_supported}


@pytest.mark.parametrize("member", sorted(TRIED))
def test_what_it_says_is_true(trial: Trial, member: str) -> None:
    assert member in trial.claimed
    TRIED[member](trial)
