"""`poortwachter audit`: read what happened, and prove that nobody changed it."""

import uuid
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import click

from broker.audit.list_events import EventFilter, list_events
from broker.audit.verify import CheckpointError, make_checkpoint, read_checkpoint, verify_audit
from broker.cli.failures import CommandError
from broker.cli.printing import print_rows
from broker.cli.running import running_broker
from broker.database import db
from broker.keys.checkpoint_key import new_checkpoint_seed, signature_fits
from broker.notifications.tell_checkpoint import checkpoint_key

_MOMENT = click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"])


@click.group()
def audit() -> None:
    """What happened, when, by whom."""


@audit.command("list")
@click.option("--name", help="An event or the beginning of one: access:request:approve, or access:")
@click.option("--actor", type=click.UUID, metavar="ID", help="Who did it.")
@click.option("--subject", type=click.UUID, metavar="ID", help="What it was done to.")
@click.option("--organisation", type=click.UUID, metavar="ID", help="For which organisation.")
@click.option("--request", "request_id", metavar="ID", help="The request id of the log.")
@click.option("--since", type=_MOMENT, help="From this moment on (UTC).")
@click.option("--until", type=_MOMENT, help="Before this moment (UTC).")
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True, help="The newest so many.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, with the details.")
def list_command(
    name: str | None,
    actor: uuid.UUID | None,
    subject: uuid.UUID | None,
    organisation: uuid.UUID | None,
    request_id: str | None,
    since: datetime | None,
    until: datetime | None,
    limit: int,
    as_json: bool,
) -> None:
    """List events, newest first. Ids and codes only: names are kept elsewhere and may be erased there."""
    wanted = EventFilter(
        name=name,
        actor_id=actor,
        subject_id=subject,
        organisation_id=organisation,
        request_id=request_id,
        since=since.replace(tzinfo=UTC) if since else None,
        until=until.replace(tzinfo=UTC) if until else None,
    )
    with running_broker():
        rows = []
        for event in list_events(db.session(), wanted, limit):
            row: dict[str, object] = {
                "happened_at": event.happened_at.isoformat(timespec="seconds"),
                "name": event.name,
                "actor": str(event.actor_id) if event.actor_id else event.actor_label or event.actor_kind,
                "subject_id": str(event.subject_id) if event.subject_id else None,
                "organisation_id": str(event.organisation_id) if event.organisation_id else None,
            }
            if as_json:
                row |= {
                    "id": str(event.id),
                    "actor_kind": event.actor_kind,
                    "request_id": event.request_id,
                    "details": event.details,
                }
            rows.append(row)
    print_rows(rows, as_json=as_json, nothing="No events.")


@audit.command("verify")
@click.option(
    "--checkpoint",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A file with a checkpoint that was kept outside: shows whether the tail was cut off or all was rewritten.",
)
@click.option(
    "--public-key", metavar="KEY", help="Which key it must be signed with; that of this installation when left out."
)
def verify_command(checkpoint: Path | None, public_key: str | None) -> None:
    """Recompute the chain over all events; exit status 1 when something was changed, and what."""
    with running_broker() as installation:
        public = public_key or checkpoint_key(installation).public
        try:
            kept = read_checkpoint(checkpoint.read_text(), partial(signature_fits, public)) if checkpoint else None
        except CheckpointError as error:
            raise CommandError(str(error)) from error
        result = verify_audit(db.session(), kept)
    if not result.sound:
        raise CommandError("\n".join(["The audit is not what was written:", *result.findings]))
    click.echo(f"{result.sealed} events, all as they were written; {result.unsealed} wait for their seal.")


@audit.command("checkpoint")
def checkpoint_command() -> None:
    """Print a signed checkpoint of the chain: keep it on another machine, for `audit verify --checkpoint`.

    The worker writes one to the log every hour.
    """
    with running_broker() as installation:
        click.echo(make_checkpoint(db.session(), checkpoint_key(installation).sign))


@audit.command("public-key")
def public_key_command() -> None:
    """Print the public half of the key that signs the checkpoints: who holds it can check them, and make none."""
    with running_broker() as installation:
        click.echo(checkpoint_key(installation).public)


@audit.command("new-key")
def new_key_command() -> None:
    """Print a new key for BROKER_AUDIT_KEY. Nothing is stored here."""
    click.echo(new_checkpoint_seed())
