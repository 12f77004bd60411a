"""leave_organisation: an administrator says that somebody no longer works for the organisation: the job and all rights end at once.

The leaver of the desk. Owns who may say so: an administrator of the organisation, about somebody else, and about a fellow
administrator only who may dismiss them (`people.mandate_authority`), else the job would be a way around that. What ends is
`end_affiliation`. Never leaves an organisation without anybody by itself: whoever says so stays.
"""

import uuid

from sqlalchemy.orm import Session

from broker.access.end_affiliation import end_affiliation
from broker.access.load_case import somebody
from broker.access.mandate_over import lock_mandate_over, mandate_over
from broker.access.rules.not_for_yourself import same_human
from broker.errors import ForbiddenError, NotFoundError
from broker.installation import Installation
from broker.people.affiliation import Affiliation
from broker.people.living_mandates import living_mandates
from broker.people.mandate import LOCAL_KINDS, organisation_scope
from broker.people.mandate_authority import lock_organisation, require_authority_to_dismiss
from broker.text import Text

LEFT = "left"
NOT_YOURSELF = Text(
    "Dat u hier niet meer werkt, meldt een collega-beheerder.",
    "That you no longer work here is for a fellow administrator to say.",
)


def leave_organisation(
    session: Session, installation: Installation, actor: uuid.UUID, affiliation_id: uuid.UUID
) -> int:
    """End the job with everything that stands on it; how many rights ended.

    Raises:
        NotFoundError: no such job at an organisation of `actor`.
        ForbiddenError: it is the actor's own, the mandate ended, or the leaver is an administrator whom the actor may not dismiss.
        ConflictError: it ended already.
    """
    job = session.get(Affiliation, affiliation_id)
    if job is None:
        raise NotFoundError("person_unknown")
    mandate_over(session, actor, job.organisation_id)
    # For the change, not to depend on: of two administrators who let each other go, the second sees what the first did (AP3).
    lock_organisation(session, job.organisation_id)
    organisation = lock_mandate_over(session, actor, job.organisation_id)
    if same_human(somebody(session, actor), somebody(session, job.person_id)):
        raise ForbiddenError("not_for_yourself", NOT_YOURSELF)
    scope = organisation_scope(organisation.id)
    for view in living_mandates(session, person_id=job.person_id, scope_key=scope, kinds=LOCAL_KINDS):
        require_authority_to_dismiss(session, actor, view.kind, organisation)
    return end_affiliation(session, installation, affiliation_id, ended_by=actor, reason=LEFT)
