"""mandate_authority: who may appoint to, and dismiss from, a mandate (lifecycles §5; threats AP1, AP3, AP7).

A head local administrator appoints local administrators, an officer appoints heads, the operator appoints officers and
owners and the first of an organisation that has nobody. A deputy decides tasks only and appears nowhere here. Read
again and locked in the transaction that uses it (threats rule 4). Does not own the rows that change.
"""

import uuid

from sqlalchemy import select
from sqlalchemy.orm import Session

from broker.audit import current_acting
from broker.database import to_change
from broker.errors import ForbiddenError
from broker.people.living_mandates import living_mandates
from broker.people.mandate import (
    HEAD_LOCAL_ADMIN,
    LOCAL_ADMIN,
    LOCAL_KINDS,
    TARGET_GROUP_OFFICER,
    Mandate,
    officer_scope,
    organisation_scope,
)
from broker.people.organisation import Organisation
from broker.people.person import Person
from broker.text import Text

NOT_YOURS = Text(
    "U bent niet bevoegd om dit mandaat te geven of te beëindigen.",
    "You do not have the authority to give or end this mandate.",
)


def lock_organisation(session: Session, organisation_id: uuid.UUID) -> Organisation | None:
    """The organisation, locked: of two changes to its mandates the second sees what the first did (threats AP3)."""
    return session.scalar(to_change(select(Organisation).where(Organisation.id == organisation_id)))


def require_authority_to_appoint(
    session: Session, actor: uuid.UUID | None, kind: str, organisation: Organisation | None
) -> None:
    """Let through whoever may appoint to `kind`; `actor` None is the operator at the command line.

    Raises:
        ForbiddenError: no authority, or not any more.
    """
    if actor is None:
        _require_operator()
        if kind in LOCAL_KINDS and organisation is not None and _somebody_lives(session, organisation):
            raise ForbiddenError(
                "not_the_first",
                Text(
                    "Deze organisatie heeft al een beheerder; die of de doelgroepverantwoordelijke stelt aan.",
                    "This organisation has an administrator already; they or the target group officer appoint.",
                ),
            )
        return
    if organisation is None or not _holds(session, actor, _appointers(kind, organisation)):
        raise ForbiddenError("no_authority", NOT_YOURS)


def require_authority_to_dismiss(
    session: Session, actor: uuid.UUID | None, kind: str, organisation: Organisation | None
) -> None:
    """Let through whoever may dismiss from `kind`: who may appoint to it, and one head another.

    Raises:
        ForbiddenError: no authority, or not any more.
    """
    if actor is None:
        _require_operator()
        if kind in LOCAL_KINDS:
            raise ForbiddenError("no_authority", NOT_YOURS)
        return
    if organisation is None:
        raise ForbiddenError("no_authority", NOT_YOURS)
    dismissers = _appointers(kind, organisation) + _appointers(LOCAL_ADMIN, organisation)
    if not _holds(session, actor, dismissers):
        raise ForbiddenError("no_authority", NOT_YOURS)


def _appointers(kind: str, organisation: Organisation) -> list[tuple[str, str]]:
    """(kind, scope) of the mandates whose holders appoint to `kind`; nobody but the operator for the other kinds."""
    if kind == LOCAL_ADMIN:
        return [(HEAD_LOCAL_ADMIN, organisation_scope(organisation.id))]
    if kind == HEAD_LOCAL_ADMIN:
        scope = officer_scope(organisation.target_group, organisation.organisation_type)
        return [(TARGET_GROUP_OFFICER, scope)]
    return []


def _holds(session: Session, actor: uuid.UUID, wanted: list[tuple[str, str]]) -> bool:
    """Whether `actor` holds one of `wanted` now: learn unlocked, lock FOR SHARE, look again (lifecycles §13)."""

    def held() -> list[uuid.UUID]:
        views = living_mandates(session, person_id=actor)
        return [view.mandate_id for view in views if (view.kind, view.scope_key) in wanted]

    ids = held()
    if not ids:
        return False
    session.execute(select(Mandate.id).where(Mandate.id.in_(ids)).order_by(Mandate.id).with_for_update(read=True)).all()
    return bool(held())


def _somebody_lives(session: Session, organisation: Organisation) -> bool:
    return bool(living_mandates(session, scope_key=organisation_scope(organisation.id)))


def _require_operator() -> None:
    if current_acting().kind != "operator":
        raise ForbiddenError("no_authority", NOT_YOURS)


def same_human(one: Person, other: Person) -> bool:
    """Whether two persons are one human being, by person, merge, number, proved address or proved telephone (threats
    rule 6)."""
    return (
        one.id == other.id
        or one.id == other.merged_into_id
        or other.id == one.merged_into_id
        or (one.number_hash is not None and one.number_hash == other.number_hash)
        or (one.proved_email is not None and one.proved_email == other.proved_email)
        or (one.phone_source == "proved" and other.phone_source == "proved" and one.phone == other.phone)
    )
