"""Which Person a sign-in belongs to: the table of lifecycles §7, and what linking does (threats UP3–UP6, DG6, DG7)."""

import threading
import uuid
from collections.abc import Callable
from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from broker.audit import AuditEvent
from broker.database import perform
from broker.errors import ConflictError, DomainError
from broker.installation import Installation
from broker.keys import Keys
from broker.people.identity_link import IdentityLink
from broker.people.link_identity import LinkOutcome, UpstreamIdentity, link_identity
from broker.people.person import Person
from broker.people.person_number import PersonNumber
from tests.worlds.inbox import Inbox
from tests.worlds.world import World

Identity = Callable[..., UpstreamIdentity]
NUMBER, OTHER_NUMBER = "85073099833", "79041299937"


@pytest.fixture
def link(world: World) -> Callable[[UpstreamIdentity], LinkOutcome]:
    """Performs the operation."""
    return lambda identity: perform(link_identity, world.installation, identity)


Link = Callable[[UpstreamIdentity], LinkOutcome]


def count(session: Session, kind: type[Person | IdentityLink | PersonNumber]) -> int:
    """How many rows."""
    session.rollback()
    return session.scalar(select(func.count()).select_from(kind)) or 0


def names(session: Session) -> list[str]:
    """The events so far."""
    session.rollback()
    return list(session.scalars(select(AuditEvent.name)))


# The table


def test_somebody_unknown_becomes_a_new_person_without_rights(link: Link, identity: Identity, world: World) -> None:
    """UP4: unknown, and the number free."""
    outcome = link(identity(number=NUMBER))
    person = world.fresh(Person, outcome.person_id)
    assert (outcome.newly_linked, person.state, person.name_source) == (True, "matched", "verified")
    assert person.number_sealed is None
    assert (person.number_hash_version, person.number_hash) == world.installation.keys.lookup_hash(NUMBER)
    assert (person.email, person.phone) == (None, None)


def test_somebody_unknown_without_a_number_becomes_a_new_person(link: Link, identity: Identity, world: World) -> None:
    """UP4: unknown, and none asserted."""
    person = world.fresh(Person, link(identity()).person_id)
    assert (person.state, person.number_hash) == ("matched", None)


def test_the_same_key_again_is_the_same_person(link: Link, identity: Identity, session: Session) -> None:
    """UP4: known, with the same number or none."""
    first = link(identity(number=NUMBER))
    assert link(identity(number=NUMBER)) == replace(first, newly_linked=False)
    assert link(identity()) == replace(first, newly_linked=False)
    assert (count(session, Person), count(session, IdentityLink)) == (1, 1)


def test_a_second_key_with_the_same_number_is_the_same_person(link: Link, identity: Identity, session: Session) -> None:
    """UP4: unknown key, known number; a name written otherwise there does not matter, both are verified."""
    first = link(identity(number=NUMBER))
    second = link(identity("eid", subject="eid-7", number=NUMBER, given_name="Nele Maria"))
    assert second == first
    assert (count(session, Person), count(session, IdentityLink)) == (1, 2)


def test_a_known_key_with_a_new_free_number_is_a_change_of_number(
    link: Link, identity: Identity, world: World, session: Session
) -> None:
    """UP4: recorded, and the old number still finds its person."""
    first = link(identity(number=NUMBER))
    assert link(identity(number=OTHER_NUMBER)).person_id == first.person_id
    person = world.fresh(Person, first.person_id)
    assert person.number_hash == world.installation.keys.lookup_hash(OTHER_NUMBER)[1]
    assert count(session, PersonNumber) == 1
    assert names(session).count("people:person:renumber") == 1
    assert link(identity("eid", subject="eid-7", number=NUMBER)).person_id == first.person_id
    assert link(identity(number=NUMBER)).person_id == first.person_id
    assert world.fresh(Person, first.person_id).number_hash == person.number_hash


def test_a_change_of_number_is_told_at_the_proved_address(
    link: Link, identity: Identity, world: World, inbox: Inbox
) -> None:
    """UP4: told, without either number."""
    person = world.person("Nele Vercauteren", number=NUMBER)
    link(identity(number=NUMBER))
    assert inbox.mails == []
    link(identity(number=OTHER_NUMBER))
    mail = inbox.last_to(person.email or "")
    assert "Uw rijksregisternummer is bij ons aangepast" in mail.subject
    assert NUMBER not in mail.text + mail.html
    assert OTHER_NUMBER not in mail.text + mail.html


def test_a_key_of_one_and_the_number_of_another_are_refused(link: Link, identity: Identity, session: Session) -> None:
    """UP4: never automatic; nothing changes."""
    one = link(identity())
    other = link(identity("eid", subject="eid-7", number=NUMBER))
    before = names(session)
    with pytest.raises(ConflictError) as error:
        link(identity(number=NUMBER))
    assert error.value.code == "identity_conflict"
    assert error.value.facts == {"person_id": str(one.person_id), "other_id": str(other.person_id)}
    assert names(session) == before


def test_a_number_that_was_somebodys_before_is_not_free(link: Link, identity: Identity) -> None:
    """UP4: a reissued or mistaken number is for an operator to look at."""
    link(identity(number=NUMBER))
    link(identity(number=OTHER_NUMBER))
    link(identity(subject="subject-2"))
    with pytest.raises(ConflictError):
        link(identity(subject="subject-2", number=NUMBER))


# First sign-in of somebody who was entered or who typed


def test_an_entered_person_is_matched_and_what_others_wrote_is_void(
    link: Link, identity: Identity, world: World, session: Session
) -> None:
    """DG7: an address or phone that an administrator entered could be anybody's."""
    person = world.person(
        "Nele Vercauteren",
        number=NUMBER,
        state="unlinked",
        number_sealed="sealed",
        email="pre-hijack@voorbeeld.test",
        email_source="entered",
        phone="+32470123456",
        phone_source="entered",
    )
    assert link(identity(number=NUMBER)) == LinkOutcome(person.id, newly_linked=True, state="matched")
    now = world.fresh(Person, person.id)
    assert (now.state, now.name_source, now.number_sealed) == ("matched", "verified", None)
    assert (now.email, now.email_source, now.phone, now.phone_source) == (None, None, None, None)
    assert now.number_hash is not None
    assert "people:person:link" in names(session)


def test_a_proved_address_survives_the_first_sign_in(link: Link, identity: Identity, world: World) -> None:
    """DG7: what the person proved is theirs."""
    person = world.person("Nele Vercauteren", number=NUMBER, state="unlinked")
    link(identity(number=NUMBER))
    assert world.fresh(Person, person.id).proved_email == person.email


@pytest.mark.parametrize("written", ["NELE VERCAUTEREN", "Vercauteren Nele", "Néle  Vercauteren"])
def test_a_name_written_a_little_otherwise_is_the_same_name(
    link: Link, identity: Identity, world: World, written: str
) -> None:
    """DG6: compared after folding."""
    world.person(written, number=NUMBER, state="unlinked", email=None)
    assert link(identity(number=NUMBER)).state == "matched"


@pytest.mark.parametrize("source", ["entered", "typed"])
def test_another_name_than_was_entered_is_doubted_and_nothing_is_linked(
    link: Link, identity: Identity, world: World, session: Session, source: str
) -> None:
    """DG6: perhaps a mistyped number; a stranger does not get somebody's rights."""
    person = world.person("Tom Bogaert", number=NUMBER, state="unlinked", name_source=source)
    for _ in range(2):
        assert link(identity(number=NUMBER)) == LinkOutcome(person.id, newly_linked=False, state="doubted")
    assert world.fresh(Person, person.id).full_name == "Tom Bogaert"
    assert count(session, IdentityLink) == 0
    assert names(session) == ["people:person:doubt"]


def test_a_doubt_is_over_when_the_name_was_put_right(link: Link, identity: Identity, world: World) -> None:
    """DG6: the giver looked at it."""
    person = world.person("Nele Vercauteren", number=NUMBER, state="doubted", name_source="entered")
    assert link(identity(number=NUMBER)) == LinkOutcome(person.id, newly_linked=True, state="matched")


# UP3, UP5


def test_a_provider_that_may_not_assert_a_number_links_nobody(link: Link, identity: Identity, world: World) -> None:
    """UP3: the policy says who may."""
    person = world.person("Nele Vercauteren", number=NUMBER, state="unlinked")
    outcome = link(identity("weak", number=NUMBER, level=27))
    assert outcome.person_id != person.id
    assert world.fresh(Person, outcome.person_id).number_hash is None


@pytest.mark.parametrize(
    ("level", "links"), [(5, False), (10, False), (12, False), (24, False), (25, True), (27, True)]
)
def test_a_password_or_self_registration_never_links_by_number(
    link: Link, identity: Identity, world: World, level: int, links: bool
) -> None:
    """UP3: not even at a provider that may assert one; below eIDAS Substantial its word on a number is not enough."""
    person = world.person("Nele Vercauteren", number=NUMBER, state="unlinked")
    assert (link(identity(number=NUMBER, level=level)).person_id == person.id) is links


def test_a_policy_may_ask_more_or_less_of_a_number(identity: Identity, world: World) -> None:
    """UP3: `number_from` says from which level a provider's word on a number counts."""
    person = world.person("Nele Vercauteren", number=NUMBER, state="unlinked")
    itsme = world.installation.catalogue.identity_providers["itsme"]
    for number_from, level, links in ((27, 26, False), (12, 11, False), (12, 12, True)):
        policies = replace(
            world.installation.catalogue, identity_providers={"itsme": replace(itsme, number_from=number_from)}
        )
        proved = identity(subject=f"subject-{number_from}-{level}", number=NUMBER, level=level)
        outcome = perform(link_identity, replace(world.installation, catalogue=policies), proved)
        assert (outcome.person_id == person.id) is links


def test_a_weak_sign_in_of_a_known_key_changes_no_number(link: Link, identity: Identity, world: World) -> None:
    """UP3: nor renumbers."""
    first = link(identity(number=NUMBER))
    link(identity(number=OTHER_NUMBER, level=10))
    assert world.fresh(Person, first.person_id).number_hash == world.installation.keys.lookup_hash(NUMBER)[1]


def test_an_email_never_links(link: Link, identity: Identity, world: World) -> None:
    """UP5: linking knows no address at all; the same person's mailbox at a provider makes a new Person."""
    person = world.person("Nele Vercauteren", number=OTHER_NUMBER)
    assert "email" not in UpstreamIdentity.__dataclass_fields__
    assert link(identity(number=NUMBER)).person_id != person.id


def test_the_same_subject_at_another_issuer_is_somebody_else(link: Link, identity: Identity) -> None:
    """A subject means nothing without its issuer."""
    assert link(identity()).person_id != link(identity("eid")).person_id


# UP6


@pytest.mark.parametrize("number", [NUMBER, None])
def test_first_sign_ins_at_once_make_one_person(
    app: Flask, identity: Identity, world: World, session: Session, number: str | None
) -> None:
    """UP6: the loser reads again what the winner wrote."""
    outcomes, errors = at_once(app, world, [identity(number=number)] * 8)
    assert errors == []
    assert len({each.person_id for each in outcomes}) == 1
    assert [each.newly_linked for each in outcomes].count(True) == 1
    assert (count(session, Person), count(session, IdentityLink)) == (1, 1)


def test_two_keys_of_one_number_at_once_make_one_person(
    app: Flask, identity: Identity, world: World, session: Session
) -> None:
    """UP6: by the number as well."""
    both = [identity(number=NUMBER), identity("eid", subject="eid-7", number=NUMBER)] * 4
    outcomes, errors = at_once(app, world, both)
    assert errors == []
    assert len({each.person_id for each in outcomes}) == 1
    assert (count(session, Person), count(session, IdentityLink)) == (1, 2)


def test_a_change_of_number_and_a_first_sign_in_with_it_at_once_give_the_number_to_one(
    app: Flask, identity: Identity, world: World, session: Session
) -> None:
    """UP4, UP6: whoever is first has it; the other is that person, or is refused."""
    first = perform(link_identity, world.installation, identity(number=NUMBER))
    newcomer = identity("eid", subject="eid-7", number=OTHER_NUMBER)
    outcomes, errors = at_once(app, world, [identity(number=OTHER_NUMBER), newcomer] * 4)
    owners = {each.person_id for each in outcomes}
    if errors:
        assert {getattr(error, "code", None) for error in errors} == {"identity_conflict"}
        assert first.person_id not in owners
    else:
        assert owners == {first.person_id}
    session.rollback()
    hashes = world.installation.keys.lookup_hashes(OTHER_NUMBER)
    assert session.scalar(select(func.count()).where(Person.number_hash.in_(hashes.values()))) == 1


def at_once(app: Flask, world: World, identities: list[UpstreamIdentity]) -> tuple[list[LinkOutcome], list[Exception]]:
    """Link all of them at the same moment."""
    installed: Installation = world.installation
    barrier = threading.Barrier(len(identities))
    outcomes: list[LinkOutcome] = []
    errors: list[Exception] = []

    def run(identity: UpstreamIdentity) -> None:
        with app.app_context():
            barrier.wait()
            try:
                outcomes.append(perform(link_identity, installed, identity))
            except (DomainError, SQLAlchemyError) as error:
                errors.append(error)

    threads = [threading.Thread(target=run, args=(each,)) for each in identities]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes, errors


# Keys


def test_a_sign_in_brings_the_hash_to_the_newest_key(identity: Identity, world: World) -> None:
    """Decisions 4: an old key may go when no row is on it."""
    first = perform(link_identity, world.installation, identity(number=NUMBER))
    rotated = replace(world.installation, keys=Keys({"test2": b"b" * 32, **world.installation.keys.secrets}))
    assert perform(link_identity, rotated, identity(number=NUMBER)).person_id == first.person_id
    person = world.fresh(Person, first.person_id)
    assert (person.number_hash_version, person.number_hash) == rotated.keys.lookup_hash(NUMBER)


def test_a_link_that_ended_is_no_link(link: Link, identity: Identity, world: World, session: Session) -> None:
    """An ended key may be linked anew, to whom it belongs then."""
    first = link(identity())

    def end(writing: Session) -> None:
        row = writing.scalars(select(IdentityLink)).one()
        row.ended_at = row.linked_at

    perform(end)
    second = link(identity())
    assert isinstance(second.person_id, uuid.UUID)
    assert second.person_id != first.person_id
    assert count(session, IdentityLink) == 2
