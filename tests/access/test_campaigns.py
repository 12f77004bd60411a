"""Recertification (lifecycles §12): once a year each administrator confirms the rights of their organisation; what nobody confirms
ends or is kept as the policy says. Nobody confirms their own right (threats rule 6)."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from threading import Barrier, Thread
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.exc import DatabaseError, IntegrityError
from sqlalchemy.orm import Session

from broker.access.campaign import CampaignItem, RecertificationCampaign
from broker.access.campaign_progress import campaign_progress, overseen, rounds
from broker.access.close_campaign import campaigns_due, close_campaign
from broker.access.confirm_rights import Confirmation, Confirmed, confirm_rights
from broker.access.grant import Grant
from broker.access.list_campaigns import list_campaigns
from broker.access.open_campaign import open_campaign
from broker.access.show_campaign import show_campaign, still_to_confirm
from broker.audit import AuditEvent
from broker.clock import last_day, local_date
from broker.database import changing_session, db, perform
from broker.errors import BusyError, ConflictError, ForbiddenError, InvalidError, NotFoundError
from broker.installation import installation
from broker.people.mandate import APPLICATION_OWNER, Mandate, application_scope
from broker.people.organisation import Organisation
from broker.people.person import Person
from broker.standing_jobs import close_due_campaigns, follow_campaigns
from broker.working_days import working_days_between
from tests.access.changed_policies import under, with_application
from tests.worlds.inbox import Inbox
from tests.worlds.statements import Statements
from tests.worlds.world import World

APPLICATION = "cultuurmonitor"
BRUSSELS = ZoneInfo("Europe/Brussels")


def opened(place: Organisation, period: str = "2026", **policy: Any) -> RecertificationCampaign:
    """The campaign of one organisation, open; with `policy` as that of another policy."""
    usual = installation().catalogue.applications[APPLICATION].recertification
    assert usual is not None
    other = with_application(installation().catalogue, recertification=replace(usual, **policy))
    perform(open_campaign, under(installation(), other), place.id, APPLICATION, period)
    return campaign_of(place, period)


def campaign_of(place: Organisation, period: str = "2026") -> RecertificationCampaign:
    """The campaign as it is now."""
    db.session.rollback()
    found = db.session.scalars(
        select(RecertificationCampaign).where(
            RecertificationCampaign.organisation_id == place.id, RecertificationCampaign.period == period
        )
    ).one()
    db.session.expunge(found)
    db.session.rollback()
    return found


def confirm(
    actor: Person, campaign: RecertificationCampaign, *people: Person, keep: bool = True, reason: str = ""
) -> Confirmed:
    """Keep or end the rights of `people`; of everybody left where none are named."""
    ids = tuple(each.id for each in people) or None
    return perform(confirm_rights, installation(), actor.id, Confirmation(campaign.id, ids, keep, reason))


def outcomes(campaign: RecertificationCampaign) -> dict[str, int]:
    """How many items of each outcome."""
    db.session.rollback()
    found: dict[str, int] = {}
    for outcome in db.session.scalars(select(CampaignItem.outcome).where(CampaignItem.campaign_id == campaign.id)):
        found[outcome or "open"] = found.get(outcome or "open", 0) + 1
    db.session.rollback()
    return found


def owner_of(world: World, application: str = APPLICATION, name: str = "Wim Baert") -> Person:
    """An owner of the application."""
    person = world.person(name)
    with changing_session() as session, session.begin():
        session.add(
            Mandate(
                person_id=person.id,
                kind=APPLICATION_OWNER,
                scope_key=application_scope(application),
                application_code=application,
                valid_from=person.created_at,
            )
        )
    return person


# Who may not, and what cannot be


def test_nobody_confirms_their_own_right(world: World, session: Session) -> None:
    """DG1: alone it is refused; among others it stays for a colleague."""
    genk = world.organisation()
    ilse, karim = world.administrator_of(genk), world.administrator_of(genk, "Karim Benali")
    own, other = world.grant(ilse, genk), world.grant(world.person(), genk)
    campaign = opened(genk)
    for keep in (True, False):
        with pytest.raises(ForbiddenError) as refused:
            confirm(ilse, campaign, ilse, keep=keep, reason="Weg.")
        assert refused.value.code == "not_for_yourself"
    assert confirm(ilse, campaign) == Confirmed(changed=1, own=1)
    assert session.scalar(select(CampaignItem.outcome).where(CampaignItem.grant_id == other.id)) == "kept"
    session.rollback()
    assert confirm(karim, campaign, ilse) == Confirmed(changed=1, own=0)
    assert session.get_one(Grant, own.id).ended_at is None


def test_ones_second_identity_is_oneself(world: World) -> None:
    """ID1: the same proved address is the same human, in a list of many as well."""
    genk = world.organisation()
    ilse = world.administrator_of(genk)
    twin = world.person("I. Maes", email=ilse.email)
    world.grant(twin, genk)
    campaign = opened(genk)
    with pytest.raises(ForbiddenError):
        confirm(ilse, campaign)
    assert outcomes(campaign) == {"open": 1}


def test_the_database_itself_refuses_an_item_confirmed_by_its_holder(world: World) -> None:
    genk = world.organisation()
    nele = world.person()
    world.grant(nele, genk)
    campaign = opened(genk)
    by_herself = {"outcome": "kept", "decided_by": nele.id, "decided_at": campaign.opened_at}
    with pytest.raises(IntegrityError):
        perform(rewrite, campaign, by_herself)


def rewrite(session: Session, campaign: RecertificationCampaign, values: dict[str, Any]) -> None:
    """Change the items of a campaign directly."""
    session.execute(update(CampaignItem).where(CampaignItem.campaign_id == campaign.id).values(values))


def test_what_was_confirmed_stays_confirmed(world: World) -> None:
    """A trigger holds it, whoever asks."""
    genk = world.organisation()
    ilse = world.administrator_of(genk)
    world.grant(world.person(), genk)
    campaign = opened(genk)
    confirm(ilse, campaign)
    with pytest.raises(DatabaseError):
        perform(rewrite, campaign, {"outcome": "ended"})


def test_another_organisation_does_not_exist(world: World, session: Session) -> None:
    """ID2: the same answer as no campaign at all, for every page and operation."""
    genk = world.organisation()
    world.administrator_of(genk)
    world.grant(world.person(), genk)
    campaign = opened(genk)
    stranger = world.administrator_of(world.organisation("Gent"), "Karim Benali")
    with pytest.raises(NotFoundError):
        confirm(stranger, campaign)
    with pytest.raises(NotFoundError):
        show_campaign(session, installation().catalogue, stranger.id, campaign.id, only_open=False)
    with pytest.raises(NotFoundError):
        still_to_confirm(session, stranger.id, campaign.id, None)
    assert list_campaigns(session, stranger.id).lines == []


def test_somebody_dismissed_since_confirms_nothing(world: World) -> None:
    """Rule 4, ID4: the mandate is read again."""
    genk = world.organisation()
    ilse = world.administrator_of(genk)
    world.grant(world.person(), genk)
    campaign = opened(genk)
    with changing_session() as changing, changing.begin():
        mandate = changing.scalars(select(Mandate).where(Mandate.person_id == ilse.id)).one()
        mandate.ended_at, mandate.end_reason = campaign.opened_at, "dismissed"
    with pytest.raises(NotFoundError):
        confirm(ilse, campaign)


def test_an_end_needs_a_reason_and_somebody_must_be_chosen(world: World) -> None:
    genk = world.organisation()
    ilse = world.administrator_of(genk)
    world.grant(world.person(), genk)
    campaign = opened(genk)
    with pytest.raises(InvalidError) as refused:
        confirm(ilse, campaign, keep=False, reason=" ")
    assert refused.value.code == "reason_missing"
    with pytest.raises(InvalidError):
        perform(confirm_rights, installation(), ilse.id, Confirmation(campaign.id, (), keep=True))
    assert outcomes(campaign) == {"open": 1}


def test_after_its_day_nothing_can_be_confirmed_even_before_it_is_closed(
    world: World, clock: time_machine.Traveller
) -> None:
    genk = world.organisation()
    ilse = world.administrator_of(genk)
    world.grant(world.person(), genk)
    campaign = opened(genk)
    clock.move_to(campaign.due_at)
    with pytest.raises(ConflictError) as refused:
        confirm(ilse, campaign)
    assert refused.value.code == "campaign_over"


# Opening


def test_the_worker_opens_in_the_month_of_the_policy_once_and_tells_every_administrator(
    world: World, inbox: Inbox, session: Session, clock: time_machine.Traveller
) -> None:
    genk, gent = world.organisation("Genk"), world.organisation("Gent")
    ilse, karim = world.administrator_of(genk), world.administrator_of(genk, "Karim Benali")
    for _ in range(3):
        world.grant(world.person(), genk)
    world.administrator_of(gent, "An Baert")
    follow_campaigns()
    assert session.scalars(select(RecertificationCampaign)).all() == []
    session.rollback()
    clock.move_to(datetime(2027, 3, 1, 8, tzinfo=BRUSSELS))
    for _ in range(3):
        follow_campaigns()
    (campaign,) = session.scalars(select(RecertificationCampaign)).all()
    assert (campaign.organisation_id, campaign.period, campaign.unconfirmed) == (genk.id, "2027", "keep")
    assert working_days_between(local_date(campaign.opened_at), last_day(campaign.due_at)) == 30
    for administrator in (ilse, karim):
        (mail,) = [each for each in inbox.mails_to(str(administrator.email)) if "Bevestig" in each.subject]
        assert mail.subject == "Bevestig bij Genk 3 rechten"
        assert f"/nazicht/{campaign.id}" in mail.path


def test_what_has_ended_is_not_asked(world: World, clock: time_machine.Traveller) -> None:
    genk = world.organisation()
    world.administrator_of(genk)
    world.grant(world.person(), genk, valid_until=campaign_now() + timedelta(days=3))
    world.grant(world.person(), genk)
    clock.shift(timedelta(days=4))
    assert outcomes(opened(genk)) == {"open": 1}


def campaign_now() -> datetime:
    """The instant of the one clock."""
    return datetime.now(BRUSSELS)


def test_opening_the_same_period_at_the_same_moment_gives_one_campaign(
    app: Flask, world: World, session: Session
) -> None:
    genk = world.organisation()
    world.administrator_of(genk)
    for _ in range(5):
        world.grant(world.person(), genk)
    both = Barrier(2)
    counts: list[int] = []

    def run() -> None:
        with app.app_context():
            both.wait()
            counts.append(perform(open_campaign, installation(), genk.id, APPLICATION, "2026"))

    threads = [Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(counts) == [0, 5]
    assert len(session.scalars(select(CampaignItem.id)).all()) == 5


def test_without_anybody_who_can_confirm_the_operator_hears_of_it(world: World, inbox: Inbox) -> None:
    genk = world.organisation()
    world.grant(world.person(), genk)
    opened(genk)
    inbox.deliver()
    operator = installation().settings.operator_email
    assert any("bevestigd worden" in each.text for each in inbox.mails_to(operator))


# Confirming


def test_kept_rights_go_on_and_ended_ones_stop_at_once_and_are_told_why(
    world: World, inbox: Inbox, session: Session
) -> None:
    genk = world.organisation()
    ilse, nele, tom = world.administrator_of(genk), world.person(), world.person("Tom Bogaert")
    kept, gone = world.grant(nele, genk), world.grant(tom, genk)
    campaign = opened(genk)
    assert confirm(ilse, campaign, nele) == Confirmed(1, 0)
    assert confirm(ilse, campaign, tom, keep=False, reason="Tom werkt nu in Gent.") == Confirmed(1, 0)
    ended = session.get_one(Grant, gone.id)
    assert (ended.ended_by, ended.end_reason) == (ilse.id, "ended_by_administrator")
    assert session.get_one(Grant, kept.id).ended_at is None
    assert "Tom werkt nu in Gent." in inbox.last_to(str(tom.email)).text
    assert not [each for each in inbox.mails_to(str(nele.email)) if "beëindigd" in each.subject]
    assert "beëindigd" in inbox.last_to("ccinc@vlaanderen.be").text
    names = {
        event.name: event.subject_id
        for event in session.scalars(select(AuditEvent).where(AuditEvent.name.like("access:campaign:%")))
    }
    assert (names["access:campaign:keep"], names["access:campaign:end"]) == (kept.id, gone.id)
    assert outcomes(campaign) == {"kept": 1, "ended": 1}


def test_a_right_that_ended_meanwhile_is_done_by_itself(world: World, session: Session) -> None:
    """Lifecycles §12: done by derivation."""
    genk = world.organisation()
    ilse, nele = world.administrator_of(genk), world.person()
    grant = world.grant(nele, genk)
    campaign = opened(genk)
    with changing_session() as changing, changing.begin():
        row = changing.get_one(Grant, grant.id)
        row.ended_at, row.end_reason = campaign.opened_at + timedelta(seconds=1), "given_back"
    (line,) = list_campaigns(session, ilse.id).lines
    assert (line.rights, line.left, line.done) == (1, 0, 1)
    session.rollback()
    assert confirm(ilse, campaign, nele) == Confirmed(0, 0)


def test_the_right_of_the_only_administrator_is_for_the_officer_and_nothing_else_is(
    world: World, inbox: Inbox, session: Session
) -> None:
    """Decisions 9: another administrator, else the officer."""
    genk = world.organisation()
    ilse, nele = world.administrator_of(genk), world.person()
    lies = world.officer_of("LB", "gemeente")
    world.grant(ilse, genk)
    other = world.grant(nele, genk)
    campaign = opened(genk)
    inbox.deliver()
    assert "doelgroepverantwoordelijke" in inbox.last_to(str(lies.email)).text
    (line,) = list_campaigns(session, lies.id).lines
    assert (line.in_place, line.left) == (True, 1)
    page = show_campaign(session, installation().catalogue, lies.id, campaign.id, only_open=False)
    assert [each.name for each in page.people] == ["Ilse Maes"]
    session.rollback()
    assert confirm(lies, campaign, nele) == Confirmed(0, 0)
    assert confirm(lies, campaign) == Confirmed(1, 0)
    assert session.scalar(select(CampaignItem.outcome).where(CampaignItem.grant_id == other.id)) is None
    session.rollback()
    world.administrator_of(genk, "Karim Benali")
    with pytest.raises(NotFoundError):
        confirm(lies, campaign)


def test_of_two_administrators_at_once_one_decides_and_the_other_finds_it_done(
    app: Flask, world: World, session: Session
) -> None:
    genk = world.organisation()
    ilse, karim = world.administrator_of(genk), world.administrator_of(genk, "Karim Benali")
    nele = world.person()
    grant = world.grant(nele, genk)
    campaign = opened(genk)
    both = Barrier(2)
    results: list[object] = []

    def run(doing: Callable[[], Confirmed]) -> None:
        with app.app_context():
            both.wait()
            try:
                results.append(doing().changed)
            except (ConflictError, BusyError) as error:
                results.append(error.code)

    threads = [
        Thread(target=run, args=(lambda: confirm(ilse, campaign, nele, keep=False, reason="Weg."),)),
        Thread(target=run, args=(lambda: confirm(karim, campaign, nele),)),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results, key=str) == [0, 1]
    ended = session.get_one(Grant, grant.id).ended_at is not None
    assert outcomes(campaign) == {"ended" if ended else "kept": 1}


# Reminders and closing


def test_who_confirms_is_reminded_halfway_and_five_working_days_before_and_each_time_once(
    world: World, inbox: Inbox, clock: time_machine.Traveller
) -> None:
    genk = world.organisation()
    ilse = world.administrator_of(genk)
    world.grant(world.person(), genk)
    world.grant(world.person(), genk)
    campaign = opened(genk)
    start, counted = local_date(campaign.opened_at), []
    for number in (14, 15, 24, 25, 29):
        day = campaign.opened_at
        while working_days_between(start, local_date(day)) < number:
            day += timedelta(days=1)
        clock.move_to(day)
        follow_campaigns()
        follow_campaigns()
        counted.append(len([each for each in inbox.mails_to(str(ilse.email)) if "Herinnering" in each.subject]))
    assert counted == [0, 1, 1, 2, 2]
    assert "nog 2 rechten" in inbox.last_to(str(ilse.email)).subject


def test_nobody_is_reminded_of_what_is_all_confirmed(world: World, inbox: Inbox, clock: time_machine.Traveller) -> None:
    genk = world.organisation()
    ilse = world.administrator_of(genk)
    world.grant(world.person(), genk)
    campaign = opened(genk)
    confirm(ilse, campaign)
    clock.move_to(campaign.due_at - timedelta(days=2))
    follow_campaigns()
    assert not [each for each in inbox.mails_to(str(ilse.email)) if "Herinnering" in each.subject]


@pytest.mark.parametrize("unconfirmed", ["end", "keep"])
def test_what_nobody_confirmed_ends_or_is_kept_as_the_policy_said(
    world: World, inbox: Inbox, session: Session, clock: time_machine.Traveller, unconfirmed: str
) -> None:
    genk = world.organisation()
    ilse, nele, tom = world.administrator_of(genk), world.person(), world.person("Tom Bogaert")
    confirmed, left = world.grant(nele, genk), world.grant(tom, genk)
    campaign = opened(genk, unconfirmed=unconfirmed)
    confirm(ilse, campaign, nele)
    clock.move_to(campaign.due_at - timedelta(minutes=1))
    assert close_due_campaigns() == 0
    clock.move_to(campaign.due_at + timedelta(seconds=1))
    follow_campaigns()
    follow_campaigns()
    assert session.get_one(Grant, confirmed.id).ended_at is None
    over = session.get_one(Grant, left.id)
    assert over.end_reason == ("not_confirmed" if unconfirmed == "end" else None)
    assert outcomes(campaign) == {"kept": 1, "by_policy": 1}
    assert campaign_of(genk).closed_at is not None
    told = [each.text for each in inbox.mails_to(str(tom.email)) if "beëindigd" in each.subject]
    assert len(told) == (unconfirmed == "end")
    if told:
        assert "Niemand van uw organisatie bevestigde op tijd" in told[0]
    assert "afgesloten" in inbox.last_to(str(ilse.email)).subject


def test_closing_that_was_cut_off_is_taken_up_again(
    world: World, session: Session, clock: time_machine.Traveller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("broker.access.close_campaign.AT_ONCE", 2)
    genk = world.organisation()
    world.administrator_of(genk)
    for _ in range(5):
        world.grant(world.person(), genk)
    campaign = opened(genk, unconfirmed="end")
    clock.move_to(campaign.due_at + timedelta(minutes=1))
    assert perform(close_campaign, installation(), campaign.id) is False
    assert outcomes(campaign) == {"by_policy": 2, "open": 3}
    assert campaigns_due(session) == [campaign.id]
    session.rollback()
    assert close_due_campaigns() == 1
    assert outcomes(campaign) == {"by_policy": 5}
    assert session.scalars(select(Grant.id).where(Grant.ended_at.is_(None))).all() == []


def test_a_policy_that_changes_meanwhile_changes_nothing_of_an_open_campaign(
    world: World, session: Session, clock: time_machine.Traveller
) -> None:
    """What administrators were told holds."""
    genk = world.organisation()
    world.administrator_of(genk)
    grant = world.grant(world.person(), genk)
    campaign = opened(genk, unconfirmed="end", days=10)
    clock.move_to(campaign.due_at + timedelta(minutes=1))
    close_due_campaigns()  # under the policy of the repository, which keeps
    assert session.get_one(Grant, grant.id).end_reason == "not_confirmed"


# Progress


def test_the_owner_sees_how_far_each_organisation_is_in_their_application_only(world: World, session: Session) -> None:
    for name, confirmed in (("Genk", True), ("Gent", False)):
        place = world.organisation(name)
        administrator = world.administrator_of(place, f"An {name}")
        world.grant(world.person(), place)
        world.grant(world.person(), place)
        campaign = opened(place)
        if confirmed:
            confirm(administrator, campaign)
    mine = overseen(session, owner_of(world).id)
    assert mine is not None
    (found,) = rounds(session, mine)
    assert (found.organisations, found.complete, found.rights, found.left) == (2, 1, 4, 2)
    page = campaign_progress(session, [mine])
    assert [(line.organisation_name, line.kept, line.left) for line in page.lines] == [("Genk", 2, 0), ("Gent", 0, 2)]
    page = campaign_progress(session, [mine], unfinished=True)
    assert [line.organisation_name for line in page.lines] == ["Gent"]
    session.rollback()
    elsewhere = overseen(session, owner_of(world, "jeugdmonitor", "Piet Smet").id)
    assert elsewhere is not None
    assert rounds(session, elsewhere) == []
    assert overseen(session, world.person("Niemand Hier").id) is None


# Size


def test_every_page_costs_the_same_with_many_people_as_with_few(
    world: World, session: Session, statements: Statements
) -> None:
    genk = world.organisation()
    ilse = world.administrator_of(genk)
    lies = world.officer_of("LB", "gemeente")
    counted = []
    for year in ("2026", "2027"):
        for _ in range(30):
            world.grant(world.person(), genk)
        campaign = opened(genk, year)
        costs = []
        for doing in (
            lambda: list_campaigns(session, ilse.id),
            lambda: list_campaigns(session, lies.id),
            lambda: show_campaign(session, installation().catalogue, ilse.id, campaign.id, only_open=True),  # noqa: B023
            lambda: still_to_confirm(session, ilse.id, campaign.id, None),  # noqa: B023
        ):
            session.rollback()
            with statements() as seen:
                doing()
            costs.append(len(seen))
        counted.append(costs)
    assert counted[0] == counted[1]
    assert max(counted[0]) <= 7


def test_pages_follow_each_other_by_name_without_gap_or_repeat(world: World, session: Session) -> None:
    genk = world.organisation()
    ilse = world.administrator_of(genk)
    for number in range(57):
        world.grant(world.person(f"An Janssens{number % 5}"), genk)
    campaign = opened(genk)
    catalogue = installation().catalogue
    first = show_campaign(session, catalogue, ilse.id, campaign.id, only_open=True)
    second = show_campaign(session, catalogue, ilse.id, campaign.id, only_open=True, after=first.next_key)
    assert (len(first.people), len(second.people), second.next_key) == (50, 7, None)
    assert len({each.person_id for each in [*first.people, *second.people]}) == 57
