"""An organisation that lost whoever appointed or decided there is told to the officers, once, by whatever road (threats AP3)."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from broker import clock as broker_clock
from broker.access.close_vacancy import close_vacancy
from broker.access.decision import Decision
from broker.access.end_affiliation import end_affiliation
from broker.access.task import FOR_VACANCY, Task
from broker.database import changing_session, db, perform
from broker.people.dismiss_mandate import dismiss_mandate
from broker.people.end_organisations import end_organisations
from broker.people.living_mandates import living_mandates
from broker.people.mandate import Mandate
from broker.people.organisation import Organisation
from broker.people.person import Person
from broker.standing_jobs import remind_of_waiting_tasks, tell_of_stranded_tasks, tell_of_vacancies


@pytest.fixture
def marc(world):
    return world.officer_of("LB", "gemeente", "Marc Claes")


@pytest.fixture
def genk(world):
    return world.organisation("Gemeente Genk")


def change(statement):
    with changing_session() as session, session.begin():
        session.execute(statement)
    db.session.rollback()


def vacancies(session):
    tell_of_vacancies()
    session.rollback()
    found = session.scalars(select(Task).where(Task.kind == FOR_VACANCY, Task.closed_at.is_(None))).all()
    for task in found:
        session.expunge(task)
    session.rollback()
    return found


def leaves(world, person, place):
    perform(end_affiliation, world.installation, world.affiliation(person, place).id, ended_by=None, reason="left")


@pytest.mark.parametrize("road", ["left", "ran out", "dismissed by the officer", "in doubt"])
def test_by_whatever_road_the_last_one_goes_the_officer_is_told_once(world, session, inbox, clock, marc, genk, road):
    karim = world.administrator_of(genk, "Karim Benali", head=True)
    assert vacancies(session) == []
    mandate_id = living_mandates(session, person_id=karim.id)[0].mandate_id
    session.rollback()
    soon = broker_clock.now() + timedelta(minutes=1)
    {
        "left": lambda: leaves(world, karim, genk),
        "ran out": lambda: change(update(Mandate).where(Mandate.id == mandate_id).values(valid_until=soon)),
        "dismissed by the officer": lambda: perform(
            dismiss_mandate, world.installation, marc.id, mandate_id, "Uit dienst."
        ),
        "in doubt": lambda: change(update(Person).where(Person.id == karim.id).values(state="doubted")),
    }[road]()
    clock.shift(timedelta(minutes=2))
    (task,) = vacancies(session)
    assert task.organisation_id == genk.id
    assert [each.id for each in vacancies(session)] == [task.id]
    assert "heeft geen hoofd lokale beheerder meer" in inbox.last_to(marc.email).subject


def test_the_last_head_is_missed_though_administrators_stay(world, session, marc, genk):
    """Nobody appoints there any more."""
    karim = world.administrator_of(genk, "Karim Benali", head=True)
    world.administrator_of(genk, "Ilse Maes")
    leaves(world, karim, genk)
    assert len(vacancies(session)) == 1


def test_who_never_had_one_who_has_one_and_who_waits_for_a_first_sign_in_are_no_vacancy(world, session, marc, genk):
    world.organisation("Gemeente Nieuw")
    world.administrator_of(genk, "Ilse Maes")
    lier = world.organisation("Gemeente Lier")
    leaves(world, world.administrator_of(lier, "Tom Weg", head=True), lier)
    world.administrator_of(lier, head=True, person=world.person("Hanne Smet", state="unlinked"))
    ended = world.organisation("Gemeente Weg")
    world.administrator_of(ended, "Wie Weg")
    with changing_session() as changing, changing.begin():
        end_organisations(changing, [changing.get_one(Organisation, ended.id)], "inactive")
    db.session.rollback()
    assert vacancies(session) == []


def test_left_for_now_it_is_told_again_only_when_another_one_goes(world, session, clock, marc, genk):
    karim = world.administrator_of(genk, "Karim Benali", head=True)
    leaves(world, karim, genk)
    (task,) = vacancies(session)
    clock.shift(timedelta(hours=1))
    perform(close_vacancy, world.installation, marc.id, Decision(task.id, approve=False))
    assert vacancies(session) == []
    clock.shift(timedelta(hours=1))
    leaves(world, world.administrator_of(genk, "Eva Janssens", head=True), genk)
    assert len(vacancies(session)) == 1


def test_a_vacancy_is_reminded_of_and_without_an_officer_the_operator_hears(world, session, inbox, clock, genk):
    leaves(world, world.administrator_of(genk, "Karim Benali", head=True), genk)
    (task,) = vacancies(session)
    operator = world.installation.settings.operator_email
    assert str(task.id) in inbox.last_to(operator).text
    marc = world.officer_of("LB", "gemeente", "Marc Claes")
    clock.shift(timedelta(days=5))
    remind_of_waiting_tasks()
    tell_of_stranded_tasks()
    assert "niemand heeft ze op zich genomen" in inbox.last_to(marc.email).text
    assert world.fresh(Task, task.id).reminders == 1
