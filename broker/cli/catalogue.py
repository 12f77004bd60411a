"""`poortwachter catalogue`: are the policies and forms good, and what do they say?

Owns the two commands and their output; the reading itself is that of the broker's start (broker/catalogue/).
"""

import dataclasses
import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

import click

from broker.catalogue import Catalogue, CatalogueError, read_catalogue
from broker.catalogue.model import Replacement
from broker.cli.printing import print_json

F = TypeVar("F", bound=Callable[..., Any])
_SECRETS = ("client_secret", "secret_sha256")


def _folders(_context: click.Context, _option: click.Parameter, value: str) -> tuple[Path, ...]:
    folders = tuple(Path(part) for part in value.split(":") if part)
    for folder in folders:
        if not folder.is_dir():
            raise click.BadParameter(f"the folder {folder} does not exist.")
    if not folders:
        raise click.BadParameter("names no folder.")
    return folders


def _which_folders(command: F) -> F:
    for name, what in (("policies", "Policy"), ("forms", "Form")):
        command = click.option(
            f"--{name}",
            envvar=f"BROKER_{name.upper()}",
            default=name,
            show_default=True,
            callback=_folders,
            help=f"{what} folders joined by ':'; a later one adds to or replaces files of an earlier one.",
            show_envvar=True,
        )(command)
    return command


@click.group()
def catalogue() -> None:
    """Check and show what the policies and forms say."""


@catalogue.command()
@_which_folders
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of lines.")
def check(policies: tuple[Path, ...], forms: tuple[Path, ...], *, as_json: bool) -> None:
    """Report every mistake of every file.

    Exit status: 0 no mistakes, 1 mistakes, 2 wrong use. BROKER_ENV=development allows what only development may have;
    the variables BROKER_CLIENT_… that the files name must be set, as when the broker starts.
    """
    try:
        found = _read(policies, forms)
    except CatalogueError as error:
        if as_json:
            mistakes = [dataclasses.asdict(mistake) for mistake in error.mistakes]
            print_json({"mistakes": mistakes, "replaced": _plain(error.replaced)})
        else:
            for mistake in error.mistakes:
                click.echo(str(mistake))
            _print_replaced(error.replaced)
            files = len({mistake.file for mistake in error.mistakes})
            click.echo(f"{_counted(len(error.mistakes), 'mistake')} in {_counted(files, 'file')}.")
        raise SystemExit(1) from None
    if as_json:
        print_json(
            {
                "mistakes": [],
                "replaced": _plain(found.replaced),
                "files": list(found.files),
                "fingerprint": found.fingerprint,
            }
        )
        return
    _print_replaced(found.replaced)
    for remark in _remarks(found):
        click.echo(remark)
    click.echo(f"{_counted(len(found.files), 'file')}, no mistakes. Fingerprint {found.fingerprint}.")


@catalogue.command()
@_which_folders
@click.option("--json", "as_json", is_flag=True, help="Everything, as one JSON object; secrets are left out.")
def show(policies: tuple[Path, ...], forms: tuple[Path, ...], *, as_json: bool) -> None:
    """Show the applications, their rights and links; with --json, everything."""
    try:
        found = _read(policies, forms)
    except CatalogueError as error:
        click.echo(f"{_counted(len(error.mistakes), 'mistake')}; `poortwachter catalogue check` lists them.", err=True)
        raise SystemExit(1) from None
    if as_json:
        print_json(_plain(found))
        return
    for application in found.applications.values():
        click.echo(f"{application.code}: {application.name.nl}")
        for right in application.rights.values():
            click.echo(f"  {right.code}: {right.name.nl}")
        for code in application.entitlement_codes.values():
            click.echo(f"  {code.link}")
        for client in application.clients.values():
            click.echo(f"  client {client.client_id} ({client.authentication})")


def _read(policies: tuple[Path, ...], forms: tuple[Path, ...]) -> Catalogue:
    return read_catalogue(policies, forms, os.environ, development=os.environ.get("BROKER_ENV") == "development")


def _remarks(found: Catalogue) -> Iterator[str]:
    """What is no mistake, but worth a look before people find out."""
    if not found.identity_providers:
        yield "No identity provider is configured: nobody can sign in yet."
    for application in found.applications.values():
        absent = [code for code in application.sign_in if code not in found.identity_providers]
        if found.identity_providers and absent:
            yield f"{application.code} allows signing in with {', '.join(absent)}, which is not configured."
        if not application.clients:
            yield f"{application.code} has no OpenID client: nobody can sign in there yet."


def _print_replaced(replaced: tuple[Replacement, ...]) -> None:
    for each in replaced:
        keys = ", ".join(each.keys) or "nothing"
        click.echo(f"{each.file} replaces {each.replaced}; what differs: {keys}")


def _plain(value: object) -> Any:
    """What `json` can write, without secrets."""
    if dataclasses.is_dataclass(value):
        names = (each.name for each in dataclasses.fields(value) if each.name not in _SECRETS)
        return {name: _plain(getattr(value, name)) for name in names}
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, frozenset):
        return [_plain(item) for item in sorted(value)]
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
