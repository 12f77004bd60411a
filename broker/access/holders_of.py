"""holders_of: which of these people have a right in one application that counts at this moment, and for which organisation.

For an application that wants to be sure of whom it still lets in (decisions 2): it names the people, as it knows them. Whoever has
none, and whoever nobody knows, are both left out. One statement, however many are asked.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from broker import audit, clock
from broker.access.grant import Grant
from broker.access.label import Label
from broker.access.live_rights import counting_label, counts_or_rests, offered, suspended
from broker.catalogue import Application, Catalogue
from broker.people.affiliation import Affiliation
from broker.people.organisation import Organisation
from broker.people.person import Person

AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class Holder:
    """Somebody, by the name that the application has for them, with one right that counts now, or rests: it is suspended, and comes
    back by itself."""

    sub: str
    right: str
    organisation_code: str
    resting: bool = False


def holders_of(session: Session, catalogue: Catalogue, application: Application, subs: Collection[str]) -> list[Holder]:
    """The rights of these people in `application` that count now or rest, each once, in a fixed order. That it was asked, and of
    how many, stands in the audit; of whom does not."""
    now = clock.now()
    rows = session.execute(
        select(Person.sub, Organisation.code, Grant.right_code, Grant.context_code, suspended(now).label("resting"))
        .select_from(Grant)
        .join(Organisation, Organisation.id == Grant.organisation_id)
        .join(Affiliation, Affiliation.id == Grant.affiliation_id)
        .join(Person, Person.id == Grant.person_id)
        .outerjoin(Label, counting_label(now))
        .where(Person.sub.in_(subs), Grant.application_code == application.code, counts_or_rests(now))
    ).all()
    found = {
        Holder(row.sub, application.rights[row.right_code].claim, row.code, bool(row.resting))
        for row in rows
        if offered(catalogue, application.code, row.right_code, row.context_code)
    }
    here = {each for each in found if not each.resting}
    found -= {replace(each, resting=True) for each in here}  # of two that say the same, one counts
    audit.record(
        session,
        "access:holders:ask",
        details={"application": application.code, "asked": len(subs), "found": len({each.sub for each in here})},
    )
    return sorted(found, key=lambda each: (each.sub, each.organisation_code, each.right))
