"""`poortwachter people`: enter somebody who has not signed in yet, and list who is known."""

import sys
import uuid

import click
from sqlalchemy import select

from broker.access.settle_doubt import RightName, settle_doubt
from broker.authentication.end_person import REASONS, end_person
from broker.cli.naming import named_organisation
from broker.cli.printing import print_json, print_rows
from broker.cli.running import running_broker
from broker.database import db, perform
from broker.people.add_person import NewPerson, add_person
from broker.people.affiliation import Affiliation
from broker.people.hold_person import hold_person, release_person
from broker.people.identifiers import folded
from broker.people.organisation import Organisation
from broker.people.person import Person


@click.group()
def people() -> None:
    """The people known to the broker."""


@people.command("add")
@click.option("--given-name", required=True)
@click.option("--family-name", required=True)
@click.option(
    "--number",
    metavar="NUMBER",
    help="Rijksregisternummer or BIS number. Give - to have it read from standard input, so that it stands in no history.",
)
@click.option("--email", help="The person's address; at work when --organisation is given.")
@click.option("--email-proved", is_flag=True, help="Somebody saw to it that the person reads mail at this address.")
@click.option("--phone")
@click.option("--language", type=click.Choice(["nl", "en"]), default="nl", show_default=True)
@click.option("--organisation", metavar="CODE", help="The organisation that the person works for.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def add_command(
    given_name: str,
    family_name: str,
    number: str | None,
    email: str | None,
    email_proved: bool,
    phone: str | None,
    language: str,
    organisation: str | None,
    as_json: bool,
) -> None:
    """Enter a person, who is linked to a digital key at the first sign-in with this number.

    Somebody known by that number is that person, and keeps the name we have. Prints the id, which `mandates appoint`
    takes.
    """
    new = NewPerson(
        given_name=given_name,
        family_name=family_name,
        number=sys.stdin.readline().strip() if number == "-" else number,
        email=email,
        email_source="proved" if email_proved else "entered",
        phone=phone,
        language=language,
    )
    with running_broker() as installation:
        works_for = named_organisation(organisation).id if organisation else None
        person = perform(add_person, installation, None, new, works_for)
        if as_json:
            print_json({"id": str(person.id), "name": person.full_name, "state": person.state})
        else:
            click.echo(f"{person.id}  {person.full_name} ({person.state})")


@people.command("list")
@click.option("--search", default="", metavar="WORDS", help="Only those with these words in their name.")
@click.option("--organisation", metavar="CODE", help="Only those who work for this organisation.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def list_command(search: str, organisation: str | None, as_json: bool) -> None:
    """List people, by family name. Never shows a rijksregisternummer."""
    words = folded(search).split()
    with running_broker():
        query = select(Person).where(Person.state.not_in(("merged", "erased")))
        if organisation:
            works_there = (
                select(Affiliation.person_id)
                .join(Organisation, Organisation.id == Affiliation.organisation_id)
                .where(Organisation.code == organisation, Affiliation.ended_at.is_(None))
            )
            query = query.where(Person.id.in_(works_there))
        rows = [
            {"id": str(each.id), "name": each.full_name, "state": each.state, "number_known": bool(each.number_hash)}
            for each in db.session.scalars(query.order_by(Person.family_name, Person.given_name, Person.id))
            if all(word in folded(each.full_name) for word in words)
        ]
    print_rows(rows, as_json=as_json, nothing="Nobody.")


@people.command("settle-doubt")
@click.argument("person", type=click.UUID)
@click.option("--given-name", help="The given name as it should have been written; with --family-name.")
@click.option("--family-name", help="The family name as it should have been written.")
@click.option(
    "--wrong-number", is_flag=True, help="The number was somebody else's: let it go and end the rights given to it."
)
def settle_doubt_command(
    person: uuid.UUID, given_name: str | None, family_name: str | None, *, wrong_number: bool
) -> None:
    """Help somebody whose name at the digital key is not the one we have (`people list` shows them as doubted).

    Either correct the name, and the next sign-in links; or say that the number was somebody else's.
    """
    if wrong_number == bool(given_name and family_name):
        raise click.UsageError("Give --given-name and --family-name, or --wrong-number.")
    name = None if wrong_number else RightName(given_name or "", family_name or "")
    with running_broker() as installation:
        ended = perform(settle_doubt, installation, person, name)
        click.echo(f"Settled. Rights ended: {ended}." if wrong_number else "Settled: the next sign-in links.")


@people.command("hold")
@click.argument("person", type=click.UUID)
@click.option("--case", required=True, metavar="NUMBER", help="The number of the case; it stands in the audit.")
def hold_command(person: uuid.UUID, case: str) -> None:
    """Keep everything about a person for an investigation: `retention run` leaves them alone."""
    with running_broker():
        perform(hold_person, person, case)
        click.echo("Held.")


@people.command("release")
@click.argument("person", type=click.UUID)
@click.option("--case", required=True, metavar="NUMBER", help="The number of the case; it stands in the audit.")
def release_command(person: uuid.UUID, case: str) -> None:
    """Let the ordinary periods count for this person again."""
    with running_broker():
        perform(release_person, person, case)
        click.echo("Released.")


@people.command("end")
@click.argument("person", type=click.UUID)
@click.option("--reason", required=True, type=click.Choice(REASONS), help="Stands in the audit.")
def end_command(person: uuid.UUID, reason: str) -> None:
    """End everything of PERSON at once: rights, jobs, requests, digital keys and sign-ins, everywhere.

    Somebody who decides for others is dismissed first (`mandates dismiss`). Their data go when its time has come
    (`retention run`).
    """
    with running_broker() as installation:
        rights = perform(end_person, installation, person, reason)
        click.echo(f"Ended. Rights that ended with it: {rights}.")
