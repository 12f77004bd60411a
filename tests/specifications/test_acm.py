"""A client of ACM (Toegangsbeheer) changes its issuer and nothing else (domain-facts §1): paths, request, levels, hints."""

import base64
import json
from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine

from broker.installation import installation
from broker.people.organisation import Organisation
from broker.people.person import Person
from tests.oidc.conftest import ISSUER, Relying, answer_of, login_hint
from tests.specifications.asking import way_in
from tests.worlds.client import Client, forms_of
from tests.worlds.statements import Statements
from tests.worlds.world import World

Make = Callable[..., Relying]
URN = "urn:be:vlaanderen:authmech:"
ACM_LEVELS = {
    "eid": 35,
    "eidashigh": 35,
    "itsme": 27,
    "csamtotp": 26,
    "csamsms": 25,
    "eidassubstantial": 25,
    "tlsclient": 19,
    "kerberos": 12,
    "password": 10,
    "csampassword": 5,
    "csamselfreg": 5,
}


@pytest.fixture
def genk(world: World) -> Organisation:
    """One of the two organisations of Joke."""
    return world.organisation("Gemeente Genk")


@pytest.fixture
def joke(world: World, client: Client, genk: Organisation) -> Person:
    """Somebody signed in at level 27, with a right at two organisations."""
    person = world.person("Joke De Smedt")
    for organisation in (genk, world.organisation("Gemeente Hasselt")):
        world.grant(person, organisation, "raadpleger")
    world.sign_in(client, person, level=27)
    return person


@pytest.fixture
def nele(world: World, client: Client) -> Person:
    """Somebody signed in at level 27, with one right."""
    person = world.person()
    world.grant(person, world.organisation("Gemeente Peer"), "invoerder")
    world.sign_in(client, person, level=27)
    return person


# 1.1: the paths are ACM's


def test_the_paths_are_those_of_acm(client: Client) -> None:
    told = client.get("/op/.well-known/openid-configuration").json
    assert told["issuer"] == ISSUER
    for member, path in (
        ("authorization_endpoint", "auth"),
        ("token_endpoint", "token"),
        ("userinfo_endpoint", "userinfo"),
        ("introspection_endpoint", "introspect"),
        ("jwks_uri", "keys"),
        ("end_session_endpoint", "logout"),
    ):
        assert told[member] == f"{ISSUER}/v1/{path}"


# 1.2: the request


def test_a_migrated_client_needs_no_pkce_and_no_state(nele: Person, relying: Make) -> None:
    """Decisions 11: what ACM requires is enough, with the nonce that ACM recommends."""
    app = relying("test-acm")
    bare = {"code_challenge": None, "code_challenge_method": None, "state": None}
    answer = answer_of(app.authorize(**bare))
    assert "state" not in answer
    claims = app.id_claims(app.redeem(answer["code"], code_verifier=None).json)
    assert (claims["acr"], claims["nonce"]) == (f"{URN}itsme", "een-nonce")


def test_a_scope_that_is_not_allowed_is_refused_before_anybody_signs_in(client: Client, relying: Make) -> None:
    answer = answer_of(relying("test-acm").authorize(scope="openid profile vo iv_wegwijs"))
    assert answer["error"] == "invalid_scope"


def test_a_code_is_good_for_thirty_seconds(nele: Person, relying: Make, still_clock: time_machine.Traveller) -> None:
    app = relying()
    in_time = app.code()
    still_clock.shift(timedelta(seconds=29))
    assert app.redeem(in_time).status_code == 200
    late = app.code()
    still_clock.shift(timedelta(seconds=31))
    assert app.redeem(late).json["error"] == "invalid_grant"


# 1.2: gericht aanmelden, hoedanigheidskeuze


def test_a_hint_at_an_organisation_skips_the_choice(joke: Person, genk: Organisation, relying: Make) -> None:
    app = relying()
    for hint in (
        login_hint(cap_hint="LB", code_hint=genk.code),
        login_hint(code_hint=genk.code),
        base64.urlsafe_b64encode(json.dumps({"code_hint": genk.code, "cap_hint": "LB"}).encode()).decode().rstrip("="),
    ):
        answer = answer_of(app.authorize(login_hint=hint))
        assert app.id_claims(app.redeem(answer["code"]).json)["vo_orgcode"] == genk.code


def test_a_hint_at_a_target_group_leaves_only_those(world: World, joke: Person, relying: Make) -> None:
    amsab = world.organisation("Muntpunt", "economische_actor")
    world.grant(joke, amsab)
    world.label(amsab)
    app = relying()
    page = app.authorize(login_hint=login_hint(cap_hint="LB"))
    assert len([form for form in forms_of(page.text) if form.action == "/hoedanigheid"]) == 2
    answer = answer_of(app.authorize(login_hint=login_hint(cap_hint="EA")))
    assert app.id_claims(app.redeem(answer["code"]).json)["vo_orgnaam"] == "Muntpunt"


def test_a_hint_tells_nothing_of_an_organisation_that_is_not_ones_own(
    world: World, joke: Person, relying: Make, statements: Statements
) -> None:
    """CC1: an organisation of somebody else, one that does not exist and rubbish are one page at one cost."""
    somewhere_else = world.organisation("Gemeente Lommel")
    hints = (
        login_hint(code_hint=somewhere_else.code),
        login_hint(code_hint="0999999922"),
        login_hint(cap_hint="GID"),
        login_hint(cap_hint=["LB"]),  # type: ignore[arg-type]
        base64.b64encode(b"[" * 300).decode(),
        "rubbish",
        "bnVsbA==",
        "x" * 600,
    )
    pages = []
    for hint in hints:
        with statements() as seen:
            page = relying().authorize(login_hint=hint)
        names = [each for each in ("Gemeente Genk", "Gemeente Hasselt", "Gemeente Lommel") if each in page.text]
        pages.append((page.status_code, tuple(names), len(seen)))
    assert set(pages) == {(200, ("Gemeente Genk", "Gemeente Hasselt"), pages[0][2])}
    quiet = [answer_of(relying().authorize(login_hint=hint, prompt="none"))["error"] for hint in hints]
    assert set(quiet) == {"interaction_required"}


def test_the_choice_is_skipped_where_one_is_left(nele: Person, relying: Make) -> None:
    app = relying()
    assert app.id_claims(app.tokens())["vo_orgnaam"] == "Gemeente Peer"


def test_a_quiet_request_goes_on_with_the_organisation_of_that_clients_living_session_only(
    joke: Person, genk: Organisation, client: Client, relying: Make, clock: time_machine.Traveller
) -> None:
    """CC3: it never picks, and another client's choice is not its own."""
    app = relying()
    assert answer_of(app.authorize(prompt="none"))["error"] == "interaction_required"
    app.redeem(answer_of(app.authorize(login_hint=login_hint(code_hint=genk.code)))["code"])
    clock.shift(timedelta(minutes=1))
    assert app.id_claims(app.tokens(prompt="none"))["vo_orgcode"] == genk.code
    assert answer_of(relying("test-post").authorize(prompt="none"))["error"] == "interaction_required"
    other = login_hint(code_hint="0999999922")
    assert answer_of(app.authorize(prompt="none", login_hint=other))["error"] == "interaction_required"


# 1.5: authentication means


@pytest.mark.parametrize(("name", "level"), ACM_LEVELS.items())
def test_every_means_of_acm_asks_for_its_level(nele: Person, relying: Make, name: str, level: int) -> None:
    """UP7: single sign-on never carries a lower level into a request that asks a higher one; a higher one always does."""
    response = relying().authorize(acr_values=f"{URN}{name}")
    if level <= 27:
        assert "code" in answer_of(response)
    else:
        assert way_in(response)["niveau"] == str(level)


@pytest.mark.parametrize("have", [5, 10, 25, 26, 27, 35])
@pytest.mark.parametrize("asked", ["csamselfreg", "eidassubstantial", "csamtotp", "itsme", "eid"])
def test_level_against_level(world: World, client: Client, relying: Make, have: int, asked: str) -> None:
    """UP7, the matrix: what is asked or what the policy asks (25), whichever is more."""
    person = world.person()
    world.grant(person, world.organisation())
    world.sign_in(client, person, level=have)
    needed = max(ACM_LEVELS[asked], installation().catalogue.applications["cultuurmonitor"].minimum_level)
    answer = answer_of(relying().authorize(acr_values=f"{URN}{asked}", prompt="none"))
    assert ("code" in answer) == (have >= needed)
    assert answer.get("error") in (None, "login_required")


def test_of_several_means_any_will_do(nele: Person, relying: Make) -> None:
    assert "code" in answer_of(relying().authorize(acr_values=f"{URN}eid {URN}itsme urn:unknown"))


def test_a_step_up_comes_back_stronger_and_says_so(
    world: World, client: Client, relying: Make, clock: time_machine.Traveller
) -> None:
    person = world.person()
    world.grant(person, world.organisation())
    world.sign_in(client, person, level=27)
    app = relying()
    wish = way_in(app.authorize(acr_values=f"{URN}eid"))
    assert (wish["niveau"], wish["toepassing"]) == ("35", "cultuurmonitor")
    clock.shift(timedelta(minutes=1))
    world.sign_in(client, person, level=35, acr=f"{URN}eid", provider_code="eid")
    claims = app.id_claims(app.redeem(answer_of(client.get(wish["verder"]))["code"]).json)
    assert claims["acr"] == f"{URN}eid"


def test_who_comes_back_no_stronger_is_not_sent_round_for_ever(
    nele: Person, world: World, client: Client, relying: Make, clock: time_machine.Traveller
) -> None:
    wish = way_in(relying().authorize(acr_values=f"{URN}eid"))
    clock.shift(timedelta(minutes=1))
    world.sign_in(client, nele, level=27)
    assert answer_of(client.get(wish["verder"]))["error"] == "unmet_authentication_requirements"


@pytest.mark.parametrize("values", ["urn:unknown", f"{URN}onbekend", f"{URN}EID", "eid", "2", f"{URN}eid,{URN}itsme"])
def test_means_that_nobody_knows_are_told_at_once(client: Client, relying: Make, values: str) -> None:
    """Before anybody signs in for nothing."""
    assert answer_of(relying().authorize(acr_values=values))["error"] == "unmet_authentication_requirements"


def test_the_metadata_name_the_means_that_can_be_reached_here(client: Client) -> None:
    told = client.get("/op/.well-known/openid-configuration").json["acr_values_supported"]
    assert f"{URN}eid" in told
    assert f"{URN}kerberos" not in told
