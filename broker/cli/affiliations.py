"""`poortwachter affiliations`: who works where."""

import uuid

import click
from sqlalchemy import select

from broker.access.end_affiliation import end_affiliation
from broker.cli.printing import print_rows
from broker.cli.running import running_broker
from broker.database import db, perform
from broker.people.affiliation import Affiliation
from broker.people.organisation import Organisation
from broker.people.person import Person

REASONS = ("left", "entered_by_mistake", "other")


@click.group()
def affiliations() -> None:
    """Who works for which organisation."""


@affiliations.command("list")
@click.option("--organisation", metavar="CODE", help="Only at this organisation.")
@click.option("--person", type=click.UUID, help="Only of this person.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def list_command(organisation: str | None, person: uuid.UUID | None, as_json: bool) -> None:
    """List living affiliations, by organisation and family name."""
    query = (
        select(Affiliation, Person, Organisation)
        .join(Person, Person.id == Affiliation.person_id)
        .join(Organisation, Organisation.id == Affiliation.organisation_id)
        .where(Affiliation.ended_at.is_(None))
        .order_by(Organisation.name, Person.family_name, Affiliation.id)
    )
    if organisation:
        query = query.where(Organisation.code == organisation)
    if person:
        query = query.where(Affiliation.person_id == person)
    with running_broker():
        rows = [
            {
                "id": str(affiliation.id),
                "person": str(who.id),
                "name": who.full_name,
                "organisation": place.code,
                "organisation_name": place.name,
                "until": affiliation.valid_until.date().isoformat() if affiliation.valid_until else None,
            }
            for affiliation, who, place in db.session.execute(query)
        ]
    print_rows(rows, as_json=as_json, nothing="Nobody.")


@affiliations.command("end")
@click.argument("affiliation", type=click.UUID)
@click.option("--reason", required=True, type=click.Choice(REASONS), help="Stands in the audit.")
def end_command(affiliation: uuid.UUID, reason: str) -> None:
    """End the affiliation with the id AFFILIATION: somebody left. Their rights and mandates there end with it, at once."""
    with running_broker() as installation:
        rights = perform(end_affiliation, installation, affiliation, ended_by=None, reason=reason)
    click.echo(f"Ended. Rights that ended with it: {rights}.")
