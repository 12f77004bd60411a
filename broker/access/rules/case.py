"""Case: everything the rules look at. Finding: what one rule says of it. Owns neither rules nor how a case is gathered."""

import uuid
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Protocol

from broker.access.grant import Grant
from broker.catalogue import AFFILIATION, LOCAL_ACCOUNT, Application, Right
from broker.people.organisation import Organisation
from broker.text import Text

IN_ORDER, NOTE, WARNING, REFUSED = "in_order", "note", "warning", "refused"


@dataclass(frozen=True, slots=True)
class Somebody:
    """What tells two people apart or shows that they are one (threats ID1): through merges, number, address and telephone.

    `for_others`: of a deputy, together with everybody they stand in for (AP2).
    """

    person_ids: frozenset[uuid.UUID] = frozenset()
    number_hashes: frozenset[str] = frozenset()
    emails: frozenset[str] = frozenset()
    phones: frozenset[str] = frozenset()
    for_others: bool = False


@dataclass(frozen=True, slots=True)
class Case:
    """One right for one applicant at one organisation, as the database and the catalogue stand now.

    `application` and `right` are None where the catalogue no longer offers them. `open_grants` are those of the applicant in this
    application that nobody ended and that have not run out, at whatever organisation. `decider` is None while asking. `direct`:
    an administrator gives it, without a request; `has_local_account` is asked of those then. `as_deputy`: the decider stands in
    for others, who are part of `decider`.
    """

    applicant: Somebody
    applicant_name: str
    given_name: str
    typed: bool
    application: Application | None
    right: Right | None
    right_code: str
    context_code: str
    offered_now: bool
    asked_target_group: str
    asked_organisation_type: str
    organisation: Organisation
    organisation_kind: Text
    organisation_kind_plural: Text
    open_grants: tuple[Grant, ...] = ()
    replaces_grant_id: uuid.UUID | None = None
    label_needed: bool = False
    label_name: Text | None = None
    label_state: str = "none"
    works_here: bool = False
    name_fits: bool = True
    decider: Somebody | None = None
    as_deputy: bool = False
    free_texts: tuple[str, ...] = ()
    right_names: dict[str, Text] = field(default_factory=dict)
    direct: bool = False
    has_local_account: bool = False

    @property
    def affiliation_alone(self) -> bool:
        """What is asked is to work here, and no right."""
        return self.application is not None and self.application.gives == AFFILIATION

    @property
    def demands_local_account(self) -> bool:
        """The application takes nothing but local accounts, or takes them and this is somebody who was given one."""
        if self.application is None or LOCAL_ACCOUNT not in self.application.sign_in:
            return False
        return self.has_local_account or self.application.sign_in == (LOCAL_ACCOUNT,)

    @property
    def once_given(self) -> Text:
        """How a sentence begins that says what giving it brings along."""
        if self.direct:
            return Text("Kent u dit recht toe, dan", "If you give this right,")
        return Text("Keurt u goed, dan", "If you approve,")

    def right_name(self, code: str) -> Text:
        """What people call a right of this application."""
        return self.right_names.get(code, Text(code, code))

    def role_taken_by(self) -> Grant | None:
        """The grant that holds the one-role slot this right would take, other than the one to be replaced."""
        if self.application is None or self.application.one_role_per is None:
            return None
        per_organisation = self.application.one_role_per == "person_and_organisation"
        for grant in self.open_grants:
            if grant.id == self.replaces_grant_id:
                continue
            if per_organisation and grant.organisation_id != self.organisation.id:
                continue
            return grant
        return None

    def same_grant(self) -> Grant | None:
        """The grant that already is what is asked."""
        for grant in self.open_grants:
            if (grant.organisation_id, grant.right_code, grant.context_code) == (
                self.organisation.id,
                self.right_code,
                self.context_code,
            ):
                return grant
        return None


@dataclass(frozen=True, slots=True)
class Finding:
    """What one rule says: a bold statement and a sentence why. `weight`: in_order, note, warning (not in a bulk) or refused."""

    rule: str
    weight: str
    statement: Text
    why: Text

    @property
    def refused(self) -> bool:
        """Whether the rule forbids it."""
        return self.weight == REFUSED


class Rule(Protocol):
    """A rule of the gatekeeper."""

    @property
    def name(self) -> str:
        """Its stable code."""
        ...

    def check(self, case: Case) -> Finding | None:
        """What the rule says of `case`; None where it has nothing to say."""
        ...


def fingerprint(findings: list[Finding], *more: str) -> str:
    """A digest of an explanation as it was shown: another digest at the decision means the page was out of date (threats ID5)."""
    lines = [f"{f.rule}:{f.weight}:{f.statement.nl}:{f.why.nl}" for f in findings]
    return sha256("\n".join([*lines, *more]).encode()).hexdigest()[:32]


def explain(case: Case, rules: tuple[Rule, ...]) -> list[Finding]:
    """What each rule says of the case, in order; the decision and its explanation are this one list."""
    return [finding for rule in rules if (finding := rule.check(case)) is not None]
