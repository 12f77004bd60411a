"""explain_direct: what the rules say of a right that an administrator would give without a request. Reads only.

Owns: what may be given directly, to whom, and the days between which it holds. The same rules as an approval, in the same order,
for "why not" before the button, for the preview of an upload and for the giving itself (`give_right`).
"""

import uuid
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from broker import clock
from broker.access.explain_request import Explanation, months_later
from broker.access.load_case import Asked, gather_case, open_grants_of, somebodies
from broker.access.mandate_over import mandate_over
from broker.access.rules import FOR_GIVING, Case, explain, fingerprint
from broker.catalogue import AFFILIATION, LOCAL_ACCOUNT, Application, Catalogue, EntitlementCode
from broker.errors import InvalidError, NotFoundError
from broker.installation import Installation
from broker.people.affiliation import Affiliation
from broker.people.find_local_account import account_of_person
from broker.people.name_at_work import name_at_work
from broker.people.organisation import Organisation
from broker.people.person import Person
from broker.text import Text

LATEST_START = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class DirectGrant:
    """One right that an administrator gives to somebody of their organisation.

    The days are inclusive; `first_day` None: from now on, `last_day` None: as long as the policy gives. `change_of_role`: it takes
    the place of the role that the person has in this organisation. `seen`: the fingerprint of the explanation that was shown.
    """

    organisation_id: uuid.UUID
    person_id: uuid.UUID
    application_code: str
    right_code: str
    context_code: str
    first_day: date | None = None
    last_day: date | None = None
    change_of_role: bool = False
    seen: str | None = None


def explain_direct(session: Session, installation: Installation, actor: uuid.UUID, direct: DirectGrant) -> Explanation:
    """What the rules say of `direct`, for somebody who may give it.

    Raises:
        NotFoundError: `actor` is no administrator there, or nobody of that id works for the organisation (who works elsewhere only
        is not known here, threats DG2).
    """
    organisation = mandate_over(session, actor, direct.organisation_id)
    return explain_direct_at(session, installation, actor, direct, organisation)


def explain_direct_at(
    session: Session, installation: Installation, actor: uuid.UUID, direct: DirectGrant, organisation: Organisation
) -> Explanation:
    """The same at an organisation of `actor`, read or locked by the caller."""
    person, affiliation = working_person(session, direct.organisation_id, direct.person_id)
    name = name_at_work(person, affiliation)
    known = somebodies(session, {actor, person.id})
    asked = Asked(
        person=person,
        applicant=known[person.id],
        given_name=name.given_name,
        full_name=name.full_name,
        typed=person.state != "matched" or affiliation.name_unconfirmed,
        application_code=direct.application_code,
        right_code=direct.right_code,
        context_code=direct.context_code,
        target_group=organisation.target_group,
        organisation_type=organisation.organisation_type,
        offered=offered_here(
            installation.catalogue, organisation, direct.application_code, direct.right_code, direct.context_code
        ),
        replaces_grant_id=_replaced(session, installation.catalogue, direct) if direct.change_of_role else None,
        direct=True,
        works_here=True,
        has_local_account=_has_local_account(session, installation.catalogue, person, direct.application_code),
    )
    case = gather_case(session, installation, asked, organisation, known[actor])
    found = explain(case, FOR_GIVING)
    months = case.application.grant_months if case.application else 0
    last_day = months_later(first_day(direct), months)
    return Explanation(case, found, last_day, fingerprint(found, str(months), organisation.name))


def _has_local_account(session: Session, catalogue: Catalogue, person: Person, application_code: str) -> bool:
    """Asked only where the application takes them."""
    application = catalogue.applications.get(application_code)
    if application is None or LOCAL_ACCOUNT not in application.sign_in:
        return False
    return account_of_person(session, person.id) is not None


def working_person(session: Session, organisation_id: uuid.UUID, person_id: uuid.UUID) -> tuple[Person, Affiliation]:
    """Somebody who works for the organisation now, with that job.

    Raises:
        NotFoundError: nobody of that id does.
    """
    row = session.execute(
        select(Person, Affiliation)
        .join(Affiliation, Affiliation.person_id == Person.id)
        .where(
            Person.id == person_id,
            Person.state.not_in(("merged", "erased")),
            Affiliation.organisation_id == organisation_id,
            Affiliation.ended_at.is_(None),
        )
    ).one_or_none()
    if row is None or not row[1].in_force(clock.now()):
        raise NotFoundError("person_unknown")
    return row[0], row[1]


def offered_here(
    catalogue: Catalogue, organisation: Organisation, application_code: str, right_code: str, context_code: str
) -> bool:
    """Whether the policies offer this right in this context to this kind of organisation."""
    application = catalogue.applications.get(application_code)
    return application is not None and (right_code, context_code) in rights_offered(application, organisation)


def rights_offered(application: Application, organisation: Organisation) -> list[tuple[str, str]]:
    """(right, context) of everything that an application offers to this kind of organisation, in the order of the policy."""
    if application.gives == AFFILIATION:
        return []
    return [
        (code.right_code, code.context_code)
        for code in application.entitlement_codes.values()
        if (code.target_group, code.organisation_type) == (organisation.target_group, organisation.organisation_type)
    ]


def codes_offered(catalogue: Catalogue, organisation: Organisation) -> list[EntitlementCode]:
    """Every right in its context that this kind of organisation may have, each once, as the self-registration links have it."""
    kind = (organisation.target_group, organisation.organisation_type)
    found: dict[tuple[str, str, str], EntitlementCode] = {}
    for code in catalogue.entitlement_codes.values():
        gives = catalogue.applications[code.application_code].gives
        if (code.target_group, code.organisation_type) == kind and gives != AFFILIATION:
            found.setdefault((code.application_code, code.right_code, code.context_code), code)
    return list(found.values())


def first_day(direct: DirectGrant) -> date:
    """The first day on which it would hold."""
    return direct.first_day or clock.local_date(clock.now())


def check_days(direct: DirectGrant, latest: date) -> date:
    """The last day, `latest` where none was chosen.

    Raises:
        InvalidError: a day in the past, too far ahead, or a change of role that does not begin now (lifecycles §3).
    """
    today = clock.local_date(clock.now())
    begin, last = first_day(direct), direct.last_day or latest
    wrong: dict[str, Text] = {}
    if begin < today:
        wrong["first_day"] = IN_THE_PAST
    elif direct.change_of_role and begin > today:
        wrong["first_day"] = ROLE_CHANGES_NOW
    elif begin > today + LATEST_START:
        wrong["first_day"] = TOO_FAR_AHEAD
    if last < begin or last < today:
        wrong["last_day"] = ENDS_BEFORE_IT_BEGINS
    elif last > latest:
        wrong["last_day"] = TOO_LONG.with_facts(day=f"{latest:%d/%m/%Y}")
    if wrong:
        raise InvalidError("days_wrong", next(iter(wrong.values())), wrong)
    return last


def role_elsewhere(case: Case) -> bool:
    """The rules say that the person has a role at another organisation: an answer that counts as a look-up (threats DG4)."""
    taken = case.role_taken_by()
    return taken is not None and taken.organisation_id != case.organisation.id


def _replaced(session: Session, catalogue: Catalogue, direct: DirectGrant) -> uuid.UUID | None:
    """The role at this very organisation that a change of role ends: one elsewhere is never ended from here (threats DG5)."""
    application = catalogue.applications.get(direct.application_code)
    if application is None or application.one_role_per is None:
        return None
    grants = open_grants_of(session, direct.person_id, direct.application_code)
    return next((grant.id for grant in grants if grant.organisation_id == direct.organisation_id), None)


IN_THE_PAST = Text("Kies vandaag of een latere dag.", "Choose today or a later day.")
ROLE_CHANGES_NOW = Text(
    "Een wissel van rol gaat vandaag in. Laat deze dag leeg.", "A change of role begins today. Leave this day empty."
)
TOO_FAR_AHEAD = Text("Kies een dag binnen het jaar.", "Choose a day within a year.")
ENDS_BEFORE_IT_BEGINS = Text("Het recht stopt zo voor het begint.", "The right would end before it begins.")
TOO_LONG = Text("Dit recht kan hoogstens tot en met {day}.", "This right can last until {day} at most.")
