"""An administrator gives an account another mobile number: after a day, told at once, and stopped by a word (threats PW6)."""

import re
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from broker.authentication.plan_phone_change import NumberAsked, plan_phone_change
from broker.authentication.stop_phone_change import refuse_own, withdraw_phone_change
from broker.authentication.take_phone_change import due_phone_changes, take_phone_change
from broker.catalogue import Catalogue, PasswordPolicy
from broker.database import perform
from broker.errors import ConflictError, DomainError, ForbiddenError, InvalidError, NotFoundError, TooManyError
from broker.installation import Installation, installation
from broker.people.affiliation import Affiliation
from broker.people.organisation import Organisation
from broker.people.person import Person
from broker.people.phone_change import PhoneChange
from broker.retention.own_data import own_data
from tests.local_accounts.conftest import NUMBER, Member, events
from tests.worlds.at_once import at_once
from tests.worlds.client import Client
from tests.worlds.world import World

NEW_NUMBER = "+31612345678"
WANTED = NumberAsked("06 12 34 56 78", "Haar toestel is gestolen.")


@dataclass
class Desk:
    """An administrator of the organisation that Sanne works for, in a browser of their own."""

    client: Client
    administrator: Person
    organisation: Organisation
    job: Affiliation

    @property
    def page(self) -> str:
        """Sanne's page at the desk."""
        return f"/mensen/{self.job.id}"

    def plan(self, asked: NumberAsked = WANTED) -> None:
        """Ask for the other number, without the page."""
        perform(plan_phone_change, installation(), self.administrator.id, self.job.id, asked)


@pytest.fixture
def desk(app: Flask, world: World, member: Member) -> Desk:
    """Ilse of Genk, signed in; Sanne works there."""
    genk = world.organisation("Genk")
    administrator = world.administrator_of(genk)
    job = world.affiliation(member.person, genk)
    browser = app.test_client()
    world.sign_in(browser, administrator)
    return Desk(browser, administrator, genk, job)


def settle() -> int:
    """What the standing job does."""
    from broker.database import db

    found = due_phone_changes(db.session())
    db.session.rollback()
    return sum(perform(take_phone_change, installation(), each) for each in found)


def number_of(world: World, member: Member) -> tuple[str | None, str | None]:
    person = world.fresh(Person, member.person.id)
    return person.phone, person.phone_source


def test_from_the_form_to_the_first_sign_in_with_the_new_number(
    member: Member, desk: Desk, world: World, clock: time_machine.Traveller, session: Session
) -> None:
    """PW6."""
    member.sign_in(onthoud="1")
    shown = desk.client.get(desk.page)
    assert "04•• •• •• 18" in shown.text
    page = desk.client.get(f"{desk.page}/mobiel-nummer")
    wrong = desk.client.submit(page, {"nummer": "085 1234567", "reden": ""}, form="/mobiel-nummer")
    assert wrong.status_code == 422
    assert "Belgisch of Nederlands mobiel nummer" in wrong.text
    assert "Schrijf waarom het nummer wijzigt." in wrong.text
    assert 'value="085 1234567"' in wrong.text
    sent = desk.client.submit(page, {"nummer": WANTED.number, "reden": WANTED.reason}, form="/mobiel-nummer")
    assert sent.location == desk.page
    after = desk.client.get(desk.page).text
    assert "06 •• •• •• 78" in after
    assert "Trek dat in" in after
    told = member.inbox.last_to(member.person.email or "")
    assert told.subject == "Uw mobiel nummer wijzigt morgen"
    assert WANTED.reason in told.text
    notice = member.phone.messages[-1]
    assert notice["to"] == NUMBER
    assert "Houd het tegen" in notice["text"]
    assert not re.search("Sanne|Bakker|12345678", notice["text"]), "nothing about a person"
    own = member.client.get("/mijn-profiel").text
    assert "06 •• •• •• 78" in own
    assert "houd het tegen" in own
    clock.shift(timedelta(hours=23, minutes=50))
    assert settle() == 0
    assert number_of(world, member) == (NUMBER, "proved")
    clock.shift(timedelta(minutes=20))
    assert settle() == 1
    assert number_of(world, member) == (NEW_NUMBER, "entered")
    member.client.delete_cookie("poortwachter-sessie")
    assert member.type_password().location == "/aanmelden/account/code", "no device is remembered any more"
    assert member.phone.messages[-1]["to"] == NEW_NUMBER
    assert member.type_code().location == "/mijn-profiel"
    assert member.signed_in
    assert number_of(world, member) == (NEW_NUMBER, "proved")
    assert [each.name for each in events(session, "authentication:phone:plan")] == ["authentication:phone:plan"]
    assert len(events(session, "authentication:phone:take")) == 1


def test_at_the_edge_of_the_day_the_old_number_counts_until_the_moment_itself(
    member: Member, desk: Desk, world: World, still_clock: time_machine.Traveller
) -> None:
    desk.plan()
    still_clock.shift(timedelta(hours=24, microseconds=-1))
    assert settle() == 0
    still_clock.shift(timedelta(microseconds=1))
    assert settle() == 1
    assert settle() == 0
    assert number_of(world, member) == (NEW_NUMBER, "entered")


def test_whoever_signs_in_after_the_day_finds_the_new_number_though_no_worker_runs(
    member: Member, desk: Desk, world: World, clock: time_machine.Traveller
) -> None:
    desk.plan()
    clock.shift(timedelta(hours=25))
    assert member.type_password().location == "/aanmelden/account/code"
    assert member.phone.messages[-1]["to"] == NEW_NUMBER
    assert "06 •• •• •• 78" in member.client.get("/aanmelden/account/code").text.replace("\u00a0", " ")
    assert member.type_code().location == "/mijn-profiel"
    assert number_of(world, member) == (NEW_NUMBER, "proved")


def test_a_code_that_went_to_the_old_number_proves_nothing_of_the_new_one(
    member: Member, desk: Desk, world: World, clock: time_machine.Traveller
) -> None:
    desk.plan()
    clock.shift(timedelta(hours=23, minutes=58))
    member.type_password()
    assert member.phone.messages[-1]["to"] == NUMBER
    old_code = member.phone.code
    clock.shift(timedelta(minutes=3))
    assert member.client.get("/aanmelden/account/code").status_code == 200
    page = member.client.get("/aanmelden/account/code")
    answer = member.client.submit(page, {"code": old_code}, form="/account/code")
    assert answer.location == "/aanmelden/account", "it has to begin anew"
    assert number_of(world, member) == (NEW_NUMBER, "entered")
    assert not member.signed_in


def test_the_password_is_asked_for_all_the_same(member: Member, desk: Desk, clock: time_machine.Traveller) -> None:
    desk.plan()
    clock.shift(timedelta(hours=25))
    settle()
    assert member.type_password("verkeerd").status_code == 422
    assert not member.signed_in


def test_this_was_not_me_by_the_link_in_the_mail(
    app: Flask, member: Member, desk: Desk, world: World, clock: time_machine.Traveller, session: Session
) -> None:
    desk.plan()
    anybody = app.test_client()
    link = member.inbox.last_to(member.person.email or "").path
    for _ in range(3):
        assert anybody.get(link).location == "/link/mobiel-nummer"
    page = anybody.get("/link/mobiel-nummer")
    assert "was dit niet afgesproken" in page.text
    assert "Genk" in page.text
    assert len(due_phone_changes(session)) == 0
    assert anybody.submit(page, form="/link/mobiel-nummer").status_code == 200
    assert member.inbox.last_to(desk.administrator.email or "").subject == (
        "Sanne Bakker hield een ander mobiel nummer tegen"
    )
    anybody.get(link)
    assert anybody.get("/link/mobiel-nummer").status_code == 410
    clock.shift(timedelta(hours=25))
    assert settle() == 0
    assert number_of(world, member) == (NUMBER, "proved")
    assert len(events(session, "authentication:phone:refuse")) == 1


def test_this_was_not_me_in_mijn_profiel(
    member: Member, desk: Desk, world: World, clock: time_machine.Traveller
) -> None:
    member.sign_in()
    desk.plan()
    page = member.client.get("/mijn-profiel")
    assert member.client.submit(page, form="tegenhouden").location == "/mijn-profiel#account"
    assert "Uw mobiel nummer blijft zoals het was" in member.client.get("/mijn-profiel").text
    clock.shift(timedelta(hours=25))
    assert settle() == 0
    assert number_of(world, member) == (NUMBER, "proved")
    with pytest.raises(ConflictError):
        perform(refuse_own, member.person.id)


def test_the_administrator_withdraws_it_and_the_person_hears(
    member: Member, desk: Desk, world: World, clock: time_machine.Traveller
) -> None:
    desk.plan()
    page = desk.client.get(desk.page)
    assert desk.client.submit(page, form="/intrekken").location == desk.page
    assert "Trek dat in" not in desk.client.get(desk.page).text
    assert member.inbox.last_to(member.person.email or "").subject == "Uw mobiel nummer blijft zoals het was"
    clock.shift(timedelta(hours=25))
    assert settle() == 0
    assert number_of(world, member) == (NUMBER, "proved")


def test_after_the_moment_nothing_is_stopped_any_more(
    app: Flask, member: Member, desk: Desk, still_clock: time_machine.Traveller
) -> None:
    """Also where no worker has seen that the moment came."""
    desk.plan()
    link = member.inbox.last_to(member.person.email or "").path
    still_clock.shift(timedelta(hours=24))
    with pytest.raises(ConflictError):
        perform(withdraw_phone_change, desk.administrator.id, desk.job.id)
    with pytest.raises(ConflictError):
        perform(refuse_own, member.person.id)
    anybody = app.test_client()
    anybody.get(link)
    assert anybody.get("/link/mobiel-nummer").status_code == 410
    assert settle() == 1


def test_withdrawn_while_it_takes_effect_one_of_the_two_counts(
    app: Flask, member: Member, desk: Desk, world: World, still_clock: time_machine.Traveller, session: Session
) -> None:
    desk.plan()
    (change,) = session.scalars(select(PhoneChange.id))
    session.rollback()
    still_clock.shift(timedelta(hours=23, minutes=59, seconds=59))
    came = at_once(
        app,
        lambda: perform(withdraw_phone_change, desk.administrator.id, desk.job.id),
        lambda: perform(refuse_own, member.person.id),
        lambda: perform(take_phone_change, installation(), change),
    )
    assert sorted(came) == ["done", "done", "nothing_waits"], "one of them stopped it, and the clock did nothing"
    assert number_of(world, member) == (NUMBER, "proved")
    assert not perform(take_phone_change, installation(), change)


def test_of_two_administrators_at_once_one_is_waited_for(
    app: Flask, member: Member, desk: Desk, world: World, session: Session
) -> None:
    other = world.administrator_of(desk.organisation, "Karim Benali")
    came = at_once(
        app,
        desk.plan,
        lambda: perform(plan_phone_change, installation(), other.id, desk.job.id, WANTED),
    )
    assert sorted(came) == ["change_waits", "done"]
    session.rollback()
    assert len(session.scalars(select(PhoneChange)).all()) == 1


def test_two_workers_at_once_take_it_once(
    app: Flask, member: Member, desk: Desk, clock: time_machine.Traveller, session: Session
) -> None:
    desk.plan()
    (change,) = session.scalars(select(PhoneChange.id))
    session.rollback()
    clock.shift(timedelta(hours=25))
    at_once(app, *[lambda: perform(take_phone_change, installation(), change)] * 2)
    assert len(events(session, "authentication:phone:take")) == 1


def test_nobody_changes_their_own_number_this_way_nor_to_a_number_of_their_own(
    world: World, member: Member, desk: Desk
) -> None:
    """Threats rule 6: also a second identity is oneself."""
    with pytest.raises(InvalidError) as own:
        perform(
            plan_phone_change,
            installation(),
            world.administrator_of(desk.organisation, person=world.person("Ilse Maes", phone=NEW_NUMBER)).id,
            desk.job.id,
            WANTED,
        )
    assert own.value.code == "own_number"
    second_self = world.administrator_of(
        desk.organisation, person=world.person("Sanne Bakker", email="Sanne.Bakker+werk@voorbeeld.test")
    )
    with pytest.raises(ForbiddenError):
        perform(plan_phone_change, installation(), second_self.id, desk.job.id, WANTED)


def test_who_is_no_administrator_there_or_no_longer_changes_nothing(
    app: Flask, world: World, member: Member, desk: Desk
) -> None:
    elsewhere = world.administrator_of(world.organisation("Hasselt"))
    with pytest.raises(NotFoundError):
        perform(plan_phone_change, installation(), elsewhere.id, desk.job.id, WANTED)
    stranger = app.test_client()
    world.sign_in(stranger, elsewhere)
    assert stranger.get(f"{desk.page}/mobiel-nummer").status_code == 404
    token = stranger.csrf_token("/mensen/nieuw")
    for path in ("mobiel-nummer", "mobiel-nummer/intrekken"):
        answer = stranger.post(f"{desk.page}/{path}", data={"csrf_token": token, "nummer": WANTED.number})
        assert answer.status_code == 404, path


def test_an_old_sign_in_of_the_administrator_asks_for_the_proof_again(
    member: Member, desk: Desk, clock: time_machine.Traveller
) -> None:
    clock.shift(timedelta(minutes=20))
    away = desk.client.get(f"{desk.page}/mobiel-nummer")
    assert away.status_code == 303
    assert "vers=1" in away.location


def test_somebody_without_an_account_has_no_such_page(world: World, desk: Desk) -> None:
    job = world.affiliation(world.person("Nele Vercauteren"), desk.organisation)
    assert "Gebruikersnaam" not in desk.client.get(f"/mensen/{job.id}").text
    assert desk.client.get(f"/mensen/{job.id}/mobiel-nummer").status_code == 404


def test_it_is_asked_three_times_a_day_at_most(member: Member, desk: Desk, clock: time_machine.Traveller) -> None:
    for _ in range(3):
        desk.plan()
        perform(withdraw_phone_change, desk.administrator.id, desk.job.id)
    with pytest.raises(TooManyError):
        desk.plan()
    clock.shift(timedelta(hours=25))
    desk.plan()


def test_without_a_message_to_the_old_number_nothing_is_planned(
    app: Flask, member: Member, desk: Desk, catalogue: Catalogue, session: Session
) -> None:
    """The word to the old number counts in the budgets of all messages; the operator hears when they are used up."""
    now = installation()
    spent = replace(catalogue, passwords=PasswordPolicy(sms_a_day=1))
    Installation(now.settings, spent, now.keys).install(app)
    page = desk.client.get(f"{desk.page}/mobiel-nummer")
    answer = desk.client.submit(page, {"nummer": WANTED.number, "reden": WANTED.reason}, form="/mobiel-nummer")
    assert answer.status_code == 503
    assert "Er kan nu geen sms vertrekken" in answer.text
    assert WANTED.reason in answer.text
    assert session.scalars(select(PhoneChange)).all() == []
    assert any("policies/passwords.yaml" in mail.text for mail in member.inbox.mails)


def test_notices_are_counted_with_the_codes(app: Flask, member: Member, desk: Desk, catalogue: Catalogue) -> None:
    now = installation()
    budget = replace(catalogue, passwords=PasswordPolicy(sms_a_day=2))
    Installation(now.settings, budget, now.keys).install(app)
    desk.plan()
    member.type_password()
    assert "Er kan nu geen sms vertrekken." in member.client.get("/aanmelden/account/code").text


def test_what_the_person_proves_meanwhile_goes_before(
    member: Member, desk: Desk, world: World, clock: time_machine.Traveller, session: Session
) -> None:
    member.sign_in()
    desk.plan()
    page = member.client.get("/mijn-profiel/mobiel-nummer")
    member.client.submit(page, {"nummer": "0470 12 34 99", "huidig": member.password}, form="/mobiel-nummer")
    assert member.type_code().location == "/mijn-profiel#account"
    clock.shift(timedelta(hours=25))
    assert settle() == 0
    assert number_of(world, member) == ("+32470123499", "proved")
    assert session.scalars(select(PhoneChange.outcome)).all() == ["replaced"]


def test_the_number_and_the_reason_stand_nowhere_readable_and_go_when_it_is_over(
    member: Member, desk: Desk, world: World, session: Session, inbox_dir: object
) -> None:
    desk.plan()
    (waiting,) = session.scalars(select(PhoneChange))
    assert NEW_NUMBER not in (waiting.number_sealed or "")
    session.rollback()
    perform(withdraw_phone_change, desk.administrator.id, desk.job.id)
    over = world.fresh(PhoneChange, waiting.id)
    assert (over.number_sealed, over.reason, over.outcome) == (None, None, "withdrawn")
    for name in ("plan", "withdraw"):
        (event,) = events(session, f"authentication:phone:{name}")
        assert "12345678" not in str(event.details)
        assert event.organisation_id == desk.organisation.id
    mine = own_data(session, member.person.id)
    assert mine["local_accounts"][0]["other_numbers_asked_by_an_administrator"][0]["became"] == "withdrawn"
    assert NEW_NUMBER not in str(mine)


def test_an_account_that_ends_lets_nothing_wait(
    member: Member, desk: Desk, world: World, clock: time_machine.Traveller, session: Session
) -> None:
    from broker.people.end_local_account import LEFT, end_local_account

    desk.plan()
    perform(end_local_account, member.person.id, LEFT)
    clock.shift(timedelta(hours=25))
    assert settle() == 0
    assert number_of(world, member) == (NUMBER, "proved")


# What was mistyped, and never proved


@pytest.fixture
def invited_desk(app: Flask, world: World, invited: Member) -> Desk:
    """Ilse of Genk, signed in; Sanne was invited and has done nothing yet."""
    genk = world.organisation("Genk")
    administrator = world.administrator_of(genk)
    job = world.affiliation(invited.person, genk)
    browser = app.test_client()
    world.sign_in(browser, administrator)
    return Desk(browser, administrator, genk, job)


def correct(desk: Desk, **typed: str) -> object:
    page = desk.client.get(f"{desk.page}/mobiel-nummer")
    return desk.client.submit(page, typed, form="/mobiel-nummer")


def test_a_mistyped_number_is_corrected_at_once_and_its_codes_are_dead(
    invited: Member, invited_desk: Desk, world: World, session: Session
) -> None:
    invited.set_password(invited.password)
    assert invited.phone.messages[-1]["to"] == NUMBER
    dead = invited.phone.code
    assert "nog niet bewezen" in invited_desk.client.get(invited_desk.page).text
    assert 'name="email"' not in invited_desk.client.get(f"{invited_desk.page}/mobiel-nummer").text, "it was proved"
    assert correct(invited_desk, nummer=WANTED.number).location == invited_desk.page  # type: ignore[attr-defined]
    assert number_of(world, invited) == (NEW_NUMBER, "entered")
    begun = invited.client.get("/aanmelden/account/code")
    assert begun.status_code == 303, "what was begun with the wrong number is over"
    assert invited.inbox.last_to(invited.person.email or "").subject == "Uw mobiel nummer is verbeterd"
    assert invited.type_password().status_code == 303
    page = invited.client.get("/aanmelden/account/code")
    assert "vraag een nieuwe" in invited.client.submit(page, {"code": dead}, form="/account/code").text.lower()
    assert len(events(session, "people:local_account:correct")) == 1


def test_the_corrected_number_is_proved_as_any_other(
    invited: Member, invited_desk: Desk, world: World, clock: time_machine.Traveller
) -> None:
    correct(invited_desk, nummer=WANTED.number)
    invited.set_password(invited.password)
    assert invited.phone.messages[-1]["to"] == NEW_NUMBER
    invited.type_code()
    assert number_of(world, invited) == (NEW_NUMBER, "proved")


def test_a_mistyped_address_gets_a_new_invitation_and_the_old_link_is_dead(
    app: Flask, invited: Member, invited_desk: Desk, world: World
) -> None:
    first = invited.inbox.last_to(invited.person.email or "").path
    answer = correct(invited_desk, nummer="0470 12 34 18", email="sanne@elders.test")
    assert answer.status_code == 303  # type: ignore[attr-defined]
    second = invited.inbox.last_to("sanne@elders.test").path
    somebody = app.test_client()
    somebody.get(first)
    assert somebody.get("/link/wachtwoord").status_code == 410
    somebody.get(second)
    assert somebody.get("/link/wachtwoord").status_code == 200
    assert world.fresh(Person, invited.person.id).email_source == "entered"


@pytest.mark.parametrize("typed", ["", "089 12 34 56", "085 1234567"])
def test_a_correction_is_a_number_that_codes_are_sent_to(invited: Member, invited_desk: Desk, typed: str) -> None:
    answer = correct(invited_desk, nummer=typed, email="geen adres")
    assert answer.status_code == 422  # type: ignore[attr-defined]
    assert "Belgisch of Nederlands mobiel nummer" in answer.text  # type: ignore[attr-defined]
    assert "geen adres" in answer.text  # type: ignore[attr-defined]


def test_what_was_proved_meanwhile_is_not_corrected_but_waits_a_day(member: Member, desk: Desk, world: World) -> None:
    from broker.authentication.correct_invited import CorrectedContact, correct_invited

    with pytest.raises(ConflictError):
        perform(correct_invited, installation(), desk.administrator.id, desk.job.id, CorrectedContact(WANTED.number))
    with pytest.raises(DomainError):
        desk.plan(NumberAsked(NUMBER, "Zomaar."))
    assert number_of(world, member) == (NUMBER, "proved")


def test_nothing_waits_for_somebody_who_proved_nothing(invited: Member, invited_desk: Desk) -> None:
    with pytest.raises(ConflictError) as refused:
        invited_desk.plan()
    assert refused.value.code == "nothing_proved"
