"""`poortwachter catalogue`: are the policies and forms good, what do they say, and do the rows of the database follow
them?

Owns the commands and their output; the reading itself is that of the broker's start (broker/catalogue/), planning and
applying are operations of access/.
"""

import dataclasses
import os
import uuid
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

import click

from broker.access.apply_catalogue import apply_catalogue
from broker.access.plan_catalogue import CataloguePlan, plan_catalogue
from broker.access.policy_copies import RoleConflict
from broker.catalogue import AFFILIATION, LOCAL_ACCOUNT, Catalogue, CatalogueError, read_catalogue
from broker.catalogue.model import Replacement
from broker.cli.printing import print_json
from broker.cli.running import running_broker
from broker.database import db, perform

F = TypeVar("F", bound=Callable[..., Any])
_SECRETS = ("client_secret", "secret", "secret_sha256", "key", "private")


def _folders(_context: click.Context, _option: click.Parameter, value: str) -> tuple[Path, ...]:
    folders = tuple(Path(part) for part in value.split(":") if part)
    for folder in folders:
        if not folder.is_dir():
            raise click.BadParameter(f"the folder {folder} does not exist.")
    if not folders:
        raise click.BadParameter("names no folder.")
    return folders


def _other_forms(context: click.Context, option: click.Parameter, value: str | None) -> tuple[Path, ...] | None:
    return _folders(context, option, value) if value is not None else None


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
    """Check, show, plan and apply what the policies and forms say."""


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


@catalogue.command("apply")
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of lines.")
def apply_command(*, as_json: bool) -> None:
    """Bring the rows of the database in line with the policies of BROKER_POLICIES; again, it changes nothing.

    Every open grant takes over its slot of the one-role rule and the label it needs; labels that this makes needed
    are asked. No node is ready while its policies are not the ones applied last. Where two open grants of one person
    would take one slot, they are listed, nothing is applied and the exit status is 1: end all but one of them first.
    """
    with running_broker() as installation:
        done = perform(apply_catalogue, installation)
    if as_json:
        print_json(_plain(done))
    else:
        _print_conflicts(done.conflicts)
        if done.applied:
            grants, labels = _counted(len(done.grant_ids), "grant"), _counted(done.labels_asked, "label")
            click.echo(f"Applied {done.fingerprint}: {grants} changed, {labels} asked.")
        else:
            click.echo("Nothing was applied.")
    if not done.applied:
        raise SystemExit(1)


@catalogue.command("plan")
@click.argument("other_policies", callback=_folders)
@click.argument("other_forms", callback=_other_forms, required=False)
@click.option("--json", "as_json", is_flag=True, help="One JSON object, with every id.")
def plan_command(other_policies: tuple[Path, ...], other_forms: tuple[Path, ...] | None, *, as_json: bool) -> None:
    """Say what the policies of OTHER_POLICIES (and the forms of OTHER_FORMS) would touch, before they are put in place.

    Each is one or more folders joined by ':', as in BROKER_POLICIES; without OTHER_FORMS those of BROKER_FORMS stay.
    Compares with the policies and the database that the environment names. Changes nothing. Exit status: 0 it could
    be applied, 1 it could not (mistakes, or two grants for one slot), 2 wrong use.
    """
    with running_broker() as installation:
        try:
            other = _read(other_policies, other_forms or installation.settings.forms)
        except CatalogueError as error:
            for mistake in error.mistakes:
                click.echo(str(mistake), err=True)
            raise SystemExit(1) from None
        plan = plan_catalogue(db.session(), installation.catalogue, other)
    if as_json:
        print_json(_plain(plan))
    else:
        _print_plan(plan)
    if plan.conflicts:
        raise SystemExit(1)


def _print_plan(plan: CataloguePlan) -> None:
    if plan.fingerprint_now == plan.fingerprint_then:
        click.echo("These are the policies of now; nothing differs.")
    for what, difference in (
        ("application", plan.applications),
        ("link", plan.entitlement_codes),
        ("client", plan.clients),
        ("form", plan.forms),
        ("identity provider", plan.identity_providers),
    ):
        for how, codes in (
            ("new", difference.added),
            ("gone", difference.removed),
            ("changed", difference.changed),
        ):
            for code in codes:
                click.echo(f"{what} {how}: {code}")
    for ids, noun, sentence in (
        (plan.grants_without_right, "grant", "would no longer count: the right is gone"),
        (plan.grants_waiting, "grant", "would wait for a label"),
        (plan.grants_without_label, "grant", "would no longer need a label"),
        (plan.grants_other_slot, "grant", "would take another slot of the one-role rule"),
        (plan.requests_not_offered, "open request", "could only be turned down"),
        (plan.requests_label_changes, "open request", "would need a label, or no longer"),
    ):
        if ids:
            click.echo(f"{_counted(len(ids), noun)} {sentence}:")
            for each in ids:
                click.echo(f"  {each}")
    for organisation, label in plan.labels_to_ask:
        click.echo(f"label to ask: {label} for {organisation}")
    _print_conflicts(plan.conflicts)
    if not plan.touches_rows:
        click.echo("No grant and no request would change.")


def _print_conflicts(conflicts: tuple[RoleConflict, ...]) -> None:
    for each in conflicts:
        grants, places = ", ".join(map(str, each.grant_ids)), ", ".join(each.organisation_codes)
        click.echo(
            f"{each.application_code}: person {each.person_id} would have one role too many at {places}:"
            f" grants {grants}"
        )


def _read(policies: tuple[Path, ...], forms: tuple[Path, ...]) -> Catalogue:
    return read_catalogue(policies, forms, os.environ, development=os.environ.get("BROKER_ENV") == "development")


def _remarks(found: Catalogue) -> Iterator[str]:
    """What is no mistake, but worth a look before people find out."""
    if not found.identity_providers and not found.with_local_accounts():
        yield "No identity provider is configured: nobody can sign in yet."
    for application in found.applications.values():
        known = {*found.identity_providers, LOCAL_ACCOUNT}
        absent = [code for code in application.sign_in if code not in known]
        if found.identity_providers and absent:
            yield f"{application.code} allows signing in with {', '.join(absent)}, which is not configured."
        if not application.clients and application.gives != AFFILIATION:
            yield f"{application.code} has no OpenID client: nobody can sign in there yet."


def _print_replaced(replaced: tuple[Replacement, ...]) -> None:
    for each in replaced:
        keys = ", ".join(each.keys) or "nothing"
        click.echo(f"{each.file} replaces {each.replaced}; what differs: {keys}")


def _plain(value: object) -> Any:
    """What `json` can write, without secrets."""
    if dataclasses.is_dataclass(value):
        names = (each.name for each in dataclasses.fields(value) if not each.name.startswith("_"))
        return {name: _plain(getattr(value, name)) for name in names if name not in _SECRETS}
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, frozenset):
        return [_plain(item) for item in sorted(value)]
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return str(value) if isinstance(value, uuid.UUID) else value


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
