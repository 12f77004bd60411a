"""`poortwachter database`: bring the schema to the newest migration, or say whether it is there."""

import click

from broker.cli.failures import CommandError
from broker.cli.running import running_broker
from broker.database import db, perform
from broker.keys.rotate_signing_key import ensure_signing_keys
from broker.schema import current_revision, newest_revision, upgrade


@click.group()
def database() -> None:
    """The database of the broker."""


@database.command("upgrade")
def upgrade_command() -> None:
    """Run the migrations that are still to run, and make the first signing keys.

    Safe to repeat; run it before the new version starts.
    """
    with running_broker() as installation:
        upgrade(db.engine)
        perform(ensure_signing_keys, installation.keys)
        click.echo(f"The database is at {newest_revision()}.")


@database.command("check")
def check_command() -> None:
    """Say whether the database is at the newest migration; exit status 1 when it is not."""
    with running_broker():
        with db.engine.connect() as connection:
            current = current_revision(connection)
        if current != newest_revision():
            raise CommandError(
                f"The database is at {current or 'no migration'}; this version needs {newest_revision()}."
                " Run: poortwachter database upgrade"
            )
        click.echo(f"The database is at {current}, the newest.")
