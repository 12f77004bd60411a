"""Reads all policy and form files into one `Catalogue`, or says everything that is wrong with them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TypeVar

from broker.catalogue.application_file import kinds_within, read_application
from broker.catalogue.checks import CHECKS, Everything
from broker.catalogue.client_block import APPLICATION
from broker.catalogue.clients_file import read_clients
from broker.catalogue.folders import FilesInForce, SourceFile, files_in_force
from broker.catalogue.form_file import FORM, read_form
from broker.catalogue.formats import code
from broker.catalogue.found import Found, Reading, UnreadableError
from broker.catalogue.helpdesk_file import read_helpdesk
from broker.catalogue.identity_providers_file import IDENTITY_PROVIDER, read_identity_providers
from broker.catalogue.mistakes import CatalogueError, Mistake
from broker.catalogue.model import Application, Catalogue, Client, PasswordPolicy
from broker.catalogue.passwords_file import read_passwords
from broker.catalogue.replacements import replacements
from broker.catalogue.retention_file import read_retention
from broker.catalogue.target_groups_file import TARGET_GROUP, read_target_groups
from broker.catalogue.yaml_lines import Scalar, read_tree

__all__ = ["CatalogueError", "Mistake", "read_catalogue"]

T = TypeVar("T")


def read_catalogue(
    policies: Sequence[Path], forms: Sequence[Path], environment: Mapping[str, str], *, development: bool
) -> Catalogue:
    """The catalogue of the given folders; a file in a later folder replaces its namesake in an earlier one.

    Args:
        policies: policy folders, as in BROKER_POLICIES.
        forms: form folders, as in BROKER_FORMS.
        environment: where variables named BROKER_CLIENT_… are looked up.
        development: allows http, loopback addresses, test e-mail domains and secrets written in a file.

    Raises:
        CatalogueError: every mistake in every file.
    """
    reading = Reading(environment, development)
    in_force = files_in_force(policies, forms, reading.mistakes)
    files = _Files(reading, in_force)
    groups = files.single("policies/target_groups.yaml", read_target_groups, TARGET_GROUP)
    helpdesk = files.single("policies/helpdesk.yaml", read_helpdesk)
    providers = files.single("policies/identity_providers.yaml", read_identity_providers, IDENTITY_PROVIDER)
    retention = files.single("policies/retention.yaml", read_retention)
    passwords = files.optional("policies/passwords.yaml", read_passwords)
    all_forms = files.each_named("forms/", FORM, read_form, lambda _: ())
    applications = files.each_named("policies/applications/", APPLICATION, read_application, kinds_within)
    more_clients = [client for clients in files.each("policies/clients/", read_clients) for client in clients]
    by_code = {provider.code: provider for provider in providers or ()}
    for check in CHECKS:
        check(Everything(reading, tuple(applications), by_code))
    if reading.mistakes:
        raise CatalogueError(reading.mistakes, replacements(in_force.replaced))
    assert groups is not None
    assert helpdesk is not None
    assert retention is not None
    complete = {application.code: _with_clients(application, more_clients) for _, application in applications}
    return Catalogue(
        target_groups=groups,
        applications=complete,
        forms={form.code: form for _, form in all_forms},
        identity_providers=by_code,
        helpdesk=helpdesk,
        retention=retention,
        fingerprint=in_force.fingerprint,
        files=tuple(file.name for file in in_force.files),
        entitlement_codes={each.code: each for one in complete.values() for each in one.entitlement_codes.values()},
        clients={each.client_id: each for one in complete.values() for each in one.clients.values()},
        replaced=replacements(in_force.replaced),
        passwords=passwords or PasswordPolicy(),
    )


def _with_clients(application: Application, clients: Sequence[Client]) -> Application:
    own = {client.client_id: client for client in clients if client.application_code == application.code}
    return replace(application, clients={**application.clients, **own})


class _Files:
    """Hands each file in force to its reader, and goes on with the next after one that cannot be used."""

    def __init__(self, reading: Reading, in_force: FilesInForce) -> None:
        self._reading = reading
        self._files = {file.name: file for file in in_force.files}

    def single(self, name: str, read: Callable[[Found], T], kind: str | None = None) -> T | None:
        """What `read` makes of the one file of this name; while it is unreadable nobody can say what of `kind`
        exists.
        """
        value: T | None = None
        if name in self._files:
            value = _read(self._found(self._files[name]), read)
        else:
            self._reading.mistakes.append(Mistake(name, 1, "", "no such file", "this file in one of the folders"))
        if value is None and kind is not None and kind not in self._reading.names:
            self._reading.untold.add(kind)
        return value

    def optional(self, name: str, read: Callable[[Found], T]) -> T | None:
        """What `read` makes of the one file of this name; None where it is not there."""
        return _read(self._found(self._files[name]), read) if name in self._files else None

    def each(self, folder: str, read: Callable[[Found], T]) -> list[T]:
        """What `read` makes of every file of a folder that it can use."""
        values = (_read(self._found(file), read) for file in self._in(folder))
        return [value for value in values if value is not None]

    def each_named(
        self, folder: str, kind: str, read: Callable[[str, Found], T], kinds_within: Callable[[str], tuple[str, ...]]
    ) -> list[tuple[Found, T]]:
        """The same for files whose name is the code of what is in them, with where it was found."""
        values: list[tuple[Found, T]] = []
        for file in self._in(folder):
            found = self._found(file)
            self._reading.define(kind, file.stem, found)
            name = replace(found, node=Scalar(1, file.stem, "text"))
            value = _read(found, partial(read, file.stem)) if _read(name, code(40)) else None
            if value is None:
                self._reading.untold.update(one for one in kinds_within(file.stem) if one not in self._reading.names)
            else:
                values.append((found, value))
        return values

    def _in(self, folder: str) -> list[SourceFile]:
        return [file for file in self._files.values() if file.name.startswith(folder)]

    def _found(self, file: SourceFile) -> Found:
        node, mistakes = read_tree(file.path, file.content)
        self._reading.mistakes += mistakes
        return Found(self._reading, file.path, "", node.line, node)


def _read(found: Found, read: Callable[[Found], T]) -> T | None:
    try:
        return read(found)
    except UnreadableError:
        return None
