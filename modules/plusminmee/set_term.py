"""Operation: somebody with the right PMM Beheerder sets how long their organisation keeps a group at most (W22)."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from modules.plusminmee.model import Group, OrganisationTerm, Professional
from modules.plusminmee.retention import WARNED_DAYS, hold_term, months_later, today
from modules.plusminmee.write_log import write_log


def set_term(session: Session, professional: Professional, months: int) -> int:
    """Set it, in months; returns how many groups of the organisation had a later date, and now have the last one that it allows,
    never so soon that their beheerders are not warned in time."""
    hold_term(session, professional.organisation_code, to_change=True)
    term = session.get(OrganisationTerm, professional.organisation_code)
    if term is None:
        term = OrganisationTerm(organisation_code=professional.organisation_code)
        session.add(term)
    term.months = months
    term.set_at = datetime.now(UTC)
    term.set_by = professional.id
    session.flush()
    last = max(months_later(today(), months), today() + timedelta(days=WARNED_DAYS + 1))
    groups = session.scalars(
        select(Group)
        .where(
            Group.organisation_code == professional.organisation_code,
            Group.retain_until > last,
        )
        .order_by(Group.id)
        .with_for_update()
    ).all()
    for group in groups:
        group.retain_until = last
        group.version += 1
        write_log(session, group.id, professional.id, "retention_set", until=last.isoformat())
    session.flush()
    return len(groups)
