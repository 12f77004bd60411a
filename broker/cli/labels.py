"""`poortwachter labels`: the labels of organisations."""

import uuid

import click
from sqlalchemy import select

from broker.access.end_label import end_label
from broker.access.label import Label
from broker.cli.printing import print_rows
from broker.cli.running import running_broker
from broker.database import db, perform
from broker.people.organisation import Organisation


@click.group()
def labels() -> None:
    """The labels that organisations need for some rights."""


@labels.command("list")
@click.option("--organisation", metavar="CODE", help="Only of this organisation.")
@click.option("--ended", is_flag=True, help="Those that have ended as well.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def list_command(organisation: str | None, ended: bool, as_json: bool) -> None:
    """List labels, by organisation. One is approved, or waits for its officer."""
    query = (
        select(Label, Organisation)
        .join(Organisation, Organisation.id == Label.organisation_id)
        .order_by(Organisation.name, Label.label_code, Label.asked_at)
    )
    if organisation:
        query = query.where(Organisation.code == organisation)
    if not ended:
        query = query.where(Label.ended_at.is_(None))
    with running_broker():
        rows = [
            {
                "id": str(label.id),
                "label": label.label_code,
                "organisation": place.code,
                "name": place.name,
                "asked_at": label.asked_at.date().isoformat(),
                "approved": label.approved_at is not None,
                "ended": label.end_reason,
            }
            for label, place in db.session.execute(query)
        ]
    print_rows(rows, as_json=as_json, nothing="No labels.")


@labels.command("end")
@click.argument("label", type=click.UUID)
@click.option("--reason", required=True, help="Why, in words; kept with the label.")
def end_command(label: uuid.UUID, reason: str) -> None:
    """End the approved label with the id LABEL: the rights that need it wait for one again, at once."""
    with running_broker():
        waiting = perform(end_label, label, ended_by=None, reason=reason)
    click.echo(f"Ended. Rights that wait for a label now: {waiting}.")
