"""Somebody added without a number says by a link and a digital key who they are; then their rights begin (decisions 7)."""

from collections.abc import Callable
from datetime import timedelta
from threading import Barrier, Thread

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from broker.access.accept_invitation import Accepted, accept_invitation
from broker.access.add_colleague import NewColleague, add_colleague
from broker.access.change_contact import WorkContact, change_contact
from broker.access.explain_direct import DirectGrant
from broker.access.give_right import give_right
from broker.access.grant import Grant
from broker.access.invite_colleague import invite_colleague
from broker.access.live_rights import grant_is_active
from broker.access.resume_right import resume_right
from broker.access.suspend_right import Suspension, suspend_right
from broker.access.task import Task
from broker.database import perform
from broker.errors import BusyError, ConflictError, ForbiddenError, NotFoundError, TooManyError
from broker.installation import installation
from broker.people.affiliation import Affiliation
from broker.people.look_up import AN_HOUR
from broker.people.one_time_link import INVITATION
from broker.people.organisation import Organisation
from broker.people.person import Person
from tests.worlds.client import Client
from tests.worlds.inbox import Inbox
from tests.worlds.world import World


def added(world: World, actor: Person, place: Organisation, name: str = "Nele Vercauteren") -> tuple[Affiliation, str]:
    """Somebody without a number, with a right; the job, and the token in the mail."""
    given, _, family = name.partition(" ")
    new = NewColleague(given_name=given, family_name=family, number="", email="nele@genk.test")
    job = perform(add_colleague, installation(), actor.id, place.id, new)
    give(actor, job)
    return job, world.link_token(job.id, INVITATION)


def give(actor: Person, job: Affiliation, right: str = "invoerder") -> Grant:
    wish = DirectGrant(job.organisation_id, job.person_id, "cultuurmonitor", right, "cultuurcentra")
    return perform(give_right, installation(), actor.id, wish).grant


def accept(token: str, person: Person) -> Accepted:
    return perform(accept_invitation, installation(), token, person.id)


def living_grants(session: Session, person: Person) -> list[Grant]:
    session.rollback()
    return list(session.scalars(select(Grant).where(Grant.person_id == person.id, Grant.ended_at.is_(None))))


def test_from_the_mail_to_a_right_that_runs(world: World, client: Client, inbox: Inbox, session: Session) -> None:
    genk = world.organisation()
    ilse = world.administrator_of(genk)
    job, _token = added(world, ilse, genk)
    mail = next(each for each in inbox.mails_to("nele@genk.test") if "voegde u toe" in each.subject)
    assert "Open eerst de link" in inbox.last_to("nele@genk.test").text
    page = client.get(client.get(mail.path).location)
    assert "Meld u aan" in page.text
    nele = world.person(name_source="verified")
    world.sign_in(client, nele)
    page = client.get("/link/uitnodiging")
    assert client.submit(page, form="/link/uitnodiging").status_code == 303
    (grant,) = living_grants(session, nele)
    assert grant_is_active(session, installation().catalogue, grant.id)
    assert (grant.given_by, grant.organisation_id) == (ilse.id, genk.id)
    own_job = session.get_one(Affiliation, grant.affiliation_id)
    assert (own_job.email, own_job.email_source, own_job.name_unconfirmed) == ("nele@genk.test", "proved", False)
    stand_in = session.get_one(Person, job.person_id)
    assert (stand_in.state, stand_in.merged_into_id) == ("merged", nele.id)
    assert session.get_one(Affiliation, job.id).ended_at is not None


def test_another_name_starts_nothing_before_the_administrator_looked(world: World, session: Session) -> None:
    """DG6."""
    genk = world.organisation()
    _job, token = added(world, world.administrator_of(genk), genk)
    piet = world.person("Piet Anders", name_source="verified")
    assert accept(token, piet).doubted
    (grant,) = living_grants(session, piet)
    assert not grant_is_active(session, installation().catalogue, grant.id)
    assert session.scalars(select(Task.doubted_person_id).where(Task.closed_at.is_(None))).all() == [piet.id]


def test_nobody_accepts_what_they_entered(world: World, session: Session) -> None:
    """DG1: with an address of one's own and an invented name."""
    genk = world.organisation()
    ilse = world.administrator_of(genk)
    _job, token = added(world, ilse, genk)
    with pytest.raises(ForbiddenError) as refused:
        accept(token, ilse)
    assert refused.value.code == "not_for_yourself"
    assert living_grants(session, ilse) == []


def test_who_works_there_under_another_name_does_not_take_it(world: World, session: Session) -> None:
    genk = world.organisation()
    _job, token = added(world, world.administrator_of(genk), genk)
    piet = world.person("Piet Anders", name_source="verified", works_for=genk)
    with pytest.raises(ForbiddenError):
        accept(token, piet)
    assert living_grants(session, piet) == []


def test_who_works_there_already_keeps_one_job_and_one_role(world: World, inbox: Inbox, session: Session) -> None:
    """Lifecycles §7: the older role stays, the new one ends; the index never surprises."""
    genk = world.organisation()
    _job, token = added(world, world.administrator_of(genk), genk)
    nele = world.person(name_source="verified", works_for=genk)
    older = world.grant(nele, genk, "raadpleger")
    assert not accept(token, nele).doubted
    assert [each.id for each in living_grants(session, nele)] == [older.id]
    jobs = session.scalars(select(Affiliation).where(Affiliation.person_id == nele.id)).all()
    assert len(jobs) == 1
    assert "had al een rol" in inbox.last_to("nele@genk.test").text


@pytest.mark.parametrize("over", ["used", "after 72 hours", "replaced", "of a job that ended"])
def test_a_link_that_is_over_opens_nothing(
    world: World, clock: time_machine.Traveller, session: Session, over: str
) -> None:
    genk = world.organisation()
    ilse = world.administrator_of(genk)
    job, token = added(world, ilse, genk)
    nele = world.person(name_source="verified")
    ending: dict[str, Callable[[], object]] = {
        "used": lambda: accept(token, nele),
        "after 72 hours": lambda: clock.shift(timedelta(hours=73)),
        "replaced": lambda: perform(invite_colleague, installation(), ilse.id, job.id),
        "of a job that ended": lambda: end(session, job),
    }
    ending[over]()
    with pytest.raises(NotFoundError):
        accept(token, world.person("Nele Vercauteren", name_source="verified"))


def end(session: Session, job: Affiliation) -> None:
    found = session.get_one(Affiliation, job.id)
    found.ended_at, found.end_reason = found.valid_from, "left"
    session.commit()


def test_only_an_administrator_invites_again_and_only_who_waits(world: World, session: Session) -> None:
    genk = world.organisation()
    ilse = world.administrator_of(genk)
    job, token = added(world, ilse, genk)
    with pytest.raises(NotFoundError):
        perform(invite_colleague, installation(), world.administrator_of(world.organisation("Gent")).id, job.id)
    nele = world.person(name_source="verified")
    accept(token, nele)
    own_job = session.scalars(select(Affiliation).where(Affiliation.person_id == nele.id)).one()
    with pytest.raises(ConflictError):
        perform(invite_colleague, installation(), ilse.id, own_job.id)


def test_two_people_at_once_and_one_becomes_it(app: Flask, world: World, session: Session) -> None:
    """On both databases: one link, one person."""
    genk = world.organisation()
    _job, token = added(world, world.administrator_of(genk), genk)
    people = [world.person(name_source="verified") for _ in range(2)]
    barrier, outcomes = Barrier(2), []

    def run(person: Person) -> None:
        with app.app_context():
            barrier.wait()
            try:
                accept(token, person)
                outcomes.append("accepted")
            except (NotFoundError, BusyError) as error:
                outcomes.append(error.code)

    threads = [Thread(target=run, args=(person,)) for person in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes)[0] == "accepted"
    assert len(session.scalars(select(Grant).where(Grant.ended_at.is_(None))).all()) == 1


def test_a_suspended_right_stays_suspended_by_whatever_road(world: World, session: Session) -> None:
    """Nobody takes the suspension off a right of their own by accepting an invitation (rule 6); it can be resumed as before."""
    genk = world.organisation()
    ilse = world.administrator_of(genk)
    job, token = added(world, ilse, genk)
    (before,) = living_grants(session, session.get_one(Person, job.person_id))
    perform(suspend_right, installation(), ilse.id, before.id, Suspension("Wij zoeken iets uit."))
    nele = world.person(name_source="verified")
    accept(token, nele)
    (grant,) = living_grants(session, nele)
    assert not grant_is_active(session, installation().catalogue, grant.id)
    assert grant.suspension_note == "Wij zoeken iets uit."
    perform(resume_right, installation(), ilse.id, grant.id)
    session.rollback()
    assert grant_is_active(session, installation().catalogue, grant.id)


def test_a_link_to_an_old_address_proves_nothing_of_a_new_one(world: World, session: Session) -> None:
    """Rule 1, OA6: else an administrator gives somebody the proved address of another."""
    genk = world.organisation()
    ilse = world.administrator_of(genk)
    job, token = added(world, ilse, genk)
    perform(change_contact, installation(), ilse.id, job.id, WorkContact("burgemeester@antwerpen.test", "", ""))
    nele = world.person(name_source="verified")
    with pytest.raises(NotFoundError):
        accept(token, nele)
    session.rollback()
    perform(invite_colleague, installation(), ilse.id, job.id)
    accept(world.link_token(job.id, INVITATION), nele)
    (grant,) = living_grants(session, nele)
    assert session.get_one(Affiliation, grant.affiliation_id).email_source == "proved"


def test_an_address_is_no_letter_box_to_be_filled(world: World, inbox: Inbox) -> None:
    """DG3, SR1: every mail to somebody without a number counts, to the same address too, added again or invited again."""
    genk = world.organisation()
    ilse = world.administrator_of(genk)
    job, _token = added(world, ilse, genk)
    for _turn in range(AN_HOUR - 1):
        perform(invite_colleague, installation(), ilse.id, job.id)
    with pytest.raises(TooManyError):
        perform(invite_colleague, installation(), ilse.id, job.id)
    with pytest.raises(TooManyError):
        added(world, ilse, genk)
    assert len([mail for mail in inbox.mails_to("nele@genk.test") if "voegde u toe" in mail.subject]) <= AN_HOUR
