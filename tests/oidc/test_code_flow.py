"""From the authorization request to the claims: the way an application of ACM comes through, unchanged."""

import base64
import uuid
from collections.abc import Callable
from datetime import timedelta
from hashlib import sha256
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from sqlalchemy import select
from sqlalchemy.orm import Session

from broker import clock as broker_clock
from broker.audit import AuditEvent
from broker.authentication.authorization_code import AuthorizationCode
from broker.authentication.client_session import ClientSession
from tests.oidc.conftest import ALL, BACK, ISSUER, Relying, answer_of
from tests.worlds.client import Client, forms_of
from tests.worlds.world import World

Make = Callable[..., Relying]


@pytest.mark.parametrize("client_id", ["test-public", "test-confidential", "test-post", "test-jwt"])
def test_every_kind_of_client_gets_tokens(world: World, client: Client, relying: Make, client_id: str) -> None:
    nele, genk = world.person(), world.organisation("Gemeente Genk")
    world.grant(nele, genk, "invoerder")
    world.sign_in(client, nele)
    tokens = relying(client_id).tokens()
    assert (tokens["token_type"], tokens["expires_in"]) == ("Bearer", 300)
    claims = relying(client_id).id_claims(tokens)
    assert (claims["sub"], claims["aud"], claims["nonce"]) == (nele.sub, client_id, "een-nonce")


def test_the_claims_are_those_of_acm(world: World, client: Client, relying: Make) -> None:
    nele, genk = world.person("Nele Vercauteren"), world.organisation("Gemeente Genk")
    world.grant(nele, genk, "invoerder")
    signed_in = world.sign_in(client, nele)
    app = relying()
    tokens = app.tokens()
    person = {
        "sub": nele.sub,
        "given_name": "Nele",
        "family_name": "Vercauteren",
        "vo_id": str(nele.id),
        "vo_email": nele.email,
        "vo_doelgroepcode": "LB",
        "vo_doelgroepnaam": world.installation.catalogue.target_groups["LB"].name.nl,
        "vo_orgcode": genk.code,
        "vo_orgnaam": "Gemeente Genk",
        "cjm_cultuurmonitor_rol_3d": [f"CultuurmonitorInvoerder-cultuurcentra:{genk.code}"],
    }
    id_claims, access_claims = app.id_claims(tokens), app.access_claims(tokens)
    assert person.items() <= id_claims.items()
    assert person.items() <= access_claims.items()
    assert person.items() <= app.userinfo(tokens["access_token"]).json.items()
    assert (id_claims["acr"], id_claims["amr"]) == ("urn:be:vlaanderen:authmech:itsme", ["pop", "sc"])
    assert id_claims["auth_time"] == int(signed_in.auth_time.timestamp())
    half = sha256(tokens["access_token"].encode()).digest()[:16]
    assert id_claims["at_hash"] == base64.urlsafe_b64encode(half).rstrip(b"=").decode()
    assert access_claims["client_id"] == "test-confidential"
    assert access_claims["scope"] == " ".join(sorted(ALL.split()))
    assert uuid.UUID(access_claims["jti"])
    assert access_claims["sid"] == id_claims["sid"]


def test_only_the_scopes_asked_for_become_claims(world: World, client: Client, relying: Make) -> None:
    nele = world.person()
    world.grant(nele, world.organisation(), "raadpleger")
    world.sign_in(client, nele)
    app = relying()
    claims = app.id_claims(app.tokens(scope="openid"))
    assert not {"given_name", "vo_id", "rrn", "cjm_cultuurmonitor_rol_3d"} & set(claims)


def test_the_number_comes_from_the_running_sign_in_and_goes_to_the_client_only(
    world: World, client: Client, relying: Make
) -> None:
    """Decisions 3: from the session's upstream token, sealed there; absent after a sign-in without it."""
    nele = world.person()
    world.grant(nele, world.organisation(), "raadpleger")
    session_id = uuid.uuid4()
    sealed = world.installation.keys.seal("85073003328", f"browser_sessions.number_sealed:{session_id}")
    world.sign_in(client, nele, id=session_id, number_sealed=sealed)
    app = relying()
    tokens = app.tokens(scope="openid rrn")
    assert app.id_claims(tokens)["rrn"] == "85073003328"
    assert app.userinfo(tokens["access_token"]).json["rrn"] == "85073003328"
    assert "rrn" not in app.access_claims(tokens)
    world.sign_in(client, nele)
    assert "rrn" not in app.id_claims(app.tokens(scope="openid rrn"))


@pytest.mark.parametrize("source", ["entered", "typed"])
def test_an_address_that_nobody_proved_is_no_claim(world: World, client: Client, relying: Make, source: str) -> None:
    """OA6: an unproved address would link accounts downstream."""
    nele, genk = world.person(email_source=source), world.organisation()
    world.grant(nele, genk)
    world.sign_in(client, nele)
    app = relying()
    tokens = app.tokens()
    assert "vo_email" not in app.id_claims(tokens)
    assert "vo_email" not in app.userinfo(tokens["access_token"]).json


def test_the_proved_address_of_the_job_comes_before_that_of_the_person(
    world: World, client: Client, relying: Make
) -> None:
    nele, genk = world.person(), world.organisation()
    world.affiliation(nele, genk, email="nele@genk.voorbeeld.test", email_source="proved")
    world.grant(nele, genk)
    world.sign_in(client, nele)
    app = relying()
    assert app.id_claims(app.tokens())["vo_email"] == "nele@genk.voorbeeld.test"


def test_the_answer_names_the_issuer_and_gives_the_state_back(world: World, client: Client, relying: Make) -> None:
    """RFC 9207."""
    nele = world.person()
    world.grant(nele, world.organisation())
    world.sign_in(client, nele)
    answer = answer_of(relying().authorize(state="a b&c=é"))
    assert (answer["iss"], answer["state"]) == (ISSUER, "a b&c=é")
    assert answer_of(relying().authorize(scope="openid onbekend"))["iss"] == ISSUER


def test_form_post_answers_by_a_form_that_works_without_javascript(world: World, client: Client, relying: Make) -> None:
    nele = world.person()
    world.grant(nele, world.organisation())
    world.sign_in(client, nele)
    page = relying().authorize(response_mode="form_post")
    (form,) = [each for each in forms_of(page.text) if each.action == BACK]
    assert (form.method, form.fields["iss"], form.fields["state"]) == ("post", ISSUER, "een-staat")
    assert "http://localhost:8001" in page.headers["Content-Security-Policy"]
    refused = relying().authorize(response_mode="form_post", scope="openid onbekend")
    (form,) = [each for each in forms_of(refused.text) if each.action == BACK]
    assert form.fields["error"] == "invalid_scope"


def test_a_request_by_post_goes_on_as_one_by_get(world: World, client: Client, relying: Make) -> None:
    nele = world.person()
    world.grant(nele, world.organisation())
    world.sign_in(client, nele)
    response = client.post("/op/v1/auth", data=relying().request())
    assert response.status_code == 303
    assert "code" in answer_of(client.get(response.headers["Location"]))


def test_head_makes_nothing(world: World, client: Client, relying: Make, session: Session) -> None:
    """Threats rule 3."""
    nele = world.person()
    world.grant(nele, world.organisation())
    world.sign_in(client, nele)
    response = client.head("/op/v1/auth", query_string=relying().request())
    assert (response.status_code, response.headers.get("Location")) == (200, None)
    assert session.scalar(select(AuthorizationCode)) is None


def test_somebody_not_signed_in_goes_to_the_sign_in_page_and_comes_back(
    world: World, client: Client, relying: Make
) -> None:
    app = relying()
    response = app.authorize()
    way = urlsplit(response.headers["Location"])
    wish = {name: values[0] for name, values in parse_qs(way.query).items()}
    assert way.path == "/aanmelden"
    assert (wish["toepassing"], wish["niveau"]) == ("cultuurmonitor", "25")
    nele = world.person()
    world.grant(nele, world.organisation())
    world.sign_in(client, nele)
    assert app.redeem(answer_of(client.get(wish["verder"]))["code"]).status_code == 200


@pytest.mark.parametrize("demand", [{"prompt": "login"}, {"max_age": "0"}, {"max_age": "60"}])
def test_a_fresh_sign_in_is_asked_for_once_and_fulfils_the_request(
    world: World, client: Client, relying: Make, clock: time_machine.Traveller, demand: dict[str, str]
) -> None:
    """UP7: auth_time is compared for every request; what was demanded once is not demanded for ever."""
    nele = world.person()
    world.grant(nele, world.organisation())
    world.sign_in(client, nele)
    clock.shift(timedelta(minutes=5))
    app = relying()
    wish = parse_qs(urlsplit(app.authorize(**demand).headers["Location"]).query)
    assert wish["vers"] == ["1"]
    back = wish["verder"][0]
    assert answer_of(client.get(back)) == {}, "the old sign-in is not enough, however the address looks"
    clock.shift(timedelta(seconds=5))
    world.sign_in(client, nele)
    assert "code" in answer_of(client.get(back))


def test_the_mark_of_another_request_proves_no_fresh_sign_in(
    world: World, client: Client, relying: Make, clock: time_machine.Traveller
) -> None:
    nele = world.person()
    world.grant(nele, world.organisation())
    world.sign_in(client, nele)
    clock.shift(timedelta(minutes=1))
    back = parse_qs(urlsplit(relying().authorize(prompt="login").headers["Location"]).query)["verder"][0]
    mark = parse_qs(urlsplit(back).query)["na"][0]
    world.sign_in(client, nele)
    assert answer_of(relying(state="andere").authorize(prompt="login", na=mark, state="andere")) == {}
    assert answer_of(relying().authorize(prompt="login", na=f"1.{mark.partition('.')[2]}")) == {}


@pytest.mark.parametrize(
    ("columns", "changes", "quietly"),
    [
        ({"level": 10}, {}, "login_required"),
        ({"level": 27}, {"acr_values": "urn:be:vlaanderen:authmech:eid"}, "login_required"),
        ({"provider_code": "another"}, {}, "account_selection_required"),
    ],
)
def test_a_sign_in_too_weak_for_this_application_steps_up(
    world: World, client: Client, relying: Make, columns: dict[str, object], changes: dict[str, str], quietly: str
) -> None:
    """UP7: single sign-on never carries a lower level, or another key, into an application that asks more."""
    nele = world.person()
    world.grant(nele, world.organisation())
    world.sign_in(client, nele, **{"provider_code": "itsme"} | columns)  # type: ignore[arg-type]
    assert relying().authorize(**changes).headers["Location"].startswith("/aanmelden?")
    assert answer_of(relying().authorize(prompt="none", **changes))["error"] == quietly


def test_prompt_none_shows_no_page(world: World, client: Client, relying: Make) -> None:
    assert answer_of(relying().authorize(prompt="none"))["error"] == "login_required"
    nele = world.person()
    world.sign_in(client, nele)
    assert answer_of(relying().authorize(prompt="none"))["error"] == "access_denied"
    world.grant(nele, world.organisation())
    assert "code" in answer_of(relying().authorize(prompt="none"))


def test_a_migrated_client_without_pkce_needs_a_nonce(world: World, client: Client, relying: Make) -> None:
    """Decisions 11."""
    nele = world.person()
    world.grant(nele, world.organisation())
    world.sign_in(client, nele)
    app = relying("test-acm")
    bare = {"code_challenge": None, "code_challenge_method": None}
    assert answer_of(app.authorize(**bare, nonce=None))["error"] == "invalid_request"
    assert app.redeem(app.code(**bare), code_verifier=None).status_code == 200
    assert app.redeem(app.code(**bare)).json["error"] == "invalid_grant", "a verifier without a challenge"
    assert answer_of(app.authorize(code_challenge_method="plain"))["error"] == "invalid_request"


def test_each_authorization_is_a_session_and_an_event_of_its_own(
    world: World, client: Client, relying: Make, session: Session
) -> None:
    nele, genk = world.person(), world.organisation()
    world.grant(nele, genk)
    world.sign_in(client, nele)
    first, second = relying().tokens(), relying().tokens()
    sids = {relying().id_claims(each)["sid"] for each in (first, second)}
    assert len(sids) == 2
    events = session.scalars(select(AuditEvent).where(AuditEvent.name == "oidc:code:issue")).all()
    assert {event.details["sid"] for event in events} == sids
    assert {(event.actor_id, event.subject_id, event.organisation_id) for event in events} == {
        (nele.id, nele.id, genk.id)
    }


def test_no_code_or_token_rests_in_the_database(world: World, client: Client, relying: Make, session: Session) -> None:
    """Threats rule 5."""
    nele = world.person()
    world.grant(nele, world.organisation())
    world.sign_in(client, nele)
    code = relying().code()
    row = session.scalars(select(AuthorizationCode)).one()
    assert code not in (row.code_hash, row.nonce, row.code_challenge)
    assert row.code_hash == sha256(code.encode()).hexdigest()


def test_tokens_end_with_the_right_they_speak_of(
    world: World, client: Client, relying: Make, clock: time_machine.Traveller
) -> None:
    """OA2: an access token never outlives the earliest valid_until in it."""
    nele = world.person()
    ends = broker_clock.now() + timedelta(seconds=90)
    world.grant(nele, world.organisation(), valid_until=ends)
    world.sign_in(client, nele)
    app = relying()
    tokens = app.tokens()
    assert tokens["expires_in"] <= 90
    assert app.access_claims(tokens)["exp"] <= ends.timestamp()
    assert app.id_claims(tokens)["exp"] <= ends.timestamp()
    clock.shift(timedelta(seconds=91))
    assert app.userinfo(tokens["access_token"]).status_code == 401


def test_a_session_of_an_application_ends_with_the_sign_out(
    world: World, client: Client, relying: Make, session: Session
) -> None:
    nele = world.person()
    world.grant(nele, world.organisation())
    world.sign_in(client, nele)
    app = relying()
    tokens = app.tokens()
    client.post("/afmelden", data={"csrf_token": client.csrf_token("/afmelden")})
    assert app.userinfo(tokens["access_token"]).status_code == 401
    assert session.scalars(select(ClientSession)).one().revoke_reason == "signed_out"
