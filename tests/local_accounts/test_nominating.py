"""Who works in an application asks for an account for a colleague of another organisation; its administrator decides (M11)."""

from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from broker.access import nominate_colleague as operation
from broker.access.add_colleague import NewColleague, add_colleague
from broker.access.end_organisation_rights import end_organisation_rights
from broker.access.lapse_nominations import lapse_nomination, overdue_nominations
from broker.access.nomination import Nomination
from broker.access.task import FOR_NOMINATION, Task
from broker.audit import AuditEvent
from broker.clock import now
from broker.database import perform
from broker.installation import installation
from broker.people.end_organisations import end_organisations
from broker.people.local_account import LocalAccount
from broker.people.organisation import Organisation
from broker.people.person import Person
from broker.standing_jobs import remind_of_waiting_tasks
from tests.worlds.at_once import at_once
from tests.worlds.client import Client
from tests.worlds.inbox import Inbox
from tests.worlds.statements import Statements
from tests.worlds.world import World

PATH = "/toepassingen/plusminmee/account-voor-collega"
WHY = "Sanne werkt mee aan de groep rond het station."
SANNE = {"given_name": "Sanne", "family_name": "Bakker", "email": "sanne.bakker@voorbeeld.test", "note": WHY}
PHONE = "06 12 34 56 78"


@pytest.fixture
def elzevoorde(world: World) -> Organisation:
    return world.organisation("Gemeente Elzevoorde", target_group="NL")


@pytest.fixture
def police(world: World) -> Organisation:
    return world.organisation("Politie Midden", "politie", target_group="NL")


@pytest.fixture
def fatima(world: World, elzevoorde: Organisation) -> Person:
    """A beheerder in PlusMinMee, for the municipality."""
    fatima = world.person("Fatima Haddad")
    world.grant(fatima, elzevoorde, entitlement="PMM_NL_Beheerder_Gemeente")
    return fatima


@pytest.fixture
def joost(world: World, police: Organisation) -> Person:
    """The administrator of the organisation that Sanne works for."""
    return world.administrator_of(police, "Joost de Wit")


def ask(world: World, client: Client, asker: Person, place: Organisation, **changes: str) -> TestResponse:
    """Fill in the form, and send it."""
    world.sign_in(client, asker)
    page = client.get(f"{PATH}?oc={place.code}")
    assert page.status_code == 200
    return client.submit(page, SANNE | changes, form=PATH, follow_redirects=True)


def test_from_the_button_to_an_account_with_nothing_typed_twice(
    world: World, client: Client, inbox: Inbox, session: Session, fatima: Person, joost: Person, police: Organisation
) -> None:
    world.sign_in(client, fatima)
    found = client.get(f"{PATH}?zoek=politie")
    assert f'href="{PATH}?oc={police.code}"' in found.text
    assert "Uw vraag is verstuurd." in ask(world, client, fatima, police).text
    told = inbox.last_to(str(joost.email))
    assert "Een account voor een collega van Politie Midden?" in told.subject
    for typed in ("Sanne", "Bakker", "sanne.bakker", WHY):
        assert typed not in told.text + told.subject, "what somebody typed goes in no mail to somebody else (SR1)"
    task = world.task(kind=FOR_NOMINATION)
    world.sign_in(client, joost)
    assert "een account gevraagd voor een collega" in client.get("/taken").text
    page = client.get(f"/taken/{task.id}")
    for shown in ("Krijgt Sanne Bakker een account voor PlusMinMee?", "Fatima Haddad", "Gemeente Elzevoorde", WHY):
        assert shown in page.text
    form = client.get(f"/mensen/nieuw?voordracht={task.id}")
    for typed in ('value="Sanne"', 'value="Bakker"', 'value="sanne.bakker@voorbeeld.test"'):
        assert typed in form.text
    assert "Rijksregisternummer" not in form.text
    assert "Mobiel nummer" in form.text
    missing = client.submit(form, {"phone": ""}, form="/mensen/nieuw")
    assert missing.status_code == 422
    assert world.task(kind=FOR_NOMINATION).decision is None, "nothing was answered by a form that was refused"
    added = client.submit(missing, {"phone": PHONE}, form="/mensen/nieuw")
    assert added.location.startswith("/rechten/nieuw/")
    assert session.scalars(select(LocalAccount.user_name)).all() == ["sanne.bakker"]
    closed = session.get_one(Task, task.id)
    assert (closed.decision, closed.decided_by) == ("approved", joost.id)
    answer = inbox.last_to(str(fatima.email))
    assert answer.subject == "Sanne Bakker krijgt een account"
    assert "nodig Sanne Bakker uit" in answer.text
    kept = session.scalars(select(Nomination)).one()
    assert (kept.full_name, kept.email, kept.note) == ("", "", ""), "RE1: it goes when it is answered"
    assert "Sanne Bakker is toegevoegd" in client.get(added.location).text
    assert "Sanne" not in client.get(f"/taken/{task.id}").text
    told_twice = client.get(f"/mensen/nieuw?voordracht={task.id}", follow_redirects=True)
    assert "Deze vraag is al beantwoord." in told_twice.text


def test_a_no_has_a_reason_that_whoever_asked_reads(
    world: World, client: Client, inbox: Inbox, session: Session, fatima: Person, joost: Person, police: Organisation
) -> None:
    ask(world, client, fatima, police)
    task = world.task(kind=FOR_NOMINATION)
    world.sign_in(client, joost)
    page, form = client.get(f"/taken/{task.id}"), f"/taken/{task.id}/beslis"
    assert client.submit(page, {"beslissing": "afkeuren", "reden": ""}, form=form).status_code == 422
    done = client.submit(
        page, {"beslissing": "afkeuren", "reden": "Zij werkt elders."}, form=form, follow_redirects=True
    )
    assert "Er komt geen account voor Sanne Bakker." in done.text
    mail = inbox.last_to(str(fatima.email))
    assert (mail.subject, "Zij werkt elders." in mail.text) == ("Er komt geen account voor Sanne Bakker", True)
    assert session.scalars(select(Nomination.note)).all() == [""]


def test_a_colleague_who_has_an_account_already_is_said_to(
    world: World, client: Client, inbox: Inbox, session: Session, fatima: Person, joost: Person, police: Organisation
) -> None:
    ask(world, client, fatima, police)
    task = world.task(kind=FOR_NOMINATION)
    world.sign_in(client, joost)
    client.submit(client.get(f"/taken/{task.id}"), {"beslissing": "goedkeuren"}, form=f"/taken/{task.id}/beslis")
    assert inbox.last_to(str(fatima.email)).subject == "Sanne Bakker heeft al een account"
    assert session.scalar(select(func.count()).select_from(LocalAccount)) == 0


def test_what_is_wrong_is_said_at_the_field_and_nothing_typed_is_lost(
    world: World, client: Client, session: Session, fatima: Person, joost: Person, police: Organisation
) -> None:
    for field, value in {"given_name": "", "family_name": " ", "email": "sanne", "note": ""}.items():
        page = ask(world, client, fatima, police, **{field: value})
        assert page.status_code == 422, field
        assert f'href="#{field}"' in page.text
        for other in SANNE.keys() - {field}:
            assert SANNE[other] in page.text, (field, other)
    assert session.scalar(select(func.count()).select_from(Nomination)) == 0


def test_only_somebody_whose_right_there_counts_finds_the_page(
    world: World, client: Client, fatima: Person, elzevoorde: Organisation, police: Organisation
) -> None:
    """Deny by default, and the same 404 for an application that takes digital keys only."""
    asked = client.get(f"{PATH}?oc={police.code}")
    assert asked.location.startswith("/aanmelden?verder=")
    assert "toepassing=plusminmee" in asked.location
    world.sign_in(client, world.administrator_of(elzevoorde, "Iemand Anders"))
    assert client.get(PATH).status_code == 404
    ended = world.person("Wim Bos")
    world.grant(
        ended,
        elzevoorde,
        entitlement="PMM_NL_Beheerder_Gemeente",
        valid_from=now() - timedelta(days=9),
        valid_until=now() - timedelta(days=1),
    )
    world.sign_in(client, ended)
    assert client.get(PATH).status_code == 404
    world.sign_in(client, fatima)
    assert client.get("/toepassingen/cultuurmonitor/account-voor-collega").status_code == 404
    assert client.get("/toepassingen/onbekend/account-voor-collega").status_code == 404


def test_an_organisation_that_may_not_use_the_application_is_neither_found_nor_asked(
    world: World, client: Client, fatima: Person
) -> None:
    genk = world.organisation("Genk")
    world.sign_in(client, fatima)
    assert genk.code not in client.get(f"{PATH}?zoek=Genk").text
    assert client.get(f"{PATH}?oc={genk.code}").status_code == 404


def test_the_answer_is_the_same_where_nobody_administers_and_the_officer_gets_the_task(
    world: World, client: Client, inbox: Inbox, fatima: Person, police: Organisation
) -> None:
    """SR3: whoever asks does not read who is there."""
    officer = world.officer_of("NL", "politie", "Marc Claes")
    page = ask(world, client, fatima, police).text
    assert "Een lokale beheerder van Politie Midden beslist." in page
    assert "Politie Midden" in inbox.last_to(str(officer.email)).text
    world.sign_in(client, officer)
    shown = client.get(f"/taken/{world.task(kind=FOR_NOMINATION).id}").text
    assert "/mensen/nieuw?voordracht" not in shown
    assert f'href="/verantwoordelijke/organisaties/{police.code}/beheerder"' in shown


def test_a_deputy_answers_but_does_not_add(
    world: World, client: Client, fatima: Person, joost: Person, police: Organisation
) -> None:
    """AP1: adding people takes a mandate."""
    deputy = world.person("Mia Smit", works_for=police)
    world.deputy_of(joost, police, person=deputy)
    ask(world, client, fatima, police)
    task = world.task(kind=FOR_NOMINATION)
    world.sign_in(client, deputy)
    page = client.get(f"/taken/{task.id}")
    assert page.status_code == 200
    assert "voordracht" not in page.text
    assert client.get(f"/mensen/nieuw?voordracht={task.id}").status_code == 404
    done = client.submit(page, {"beslissing": "afkeuren", "reden": "Nee."}, form=f"/taken/{task.id}/beslis")
    assert done.status_code == 303


def test_the_task_of_another_organisation_fills_in_nothing_and_is_answered_by_nobody_else(
    world: World, client: Client, session: Session, fatima: Person, joost: Person, police: Organisation
) -> None:
    """ID2: neither on the page nor in a form somebody makes."""
    ask(world, client, fatima, police)
    task = world.task(kind=FOR_NOMINATION)
    other = world.administrator_of(world.organisation("Politie Noord", "politie", target_group="NL"), "Els Mol")
    world.sign_in(client, other)
    assert client.get(f"/mensen/nieuw?voordracht={task.id}").status_code == 404
    own = client.get("/mensen/nieuw")
    typed = {**SANNE, "phone": PHONE, "aanmelding": "account", "voordracht": str(task.id)}
    del typed["note"]
    assert client.submit(own, typed, form="/mensen/nieuw").status_code == 404
    assert session.get_one(Task, task.id).closed_at is None
    assert session.scalar(select(func.count()).select_from(LocalAccount)) == 0, "all or nothing"


def test_an_answer_that_came_in_between_adds_nobody(
    world: World, client: Client, session: Session, fatima: Person, joost: Person, police: Organisation
) -> None:
    ask(world, client, fatima, police)
    task = world.task(kind=FOR_NOMINATION)
    world.sign_in(client, joost)
    form = client.get(f"/mensen/nieuw?voordracht={task.id}")
    client.submit(
        client.get(f"/taken/{task.id}"), {"beslissing": "afkeuren", "reden": "Nee."}, form=f"/taken/{task.id}/beslis"
    )
    late = client.submit(form, {"phone": PHONE}, form="/mensen/nieuw")
    assert late.status_code == 409
    assert "keurde deze vraag al af" in late.text
    assert session.scalar(select(func.count()).select_from(LocalAccount)) == 0


def test_the_same_colleague_is_asked_for_once_and_five_wait_at_most(
    world: World, client: Client, session: Session, fatima: Person, joost: Person, police: Organisation
) -> None:
    """SR2: nobody floods the administrators; a second time says the same."""
    for spelled in ("sanne.bakker@voorbeeld.test", "Sanne.Bakker@voorbeeld.test"):
        assert "Uw vraag is verstuurd." in ask(world, client, fatima, police, email=spelled).text
    assert session.scalar(select(func.count()).select_from(Task)) == 1
    session.rollback()
    for number in range(operation.AT_ONCE - 1):
        ask(world, client, fatima, police, email=f"nr{number}@voorbeeld.test")
    refused = ask(world, client, fatima, police, email="nog.een@voorbeeld.test")
    assert refused.status_code == 429
    assert "Er wachten al vijf vragen van u." in refused.text
    assert "nog.een@voorbeeld.test" in refused.text


def test_so_many_a_day(
    world: World,
    client: Client,
    session: Session,
    fatima: Person,
    joost: Person,
    police: Organisation,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(operation, "A_DAY", 1)
    ask(world, client, fatima, police)
    world.sign_in(client, joost)
    task = world.task(kind=FOR_NOMINATION)
    client.submit(
        client.get(f"/taken/{task.id}"), {"beslissing": "afkeuren", "reden": "Nee."}, form=f"/taken/{task.id}/beslis"
    )
    assert "U vroeg vandaag al veel accounts." in ask(world, client, fatima, police, email="een@voorbeeld.test").text


def lapse(session: Session) -> int:
    """What the worker does every ten minutes; how many there were."""
    found = overdue_nominations(session, installation().catalogue)
    session.rollback()
    for nomination_id in found:
        perform(lapse_nomination, nomination_id)
    return len(found)


def test_one_that_nobody_answers_is_reminded_of_and_lapses_after_thirty_working_days(
    world: World,
    client: Client,
    inbox: Inbox,
    session: Session,
    clock: time_machine.Traveller,
    fatima: Person,
    joost: Person,
    police: Organisation,
) -> None:
    ask(world, client, fatima, police)
    clock.shift(timedelta(days=7))
    remind_of_waiting_tasks()
    assert "niemand heeft ze op zich genomen" in inbox.last_to(str(joost.email)).text
    assert lapse(session) == 0
    clock.shift(timedelta(days=50))
    assert lapse(session) == 1
    assert lapse(session) == 0
    mail = inbox.last_to(str(fatima.email))
    assert mail.subject == "Niemand antwoordde op uw vraag over Sanne Bakker"
    task = session.scalars(select(Task)).one()
    assert (task.decision, task.close_reason) == (None, "expired")
    assert session.scalars(select(Nomination.email)).all() == [""]


def test_one_at_an_organisation_that_ended_is_erased_and_said(
    world: World, client: Client, inbox: Inbox, session: Session, fatima: Person, joost: Person, police: Organisation
) -> None:
    """RE1: its task is closed for another reason."""
    ask(world, client, fatima, police)
    world.grant(joost, police, entitlement="PMM_NL_Gebruiker_Politie")
    perform(lambda session: end_organisations(session, [session.get_one(Organisation, police.id)], "inactive"))
    perform(end_organisation_rights, installation(), police.id)
    assert lapse(session) == 1
    assert "Niemand antwoordde" in inbox.last_to(str(fatima.email)).subject
    assert session.scalars(select(Nomination.email)).all() == [""]


def test_two_administrators_at_once_add_one_person(
    app: Flask, world: World, client: Client, session: Session, fatima: Person, joost: Person, police: Organisation
) -> None:
    """The task is locked before anybody is added: one adds, the other reads that it was done."""
    els = world.administrator_of(police, "Els Mol")
    ask(world, client, fatima, police)
    task = world.task(kind=FOR_NOMINATION)

    def add(administrator: Person) -> None:
        new = NewColleague(
            given_name="Sanne",
            family_name="Bakker",
            number="",
            email=SANNE["email"],
            phone=PHONE,
            account_for="plusminmee",
            answers_task=task.id,
        )
        perform(add_colleague, installation(), administrator.id, police.id, new)

    assert sorted(at_once(app, lambda: add(joost), lambda: add(els))) == ["already_decided", "done"]
    assert session.scalar(select(func.count()).select_from(LocalAccount)) == 1


def test_the_pages_cost_the_same_with_few_and_with_many(
    world: World, client: Client, statements: Statements, fatima: Person, joost: Person, police: Organisation
) -> None:
    ask(world, client, fatima, police)
    task = world.task(kind=FOR_NOMINATION)
    paths = [
        (fatima, PATH, 12),
        (fatima, f"{PATH}?zoek=politie", 12),
        (fatima, f"{PATH}?oc={police.code}", 12),
        (joost, f"/taken/{task.id}", 12),
        (joost, f"/mensen/nieuw?voordracht={task.id}", 12),
    ]

    def cost(reader: Person, path: str) -> int:
        world.sign_in(client, reader)
        assert client.get(path).status_code == 200, path
        with statements() as seen:
            assert client.get(path).status_code == 200, path
        return len(seen)

    few = {path: cost(reader, path) for reader, path, _most in paths}
    for number in range(10):
        colleague = world.person(f"Collega Nummer{number}")
        world.grant(colleague, police, entitlement="PMM_NL_Gebruiker_Politie")
        world.organisation(f"Politie {number}", "politie", target_group="NL")
        world.administrator_of(police, f"Beheerder Nummer{number}")
    for reader, path, most in paths:
        assert few[path] <= most, (path, few[path])
        assert cost(reader, path) == few[path], path


def test_what_it_says_in_the_audit_names_nobody(
    world: World, client: Client, session: Session, fatima: Person, joost: Person, police: Organisation
) -> None:
    """AU4."""
    ask(world, client, fatima, police)
    event = session.scalars(select(AuditEvent).where(AuditEvent.name == "access:account:nominate")).one()
    assert event.actor_id == fatima.id
    assert "anne" not in str(event.details)
