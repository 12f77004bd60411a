"""`poortwachter database`: bring the schema to the newest migration, or say whether it is there."""

import click
from sqlalchemy.exc import ProgrammingError

from broker.access.apply_catalogue import apply_catalogue
from broker.audit.restricted_role import is_role_name, restrict_sql
from broker.cli.failures import CommandError
from broker.cli.running import running_broker
from broker.database import db, perform
from broker.keys.noted_keys import note_keys
from broker.keys.rotate_signing_key import ensure_signing_keys
from broker.keys_in_use import MissingKeyError, require_keys
from broker.schema import current_revision, newest_revision, upgrade


@click.group()
def database() -> None:
    """The database of the broker."""


@database.command("upgrade")
def upgrade_command() -> None:
    """Run the migrations that are still to run, make the first signing keys, and apply the policies where no row has to change.

    Safe to repeat; run it before the new version starts. Policies that ask other rows, `poortwachter catalogue apply` applies.
    """
    with running_broker() as installation:
        upgrade(db.engine)
        perform(note_keys, installation.keys)
        perform(ensure_signing_keys, installation.keys)
        applied = perform(apply_catalogue, installation, only_if_rows_agree=True).applied
        click.echo(f"The database is at {newest_revision()}.")
        if not applied:
            click.echo("The policies ask other rows. Run: poortwachter catalogue apply")


@database.command("restrict")
@click.argument("role")
def restrict_command(role: str) -> None:
    """Let ROLE of PostgreSQL do all that the broker does, but of the audit only read and add.

    Run it as the owner of the tables, after every `database upgrade`; the broker and its worker then run as ROLE.
    """
    if not is_role_name(role):
        raise click.UsageError("A role has small letters, digits and underscores.")
    with running_broker():
        if db.engine.dialect.name != "postgresql":
            raise CommandError("SQLite has no roles: whoever can write the file can change all of it.")
        try:
            with db.engine.begin() as connection:
                for statement in restrict_sql(role):
                    connection.exec_driver_sql(statement)
        except ProgrammingError as error:
            raise CommandError(f"PostgreSQL refused: {error.orig}".strip()) from error
        click.echo(f"{role} may add to the audit, and change nothing of it.")


@database.command("check")
def check_command() -> None:
    """Say whether the database is at the newest migration and its keys are there; exit status 1 when not."""
    with running_broker() as installation:
        with db.engine.connect() as connection:
            current = current_revision(connection)
        if current != newest_revision():
            raise CommandError(
                f"The database is at {current or 'no migration'}; this version needs {newest_revision()}."
                " Run: poortwachter database upgrade"
            )
        try:
            require_keys(db.session(), installation.keys)
        except MissingKeyError as error:
            raise CommandError(str(error)) from error
        click.echo(f"The database is at {current}, the newest.")
