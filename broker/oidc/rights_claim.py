"""The rights claim: the one writer of `"<Right>-<context>:<orgcode>"` (DESIGN §4, domain-facts §1.3b)."""

import re
from collections.abc import Iterable

from broker.access.live_rights import LiveRight
from broker.catalogue import Application

_CODE = re.compile(r"[A-Za-z0-9_]+")


def rights_claim(application: Application, rights: Iterable[LiveRight]) -> list[str]:
    """One string for each right that counts, in a fixed order; without `-` where a right has no context.

    Raises:
        ValueError: a code with anything but letters, digits and underscores, which could be read as another right
            (threats OA5). The catalogue and the import refuse such codes before.
    """
    return sorted(
        _written(application.rights[right.right_code].claim, right.context_code, right.organisation_code)
        for right in rights
    )


def _written(claim: str, context: str, organisation: str) -> str:
    for part in (claim, organisation, *([context] if context else [])):
        if not _CODE.fullmatch(part):
            raise ValueError("a code that does not belong in a claim")
    return f"{claim}-{context}:{organisation}" if context else f"{claim}:{organisation}"
