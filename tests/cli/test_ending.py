"""What an operator ends from the command line: a label, a job, a person, and the sessions of one."""

import json
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from broker.audit import AuditEvent
from broker.cli.running import operating_system_user
from tests.cli.conftest import Command
from tests.worlds.client import Client
from tests.worlds.world import World


def listed(poortwachter: Command, *words: str) -> list[dict[str, Any]]:
    result = poortwachter(*words, "--json")
    assert result.exit_code == 0, result.output
    rows: list[dict[str, Any]] = json.loads(result.stdout)
    return rows


def by_operator(session: Session, name: str) -> AuditEvent:
    """The one event of that name, by whoever runs this test."""
    event = session.scalars(select(AuditEvent).where(AuditEvent.name == name)).one()
    assert (event.actor_kind, event.actor_label) == ("operator", f"os:{operating_system_user()}")
    return event


def test_a_label_is_found_and_ended_with_a_reason_in_words(
    world: World, poortwachter: Command, session: Session
) -> None:
    """AP7: the same operation as on a page would be; the words stay with the label and out of the audit."""
    kaai = world.organisation("De Kaai", kind="economische_actor")
    world.label(kaai)
    world.grant(world.person(), kaai)
    [row] = listed(poortwachter, "labels", "list", "--organisation", kaai.code)
    assert (row["approved"], row["ended"]) == (True, None)
    assert poortwachter("labels", "end", row["id"]).exit_code == 2, "without a reason it is no command"
    ended = poortwachter("labels", "end", row["id"], "--reason", "Vult al jaren niets in.")
    assert (ended.exit_code, ended.output) == (0, "Ended. Rights that wait for a label now: 1.\n")
    assert listed(poortwachter, "labels", "list", "--organisation", kaai.code) == []
    assert "jaren" not in str(by_operator(session, "access:label:end").details)
    session.rollback()
    again = poortwachter("labels", "end", row["id"], "--reason", "Nog eens.")
    assert (again.exit_code, again.stderr) == (1, "This label has ended already.\n")


def test_somebody_who_left_loses_rights_and_mandates_there(
    world: World, poortwachter: Command, session: Session
) -> None:
    genk = world.organisation("Genk")
    ilse = world.administrator_of(genk)
    world.grant(ilse, genk)
    [row] = listed(poortwachter, "affiliations", "list", "--organisation", genk.code)
    assert (row["person"], row["organisation_name"]) == (str(ilse.id), "Genk")
    ended = poortwachter("affiliations", "end", row["id"], "--reason", "left")
    assert (ended.exit_code, ended.output) == (0, "Ended. Rights that ended with it: 1.\n")
    assert listed(poortwachter, "affiliations", "list", "--person", str(ilse.id)) == []
    assert by_operator(session, "people:affiliation:end").details["reason"] == "left"
    session.rollback()
    assert poortwachter("affiliations", "end", row["id"], "--reason", "zomaar").exit_code == 2


def test_a_person_is_ended_everywhere_and_not_before_their_mandates(
    world: World, poortwachter: Command, session: Session, client: Client
) -> None:
    tom, ilse = world.person("Tom Bogaert"), world.administrator_of(world.organisation("Peer"))
    world.grant(tom, world.organisation("Genk"))
    world.sign_in(client, tom)
    assert len(listed(poortwachter, "sessions", "list", "--person", str(tom.id))) == 1
    ended = poortwachter("people", "end", str(tom.id), "--reason", "left")
    assert (ended.exit_code, ended.output) == (0, "Ended. Rights that ended with it: 1.\n")
    assert listed(poortwachter, "sessions", "list", "--person", str(tom.id)) == []
    assert by_operator(session, "people:person:end").details == {"reason": "left", "grants": 1}
    session.rollback()
    refused = poortwachter("people", "end", str(ilse.id), "--reason", "left")
    assert (refused.exit_code, refused.stderr) == (
        1,
        "This person still decides for others. End their mandates first.\n",
    )
    unknown = poortwachter(
        "people", "end", str(world.label(world.organisation(kind="brusselse_gemeente")).id), "--reason", "left"
    )
    assert (unknown.exit_code, unknown.stderr) == (1, "There is no such person.\n")


def test_an_investigation_keeps_somebody_as_they_are(world: World, poortwachter: Command) -> None:
    """RE3."""
    tom = world.person("Tom Bogaert")
    assert poortwachter("people", "hold", str(tom.id), "--case", "2026/14").exit_code == 0
    refused = poortwachter("people", "end", str(tom.id), "--reason", "misuse")
    assert (refused.exit_code, refused.stderr) == (
        1,
        "This person is held for an investigation. Release the person first.\n",
    )


def test_sessions_are_listed_without_names_and_ended_with_a_reason(
    world: World, poortwachter: Command, client: Client, session: Session
) -> None:
    tom = world.person("Tom Bogaert")
    signed_in = world.sign_in(client, tom)
    result = poortwachter("sessions", "list")
    assert str(signed_in.id) in result.output
    assert "Bogaert" not in result.output
    assert poortwachter("sessions", "end", "--person", str(tom.id)).exit_code == 2
    ended = poortwachter("sessions", "end", "--person", str(tom.id), "--reason", "lost_device")
    assert (ended.exit_code, ended.output) == (0, "Ended: 1 at the broker, 0 of applications.\n")
    assert client.get("/taken").status_code == 303
    assert by_operator(session, "authentication:session:end_all").subject_id == tom.id
    session.rollback()
    assert poortwachter("sessions", "list").output == "Nobody is signed in.\n"
