"""A right that ends, ends now: introspection and userinfo at once, the application within five seconds.

Every road by which somebody's rights end or change leads here (lifecycles §3, §4, §6, §7; threats LA4, OA1, OA2, BC4).
"""

import threading
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from broker import clock as broker_clock
from broker.access.apply_catalogue import apply_catalogue
from broker.access.end_affiliation import end_affiliation
from broker.access.end_grant import end_grant, end_own_grant
from broker.access.end_label import end_label
from broker.access.grant import Grant
from broker.access.label import Label
from broker.access.settle_doubt import settle_doubt
from broker.access.suspend_right import Suspension, suspend_right
from broker.audit import AuditEvent
from broker.authentication.client_session import ClientSession
from broker.authentication.end_person import end_person
from broker.authentication.end_rightless_sessions import end_rightless_sessions
from broker.authentication.rightless_sessions import rightless
from broker.authentication.session_facts import session_facts
from broker.catalogue import Catalogue, read_catalogue
from broker.database import db, perform
from broker.errors import ConflictError, InvalidError, NotFoundError
from broker.installation import Installation, installation
from broker.notifications.outbox_message import OutboxMessage
from broker.people.affiliation import Affiliation
from broker.people.end_organisations import end_organisations
from broker.people.import_organisations import import_organisations
from broker.people.mandate import Mandate
from broker.people.organisation import Organisation
from broker.people.organisation_file import read_organisation_file
from broker.people.person import Person
from broker.settings import Settings
from broker.standing_jobs import settle_organisations
from broker.text import Text
from tests.access.changed_policies import under, with_label_for_municipalities
from tests.oidc.conftest import SECRET, Relying, answer_of, basic, writing
from tests.people.organisation_files import csv_file
from tests.specifications import receiving
from tests.specifications.receiving import Receiver, deliver, running_worker, to_true_time
from tests.worlds.client import Client
from tests.worlds.settings import environment
from tests.worlds.world import World

catalogue, receiver, receiver_of_all = receiving.catalogue, receiving.receiver, receiving.receiver_of_all
listening_policies = receiving.listening_policies

Make = Callable[..., Relying]
HERE = "test-confidential"
LOGOUT, EVENTS = f"/{HERE}/logout", f"/{HERE}/events"


def the(kind: Any, **columns: Any) -> Any:
    """The only row with these columns."""
    found = db.session.scalars(select(kind).filter_by(**columns)).one()
    db.session.rollback()
    return found


# The roads


def given_back(_world: World, person: Person, _place: Organisation) -> None:
    perform(end_own_grant, installation(), person.id, the(Grant, person_id=person.id).id)


def taken_back(_world: World, person: Person, _place: Organisation) -> None:
    cause = Text("Zo is het.", "So it is.")
    grant = the(Grant, person_id=person.id)
    perform(end_grant, installation(), grant.id, ended_by=None, reason="wrong_number", cause=cause)


def label_ended(_world: World, _person: Person, place: Organisation) -> None:
    label = the(Label, organisation_id=place.id)
    assert perform(end_label, label.id, ended_by=None, reason="Te lang niets ingevuld.") == 1


def job_ended(_world: World, person: Person, _place: Organisation) -> None:
    job = the(Affiliation, person_id=person.id)
    assert perform(end_affiliation, installation(), job.id, ended_by=None, reason="left") == 1


def person_ended(_world: World, person: Person, _place: Organisation) -> None:
    assert perform(end_person, installation(), person.id, "left") == 1


def organisation_ended(_world: World, _person: Person, place: Organisation) -> None:
    with writing() as session:
        end_organisations(session, [session.get_one(Organisation, place.id)], "inactive")


def organisation_retyped(world: World, _person: Person, place: Organisation) -> None:
    line = f"brusselse_gemeente,EA,{place.name},,,,{place.kbo},,,1,invented"
    result = perform(
        import_organisations, installation(), None, read_organisation_file(csv_file(line), world.installation.catalogue)
    )
    assert (result.retyped, result.errors) == (1, [])


def suspended(world: World, person: Person, place: Organisation) -> None:
    grant = the(Grant, person_id=person.id)
    perform(suspend_right, installation(), world.administrator_of(place).id, grant.id, Suspension("Onderzoek."))


ROADS = [
    suspended,
    given_back,
    taken_back,
    label_ended,
    job_ended,
    person_ended,
    organisation_ended,
    organisation_retyped,
]


@pytest.mark.parametrize("end", ROADS, ids=lambda road: road.__name__)
def test_everything_the_application_holds_is_dead_at_once_and_it_is_told(
    world: World,
    amina: Person,
    kaai: Organisation,
    relying: Make,
    receiver: Receiver,
    app: Flask,
    end: Callable[..., None],
) -> None:
    """LA4: access token, refresh token and introspection need no worker; the worker writes the end and sends the logout."""
    here = relying(HERE)
    tokens = here.tokens()
    sid = here.id_claims(tokens)["sid"]
    assert introspected(app, tokens["access_token"])
    end(world, amina, kaai)
    assert here.userinfo(tokens["access_token"]).status_code == 401
    assert not introspected(app, tokens["access_token"])
    assert not introspected(app, tokens["refresh_token"])
    assert receiver.heard == [], "nothing leaves inside a transaction"
    deliver()
    [heard] = receiver.at(LOGOUT)
    claims = receiving.verified(app, heard.token, HERE, "logout+jwt")
    assert (claims["sid"], claims["sub"]) == (sid, amina.sub)
    ended = the(ClientSession, person_id=amina.id)
    assert ended.revoke_reason in ("right_ended", "person_ended")
    refused = refreshed(here, tokens["refresh_token"])
    assert (refused.status_code, refused.json["error"]) == (400, "invalid_grant")
    assert "code" not in answer_of(here.authorize(prompt="none"))


def introspected(app: Flask, token: str) -> bool:
    answer = app.test_client().post(
        "/op/v1/introspect", data={"token": token}, headers={"Authorization": basic(HERE, SECRET)}
    )
    assert answer.status_code == 200
    active: bool = answer.json["active"]
    return active


def refreshed(of: Relying, token: str) -> Any:
    return Client(of.browser.application).post(
        "/op/v1/token",
        data={"grant_type": "refresh_token", "refresh_token": token},
        headers={"Authorization": basic(of.client_id, SECRET)},
    )


def test_an_offline_session_outlives_a_sign_out_and_never_the_end_of_the_right(
    world: World, amina: Person, kaai: Organisation, client: Client, relying: Make, receiver: Receiver
) -> None:
    """Lifecycles §10. The application hears of the sign-out, as its own session is over, and later of the end itself."""
    here = relying(HERE)
    tokens = here.tokens(scope="openid profile vo cjm_cultuurmonitor offline_access")
    page = client.get("/op/v1/logout")
    client.submit(page, form="/op/v1/logout/bevestig")
    deliver()
    assert len(receiver.at(LOGOUT)) == 1
    again = refreshed(here, tokens["refresh_token"])
    assert again.status_code == 200
    given_back(world, amina, kaai)
    deliver()
    assert len(receiver.at(LOGOUT)) == 2
    assert refreshed(here, again.json["refresh_token"]).status_code == 400


def test_only_the_capacity_whose_right_ended_is_signed_out(
    world: World, client: Client, relying: Make, receiver: Receiver, app: Flask
) -> None:
    """CC2: the other organisation goes on."""
    nele, genk, peer = world.person(), world.organisation("Genk"), world.organisation("Peer")
    at_genk, _ = world.grant(nele, genk, "invoerder"), world.grant(nele, peer, "invoerder")
    world.sign_in(client, nele)
    sids = {}
    for place in (genk, peer):
        one = relying(HERE)
        page = one.authorize()
        answer = client.submit(page, {"organisatie": place.code}, form="/hoedanigheid")
        tokens = one.redeem(answer_of(answer)["code"]).json
        sids[place.name] = one.id_claims(tokens)["sid"]
    perform(end_own_grant, installation(), nele.id, at_genk.id)
    deliver()
    [heard] = receiver.at(LOGOUT)
    assert receiving.verified(app, heard.token, HERE, "logout+jwt")["sid"] == sids["Genk"]
    assert the(ClientSession, id=_uuid(sids["Peer"])).revoked_at is None


def _uuid(text: str) -> Any:
    import uuid

    return uuid.UUID(text)


def test_a_change_that_takes_nothing_away_signs_nobody_out(
    world: World, amina: Person, kaai: Organisation, relying: Make, receiver: Receiver
) -> None:
    """The right of a colleague at the same organisation: her session stays."""
    here = relying(HERE)
    tokens = here.tokens()
    other = world.person("Tom Bogaert")
    grant = world.grant(other, kaai)
    perform(end_own_grant, installation(), other.id, grant.id)
    deliver()
    assert receiver.at(LOGOUT) == []
    assert here.userinfo(tokens["access_token"]).status_code == 200


def test_a_number_that_was_somebody_elses_ends_what_was_given_to_it(world: World, session: Session) -> None:
    """DG6: nobody was signed in, yet the change is told."""
    doubted = world.person("Wie Dan", state="doubted")
    world.grant(doubted, world.organisation())
    perform(settle_doubt, installation(), doubted.id, None)
    told = session.scalars(select(OutboxMessage).where(OutboxMessage.channel == "change")).one()
    assert told.facts is not None
    assert (told.facts["reason"], told.facts["person"]) == ("wrong_number", str(doubted.id))


def test_policies_that_ask_a_new_label_sign_everybody_out_there(
    world: World, client: Client, relying: Make, receiver: Receiver, catalogue: Catalogue
) -> None:
    """PF4: `catalogue apply` is one of the roads; the worker has the new policies by then."""
    nele = world.person()
    world.grant(nele, world.organisation())
    world.sign_in(client, nele)
    relying(HERE).tokens()
    stricter = under(installation(), with_label_for_municipalities(catalogue))
    assert perform(apply_catalogue, stricter).applied
    deliver()
    assert len(receiver.at(LOGOUT)) == 1


def test_an_ended_organisation_tells_each_right_once_it_is_settled(
    world: World, amina: Person, kaai: Organisation, relying: Make, receiver: Receiver
) -> None:
    relying(HERE).tokens()
    organisation_ended(world, amina, kaai)
    settle_organisations()
    deliver()
    assert len(receiver.at(LOGOUT)) == 1, "the same session is told of once, by whichever road it ended"


@pytest.mark.parametrize("what", ["grant", "label", "affiliation"])
def test_what_the_clock_ends_goes_the_same_way_within_a_minute(
    world: World,
    client: Client,
    relying: Make,
    receiver: Receiver,
    clock: time_machine.Traveller,
    session: Session,
    what: str,
) -> None:
    """OA2: by the jobs of the worker, which run every half minute; each end stands in the audit, once."""
    soon = broker_clock.now() + timedelta(minutes=3)
    place = world.organisation("De Kaai", kind="economische_actor")
    nele = world.person("Nele Vercauteren")
    if what == "affiliation":
        world.affiliation(nele, place, valid_until=soon)
    world.label(place)
    if what == "label":
        with writing() as changing:
            changing.scalars(select(Label)).one().valid_until = soon
    world.grant(nele, place, valid_until=soon if what == "grant" else None)
    world.sign_in(client, nele)
    tokens = relying(HERE).tokens()
    assert tokens["expires_in"] <= 180, "no token outlives it either"
    _keep_house()
    assert deliver().sent == 0
    clock.shift(timedelta(minutes=3, seconds=1))
    _keep_house()
    deliver()
    assert len(receiver.at(LOGOUT)) == 1
    ended = {"grant": Grant, "label": Label, "affiliation": Affiliation}[what]
    row = session.scalars(select(ended)).one()
    assert (row.end_reason, row.ended_at) == ("expired", soon)
    names = session.scalars(select(AuditEvent.name).where(AuditEvent.name == f"{_room(what)}:{what}:expire")).all()
    assert len(names) == 1
    session.rollback()
    _keep_house()
    deliver()
    assert len(receiver.at(LOGOUT)) == 1


def _room(what: str) -> str:
    return "people" if what == "affiliation" else "access"


def _keep_house() -> None:
    """What the worker does by the clock, all of it at once."""
    from broker.notifications.housekeeping import Housekeeping

    Housekeeping.begin().run_due()
    db.session.rollback()


def test_rightless_says_of_every_session_what_a_token_would_say(
    world: World, client: Client, relying: Make, app: Flask
) -> None:
    """One statement for many and `session_facts` for one agree, on every road and every kind of client."""
    for number, end in enumerate(ROADS):
        for client_id in (HERE, "test-anybody"):
            place = world.organisation(f"De Kaai {number}", kind="economische_actor")
            world.label(place)
            person = world.person(f"Amina Ouali {number}")
            world.grant(person, place)
            browser = app.test_client()
            world.sign_in(browser, person)
            relying(client_id, browser=browser).tokens()
            if end is not organisation_retyped:
                end(world, person, place)
    world.sign_in(client, world.person("Zonder Werk"))
    relying("test-anybody").tokens()
    instant = broker_clock.now()
    sessions = db.session.scalars(select(ClientSession).where(ClientSession.revoked_at.is_(None))).all()
    ended = set(
        db.session.scalars(
            select(ClientSession.id).where(rightless(db.session(), installation().catalogue, instant))
        ).all()
    )
    dead = {each.id for each in sessions if session_facts(db.session(), installation().catalogue, each.id) is None}
    assert ended == dead
    assert 0 < len(ended) < len(sessions)


def test_a_worker_with_other_policies_ends_nothing_that_it_does_not_know(
    world: World, client: Client, relying: Make, catalogue: Catalogue
) -> None:
    """A rolling restart: new nodes give a right that the old worker's policies do not have."""
    nele = world.person()
    world.grant(nele, world.organisation())
    world.sign_in(client, nele)
    relying(HERE).tokens()
    old = _without_rights(catalogue)
    assert perform(end_rightless_sessions, under(installation(), old)) == []
    assert perform(apply_catalogue, under(installation(), old)).applied
    assert len(perform(end_rightless_sessions, under(installation(), old))) == 1


def _without_rights(catalogue: Catalogue) -> Catalogue:
    from tests.access.changed_policies import with_application

    return with_application(catalogue, rights={}, entitlement_codes={})


# The operations


def test_a_label_ends_once_with_words_and_only_when_it_was_approved(world: World, kaai: Organisation) -> None:
    label = the(Label, organisation_id=kaai.id)
    asked = world.label(world.organisation("De Brug", kind="economische_actor"), approved=False)
    with pytest.raises(InvalidError):
        perform(end_label, label.id, ended_by=None, reason=" ")
    with pytest.raises(ConflictError):
        perform(end_label, asked.id, ended_by=None, reason="Toch niet.")
    assert perform(end_label, label.id, ended_by=None, reason="Voorbij.") == 0
    with pytest.raises(ConflictError):
        perform(end_label, label.id, ended_by=None, reason="Voorbij.")
    with pytest.raises(NotFoundError):
        perform(end_label, kaai.id, ended_by=None, reason="Voorbij.")
    row = the(Label, id=label.id)
    assert (row.end_reason, row.reason) == ("ended", "Voorbij.")


def test_rights_fall_back_to_waiting_and_start_again_with_a_new_label(
    world: World, amina: Person, kaai: Organisation, relying: Make
) -> None:
    """LA4: no right ends with the label."""
    label_ended(world, amina, kaai)
    deliver()
    assert the(Grant, person_id=amina.id).ended_at is None
    assert "code" not in answer_of(relying(HERE).authorize())
    world.label(kaai)
    assert "code" in answer_of(relying(HERE).authorize())


def test_somebody_who_leaves_decides_nothing_there_any_more_and_people_are_told(
    world: World, session: Session, inbox: Any
) -> None:
    """Lifecycles §6: rights, mandates and the job in one transaction; what they have elsewhere stays."""
    genk, peer = world.organisation("Genk"), world.organisation("Peer")
    ilse = world.administrator_of(genk)
    world.grant(ilse, genk)
    elsewhere = world.grant(ilse, peer)
    job = the(Affiliation, person_id=ilse.id, organisation_id=genk.id)
    assert perform(end_affiliation, installation(), job.id, ended_by=None, reason="left") == 1
    mandate = session.scalars(select(Mandate).where(Mandate.person_id == ilse.id)).one()
    assert mandate.end_reason == "affiliation_ended"
    assert session.get_one(Grant, elsewhere.id).ended_at is None
    assert session.get_one(Affiliation, job.id).end_reason == "left"
    session.rollback()
    names = set(session.scalars(select(AuditEvent.name)))
    assert {"people:affiliation:end", "people:mandate:dismiss", "access:grant:end"} <= names
    session.rollback()
    assert len(inbox.mails_to(ilse.email)) == 2
    with pytest.raises(ConflictError):
        perform(end_affiliation, installation(), job.id, ended_by=None, reason="left")


def test_who_decides_for_others_is_dismissed_before_they_are_ended(world: World) -> None:
    """RE3, AP7: the command line is no way around that."""
    ilse = world.administrator_of(world.organisation())
    with pytest.raises(ConflictError):
        perform(end_person, installation(), ilse.id, "left")
    with pytest.raises(InvalidError):
        perform(end_person, installation(), world.person().id, "zomaar")


def test_who_comes_back_is_the_same_person_without_anything(
    world: World, amina: Person, kaai: Organisation, relying: Make, client: Client, session: Session
) -> None:
    """Lifecycles §7: links, jobs, rights, requests and sign-ins ended; the number still recognises them."""
    request = world.request(amina, world.organisation("Peer"))
    person_ended(world, amina, kaai)
    row = session.get_one(Person, amina.id)
    assert (row.state, row.sub, row.number_hash) == ("unlinked", amina.sub, amina.number_hash)
    assert session.scalars(select(Affiliation).where(Affiliation.ended_at.is_(None))).all() == []
    session.rollback()
    assert world.fresh(type(request), request.id).status == "cancelled"
    assert client.get("/taken").status_code == 303


# The worker


@pytest.fixture
def told_catalogue(listening_policies: Path, tmp_path: Path) -> Catalogue:
    """What the worker reads from the files."""
    values = environment("sqlite:///unused.db", tmp_path)
    values["BROKER_POLICIES"] += f":{listening_policies}"
    settings = Settings.from_environment(values)
    return read_catalogue(settings.policies, settings.forms, settings.environment, development=True)


def test_from_the_end_of_a_right_to_the_receipt_takes_less_than_five_seconds(
    make_app: Callable[..., Flask],
    told_catalogue: Catalogue,
    receiver: Receiver,
    clock: time_machine.Traveller,
    database_url: str,
    tmp_path: Path,
    repository: Path,
    listening_policies: Path,
    record_property: Callable[[str, object], None],
) -> None:
    """BC4: with the real worker, while another receiver stalls until it is cut off."""
    from broker.keys.rotate_signing_key import ensure_signing_keys

    to_true_time(clock)
    app = make_app(catalogue=told_catalogue)
    receiver.slow = {"/slow/logout": 30.0, "/slow/events": 30.0}
    with app.app_context(), running_worker(database_url, tmp_path, repository, listening_policies):
        perform(ensure_signing_keys, installation().keys)
        world = World(app)
        genk = world.organisation("Genk")
        people = []
        for number in range(4):
            person = world.person(f"Iemand {number}")
            grant = world.grant(person, genk)
            browser = app.test_client()
            world.sign_in(browser, person)
            for client_id in ("slow", "told"):
                Relying(browser, client_id, None).tokens()
            people.append((person, grant))
        seconds = []
        for number, (person, grant) in enumerate(people):
            began = time.monotonic()
            perform(end_own_grant, installation(), person.id, grant.id)
            heard = receiver.wait_for("/told/logout", number + 1)[number]
            seconds.append(heard.at - began)
            receiver.wait_for("/told/events", 2 * (number + 1))
        record_property("seconds", seconds)
        assert max(seconds) < 5.0
        claims = receiving.verified(app, receiver.at("/told/logout")[0].token, "told", "logout+jwt")
        assert claims["sub"] == people[0][0].sub
        db.session.rollback()


# At the same moment (OA1)


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_code_asked_while_the_label_is_being_ended_leaves_no_session_untold(
    world: World, app: Flask, kaai: Organisation, relying: Make, receiver: Receiver
) -> None:
    """OA1, LA4: whoever ends a label locks the people of its rights first, so that an authorization comes before or after."""
    living = []
    for number in range(5):
        person = world.person(f"Iemand {number}")
        grant = world.grant(person, kaai)
        browser = app.test_client()
        world.sign_in(browser, person)
        one = relying(HERE, browser=browser)
        answers: list[dict[str, str]] = []
        start = threading.Barrier(2)

        def ask(one: Relying = one, answers: list[dict[str, str]] = answers, start: Any = start) -> None:
            with app.app_context():
                start.wait()
                answers.append(answer_of(one.authorize(prompt="none")))
                db.session.remove()

        label = db.session.scalars(select(Label.id).where(Label.ended_at.is_(None))).one()
        db.session.rollback()
        asking = threading.Thread(target=ask)
        asking.start()
        start.wait()
        perform(end_label, label, ended_by=None, reason="Voorbij.")
        asking.join()
        deliver()
        session = db.session.scalar(select(ClientSession).where(ClientSession.person_id == person.id))
        if session is not None:
            living.append(session.revoked_at)
        db.session.rollback()
        world.label(kaai)
        perform(end_own_grant, installation(), person.id, grant.id)
    assert None not in living


def test_telling_twice_does_nothing_twice(
    world: World, amina: Person, kaai: Organisation, relying: Make, receiver: Receiver
) -> None:
    """A worker killed between the change and its mark does it again."""
    from broker.authentication.follow_ended_rights import prepare_change

    relying(HERE).tokens()
    given_back(world, amina, kaai)
    with Session(db.engine) as reading:
        message = reading.scalars(select(OutboxMessage).where(OutboxMessage.channel == "change")).one()
    of: Installation = installation()
    for _ in range(3):
        prepare_change(of, message)()
    deliver()
    assert len(receiver.at(LOGOUT)) == 1
    assert len({each.token for each in receiver.at(EVENTS)}) == len(receiver.at(EVENTS))
