"""tell_given_directly: the messages when an administrator gives a right without a request: the same as after an approval (W15).

Owns who is told what; the words are in notifications/.
"""

from sqlalchemy.orm import Session

from broker import clock
from broker.access.end_grant import address_of, name_of
from broker.access.give_grant import Given
from broker.access.tell_decision import given_change, given_message
from broker.access.tell_owner import tell_owner
from broker.installation import Installation
from broker.notifications import put_mail
from broker.people.organisation import Organisation
from broker.people.person import Person


def tell_given_directly(
    session: Session, installation: Installation, organisation: Organisation, person: Person, given: Given
) -> None:
    """The person gets the "bevestigingsmail" of the seed, or reads what is awaited; the owner of the application is told."""
    grant, catalogue = given.grant, installation.catalogue
    later = grant.valid_from > clock.now()
    email, language = address_of(session, grant, person)
    name = name_of(session, grant, person)
    template, about_grant = given_message(session, installation, organisation, person, given)
    about_right = {
        "application_code": grant.application_code,
        "right_code": grant.right_code,
        "context_code": grant.context_code,
        "organisation_name": organisation.name,
        "given_name": name.given_name,
    }
    if email is not None:
        facts = {**about_right, **about_grant, "decided_by": "administrator", "direct": True}
        if later and template == "granted":
            facts["since"] = grant.valid_from.isoformat()
        put_mail(session, template, email, key=f"grant:{grant.id}", language=language, facts=facts, subject_id=grant.id)
    if email is not None and later:
        put_mail(
            session,
            "grant_started",
            email,
            key=f"started:{grant.id}",
            language=language,
            facts={**about_right, "valid_until": about_grant.get("valid_until")},
            only_if=f"grant_active:{grant.id}",
            not_before=grant.valid_from,
            subject_id=grant.id,
        )
    tell_owner(
        session,
        catalogue,
        grant,
        name.full_name,
        email,
        organisation.name,
        given_change(given),
        since=max(grant.valid_from, clock.now()),
    )
