"""Who is here: the professional behind the token, and their place in a group.

Owns: `professional_here`, and `member_here` that every page of a group begins with: for who is no member of it, the group does not
exist. Does not own the sign-in (modules/kit) nor what a member may do (W18: a page or operation asks `beheerder`).
"""

import uuid
from datetime import UTC, datetime

from flask import g
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from modules.kit import person_here
from modules.kit.database import database
from modules.kit.person import SignedIn
from modules.plusminmee.email_key import key_of_email
from modules.plusminmee.find_membership import find_membership
from modules.plusminmee.model import Membership, Professional
from modules.plusminmee.write_log import write_log


def professional_here() -> Professional:
    """The row of who is signed in; made at their first page, and kept as the token has it."""
    if "professional" not in g:
        person = person_here()
        found = find_professional(database().reading(), person)
        if found is None or _told(person) != {name: getattr(found, name) for name in _told(person)}:
            _keep_first(person)
            found = find_professional(database().reading(), person)
        g.professional = found
    known: Professional = g.professional
    return known


def member_here(group_id: uuid.UUID, *, as_beheerder: bool = False) -> Membership:
    """The place of who is signed in in this group, with the group.

    Raises:
        NotFoundError: no such group for them.
        BeheerderOnlyError: a member, and it takes a beheerder.
    """
    return find_membership(database().reading(), professional_here().id, group_id, as_beheerder=as_beheerder)


def find_professional(session: Session, person: SignedIn) -> Professional | None:
    """Their row, or None when they were never here."""
    return session.scalars(
        select(Professional).where(
            Professional.sub == person.sub, Professional.organisation_code == person.organisation_code
        )
    ).one_or_none()


def _told(person: SignedIn) -> dict[str, str]:
    return {
        "full_name": person.full_name,
        "organisation_name": person.organisation_name,
        "email": person.email,
        "email_key": key_of_email(person.email),
        "phone": person.phone,
    }


def _say_renamed(session: Session, professional_id: uuid.UUID) -> None:
    """In the logbook of each of their groups, where from now on everything they did stands under the new name."""
    groups = select(Membership.group_id).where(
        Membership.professional_id == professional_id, Membership.ended_at.is_(None)
    )
    for group_id in session.scalars(groups.order_by(Membership.group_id)):
        write_log(session, group_id, professional_id, "renamed")


def _keep_first(person: SignedIn) -> None:
    try:
        database().perform(_keep, person)
    except IntegrityError:  # two first pages at once: the other one made the row
        database().perform(_keep, person)


def _keep(session: Session, person: SignedIn) -> None:
    found = find_professional(session, person)
    if found is None:
        now = datetime.now(UTC)
        found = Professional(
            sub=person.sub, organisation_code=person.organisation_code, first_seen_at=now, log_seen_at=now
        )
        session.add(found)
    elif found.full_name and found.full_name != person.full_name:
        _say_renamed(session, found.id)
    for name, value in _told(person).items():
        setattr(found, name, value)
    session.flush()
