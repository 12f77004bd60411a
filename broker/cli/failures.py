"""How a command fails: one line on stderr and exit status 1, never a traceback for what an operator can mend."""

from typing import IO, Any

import click
from sqlalchemy.exc import DBAPIError, OperationalError, ProgrammingError

from broker.catalogue import CatalogueError
from broker.errors import DomainError, InvalidError
from broker.settings import SettingsError

_UNDEFINED_TABLE = "42P01"


class CommandError(click.ClickException):
    """The command was understood and could not be carried out."""

    exit_code = 1

    def show(self, file: IO[Any] | None = None) -> None:
        """Write the message as it is, on stderr."""
        click.echo(self.message, file=file, err=True)


class Commands(click.Group):
    """The root of the command: turns what the broker raises into a CommandError."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; DomainError, SettingsError, CatalogueError and a database that is not there become status
        1."""
        try:
            return super().invoke(ctx)
        except DomainError as error:
            raise CommandError(_sentence(error)) from error
        except (SettingsError, CatalogueError) as error:
            raise CommandError(str(error)) from error
        except (OperationalError, ProgrammingError) as error:
            raise CommandError(_about_database(error)) from error
        except OSError as error:
            raise CommandError(f"{error.strerror}: {error.filename}") from error


def _sentence(error: DomainError) -> str:
    """The sentence of an error, with that of each field where it has several."""
    if not isinstance(error, InvalidError) or not error.fields:
        return error.text.en
    fields = "; ".join(f"{name.replace('_', '-')}: {text.en}" for name, text in error.fields.items())
    return f"{error.text.en} {fields}"


def _about_database(error: DBAPIError) -> str:
    """One line: a database without tables, or whatever the driver says."""
    reason = " ".join(str(error.orig).split())
    if "no such table" in reason or getattr(error.orig, "sqlstate", None) == _UNDEFINED_TABLE:
        return "The database has no tables yet. Run: poortwachter database upgrade"
    return f"The database cannot be used: {reason}"
