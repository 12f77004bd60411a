"""Operation: somebody with the right PMM Beheerder sets how long their organisation keeps a group at most (W22)."""

from datetime import UTC, datetime

from sqlalchemy.orm import Session

from modules.plusminmee.model import OrganisationTerm, Professional


def set_term(session: Session, professional: Professional, months: int) -> None:
    """Set it, in months. Groups keep the date they have; it holds from the next date that is chosen."""
    term = session.get(OrganisationTerm, professional.organisation_code, with_for_update=True)
    if term is None:
        term = OrganisationTerm(organisation_code=professional.organisation_code)
        session.add(term)
    term.months = months
    term.set_at = datetime.now(UTC)
    term.set_by = professional.id
    session.flush()
