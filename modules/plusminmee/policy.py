"""The policy of the tool: what the organisation behind it decides (policy.yaml).

Owns: reading it once, at start, and refusing a bad one. Does not own what each of it is for.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from modules.kit.words import Words
from modules.plusminmee.email_key import EmailError, read_email
from modules.plusminmee.words import Entry, TextsError, read_file

OTHER = "other"
MONTHS_AT_MOST = 24


@dataclass(frozen=True, slots=True)
class Policy:
    """`functions` are the words of each function by its code, in the order of the file; OTHER is not among them."""

    data_protection_officer: str
    confirm_members_every_months: int
    functions: Mapping[str, Words]


def read_policy(entry: Entry) -> Policy:
    """The policy of a file.

    Raises:
        TextsError: something is missing, or cannot be.
    """
    entry.only("data_protection_officer", "confirm_members_every_months", "functions")
    months = entry.values.get("confirm_members_every_months")
    if not isinstance(months, int) or not 1 <= months <= MONTHS_AT_MOST:
        raise TextsError(f"{entry.where}.confirm_members_every_months must be a number from 1 to {MONTHS_AT_MOST}")
    try:
        officer = read_email(entry.text("data_protection_officer"))
    except EmailError as error:
        raise TextsError(f"{entry.where}.data_protection_officer must be an e-mail address") from error
    listed = entry.entry("functions")
    functions = {code: listed.words(code) for code in listed.values}
    if OTHER in functions:
        raise TextsError(f"{listed.where} must not hold {OTHER}: that one is always there")
    return Policy(officer, months, functions)


POLICY = read_policy(read_file("policy.yaml"))
