"""A task that nobody touches is told of again, then the officer may decide it too: by working days, once each (lifecycles §2)."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from broker.access.claim_task import claim_task
from broker.access.decide_request import decide_request
from broker.access.decision import Decision
from broker.access.list_tasks import list_tasks
from broker.access.task import Task
from broker.audit import AuditEvent
from broker.clock import local_date
from broker.database import perform
from broker.errors import NotFoundError
from broker.installation import installation
from broker.standing_jobs import remind_of_waiting_tasks
from broker.working_days import working_days_ago, working_days_between
from tests.worlds.inbox import Inbox
from tests.worlds.world import World

BRUSSELS = ZoneInfo("Europe/Brussels")


def working_day(number: int) -> datetime:
    """Noon of the so manyeth working day after Tuesday 17 November 2026, on which each test begins."""
    day = datetime(2026, 11, 17, 12, tzinfo=BRUSSELS)
    while working_days_between(date(2026, 11, 17), day.date()) < number:
        day += timedelta(days=1)
    return day


def reminders(inbox: Inbox) -> list[str]:
    """To whom the reminders went that left now."""
    inbox.deliver()
    return sorted(mail.to for mail in inbox.mails if mail.subject.startswith("Herinnering"))


@settings(deadline=None)  # the first call reads the holidays of the year
@given(st.integers(0, 40), st.integers(1, 30))
def test_a_day_lies_before_the_limit_when_so_many_working_days_have_passed(days: int, count: int) -> None:
    now = datetime(2026, 12, 28, 15, tzinfo=BRUSSELS)
    then = now - timedelta(days=days)
    passed = working_days_between(local_date(then), local_date(now)) >= count
    assert (then < working_days_ago(now, count)) == passed


def test_every_administrator_is_reminded_after_three_and_after_seven_working_days(
    world: World, inbox: Inbox, session: Session, clock: time_machine.Traveller
) -> None:
    genk = world.organisation()
    ilse, karim = world.administrator_of(genk, "Ilse Maes"), world.administrator_of(genk, "Karim Benali")
    world.request(world.person(), genk)
    both = sorted([str(ilse.email), str(karim.email)])
    for number, expected in ((2, []), (3, both), (6, both), (7, [*both, *both]), (13, [*both, *both])):
        clock.move_to(working_day(number))
        remind_of_waiting_tasks()
        remind_of_waiting_tasks()
        assert reminders(inbox) == sorted(expected), number
    events = session.scalars(select(AuditEvent).where(AuditEvent.name == "access:task:remind")).all()
    assert sorted(event.details["number"] for event in events) == [1, 2]


def test_a_task_that_somebody_took_on_is_left_alone(world: World, inbox: Inbox, clock: time_machine.Traveller) -> None:
    genk = world.organisation()
    ilse = world.administrator_of(genk)
    task = world.task(world.request(world.person(), genk))
    clock.move_to(working_day(3))
    perform(claim_task, installation(), ilse.id, task.id)
    remind_of_waiting_tasks()
    assert reminders(inbox) == []


def test_a_worker_that_slept_sends_one_reminder_not_two(
    world: World, inbox: Inbox, session: Session, clock: time_machine.Traveller
) -> None:
    genk = world.organisation()
    ilse = world.administrator_of(genk)
    task = world.task(world.request(world.person(), genk))
    clock.move_to(working_day(9))
    remind_of_waiting_tasks()
    assert reminders(inbox) == [ilse.email]
    assert session.get_one(Task, task.id).reminders == 2


def test_many_waiting_tasks_are_one_mail_a_day(world: World, inbox: Inbox, clock: time_machine.Traveller) -> None:
    genk = world.organisation()
    ilse = world.administrator_of(genk)
    for _ in range(5):
        world.request(world.person(), genk)
    inbox.deliver()
    before = len(inbox.mails)
    clock.move_to(working_day(3))
    remind_of_waiting_tasks()
    inbox.deliver()
    new = inbox.mails[before:]
    assert [mail.to for mail in new] == [ilse.email]
    assert "5" in new[0].subject


def test_after_fourteen_working_days_the_officer_may_decide_too_and_the_administrator_still_may(
    world: World, inbox: Inbox, session: Session, clock: time_machine.Traveller
) -> None:
    genk = world.organisation()
    ilse = world.administrator_of(genk)
    marc = world.officer_of("LB", "gemeente", "Marc Claes")
    task = world.task(world.request(world.person(), genk))
    clock.move_to(working_day(13))
    remind_of_waiting_tasks()
    with pytest.raises(NotFoundError):
        perform(decide_request, installation(), marc.id, Decision(task.id, approve=True))
    clock.move_to(working_day(14))
    remind_of_waiting_tasks()
    remind_of_waiting_tasks()
    inbox.deliver()
    told = [mail for mail in inbox.mails if mail.to == marc.email]
    assert len(told) == 1
    assert "Genk" in told[0].subject
    page = list_tasks(session, installation().catalogue, marc.id)
    assert page is not None
    assert [(line.task_id, line.in_place, line.escalated) for line in page.lines] == [(task.id, True, True)]
    mine = list_tasks(session, installation().catalogue, ilse.id)
    assert mine is not None
    assert [line.task_id for line in mine.lines] == [task.id]
    perform(decide_request, installation(), marc.id, Decision(task.id, approve=True))
    decided = session.get_one(Task, task.id)
    assert (decided.decision, decided.in_place_of_administrator) == ("approved", True)


def test_without_an_officer_the_operator_hears_of_it(world: World, inbox: Inbox, clock: time_machine.Traveller) -> None:
    genk = world.organisation()
    world.administrator_of(genk)
    world.request(world.person(), genk)
    clock.move_to(working_day(14))
    remind_of_waiting_tasks()
    inbox.deliver()
    assert any("verantwoordelijke" in mail.text for mail in inbox.mails if mail.to == operator())


def operator() -> str:
    """Whom the settings name."""
    return installation().settings.operator_email


def test_a_decided_task_is_never_told_of_again(
    world: World, inbox: Inbox, session: Session, clock: time_machine.Traveller
) -> None:
    genk = world.organisation()
    ilse = world.administrator_of(genk)
    task = world.task(world.request(world.person(), genk))
    perform(decide_request, installation(), ilse.id, Decision(task.id, approve=True))
    clock.move_to(working_day(15))
    remind_of_waiting_tasks()
    assert reminders(inbox) == []
    assert session.get_one(Task, task.id).escalated_at is None
