"""Somebody with a local account gives another e-mail address; it counts once the link sent there was used (threats PW6, DG8)."""

import logging
from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from broker import clock as broker_clock
from broker.access.suppressed_address import suppress
from broker.audit import AuditEvent
from broker.authentication import forgotten_password
from broker.authentication.confirm_email_change import confirm_email_change
from broker.authentication.lapse_email_changes import lapse_email_changes
from broker.authentication.set_password import set_password
from broker.database import perform
from broker.errors import NotFoundError
from broker.installation import installation
from broker.people.affiliation import Affiliation
from broker.people.email_change import EmailChange
from broker.people.end_local_account import LEFT, end_local_account
from broker.people.find_local_account import accounts_to_recover
from broker.people.identifiers import email_for_limits
from broker.people.local_account import LocalAccount
from broker.people.one_time_link import PROVE_EMAIL
from broker.people.person import Person
from broker.retention.own_data import own_data
from tests.local_accounts.conftest import DEVICE, Member, events
from tests.worlds.at_once import at_once
from tests.worlds.client import Client
from tests.worlds.statements import Statements
from tests.worlds.world import World

PAGE = "/mijn-profiel/e-mailadres"
LINK_PAGE = "/link/e-mailadres"
OLD = "sanne.bakker@voorbeeld.test"
NEW = "sanne@nieuw.test"


def ask(member: Member, address: str = NEW, password: str | None = None) -> TestResponse:
    """The form, filled in and sent."""
    page = member.client.get(PAGE)
    present = member.password if password is None else password
    return member.client.submit(page, {"email": address, "huidig": present}, form=PAGE)


def link_to(member: Member, address: str = NEW) -> str:
    """The path in the mail that asked for the proof."""
    return member.inbox.last_to(address).path


def open_link(browser: Client, path: str) -> TestResponse:
    """What somebody sees who clicks on it."""
    assert browser.get(path).location == LINK_PAGE
    return browser.get(LINK_PAGE)


def prove(browser: Client, path: str) -> TestResponse:
    """Click on it, and press the button."""
    page = open_link(browser, path)
    return browser.submit(page, form=LINK_PAGE) if page.status_code == 200 else page


def address_of(world: World, member: Member) -> tuple[str | None, str | None]:
    person = world.fresh(Person, member.person.id)
    return person.email, person.email_source


def test_from_the_profile_to_the_proof_in_another_browser(
    app: Flask, member: Member, world: World, session: Session
) -> None:
    """Seed 004, Mijn profiel: the address is proved again."""
    genk = world.organisation("Genk")
    at_own, elsewhere = (
        world.affiliation(member.person, genk, email=OLD, email_source="entered"),
        world.affiliation(member.person, world.organisation("Hasselt"), email="sanne@hasselt.test"),
    )
    member.sign_in()
    assert OLD in member.client.get("/mijn-profiel").text
    assert ask(member).location == "/mijn-profiel#account"
    profile = member.client.get("/mijn-profiel").text
    assert "Kijk in de mailbox van het nieuwe adres." in profile
    assert f"Een ander e-mailadres wacht: {NEW}" in profile
    assert address_of(world, member) == (OLD, "proved"), "not before the link"
    asked = member.inbox.last_to(NEW)
    assert asked.subject == "Bevestig uw nieuwe e-mailadres"
    assert "Sanne" not in asked.text, "it may be a stranger's address"
    assert "sanne.bakker" not in asked.text
    anybody = app.test_client()
    for _ in range(3):
        page = open_link(anybody, asked.path)
    assert member.account.user_name in page.text
    assert NEW in page.text
    assert address_of(world, member) == (OLD, "proved"), "a mail scanner opens links"
    done = anybody.submit(page, form=LINK_PAGE)
    assert done.status_code == 200
    assert "Uw e-mailadres is gewijzigd" in done.text
    assert address_of(world, member) == (NEW, "proved")
    moved, stayed = world.fresh(Affiliation, at_own.id), world.fresh(Affiliation, elsewhere.id)
    assert (moved.email, moved.email_source) == (NEW, "proved")
    assert stayed.email == "sanne@hasselt.test"
    told = member.inbox.last_to(OLD)
    assert told.subject == "Uw e-mailadres is gewijzigd"
    assert "s•••@nieuw.test" in told.text
    assert NEW not in told.text
    assert "een lokale beheerder van Genk, Hasselt" in told.text
    assert member.signed_in, "sessions stay"
    after = member.client.get("/mijn-profiel").text
    assert NEW in after
    assert "e-mailadres wacht" not in after
    assert len(events(session, "authentication:email:ask")) == 1
    assert len(events(session, "authentication:email:take")) == 1


def test_the_password_is_asked_for_and_what_was_typed_stays(member: Member, session: Session) -> None:
    member.sign_in()
    answer = ask(member, password="verkeerd")
    assert answer.status_code == 422
    assert "Dit wachtwoord klopt niet." in answer.text
    assert f'value="{NEW}"' in answer.text
    assert "Vul uw wachtwoord in" in ask(member, password="").text
    assert session.scalars(select(EmailChange)).all() == []


def test_no_address_and_the_present_one_are_said_at_the_field(member: Member, session: Session) -> None:
    member.sign_in()
    wrong = ask(member, "geen adres")
    assert wrong.status_code == 422
    assert "Vul een volledig e-mailadres in" in wrong.text
    assert 'value="geen adres"' in wrong.text
    same = ask(member, "Sanne.Bakker@Voorbeeld.test")
    assert same.status_code == 422
    assert "Dit is het adres dat er al staat." in same.text
    assert session.scalars(select(EmailChange)).all() == []


def test_a_remembered_device_or_an_old_sign_in_does_not_change_the_address(
    member: Member, clock: time_machine.Traveller, session: Session
) -> None:
    """PW6: a stolen laptop with a password that is known."""
    member.sign_in(onthoud="1")
    page = member.client.get(PAGE)
    clock.shift(timedelta(minutes=20))
    for answer in (
        member.client.get(PAGE),
        member.client.submit(page, {"email": NEW, "huidig": member.password}, form=PAGE),
    ):
        assert answer.status_code == 303
        assert "niveau=25" in answer.location
        assert "vers=1" in answer.location
    member.client.delete_cookie("poortwachter-sessie")
    assert member.type_password().location == "/mijn-profiel"
    assert member.client.get(PAGE).status_code == 303
    assert session.scalars(select(EmailChange)).all() == []


def test_who_signed_in_with_a_digital_key_has_no_such_page(world: World, client: Client) -> None:
    world.sign_in(client, world.person())
    assert client.get(PAGE).status_code == 404
    token = client.csrf_token("/mijn-profiel")
    assert client.post(PAGE, data={"csrf_token": token, "email": NEW, "huidig": "x"}).status_code == 404


def test_a_second_address_replaces_the_first_and_its_link_is_dead(app: Flask, member: Member, world: World) -> None:
    member.sign_in()
    ask(member, "mistikt@nieuw.test")
    first = link_to(member, "mistikt@nieuw.test")
    ask(member)
    stranger = prove(app.test_client(), first)
    assert stranger.status_code == 410
    assert 'href="/mijn-profiel/e-mailadres"' in stranger.text, "where to ask again"
    assert "mistikt" not in stranger.text
    assert address_of(world, member) == (OLD, "proved")
    assert prove(app.test_client(), link_to(member)).status_code == 200
    assert address_of(world, member) == (NEW, "proved")


def test_the_link_works_once(app: Flask, member: Member) -> None:
    member.sign_in()
    ask(member)
    link, browser = link_to(member), app.test_client()
    page = open_link(browser, link)
    assert browser.submit(page, form=LINK_PAGE).status_code == 200
    assert browser.submit(page, form=LINK_PAGE).status_code == 404, "the cookie went with it"
    assert open_link(browser, link).status_code == 410
    assert browser.submit(page, form=LINK_PAGE).status_code == 410


def test_at_the_edge_of_the_day_the_link_works_until_the_moment_itself(
    app: Flask, member: Member, world: World, still_clock: time_machine.Traveller
) -> None:
    member.sign_in()
    ask(member)
    link, browser = link_to(member), app.test_client()
    still_clock.shift(timedelta(hours=24, microseconds=-1))
    page = open_link(browser, link)
    assert page.status_code == 200
    still_clock.shift(timedelta(microseconds=1))
    assert browser.submit(page, form=LINK_PAGE).status_code == 410, "also with the page still open"
    assert address_of(world, member) == (OLD, "proved")


def test_after_its_day_the_address_is_forgotten(
    member: Member, world: World, clock: time_machine.Traveller, session: Session
) -> None:
    member.sign_in()
    ask(member)
    clock.shift(timedelta(hours=23))
    assert perform(lapse_email_changes) == 0
    clock.shift(timedelta(hours=2))
    assert perform(lapse_email_changes) == 1
    assert perform(lapse_email_changes) == 0
    (change,) = session.scalars(select(EmailChange))
    assert (change.outcome, change.address_sealed) == ("lapsed", None)
    assert address_of(world, member) == (OLD, "proved")


def test_no_worker_is_needed_for_the_profile_to_say_that_nothing_waits(
    member: Member, clock: time_machine.Traveller
) -> None:
    member.sign_in()
    ask(member)
    clock.shift(timedelta(hours=25))
    member.client.delete_cookie("poortwachter-sessie")
    member.sign_in()
    assert "e-mailadres wacht" not in member.client.get("/mijn-profiel").text


def test_confirmed_twice_at_once_it_counts_once(app: Flask, member: Member, world: World, session: Session) -> None:
    member.sign_in()
    ask(member)
    (change,) = session.scalars(select(EmailChange.id))
    session.rollback()
    token = world.link_token(change, PROVE_EMAIL)
    came = at_once(app, *[lambda: perform(confirm_email_change, installation(), token)] * 2)
    assert sorted(came) == ["done", "link_over"]
    assert address_of(world, member) == (NEW, "proved")
    assert len(events(session, "authentication:email:take")) == 1
    assert [each.subject for each in member.inbox.mails_to(OLD)].count("Uw e-mailadres is gewijzigd") == 1


def test_asked_twice_at_once_one_waits(
    member: Member, another_browser: Callable[[], Member], app: Flask, session: Session
) -> None:
    """Each in a browser of its own, as the cookie of a page is one browser's."""
    other = another_browser()
    member.sign_in()
    other.sign_in()
    at_once(app, lambda: ask(member), lambda: ask(other, "sanne@anders.test"))
    session.rollback()
    outcomes = session.scalars(select(EmailChange.outcome)).all()
    assert sorted(map(str, outcomes)) == ["None", "replaced"]


def test_a_forgotten_password_goes_to_the_new_address_and_no_longer_to_the_old(app: Flask, member: Member) -> None:
    """DG8. A link that was on its way to the old one is dead."""
    stranger = app.test_client()

    def forget(typed: str) -> None:
        page = stranger.get("/aanmelden/account/vergeten")
        stranger.submit(page, {"gebruikersnaam": typed}, form="/vergeten")
        member.inbox.deliver()

    forget(OLD)
    dead = member.inbox.last_to(OLD)
    assert dead.subject == "Kies een nieuw wachtwoord"
    member.sign_in()
    ask(member)
    prove(app.test_client(), link_to(member))
    stranger.get(dead.path)
    assert stranger.get("/link/wachtwoord").status_code == 410
    before = len(member.inbox.mails_to(OLD))
    forget(OLD)
    assert len(member.inbox.mails_to(OLD)) == before
    assert member.inbox.last_to(NEW).subject == "Bevestig uw nieuwe e-mailadres"


def test_after_a_while_a_forgotten_password_is_sent_to_the_new_address(
    app: Flask, member: Member, clock: time_machine.Traveller
) -> None:
    member.sign_in()
    ask(member)
    prove(app.test_client(), link_to(member))
    clock.shift(timedelta(hours=2))
    stranger = app.test_client()
    for typed in (OLD, NEW):
        stranger.submit(stranger.get("/aanmelden/account/vergeten"), {"gebruikersnaam": typed}, form="/vergeten")
    assert "Kies een nieuw wachtwoord" not in [each.subject for each in member.inbox.mails_to(OLD)]
    assert member.inbox.last_to(NEW).subject == "Kies een nieuw wachtwoord"


def test_a_password_link_asked_at_the_same_moment_is_of_no_use_at_the_old_address(
    app: Flask, member: Member, world: World, session: Session
) -> None:
    """DG8: whichever comes first, nobody sets a password with what arrived there."""
    member.sign_in()
    ask(member)
    (change,) = session.scalars(select(EmailChange.id))
    session.rollback()
    token = world.link_token(change, PROVE_EMAIL)
    came = at_once(
        app,
        lambda: perform(forgotten_password.send_password_links, member.account.user_name),
        lambda: perform(confirm_email_change, installation(), token),
    )
    assert came == ["done", "done"]
    for mail in member.inbox.mails_to(OLD):
        if mail.subject == "Kies een nieuw wachtwoord":
            app.test_client().get(mail.path)
            with pytest.raises(NotFoundError):
                perform(set_password, installation(), mail.path.rpartition("/")[2], "x")


@pytest.mark.parametrize("typed", ["sanne.bakker", OLD], ids=["user name", "old address"])
def test_a_link_that_is_made_while_the_address_changes_never_goes_to_the_old_one(
    app: Flask, member: Member, monkeypatch: pytest.MonkeyPatch, typed: str
) -> None:
    """DG8: what was read before the lock is read again after it. To the new one, for whoever typed what names it still."""

    def found_just_before(session: Session, wanted: str) -> list[tuple[LocalAccount, Person]]:
        found = accounts_to_recover(session, wanted)
        proved = update(Person).where(Person.id == member.person.id).values(email=NEW)
        session.execute(proved.execution_options(synchronize_session=False))
        return found

    monkeypatch.setattr(forgotten_password, "accounts_to_recover", found_just_before)
    perform(forgotten_password.send_password_links, typed)
    asked = [each.to for each in member.inbox.mails if each.subject == "Kies een nieuw wachtwoord"]
    assert asked == ([NEW] if typed == "sanne.bakker" else [])


def test_a_sign_in_half_done_begins_anew(
    app: Flask, member: Member, another_browser: Callable[[], Member], world: World
) -> None:
    member.sign_in()
    ask(member)
    half = another_browser()
    assert half.type_password().location == "/aanmelden/account/code"
    prove(app.test_client(), link_to(member))
    assert half.client.get("/aanmelden/account/code").status_code == 303
    assert not half.signed_in
    assert half.sign_in().status_code == 303
    assert half.signed_in


def test_another_password_ends_what_waits(
    app: Flask, member: Member, world: World, clock: time_machine.Traveller, session: Session
) -> None:
    """PW7: somebody at an open screen gave an address of their own; the owner sees it, and chooses another password."""
    member.sign_in()
    ask(member, "dief@elders.test")
    link = link_to(member, "dief@elders.test")
    page, wanted = member.client.get("/mijn-profiel/wachtwoord"), "Groene-Olifanten-9-Vliegen"
    typed = {"huidig": member.password, "wachtwoord": wanted, "herhaald": wanted}
    assert member.client.submit(page, typed, form="/mijn-profiel/wachtwoord").status_code == 303
    assert prove(app.test_client(), link).status_code == 410
    assert address_of(world, member) == (OLD, "proved")
    assert session.scalars(select(EmailChange.outcome)).all() == ["password_set"]


def test_an_account_that_ends_lets_nothing_wait(app: Flask, member: Member, world: World, session: Session) -> None:
    member.sign_in()
    ask(member)
    link = link_to(member)
    perform(end_local_account, member.person.id, LEFT)
    assert prove(app.test_client(), link).status_code == 410
    assert address_of(world, member) == (OLD, "proved")
    (change,) = session.scalars(select(EmailChange))
    assert (change.outcome, change.address_sealed) == ("account_ended", None)


def test_an_address_that_asked_to_be_left_alone_gets_nothing_and_the_page_says_the_same(
    member: Member, world: World
) -> None:
    """SR1: nobody learns here who pressed "I did not ask for this"."""
    key = installation().keys.private_hash(email_for_limits(NEW), "limits")
    perform(suppress, key)
    member.sign_in()
    assert ask(member).location == "/mijn-profiel#account"
    assert "Kijk in de mailbox van het nieuwe adres." in member.client.get("/mijn-profiel").text
    assert member.inbox.mails_to(NEW) == []
    assert address_of(world, member) == (OLD, "proved")


def test_an_address_of_somebody_else_is_answered_the_same_and_touches_nothing_of_theirs(
    app: Flask, member: Member, world: World
) -> None:
    """PW3: nobody learns here who has an account."""
    stranger = world.person("Nele Vercauteren", email=NEW)
    member.sign_in()
    assert ask(member).location == "/mijn-profiel#account"
    assert "Kijk in de mailbox van het nieuwe adres." in member.client.get("/mijn-profiel").text
    assert prove(app.test_client(), link_to(member)).status_code == 200
    after = world.fresh(Person, stranger.id)
    assert (after.email, after.email_source, after.given_name) == (NEW, stranger.email_source, "Nele")
    assert address_of(world, member) == (NEW, "proved")


def test_a_job_that_is_over_keeps_the_address_it_had(app: Flask, member: Member, world: World) -> None:
    over = world.affiliation(
        member.person, world.organisation("Genk"), email=OLD, ended_at=broker_clock.now(), end_reason="left"
    )
    long_ago = broker_clock.now() - timedelta(days=30)
    run_out = world.affiliation(
        member.person,
        world.organisation("Gent"),
        email=OLD,
        valid_from=long_ago,
        valid_until=long_ago + timedelta(days=10),
    )
    colleague = world.affiliation(world.person("Tom Bogaert"), world.organisation("Hasselt"), email=OLD)
    member.sign_in()
    ask(member)
    assert prove(app.test_client(), link_to(member)).status_code == 200
    assert address_of(world, member) == (NEW, "proved")
    assert world.fresh(Affiliation, over.id).email == OLD
    assert world.fresh(Affiliation, run_out.id).email == OLD
    assert world.fresh(Affiliation, colleague.id).email == OLD


def test_it_is_asked_five_times_a_day_at_most(member: Member, clock: time_machine.Traveller) -> None:
    member.sign_in()
    for n in range(5):
        assert ask(member, f"sanne{n}@nieuw.test").status_code == 303
    refused = ask(member)
    assert refused.status_code == 429
    assert "Probeer het morgen opnieuw." in refused.text
    assert f'value="{NEW}"' in refused.text
    clock.shift(timedelta(hours=25))
    member.client.delete_cookie("poortwachter-sessie")
    member.client.delete_cookie(DEVICE)
    member.sign_in()
    assert ask(member).status_code == 303


def test_the_link_of_something_else_or_none_opens_nothing(app: Flask, member: Member) -> None:
    nobody = app.test_client()
    assert nobody.get(LINK_PAGE).status_code == 404
    other = member.inbox.last_to(OLD).path.rpartition("/")[2]
    nobody.set_cookie("poortwachter-e-mailadres", other, path=LINK_PAGE)
    assert nobody.get(LINK_PAGE).status_code == 404


def test_the_address_stands_nowhere_readable_and_goes_when_it_is_over(
    app: Flask, member: Member, session: Session, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    member.sign_in()
    ask(member)
    (change,) = session.scalars(select(EmailChange))
    assert NEW not in (change.address_sealed or "")
    session.rollback()
    mine = str(own_data(session, member.person.id))
    assert "other_email_addresses_asked" in mine
    assert NEW not in mine
    prove(app.test_client(), link_to(member))
    session.rollback()
    session.refresh(change)
    assert (change.outcome, change.address_sealed) == ("taken", None)
    assert not [each for each in session.scalars(select(AuditEvent)) if "nieuw.test" in str(each.details)]
    assert "nieuw.test" not in caplog.text


def test_the_pages_cost_a_dozen_statements_at_most(app: Flask, member: Member, statements: Statements) -> None:
    member.sign_in()
    with statements() as form:
        assert member.client.get(PAGE).status_code == 200
    assert len(form) <= 12, form
    ask(member)
    anybody = app.test_client()
    anybody.get(link_to(member))
    with statements() as page:
        assert anybody.get(LINK_PAGE).status_code == 200
    assert len(page) <= 12, page
