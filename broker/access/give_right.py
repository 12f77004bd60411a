"""give_right: an administrator gives a right to somebody of their organisation, without a request (seed 002 step 2, lifecycles §3).

The one operation behind the page, a line of an upload and a hand-over. Nobody gives to himself, by any road (threats DG1); a role
at another organisation stays as it is (DG5); the label is asked where one is needed.
"""

import uuid

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from broker import clock
from broker.access.ask_label import lock_needed_label
from broker.access.decision import PAGE_OUT_OF_DATE
from broker.access.explain_direct import DirectGrant, check_days, explain_direct_at
from broker.access.give_grant import Given, give_grant
from broker.access.mandate_over import lock_mandate_over
from broker.access.tell_given_directly import tell_given_directly
from broker.access.wish import GrantWish
from broker.database import WorldChangedError, to_change
from broker.errors import ConflictError, ForbiddenError
from broker.installation import Installation
from broker.people.person import Person


def give_right(session: Session, installation: Installation, actor: uuid.UUID, direct: DirectGrant) -> Given:
    """Give it; the person and the owner of the application are told as after an approval.

    Raises:
        NotFoundError: `actor` is no administrator of that organisation, or nobody of that id works there.
        ForbiddenError: the mandate ended, or it is for `actor` himself.
        ConflictError: a rule forbids it, or the explanation is another than the one that was shown.
        InvalidError: days that cannot be.
    """
    organisation = lock_mandate_over(session, actor, direct.organisation_id)
    person = session.scalar(to_change(select(Person).where(Person.id == direct.person_id)))
    label = lock_needed_label(session, installation, organisation, direct.application_code)
    explanation = explain_direct_at(session, installation, actor, direct, organisation)
    assert person is not None
    refused = next((finding for finding in explanation.findings if finding.refused), None)
    if refused is not None and refused.rule == "not_for_yourself":
        raise ForbiddenError(refused.rule, refused.statement)
    if direct.seen is not None and direct.seen != explanation.fingerprint:
        raise ConflictError("explanation_changed", PAGE_OUT_OF_DATE)
    if refused is not None:
        raise ConflictError(refused.rule, refused.why)
    last_day = check_days(direct, explanation.last_day)
    begins_later = direct.first_day is not None and direct.first_day > clock.local_date(clock.now())
    wish = GrantWish(
        application_code=direct.application_code,
        right_code=direct.right_code,
        context_code=direct.context_code,
        replaces_grant_id=explanation.case.replaces_grant_id,
        valid_from=clock.start_of_day(direct.first_day) if direct.first_day is not None and begins_later else None,
    )
    try:
        given = give_grant(
            session,
            installation,
            actor,
            wish=wish,
            person=person,
            organisation=organisation,
            label=label,
            valid_until=clock.end_of_day(last_day),
        )
    except IntegrityError as error:
        # Somebody else wrote the role or the same right a moment ago: run again and the rules will see it and say so.
        raise WorldChangedError from error
    tell_given_directly(session, installation, organisation, person, given)
    return given
