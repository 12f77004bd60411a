"""One right of several ends: an application that hears nothing but back-channel logout is told that too (decisions 0028).

Its session ends, that of the browser stays; with a stream of `token-claims-change` the session goes on (test_ssf_caep). Every
case is a right beside another one at the same organisation, as a session with nothing left ends anyway
(test_rights_that_end_now).
"""

import uuid
from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine

from broker import clock as broker_clock
from broker.access.apply_catalogue import apply_catalogue
from broker.access.decide_request import decide_request
from broker.access.decision import Decision
from broker.access.end_grant import end_own_grant
from broker.access.grant import Grant
from broker.access.suspend_right import Suspension, suspend_right
from broker.access.tell_rights_changed import tell_rights_changed
from broker.authentication.client_session import ClientSession
from broker.authentication.end_narrowed_sessions import end_narrowed_sessions, narrowed_sessions
from broker.authentication.rightless_sessions import rightless
from broker.catalogue import Catalogue
from broker.database import db, perform
from broker.installation import installation
from broker.people.organisation import Organisation
from broker.people.person import Person
from tests.access.changed_policies import under, with_application
from tests.oidc.conftest import SECRET, Relying, answer_of, basic, writing
from tests.specifications import receiving
from tests.specifications.receiving import Receiver, deliver
from tests.worlds.client import Client
from tests.worlds.world import World

catalogue, receiver, receiver_of_all = receiving.catalogue, receiving.receiver, receiving.receiver_of_all

Make = Callable[..., Relying]
HERE, STREAM, ANYBODY = "active", "test-confidential", "test-anybody"
CLAIM = "cjm_cultuurmonitor_rol_3d"


@pytest.fixture
def genk(world: World) -> Organisation:
    return world.organisation("Genk")


@pytest.fixture
def tine(world: World, genk: Organisation, client: Client) -> Person:
    """Signed in, with two rights at one organisation."""
    person = world.person("Tine Maes")
    world.grant(person, genk, "invoerder", role_key=None)
    world.grant(person, genk, "raadpleger", role_key=None)
    world.sign_in(client, person)
    return person


def give_back(person: Person, right: str = "invoerder") -> None:
    found = db.session.query(Grant.id).filter_by(person_id=person.id, right_code=right, ended_at=None).one()
    db.session.rollback()
    perform(end_own_grant, installation(), person.id, found.id)


def logouts(receiver: Receiver, client_id: str = HERE) -> int:
    return len(receiver.at(f"/{client_id}/logout"))


def refreshed(tokens: dict[str, str]) -> tuple[int, dict[str, str]]:
    from flask import current_app

    answer = Client(current_app._get_current_object()).post(  # type: ignore[attr-defined]
        "/op/v1/token",
        data={"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]},
        headers={"Authorization": basic(HERE, SECRET)},
    )
    return answer.status_code, answer.json


def test_one_right_of_two_that_ends_signs_out_there_and_the_browser_comes_back_unasked(
    tine: Person, genk: Organisation, relying: Make, receiver: Receiver
) -> None:
    here = relying(HERE)
    tokens = here.tokens()
    assert len(here.access_claims(tokens)[CLAIM]) == 2
    give_back(tine)
    deliver()
    assert logouts(receiver) == 1
    assert refreshed(tokens)[0] == 400
    assert here.userinfo(tokens["access_token"]).status_code == 401
    again = here.tokens(prompt="none")
    assert here.access_claims(again)[CLAIM] == [f"CultuurmonitorRaadpleger-cultuurcentra:{genk.code}"]
    assert deliver().sent == 0
    assert logouts(receiver) == 1, "told once, and the new session goes on"


def test_a_change_of_role_signs_out_who_could_not_hear_it_otherwise(
    world: World, genk: Organisation, client: Client, relying: Make, receiver: Receiver
) -> None:
    """Every change of role is one: the old right and the new one at the same instant."""
    ilse, nele = world.administrator_of(genk), world.person("Nele Vercauteren")
    world.grant(nele, genk, "invoerder")
    world.sign_in(client, nele)
    here, stream = relying(HERE), relying(STREAM)
    here.tokens()
    kept = stream.tokens()
    request = world.request(nele, genk, right="raadpleger", change_of_role=True)
    perform(decide_request, installation(), ilse.id, Decision(world.task(request).id, approve=True))
    deliver()
    assert (logouts(receiver), logouts(receiver, STREAM)) == (1, 0)
    assert stream.userinfo(kept["access_token"]).json[CLAIM] == [f"CultuurmonitorRaadpleger-cultuurcentra:{genk.code}"]
    assert here.access_claims(here.tokens(prompt="none"))[CLAIM] == [
        f"CultuurmonitorRaadpleger-cultuurcentra:{genk.code}"
    ]


def test_a_session_that_never_stood_on_a_right_is_told_of_the_right_that_it_had(
    tine: Person, relying: Make, receiver: Receiver
) -> None:
    """An application that lets anybody in acts on rights too."""
    relying(ANYBODY).tokens()
    give_back(tine)
    deliver()
    assert logouts(receiver, ANYBODY) == 1


def test_a_right_that_only_begins_ends_nothing(
    world: World, genk: Organisation, client: Client, relying: Make, receiver: Receiver
) -> None:
    nele = world.person("Nele Vercauteren")
    world.grant(nele, genk, "raadpleger", role_key=None)
    world.sign_in(client, nele)
    tokens = relying(HERE).tokens()
    second = world.grant(nele, genk, "invoerder", role_key=None)
    with writing() as giving:
        tell_rights_changed(giving, second, "given")
    assert deliver().sent > 0
    assert logouts(receiver) == 0
    assert refreshed(tokens)[0] == 200


def test_what_the_session_never_had_takes_nothing_from_it(
    clock: time_machine.Traveller,
    world: World,
    tine: Person,
    genk: Organisation,
    relying: Make,
    receiver: Receiver,
) -> None:
    """A right given later, one that has not begun, and one that is suspended, are given back while she works."""
    peer = world.organisation("Peer")
    day = timedelta(days=1)
    give_back(tine)
    clock.shift(timedelta(minutes=1))
    now = broker_clock.now()
    planned = world.grant(tine, genk, "invoerder", role_key=None, valid_from=now + day)
    relying(HERE).tokens()
    perform(end_own_grant, installation(), tine.id, planned.id)
    resting = world.grant(
        tine, genk, "invoerder", role_key=None, given_at=now - day, valid_from=now - day, suspended_from=now - day,
        suspended_by=tine.id,
    )  # fmt: skip
    perform(end_own_grant, installation(), tine.id, resting.id)
    later = world.grant(tine, genk, "invoerder", role_key=None)
    perform(end_own_grant, installation(), tine.id, later.id)
    elsewhere = world.grant(tine, peer, "invoerder", role_key=None, given_at=now - day, valid_from=now - day)
    perform(end_own_grant, installation(), tine.id, elsewhere.id)
    deliver()
    assert logouts(receiver) == 0


def test_a_right_that_goes_on_as_another_grant_was_not_lost(
    world: World, tine: Person, genk: Organisation, relying: Make, receiver: Receiver
) -> None:
    """Ended and given again before the worker looked: the claim says the same."""
    relying(HERE).tokens()
    give_back(tine)
    world.grant(tine, genk, "invoerder", role_key=None)
    deliver()
    assert logouts(receiver) == 0


def test_a_suspension_is_an_end_for_as_long_as_it_lasts(
    world: World, tine: Person, genk: Organisation, relying: Make, receiver: Receiver
) -> None:
    here = relying(HERE)
    here.tokens()
    grant = db.session.query(Grant.id).filter_by(person_id=tine.id, right_code="invoerder").one()
    db.session.rollback()
    perform(suspend_right, installation(), world.administrator_of(genk).id, grant.id, Suspension("Onderzoek."))
    deliver()
    assert logouts(receiver) == 1
    assert len(here.access_claims(here.tokens(prompt="none"))[CLAIM]) == 1


def test_the_clock_takes_one_right_of_two(
    clock: time_machine.Traveller, world: World, genk: Organisation, client: Client, relying: Make, receiver: Receiver
) -> None:
    from broker.notifications.housekeeping import Housekeeping

    person = world.person("Tine Maes")
    world.grant(person, genk, "invoerder", role_key=None, valid_until=broker_clock.now() + timedelta(minutes=4))
    world.grant(person, genk, "raadpleger", role_key=None)
    world.sign_in(client, person)
    relying(HERE).tokens()
    clock.shift(timedelta(minutes=5))
    Housekeeping.begin().run_due()
    db.session.rollback()
    deliver()
    assert logouts(receiver) == 1


def test_a_policy_that_no_longer_offers_one_right_signs_out_who_had_it(
    tine: Person, relying: Make, receiver: Receiver, catalogue: Catalogue, app: object
) -> None:
    """PF4: no row says when a right stopped being offered, only the change does."""
    relying(HERE).tokens()
    application = catalogue.applications["cultuurmonitor"]
    fewer = under(
        installation(),
        with_application(
            catalogue,
            one_role_per=None,
            rights={code: each for code, each in application.rights.items() if code != "invoerder"},
            entitlement_codes={
                code: each for code, each in application.entitlement_codes.items() if each.right_code != "invoerder"
            },
        ),
    )
    assert perform(apply_catalogue, fewer).applied
    now = broker_clock.now()
    [sids] = narrowed_sessions(fewer, (), now, "policy_changed")
    assert list(narrowed_sessions(installation(), (), now, "policy_changed")) == [], "a worker with the old policies"
    assert len(perform(end_narrowed_sessions, fewer, sids, now, "policy_changed")) == 1


def test_tokens_of_after_the_end_know_it_and_a_late_worker_ends_nothing(
    clock: time_machine.Traveller, tine: Person, relying: Make, receiver: Receiver
) -> None:
    """A refresh told the application already, and so did a sign-in."""
    here = relying(HERE)
    tokens = here.tokens()
    give_back(tine)
    clock.shift(timedelta(minutes=1))
    assert refreshed(tokens)[0] == 200
    here.tokens()
    deliver()
    assert logouts(receiver) == 0


def test_a_refresh_that_read_the_rights_just_before_the_end_is_ended_though_it_is_dated_after(
    clock: time_machine.Traveller, tine: Person, relying: Make, receiver: Receiver
) -> None:
    """The times of two transactions say nothing of their order: seconds around the change count as before it."""
    here = relying(HERE)
    tokens = here.tokens()
    give_back(tine)
    clock.shift(timedelta(seconds=2))
    assert refreshed(tokens)[0] == 200
    deliver()
    assert logouts(receiver) == 1


def test_a_code_that_is_not_redeemed_yet_is_not_ended_it_has_told_nothing(
    tine: Person, genk: Organisation, relying: Make, receiver: Receiver
) -> None:
    here = relying(HERE)
    code = answer_of(here.authorize())["code"]
    give_back(tine)
    deliver()
    answer = here.redeem(code)
    assert answer.status_code == 200
    assert here.access_claims(answer.json)[CLAIM] == [f"CultuurmonitorRaadpleger-cultuurcentra:{genk.code}"]
    assert logouts(receiver) == 0


def test_offline_sessions_end_with_the_right_as_well(tine: Person, relying: Make, receiver: Receiver) -> None:
    """Lifecycles §10: they outlive a sign-out, never the end of a right."""
    here = relying(HERE)
    tokens = here.tokens(scope="openid profile vo cjm_cultuurmonitor offline_access")
    give_back(tine)
    deliver()
    assert logouts(receiver) == 1
    assert refreshed(tokens)[0] == 400


def test_the_sessions_that_end_had_something_left_to_stand_on(tine: Person, relying: Make, receiver: Receiver) -> None:
    """What `rightless` finds and what this finds are different sessions."""
    sid = uuid.UUID(relying(HERE).id_claims(relying(HERE).tokens())["sid"])
    give_back(tine)
    of_all = db.session.query(ClientSession.id).filter(
        rightless(db.session(), installation().catalogue, broker_clock.now())
    )
    assert of_all.all() == []
    db.session.rollback()
    assert [list(each) for each in narrowed_sessions(installation(), (), broker_clock.now(), "given_back")] == [[sid]]
