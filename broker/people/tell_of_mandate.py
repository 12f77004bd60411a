"""tell_of_mandate: the mails about a mandate that begins or ends (threats AP4).

Told are the holder, everybody else who decides within that scope, the general address of the organisation and, of a new
head, the owners of the applications offered to such organisations. A part of `appoint_mandate` and `dismiss_mandate`.
"""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from broker import clock
from broker.catalogue import Catalogue
from broker.installation import Installation
from broker.notifications import put_mail
from broker.people.affiliation import Affiliation
from broker.people.living_mandates import living_mandates
from broker.people.mandate import APPLICATION_OWNER, HEAD_LOCAL_ADMIN, Mandate
from broker.people.name_at_work import NameAtWork, name_at_work
from broker.people.organisation import Organisation
from broker.people.person import Person


def tell_appointed(
    session: Session, installation: Installation, mandate: Mandate, person: Person, organisation: Organisation | None
) -> None:
    """Tell the appointee (mandate_appointed) and the others (mandate_told) of a mandate that begins."""
    facts = _facts(mandate, organisation)
    since = {"since": mandate.valid_from.isoformat()}
    until = {"valid_until": clock.last_day(mandate.valid_until).isoformat()} if mandate.valid_until else {}
    name = _name(session, mandate, person)
    _to_holder(session, "mandate_appointed", mandate, person, name, {**facts, **since, **until})
    told = {**facts, **since, "person_name": name.full_name, "change": "appointed"}
    owners = _owners_concerned(session, installation.catalogue, mandate, organisation)
    _to_others(session, mandate, organisation, told, owners)


def tell_ended(
    session: Session, mandate: Mandate, person: Person, organisation: Organisation | None, *, resigned: bool
) -> None:
    """Tell the one whose mandate ended (mandate_ended) and the others (mandate_told)."""
    assert mandate.ended_at is not None
    facts = {**_facts(mandate, organisation), "since": mandate.ended_at.isoformat()}
    name = _name(session, mandate, person)
    if not resigned:
        _to_holder(session, "mandate_ended", mandate, person, name, facts)
    told = {**facts, "person_name": name.full_name, "change": "resigned" if resigned else "dismissed"}
    _to_others(session, mandate, organisation, told, {})


def _facts(mandate: Mandate, organisation: Organisation | None) -> dict[str, Any]:
    scope = {
        "organisation_name": organisation.name if organisation else None,
        "target_group": mandate.target_group,
        "organisation_type": mandate.organisation_type,
        "application_code": mandate.application_code,
    }
    return {"mandate_kind": mandate.kind} | {name: value for name, value in scope.items() if value is not None}


def _to_holder(
    session: Session, template: str, mandate: Mandate, person: Person, name: NameAtWork, facts: dict[str, Any]
) -> None:
    address = _address(session, mandate, person)
    if address:
        put_mail(
            session,
            template,
            address,
            key=f"mandate:{mandate.id}",
            language=person.language,
            facts={**facts, "given_name": name.given_name},
            subject_id=mandate.id,
        )


def _to_others(
    session: Session,
    mandate: Mandate,
    organisation: Organisation | None,
    facts: dict[str, Any],
    more: dict[str, tuple[str, str]],
) -> None:
    """`more` maps further addresses to language and given name; everybody hears it once."""
    readers = dict(more)
    if organisation is not None and organisation.email:
        readers[organisation.email] = ("nl", "")
    for view in living_mandates(session, scope_key=mandate.scope_key):
        if view.person_id != mandate.person_id and view.email:
            readers[view.email] = (view.language, view.person.given_name)
    for address, (language, given_name) in readers.items():
        put_mail(
            session,
            "mandate_told",
            address,
            key=f"mandate:{mandate.id}:{facts['change']}",
            language=language,
            facts={**facts, "given_name": given_name} if given_name else facts,
            subject_id=mandate.id,
        )


def _owners_concerned(
    session: Session, catalogue: Catalogue, mandate: Mandate, organisation: Organisation | None
) -> dict[str, tuple[str, str]]:
    """The owners of the applications offered to organisations of this kind, when the mandate is that of a head."""
    if mandate.kind != HEAD_LOCAL_ADMIN or organisation is None:
        return {}
    kind = (organisation.target_group, organisation.organisation_type)
    offered = {
        code.application_code
        for application in catalogue.applications.values()
        for code in application.entitlement_codes.values()
        if (code.target_group, code.organisation_type) == kind
    }
    owners = living_mandates(session, kinds=(APPLICATION_OWNER,))
    return {
        view.email: (view.language, view.person.given_name)
        for view in owners
        if view.email and view.mandate.application_code in offered
    }


def _name(session: Session, mandate: Mandate, person: Person) -> NameAtWork:
    """As the organisation knows them: of somebody appointed by number the name that was typed (threats DG2)."""
    job = session.scalar(
        select(Affiliation).where(
            Affiliation.person_id == person.id,
            Affiliation.organisation_id == mandate.organisation_id,
            Affiliation.ended_at.is_(None),
        )
    )
    return name_at_work(person, job) if job is not None else NameAtWork(person.given_name, person.family_name)


def _address(session: Session, mandate: Mandate, person: Person) -> str | None:
    """Where the holder reads it: at work where there is such an address, else their own."""
    if mandate.organisation_id is not None:
        at_work = session.scalar(
            select(Affiliation.email).where(
                Affiliation.person_id == person.id,
                Affiliation.organisation_id == mandate.organisation_id,
                Affiliation.ended_at.is_(None),
                Affiliation.email_source.in_(("entered", "proved")),
            )
        )
        if at_work:
            return at_work
    return person.email if person.email_source in ("entered", "proved") else None
