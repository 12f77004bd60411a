"""new_heads: who became head local administrator lately, for the owner of an application (threats AP4). Reads only.

An organisation without anybody can be captured by "appoint me, I work there"; so the first days of every head stand in the report
of the applications that the organisation may have.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session

from broker import clock
from broker.catalogue import Application
from broker.people.mandate import HEAD_LOCAL_ADMIN, Mandate
from broker.people.organisation import Organisation
from broker.people.person import Person

MARKED_FOR = timedelta(days=7)
AT_MOST = 100


@dataclass(frozen=True, slots=True)
class NewHead:
    """One mandate in its first days."""

    organisation_name: str
    person_name: str
    since: datetime


def new_heads(session: Session, application: Application) -> list[NewHead]:
    """Of organisations of the kinds that `application` is offered to, the newest first; one statement."""
    kinds = {(each.target_group, each.organisation_type) for each in application.entitlement_codes.values()}
    rows = session.execute(
        select(Organisation.name, Person, Mandate.valid_from)
        .join(Mandate, Mandate.organisation_id == Organisation.id)
        .join(Person, Person.id == Mandate.person_id)
        .where(
            Mandate.kind == HEAD_LOCAL_ADMIN,
            Mandate.ended_at.is_(None),
            Mandate.valid_from > clock.now() - MARKED_FOR,
            Organisation.ended_at.is_(None),
            tuple_(Organisation.target_group, Organisation.organisation_type).in_(sorted(kinds)),
        )
        .order_by(Mandate.valid_from.desc(), Mandate.id)
        .limit(AT_MOST)
    )
    return [NewHead(name, person.full_name, since) for name, person, since in rows]
