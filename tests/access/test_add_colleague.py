"""Somebody is added by number: one answer for known and new, and nothing starts before that very person signs in (DG2, DG6)."""

from collections.abc import Callable
from datetime import timedelta
from threading import Barrier, Thread

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from broker import clock as broker_clock
from broker.access.add_colleague import NewColleague, add_colleague
from broker.access.change_contact import WorkContact, change_contact
from broker.access.change_last_day import LastDay, change_last_day
from broker.access.end_right import end_right
from broker.access.explain_direct import DirectGrant
from broker.access.follow_names_at_work import follow_names_at_work
from broker.access.give_right import give_right
from broker.access.grant import Grant
from broker.access.list_rights import RightFilter, list_rights
from broker.access.live_rights import grant_is_active
from broker.audit import AuditEvent
from broker.database import perform
from broker.errors import BusyError, ForbiddenError, InvalidError, NotFoundError, TooManyError
from broker.installation import installation
from broker.notifications import OutboxMessage
from broker.people.affiliation import Affiliation
from broker.people.link_identity import LinkOutcome, UpstreamIdentity, link_identity
from broker.people.list_administrators import administrators_of
from broker.people.living_mandates import living_mandates
from broker.people.look_up import A_DAY, AN_HOUR, LookUp, forget_look_ups, look_up, look_ups_left
from broker.people.name_deputy import NewDeputy, name_deputy
from broker.people.organisation import Organisation
from broker.people.person import Person
from broker.people.person_number import PersonNumber
from tests.worlds.inbox import Inbox
from tests.worlds.statements import Statements
from tests.worlds.world import World


def colleague(number: str, **more: str) -> NewColleague:
    """Somebody as an administrator types them."""
    typed = {"given_name": "Nele", "family_name": "Vercauteren", "number": number, "email": "nele@genk.test"} | more
    return NewColleague(**typed)


def add(actor: Person, place: Organisation, new: NewColleague) -> Affiliation:
    return perform(add_colleague, installation(), actor.id, place.id, new)


def find(actor: Person, place: Organisation, number: str) -> bool:
    return perform(look_up, installation(), actor.id, place, number) is not None


def give(actor: Person, job: Affiliation) -> Grant:
    wish = DirectGrant(job.organisation_id, job.person_id, "cultuurmonitor", "invoerder", "cultuurcentra")
    return perform(give_right, installation(), actor.id, wish).grant


def signs_in(number: str, name: str = "Nele Vercauteren") -> LinkOutcome:
    """Somebody with this number signs in with a digital key that says this name."""
    given, _, family = name.partition(" ")
    identity = UpstreamIdentity(
        provider_code="itsme",
        issuer="http://localhost:8004/itsme",
        subject=f"subject-of-{number}",
        given_name=given,
        family_name=family,
        number=number,
        level=27,
    )
    outcome = perform(link_identity, installation(), identity)
    if outcome.state == "matched":
        perform(follow_names_at_work, installation(), outcome.person_id)
    return outcome


def test_somebody_new_is_added_and_told(world: World, inbox: Inbox, session: Session) -> None:
    """DG2: told by whom, at the address that the administrator typed, as there is no other."""
    genk = world.organisation()
    ilse = world.administrator_of(genk)
    job = add(ilse, genk, colleague(world.number()))
    person = session.get_one(Person, job.person_id)
    assert (person.state, person.full_name, person.name_source) == ("unlinked", "Nele Vercauteren", "entered")
    assert (job.email, job.email_source, job.entered_by) == ("nele@genk.test", "entered", ilse.id)
    mail = inbox.last_to("nele@genk.test")
    assert "Genk voegde u toe" in mail.subject


def test_known_or_new_is_the_same_answer(world: World, inbox: Inbox, session: Session) -> None:
    """DG2: the name that was typed stays; the person hears of it at their own address, never at one that was typed."""
    genk, gent = world.organisation("Genk"), world.organisation("Gent")
    ilse, number = world.administrator_of(genk), world.number()
    known = world.person("Nele Van Elders", number=number, works_for=gent)
    shown = []
    for typed in (colleague(number), colleague(world.number(), email="anders@genk.test")):
        job = add(ilse, genk, typed)
        give(ilse, job)
        page = list_rights(session, installation().catalogue, ilse.id)
        assert page is not None
        shown.append([(line.person_name, line.state) for line in page.lines if line.state != "active"][-1])
        session.rollback()
    assert shown[0] == shown[1] == ("Nele Vercauteren", "waiting_for_identity")
    assert inbox.mails_to("nele@genk.test") == []
    assert "Genk voegde u toe" in [mail.subject for mail in inbox.mails_to(str(known.email))]
    session.rollback()
    assert session.get_one(Person, known.id).full_name == "Nele Van Elders"


def test_a_search_for_a_name_from_elsewhere_finds_nothing(world: World, session: Session) -> None:
    """DG2: not even the search box tells how the owner of a number is called."""
    genk, gent = world.organisation("Genk"), world.organisation("Gent")
    ilse, number = world.administrator_of(genk), world.number()
    world.person("Nele Geheim", number=number, works_for=gent)
    give(ilse, add(ilse, genk, colleague(number)))
    for words, count in (("geheim", 0), ("vercauteren", 1)):
        page = list_rights(session, installation().catalogue, ilse.id, RightFilter(words))
        assert page is not None
        assert page.count == count


def test_a_right_begins_when_that_very_person_signs_in(world: World, session: Session) -> None:
    genk, gent = world.organisation("Genk"), world.organisation("Gent")
    ilse = world.administrator_of(genk)
    elsewhere, unknown = world.number(), world.number()
    world.person("Nele Vercauteren", number=elsewhere, works_for=gent, name_source="verified")
    for number in (elsewhere, unknown):
        grant = give(ilse, add(ilse, genk, colleague(number)))
        assert not grant_is_active(session, installation().catalogue, grant.id)
        session.rollback()
        assert signs_in(number).state == "matched"
        assert grant_is_active(session, installation().catalogue, grant.id)
        assert not session.get_one(Affiliation, grant.affiliation_id).name_unconfirmed
        session.rollback()


def test_a_mistyped_number_gives_a_stranger_nothing(world: World, session: Session) -> None:
    """DG6: the verified name is another one; a known stranger keeps what they had, a new one waits at the gate."""
    genk, gent = world.organisation("Genk"), world.organisation("Gent")
    ilse = world.administrator_of(genk)
    known, new = world.number(), world.number()
    stranger = world.person("Piet Anders", number=known, works_for=gent)
    grants = [give(ilse, add(ilse, genk, colleague(number))) for number in (known, new)]
    assert signs_in(known, "Piet Anders").state == "matched"
    assert signs_in(new, "Piet Anders").state == "doubted"
    for grant in grants:
        assert not grant_is_active(session, installation().catalogue, grant.id)
    page = list_rights(session, installation().catalogue, ilse.id)
    assert page is not None
    assert {line.person_name for line in page.lines} == {"Nele Vercauteren"}
    assert session.get_one(Person, stranger.id).state == "matched"


def test_who_works_there_already_is_left_as_they_are(world: World, session: Session) -> None:
    genk, number = world.organisation(), world.number()
    ilse = world.administrator_of(genk)
    nele = world.person(number=number, works_for=genk)
    job = add(ilse, genk, colleague(number, given_name="Nelly"))
    assert (job.person_id, job.email, job.name_unconfirmed) == (nele.id, nele.email, False)
    assert len(session.scalars(select(Affiliation).where(Affiliation.person_id == nele.id)).all()) == 1


def test_nobody_adds_himself(world: World) -> None:
    """DG1."""
    genk, number = world.organisation(), world.number()
    ilse = world.person("Ilse Maes", number=number)
    world.administrator_of(genk, person=ilse)
    with pytest.raises(ForbiddenError) as refused:
        add(ilse, genk, colleague(number))
    assert refused.value.code == "not_for_yourself"


def test_only_an_administrator_of_that_organisation_adds(world: World) -> None:
    genk, gent = world.organisation("Genk"), world.organisation("Gent")
    world.administrator_of(genk)
    for actor in (world.administrator_of(gent), world.person("Vreemde Eend", works_for=genk)):
        with pytest.raises(NotFoundError):
            add(actor, genk, colleague(world.number()))


def test_every_wrong_field_is_named(world: World) -> None:
    genk = world.organisation()
    with pytest.raises(InvalidError) as refused:
        add(world.administrator_of(genk), genk, NewColleague(given_name=" ", family_name="", number="12", email="geen"))
    assert set(refused.value.fields) == {"given_name", "family_name", "number", "email"}
    with pytest.raises(InvalidError) as refused:
        add(world.administrator_of(genk, "Ann Twee"), genk, colleague("", email=""))
    assert set(refused.value.fields) == {"email"}


def test_no_number_stands_in_the_audit(world: World, session: Session) -> None:
    genk, number = world.organisation(), world.number()
    add(world.administrator_of(genk), genk, colleague(number))
    events = session.scalars(select(AuditEvent)).all()
    assert {"people:person:look_up", "people:person:add", "people:affiliation:add"} <= {each.name for each in events}
    assert number not in "".join(f"{each.name}{each.details}" for each in events)


def test_who_works_elsewhere_and_who_is_unknown_are_the_same_answer(world: World, statements: Statements) -> None:
    """DG2: the same answer after the same statements."""
    genk, gent = world.organisation("Genk"), world.organisation("Gent")
    ilse = world.administrator_of(genk)
    here, elsewhere = world.number(), world.number()
    world.person("Hier Werkend", number=here, works_for=genk)
    world.person("Daar Werkend", number=elsewhere, works_for=gent)
    seen = []
    for number in (elsewhere, world.number(), here):
        with statements() as ran:
            found = find(ilse, genk, number)
        seen.append((found, [each.split("(")[0] for each in ran]))
    assert seen[0] == seen[1]
    assert seen[0][0] is False
    assert seen[2][0] is True


def test_an_earlier_number_finds_its_person(world: World) -> None:
    """UP4 of the search: who changed number is the same person."""
    genk, earlier = world.organisation(), world.number()
    nele = world.person(works_for=genk)
    version, digest = installation().keys.lookup_hash(earlier)
    world._keep(
        PersonNumber(person_id=nele.id, number_hash=digest, number_hash_version=version, replaced_at=broker_clock.now())
    )
    assert find(world.administrator_of(genk), genk, earlier)


def test_twenty_look_ups_an_hour_and_sixty_a_day_found_or_not(world: World, clock: time_machine.Traveller) -> None:
    """DG3: counted in the database, so whatever session, machine or road; adding counts too; the same person counts once."""
    genk, number = world.organisation(), world.number()
    ilse = world.administrator_of(genk)
    world.person("Hier Werkend", number=number, works_for=genk)
    for _ in range(3):
        find(ilse, genk, number)
    assert look_ups_left_of(ilse) == AN_HOUR - 1
    add(ilse, genk, colleague(world.number()))
    for _ in range(AN_HOUR - 2):
        find(ilse, genk, world.number())
    refused: list[Callable[[], object]] = [
        lambda: find(ilse, genk, world.number()),
        lambda: add(ilse, genk, colleague(world.number())),
    ]
    for attempt in refused:
        with pytest.raises(TooManyError):
            attempt()
    assert find(ilse, genk, number), "who was looked for already"
    for _ in range(2):
        clock.shift(timedelta(minutes=61))
        for _ in range(AN_HOUR):
            find(ilse, genk, world.number())
    clock.shift(timedelta(minutes=61))
    assert look_ups_left_of(ilse) == 0 == A_DAY - 60
    with pytest.raises(TooManyError):
        find(ilse, genk, world.number())
    clock.shift(timedelta(days=1))
    assert look_ups_left_of(ilse) == AN_HOUR


def look_ups_left_of(person: Person) -> int:
    return perform(look_ups_left, person.id)


def test_the_tenth_miss_in_an_hour_alarms_the_officer_once(world: World, inbox: Inbox) -> None:
    """DG3."""
    genk = world.organisation()
    ilse, officer = world.administrator_of(genk), world.officer_of("LB", "gemeente")
    for count in range(1, 13):
        find(ilse, genk, world.number())
        alarms = [mail for mail in inbox.mails_to(str(officer.email)) if "zoekt vaak" in mail.subject]
        assert len(alarms) == (1 if count >= 10 else 0)
    assert "Ilse Maes" in alarms[0].text


def test_two_look_ups_at_once_do_not_pass_the_limit(app: Flask, world: World, session: Session) -> None:
    """DG3: counted under a lock, on both databases."""
    genk = world.organisation()
    ilse = world.administrator_of(genk)
    for _ in range(AN_HOUR - 1):
        find(ilse, genk, world.number())
    numbers, barrier, refused = [world.number() for _ in range(4)], Barrier(4), []

    def run(number: str) -> None:
        with app.app_context():
            barrier.wait()
            try:
                find(ilse, genk, number)
            except (TooManyError, BusyError) as error:
                refused.append(error.code)

    threads = [Thread(target=run, args=(number,)) for number in numbers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(refused) == 3
    assert len(session.scalars(select(LookUp)).all()) == AN_HOUR


def test_what_no_longer_counts_is_forgotten(world: World, session: Session, clock: time_machine.Traveller) -> None:
    """RE1."""
    genk = world.organisation()
    find(world.administrator_of(genk), genk, world.number())
    clock.shift(timedelta(hours=25))
    perform(forget_look_ups)
    assert session.scalars(select(LookUp)).all() == []


def test_what_was_entered_about_somebody_loses_its_force_when_they_sign_in(world: World, session: Session) -> None:
    """DG7: an administrator's word on an address proves nothing of the person."""
    genk, number = world.organisation(), world.number()
    job = add(world.administrator_of(genk), genk, colleague(number, email="boef@genk.test"))
    assert session.get_one(Person, job.person_id).email == "boef@genk.test"
    session.rollback()
    signs_in(number)
    person = session.get_one(Person, job.person_id)
    assert (person.email, person.number_sealed) == (None, None)
    assert session.get_one(Affiliation, job.id).email_source == "entered"


def test_a_number_that_two_administrators_look_for_cannot_be_told_from_the_rows(world: World, session: Session) -> None:
    genk, number = world.organisation(), world.number()
    for name in ("Ilse Maes", "Karim Benali"):
        find(world.administrator_of(genk, name), genk, number)
    assert len(set(session.scalars(select(LookUp.subject_key)))) == 2


def test_no_message_and_no_list_tells_how_the_owner_of_a_number_is_called(world: World, session: Session) -> None:
    """DG2: an administrator says where the service reads along, and who stands in; neither learns the name behind a number."""
    genk, gent = world.organisation("Genk"), world.organisation("Gent")
    ilse, number = world.administrator_of(genk), world.number()
    world.administrator_of(genk, "Jan Peeters", head=True)
    known = world.person("Xaveria Geheim", number=number, works_for=gent, email=None)
    job = add(ilse, genk, colleague(number))
    written = WorkContact("nele@genk.test", "", "van-ilse@genk.test")
    perform(change_contact, installation(), ilse.id, job.id, written)
    grant = give(ilse, job)
    assert grant.valid_until is not None
    today = broker_clock.local_date(broker_clock.now())
    last_day = LastDay(today + timedelta(days=9), "Een kort project.", broker_clock.last_day(grant.valid_until))
    perform(change_last_day, installation(), ilse.id, grant.id, last_day)
    (mandate,) = living_mandates(session, person_id=ilse.id)
    session.rollback()
    perform(name_deputy, installation(), ilse.id, mandate.mandate_id, NewDeputy(known.id, today, today))
    perform(end_right, installation(), ilse.id, grant.id, "Het project is over.")
    told = [(each.template, each.recipient, str(each.facts)) for each in session.scalars(select(OutboxMessage))]
    assert "van-ilse@genk.test" in {recipient for _, recipient, _ in told}
    assert [each for each in told if "Geheim" in each[2] or "Xaveria" in each[2]] == []
    names = {each.name for one in administrators_of(session, [genk.id]) for each in one.deputies}
    assert names == {"Nele Vercauteren"}
