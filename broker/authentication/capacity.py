"""Capacity (hoedanigheid): for which organisation somebody signs in at an application. Pure; no table, no page.

Owns: reading ACM's `login_hint` and deciding whether a choice is needed. The options are made anew from live rights for
every authorization, so nothing posted or hinted can name an organisation that is not among them (threats CC1).
"""

import base64
import binascii
import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from broker.access.live_rights import LiveRight

_LONGEST_HINT = 500


@dataclass(frozen=True, slots=True)
class Capacity:
    """One organisation and what the person may do there in this application."""

    organisation_id: uuid.UUID
    organisation_code: str
    organisation_name: str
    target_group: str
    organisation_type: str
    rights: tuple[LiveRight, ...]


@dataclass(frozen=True, slots=True)
class NeedsChoice:
    """The person must choose among these; empty where nothing can be chosen."""

    options: tuple[Capacity, ...]


@dataclass(frozen=True, slots=True)
class Hint:
    """What ACM's `login_hint` asks for (domain-facts §1.2): a target group, an organisation code, or both."""

    target_group: str | None
    organisation_code: str | None

    def fits(self, capacity: Capacity) -> bool:
        """Whether `capacity` is what is asked for."""
        return self.target_group in (None, capacity.target_group) and self.organisation_code in (
            None,
            capacity.organisation_code,
        )


def capacities(rights: Sequence[LiveRight]) -> tuple[Capacity, ...]:
    """One capacity for each organisation among `rights`, in their order."""
    by_organisation: dict[uuid.UUID, list[LiveRight]] = {}
    for right in rights:
        by_organisation.setdefault(right.organisation_id, []).append(right)
    return tuple(
        Capacity(
            organisation_id=organisation_id,
            organisation_code=held[0].organisation_code,
            organisation_name=held[0].organisation_name,
            target_group=held[0].target_group,
            organisation_type=held[0].organisation_type,
            rights=tuple(held),
        )
        for organisation_id, held in by_organisation.items()
    )


def choose_capacity(
    options: Sequence[Capacity], login_hint: str | None = None, posted: str | None = None
) -> Capacity | NeedsChoice:
    """The capacity, where there is no doubt; else what to choose from.

    `posted` is the organisation code chosen on the page; it comes before the hint. A code or hint that fits none gives
    the plain choice, the same for an organisation that exists as for one that does not. A hint that fits several leaves
    only those.
    """
    everything = NeedsChoice(tuple(options))
    if posted is not None:
        return next((each for each in options if each.organisation_code == posted), everything)
    if login_hint:
        hint = read_login_hint(login_hint)
        fitting = tuple(each for each in options if hint is not None and hint.fits(each))
        if len(fitting) == 1:
            return fitting[0]
        return NeedsChoice(fitting) if fitting else everything
    return options[0] if len(options) == 1 else everything


def read_login_hint(login_hint: str) -> Hint | None:
    """`{"cap_hint":"EA","code_hint":"0428315871"}` in base64 or base64url, ACM's form; None for any other."""
    if len(login_hint) > _LONGEST_HINT:
        return None
    encoded = login_hint.replace("+", "-").replace("/", "_").replace(" ", "-").rstrip("=")
    try:
        value = json.loads(base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4)))
    except (ValueError, binascii.Error, RecursionError):
        return None
    if not isinstance(value, dict):
        return None
    group, code = value.get("cap_hint"), value.get("code_hint")
    if not all(each is None or isinstance(each, str) for each in (group, code)) or (group, code) == (None, None):
        return None
    return Hint(group, code)
