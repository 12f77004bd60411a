"""Signing in with a digital key, from the page to the session (threats UP1, UP2, UP8)."""

import base64
import hmac
import json
import uuid
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from broker.audit import AuditEvent
from broker.authentication.browser_session import BrowserSession, token_hash
from broker.authentication.passkey import Passkey
from broker.authentication.sign_in_attempt import SignInAttempt
from broker.clock import now
from broker.database import changing_session
from broker.keys.jose import new_private_key, sign, signing_key
from broker.people.local_account import LocalAccount
from broker.people.person import Person
from tests.authentication.conftest import COOKIE, Traveller
from tests.authentication.fake_provider import KEY, FakeProvider
from tests.worlds.client import Client
from tests.worlds.world import World

NUMBER = "85073099833"
OTHER_KEY = signing_key("other", "RS256", new_private_key("RS256"))
NEXT_KEY = signing_key("next", "RS256", new_private_key("RS256"))


def living(session: Session) -> list[BrowserSession]:
    """The sessions that nobody ended."""
    session.rollback()
    return list(session.scalars(select(BrowserSession).where(BrowserSession.ended_at.is_(None))))


def events(session: Session, name: str) -> list[AuditEvent]:
    """The events of that name."""
    session.rollback()
    return list(session.scalars(select(AuditEvent).where(AuditEvent.name == name)))


def test_somebody_signs_in_and_comes_back_to_where_they_were(
    traveller: Traveller, itsme: FakeProvider, session: Session
) -> None:
    """The whole way, with the number sealed in the session and nowhere else (decisions 3)."""
    answer = traveller.sign_in(itsme, query="?verder=/taken%3Fpagina%3D2", rrn=NUMBER)
    assert (answer.status_code, answer.location) == (303, "/taken?pagina=2")
    (row,) = living(session)
    assert traveller.cookie is not None
    assert row.token_hash == token_hash(traveller.cookie)
    assert (row.acr, row.level, row.amr) == ("urn:be:vlaanderen:authmech:itsme", 27, ["pop", "sc"])
    assert row.number_sealed is not None
    assert NUMBER not in row.number_sealed
    person = session.get_one(Person, row.person_id)
    assert (person.full_name, person.state, person.name_source) == ("Nele Vercauteren", "matched", "verified")
    assert person.number_sealed is None
    assert person.number_hash is not None


def test_a_sign_in_is_written_in_the_audit_without_the_number(
    traveller: Traveller, itsme: FakeProvider, session: Session
) -> None:
    """Issue 2 item 13: every sign-in is an event, never a rijksregisternummer."""
    traveller.sign_in(itsme, rrn=NUMBER)
    (event,) = events(session, "authentication:session:start")
    assert event.actor_id == event.subject_id
    assert event.details["provider"] == "itsme"
    everything = session.scalars(select(AuditEvent)).all()
    assert all(NUMBER not in json.dumps(each.details) for each in everything)


def test_what_goes_to_the_provider(traveller: Traveller, itsme: FakeProvider) -> None:
    """UP1: state, nonce, PKCE S256 and a redirect URI for this provider alone, from BROKER_ISSUER (OA12)."""
    query = parse_qs(urlsplit(traveller.leave(itsme).location).query)
    assert query["redirect_uri"] == ["http://localhost:8000/aanmelden/itsme/terug"]
    assert query["code_challenge_method"] == ["S256"]
    assert len(query["state"][0]) >= 32
    assert len(query["nonce"][0]) >= 32
    assert query["client_id"] == ["poortwachter"]
    assert "prompt" not in query


def test_the_attempt_keeps_nothing_usable(traveller: Traveller, itsme: FakeProvider, session: Session) -> None:
    """Threats rule 5: state and browser are hashes, the verifier is sealed."""
    query = parse_qs(urlsplit(traveller.leave(itsme).location).query)
    attempt = session.scalars(select(SignInAttempt)).one()
    assert query["state"][0] not in (attempt.state_hash, attempt.browser_hash)
    assert attempt.verifier_sealed.startswith("test1.")


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(traveller: Traveller, itsme: FakeProvider) -> None:
    """HttpOnly, SameSite=Lax, Path=/, no Domain, ends with the browser."""
    answer = traveller.sign_in(itsme)
    (header,) = [each for each in answer.headers.getlist("Set-Cookie") if each.startswith(f"{COOKIE}=")]
    assert "HttpOnly" in header
    assert "SameSite=Lax" in header
    assert "Path=/" in header
    assert "Domain" not in header
    assert "Expires" not in header
    assert "Secure" not in header


def test_over_tls_the_cookie_has_the_host_prefix(make_app: Callable[..., Flask], itsme: FakeProvider) -> None:
    """Issue 2 item 11: `__Host-` cookies where TLS is on."""
    app = make_app(BROKER_ISSUER="https://poort.example/op")
    with app.app_context():
        traveller = Traveller(app.test_client())
        page = traveller.client.get("/aanmelden", base_url="https://poort.example")
        away = traveller.client.submit(page, form="/aanmelden/itsme", base_url="https://poort.example")
        back = itsme.authorize(away.location, given_name="Nele", family_name="Vercauteren")
        answer = traveller.client.get(back, base_url="https://poort.example")
        assert answer.status_code == 303, answer.text
        cookies = answer.headers.getlist("Set-Cookie")
        (header,) = [each for each in cookies if each.startswith(f"__Host-{COOKIE}=")]
        assert "Secure" in header


# UP1: mix-up, injection, login CSRF, fixation


def test_the_answer_of_one_provider_at_the_door_of_another_is_refused(
    traveller: Traveller, itsme: FakeProvider, eid: FakeProvider, session: Session
) -> None:
    """UP1: provider A's answer at B's callback."""
    back = itsme.authorize(traveller.leave(itsme).location)
    answer = traveller.arrive(back.replace("/itsme/", "/eid/"))
    assert answer.status_code == 400
    assert living(session) == []
    assert "token" not in itsme.asked
    assert "token" not in eid.asked


@pytest.mark.parametrize("issuer", ["http://127.0.0.1:1/other", None])
def test_a_wrong_or_missing_iss_stops_before_the_code_is_used(
    traveller: Traveller, itsme: FakeProvider, session: Session, issuer: str | None
) -> None:
    """UP1: RFC 9207; missing counts as wrong where the provider says that it names itself."""
    itsme.behaviour.response_issuer = issuer
    assert traveller.sign_in(itsme).status_code == 400
    assert "token" not in itsme.asked
    assert living(session) == []
    assert events(session, "authentication:session:refuse")[0].details["reason"] == "response_issuer_wrong"


def test_a_provider_that_does_not_name_itself_may_leave_iss_out(
    make_app: Callable[..., Flask], itsme: FakeProvider
) -> None:
    """UP1: then its own redirect URI tells providers apart."""
    itsme.behaviour.metadata = {"authorization_response_iss_parameter_supported": False}
    itsme.behaviour.response_issuer = None
    app = make_app()
    with app.app_context():
        assert Traveller(app.test_client()).sign_in(itsme).status_code == 303


def test_an_answer_in_another_browser_signs_nobody_in(
    app: Flask, traveller: Traveller, itsme: FakeProvider, session: Session
) -> None:
    """UP1: login CSRF, a victim opens the attacker's way back."""
    back = itsme.authorize(traveller.leave(itsme).location)
    victim = app.test_client()
    victim.get("/aanmelden")
    assert Traveller(victim).arrive(back).status_code == 400
    assert victim.get_cookie(COOKIE) is None
    assert living(session) == []


def test_the_way_back_works_once(traveller: Traveller, itsme: FakeProvider, session: Session) -> None:
    """UP1: reload, back button, or a copied address."""
    back = itsme.authorize(traveller.leave(itsme).location, given_name="Nele", family_name="Vercauteren")
    assert traveller.arrive(back).status_code == 303
    assert traveller.arrive(back).status_code == 400
    assert len(living(session)) == 1


def test_head_on_the_way_back_consumes_nothing(traveller: Traveller, itsme: FakeProvider) -> None:
    """Threats rule 3: a scanner may look."""
    back = itsme.authorize(traveller.leave(itsme).location, given_name="Nele", family_name="Vercauteren")
    assert traveller.client.head(back).status_code == 200
    assert traveller.arrive(back).status_code == 303


def test_after_ten_minutes_the_way_back_is_closed(
    traveller: Traveller, itsme: FakeProvider, clock: time_machine.Traveller
) -> None:
    """Lifecycles §9: pending for ten minutes."""
    away = traveller.leave(itsme)
    clock.shift(601)
    answer = traveller.arrive(itsme.authorize(away.location))
    assert answer.status_code == 400
    assert "niet meer geldig" in answer.text


@pytest.mark.parametrize("name", ["state", "code", "iss"])
def test_a_parameter_twice_is_refused(traveller: Traveller, itsme: FakeProvider, name: str) -> None:
    """UP1: RFC 6749 3.1; nobody has to guess which of the two counts."""
    back = itsme.authorize(traveller.leave(itsme).location)
    assert traveller.arrive(f"{back}&{name}=again").status_code == 400


def test_a_code_injected_from_another_attempt_is_refused(
    app: Flask, traveller: Traveller, itsme: FakeProvider, session: Session
) -> None:
    """UP1: the verifier belongs to this attempt."""
    attacker = Traveller(app.test_client())
    stolen = parse_qs(urlsplit(itsme.authorize(attacker.leave(itsme).location)).query)["code"][0]
    own = parse_qs(urlsplit(itsme.authorize(traveller.leave(itsme).location)).query)
    query = urlencode({"code": stolen, "state": own["state"][0], "iss": own["iss"][0]})
    assert traveller.arrive(f"/aanmelden/itsme/terug?{query}").status_code == 400
    assert living(session) == []


def test_a_planted_session_cookie_never_becomes_a_session(
    traveller: Traveller, itsme: FakeProvider, session: Session
) -> None:
    """UP1: fixation; the value after sign-in is never the one before."""
    traveller.client.set_cookie(COOKIE, "planted-by-somebody-else")
    traveller.sign_in(itsme)
    assert traveller.cookie != "planted-by-somebody-else"
    assert living(session)[0].token_hash != token_hash("planted-by-somebody-else")


def test_the_form_token_of_before_is_dead_after_signing_in(traveller: Traveller, itsme: FakeProvider) -> None:
    """UP1: fixation of the pre-session, which holds the CSRF token."""
    before = traveller.client.csrf_token("/aanmelden")
    traveller.sign_in(itsme)
    assert traveller.client.post("/afmelden", data={"csrf_token": before}).status_code == 400


def test_starting_needs_the_form_token(client: Client, itsme: FakeProvider, session: Session) -> None:
    """UP1: another site cannot start a sign-in here."""
    assert client.post("/aanmelden/itsme").status_code == 400
    assert session.scalars(select(SignInAttempt)).all() == []


# UP2: the forged set


def _unsigned(claims: dict[str, Any]) -> str:
    return f"{_part({'alg': 'none', 'kid': KEY.kid})}.{_part(claims)}."


def _with_public_key_as_secret(claims: dict[str, Any]) -> str:
    signed = f"{_part({'alg': 'HS256', 'kid': KEY.kid})}.{_part(claims)}"
    secret = json.dumps(KEY.public_jwk()).encode()
    return f"{signed}.{_encoded(hmac.digest(secret, signed.encode(), 'sha256'))}"


def _tampered(claims: dict[str, Any]) -> str:
    header, _, signature = sign(claims, KEY, "JWT").split(".")
    return f"{header}.{_part({**claims, 'sub': 'somebody-else'})}.{signature}"


def _part(value: dict[str, Any]) -> str:
    return _encoded(json.dumps(value).encode())


def _encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


NOW = 1794902400  # 17 November 2026, 9 o'clock in Brussels


@pytest.mark.parametrize(
    ("forged", "reason"),
    [
        ({"aud": "another-client"}, "aud_wrong"),
        ({"aud": ["another-client"], "azp": "poortwachter"}, "aud_wrong"),
        ({"aud": ["poortwachter", "another-client"]}, "azp_wrong"),
        ({"aud": ["poortwachter", "another-client"], "azp": "another-client"}, "azp_wrong"),
        ({"azp": "another-client"}, "azp_wrong"),
        ({"aud": None}, "aud_missing"),
        ({"iss": "http://127.0.0.1:1"}, "iss_wrong"),
        ({"iss": None}, "iss_missing"),
        ({"exp": NOW - 61}, "expired"),
        ({"exp": None}, "exp_missing"),
        ({"iat": NOW + 3600}, "iat_in_future"),
        ({"iat": None}, "iat_missing"),
        ({"nbf": NOW + 3600}, "not_yet_valid"),
        ({"auth_time": NOW + 3600}, "auth_time_in_future"),
        ({"auth_time": 10**18}, "auth_time_wrong"),
        ({"nonce": "of-another-attempt"}, "nonce_wrong"),
        ({"nonce": None}, "nonce_missing"),
        ({"sub": None}, "sub_missing"),
        ({"sub": ""}, "sub_wrong"),
        ({"sub": "x" * 256}, "sub_wrong"),
        ({"given_name": "Ne\u202ele"}, "name_unreadable"),
        ({"family_name": ""}, "name_missing"),
        ({"rrn": "85073099834"}, "number_wrong"),
    ],
)
def test_a_forged_claim_is_refused(
    traveller: Traveller, itsme: FakeProvider, session: Session, forged: dict[str, Any], reason: str
) -> None:
    """UP2: aud, azp, iss, exp, iat, nonce and sub are all needed and all compared."""
    itsme.behaviour.claims = forged
    assert traveller.sign_in(itsme).status_code == 400
    assert living(session) == []
    assert session.scalars(select(Person)).all() == []
    assert events(session, "authentication:session:refuse")[0].details["reason"] == reason


@pytest.mark.parametrize(
    ("token", "reason"),
    [
        (_unsigned, "not_base64url"),
        (_with_public_key_as_secret, "algorithm_wrong"),
        (_tampered, "signature_wrong"),
        (lambda claims: sign(claims, OTHER_KEY, "JWT"), "kid_unknown"),
        (
            lambda claims: sign(claims, signing_key(KEY.kid, "RS256", new_private_key("RS256")), "JWT"),
            "signature_wrong",
        ),
        (lambda claims: sign(claims, KEY, "at+jwt"), "type_wrong"),
        (lambda _claims: "", "not_three_parts"),
        (lambda _claims: "a.b.c.d.e", "not_three_parts"),
    ],
)
def test_a_forged_signature_is_refused(
    traveller: Traveller,
    itsme: FakeProvider,
    session: Session,
    token: Callable[[dict[str, Any]], str],
    reason: str,
) -> None:
    """UP2: one algorithm, one issuer's keys, and an ID token is no access token."""
    itsme.behaviour.token = token
    assert traveller.sign_in(itsme).status_code == 400
    assert living(session) == []
    assert events(session, "authentication:session:refuse")[0].details["reason"] == reason


def test_userinfo_completes_a_short_id_token(traveller: Traveller, itsme: FakeProvider, session: Session) -> None:
    """Some providers give the person's claims there only."""
    itsme.behaviour.claims = {"given_name": None, "family_name": None}
    itsme.behaviour.userinfo = {"given_name": "Sofie", "family_name": "Aerts", "rrn": NUMBER, "acr": "high"}
    traveller.sign_in(itsme)
    (row,) = living(session)
    assert (row.given_name, row.level) == ("Sofie", 27)
    assert row.number_sealed is not None


def test_userinfo_of_another_subject_is_refused(traveller: Traveller, itsme: FakeProvider, session: Session) -> None:
    """UP2: OpenID Connect Core 5.3.2."""
    itsme.behaviour.userinfo = {"sub": "somebody-else", "rrn": NUMBER}
    assert traveller.sign_in(itsme).status_code == 400
    assert living(session) == []


# UP8: a provider that is down, slow, or too much


def test_a_provider_that_is_down_leaves_the_others(traveller: Traveller, itsme: FakeProvider, session: Session) -> None:
    """UP8: the page says which one, and offers the rest."""
    itsme.behaviour.down = ("openid-configuration",)
    answer = traveller.leave(itsme, "?verder=/taken&toepassing=cultuurmonitor")
    assert answer.status_code == 503
    assert "itsme antwoordt niet" in answer.text
    assert 'action="/aanmelden/itsme"' not in answer.text
    assert 'action="/aanmelden/eid"' in answer.text
    assert 'name="verder" value="/taken"' in answer.text
    assert session.scalars(select(SignInAttempt)).all() == []


def test_a_provider_that_goes_down_halfway_is_said_so(
    traveller: Traveller, itsme: FakeProvider, session: Session
) -> None:
    """UP8: the token endpoint does not answer."""
    itsme.behaviour.down = ("token",)
    assert traveller.sign_in(itsme).status_code == 503
    assert living(session) == []


@pytest.mark.parametrize("document", ["openid-configuration", "jwks"])
@pytest.mark.parametrize("body", [b'{"keys": [' + b'"x", ' * 100_000, b"<html>", b"[]"])
def test_documents_that_are_too_large_or_no_documents_stop_there(
    traveller: Traveller, itsme: FakeProvider, session: Session, document: str, body: bytes
) -> None:
    """UP8: 64 kB, JSON, an object."""
    itsme.behaviour.raw = {document: body}
    away = traveller.leave(itsme)
    if away.status_code == 303:
        assert traveller.arrive(itsme.authorize(away.location)).status_code in (400, 503)
    else:
        assert away.status_code == 503
    assert living(session) == []


def test_keys_that_are_no_keys_are_refused(traveller: Traveller, itsme: FakeProvider) -> None:
    """UP8: whatever stands in a key set, the answer is a page."""
    for body in (
        b'{"keys": 1}',
        b'{"keys": ["x"]}',
        b'{"keys": []}',
        b"{}",
        b'{"keys": [{"kty": "RSA", "kid": "now"}]}',
    ):
        itsme.behaviour.raw = {"jwks": body}
        assert traveller.sign_in(itsme).status_code == 400


@pytest.mark.parametrize(
    "metadata",
    [
        {"issuer": "http://127.0.0.1:1"},
        {"token_endpoint": None},
        {"jwks_uri": "file:///etc/passwd"},
        {"authorization_endpoint": "javascript:alert(1)"},
    ],
)
def test_metadata_that_points_elsewhere_is_refused(
    traveller: Traveller, itsme: FakeProvider, metadata: dict[str, Any]
) -> None:
    """UP8: another issuer, or an address that is none."""
    itsme.behaviour.metadata = metadata
    assert traveller.leave(itsme).status_code == 400


def test_metadata_that_points_inside_is_not_followed(traveller: Traveller, itsme: FakeProvider) -> None:
    """UP8, BC1: the guarded client judges every address."""
    itsme.behaviour.metadata = {"token_endpoint": "http://169.254.169.254/latest/meta-data"}
    assert traveller.sign_in(itsme).status_code == 503


def test_a_redirecting_provider_is_not_followed(traveller: Traveller, itsme: FakeProvider) -> None:
    """BC1: no redirects."""
    itsme.behaviour.redirect = "http://127.0.0.1:1/"
    assert traveller.leave(itsme).status_code == 503


def test_the_last_good_documents_serve_for_a_day(
    traveller: Traveller, itsme: FakeProvider, clock: time_machine.Traveller
) -> None:
    """UP8: keys that cannot be had for an evening, and metadata that is no metadata, are no reason to refuse what can still be
    checked.
    """
    assert traveller.sign_in(itsme).status_code == 303
    itsme.behaviour.down = ("jwks",)
    itsme.behaviour.raw = {"openid-configuration": b"<html>"}
    clock.shift(23 * 3600)
    assert traveller.sign_in(itsme).status_code == 303
    clock.shift(2 * 3600)
    assert traveller.leave(itsme).status_code == 503


def test_a_new_key_of_the_provider_is_found_at_once(
    traveller: Traveller, itsme: FakeProvider, clock: time_machine.Traveller
) -> None:
    """A rotated key is fetched when a token names it, also a second after the others were."""
    traveller.sign_in(itsme)
    itsme.behaviour.key, itsme.behaviour.published = NEXT_KEY, [KEY, NEXT_KEY]
    assert traveller.sign_in(itsme, query="?vers=1").status_code == 303
    assert itsme.asked.count("jwks") == 2


def test_unknown_keys_are_asked_for_at_most_once_a_minute(
    traveller: Traveller, itsme: FakeProvider, clock: time_machine.Traveller
) -> None:
    """UP8: whoever can have tokens made with new key ids cannot make us ask without end."""
    traveller.sign_in(itsme)
    itsme.behaviour.key = OTHER_KEY
    for _ in range(3):
        assert traveller.sign_in(itsme, query="?vers=1").status_code == 400
    assert itsme.asked.count("jwks") == 2
    clock.shift(61)
    itsme.behaviour.published = [OTHER_KEY]
    assert traveller.sign_in(itsme, query="?vers=1").status_code == 303
    assert itsme.asked.count("jwks") == 3


def test_keys_are_fetched_once_an_hour_and_metadata_once_a_minute(
    traveller: Traveller, itsme: FakeProvider, clock: time_machine.Traveller
) -> None:
    """The hot way asks the provider for nothing but the token; metadata also tells whether it is still there."""
    for _ in range(3):
        traveller.sign_in(itsme, query="?vers=1")
    assert (itsme.asked.count("openid-configuration"), itsme.asked.count("jwks")) == (1, 1)
    clock.shift(61)
    traveller.sign_in(itsme, query="?vers=1")
    assert (itsme.asked.count("openid-configuration"), itsme.asked.count("jwks")) == (2, 1)
    clock.shift(3601)
    traveller.sign_in(itsme, query="?vers=1")
    assert (itsme.asked.count("openid-configuration"), itsme.asked.count("jwks")) == (3, 2)


def test_cancelling_at_the_provider_is_no_error(traveller: Traveller, itsme: FakeProvider, session: Session) -> None:
    """The person is told that nothing happened, and may choose again."""
    away = traveller.leave(itsme, "?verder=/taken")
    answer = traveller.arrive(itsme.cancel(away.location))
    assert answer.status_code == 200
    assert "U stopte met aanmelden" in answer.text
    assert 'action="/aanmelden/itsme"' in answer.text
    assert living(session) == []


def test_another_error_of_the_provider_is_never_repeated_on_the_page(traveller: Traveller, itsme: FakeProvider) -> None:
    """What stands in an address is not ours to show."""
    away = traveller.leave(itsme)
    back = itsme.cancel(away.location, error="server_error") + "&error_description=Bel%200900"
    answer = traveller.arrive(back)
    assert answer.status_code == 400
    assert "0900" not in answer.text


def test_a_digital_key_ends_the_local_account_and_its_passkeys_go_with_it(
    traveller: Traveller, itsme: FakeProvider, world: World, session: Session
) -> None:
    """DG7: what stood on an invitation opens nothing beside a proved identity."""
    person = world.person("Nele Vercauteren", state="unlinked", number=NUMBER)
    account_id, then = uuid.uuid4(), now()
    with changing_session() as writing, writing.begin():
        writing.add(LocalAccount(id=account_id, person_id=person.id, user_name="nele", created_at=then))
        writing.flush()
        writing.add(
            Passkey(
                account_id=account_id,
                credential_id="a",
                public_key="b",
                sign_count=0,
                verifies_user=True,
                name="telefoon",
                created_at=then,
            )
        )
    assert traveller.sign_in(itsme, rrn=NUMBER).status_code == 303
    session.rollback()
    assert session.get_one(LocalAccount, account_id).end_reason == "linked"
    assert session.scalars(select(Passkey)).all() == []
