"""A right that ends, by whatever road, is gone from the applications at once; no worker is needed (LA4, OA1, decisions 1)."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from broker import clock as broker_clock
from broker.access.decide_label import decide_label
from broker.access.decision import Decision
from broker.access.end_grant import end_own_grant
from broker.access.end_organisation_rights import end_organisation_rights
from broker.access.follow_retype import follow_retype
from broker.access.grant import Grant
from broker.access.label import Label
from broker.access.open_task import open_label_task
from broker.audit import AuditEvent
from broker.authentication.client_session import ClientSession
from broker.authentication.end_session import end_session
from broker.authentication.issue_code import SESSION_OVER, CodeRequest, issue_code
from broker.authentication.redeem_code import RedeemedCode, redeem_code
from broker.authentication.session import SignedIn
from broker.authentication.session_facts import session_facts
from broker.database import changing_session, db, perform
from broker.errors import ForbiddenError
from broker.installation import installation
from broker.people.affiliation import Affiliation
from broker.people.end_organisations import end_organisations
from broker.people.organisation import Organisation
from broker.people.person import Person
from tests.oidc.conftest import BACK, Relying, answer_of, writing
from tests.worlds.client import Client
from tests.worlds.world import World

Make = Callable[..., Relying]


def grant_of(person: Person) -> Any:
    """The id of the only grant of `person`."""
    found = db.session.scalars(select(Grant.id).where(Grant.person_id == person.id)).one()
    db.session.rollback()
    return found


def given_back(world: World, person: Person, _organisation: Organisation) -> None:
    perform(end_own_grant, world.installation, person.id, grant_of(person))


def label_ended(_world: World, _person: Person, organisation: Organisation) -> None:
    with writing() as session:
        session.execute(
            update(Label)
            .where(Label.organisation_id == organisation.id)
            .values(ended_at=broker_clock.now(), end_reason="ended")
        )


def job_ended(_world: World, person: Person, _organisation: Organisation) -> None:
    with writing() as session:
        session.execute(
            update(Affiliation)
            .where(Affiliation.person_id == person.id)
            .values(ended_at=broker_clock.now(), end_reason="left")
        )


def organisation_ended(_world: World, _person: Person, organisation: Organisation) -> None:
    with writing() as session:
        end_organisations(session, [session.get_one(Organisation, organisation.id)], "inactive")


def organisation_ended_and_settled(world: World, person: Person, organisation: Organisation) -> None:
    organisation_ended(world, person, organisation)
    perform(end_organisation_rights, world.installation, organisation.id)


def retyped(_world: World, _person: Person, organisation: Organisation) -> None:
    with writing() as session:
        session.get_one(Organisation, organisation.id).organisation_type = "brusselse_gemeente"


def retyped_and_followed(world: World, person: Person, organisation: Organisation) -> None:
    retyped(world, person, organisation)
    perform(follow_retype, world.installation, organisation.id)


def person_doubted(_world: World, person: Person, _organisation: Organisation) -> None:
    with writing() as session:
        session.get_one(Person, person.id).state = "doubted"


ROADS = [
    given_back,
    label_ended,
    job_ended,
    organisation_ended,
    organisation_ended_and_settled,
    retyped,
    retyped_and_followed,
    person_doubted,
]


@pytest.mark.parametrize("end", ROADS, ids=lambda road: road.__name__)
def test_userinfo_refuses_at_once(
    world: World, amina: Person, kaai: Organisation, relying: Make, end: Callable[..., None]
) -> None:
    """LA4, OA1: the living token says nothing any more."""
    app = relying()
    tokens = app.tokens()
    assert app.userinfo(tokens["access_token"]).status_code == 200
    end(world, amina, kaai)
    assert app.userinfo(tokens["access_token"]).status_code == 401


@pytest.mark.parametrize("end", ROADS, ids=lambda road: road.__name__)
def test_a_code_given_before_is_worth_nothing_after(
    world: World, amina: Person, kaai: Organisation, relying: Make, end: Callable[..., None]
) -> None:
    """OA1: between authorize and token."""
    app = relying()
    code = app.code()
    end(world, amina, kaai)
    refused = app.redeem(code)
    assert (refused.status_code, refused.json["error"]) == (400, "invalid_grant")


@pytest.mark.parametrize("end", ROADS, ids=lambda road: road.__name__)
def test_no_new_code_is_given(
    world: World, amina: Person, kaai: Organisation, relying: Make, end: Callable[..., None]
) -> None:
    end(world, amina, kaai)
    assert "code" not in answer_of(relying().authorize())


def test_a_label_that_is_approved_again_lets_the_same_session_go_on(
    world: World, amina: Person, kaai: Organisation, relying: Make
) -> None:
    """Derived: the right falls back to waiting, and starts again by itself."""
    app = relying()
    tokens = app.tokens()
    label_ended(world, amina, kaai)
    assert app.userinfo(tokens["access_token"]).status_code == 401
    world.label(kaai)
    assert app.userinfo(tokens["access_token"]).status_code == 200


def test_a_rejected_label_leaves_no_token(world: World, client: Client, relying: Make) -> None:
    """LA4: asked anew and turned down."""
    kaai = world.organisation("De Kaai", kind="economische_actor")
    officer = world.officer_of("EA", "economische_actor")
    person = world.person()
    world.grant(person, kaai)
    label = world.label(kaai, approved=False)
    world.sign_in(client, person)
    assert "code" not in answer_of(relying().authorize())
    with writing() as session:
        place = session.get_one(Organisation, kaai.id)
        open_label_task(session, world.installation, session.get_one(Label, label.id), place)
    task = world.task(label_id=label.id)
    perform(decide_label, world.installation, officer.id, Decision(task.id, approve=False, reason="Nog niet."))
    assert "code" not in answer_of(relying().authorize())


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_code_redeemed_while_the_right_is_being_ended_gives_no_token_that_works(
    world: World, amina: Person, relying: Make
) -> None:
    """OA1, lifecycles §14: the ender has not committed yet; either no token, or one that is dead when it has."""
    app = relying()
    code = app.code()
    grant_id = grant_of(amina)
    with changing_session() as ender, ender.begin():
        end_own_grant(ender, world.installation, amina.id, grant_id)
        answer = app.redeem(code)
    if answer.status_code == 200:
        assert app.userinfo(answer.json["access_token"]).status_code == 401
    else:
        assert answer.json["error"] == "invalid_grant"


def at_once(app: Flask, *operations: tuple[Any, ...]) -> list[Any]:
    """Perform each (operation, arguments…) in a thread of its own, let go at the same moment; what they returned."""
    start, outcomes = threading.Barrier(len(operations)), []

    def run(operation: Callable[..., Any], *arguments: Any) -> None:
        with app.app_context():
            start.wait()
            outcomes.append(perform(operation, installation(), *arguments))
            db.session.remove()

    threads = [threading.Thread(target=run, args=each) for each in operations]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(outcomes) == len(operations)
    return outcomes


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_ending_and_redeeming_at_the_same_instant_never_leaves_a_living_token(
    world: World, app: Flask, client: Client, kaai: Organisation, relying: Make
) -> None:
    """OA1: barrier test, each several times."""
    policy = installation().catalogue.clients["test-confidential"]
    living = []
    for n in range(6):
        person = world.person(f"Iemand {n}")
        grant = world.grant(person, kaai)
        world.sign_in(client, person)
        relying_app = relying()
        outcomes = at_once(
            app,
            (redeem_code, policy, relying_app.code(), BACK, relying_app.verifier),
            (end_own_grant, person.id, grant.id),
        )
        living += [each.facts.sid for each in outcomes if isinstance(each, RedeemedCode)]
    assert [session_facts(db.session(), installation().catalogue, sid) for sid in living] == [None] * len(living)
    ended = db.session.scalars(select(AuditEvent.id).where(AuditEvent.name == "access:grant:end")).all()
    assert len(ended) == 6


def signed_in(world: World, client: Client, person: Person) -> SignedIn:
    """`person`, signed in in `client`, as the door hands it to an operation."""
    row = world.sign_in(client, person)
    return SignedIn(
        session_id=row.id,
        person_id=person.id,
        sub=person.sub,
        provider_code=row.provider_code,
        acr=row.acr,
        level=row.level,
        amr=tuple(row.amr),
        auth_time=row.auth_time,
        last_seen=row.last_seen,
        ends_at=row.ends_at,
        given_name=person.given_name,
        family_name=person.family_name,
        language="nl",
        number_sealed=None,
        number_place="",
        keys=installation().keys,
    )


def code_request(organisation: Organisation) -> CodeRequest:
    """What `test-acm` may ask, without PKCE."""
    return CodeRequest(
        client=installation().catalogue.clients["test-acm"],
        redirect_uri=BACK,
        scopes=frozenset({"openid"}),
        organisation_id=organisation.id,
        nonce="een-nonce",
        code_challenge=None,
    )


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_who_ends_a_right_waits_for_an_authorization_under_way_and_finds_what_came_of_it(
    world: World, app: Flask, client: Client, amina: Person, kaai: Organisation, relying: Make
) -> None:
    """OA1, lifecycles §13: authorize holds the Person FOR SHARE; the ender comes after, and its code is worth nothing."""
    who, asked, grant_id = signed_in(world, client, amina), code_request(kaai), grant_of(amina)
    ended = threading.Event()

    def end() -> None:
        with app.app_context():
            perform(end_own_grant, installation(), amina.id, grant_id)
            ended.set()
            db.session.remove()

    thread = threading.Thread(target=end)
    with changing_session() as authorizing, authorizing.begin():
        code = issue_code(authorizing, installation(), who, asked)
        thread.start()
        assert not ended.wait(timeout=0.7), "the ender did not wait"
    thread.join()
    assert ended.is_set()
    refused = relying("test-acm").redeem(code, code_verifier=None)
    assert (refused.status_code, refused.json["error"]) == (400, "invalid_grant")


def test_authorizing_and_ending_at_the_same_instant_leaves_no_code_that_works(
    world: World, app: Flask, client: Client, kaai: Organisation, relying: Make
) -> None:
    """OA1: either order, on both databases, several times."""
    for n in range(6):
        person = world.person(f"Iemand {n}")
        grant = world.grant(person, kaai)
        who = signed_in(world, client, person)
        codes = at_once(
            app, (attempted, issue_code, who, code_request(kaai)), (attempted, end_own_grant, person.id, grant.id)
        )
        for code in filter(None, codes):
            assert relying("test-acm").redeem(code, code_verifier=None).json["error"] == "invalid_grant"


def test_authorizing_and_signing_out_at_the_same_instant_leaves_no_session_that_lives(
    world: World, app: Flask, client: Client, amina: Person, kaai: Organisation, relying: Make
) -> None:
    """Lifecycles §9: the sign-out finds the session that came of it, or the authorization finds the sign-out."""
    for _ in range(6):
        who = signed_in(world, client, amina)
        codes = at_once(
            app,
            (attempted, issue_code, who, code_request(kaai)),
            (attempted, end_session, who.session_id, "signed_out"),
        )
        for code in filter(None, codes):
            assert relying("test-acm").redeem(code, code_verifier=None).json["error"] == "invalid_grant"
    living = select(ClientSession.id).where(ClientSession.revoked_at.is_(None))
    assert db.session.scalars(living).all() == []


def test_who_signed_out_in_another_tab_gets_no_code(
    world: World, client: Client, amina: Person, kaai: Organisation
) -> None:
    who = signed_in(world, client, amina)
    perform(end_session, installation(), who.session_id, "signed_out")
    with pytest.raises(ForbiddenError) as refused:
        perform(issue_code, installation(), who, code_request(kaai))
    assert refused.value.code == SESSION_OVER


def attempted(session: Session, installation: Any, operation: Callable[..., Any], *arguments: Any) -> Any:
    """What `operation` returns; None where it may not."""
    try:
        return operation(session, installation, *arguments)
    except ForbiddenError:
        return None
