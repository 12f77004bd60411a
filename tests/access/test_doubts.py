"""Whoever gave a right says what was wrong when another name stands at the gate (threats DG6, DG2, lifecycles §7)."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from broker.access.decide_doubt import CORRECTED, LET_GO, OVER, decide_doubt
from broker.access.decision import Decision
from broker.access.grant import Grant
from broker.access.open_doubts import open_doubts
from broker.access.pool import deciders_of
from broker.access.settle_doubt import RightName, settle_doubt
from broker.access.task import FOR_DOUBT, Task
from broker.database import changing_session, db, perform
from broker.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from broker.people.affiliation import Affiliation
from broker.people.find_person import find_person_by_number
from broker.people.person import Person
from broker.standing_jobs import remind_of_waiting_tasks

NAME = RightName("Hanne", "Smet")


@pytest.fixture
def genk(world):
    return world.organisation("Gemeente Genk")


@pytest.fixture
def ilse(world, genk):
    return world.administrator_of(genk)


@pytest.fixture
def number(world):
    return world.number()


@pytest.fixture
def doubted(world, number):
    return world.person("Hane Smit", number=number, state="doubted", email=None)


def doubt(world, person, organisation, **columns):
    """A right of `person` there, and the task that asks about them."""
    grant = world.grant(person, organisation, "raadpleger", **columns)
    perform(open_doubts, world.installation, person.id)
    return grant, world.task(doubted_person_id=person.id, organisation_id=organisation.id)


def decide(world, actor, task, *, approve, name=NAME):
    return perform(decide_doubt, world.installation, actor.id, Decision(task.id, approve=approve), name)


def test_the_same_doubt_is_asked_once_and_of_those_who_gave_it(world, session, inbox, genk, ilse, doubted):
    """DG6: without a word of who stood at the gate."""
    doubt(world, doubted, genk)
    perform(open_doubts, world.installation, doubted.id)
    tasks = session.scalars(select(Task).where(Task.kind == FOR_DOUBT)).all()
    assert len(tasks) == 1
    assert [member.person_id for member in deciders_of(session, tasks[0]).members] == [ilse.id]
    session.rollback()
    assert "Kijk een naam en nummer na" in inbox.last_to(ilse.email).subject


@pytest.mark.parametrize("application_code", ["cultuurmonitor", ""])
def test_a_doubt_that_nobody_looks_at_is_told_again_and_then_the_officer_decides_too(
    world, inbox, genk, ilse, doubted, clock, application_code
):
    """M7: a task like another, also about a job without a right."""
    marc = world.officer_of("LB", "gemeente", "Marc Claes")
    task = doubt(world, doubted, genk)[1]
    with db.engine.begin() as connection:
        connection.execute(update(Task).values(application_code=application_code))
    for days in (7, 8, 14):  # more than 3, 7 and 14 working days after the beginning
        clock.shift(timedelta(days=days))
        remind_of_waiting_tasks()
    to_ilse = [mail for mail in inbox.mails_to(ilse.email) if str(task.id) in mail.text]
    assert len(to_ilse) == 3, "once, and twice more"
    assert any(str(task.id) in mail.text for mail in inbox.mails_to(marc.email))
    assert decide(world, marc, world.fresh(Task, task.id), approve=False).outcome == LET_GO


def test_a_corrected_name_lets_the_next_sign_in_link(world, genk, ilse, doubted):
    grant, task = doubt(world, doubted, genk)
    assert decide(world, ilse, task, approve=True).outcome == CORRECTED
    person = world.fresh(Person, doubted.id)
    assert (person.full_name, person.state, person.number_hash is None) == ("Hanne Smet", "unlinked", False)
    assert world.fresh(Grant, grant.id).ended_at is None
    assert world.fresh(Task, task.id).decision == "approved"


def test_a_wrong_number_is_let_go_and_the_rights_given_to_it_end(world, session, genk, ilse, doubted, number):
    grant, task = doubt(world, doubted, genk)
    decided = decide(world, ilse, task, approve=False)
    assert (decided.outcome, decided.ended) == (LET_GO, 1)
    assert world.fresh(Grant, grant.id).end_reason == "wrong_number"
    assert find_person_by_number(session, world.installation.keys, number) is None


def test_a_name_must_be_written(world, genk, ilse, doubted):
    _, task = doubt(world, doubted, genk)
    with pytest.raises(InvalidError) as refused:
        decide(world, ilse, task, approve=True, name=RightName(" ", ""))
    assert set(refused.value.fields) == {"given_name", "family_name"}


def test_each_organisation_answers_for_itself_only(world, session, genk, ilse, doubted, number):
    """DG5: nobody ends, or lets begin, what another organisation gave."""
    hasselt = world.organisation("Hasselt")
    els = world.administrator_of(hasselt, "Els Daar")
    here, mine = doubt(world, doubted, genk)
    there, theirs = doubt(world, doubted, hasselt, role_key=None)
    with pytest.raises(NotFoundError):
        decide(world, ilse, theirs, approve=False)
    with pytest.raises(ConflictError) as refused:
        decide(world, ilse, mine, approve=True)
    assert refused.value.code == "several_organisations"
    decide(world, ilse, mine, approve=False)
    assert world.fresh(Grant, here.id).end_reason == "wrong_number"
    assert world.fresh(Grant, there.id).ended_at is None
    assert world.fresh(Person, doubted.id).state == "doubted"
    assert find_person_by_number(session, world.installation.keys, number) is not None
    session.rollback()
    decide(world, els, theirs, approve=True)
    assert world.fresh(Person, doubted.id).full_name == "Hanne Smet"


def test_nobody_answers_about_himself(world, genk, doubted):
    """DG1, AP2: nor the deputy of whom it is about."""
    twin = world.administrator_of(genk, person=world.person("Hanne Tweede", phone="+32470123456"))
    deputy = world.deputy_of(twin, genk)
    with changing_session() as session, session.begin():
        session.get_one(Person, doubted.id).phone = "+32470123456"
    db.session.rollback()
    _, task = doubt(world, doubted, genk)
    for actor in (twin, deputy):
        with pytest.raises(ForbiddenError):
            decide(world, actor, task, approve=True)


def test_without_an_administrator_the_officer_is_asked(world, session, inbox, genk, doubted):
    marc = world.officer_of("LB", "gemeente", "Marc Claes")
    _, task = doubt(world, doubted, genk)
    assert deciders_of(session, task).in_place
    session.rollback()
    assert inbox.mails_to(marc.email)
    assert decide(world, marc, task, approve=True).outcome == CORRECTED
    assert world.fresh(Task, task.id).in_place_of_administrator


def test_the_operator_s_answer_closes_the_tasks(world, genk, ilse, doubted):
    _, task = doubt(world, doubted, genk)
    perform(settle_doubt, world.installation, doubted.id, NAME)
    assert world.fresh(Task, task.id).close_reason == "cancelled"
    with pytest.raises(ConflictError):
        decide(world, ilse, task, approve=True)


# Somebody known, added elsewhere under another name: the person is matched, only the job is in doubt


@pytest.fixture
def vera(world, genk):
    person = world.person("Vera Claes")
    world.affiliation(person, genk, entered_given_name="Jan", entered_family_name="Peeters")
    return person


def test_a_name_corrected_to_the_verified_one_begins_at_once(world, genk, ilse, vera):
    _, task = doubt(world, vera, genk)
    decide(world, ilse, task, approve=True, name=RightName("vera", "CLAES"))
    assert not world.affiliation(vera, genk).name_unconfirmed


def test_another_name_again_stays_in_doubt_and_tells_nothing(world, genk, ilse, vera):
    """DG2: the answer is the same as for the right name."""
    _, task = doubt(world, vera, genk)
    assert decide(world, ilse, task, approve=True).outcome == CORRECTED
    job = world.affiliation(vera, genk)
    assert (job.entered_given_name, job.entered_family_name) == ("Hanne", "Smet")


def test_a_wrong_number_ends_the_job_and_leaves_the_person_alone(world, genk, ilse, vera):
    grant, task = doubt(world, vera, genk)
    job = world.affiliation(vera, genk)
    decide(world, ilse, task, approve=False)
    assert world.fresh(Grant, grant.id).end_reason == "wrong_number"
    assert world.fresh(Affiliation, job.id).end_reason == "wrong_number"
    person = world.fresh(Person, vera.id)
    assert (person.state, person.number_hash is None) == ("matched", False)


def test_a_doubt_that_went_by_itself_closes_without_a_decision(world, genk, ilse, vera):
    _, task = doubt(world, vera, genk)
    with changing_session() as session, session.begin():
        job = session.scalars(select(Affiliation).where(Affiliation.person_id == vera.id)).one()
        job.entered_given_name = job.entered_family_name = None
    db.session.rollback()
    assert decide(world, ilse, task, approve=False).outcome == OVER
    assert world.fresh(Task, task.id).decision is None


# The page


def test_the_page_shows_what_was_entered_and_never_who_stood_at_the_gate(client, world, genk, ilse, vera):
    """DG2"""
    _, task = doubt(world, vera, genk)
    world.sign_in(client, ilse)
    assert "een naam en nummer nakijken" in client.get("/taken").text
    page = client.get(f"/taken/{task.id}")
    for shown in ("Jan Peeters", "Kloppen naam en nummer?", "De naam is fout geschreven", "Cultuurmonitor Raadpleger"):
        assert shown in page.text, shown
    for hidden in ("Vera", "Claes"):
        assert hidden not in page.text
    wrong = client.submit(page, {"beslissing": "goedkeuren"}, form="/beslis")
    assert wrong.status_code == 422
    assert "Vul de voornaam in." in wrong.text
    assert "Kies wat er fout was." in client.submit(page, {}, form="/beslis").text
    answer = client.submit(
        page, {"beslissing": "goedkeuren", "voornaam": "Vera", "familienaam": "Claes"}, form="/beslis"
    )
    assert answer.status_code == 303
    assert "De naam is verbeterd." in client.get("/taken").text
    assert "De naam is verbeterd" in client.get(f"/taken/{task.id}").text


def test_the_page_lets_the_number_go(client, world, genk, ilse, doubted):
    grant, task = doubt(world, doubted, genk)
    world.sign_in(client, ilse)
    page = client.get(f"/taken/{task.id}")
    assert client.submit(page, {"beslissing": "afkeuren"}, form="/beslis").status_code == 303
    assert "Eén recht is gestopt." in client.get("/taken").text
    assert world.fresh(Grant, grant.id).end_reason == "wrong_number"
