"""An applicant asks for access: proof of the address, refusals before sending, limits, the same request twice."""

import uuid
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from broker.access.access_request import AccessRequest
from broker.access.confirm_request_email import confirm_request_email, refuse_confirmation
from broker.access.expire_requests import expire_request, forget_unproved, overdue_requests
from broker.access.follow_request import follow_request
from broker.access.submit_request import ProposedOrganisation, Submission, submit_request
from broker.access.task import Task
from broker.access.withdraw_request import withdraw_request
from broker.audit import AuditEvent
from broker.database import perform
from broker.errors import ConflictError, InvalidError, NotFoundError, TooManyError
from broker.people.one_time_link import CONFIRM_EMAIL
from tests.worlds.world import LB_ENTERER, LB_READER

EA_ENTERER = "CJM_Cultuurmonitor_EA_CompEnt_Invoerder"


def _typed(organisation, number="85073099833", email="nele@voorbeeld.test", **more):
    values = {
        "submission_id": uuid.uuid4(),
        "entitlement_code": LB_ENTERER,
        "given_name": "Nele",
        "family_name": "Vercauteren",
        "email": email,
        "number": number,
        "organisation_id": organisation.id,
        "source": "192.0.2.7",
    }
    return Submission(**(values | more))


def _count(session, model):
    return session.scalar(select(func.count()).select_from(model))


def test_a_typed_address_is_proved_before_anybody_else_is_bothered(world, session, inbox):
    organisation = world.organisation("Genk")
    administrator = world.administrator_of(organisation)
    submitted = perform(submit_request, world.installation, _typed(organisation))
    assert submitted.to_prove
    assert _count(session, Task) == 0
    assert inbox.mails_to(administrator.email) == []
    perform(confirm_request_email, world.installation, world.link_token(submitted.request_id))
    assert world.fresh(AccessRequest, submitted.request_id).status == "open"
    assert len(inbox.mails_to(administrator.email)) == 1


def test_the_mail_that_asks_for_proof_holds_nothing_the_applicant_typed(world, inbox):
    """SR1: not a spam relay: no posted string in any body or header but the address itself."""
    organisation = world.organisation("Genk")
    perform(
        submit_request,
        world.installation,
        _typed(
            organisation,
            given_name="KOOPNU",
            family_name="GRATISPILLEN",
            answers={"message": "klikhier", "centre": "VALSHUIS"},
        ),
    )
    mail = inbox.last_to("nele@voorbeeld.test")
    written = mail.message.as_string() + mail.text + mail.html
    for typed in ("KOOPNU", "GRATISPILLEN", "klikhier", "VALSHUIS", "85073099833"):
        assert typed not in written


def test_five_hundred_posts_send_one_mail_to_an_address(world, inbox):
    """SR1: one per address per quarter of an hour, however it is spelled (EP3); ten an hour per source."""
    organisation = world.organisation("Genk")
    refused = 0
    for n in range(40):
        try:
            perform(
                submit_request,
                world.installation,
                _typed(organisation, email=f"Nele+{n}@voorbeeld.test", source=f"192.0.2.{n % 2}"),
            )
        except TooManyError:
            refused += 1
    assert len([mail for mail in inbox.mails if "voorbeeld.test" in mail.to]) == 1
    assert refused == 20


def test_whoever_did_not_ask_is_left_alone_for_thirty_days(world, inbox, clock):
    """SR1: "I did not ask" suppresses the address."""
    organisation = world.organisation("Genk")
    submitted = perform(submit_request, world.installation, _typed(organisation))
    perform(refuse_confirmation, world.installation, world.link_token(submitted.request_id))
    assert world.fresh(AccessRequest, submitted.request_id).status == "cancelled"
    clock.shift(timedelta(days=2))
    perform(submit_request, world.installation, _typed(organisation))
    assert len(inbox.mails_to("nele@voorbeeld.test")) == 1
    clock.shift(timedelta(days=29))
    perform(submit_request, world.installation, _typed(organisation))
    assert len(inbox.mails_to("nele@voorbeeld.test")) == 2


def test_a_confirmation_link_works_once_and_not_after_a_day(world, clock):
    """TL4, EP1: consumed by the button, run out by the clock."""
    organisation = world.organisation("Genk")
    first = perform(submit_request, world.installation, _typed(organisation))
    token = world.link_token(first.request_id)
    perform(confirm_request_email, world.installation, token)
    with pytest.raises(NotFoundError):
        perform(confirm_request_email, world.installation, token)
    second = perform(submit_request, world.installation, _typed(organisation, email="ander@voorbeeld.test"))
    late = world.link_token(second.request_id)
    clock.shift(timedelta(hours=25))
    with pytest.raises(NotFoundError):
        perform(confirm_request_email, world.installation, late)


def test_what_was_never_proved_is_forgotten_after_a_day(world, session, clock):
    """SR8: unproved rows do not pile up."""
    submitted = perform(submit_request, world.installation, _typed(world.organisation("Genk")))
    clock.shift(timedelta(hours=23))
    assert perform(forget_unproved) == 0
    clock.shift(timedelta(hours=2))
    assert perform(forget_unproved) == 1
    assert session.get(AccessRequest, submitted.request_id) is None


def test_proving_an_address_never_makes_it_the_address_of_an_existing_person(world):
    """EP2: the proof counts for that request only, and signs nobody in."""
    victim = world.person("Sofie Aerts", number="85073099833", email="sofie@voorbeeld.test")
    organisation = world.organisation("Genk")
    world.typed_request(organisation, number="85073099833", email="dief@voorbeeld.test")
    assert world.fresh(type(victim), victim.id).email == "sofie@voorbeeld.test"


def test_the_address_in_a_request_becomes_a_persons_own_only_in_their_own_session(world):
    """EP2, OA6: a victim who presses the button does not give the asker, whose digital key it was, that address."""
    genk, asker = world.organisation("Genk"), world.person(email=None)
    asked = world.request(asker, genk, email="slachtoffer@voorbeeld.test", prove=False)
    token = world.link_token(asked.id)
    perform(confirm_request_email, world.installation, token, world.person().id)
    assert world.fresh(AccessRequest, asked.id).status == "open"
    assert world.fresh(type(asker), asker.id).email is None
    own = world.request(asker, world.organisation("Aalst"), email="asker@voorbeeld.test", prove=False)
    perform(confirm_request_email, world.installation, world.link_token(own.id), asker.id)
    assert world.fresh(type(asker), asker.id).proved_email == "asker@voorbeeld.test"


def test_who_is_up_says_the_same_whoever_has_the_typed_number(world, session, inbox):
    """SR4: typing the number of the only administrator does not show that it is theirs."""
    genk = world.organisation("Genk")
    world.officer_of("LB", "gemeente")
    world.administrator_of(genk, person=world.person("Ilse Maes", number="85073099833"))
    told = []
    for number, email in (("85073099833", "een@voorbeeld.test"), ("79041299989", "twee@voorbeeld.test")):
        request = world.typed_request(genk, number=number, email=email)
        story = follow_request(session, world.installation, request.number)
        line = next(line for line in inbox.last_to(email).text.splitlines() if line.startswith("Aan zet"))
        told.append((story.title.nl, story.up.nl, line))
        session.rollback()
    assert told[0] == told[1]


def test_somebody_signed_in_cannot_have_us_mail_to_any_number_of_addresses(world, inbox):
    """SR1: unproved requests count as well for whoever came by digital key."""
    genk, nele = world.organisation("Genk"), world.person(email=None)
    refused = 0
    for n in range(8):
        try:
            perform(
                submit_request,
                world.installation,
                _typed(genk, person_id=nele.id, number=None, email=f"slachtoffer{n}@voorbeeld.test"),
            )
        except TooManyError:
            refused += 1
    assert (len([mail for mail in inbox.mails if "slachtoffer" in mail.to]), refused) == (5, 3)


def test_a_typed_number_learns_nothing_and_the_person_is_told(world, statements, inbox):
    """SR4: the same answer and the same statements for a known and an unknown number; the owner is told."""
    organisation = world.organisation("Genk")
    known = world.person("Sofie Aerts", number="85073099833", email="sofie@voorbeeld.test", works_for=organisation)
    world.grant(known, organisation, "raadpleger")
    with statements() as about_known:
        one = perform(submit_request, world.installation, _typed(organisation))
    with statements() as about_unknown:
        other = perform(
            submit_request, world.installation, _typed(organisation, number="79041299989", email="ander@voorbeeld.test")
        )
    assert (one.to_prove, one.repeated) == (other.to_prove, other.repeated)
    assert len(about_known) == len(about_unknown)
    perform(confirm_request_email, world.installation, world.link_token(one.request_id))
    assert "naam" in inbox.last_to("sofie@voorbeeld.test").text


def test_sending_the_same_form_twice_gives_the_first_request_back(world, session):
    organisation = world.organisation("Genk")
    submission = _typed(organisation)
    first = perform(submit_request, world.installation, submission)
    second = perform(submit_request, world.installation, submission)
    assert (second.request_id, second.repeated) == (first.request_id, True)
    assert _count(session, AccessRequest) == 1


def test_the_same_form_with_another_address_is_another_request(world, session, inbox):
    """Back button: a mistyped address put right gets its mail; and a form id of somebody else's opens nothing."""
    first = _typed(world.organisation("Genk"), email="fuot@voorbeeld.test")
    one = perform(submit_request, world.installation, first)
    other = perform(submit_request, world.installation, replace(first, email="juist@voorbeeld.test"))
    assert (other.repeated, other.number == one.number) == (False, False)
    assert len(inbox.mails_to("juist@voorbeeld.test")) == 1
    assert _count(session, AccessRequest) == 2


def test_the_same_request_of_somebody_signed_in_gives_the_first_one_back(world, session):
    nele, genk = world.person("Nele Vercauteren"), world.organisation("Genk")
    first = world.request(nele, genk)
    again = world.request(nele, genk)
    assert again.id == first.id
    assert _count(session, Task) == 1


def test_the_same_typed_request_gives_the_first_one_back_only_behind_the_proved_address(world, session, inbox, clock):
    """SR4: nothing is told before the address is proved; then the first request comes back, and its link is mailed anew."""
    genk = world.organisation("Genk")
    first = world.typed_request(genk, number="85073099833", email="nele@voorbeeld.test")
    clock.shift(timedelta(minutes=16))
    submitted = perform(submit_request, world.installation, _typed(genk))
    assert (submitted.to_prove, submitted.repeated) == (True, False)
    confirmed = perform(confirm_request_email, world.installation, world.link_token(submitted.request_id))
    assert (confirmed.request_id, confirmed.repeated) == (first.id, True)
    assert _count(session, Task) == 1
    assert first.number in inbox.last_to("nele@voorbeeld.test").text


def test_already_having_the_right_is_refused_before_sending(world):
    genk = world.organisation("Genk")
    tom = world.person("Tom Bogaert", works_for=genk)
    world.grant(tom, genk, "raadpleger")
    with pytest.raises(ConflictError) as refused:
        world.request(tom, genk, entitlement=LB_READER)
    assert refused.value.code == "already"


def test_having_the_other_role_is_refused_with_a_way_to_change(world):
    """Seed 002: "een gebruiker kan slechts één gebruikersrol hebben"."""
    genk = world.organisation("Genk")
    tom = world.person("Tom Bogaert", works_for=genk)
    old = world.grant(tom, genk, "raadpleger")
    with pytest.raises(ConflictError) as refused:
        world.request(tom, genk, entitlement=LB_ENTERER)
    assert refused.value.code == "one_role"
    assert "maar één rol" in refused.value.text.nl
    changed = world.request(tom, genk, entitlement=LB_ENTERER, change_of_role=True)
    assert changed.replaces_grant_id == old.id


def test_without_an_administrator_the_request_is_kept_and_goes_to_the_officer(world, session, inbox):
    aalst = world.organisation("Aalst")
    officer = world.officer_of("LB", "gemeente")
    request = world.request(world.person(), aalst)
    assert request.status == "open"
    story = follow_request(session, world.installation, request.number)
    assert "doelgroepverantwoordelijke" in story.up.nl
    assert len(inbox.mails_to(officer.email)) == 1


def test_an_administrator_without_an_address_counts_as_none(world, session, inbox):
    aalst = world.organisation("Aalst")
    world.administrator_of(aalst, person=world.person("Zonder Mail", email=None))
    officer = world.officer_of("LB", "gemeente")
    world.request(world.person(), aalst)
    assert len(inbox.mails_to(officer.email)) == 1


def test_nobody_at_all_means_the_operator_is_told(world, inbox):
    world.request(world.person(), world.organisation("Aalst"))
    assert len(inbox.mails_to(world.installation.settings.operator_email)) == 1


def test_an_organisation_of_another_kind_is_refused(world):
    """SR6: target group and type are re-derived from the entitlement code."""
    with pytest.raises(InvalidError) as refused:
        world.request(
            world.person(), world.organisation("Cultuurhuis", kind="economische_actor"), entitlement=LB_ENTERER
        )
    assert "organisation" in refused.value.fields


def test_an_unlisted_organisation_goes_to_the_officer_of_its_kind(world, session, inbox):
    """Seed-sentences M1: kept, and one task for the officer."""
    officer = world.officer_of("EA", "economische_actor")
    proposal = ProposedOrganisation("0999000228", "De Nieuwe Zaal", "Markt 1, 3600 Genk", "An Peeters, directeur")
    request = world.request(world.person(), proposal=proposal, entitlement=EA_ENTERER)
    task = session.scalars(select(Task)).one()
    assert (task.kind, task.pool_key) == ("admission", "officer:EA:economische_actor")
    assert "De Nieuwe Zaal" not in inbox.last_to(officer.email).text  # SR7: typed text stays out of mails
    assert follow_request(session, world.installation, request.number).title.nl.startswith("Wacht op toelating")


def test_two_unlisted_organisations_are_two_requests(world, session):
    """Seed-sentences M1: what has no organisation yet is not the same request for that."""
    world.officer_of("EA", "economische_actor")
    an = world.person("An Peeters")
    first, other = (
        world.request(
            an, proposal=ProposedOrganisation(kbo, name, "Markt 1, 3600 Genk", "An Peeters"), entitlement=EA_ENTERER
        )
        for kbo, name in (("0999000228", "De Nieuwe Zaal"), ("0999000327", "De Oude Zaal"))
    )
    again = world.request(
        an,
        proposal=ProposedOrganisation("0999000228", "De Nieuwe Zaal", "Markt 1, 3600 Genk", "An Peeters"),
        entitlement=EA_ENTERER,
    )
    assert (first.id == other.id, again.id == first.id) == (False, True)


def test_an_applicant_has_at_most_three_open_requests_in_an_application(world):
    """SR2: one proved mailbox cannot flood the administrators."""
    nele = world.person()
    for name in ("Genk", "Aalst", "Gent"):
        world.request(nele, world.organisation(name))
    with pytest.raises(TooManyError):
        world.request(nele, world.organisation("Brugge"))


def test_a_busy_hour_in_one_pool_becomes_one_digest(world, inbox):
    """SR2: thirty applicants, eleven mails: ten and a digest."""
    genk = world.organisation("Genk")
    administrator = world.administrator_of(genk)
    for _ in range(14):
        world.request(world.person(), genk)
    mails = inbox.mails_to(administrator.email)
    assert len(mails) == 11


def test_the_number_of_a_request_counts_nothing_and_opens_nothing(world, session):
    """TL2: random, and without link or sign-in it is a 404 (see tests/web)."""
    one, other = world.request(), world.request()
    assert one.number[:8] == "PW-2026-"
    assert one.number != other.number


def test_withdrawing_closes_the_task_and_cannot_be_done_twice(world, session):
    request = world.request()
    perform(withdraw_request, world.installation, request.id)
    task = session.scalars(select(Task).where(Task.request_id == request.id)).one()
    assert (task.close_reason, world.fresh(AccessRequest, request.id).status) == ("withdrawn", "withdrawn")
    with pytest.raises(ConflictError):
        perform(withdraw_request, world.installation, request.id)


def test_a_request_that_nobody_decides_expires_after_thirty_working_days(world, session, clock, inbox):
    request = world.request(applicant := world.person())
    clock.shift(timedelta(days=30))
    assert overdue_requests(session) == []
    session.rollback()
    clock.shift(timedelta(days=20))
    assert overdue_requests(session) == [request.id]
    session.rollback()
    perform(expire_request, world.installation, request.id)
    story = follow_request(session, world.installation, request.number)
    assert story.title.nl == "Vervallen"
    assert len(inbox.mails_to(applicant.email)) == 2


def test_every_step_is_an_event_and_no_event_holds_a_number(world, session):
    """AU4: ids and codes only."""
    world.typed_request(world.organisation("Genk"), number="85073099833", email="nele@voorbeeld.test")
    events = session.scalars(select(AuditEvent)).all()
    assert {"access:request:start", "access:request:submit", "access:task:open"} <= {e.name for e in events}
    for event in events:
        assert "850730" not in str(event.details)
        assert "@" not in str(event.details)


def test_the_tracking_link_is_for_its_own_request_only(world, session):
    """TL2: another kind of link, another request, or a touched token opens nothing."""
    submitted = perform(submit_request, world.installation, _typed(world.organisation("Genk")))
    token = world.link_token(submitted.request_id, CONFIRM_EMAIL)
    with pytest.raises(NotFoundError):
        perform(confirm_request_email, world.installation, token[:-2] + ("AA" if token[-2:] != "AA" else "BB"))


def test_a_second_mail_to_an_address_waits_its_turn_and_does_leave(world, inbox, clock):
    """SR1: fifteen minutes apart, and nobody waits for a mail that never comes."""
    genk = world.organisation("Genk")
    for right in (LB_ENTERER, LB_READER):
        perform(submit_request, world.installation, _typed(genk, entitlement_code=right))
    assert len(inbox.mails_to("nele@voorbeeld.test")) == 1
    clock.shift(timedelta(minutes=16))
    assert len(inbox.mails_to("nele@voorbeeld.test")) == 2


def test_the_whole_house_sends_five_hundred_confirmations_an_hour_and_no_more(world, inbox, session, monkeypatch):
    """SR1: the global breaker."""
    monkeypatch.setattr("broker.access.request_limits.CONFIRMATIONS_AN_HOUR", 3)
    genk = world.organisation("Genk")
    for n in range(5):
        perform(
            submit_request, world.installation, _typed(genk, email=f"iemand{n}@voorbeeld.test", source=f"192.0.2.{n}")
        )
    assert len([mail for mail in inbox.mails if mail.to.startswith("iemand")]) == 3
    held = session.scalars(select(AuditEvent).where(AuditEvent.name == "access:request:hold_mail")).all()
    assert len(held) == 2
