"""`poortwachter people` and `mandates`: the first administrator of a new installation, without a page."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from broker.audit import AuditEvent
from broker.cli.running import operating_system_user
from broker.database import db
from broker.people.person import Person
from tests.cli.conftest import Command
from tests.worlds.world import World

Add = Callable[..., dict[str, Any]]


@pytest.fixture
def add(poortwachter: Command) -> Add:
    """Adds a person; returns what the command printed."""

    def run(given: str, family: str, *more: str, typed: str | None = None) -> dict[str, Any]:
        words = ["people", "add", "--given-name", given, "--family-name", family, "--json", *more]
        result = poortwachter(*words, typed=typed)
        assert result.exit_code == 0, result.output
        added: dict[str, Any] = json.loads(result.stdout)
        return added

    return run


def appoint(poortwachter: Command, person: str, kind: str, *more: str) -> tuple[int, str]:
    result = poortwachter("mandates", "appoint", "--person", person, "--kind", kind, "--reason", "Besluit.", *more)
    return result.exit_code, result.output


def test_a_person_is_added_once_by_number_and_the_number_is_never_shown(
    world: World, poortwachter: Command, add: Add
) -> None:
    number, genk = world.number(), world.organisation()
    first = add("Karim", "Benali", "--number", "-", "--organisation", genk.code, typed=f"{number}\n")
    assert (first["name"], first["state"]) == ("Karim Benali", "unlinked")
    assert add("Karim", "Benali", "--number", number)["id"] == first["id"]
    listed = poortwachter("people", "list", "--json", "--organisation", genk.code)
    assert [row["id"] for row in json.loads(listed.stdout)] == [first["id"]]
    assert number not in listed.output
    assert number[:9] not in str(db.session.scalars(select(AuditEvent.details)).all())


def test_a_wrong_field_is_one_line_and_status_1(poortwachter: Command) -> None:
    result = poortwachter("people", "add", "--given-name", "An", "--family-name", "Smet", "--number", "85073003329")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "number:" in result.stderr
    assert "85073003329" not in result.stderr
    assert result.stderr.count("\n") == 1


def test_from_nothing_to_a_head_and_a_local_administrator(world: World, poortwachter: Command, add: Add) -> None:
    """AP7: the same rules as on the pages, and the operating-system user in the audit."""
    genk = world.organisation()
    head = world.person("Karim Benali", email="karim@voorbeeld.test")
    local = add("Ilse", "Maes", "--email", "ilse@voorbeeld.test")
    assert appoint(poortwachter, "karim@voorbeeld.test", "head_local_admin", "--organisation", genk.code)[0] == 0
    refused = appoint(poortwachter, local["id"], "local_admin", "--organisation", genk.code)
    assert refused == (1, "This organisation has an administrator already; they or the target group officer appoint.\n")
    status, output = appoint(
        poortwachter, local["id"], "local_admin", "--organisation", genk.code, "--by", "karim@voorbeeld.test"
    )
    assert (status, "counts from their first sign-in on" in output) == (0, True)
    rows = json.loads(poortwachter("mandates", "list", "--json", "--organisation", genk.code).stdout)
    assert [(row["kind"], row["person"], row["counts"]) for row in rows] == [
        ("head_local_admin", "Karim Benali", True),
        ("local_admin", "Ilse Maes", False),
    ]
    events = db.session.scalars(select(AuditEvent).where(AuditEvent.name == "people:mandate:appoint")).all()
    assert {(event.actor_kind, event.actor_label) for event in events} == {
        ("operator", f"os:{operating_system_user()}")
    }
    assert {event.details["appointed_by"] for event in events} == {None, str(head.id)}


def test_nobody_is_appointed_on_his_own_behalf(world: World, poortwachter: Command) -> None:
    """AP7: `mandates appoint` for oneself is refused."""
    genk = world.organisation()
    karim = world.administrator_of(genk, head=True)
    status, output = appoint(
        poortwachter, str(karim.id), "local_admin", "--organisation", genk.code, "--by", str(karim.id)
    )
    assert (status, output) == (1, "You cannot give yourself a mandate.\n")


def test_a_mandate_without_a_reason_is_no_command(world: World, poortwachter: Command) -> None:
    """AP7: --reason is required, to give and to take."""
    person = world.person()
    missing = poortwachter("mandates", "appoint", "--person", str(person.id), "--kind", "application_owner")
    assert (missing.exit_code, "--reason" in missing.stderr) == (2, True)
    status, output = appoint(poortwachter, str(person.id), "application_owner", "--application", "cultuurmonitor")
    assert status == 0
    mandate_id = output.split()[0]
    assert poortwachter("mandates", "dismiss", mandate_id).exit_code == 2
    assert poortwachter("mandates", "dismiss", mandate_id, "--reason", "Andere functie.").exit_code == 0
    again = poortwachter("mandates", "dismiss", mandate_id, "--reason", "Nog eens.")
    assert (again.exit_code, again.stderr) == (1, "This mandate has ended already.\n")
    assert json.loads(poortwachter("mandates", "list", "--json").stdout) == []
    assert len(json.loads(poortwachter("mandates", "list", "--json", "--ended").stdout)) == 1


def test_who_or_what_is_not_there_is_one_line(world: World, poortwachter: Command) -> None:
    person = world.person(email="twee@voorbeeld.test")
    world.person("Wie Anders", email="twee@voorbeeld.test")
    for words, why in (
        (("--person", "niemand@voorbeeld.test"), "There is no person"),
        (("--person", "twee@voorbeeld.test"), "More than one person"),
        (("--person", str(person.id), "--organisation", "0000000000"), "There is no living organisation"),
    ):
        result = poortwachter("mandates", "appoint", "--kind", "head_local_admin", "--reason", "Besluit.", *words)
        assert result.exit_code == 1
        assert result.stderr.startswith(why)
        assert result.stderr.count("\n") == 1


def test_a_last_day_is_inclusive(world: World, poortwachter: Command) -> None:
    person = world.person()
    more = ("--application", "cultuurmonitor", "--until", "2099-12-31")
    assert appoint(poortwachter, str(person.id), "application_owner", *more)[0] == 0
    assert json.loads(poortwachter("mandates", "list", "--json").stdout)[0]["until"] == "2099-12-31"
    past = appoint(poortwachter, str(person.id), "application_owner", *more[:2], "--until", "2001-01-01")
    assert past[0] == 1


def test_names_with_accents_are_found_without(world: World, poortwachter: Command, add: Add) -> None:
    add("Zoë", "Núñez")
    found = json.loads(poortwachter("people", "list", "--json", "--search", "nunez").stdout)
    assert [row["name"] for row in found] == ["Zoë Núñez"]
    assert db.session.scalars(select(Person.name_source)).all() == ["entered"]
