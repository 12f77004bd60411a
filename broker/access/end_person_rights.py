"""end_person_rights: everything that somebody may do here ends, in every organisation (lifecycles §7).

A part of `authentication.end_person`, which ends the sessions as well; no operation of its own.
"""

import uuid

from sqlalchemy import select
from sqlalchemy.orm import Session

from broker import audit
from broker.access.access_request import CANCELLED, OPEN, AccessRequest
from broker.access.end_grant import end_locked_grant
from broker.access.grant import Grant
from broker.access.tell_decision import tell_cancelled
from broker.access.tell_rights_changed import tell_rights_changed
from broker.access.withdraw_request import close_open_request
from broker.database import WorldChangedError, to_change, to_depend_on
from broker.errors import ConflictError, NotFoundError
from broker.installation import Installation
from broker.people.affiliation import Affiliation
from broker.people.end_affiliation import end_locked_affiliation
from broker.people.end_deputyships import end_deputyships, lock_deputyships
from broker.people.mandate import Mandate
from broker.people.organisation import Organisation
from broker.people.person import Person
from broker.text import Text

PERSON_ENDED = "person_ended"


def end_person_rights(session: Session, installation: Installation, person_id: uuid.UUID) -> tuple[Person, int]:
    """Cancel the open requests, end the rights and the jobs of one person; the locked person, and how many rights ended.

    Raises:
        NotFoundError: no such person, or one that is merged or erased.
        ConflictError: somebody who decides for others is dismissed first, by whoever may (threats RE3, AP7); or an
            investigation holds everything as it is.
        WorldChangedError: a job came in between; run again, it will be seen.
    """
    places = _places(session, person_id)
    organisations = {
        each.id: each
        for each in session.scalars(
            to_depend_on(select(Organisation).where(Organisation.id.in_(places)).order_by(Organisation.id))
        )
    }
    deputies = lock_deputyships(session, mandate_ids=(), deputy_person_id=person_id)
    person = session.get(Person, person_id, with_for_update={"key_share": True}, populate_existing=True)
    if person is None or person.state in ("merged", "erased"):
        raise NotFoundError("person_unknown", PERSON_UNKNOWN)
    if person.held_at is not None:
        raise ConflictError("person_held", HELD)
    if session.scalar(select(Mandate.id).where(Mandate.person_id == person_id, Mandate.ended_at.is_(None)).limit(1)):
        raise ConflictError("person_has_mandate", HAS_MANDATE)
    _cancel_requests(session, person_id)
    grants = session.scalars(
        to_change(select(Grant).where(Grant.person_id == person_id, Grant.ended_at.is_(None)).order_by(Grant.id))
    ).all()
    affiliations = session.scalars(
        to_change(
            select(Affiliation)
            .where(Affiliation.person_id == person_id, Affiliation.ended_at.is_(None))
            .order_by(Affiliation.id)
        )
    ).all()
    if any(each.organisation_id not in organisations for each in affiliations):
        raise WorldChangedError
    for grant in grants:
        end_locked_grant(session, installation, grant, person, ended_by=None, reason=PERSON_ENDED, cause=NO_ACCESS)
    end_deputyships(session, deputies, ended_by=None, reason=PERSON_ENDED)
    for affiliation in affiliations:
        place = organisations[affiliation.organisation_id]
        end_locked_affiliation(session, affiliation, (), person, place, ended_by=None, reason=PERSON_ENDED)
    tell_rights_changed(session, person, PERSON_ENDED, key=uuid.uuid4())
    return person, len(grants)


def _places(session: Session, person_id: uuid.UUID) -> list[uuid.UUID]:
    return list(
        session.scalars(
            select(Affiliation.organisation_id).where(
                Affiliation.person_id == person_id, Affiliation.ended_at.is_(None)
            )
        )
    )


def _cancel_requests(session: Session, person_id: uuid.UUID) -> None:
    requests = session.scalars(
        to_change(
            select(AccessRequest)
            .where(AccessRequest.person_id == person_id, AccessRequest.status == OPEN)
            .order_by(AccessRequest.id)
        )
    ).all()
    for request in requests:
        close_open_request(session, request, CANCELLED)
        audit.record(
            session,
            "access:request:cancel",
            subject_id=request.id,
            organisation_id=request.organisation_id,
            details={"cause": PERSON_ENDED},
        )
        place = session.get(Organisation, request.organisation_id) if request.organisation_id else None
        tell_cancelled(session, request, place.name if place else request.email.partition("@")[2], NO_ACCESS)


PERSON_UNKNOWN = Text("Deze persoon bestaat niet.", "There is no such person.")
HELD = Text(
    "Deze persoon wordt vastgehouden voor een onderzoek. Geef de persoon eerst vrij.",
    "This person is held for an investigation. Release the person first.",
)
HAS_MANDATE = Text(
    "Deze persoon beslist nog voor anderen. Beëindig eerst de mandaten.",
    "This person still decides for others. End their mandates first.",
)
NO_ACCESS = Text("U hebt hier geen toegang meer.", "You no longer have access here.")
