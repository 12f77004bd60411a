"""explanation_of: what the rules say of one request to one decider, and the fingerprint of it (threats ID5). Reads only."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from broker import clock
from broker.access.access_request import AccessRequest
from broker.access.load_case import load_cases
from broker.access.own_pools import OwnPools
from broker.access.rules import FOR_DECIDING, Case, Finding, explain, fingerprint
from broker.installation import Installation
from broker.people.organisation import Organisation


@dataclass(frozen=True, slots=True)
class Explanation:
    """`last_day` is the last day the right would hold; `fingerprint` changes whenever anything shown here does."""

    case: Case
    findings: list[Finding]
    last_day: date
    fingerprint: str

    @property
    def may_approve(self) -> bool:
        """No rule forbids it."""
        return not any(finding.refused for finding in self.findings)

    @property
    def own_request(self) -> bool:
        """The decider is the applicant."""
        return any(finding.rule == "not_for_yourself" and finding.refused for finding in self.findings)


def explanation_of(
    session: Session,
    installation: Installation,
    request: AccessRequest,
    organisation: Organisation,
    decider_id: uuid.UUID,
    pools: OwnPools | None = None,
) -> Explanation:
    """The same rules, in the same order, for the page and for the decision. Only a page hands in the decider's `pools`."""
    return explanations_of(session, installation, [(request, organisation)], decider_id, pools)[0]


def explanations_of(
    session: Session,
    installation: Installation,
    asked_at: Sequence[tuple[AccessRequest, Organisation]],
    decider_id: uuid.UUID,
    pools: OwnPools | None = None,
) -> list[Explanation]:
    """The same of several requests, each at its organisation, in the same order."""
    today = clock.local_date(clock.now())
    explained = []
    for case in load_cases(session, installation, asked_at, decider_id, pools):
        found = explain(case, FOR_DECIDING)
        months = case.application.grant_months if case.application else 0
        seen = fingerprint(found, str(months), case.organisation.name)
        explained.append(Explanation(case, found, months_later(today, months), seen))
    return explained


def months_later(day: date, months: int) -> date:
    """The same day of the month `months` later, or the last day of that month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    year = min(year, date.max.year)  # of a day typed by somebody
    for last in (day.day, 30, 29, 28):
        try:
            return date(year, month + 1, last)
        except ValueError:
            continue
    raise AssertionError("every month has a 28th")
