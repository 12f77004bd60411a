"""`poortwachter demo`: the world in which every role of the story can be tried."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from sqlalchemy import select

from broker import clock
from broker.access.grant import Grant
from broker.access.label import Label, label_counts
from broker.access.live_rights import live_rights
from broker.cli.demo_world.organisations import demo_organisations, fictitious_kbo
from broker.cli.demo_world.seed import demo_people
from broker.database import db
from broker.people.find_organisations import find_organisations
from broker.people.find_person import find_person_by_number
from broker.people.identifiers import kbo_number, national_number
from broker.people.living_mandates import living_mandates, pool_members
from broker.people.mandate import organisation_scope
from broker.people.organisation import Organisation
from broker.people.person import Person
from broker.tables import metadata
from tests.cli.conftest import Command
from tests.worlds.inbox import Inbox
from tests.worlds.world import World


def everything() -> dict[str, list[tuple[Any, ...]]]:
    db.session.rollback()
    return {
        table.name: sorted((tuple(row) for row in db.session.execute(select(table))), key=str)
        for table in metadata.sorted_tables
    }


def organisation(name: str) -> Organisation:
    return db.session.scalars(select(Organisation).where(Organisation.name == name)).one()


@pytest.fixture
def demo(world: World, poortwachter: Command) -> World:
    """The demo world, made."""
    result = poortwachter("demo")
    assert result.exit_code == 0, result.output
    return world


@pytest.mark.usefixtures("demo")
def test_the_demo_world_twice_is_the_demo_world_once(poortwachter: Command) -> None:
    before = everything()
    again = poortwachter("demo")
    assert again.exit_code == 0
    assert again.stdout == "Added to the demo world: organisations 0, people 0, mandates 0, rights 0.\n"
    assert everything() == before


@pytest.mark.usefixtures("demo")
def test_all_municipalities_are_there_with_plainly_fictitious_numbers() -> None:
    rows = db.session.scalars(select(Organisation)).all()
    kinds = [row.organisation_type for row in rows]
    assert {kind: kinds.count(kind) for kind in set(kinds)} == {
        "gemeente": 286,
        "brusselse_gemeente": 19,
        "agb": 20,
        "economische_actor": 3,
        "politie": 1,
        "jongerenwerk": 1,
    }
    belgian, dutch = ([row for row in rows if (row.target_group == "NL") is there] for there in (False, True))
    assert all(row.code == row.kbo == kbo_number(row.code) and row.code.startswith("0999") for row in belgian)
    assert {row.code for row in dutch} == {"NLELZEVOORDE", "NLPOLITIEELZ", "NLDEBRUG"}
    assert not any(row.kbo or row.ovo or row.nis for row in dutch)


def test_the_people_decide_what_the_story_says(demo: World) -> None:
    views = living_mandates(db.session())
    assert sorted(
        (view.full_name, view.kind, view.organisation.name if view.organisation else view.scope_key) for view in views
    ) == [
        ("Eva Janssens", "head_local_admin", "AGB Genk"),
        ("Hilde Martens", "helpdesk", "helpdesk"),
        ("Ilse Maes", "local_admin", "Gemeente Genk"),
        ("Jan Peeters", "head_local_admin", "Gemeente Etterbeek"),
        ("Joost van Rijn", "head_local_admin", "Gemeente Elzevoorde"),
        ("Joost van Rijn", "head_local_admin", "Politie basisteam Elzevoorde"),
        ("Karim Benali", "head_local_admin", "Gemeente Genk"),
        ("Lies De Wolf", "target_group_officer", "officer:EA:brusselse_gemeente"),
        ("Lies De Wolf", "target_group_officer", "officer:EA:economische_actor"),
        ("Lut Verbeke", "application_owner", "app:cultuurmonitor"),
        ("Lut Verbeke", "application_owner", "app:jeugdmonitor"),
        ("Marc Claes", "target_group_officer", "officer:LB:agb"),
        ("Marc Claes", "target_group_officer", "officer:LB:gemeente"),
        ("Pieter Lambrecht", "head_local_admin", "Cultuurhuis De Kaai"),
        ("Ruben Daems", "head_local_admin", "Gemeente Jette"),
    ]
    assert all(view.email for view in views)
    assert pool_members(db.session(), organisation_scope(organisation("Gemeente Aalst").id)) == []


def test_tom_is_a_reader_already_and_the_applicants_are_unknown(demo: World) -> None:
    people = {person.full_name: person for person in db.session.scalars(select(Person))}
    tom = people["Tom Bogaert"]
    rights = live_rights(db.session(), demo.installation.catalogue, tom.id, "cultuurmonitor")
    assert [(right.organisation_name, right.right_code) for right in rights] == [("Gemeente Genk", "raadpleger")]
    assert set(db.session.scalars(select(Grant.given_by))) == {people["Karim Benali"].id, people["Joost van Rijn"].id}
    assert not {"Nele Vercauteren", "Sofie Aerts", "Amina Ouali", "Hanne Smet"} & set(people)
    for written in demo_people():
        found = find_person_by_number(db.session(), demo.installation.keys, written["national_number"])
        known = f"{written['given_name']} {written['family_name']}" in people
        assert (found is not None) is known
        assert found is None or (found.state, found.number_sealed) == ("matched", None)


@pytest.mark.usefixtures("demo")
def test_one_brussels_municipality_has_the_label_and_another_has_not() -> None:
    label = db.session.scalars(select(Label)).one()
    assert label_counts(label, organisation("Gemeente Jette"), clock.now())
    assert label.organisation_id != organisation("Gemeente Etterbeek").id


@pytest.mark.usefixtures("demo")
def test_one_centre_is_not_listed_yet() -> None:
    proposed = demo_organisations()["not_listed_yet"]
    assert proposed["kbo"] == fictitious_kbo(2000 + len(demo_organisations()["independent_centres"]) + 1)
    assert find_organisations(db.session(), "EA", "economische_actor", proposed["name"]) == []
    assert find_organisations(db.session(), "EA", "economische_actor", proposed["kbo"]) == []


@pytest.mark.usefixtures("demo")
def test_the_inbox_begins_empty(inbox: Inbox) -> None:
    assert inbox.mails == []


def test_the_digital_keys_know_the_same_people(repository: Path) -> None:
    written = yaml.safe_load((repository / "modules" / "digital_keys" / "people.yaml").read_text(encoding="utf-8"))
    keys = ("user", "given_name", "family_name", "national_number", "email")
    theirs = {person["user"]: {key: person[key] for key in keys} for person in written["people"]}
    ours = {person["user"]: {key: person[key] for key in keys} for person in demo_people()}
    assert ours == theirs
    for person in ours.values():
        assert national_number(person["national_number"])[6:9] in ("998", "999", "000")


def test_it_is_for_development_only(poortwachter: Command) -> None:
    production = {
        "BROKER_ENV": "production",
        "BROKER_ISSUER": "https://poortwachter.example/op",
        "BROKER_INBOX_DIR": "",
        "BROKER_SMTP_URL": "smtp://mail.example:587",
        "BROKER_MAIL_FROM": "poort@example.be",
        "BROKER_OPERATOR_EMAIL": "operator@example.be",
        "BROKER_RATE_LIMITS": "on",
        "BROKER_POLICIES": "policies",
    }
    result = poortwachter("demo", **production)
    assert result.exit_code == 1
    assert "development only" in result.stderr
