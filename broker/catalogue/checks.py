"""What can only be judged when every file was read: one check a function, all of them in CHECKS.

Does not own what is judged within one file (the file readers do that).
"""

import difflib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from broker.catalogue.found import Entries, Found, Reading, one_of, show
from broker.catalogue.identity_providers_file import IDENTITY_PROVIDER
from broker.catalogue.model import LOCAL_ACCOUNT, Application, IdentityProvider
from broker.catalogue.yaml_lines import Listing, Scalar


@dataclass(frozen=True, slots=True)
class Everything:
    """What all files said, as far as it could be read: applications with the file each came from."""

    reading: Reading
    applications: tuple[tuple[Found, Application], ...]
    identity_providers: Mapping[str, IdentityProvider]


def every_name_exists(everything: Everything) -> None:
    """Whatever is referred to is defined somewhere."""
    reading = everything.reading
    for reference in reading.references:
        known = reading.names.get(reference.kind, {})
        if reference.name in known or reference.kind in reading.untold:
            continue
        if reference.owner and reference.owner[1] not in reading.names.get(reference.owner[0], {}):
            continue
        near = difflib.get_close_matches(reference.name, known, n=1)
        hint = f" (did you mean {near[0]}?)" if near else ""
        reference.found.mistake(show(reference.name), f"{reference.kind}: {one_of(known)}{hint}")


def somebody_can_sign_in(everything: Everything) -> None:
    """Of the digital keys that an application allows, one is there, and none is a slip of the pen; or it takes local accounts.

    An application may allow keys that this installation does not have; and where there is no key at all (as in the
    repository's own folders) nothing is said here, `catalogue check` tells.
    """
    known = everything.identity_providers
    if not known:
        return
    for found, application in everything.applications:
        for place, provider in _allowed(found):
            if provider == LOCAL_ACCOUNT:
                continue
            near = difflib.get_close_matches(provider, set(known).difference(application.sign_in), n=1, cutoff=0.75)
            if provider not in known and near:
                place.mistake(show(provider), f"{IDENTITY_PROVIDER}: {one_of(known)} (did you mean {near[0]}?)")
        if LOCAL_ACCOUNT not in application.sign_in and known.keys().isdisjoint(application.sign_in):
            Entries(found).at("sign_in").mistake(
                ", ".join(application.sign_in), f"{IDENTITY_PROVIDER}: {one_of(known)}"
            )


def every_key_opens(everything: Everything) -> None:
    """A digital key that an application allows can reach the level it asks; else whoever picks it is turned away."""
    for found, application in everything.applications:
        for place, code in _allowed(found):
            provider = everything.identity_providers.get(code)
            if provider is None:
                continue
            levels = [level for _, level in provider.levels.values()]
            reached = min(provider.ceiling, max(levels, default=0))
            if reached < application.minimum_level:
                expected = f"a provider that reaches minimum_level {application.minimum_level}"
                place.mistake(f"{code}, which reaches {reached}", expected)


def _allowed(found: Found) -> Iterator[tuple[Found, str]]:
    """Each code in `sign_in` of an application that was read well, with its place."""
    listing = Entries(found).at("sign_in")
    assert isinstance(listing.node, Listing)
    for index, item in enumerate(listing.node.items):
        assert isinstance(item, Scalar)
        yield Found(found.reading, found.file, f"sign_in[{index}]", item.line, item), item.text


CHECKS: tuple[Callable[[Everything], None], ...] = (every_name_exists, somebody_can_sign_in, every_key_opens)
