"""Any OpenID provider by its policy alone: how the broker proves itself there, what it asks and how, which claims it takes, and
what it does while a provider is away (issue 3, "Upstream"; RFC 7523, RFC 9126, OpenID Connect Core 5.5 and 5.3.2).
"""

import base64
import json
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
import time_machine
from sqlalchemy import select
from sqlalchemy.orm import Session

from broker.authentication.sign_in_attempt import SignInAttempt
from broker.catalogue.model import Encryption
from broker.database import db
from broker.http_client import HttpClient
from broker.installation import installation
from broker.keys.decryption import DecryptionKey
from broker.keys.jose import SigningKey, new_private_key, sign, signing_key, verify
from broker.keys.private_keys import read_private_key
from broker.people.person import Person
from tests.authentication.conftest import Traveller
from tests.authentication.fake_provider import CLIENT_ID, KEY, FakeProvider
from tests.authentication.test_sign_in import NOW, NUMBER, events, living

WithPolicy = Callable[..., Traveller]
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
URL_CLAIM = "http://itsme.services/v2/claim/BENationalNumber"
OWN_KEYS: dict[str, SigningKey] = {
    algorithm: signing_key(f"own-{algorithm}", algorithm, new_private_key("ES256" if algorithm == "ES256" else "RS256"))
    for algorithm in ("RS256", "ES256", "PS256")
}
BY_KEY = {"authentication": "private_key_jwt", "client_secret": None}


def is_signed_in() -> bool:
    """Whether somebody has a session now."""
    return bool(living(db.session()))


def number_here() -> str | None:
    """The number that is sealed in the one session."""
    (row,) = living(db.session())
    return installation().keys.unseal(row.number_sealed, row.number_place) if row.number_sealed else None


def reason() -> object:
    """Why the last sign-in was refused, as the audit has it."""
    return events(db.session(), "authentication:session:refuse")[-1].details["reason"]


# How the broker proves itself


@pytest.mark.parametrize("algorithm", ["RS256", "ES256", "PS256"])
def test_it_proves_itself_with_its_own_key(with_policy: WithPolicy, itsme: FakeProvider, algorithm: Any) -> None:
    """RFC 7523: signed by a key published for this provider, for this provider, a minute long, once, and no secret beside
    it.
    """
    traveller = with_policy(**BY_KEY, signing_keys=(OWN_KEYS[algorithm],))
    published = traveller.client.get("/aanmelden/itsme/sleutels").json
    for _ in range(2):
        assert traveller.sign_in(itsme, query="?vers=1").status_code == 303
    seen = set()
    for call in itsme.calls:
        assert call.authorization is None
        assert "client_secret" not in call.form
        assert (call.form["client_id"], call.form["client_assertion_type"]) == (CLIENT_ID, ASSERTION_TYPE)
        claims = verify(
            call.form["client_assertion"],
            keys=published,
            algorithm=algorithm,
            issuer=CLIENT_ID,
            audience=itsme.issuer,
            required=("sub", "jti"),
        )
        assert claims["sub"] == CLIENT_ID
        assert claims["aud"] == itsme.issuer
        assert 0 < claims["exp"] - claims["iat"] <= 60
        seen.add(claims["jti"])
    assert len(seen) == len(itsme.calls) == 2


def test_the_assertion_may_be_for_the_token_endpoint(with_policy: WithPolicy, itsme: FakeProvider) -> None:
    """Some providers know themselves by that address only; it is the policy that says so."""
    traveller = with_policy(**BY_KEY, signing_keys=(OWN_KEYS["ES256"],), assertion_audience="token_endpoint")
    assert traveller.sign_in(itsme).status_code == 303
    keys = {"keys": [OWN_KEYS["ES256"].public_jwk()]}
    token = itsme.calls[0].form["client_assertion"]
    assert verify(token, keys=keys, algorithm="ES256", issuer=CLIENT_ID, audience=f"{itsme.issuer}/token")


def test_a_secret_goes_in_the_header_encoded_as_the_rfc_has_it(with_policy: WithPolicy, itsme: FakeProvider) -> None:
    """RFC 6749 2.3.1: a colon, a plus or a percent sign in it arrives as it was."""
    assert with_policy(client_secret="a:b+c%20 d").sign_in(itsme).status_code == 303
    (call,) = itsme.calls
    assert call.authorization is not None
    assert base64.b64decode(call.authorization.removeprefix("Basic ")) == b"poortwachter:a%3Ab%2Bc%2520+d"
    assert "client_secret" not in call.form


@pytest.mark.parametrize(
    ("policy", "there"),
    [
        ({"authentication": "client_secret_post", "client_secret": "geheim"}, {"client_id", "client_secret"}),
        ({"authentication": "none", "client_secret": None}, {"client_id"}),
    ],
)
def test_a_secret_in_the_form_or_none_at_all(
    with_policy: WithPolicy, itsme: FakeProvider, policy: dict[str, Any], there: set[str]
) -> None:
    """RFC 6749 2.3.1 and 3.2.1."""
    assert with_policy(**policy).sign_in(itsme).status_code == 303
    (call,) = itsme.calls
    assert call.authorization is None
    assert {name for name in call.form if name.startswith("client_")} == there


def test_the_public_halves_of_our_keys_are_published_for_each_provider(with_policy: WithPolicy) -> None:
    """What a provider needs of us stands at one address: every key for signing, also the next one, and for encrypting."""
    next_key = signing_key("next", "ES256", new_private_key("ES256"))
    traveller = with_policy(**BY_KEY, signing_keys=(OWN_KEYS["ES256"], next_key), encryption=encryption())
    answer = traveller.client.get("/aanmelden/itsme/sleutels")
    assert answer.headers["Cache-Control"] == "public, max-age=300"
    assert answer.json is not None
    assert [(key["kid"], key["use"], key["alg"]) for key in answer.json["keys"]] == [
        ("own-ES256", "sig", "ES256"),
        ("next", "sig", "ES256"),
        ("opens", "enc", "RSA-OAEP-256"),
    ]
    for key in answer.json["keys"]:
        assert not key.keys() & {"d", "p", "q", "dp", "dq", "qi", "k"}
    assert traveller.client.get("/aanmelden/eid/sleutels").status_code == 404
    assert traveller.client.get("/aanmelden/nergens/sleutels").status_code == 404


def encryption() -> Encryption:
    """An agreement to encrypt, with one key."""
    private = read_private_key(new_private_key("RS256")).private
    return Encryption("RSA-OAEP-256", "A256GCM", (DecryptionKey("opens", private),))  # type: ignore[arg-type]


# The pushed request (RFC 9126)


@pytest.fixture
def offers_par(itsme: FakeProvider) -> FakeProvider:
    """The provider says that requests can be pushed."""
    itsme.behaviour.metadata = {"pushed_authorization_request_endpoint": f"{itsme.issuer}/par"}
    return itsme


@pytest.mark.parametrize("par", ["when_offered", "required"])
def test_a_request_is_pushed_where_that_is_offered(with_policy: WithPolicy, offers_par: FakeProvider, par: str) -> None:
    """RFC 9126: the browser carries a reference; state, nonce and challenge go from us to the provider, with our proof."""
    traveller = with_policy(**BY_KEY, signing_keys=(OWN_KEYS["ES256"],), par=par)
    away = traveller.leave(offers_par)
    carried = parse_qs(urlsplit(away.location).query)
    assert carried.keys() == {"client_id", "request_uri"}
    (pushed,) = offers_par.calls
    assert pushed.name == "par"
    assert pushed.form["redirect_uri"] == "http://localhost:8000/aanmelden/itsme/terug"
    assert pushed.form["code_challenge_method"] == "S256"
    assert len(pushed.form["state"]) >= 32
    assert len(pushed.form["nonce"]) >= 32
    assert "client_assertion" in pushed.form
    assert "request_uri" not in pushed.form
    back = offers_par.authorize(away.location, given_name="Nele", family_name="Vercauteren")
    assert traveller.arrive(back).status_code == 303
    assert is_signed_in()


def test_a_request_is_not_pushed_where_the_policy_says_never(with_policy: WithPolicy, offers_par: FakeProvider) -> None:
    away = with_policy(par="never").leave(offers_par)
    assert "request_uri" not in away.location
    assert "code_challenge=" in away.location
    assert offers_par.calls == []


def test_metadata_cannot_talk_us_out_of_pushing(with_policy: WithPolicy, itsme: FakeProvider) -> None:
    """Required is required, also where it is no longer offered."""
    assert with_policy(par="required").leave(itsme).status_code == 400
    assert reason() == "par_not_offered"
    assert db.session().scalars(select(SignInAttempt)).all() == []


@pytest.mark.parametrize(
    "answer",
    [
        ({"error": "invalid_request", "error_description": "Bel 0900"}, 400),
        ({"error": "invalid_client"}, 401),
        ({}, 201),
        ({"request_uri": ["urn:a"]}, 201),
        ({"request_uri": ""}, 201),
        ({"request_uri": "urn:" + "a" * 600}, 201),
    ],
)
def test_a_pushed_request_that_is_refused_ends_there(
    with_policy: WithPolicy, offers_par: FakeProvider, answer: tuple[dict[str, Any], int]
) -> None:
    """Nothing was written, nothing of what the provider said is repeated, and nothing is tried without it."""
    offers_par.behaviour.par = lambda _asked: answer
    page = with_policy().leave(offers_par)
    assert page.status_code == 400
    assert "0900" not in page.text
    assert reason() == "request_refused"
    assert db.session().scalars(select(SignInAttempt)).all() == []


def test_a_pushed_request_that_nobody_takes_leaves_the_other_keys(
    with_policy: WithPolicy, offers_par: FakeProvider
) -> None:
    """UP8: known before the browser leaves."""
    offers_par.behaviour.down = ("par",)
    page = with_policy().leave(offers_par, "?verder=/taken&toepassing=cultuurmonitor")
    assert page.status_code == 503
    assert "itsme antwoordt niet" in page.text
    assert 'action="/aanmelden/eid"' in page.text


def test_a_push_to_an_address_inside_is_not_made(with_policy: WithPolicy, itsme: FakeProvider) -> None:
    """UP8, BC1."""
    itsme.behaviour.metadata = {"pushed_authorization_request_endpoint": "http://169.254.169.254/latest"}
    assert with_policy().leave(itsme).status_code == 503
    assert reason() == "address_refused"


# What is asked


def test_claims_are_requested_by_name(with_policy: WithPolicy, itsme: FakeProvider) -> None:
    """OpenID Connect Core 5.5: itsme tells a national number only to who asks for it."""
    traveller = with_policy(
        requested_claims={"userinfo": {URL_CLAIM: True}, "id_token": {"given_name": False, "family_name": True}}
    )
    asked = parse_qs(urlsplit(traveller.leave(itsme).location).query)
    assert json.loads(asked["claims"][0]) == {
        "userinfo": {URL_CLAIM: {"essential": True}},
        "id_token": {"given_name": None, "family_name": {"essential": True}},
    }


def test_an_acr_is_asked_for_where_the_policy_names_one(with_policy: WithPolicy, itsme: FakeProvider) -> None:
    """ACM says an acr only to who asked for one (domain-facts §1.5); a step-up asks its own."""
    traveller = with_policy(acr_values="substantial high")
    assert parse_qs(urlsplit(traveller.leave(itsme).location).query)["acr_values"] == ["substantial high"]
    assert parse_qs(urlsplit(traveller.leave(itsme, "?niveau=27").location).query)["acr_values"] == ["substantial"]


# What is taken


@pytest.mark.parametrize(
    ("path", "claims"),
    [
        (("rrn",), {"rrn": NUMBER}),
        (("egov_nrn",), {"egov_nrn": NUMBER}),
        ((URL_CLAIM,), {URL_CLAIM: NUMBER}),
        (
            ("tag:sixdots.be,2016-06:claim_eid", "national_number"),
            {"tag:sixdots.be,2016-06:claim_eid": {"national_number": NUMBER}},
        ),
        (("a", "b", "c"), {"a": {"b": {"c": "85.07.30-998.33"}}}),
    ],
)
@pytest.mark.parametrize("at_userinfo", [False, True])
def test_a_number_is_taken_under_any_name(
    with_policy: WithPolicy, itsme: FakeProvider, path: tuple[str, ...], claims: dict[str, Any], at_userinfo: bool
) -> None:
    """Whatever the claim is called, however deep it stands, in the ID token or at userinfo."""
    traveller = with_policy(number_claim=path)
    itsme.behaviour.userinfo = claims if at_userinfo else None
    assert traveller.sign_in(itsme, **({} if at_userinfo else claims)).status_code == 303
    assert number_here() == NUMBER
    assert ("userinfo" in itsme.asked) is at_userinfo


@pytest.mark.parametrize("value", [85073099833, {"value": NUMBER}, [NUMBER], True, "", None])
def test_a_number_that_is_no_text_is_no_number(with_policy: WithPolicy, itsme: FakeProvider, value: Any) -> None:
    """A number that lost its zeroes, or something else altogether, links nobody."""
    itsme.behaviour.claims = {"rrn": value}
    assert with_policy().sign_in(itsme).status_code == 303
    assert number_here() is None
    assert db.session().scalars(select(Person)).one().number_hash is None


def test_a_name_is_taken_under_any_name_too(with_policy: WithPolicy, itsme: FakeProvider) -> None:
    traveller = with_policy(given_name_claim=("eid", "voornamen"), family_name_claim=("urn:oid:2.5.4.4",))
    itsme.behaviour.claims = {"eid": {"voornamen": "Nele Maria"}, "urn:oid:2.5.4.4": "Vercauteren"}
    assert traveller.sign_in(itsme, given_name="Niet", family_name="Deze").status_code == 303
    assert db.session().scalars(select(Person)).one().full_name == "Nele Maria Vercauteren"


def test_what_the_signed_token_says_is_never_replaced(with_policy: WithPolicy, itsme: FakeProvider) -> None:
    """Userinfo completes; an acr there raises nothing (UP3)."""
    itsme.behaviour.userinfo = {"given_name": "Ander", "family_name": "Iemand", "rrn": NUMBER, "acr": "high"}
    assert with_policy().sign_in(itsme).status_code == 303
    person = db.session().scalars(select(Person)).one()
    assert person.full_name == "Nele Vercauteren"
    assert living(db.session())[0].level == 27


def test_userinfo_is_not_asked_for_what_was_said(with_policy: WithPolicy, itsme: FakeProvider) -> None:
    assert with_policy().sign_in(itsme, rrn=NUMBER).status_code == 303
    assert "userinfo" not in itsme.asked


@pytest.mark.parametrize("algorithm", ["RS256", "ES256", "PS256"])
def test_the_provider_signs_with_the_algorithm_of_its_policy(
    with_policy: WithPolicy, itsme: FakeProvider, algorithm: Any
) -> None:
    """One algorithm a provider; a good signature with another one is refused (UP2)."""
    itsme.behaviour.key = OWN_KEYS[algorithm]
    itsme.behaviour.published = list(OWN_KEYS.values())
    assert with_policy(signing_algorithm=algorithm).sign_in(itsme).status_code == 303
    others = [each for each in OWN_KEYS if each != algorithm]
    for other in others:
        itsme.behaviour.key = OWN_KEYS[other]
        assert with_policy(signing_algorithm=algorithm).sign_in(itsme, "subject-2").status_code == 400
        assert reason() == "algorithm_wrong"


# A signed userinfo (OpenID Connect Core 5.3.2)


def signed(key: SigningKey = KEY, **changes: Any) -> Callable[[dict[str, Any]], str]:
    """Makes a JWT of the claims of userinfo; None leaves a claim out."""

    def make(told: dict[str, Any]) -> str:
        claims = {"aud": CLIENT_ID, **told, **changes}
        return sign({name: value for name, value in claims.items() if value is not None}, key, "JWT")

    return make


@pytest.fixture
def signs_userinfo(itsme: FakeProvider) -> FakeProvider:
    """The provider tells the number at userinfo, in a signed token."""
    itsme.behaviour.userinfo = {"rrn": NUMBER}
    itsme.behaviour.userinfo_token = signed(iss=itsme.issuer)
    return itsme


def test_a_signed_userinfo_is_taken(with_policy: WithPolicy, signs_userinfo: FakeProvider) -> None:
    """Without a time of its own, as the specification allows."""
    assert with_policy(userinfo="signed").sign_in(signs_userinfo).status_code == 303
    assert number_here() == NUMBER


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"iss": "http://127.0.0.1:1"}, "iss_wrong"),
        ({"iss": None}, "iss_missing"),
        ({"aud": "another-client"}, "aud_wrong"),
        ({"aud": None}, "aud_missing"),
        ({"sub": "somebody-else"}, "userinfo_of_another"),
        ({"sub": None}, "sub_missing"),
        ({"exp": NOW - 61}, "expired"),
        ({"iat": NOW + 3600}, "iat_in_future"),
        ({"key": OWN_KEYS["RS256"]}, "kid_unknown"),
        ({"key": OWN_KEYS["ES256"]}, "algorithm_wrong"),
        ({"key": signing_key(KEY.kid, "RS256", new_private_key("RS256"))}, "signature_wrong"),
    ],
)
def test_a_signed_userinfo_that_is_wrong_is_refused(
    with_policy: WithPolicy, signs_userinfo: FakeProvider, changes: dict[str, Any], said: str
) -> None:
    """UP2: the same checks as for an ID token."""
    signs_userinfo.behaviour.userinfo_token = signed(**{"iss": signs_userinfo.issuer, **changes})
    assert with_policy(userinfo="signed").sign_in(signs_userinfo).status_code == 400
    assert reason() == said
    assert not is_signed_in()


def test_an_unsigned_userinfo_is_refused_where_it_was_to_be_signed(
    with_policy: WithPolicy, signs_userinfo: FakeProvider
) -> None:
    """UP2: no downgrade, neither to plain JSON nor to alg none."""
    nothing = base64.urlsafe_b64encode(b'{"alg":"none","kid":"now"}').rstrip(b"=").decode()
    signs_userinfo.behaviour.userinfo_token = lambda told: f"{nothing}.{signed(iss='x')(told).split('.')[1]}."
    assert with_policy(userinfo="signed").sign_in(signs_userinfo).status_code == 400
    signs_userinfo.behaviour.userinfo_token = None
    assert with_policy(userinfo="signed").sign_in(signs_userinfo).status_code == 400
    assert not is_signed_in()


def test_a_signed_userinfo_where_plain_was_agreed_is_refused(
    with_policy: WithPolicy, signs_userinfo: FakeProvider
) -> None:
    assert with_policy().sign_in(signs_userinfo).status_code == 400
    assert reason() == "userinfo_unreadable"


def test_a_userinfo_that_refuses_its_own_token_is_no_provider_that_is_away(
    with_policy: WithPolicy, itsme: FakeProvider
) -> None:
    itsme.behaviour.refuses = {"userinfo": "invalid_token"}
    assert with_policy().sign_in(itsme).status_code == 400
    assert reason() == "userinfo_refused"


# Clocks


@pytest.mark.parametrize(
    ("claims", "status"),
    [
        ({"exp": NOW - 55}, 303),
        ({"exp": NOW - 65}, 400),
        ({"iat": NOW + 55}, 303),
        ({"iat": NOW + 65}, 400),
        ({"nbf": NOW + 55}, 303),
        ({"auth_time": NOW + 55}, 303),
        ({"auth_time": NOW + 65}, 400),
    ],
)
def test_a_clock_may_be_a_minute_off(
    with_policy: WithPolicy, itsme: FakeProvider, claims: dict[str, int], status: int
) -> None:
    """Either way; and nobody's proof lies in the future."""
    itsme.behaviour.claims = claims
    assert with_policy().sign_in(itsme).status_code == status
    for row in living(db.session()):
        assert row.auth_time.timestamp() <= NOW + 30


def test_a_provider_whose_clock_is_behind_fulfils_a_demand_for_a_new_proof(
    with_policy: WithPolicy, itsme: FakeProvider
) -> None:
    """It was proved after we asked, whatever that clock says: else the one who asked would ask for ever."""
    itsme.behaviour.claims = {"auth_time": NOW - 55}
    assert with_policy().sign_in(itsme, query="?vers=1").status_code == 303
    (row,) = living(db.session())
    assert row.auth_time.timestamp() >= NOW


# A provider that is away (UP8)


def test_a_key_that_is_away_is_not_offered_for_a_moment(
    traveller: Traveller, itsme: FakeProvider, clock: time_machine.Traveller
) -> None:
    """UP8: whoever comes next does not run into the same wall; the page says why it is not there."""
    itsme.behaviour.metadata = {"token_endpoint": "http://127.0.0.1:1/token"}
    assert traveller.sign_in(itsme, query="?toepassing=cultuurmonitor").status_code == 503
    page = traveller.client.get("/aanmelden?toepassing=cultuurmonitor")
    assert page.status_code == 200
    assert "itsme antwoordt nu niet" in page.text
    assert 'action="/aanmelden/itsme"' not in page.text
    assert 'action="/aanmelden/eid"' in page.text
    itsme.behaviour.metadata = {}
    clock.shift(31)
    assert 'action="/aanmelden/itsme"' in traveller.client.get("/aanmelden?toepassing=cultuurmonitor").text
    clock.shift(31)
    assert traveller.sign_in(itsme, query="?toepassing=cultuurmonitor").status_code == 303


def test_a_key_that_broke_on_the_way_back_is_looked_at_before_the_next_leaves(
    traveller: Traveller, itsme: FakeProvider
) -> None:
    """UP8: its metadata are asked anew at once, though they were read this very minute."""
    away = traveller.leave(itsme)
    itsme.behaviour.down = ("openid-configuration", "jwks", "token")
    assert traveller.arrive(itsme.authorize(away.location)).status_code == 503
    assert traveller.leave(itsme).status_code == 503
    assert "itsme antwoordt nu niet" in traveller.client.get("/aanmelden").text


def test_a_code_that_makes_a_provider_stumble_takes_it_from_nobody_else(
    traveller: Traveller, itsme: FakeProvider
) -> None:
    """UP8: what a visitor typed in an address cannot switch a key off."""
    itsme.behaviour.down = ("token",)
    assert traveller.sign_in(itsme).status_code == 503
    assert 'action="/aanmelden/itsme"' in traveller.client.get("/aanmelden").text
    itsme.behaviour.down = ()
    assert traveller.sign_in(itsme).status_code == 303


@pytest.mark.parametrize("code", ["", "a b", "\x00", "é", "a" * 4097, "a\nb"])
def test_what_cannot_be_a_code_is_not_sent_on(traveller: Traveller, itsme: FakeProvider, code: str) -> None:
    """RFC 6749, appendix A.11."""
    back = parse_qs(urlsplit(itsme.authorize(traveller.leave(itsme).location)).query)
    query = urlencode({"state": back["state"][0], "iss": back["iss"][0], "code": code})
    assert traveller.arrive(f"/aanmelden/itsme/terug?{query}").status_code == 400
    assert itsme.calls == []


def test_a_key_that_is_away_is_not_asked_again_and_again(traveller: Traveller, itsme: FakeProvider) -> None:
    """UP8: a page that was open already goes nowhere, at once, and costs the provider nothing."""
    page = traveller.client.get("/aanmelden")
    itsme.behaviour.down = ("openid-configuration",)
    assert traveller.leave(itsme).status_code == 503
    for _ in range(3):
        assert traveller.client.submit(page, form="/aanmelden/itsme").status_code == 303
    assert itsme.asked == ["openid-configuration"]


def test_a_key_that_goes_down_after_its_metadata_was_read_is_noticed_at_the_next_sign_in(
    traveller: Traveller, itsme: FakeProvider, clock: time_machine.Traveller, session: Session
) -> None:
    """UP8: nobody is sent to a provider that has not answered for a minute."""
    assert traveller.sign_in(itsme).status_code == 303
    itsme.behaviour.down = ("openid-configuration", "jwks", "token")
    clock.shift(61)
    page = traveller.leave(itsme, "?vers=1&verder=/taken")
    assert page.status_code == 503
    assert "itsme antwoordt niet" in page.text
    assert session.scalars(select(SignInAttempt).where(SignInAttempt.used_at.is_(None))).all() == []


def test_metadata_on_another_machine_says_nothing_of_the_provider(
    with_policy: WithPolicy, itsme: FakeProvider, eid: FakeProvider, clock: time_machine.Traveller
) -> None:
    """UP8: the last good metadata serves while only the document is away."""
    traveller = with_policy(metadata_url=f"{eid.issuer}/.well-known/openid-configuration")
    names = ("authorization_endpoint", "token_endpoint", "jwks_uri")
    paths = ("authorize", "token", "jwks")
    elsewhere = {name: f"{itsme.issuer}/{path}" for name, path in zip(names, paths, strict=True)}
    eid.behaviour.metadata = {"issuer": itsme.issuer, **elsewhere}
    assert traveller.sign_in(itsme, rrn=NUMBER).status_code == 303
    eid.behaviour.down = ("openid-configuration",)
    clock.shift(3700)
    assert traveller.sign_in(itsme, rrn=NUMBER, query="?vers=1").status_code == 303


def test_where_every_key_is_away_each_can_be_tried_again(
    traveller: Traveller, itsme: FakeProvider, eid: FakeProvider
) -> None:
    """UP8: an empty page helps nobody."""
    for provider in (itsme, eid):
        provider.behaviour.down = ("openid-configuration",)
        assert traveller.client.submit(
            traveller.client.get("/aanmelden?toepassing=cultuurmonitor"), form=f"/aanmelden/{provider.code}"
        ).location.startswith("/aanmelden/gestopt")
    page = traveller.client.get("/aanmelden?toepassing=cultuurmonitor").text
    assert 'action="/aanmelden/itsme"' in page
    assert 'action="/aanmelden/eid"' in page


def test_the_page_of_a_key_that_is_away_speaks_the_persons_language(traveller: Traveller, itsme: FakeProvider) -> None:
    """UP8."""
    traveller.client.get("/aanmelden?taal=en")
    itsme.behaviour.down = ("openid-configuration",)
    assert "itsme does not answer" in traveller.leave(itsme).text
    assert "itsme does not answer now" in traveller.client.get("/aanmelden").text


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The broker listens a third of a second instead of three."""
    monkeypatch.setattr("broker.web.sign_in.HttpClient", partial(HttpClient, seconds=0.3))
    return


@pytest.mark.usefixtures("impatient")
def test_a_slow_provider_holds_nobody_up(traveller: Traveller, itsme: FakeProvider) -> None:
    """UP8."""
    itsme.behaviour.slow = 1
    assert traveller.leave(itsme).status_code == 503
    assert reason() == "too_slow"


@pytest.mark.parametrize("document", ["openid-configuration", "jwks"])
def test_a_document_without_end_is_not_read_to_the_end(
    traveller: Traveller, itsme: FakeProvider, document: str
) -> None:
    """UP8: a key set of 100 MB, or one that never stops."""
    itsme.behaviour.endless = (document,)
    away = traveller.leave(itsme)
    answer = traveller.arrive(itsme.authorize(away.location)) if document == "jwks" else away
    assert answer.status_code == 503
    assert reason() == "too_large"


def test_an_error_of_the_token_endpoint_is_logged_by_its_code_alone(
    traveller: Traveller, itsme: FakeProvider, capsys: pytest.CaptureFixture[str]
) -> None:
    """Enough for whoever configures a provider, and nothing that it can write into our log."""
    itsme.behaviour.refuses = {"token": "invalid_client"}
    assert traveller.sign_in(itsme).status_code == 400
    written = capsys.readouterr()
    logged = written.out + written.err
    assert "invalid_client" in logged
    assert "0900" not in logged
    itsme.behaviour.refuses = {"token": "x\nlevel=critical <script>"}
    assert traveller.sign_in(itsme).status_code == 400
    written = capsys.readouterr()
    assert "script" not in written.out + written.err


def test_a_form_may_end_where_the_policy_says_the_browser_passes(with_policy: WithPolicy) -> None:
    """Chromium holds form-action over every redirect after a form."""
    headers = with_policy(also_at=("https://merk.example",)).client.get("/aanmelden").headers
    assert "https://merk.example" in headers["Content-Security-Policy"]
