"""`poortwachter sessions`: who is signed in, and signing somebody out everywhere."""

import uuid

import click

from broker.authentication.end_person_sessions import REASONS, end_person_sessions
from broker.authentication.list_sessions import list_sessions
from broker.cli.printing import print_rows
from broker.cli.running import running_broker
from broker.database import db, perform


@click.group()
def sessions() -> None:
    """The sign-ins of people, and what applications hold of them."""


@sessions.command("list")
@click.option("--person", type=click.UUID, help="Only of this person.")
@click.option("--limit", type=click.IntRange(1, 1000), default=50, show_default=True, help="The newest so many.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def list_command(person: uuid.UUID | None, limit: int, as_json: bool) -> None:
    """List living sessions, newest first: of the broker itself, and of applications (with their client)."""
    with running_broker():
        rows = [
            {
                "id": str(each.session_id),
                "person": str(each.person_id),
                "client": each.client_id,
                "since": each.since.isoformat(timespec="seconds"),
                "ends_at": each.ends_at.isoformat(timespec="seconds"),
                "offline": each.offline,
            }
            for each in list_sessions(db.session(), person, limit)
        ]
    print_rows(rows, as_json=as_json, nothing="Nobody is signed in.")


@sessions.command("end")
@click.option("--person", required=True, type=click.UUID, help="Whose; `people list` shows the id.")
@click.option("--reason", required=True, type=click.Choice(REASONS), help="Stands in the audit; applications read it.")
def end_command(person: uuid.UUID, reason: str) -> None:
    """Sign somebody out everywhere, at once, offline access as well; their applications are told within seconds.

    The devices that their local account remembers are forgotten. They can sign in again. To end what they may do: `people end`,
    `affiliations end`.
    """
    with running_broker() as installation:
        at_broker, of_applications = perform(end_person_sessions, installation, person, reason)
    click.echo(f"Ended: {at_broker} at the broker, {of_applications} of applications.")
