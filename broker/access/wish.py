"""GrantWish: what is to be given, whoever asked for it: a request, an administrator's page, a line of an upload, a hand-over."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from broker.people.add_affiliation import JobContact


@dataclass(frozen=True, slots=True)
class GrantWish:
    """One right in one context. `request_id` is the request that it answers, `replaces_grant_id` the grant that it takes the
    place of; `contact` is for the affiliation where that has to be made. `valid_from` None: from now on.
    """

    application_code: str
    right_code: str
    context_code: str
    request_id: uuid.UUID | None = None
    replaces_grant_id: uuid.UUID | None = None
    contact: JobContact | None = None
    valid_from: datetime | None = None
