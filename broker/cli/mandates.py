"""`poortwachter mandates`: who may decide what. The same operations and rules as on the pages (threats AP7)."""

import uuid
from datetime import datetime

import click
from sqlalchemy import select

from broker import clock
from broker.cli.naming import named_organisation, named_person
from broker.cli.printing import print_json, print_rows
from broker.cli.running import running_broker
from broker.database import db, perform
from broker.people.appoint_mandate import Appointment, appoint_mandate
from broker.people.dismiss_mandate import dismiss_mandate
from broker.people.living_mandates import living_mandates
from broker.people.mandate import KINDS, Mandate
from broker.people.organisation import Organisation
from broker.people.person import Person


@click.group()
def mandates() -> None:
    """Who may decide what."""


@mandates.command("appoint")
@click.option("--person", required=True, metavar="ID|EMAIL", help="Whom to appoint; `people add` prints the id.")
@click.option("--kind", required=True, type=click.Choice(KINDS))
@click.option("--organisation", metavar="CODE", help="For (head) local administrators: their organisation.")
@click.option("--target-group", metavar="CODE", help="For an officer: the target group, for example LB.")
@click.option("--type", "organisation_type", metavar="CODE", help="For an officer: the organisation type.")
@click.option("--application", metavar="CODE", help="For an owner: the application, for example cultuurmonitor.")
@click.option("--email", help="For local administrators: the address at work.")
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), help="The last day, inclusive.")
@click.option("--reason", required=True, help="On what grounds: a letter, a decision, a call. Kept with the mandate.")
@click.option("--by", metavar="ID|EMAIL", help="On behalf of this administrator or officer; their rules hold.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def appoint_command(
    person: str,
    kind: str,
    organisation: str | None,
    target_group: str | None,
    organisation_type: str | None,
    application: str | None,
    email: str | None,
    until: datetime | None,
    reason: str,
    by: str | None,
    as_json: bool,
) -> None:
    """Appoint somebody, and tell everybody concerned.

    By itself this command appoints officers, owners, and the first administrator of an organisation that has none.
    With --by it does what that person may do: a head local administrator appoints local administrators, an officer
    appoints heads. Nobody appoints himself. A person who never signed in may be appointed; the mandate counts from
    their first sign-in on.
    """
    with running_broker() as installation:
        appointment = Appointment(
            person_id=named_person(person).id,
            kind=kind,
            organisation_id=named_organisation(organisation).id if organisation else None,
            target_group=target_group,
            organisation_type=organisation_type,
            application_code=application,
            evidence=reason,
            email=email,
            valid_until=clock.end_of_day(until.date()) if until else None,
        )
        actor = named_person(by).id if by else None
        mandate = perform(appoint_mandate, installation, actor, appointment)
        counts = any(
            view.mandate_id == mandate.id for view in living_mandates(db.session(), person_id=mandate.person_id)
        )
    if as_json:
        print_json({"id": str(mandate.id), "kind": mandate.kind, "scope": mandate.scope_key, "counts": counts})
    else:
        click.echo(f"{mandate.id}  {kind}{'' if counts else ' (counts from their first sign-in on)'}")


@mandates.command("dismiss")
@click.argument("mandate", type=click.UUID)
@click.option("--reason", required=True, help="Why; kept with the mandate.")
@click.option("--by", metavar="ID|EMAIL", help="On behalf of this administrator or officer; their rules hold.")
def dismiss_command(mandate: uuid.UUID, reason: str, by: str | None) -> None:
    """End the mandate with the id MANDATE (`mandates list` shows it), and tell everybody concerned."""
    with running_broker() as installation:
        actor = named_person(by).id if by else None
        ended = perform(dismiss_mandate, installation, actor, mandate, reason)
    click.echo(f"{ended.id}  {ended.kind} {ended.end_reason}")


@mandates.command("list")
@click.option("--organisation", metavar="CODE", help="Only of this organisation.")
@click.option("--kind", type=click.Choice(KINDS), help="Only this kind.")
@click.option("--ended", is_flag=True, help="Those that have ended as well.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def list_command(organisation: str | None, kind: str | None, ended: bool, as_json: bool) -> None:
    """List mandates; `counts` says whether one lets its holder decide now."""
    query = (
        select(Mandate, Person, Organisation)
        .join(Person, Person.id == Mandate.person_id)
        .outerjoin(Organisation, Organisation.id == Mandate.organisation_id)
        .order_by(Mandate.kind, Mandate.scope_key, Person.family_name, Mandate.id)
    )
    if organisation:
        query = query.where(Organisation.code == organisation)
    if kind:
        query = query.where(Mandate.kind == kind)
    if not ended:
        query = query.where(Mandate.ended_at.is_(None))
    with running_broker():
        counting = {view.mandate_id for view in living_mandates(db.session())}
        rows = [
            {
                "id": str(mandate.id),
                "kind": mandate.kind,
                "person": person.full_name,
                "scope": f"{works_for.name} ({works_for.code})" if works_for else mandate.scope_key,
                "counts": mandate.id in counting,
                "until": clock.last_day(mandate.valid_until).isoformat() if mandate.valid_until else None,
                "ended": mandate.end_reason,
                "person_id": str(person.id),
            }
            for mandate, person, works_for in db.session.execute(query)
        ]
    print_rows(rows, as_json=as_json, nothing="No mandates.")
