"""Brusselse gemeenten and economische actoren need the label "Cultuurmonitor Afnemer" (seed 002)."""

import threading

import pytest
from sqlalchemy import func, select

from broker import clock
from broker.access.access_request import AccessRequest
from broker.access.admit_organisation import admit_organisation
from broker.access.decide_label import close_changed_pool, decide_label
from broker.access.decide_request import decide_request
from broker.access.decision import Decision
from broker.access.end_grant import end_own_grant
from broker.access.end_self_decided import end_self_decided
from broker.access.follow_request import follow_request
from broker.access.grant import Grant
from broker.access.label import Label
from broker.access.live_rights import live_rights
from broker.access.standing import standing
from broker.access.submit_request import ProposedOrganisation
from broker.access.task import Task
from broker.database import db, perform
from broker.errors import BusyError, ConflictError, DomainError, ForbiddenError, NotFoundError
from broker.people.organisation import Organisation
from broker.people.person import Person


@pytest.fixture
def etterbeek(world):
    return world.organisation("Etterbeek", kind="brusselse_gemeente")


@pytest.fixture
def jan(world, etterbeek):
    return world.administrator_of(etterbeek, "Jan Peeters")


@pytest.fixture
def lies(world):
    return world.officer_of("EA", "brusselse_gemeente")


def _approve_right(world, actor, request):
    return perform(decide_request, world.installation, actor.id, Decision(world.task(request).id, approve=True))


def _label_task(session):
    task = session.scalars(select(Task).where(Task.kind == "label", Task.closed_at.is_(None))).one()
    task_id = task.id
    session.rollback()
    return task_id


def _decide(world, actor, task_id, approve=True, reason=""):
    return perform(decide_label, world.installation, actor.id, Decision(task_id, approve=approve, reason=reason))


def test_the_right_waits_visibly_and_starts_by_itself(world, session, inbox, etterbeek, jan, lies):
    amina = world.person("Amina Ouali")
    request = world.request(amina, etterbeek)
    assert _approve_right(world, jan, request).outcome == "waiting_for_label"
    catalogue = world.installation.catalogue
    assert live_rights(session, catalogue, amina.id, "cultuurmonitor") == []
    story = follow_request(session, world.installation, request.number)
    assert (story.stands, story.up.nl) == (
        "waiting_for_label",
        "de doelgroepverantwoordelijke voor Brusselse gemeenten",
    )
    assert [s.kind for s in standing(session, catalogue, amina.id, "cultuurmonitor")] == ["waiting_for_label"]
    assert "Cultuurmonitor Afnemer" in inbox.last_to(amina.email).text
    assert len(inbox.mails_to(lies.email)) == 1
    decided = _decide(world, lies, _label_task(session))
    assert decided.grants == 1
    assert len(live_rights(session, catalogue, amina.id, "cultuurmonitor")) == 1
    assert "loopt vanaf nu" in inbox.last_to(amina.email).subject
    assert follow_request(session, world.installation, request.number).stands == "active"


def test_one_label_task_however_many_requests_wait_on_it(world, session, app, etterbeek, jan, lies):
    """LA3: requests attach to the living label."""
    tasks = [world.task(world.request(world.person(), etterbeek)) for _ in range(12)]
    session.rollback()
    failed = []

    def approve(task):
        with app.app_context():
            for _ in range(20):
                try:
                    perform(decide_request, world.installation, jan.id, Decision(task.id, approve=True))
                    return
                except BusyError:
                    continue
                except DomainError as error:
                    failed.append(error)
                    return

    threads = [threading.Thread(target=approve, args=(task,)) for task in tasks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert session.scalar(select(func.count()).select_from(Label)) == 1
    assert session.scalar(select(func.count()).select_from(Task).where(Task.kind == "label")) == 1
    session.rollback()
    assert _decide(world, lies, _label_task(session)).grants == 12


def test_a_rejected_label_ends_the_waiting_rights_with_the_reason(world, session, inbox, etterbeek, jan, lies):
    amina = world.person("Amina Ouali")
    request = world.request(amina, etterbeek)
    grant = _approve_right(world, jan, request)
    _decide(world, lies, _label_task(session), approve=False, reason="Dit centrum valt onder een andere regeling.")
    assert world.fresh(Grant, grant.grant_id).end_reason == "label_rejected"
    story = follow_request(session, world.installation, request.number)
    assert story.reason == "Dit centrum valt onder een andere regeling."
    assert any("andere regeling" in mail.text for mail in inbox.mails_to(amina.email))


def test_a_next_request_after_a_rejection_asks_the_label_anew(world, session, etterbeek, jan, lies):
    _approve_right(world, jan, world.request(world.person("Amina Ouali"), etterbeek))
    _decide(world, lies, _label_task(session), approve=False, reason="Nog niet.")
    again = _approve_right(world, jan, world.request(world.person("Sofie Aerts"), etterbeek))
    assert again.outcome == "waiting_for_label"
    _decide(world, lies, _label_task(session))
    assert session.scalar(select(func.count()).select_from(Label)) == 2


def test_the_label_s_approver_is_not_the_right_s_approver_nor_the_applicant(world, session, etterbeek):
    """LA2: an officer who decided in place, or who asked, leaves the label to another officer."""
    lies = world.officer_of("EA", "brusselse_gemeente")
    other = world.officer_of("EA", "brusselse_gemeente", "Marc Claes")
    request = world.request(world.person("Amina Ouali"), etterbeek)
    assert _approve_right(world, lies, request).outcome == "waiting_for_label"
    task_id = _label_task(session)
    with pytest.raises(ForbiddenError) as refused:
        _decide(world, lies, task_id)
    assert refused.value.code == "label_by_someone_else"
    assert _decide(world, other, task_id).grants == 1


def test_a_label_counts_only_for_the_kind_it_was_approved_for(world, session, etterbeek, jan, lies):
    """LA1: retyped after approval, the right falls back to waiting."""
    amina = world.person("Amina Ouali")
    _approve_right(world, jan, world.request(amina, etterbeek))
    _decide(world, lies, _label_task(session))
    _retype(etterbeek, "economische_actor")
    assert live_rights(session, world.installation.catalogue, amina.id, "cultuurmonitor") == []


def test_an_organisation_retyped_while_the_label_waits_goes_to_the_right_officer(world, session, etterbeek, jan, lies):
    """LA1: the decision is a conflict, the task closes, the right pool has a new one."""
    _approve_right(world, jan, world.request(world.person("Amina Ouali"), etterbeek))
    task_id = _label_task(session)
    _retype(etterbeek, "economische_actor")
    with pytest.raises(ConflictError) as refused:
        _decide(world, lies, task_id)
    assert refused.value.code == "pool_changed"
    perform(close_changed_pool, world.installation, task_id)
    assert world.fresh(Task, task_id).close_reason == "pool_changed"
    new = session.scalars(select(Task).where(Task.kind == "label", Task.closed_at.is_(None))).one()
    assert new.pool_key == "officer:EA:economische_actor"


def _retype(organisation, organisation_type):
    with db.engine.begin() as connection:
        table = Organisation.__table__
        connection.execute(
            table.update().where(table.c.id == organisation.id).values(organisation_type=organisation_type)
        )
    db.session.rollback()


def test_a_label_that_is_there_already_lets_the_right_start_at_once(world, etterbeek, jan):
    world.label(etterbeek)
    assert _approve_right(world, jan, world.request(world.person(), etterbeek)).outcome == "given"


def test_an_officer_of_another_kind_does_not_find_the_label_task(world, session, etterbeek, jan):
    """ID2, for labels."""
    stranger = world.officer_of("EA", "economische_actor")
    _approve_right(world, jan, world.request(world.person(), etterbeek))
    with pytest.raises(NotFoundError):
        _decide(world, stranger, _label_task(session))


def test_an_admitted_organisation_lets_the_request_go_its_ordinary_way(world, session, inbox):
    """Seed-sentences M1: admitted by the officer, who then decides or appoints as it has no administrator yet."""
    pieter = world.officer_of("EA", "economische_actor", "Lies De Wolf")
    other = world.officer_of("EA", "economische_actor", "Marc Claes")
    proposal = ProposedOrganisation("0999000228", "De Nieuwe Zaal", "Markt 1, 3600 Genk", "An Peeters, directeur")
    applicant = world.person()
    request = world.request(applicant, proposal=proposal, entitlement="CJM_Cultuurmonitor_EA_CompEnt_Invoerder")
    task = session.scalars(select(Task)).one()
    session.rollback()
    organisation = perform(admit_organisation, world.installation, pieter.id, Decision(task.id, approve=True))
    assert (organisation.code, organisation.organisation_type) == ("0999000228", "economische_actor")
    assert world.fresh(AccessRequest, request.id).organisation_id == organisation.id
    assert "De Nieuwe Zaal" in inbox.last_to(applicant.email).text
    outcome = _approve_right(world, pieter, request)
    assert outcome.outcome == "waiting_for_label"
    assert _decide(world, other, _label_task(session)).grants == 1


def test_a_refused_organisation_ends_the_request_with_the_reason(world, session, inbox):
    officer = world.officer_of("EA", "economische_actor")
    proposal = ProposedOrganisation("0999000228", "De Nieuwe Zaal", "Markt 1, 3600 Genk", "An Peeters, directeur")
    applicant = world.person()
    request = world.request(applicant, proposal=proposal, entitlement="CJM_Cultuurmonitor_EA_CompEnt_Invoerder")
    task = session.scalars(select(Task)).one()
    session.rollback()
    perform(
        admit_organisation,
        world.installation,
        officer.id,
        Decision(task.id, approve=False, reason="Dit is geen cultuurcentrum."),
    )
    assert world.fresh(AccessRequest, request.id).status == "rejected"
    assert "geen cultuurcentrum" in inbox.last_to(applicant.email).text


def test_a_person_gives_a_right_back_and_the_owner_is_told(world, session, inbox):
    genk = world.organisation("Genk")
    tom = world.person("Tom Bogaert", works_for=genk)
    grant = world.grant(tom, genk, "raadpleger")
    with pytest.raises(NotFoundError):
        perform(end_own_grant, world.installation, world.person().id, grant.id)
    perform(end_own_grant, world.installation, tom.id, grant.id)
    assert live_rights(session, world.installation.catalogue, tom.id, "cultuurmonitor") == []
    assert len(inbox.mails_to("ccinc@vlaanderen.be")) == 1


def test_a_right_given_by_what_turns_out_to_be_oneself_ends_at_linking(world):
    """ID1: looked at again when the applicant links: the same number under an older key version, merged meanwhile."""
    genk = world.organisation("Genk")
    ilse = world.administrator_of(genk)
    other = world.person("Ilse Tweede", state="unlinked", email=None)
    grant = world.grant(other, genk, "raadpleger", given_by=ilse.id)
    assert perform(end_self_decided, world.installation, other.id) == 0
    with db.engine.begin() as connection:
        table = Person.__table__
        connection.execute(
            table.update()
            .where(table.c.id == other.id)
            .values(email=ilse.email, email_source="proved", state="matched")
        )
    db.session.rollback()
    assert perform(end_self_decided, world.installation, other.id) == 1
    assert world.fresh(Grant, grant.id).end_reason == "self_decided"
    assert clock.now() >= world.fresh(Grant, grant.id).ended_at
