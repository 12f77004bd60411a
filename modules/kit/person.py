"""The person at the door, as the access token tells it.

Owns: reading a verified access token into a person with an organisation and rights, and the refusal of a token that is not
a person's (OA8). Does not own the token's signature and dates (tokens.py).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

LONGEST_NAME = 200
_SUBJECT = re.compile(r"[0-9a-f]{40}")
_NUMBER = re.compile(r"\+[1-9][0-9]{6,14}")
_RIGHT = re.compile(r"([A-Za-z0-9_]+)(?:-([A-Za-z0-9_]+))?:([A-Za-z0-9_]+)")


class NotAPersonError(Exception):
    """The token stands for a program, or lacks what says who is there for which organisation."""


@dataclass(frozen=True, kw_only=True)
class SignedIn:
    """Somebody signed in, for one organisation.

    `rights` are codes of rights within this application and context, for `organisation_code` only. `expires_at` is when the
    access token runs out; `email` is their proved address and `phone` their proved number (E.164), empty where the broker tells
    none: the number stands in the ID token only, and only with the scope `phone`.
    """

    sub: str
    given_name: str
    family_name: str
    organisation_code: str
    organisation_name: str
    target_group: str
    rights: frozenset[str]
    expires_at: datetime
    email: str = ""
    phone: str = ""

    @property
    def full_name(self) -> str:
        """Given name and family name, no longer than the columns that applications keep it in."""
        return f"{self.given_name} {self.family_name}".strip()[:LONGEST_NAME]


def read_person(claims: Mapping[str, Any], *, rights_claim: str, context: str) -> SignedIn:
    """The person in the claims of a verified access token (DESIGN §4).

    Raises:
        NotAPersonError: no person, no organisation, or a claim of another shape than the broker writes.
    """
    sub = _text(claims, "sub")
    if not _SUBJECT.fullmatch(sub) or sub == claims.get("client_id"):
        raise NotAPersonError("sub")
    _text(claims, "vo_id")
    organisation_code = _text(claims, "vo_orgcode")
    return SignedIn(
        sub=sub,
        given_name=_text(claims, "given_name"),
        family_name=_text(claims, "family_name"),
        organisation_code=organisation_code,
        organisation_name=_text(claims, "vo_orgnaam"),
        target_group=_text(claims, "vo_doelgroepcode"),
        rights=read_rights(claims.get(rights_claim, []), context, organisation_code),
        expires_at=datetime.fromtimestamp(int(claims["exp"]), UTC),
        email=_text(claims, "vo_email") if "vo_email" in claims else "",
    )


def proved_phone(claims: Mapping[str, Any]) -> str:
    """The telephone number of an ID token (OpenID Connect Core §5.1), "" without one, or with one that nobody proved."""
    number = claims.get("phone_number")
    proved = claims.get("phone_number_verified") is True and isinstance(number, str) and _NUMBER.fullmatch(number)
    return str(number) if proved else ""


def _text(claims: Mapping[str, Any], name: str) -> str:
    value = claims.get(name)
    if not isinstance(value, str) or not value.strip():
        raise NotAPersonError(name)
    return value


def read_rights(values: object, context: str, organisation_code: str) -> frozenset[str]:
    """The codes of the rights in a rights claim that count in this context ("" for rights without) for this organisation.

    Raises:
        NotAPersonError: another shape than the broker writes.
    """
    if not isinstance(values, list):
        raise NotAPersonError("rights")
    found = set()
    for value in values:
        match = _RIGHT.fullmatch(value) if isinstance(value, str) else None
        if match is None:
            raise NotAPersonError("rights")
        if (match[2] or "", match[3]) == (context, organisation_code):
            found.add(match[1])
    return frozenset(found)
