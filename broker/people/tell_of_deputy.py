"""tell_of_deputy: the mails about somebody who stands in for an administrator. A part of naming and ending a deputy.

Told are the deputy, and whoever else decides for that organisation: nobody stands in in silence (threats AP4).
"""

from sqlalchemy import select
from sqlalchemy.orm import Session

from broker import clock
from broker.notifications import put_mail
from broker.people.affiliation import Affiliation
from broker.people.deputy import Deputy
from broker.people.living_mandates import address_of, living_mandates
from broker.people.mandate import organisation_scope
from broker.people.name_at_work import name_at_work
from broker.people.organisation import Organisation
from broker.people.person import Person

NAMED, ENDED = "named", "ended"


def tell_named(session: Session, deputy: Deputy, holder: Person, person: Person, organisation: Organisation) -> None:
    """Tell the deputy (deputy_named) and the other administrators (deputy_told)."""
    assert deputy.valid_until is not None
    term = {
        "since": deputy.valid_from.isoformat(),
        "valid_until": clock.last_day(deputy.valid_until).isoformat(),
    }
    _to_deputy(session, "deputy_named", deputy, holder, person, organisation, term)
    _to_others(session, deputy, holder, person, organisation, {**term, "change": NAMED})


def tell_ended(session: Session, deputy: Deputy, holder: Person, person: Person, organisation: Organisation) -> None:
    """Tell the deputy (deputy_ended) and the administrators, the holder with them (deputy_told)."""
    assert deputy.ended_at is not None
    since = {"since": deputy.ended_at.isoformat()}
    if deputy.ended_by != person.id:
        _to_deputy(session, "deputy_ended", deputy, holder, person, organisation, since)
    _to_others(session, deputy, holder, person, organisation, {**since, "change": ENDED})


def _to_deputy(
    session: Session,
    template: str,
    deputy: Deputy,
    holder: Person,
    person: Person,
    organisation: Organisation,
    facts: dict[str, str],
) -> None:
    job = _job(session, person, organisation)
    address = address_of(person, job)
    if address is None:
        return
    put_mail(
        session,
        template,
        address,
        key=f"deputy:{deputy.id}",
        language=person.language,
        facts={
            **facts,
            "organisation_name": organisation.name,
            "person_name": holder.full_name,
            "given_name": name_at_work(person, job).given_name if job is not None else person.given_name,
        },
        subject_id=deputy.id,
    )


def _to_others(
    session: Session,
    deputy: Deputy,
    holder: Person,
    person: Person,
    organisation: Organisation,
    facts: dict[str, str],
) -> None:
    actor = deputy.ended_by if facts["change"] == ENDED else deputy.holder_person_id
    readers = {
        view.email: view
        for view in living_mandates(session, scope_key=organisation_scope(organisation.id))
        if view.email and view.person_id not in (actor, person.id)
    }
    job = _job(session, person, organisation)
    name = name_at_work(person, job).full_name
    for address, view in readers.items():
        put_mail(
            session,
            "deputy_told",
            address,
            key=f"deputy:{deputy.id}:{facts['change']}",
            language=view.language,
            facts={
                **facts,
                "organisation_name": organisation.name,
                "person_name": name,
                "holder_name": holder.full_name,
                "given_name": view.person.given_name,
            },
            subject_id=deputy.id,
        )


def _job(session: Session, person: Person, organisation: Organisation) -> Affiliation | None:
    """The living job of the deputy there; by the name on it the administrators know them (threats DG2)."""
    return session.scalar(
        select(Affiliation).where(
            Affiliation.person_id == person.id,
            Affiliation.organisation_id == organisation.id,
            Affiliation.ended_at.is_(None),
        )
    )
